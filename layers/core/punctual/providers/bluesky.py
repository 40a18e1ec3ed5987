"""Bluesky, and every other AT Protocol server, connected by an app password.

A post is a record of the account's repository under a key that we choose, so writing it again changes nothing.
Lines that follow the server's code say where: blob/d6296a1 of https://github.com/bluesky-social/atproto.
"""

import json
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

import httpx
import regex
from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from punctual.atproto.record_keys import record_key
from punctual.atproto.richtext import facets
from punctual.atproto.sessions import grant_of, read_session, refreshing, xrpc
from punctual.clock import to_text
from punctual.guarded_http import server_url
from punctual.providers.base import (
    Account,
    App,
    Fields,
    Grant,
    Keep,
    Login,
    Outgoing,
    Provider,
    Published,
    Spec,
    Violation,
    answer,
)
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Reconnect, Rejected, RetryLater, Unauthorized
from punctual.providers.text import graphemes

MAX_BYTES = 3000
COLLECTION = "app.bsky.feed.post"
LAST_MINUTE = timedelta(seconds=60)

_AROUND_A_HANDLE = regex.compile(r"^[\s\p{Cf}]*@?|[\s\p{Cf}]+$")
_STALE = frozenset({"ExpiredToken", "InvalidToken"})
_ENDED = {
    "AccountTakedown": "Bluesky has taken this account down.",
    "AccountDeactivated": "This Bluesky account is deactivated; reactivate it, then connect it again.",
    "AccountNotFound": "This Bluesky account does not exist on its server any more; connect it again.",
}
_NO_LOGIN = {
    **_ENDED,
    "AuthFactorTokenRequired": "That is the account's own password; make an app password in Bluesky's settings.",
}

Language: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]


def without_what_copying_adds(handle: str) -> str:
    # A leading @ would have the server look for an e-mail address.
    # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/account-manager/account-manager.ts#L603
    # The web app's handles are copied with invisible marks: https://github.com/bluesky-social/social-app/issues/8451
    return _AROUND_A_HANDLE.sub("", handle)


class Credentials(Fields):
    identifier: Annotated[str, AfterValidator(without_what_copying_adds)] = Field(
        min_length=1,
        max_length=320,
        title="Handle",
        description="The account's handle; its e-mail address or DID will do.",
        examples=["alice.bsky.social"],
    )
    app_password: SecretStr = Field(
        min_length=1,
        max_length=256,
        title="App password",
        description="Made under Settings, Privacy and security, App passwords; not the account's own password.",
    )
    server: Annotated[str, AfterValidator(server_url)] = Field(
        "https://bsky.social",
        max_length=255,
        title="Server",
        description="Where the account logs in, if that is not Bluesky itself.",
    )


class Settings(Fields):
    langs: tuple[Language, ...] = Field(
        (), max_length=3, description="Languages of the text.", examples=[["en", "pt-BR"]]
    )
    labels: tuple[Literal["sexual", "nudity", "porn", "graphic-media"], ...] = Field(
        (), description="Content warnings that the author puts on the post."
    )


class Bluesky(Provider):
    spec = Spec(
        id="bluesky",
        name="Bluesky",
        docs_url="https://docs.bsky.app/docs/advanced-guides/posts",
        connect="credentials",
        connect_fields=Credentials,
        settings=Settings,
        max_text=300,
        counted_in="characters (graphemes)",
        absence_is_proof=True,
        duplicate_protection="Punctual chooses the record's key before it sends, so the same post again is no new one.",
    )

    # Connecting

    def login(self, fields: Credentials) -> Login:
        body = {"identifier": fields.identifier, "password": fields.app_password.get_secret_value().strip()}
        try:
            session = read_session(
                self.call("POST", xrpc(fields.server, "com.atproto.server.createSession"), json=body)
            )
        except Reconnect as error:
            sentence = _NO_LOGIN.get(error.platform_code or "", "Bluesky did not accept this account and app password.")
            raise Rejected(
                sentence, code="login_refused", status=error.status, platform_code=error.platform_code
            ) from error
        if not session.active:
            raise Rejected("This Bluesky account is not active.", code="account_inactive")
        grant = grant_of(session, fields.server)
        account = Account(
            id=session.did, handle=session.handle, url=_profile(session.did, session.handle), server=grant.server
        )
        return Login(grant=grant, accounts=(account,))

    def refresh(self, grant: Grant, app: App | None) -> Grant:
        url = xrpc(grant.server, "com.atproto.server.refreshSession")
        try:
            response = self.call("POST", url, grant=refreshing(grant))
        except Unauthorized as error:
            # Revoked, or its app password deleted: both are called expired.
            # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/api/com/atproto/server/refreshSession.ts#L54
            if error.platform_code not in _STALE:
                raise RetryLater(error.sentence, code="refresh_refused", status=error.status) from error
            sentence = "Bluesky ended this session; connect again with an app password."
            raise Reconnect(sentence, code="grant_dead", platform_code=error.platform_code) from error
        except Rejected as error:
            raise RetryLater(error.sentence, code="refresh_refused", status=error.status) from error
        return grant_of(read_session(response), grant.server)

    def revoke(self, grant: Grant, app: App | None) -> None:
        try:
            self.call("POST", xrpc(grant.server, "com.atproto.server.deleteSession"), grant=refreshing(grant))
        except Reconnect:
            return  # it has ended already

    # Publishing

    def length(self, text: str, settings: Settings, account: Account) -> int:
        return graphemes(text)

    def check(self, text: str, settings: Settings, account: Account) -> list[Violation]:
        broken = super().check(text, settings, account)
        size = len(text.encode())
        if size > MAX_BYTES:
            message = f"Bluesky takes at most {MAX_BYTES} bytes of UTF-8; this text has {size}."
            broken.append(Violation(field="text", rule="bluesky.text.max_bytes", message=message))
        return broken

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        """The record is kept as JSON text, so that the table changes nothing in it between two attempts."""
        if "record" in post.prepared:
            return
        record = {
            "$type": COLLECTION,
            "text": post.text,
            "createdAt": to_text(post.due_at),
            **_extras(post.settings),
        }
        if found := facets(post.text, lambda handle: self._did_of(handle, post, grant)):
            record["facets"] = found
        keep(rkey=record_key(post.due_at, post.key), record=json.dumps(record, ensure_ascii=False))

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        # An identical record under the same key is a no-op, so this call may be made twice.
        # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/api/com/atproto/repo/putRecord.ts#L130
        body = {**_place(post), "record": json.loads(post.prepared["record"])}
        url = xrpc(grant.server, "com.atproto.repo.putRecord")
        return _published(post, self.call("POST", url, grant=grant, irreversible=True, json=body))

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        """Asked without the grant, which may be dead by now: records are public."""
        url = xrpc(grant.server, "com.atproto.repo.getRecord")
        try:
            return _published(post, self.call("GET", url, params=_place(post)))
        except Rejected as error:
            # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/api/com/atproto/repo/getRecord.ts#L21
            if error.platform_code == "RecordNotFound":
                return None
            raise

    def _did_of(self, handle: str, post: Outgoing, grant: Grant) -> str | None:
        """A mention is worth another try, but not a late post."""
        url = xrpc(grant.server, "com.atproto.identity.resolveHandle")
        try:
            did = answer(self.call("GET", url, params={"handle": handle})).get("did")
        except (Rejected, Unauthorized):
            return None
        except RetryLater:
            if post.due_at - self.now() > LAST_MINUTE:
                raise
            return None
        return did if isinstance(did, str) and did.startswith("did:") else None

    # Talking

    def error(self, response: httpx.Response, irreversible: bool) -> ProviderError:
        code = self.platform_code(response) or ""
        status = response.status_code
        if code in _STALE:
            # 400, not 401, for app passwords.
            # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/auth-verifier.ts#L496
            sentence = "Bluesky no longer accepts this connection."
            return Unauthorized(sentence, code="unauthorized", status=status, platform_code=code)
        if code in _ENDED:
            return Reconnect(_ENDED[code], code="account_unavailable", status=status, platform_code=code)
        return super().error(response, irreversible)

    def retry_after(self, response: httpx.Response) -> float | None:
        """`RateLimit-Reset` is a second of the epoch: https://docs.bsky.app/docs/advanced-guides/rate-limits"""
        given = super().retry_after(response)
        reset = response.headers.get("RateLimit-Reset", "")
        if given is not None or not reset.isdecimal():
            return given
        return max(0.0, int(reset) - self.now().timestamp())


PROVIDER = Bluesky


def _place(post: Outgoing) -> dict[str, str]:
    return {"repo": post.account.id, "collection": COLLECTION, "rkey": post.prepared["rkey"]}


def _profile(did: str, handle: str) -> str:
    return f"https://bsky.app/profile/{did if handle == 'handle.invalid' else handle}"


def _published(post: Outgoing, response: httpx.Response) -> Published:
    place = _place(post)
    uri = f"at://{place['repo']}/{place['collection']}/{place['rkey']}"
    if answer(response, irreversible=True).get("uri") != uri:
        raise OutcomeUnknown("Bluesky's answer does not name this post.", code="unreadable_answer")
    return Published(platform_id=uri, url=f"{_profile(post.account.id, post.account.handle)}/post/{place['rkey']}")


def _extras(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if settings.langs:
        found["langs"] = list(settings.langs)
    if settings.labels:
        values = [{"val": label} for label in dict.fromkeys(settings.labels)]
        found["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    return found
