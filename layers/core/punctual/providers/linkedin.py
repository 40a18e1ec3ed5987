"""LinkedIn, as a member: https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/share-on-linkedin"""

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import Field

from punctual.linkedin_api.network import API, COMMUNITY_SCOPES, FACTS, LinkedInProvider
from punctual.linkedin_api.settings import MemberSettings, PageSettings
from punctual.providers.base import Account, App, Cap, ClientIdAndSecret, Grant, PartKind, Spec, Violation, answer
from punctual.providers.outcomes import RetryLater

SHARE, COMMUNITY = "share", "community_management"


class LinkedInApp(ClientIdAndSecret):
    """`product` decides what people are asked for: the Community Management API is never on an app with others."""

    product: Annotated[
        Literal["share", "community_management"],
        Field(description="share: Share on LinkedIn and Sign In with LinkedIn using OpenID Connect."),
    ] = "share"
    more_scopes: Annotated[
        str,
        Field(
            max_length=500,
            pattern=r"^([a-z0-9_]+( [a-z0-9_]+)*)?$",
            description="Further ones that LinkedIn gave the app, such as r_member_social w_member_social_feed.",
        ),
    ] = ""


class LinkedIn(LinkedInProvider):
    spec = Spec(
        **FACTS,
        id="linkedin",
        name="LinkedIn",
        docs_url="https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/share-on-linkedin",
        scopes=("openid", "profile", "w_member_social"),
        app_fields=LinkedInApp,
        setup=(
            "Register an app at https://www.linkedin.com/developers/apps, and add the products Share on LinkedIn and "
            "Sign In with LinkedIn using OpenID Connect."
        ),
        settings=MemberSettings,
        caps=(Cap(posts=150, seconds=24 * 60 * 60),),  # calls, of which a post is one at least: `docs_url`
        duplicate_protection=(
            "LinkedIn refuses the same text again, but shows a member's posts to few apps: a post whose answer was "
            "missed stays unconfirmed, and is never sent again by itself."
        ),
        rules={"text.blank": "A post without a picture, article, poll or reshare needs a text."},
    )
    author_kind = "person"

    # Connecting

    def app(self, fields: LinkedInApp) -> App:
        public = {"product": fields.product, "more_scopes": fields.more_scopes}
        return App(client_id=fields.client_id, client_secret=fields.client_secret, public=public)

    def app_scopes(self, app: App) -> Collection[str]:
        needed = COMMUNITY_SCOPES if app.public.get("product") == COMMUNITY else self.spec.scopes
        return dict.fromkeys((*needed, *app.public.get("more_scopes", "").split()))

    def covers(self, granted: Collection[str], needed: str) -> bool:
        """Who the member is: r_basicprofile says it where the app has no OpenID Connect."""
        return needed in granted or (needed in ("openid", "profile") and "r_basicprofile" in granted)

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        if "openid" in grant.scopes:
            me = answer(self.call("GET", f"{API}/v2/userinfo", grant=grant))
            return (_account(me.get("sub"), me.get("name"), me.get("name"), ""),)
        me = answer(self.call("GET", f"{API}/v2/me", grant=grant, headers={"X-Restli-Protocol-Version": "2.0.0"}))
        name = " ".join(str(me[part]) for part in ("localizedFirstName", "localizedLastName") if me.get(part))
        return (_account(me.get("id"), me.get("vanityName") or name, name, str(me.get("vanityName") or "")),)

    # Publishing

    def check(self, text: str, settings: PageSettings, account: Account, kind: PartKind = "post") -> list[Violation]:
        if not text.strip() and (kind == "comment" or not settings.is_text_enough):
            return [Violation(field="text", rule="linkedin.text.blank", message="LinkedIn needs a text.")]
        return super().check(text, settings, account, kind)


def _account(number: Any, handle: Any, name: Any, vanity: str) -> Account:
    if not isinstance(number, str) or not number:
        raise RetryLater("LinkedIn's answer names no member.", code="unreadable_answer")
    url = f"https://www.linkedin.com/in/{vanity}/" if vanity else ""
    return Account(id=number, handle=str(handle or number)[:200], name=str(name or "")[:200], url=url)


PROVIDER = LinkedIn
