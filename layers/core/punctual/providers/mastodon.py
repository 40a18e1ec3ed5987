"""Mastodon, and servers that speak its API. https://docs.joinmastodon.org/client/intro/

Every server is a platform of its own: Punctual registers itself there when the first account is connected.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode, urlsplit

import httpx
from pydantic import AfterValidator, Field, SecretStr

from punctual.clock import to_text
from punctual.guarded_http import server_url
from punctual.mastodon_api import ageing, counting, instances, media, showing, statuses
from punctual.providers.base import Account, App, Cap, Fields, Grant, Keep, Outgoing, Published, Spec, Violation, answer
from punctual.providers.feeding import upload
from punctual.providers.finding import CLOCK_SKEW
from punctual.providers.media import MediaRules
from punctual.providers.oauth2 import OAuth2Provider
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Reconnect, Rejected, RetryLater, Unauthorized
from punctual.providers.posting import PartKind, Shown
from punctual.providers.terms import Remedy

APP_NAME = "Punctual"
MAX_TEXT = 500
MAX_PARTS = 25  # Ours: Mastodon has no limit of its own.
# Where a server reads from copies of its database, a post may for a moment not be there for the one that answers it:
# https://github.com/mastodon/mastodon/issues/21932
PARENT_SHOWS_WITHIN = timedelta(minutes=1)

# A dead token is a 401, its sentence in the server's language (https://github.com/halcy/Mastodon.py/issues/408); where
# another status says so, these do. The last is Pleroma's: its EnsureAuthenticatedPlug answers 403.
_DEAD_TOKEN = frozenset(
    {"The access token is invalid", "The access token was revoked", "invalid_token", "Invalid credentials."}
)
# Never translated: https://github.com/mastodon/mastodon/blob/v4.3.0/app/controllers/api/base_controller.rb
# and, with the scopes' names in it, Pleroma's, which is English for whoever asks for no other language:
# https://git.pleroma.social/pleroma/pleroma/-/blob/develop/lib/pleroma/web/plugs/o_auth_scopes_plug.ex
_SCOPE_MISSING = re.compile(
    r"This action is outside the authorized scopes|Insufficient permissions: [a-z_:]+( [&|] [a-z_:]+)*\."
)
_DUPLICATE = "Duplicate record"


class Server(Fields):
    server: Annotated[str, AfterValidator(server_url)] = Field(
        max_length=255,
        title="Server",
        description="The address of your Mastodon server.",
        examples=["https://mastodon.social"],
    )


class Settings(Fields):
    """What is left out is as the account's own preferences on its server have it."""

    visibility: Literal["public", "unlisted", "private", "direct"] | None = Field(
        None, description="Who sees it: private is followers only, direct only those mentioned."
    )
    spoiler_text: str | None = Field(None, min_length=1, description="A content warning; counts towards the length.")
    sensitive: bool | None = Field(None, description="Hide the post's media behind a warning.")
    language: str | None = Field(None, pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$", examples=["en"])
    reply_to: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="The id of the post that this one answers: the last part of its address on the account's server.",
        examples=["109372843234567890"],
    )


class Mastodon(OAuth2Provider):
    spec = Spec(
        id="mastodon",
        name="Mastodon",
        docs_url="https://docs.joinmastodon.org/client/intro/",
        connect=("oauth",),
        connect_fields=Server,
        settings=Settings,
        max_text=MAX_TEXT,
        counted_in="characters",
        counting=(
            "Every grapheme cluster of Unicode counts 1, with the content warning's; any link counts as the server "
            "says, usually 23, and @user@host as @user."
        ),
        url_length=counting.URL_LENGTH,
        authorize_url="{server}/oauth/authorize",
        token_url="{server}/oauth/token",  # noqa: S106 - a URL
        revoke_url="{server}/oauth/revoke",
        scopes=("read:accounts", "read:statuses", "write:statuses", "write:media"),
        media=media.rules({}),
        max_polls=180,
        can_delete=True,
        post_types=("text", "image", "images", "animation", "video"),
        max_parts=MAX_PARTS,
        comments=True,
        # In windows of three hours, boosts and what is posted by other means counted in:
        # https://github.com/mastodon/mastodon/blob/v4.3.0/app/lib/rate_limiter.rb
        caps=(Cap(posts=300, seconds=3 * 60 * 60),),
        key_window_seconds=instances.KEY_SECONDS,
        retry_safety="key",
        duplicate_protection=(
            "An idempotency key that Mastodon honours for an hour. Other servers with its API may not: "
            "they are never sent a post again whose answer was missed."
        ),
        remedies={
            "not_mastodon": Remedy(
                remediation="Give the address of a Mastodon server, such as https://mastodon.social."
            ),
            "scope_missing": Remedy(
                remediation="Connect the channel again, and allow all that the server's page asks."
            ),
            "gone": Remedy(remediation="Look whether the server is still there.", retryable=True),
            "parent_not_shown": Remedy(remediation="Nothing: it is tried again in a moment.", retryable=True),
            "parent_gone": Remedy(remediation="Post the rest anew: what it answers was deleted on the server."),
        },
        rules={"text.blank": "Mastodon needs a text."},
    )

    # Connecting

    def server(self, fields: Server, own_url: str) -> str:
        return fields.server

    def redirect_uri(self, callback_url: str, server: str) -> str:
        # Mastodon sends no `iss`: https://datatracker.ietf.org/doc/html/rfc9700#section-4.4.2.2
        return f"{callback_url}?{urlencode({'server': urlsplit(server).netloc})}"

    def register_app(self, server: str, redirect_uri: str) -> App:
        # As a form: before 4.3 `redirect_uris` is one string, since then a string or a list.
        # https://docs.joinmastodon.org/methods/apps/#create
        form = {"client_name": APP_NAME, "redirect_uris": redirect_uri, "scopes": self.scope()}
        given = answer(self.call("POST", f"{server}/api/v1/apps", data=form))
        client_id, secret = given.get("client_id"), given.get("client_secret")
        if not isinstance(client_id, str) or not isinstance(secret, str):
            raise Rejected("This server gave no registration: is it a Mastodon server?", code="not_mastodon")
        return App(client_id=client_id, client_secret=SecretStr(secret))

    def covers(self, granted: Collection[str], needed: str) -> bool:
        """`write` holds `write:media`: https://docs.joinmastodon.org/api/oauth-scopes/#granular"""
        return needed in granted or needed.partition(":")[0] in granted

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        me = answer(self.call("GET", f"{grant.server}/api/v1/accounts/verify_credentials", grant=grant))
        if not me.get("id") or not me.get("username"):
            raise RetryLater("The server's answer could not be read.", code="unreadable_answer")
        host = urlsplit(grant.server).netloc
        instance = self._instance(grant)
        account = Account(
            id=f"{me['id']}@{host}",
            handle=f"@{me['username']}@{instances.domain(instance) or host}",
            name=str(me.get("display_name") or "")[:200],
            url=statuses.link(me),
            server=grant.server,
            limits=instances.limits(instance),
        )
        return (account,)

    def _instance(self, grant: Grant) -> dict[str, Any]:
        try:
            return answer(self.call("GET", f"{grant.server}/api/v2/instance", grant=grant))
        except Rejected:  # Before 4.0: https://docs.joinmastodon.org/methods/instance/#v2
            return answer(self.call("GET", f"{grant.server}/api/v1/instance", grant=grant))

    # Publishing

    def check(self, text: str, settings: Settings, account: Account, kind: PartKind = "post") -> list[Violation]:
        if not text.strip():
            return [Violation(field="text", rule="mastodon.text.blank", message="Mastodon needs a text.")]
        return super().check(text, settings, account, kind)

    def length(self, text: str, settings: Settings, account: Account) -> int:
        url_length = account.limits.get("characters_reserved_per_url", counting.URL_LENGTH)
        return counting.length(text, settings.spoiler_text or "", url_length)

    def preview(self, text: str, settings: Settings, account: Account) -> Shown:
        found = showing.shown_on_site(text, account.server, is_mastodon=instances.runs_mastodon(account.limits))
        return replace(found, content_warning=settings.spoiler_text)

    def caps(self, account: Account) -> tuple[Cap, ...]:
        """Of Mastodon's own code; what other servers with its API allow is not known before they answer."""
        return self.spec.caps if instances.runs_mastodon(account.limits) else ()

    def media_rules(self, settings: Settings, account: Account, kind: PartKind = "post") -> MediaRules:
        return media.rules(account.limits)

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        if post.media and not ageing.is_uploaded(post):
            upload(post, keep, lambda attachment: media.MediaUpload(attachment, self, grant))
            keep(uploaded_at=to_text(self.now()))

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        if old := ageing.too_old(post, self.now()):
            raise old
        try:
            response = self.call(
                "POST",
                f"{grant.server}/api/v1/statuses",
                grant=grant,
                irreversible=True,
                headers={"Idempotency-Key": post.key},
                json=statuses.fields(post),
            )
        except Rejected as error:
            if error.status == 404 and statuses.answered(post):
                raise self._answers_nothing(post) from error
            raise ageing.doubted(post, error) or error from error
        given = answer(response, irreversible=True)
        if not given.get("id"):
            raise OutcomeUnknown("The server's answer names no post.", code="unreadable_answer")
        return statuses.published(given)

    def delete(self, published: Published, grant: Grant, account: Account) -> None:
        statuses.delete(self, published, grant)

    def _answers_nothing(self, post: Outgoing) -> ProviderError:
        # Which 404 says, its sentence in the server's language; no status is made by then:
        # https://github.com/mastodon/mastodon/blob/v4.3.0/app/controllers/api/v1/statuses_controller.rb (set_thread)
        made_at = statuses.moment(post.parent.extra.get("made_at")) if post.parent else None
        if made_at and abs(self.now() - made_at) < PARENT_SHOWS_WITHIN:
            sentence = "The server does not show the post that this one answers yet."
            return RetryLater(sentence, code="parent_not_shown", status=404, retry_after=5)
        sentence = "The post that this one answers is gone, or hidden from this account."
        return Rejected(sentence, code="parent_gone", status=404)

    def key_window_seconds(self, post: Outgoing) -> int:
        return post.account.limits.get("key_window_seconds", 0)

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        """The one status of our app, made since our first call, whose source is the very text; two are no evidence."""
        if post.first_sent_at is None:
            return None
        account_id = quote(post.account.id.rpartition("@")[0], safe="")
        recent = self.call(
            "GET",
            f"{grant.server}/api/v1/accounts/{account_id}/statuses",
            grant=grant,
            params={"limit": "40", "exclude_reblogs": "true"},
        )
        found = [status for status in self._candidates(recent, post) if self._says(status, post, grant)]
        return statuses.published(found[0]) if len(found) == 1 else None

    def _candidates(self, recent: httpx.Response, post: Outgoing) -> Iterator[dict[str, Any]]:
        first = (post.first_sent_at or self.now()) - CLOCK_SKEW
        seconds = self.key_window_seconds(post) + self.spec.call_seconds + self.spec.settling_seconds
        last = first + 2 * CLOCK_SKEW + timedelta(seconds=seconds)
        return statuses.candidates(recent, post, app=APP_NAME, first=first, last=last)

    def _says(self, status: dict[str, Any], post: Outgoing, grant: Grant) -> bool:
        """Whether it was made from our text: `content` is HTML, which each server renders in its own way."""
        try:  # Since 3.5: https://docs.joinmastodon.org/methods/statuses/#source
            url = f"{grant.server}/api/v1/statuses/{quote(str(status['id']), safe='')}/source"
            source = answer(self.call("GET", url, grant=grant))
        except Rejected:
            return False
        written = (str(source.get("text") or "").strip(), str(source.get("spoiler_text") or "").strip())
        return written == (post.text.strip(), (post.settings.spoiler_text or "").strip())

    # Talking

    def error(self, response: httpx.Response, irreversible: bool) -> ProviderError:
        """`error` is a sentence, and may quote the post: compared here, never passed on."""
        status, said = response.status_code, statuses.said(response)
        if said in _DEAD_TOKEN:
            return Unauthorized("Mastodon no longer accepts this connection.", code="unauthorized", status=status)
        if status == 403 and _SCOPE_MISSING.fullmatch(said):
            return Reconnect("This connection lacks a permission: connect again.", code="scope_missing", status=status)
        if said == _DUPLICATE and irreversible:  # Two calls with one key at once, before
            # https://github.com/mastodon/mastodon/pull/37879: the other one may have made it.
            return OutcomeUnknown("The server calls this post a duplicate.", code="duplicate", status=status)
        if status == 410:  # The server is closing down or being moved.
            return RetryLater("The server says that it is gone (HTTP 410).", code="gone", status=status)
        sentence = _REFUSALS.get("moved" if response.is_redirect and not irreversible else status)
        if sentence:
            return Rejected(sentence, code="refused", status=status, platform_code=self.platform_code(response))
        return super().error(response, irreversible)

    def retry_after(self, response: httpx.Response) -> float | None:
        given = super().retry_after(response)
        # ISO 8601: https://docs.joinmastodon.org/api/rate-limits/; GoToSocial's is a number of seconds since 1970:
        # https://github.com/superseriousbusiness/gotosocial/issues/2129
        reset = statuses.moment(response.headers.get("X-RateLimit-Reset"))
        if given is not None or reset is None:
            return given
        return max(0.0, (reset - self.now()).total_seconds())


_REFUSALS = {
    "moved": "This address redirects: give the address that the Mastodon server itself has.",
    # Disabled (https://github.com/mastodon/mastodon/pull/7289), unconfirmed, not yet approved: consent mends none.
    403: "The server does not let this account do this: look at the account there.",
    404: "The server does not know this address: is it a Mastodon server?",
    422: "The server refused what was sent (HTTP 422): look at the text and its settings.",
}


PROVIDER = Mastodon
