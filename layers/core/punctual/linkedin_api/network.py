"""What members and pages have in common: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, ClassVar

import httpx
import regex

from punctual.linkedin_api import little, lookups, media, posts, refusals
from punctual.linkedin_api.settings import PageSettings
from punctual.providers.base import (
    Account,
    ApiVersion,
    App,
    Callback,
    Consent,
    Grant,
    Keep,
    Option,
    Outgoing,
    PartKind,
    Published,
    Shown,
    Violation,
    answer,
)
from punctual.providers.feeding import upload
from punctual.providers.media import MediaRules
from punctual.providers.oauth2 import OAuth2Provider
from punctual.providers.outcomes import OutcomeUnknown, Processing, ProviderError, Reconnect, Rejected, RetryLater

API = "https://api.linkedin.com"
# A version lives for a year at least: https://learn.microsoft.com/en-us/linkedin/marketing/versioning; that of August
# 2025 ended on 2026-08-17: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/comments-api
VERSION = ApiVersion(name="202608", ends_on=date(2027, 8, 15))
MAX_TEXT, MAX_COMMENT = 3000, 1250
COMMUNITY_SCOPES = (
    "r_basicprofile",
    "w_member_social",
    "r_organization_social",
    "w_organization_social",
    "rw_organization_admin",
)
"""Of the Community Management API. A consent to others than the last time ends a person's earlier tokens of the same
app, so that members and pages ask for the same."""
FACTS: dict[str, Any] = {
    "connect": ("oauth",),
    "authorize_url": "https://www.linkedin.com/oauth/v2/authorization",
    "token_url": "https://www.linkedin.com/oauth/v2/accessToken",
    "revoke_url": "https://www.linkedin.com/oauth/v2/revoke",
    "pkce": False,
    "token_auth": "client_secret_post",
    "api_version": VERSION,
    "max_text": MAX_TEXT,
    "counted_in": "characters",
    "counting": (
        "An emoji counts 2, and so does each of \\ | { } @ [ ] ( ) < > # * _ ~ outside of mentions and hashtags: "
        "LinkedIn does not say whether it counts so, and no text that passes here is too long there."
    ),
    "media": media.RULES,
    "post_types": ("text", "link", "image", "images", "animation", "video", "document", "poll"),
    "comments": True,
    "max_polls": 180,
    "retry_safety": "search",
    "can_delete": True,
    "options": {"organizations": "A page, by its name in linkedin.com/company/…: the mention, as a text has it."},
    "remedies": refusals.REMEDIES,
}
_CODE_REFUSED = ("invalid_request", "invalid_redirect_uri")
_NAMED_BEFORE = timedelta(minutes=1)
"""How much earlier than our call a post must have been made, by the time in its number, to be certainly another."""
_VANITY = regex.compile(
    r"(?:https?://(?:[a-z]+\.)?linkedin\.com/(?:company|school|showcase)/)?([\w%&'.-]{1,100})/?", regex.I
)


class LinkedInProvider(OAuth2Provider):
    """Of one kind of author; `author_kind` is what its URNs call it."""

    author_kind: ClassVar[str]

    def author(self, account: Account) -> str:
        return f"urn:li:{self.author_kind}:{account.id}"

    # Connecting

    def app_scopes(self, app: App) -> Collection[str]:
        """LinkedIn refuses a consent that names a scope which the app does not have: none can be asked for on trial."""
        return self.spec.scopes

    def auth_params(self, consent: Consent) -> dict[str, str]:
        return {"scope": " ".join(self.app_scopes(consent.app))}

    def exchange(self, callback: Callback) -> Grant:
        # Of a code that came too late, or twice: https://github.com/thephpleague/oauth2-linkedin/issues/27
        try:
            return super().exchange(callback)
        except RetryLater as error:
            if error.platform_code not in _CODE_REFUSED:
                raise
            sentence = "LinkedIn did not take its own code: it came too late, or was used before."
            raise Reconnect(
                sentence, code="code_refused", status=error.status, platform_code=error.platform_code
            ) from error

    def revoke(self, grant: Grant, app: App | None) -> None:
        """It documents no hint, and the access token alone."""
        super().revoke(replace(grant, refresh_token=None), app)

    # Publishing

    def length(self, text: str, settings: PageSettings, account: Account) -> int:
        return little.length(text)

    def max_text(self, account: Account, kind: PartKind = "post") -> int:
        return MAX_COMMENT if kind == "comment" else super().max_text(account, kind)

    def check(self, text: str, settings: PageSettings, account: Account, kind: PartKind = "post") -> list[Violation]:
        """A comment is no little text: nothing in it is escaped."""
        if kind == "comment" and little.utf16(text) <= MAX_COMMENT:
            return []
        return super().check(text, settings, account, kind)

    def media_rules(self, settings: PageSettings, account: Account, kind: PartKind = "post") -> MediaRules:
        return media.rules(settings, kind)

    def preview(self, text: str, settings: PageSettings, account: Account) -> Shown:
        return little.shown_on_site(text)

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        author = self.author(post.account)
        upload(post, keep, lambda attachment: media.upload_of(attachment, self, grant, author))

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        author = self.author(post.account)
        try:
            if post.kind != "comment":
                body = posts.fields(post, author)
                return posts.published(self.rest("POST", "posts", grant, irreversible=True, json=body))
            on = _answered(post)
            path, body = f"socialActions/{posts.encoded(on)}/comments", posts.comment(post, author, on)
            return posts.published_comment(self.rest("POST", path, grant, irreversible=True, json=body), on)
        except refusals.DuplicateFound as error:
            raise self._judged(post, error) from error

    def _judged(self, post: Outgoing, found: refusals.DuplicateFound) -> ProviderError:
        """One made before is another post. One made since may be ours, if LinkedIn's own gateway sent the call twice,
        or a person had an unresolved delivery sent again; or it may be nothing: of a post that was deleted, LinkedIn
        names ever new ones that are not there. https://github.com/ComposioHQ/composio/issues/2710 So it is looked at.
        """
        if found.urn is None or post.kind == "comment":
            return OutcomeUnknown(
                found.sentence, code="duplicate", status=found.status, platform_code=found.platform_code
            )
        made_at = refusals.made_at(found.urn)
        if made_at and made_at < lookups.named_since(post, self.now()) - _NAMED_BEFORE:
            sentence = (
                "LinkedIn has this very post of this account already, or had it until a day or two ago: "
                f"{posts.named_post(found.urn).url}"
            )
            return Rejected(sentence, code="duplicate", status=found.status, platform_code=refusals.DUPLICATE)
        sentence = "LinkedIn calls this post a duplicate of one that may be it: it is looked at."
        return Processing(sentence, code="duplicate", kept={lookups.NAMED: found.urn})

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        if post.first_sent_at is None:
            return None
        author = self.author(post.account)
        if post.kind == "comment":
            return lookups.comment_of(self, post, grant, author, _answered(post))
        return lookups.post_of(self, post, grant, author)

    def delete(self, published: Published, grant: Grant, account: Account) -> None:
        path, headers = f"posts/{posts.encoded(published.platform_id)}", {"X-RestLi-Method": "DELETE"}
        if "comment" in published.extra:
            on, number = (posts.encoded(published.extra[name]) for name in ("on", "comment"))
            path, headers = f"socialActions/{on}/comments/{number}?actor={posts.encoded(self.author(account))}", {}
        try:
            self.rest("DELETE", path, grant, headers=headers)
        except Rejected as error:
            if error.status != 404:
                raise

    def options(self, name: str, query: str, grant: Grant, account: Account) -> tuple[Option, ...]:
        """A mention as it is written into the text.

        https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/organization-lookup-api
        """
        vanity = _VANITY.fullmatch(query.strip())
        if name != "organizations" or not vanity:
            return ()
        path = f"organizations?q=vanityName&vanityName={posts.encoded(vanity[1])}"
        elements = answer(self.rest("GET", path, grant)).get("elements")
        return tuple(
            Option(
                value=little.mention(str(each["localizedName"]), f"urn:li:organization:{each['id']}"),
                label=str(each["localizedName"]),
                about=str(each.get("vanityName") or ""),
            )
            for each in (elements if isinstance(elements, list) else ())
            if isinstance(each, dict) and posts.NUMBER.fullmatch(str(each.get("id"))) and each.get("localizedName")
        )

    # Talking

    def rest(self, method: str, path: str, grant: Grant, **content: Any) -> httpx.Response:
        """One call of the versioned API."""
        versioned = {"LinkedIn-Version": self.api_version, "X-Restli-Protocol-Version": "2.0.0"}
        headers = {**versioned, **content.pop("headers", {})}
        return self.call(method, f"{API}/rest/{path}", grant=grant, headers=headers, **content)

    def error(self, response: httpx.Response, irreversible: bool) -> ProviderError:
        found = refusals.sorted_out(response, irreversible, self.spec.name, self.api_version)
        return found or super().error(response, irreversible)

    def platform_code(self, response: httpx.Response) -> str | None:
        """Of the token endpoint as the RFC has it, of the API as LinkedIn has it."""
        return refusals.oauth_code(response, super().platform_code(response)) or refusals.code_of(response)

    def retry_after(self, response: httpx.Response) -> float | None:
        given = super().retry_after(response)
        return refusals.until_midnight(response, self.now()) if given is None else given


def _answered(post: Outgoing) -> str:
    if post.parent is None:
        raise OutcomeUnknown("The post that this comment is for is not known.", code="not_readable")
    return post.parent.platform_id
