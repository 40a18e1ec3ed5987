"""Bluesky, and every other AT Protocol server, connected by an app password.

A post is a record of the account's repository under a key that we choose, so writing it again changes nothing.
Lines that follow the server's code say where: blob/d6296a1 of https://github.com/bluesky-social/atproto.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import httpx

from punctual.atproto import showing
from punctual.atproto.addresses import COLLECTION, place_of, profile_url, uri_of
from punctual.atproto.forms import Credentials, Settings
from punctual.atproto.record_keys import record_key
from punctual.atproto.replies import about, created_at, known_uri, reply_ref, shown
from punctual.atproto.richtext import facets
from punctual.atproto.sessions import grant_of, read_session, refreshing, xrpc
from punctual.clock import to_text
from punctual.providers.base import (
    Account,
    App,
    Cap,
    Grant,
    Keep,
    Login,
    Outgoing,
    Provider,
    Published,
    Shown,
    Spec,
    Violation,
    answer,
)
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Reconnect, Rejected, RetryLater, Unauthorized
from punctual.providers.terms import Remedy
from punctual.providers.text import graphemes

LAST_MINUTE = timedelta(seconds=60)

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


class Bluesky(Provider):
    spec = Spec(
        id="bluesky",
        name="Bluesky",
        docs_url="https://docs.bsky.app/docs/advanced-guides/posts",
        connect=("credentials",),
        credentials=Credentials,
        settings=Settings,
        max_text=300,
        counted_in="characters (graphemes)",
        counting="Every grapheme cluster of Unicode counts 1, links in full; the text's UTF-8 is counted beside it.",
        max_bytes=3000,
        max_parts=25,  # Bluesky sets no limit: this one is ours
        comments=True,
        # 5,000 points an hour and 35,000 a day, 3 for a new record. Servers count ours as 2, as putRecord could be an
        # update, but the account's likes and follows are in the same purse.
        # https://docs.bsky.app/docs/advanced-guides/rate-limits#content-write-operations-per-account
        # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/api/com/atproto/repo/putRecord.ts#L48
        caps=(Cap(posts=1_666, seconds=3600), Cap(posts=11_666, seconds=86_400)),
        # No `rate`: 3,000 calls in 5 minutes are for one address, and each of Lambda's workers has its own, which makes
        # a few calls a second at most. Counting the whole stack's would only make posts of one second late.
        absence_is_proof=True,
        retry_safety="chosen_id",
        duplicate_protection="Punctual chooses the record's key before it sends, so the same post again is no new one.",
        remedies={
            "login_refused": Remedy(remediation="Check the handle, and make a new app password in Bluesky's settings."),
            "account_inactive": Remedy(
                remediation="Activate the account again in Bluesky's settings, then connect it."
            ),
            "account_unavailable": Remedy(remediation="Look at the account on Bluesky; connect it when it is active."),
            "refresh_refused": Remedy(remediation="Nothing: it is tried again by itself.", retryable=True),
            "reply_to_gone": Remedy(remediation="Post the rest anew: what it answers was deleted on Bluesky."),
        },
        rules={"text.max_bytes": "In UTF-8, a text may have 3,000 bytes."},
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
            id=session.did, handle=session.handle, url=profile_url(session.did, session.handle), server=grant.server
        )
        return Login(grant=grant, accounts=(account,))

    def can_refresh(self, grant: Grant) -> bool:
        return grant.refresh_token is not None

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
        size = len(text.encode(errors="surrogatepass"))
        if self.spec.max_bytes and size > self.spec.max_bytes:
            message = f"Bluesky takes at most {self.spec.max_bytes} bytes of UTF-8; this text has {size}."
            broken.append(Violation(field="text", rule="bluesky.text.max_bytes", message=message))
        return broken

    def preview(self, text: str, settings: Settings, account: Account) -> Shown:
        return showing.shown_by_app(text, settings.labels)

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        """The record is kept as JSON text, so that the table changes nothing in it between two attempts."""
        if "record" in post.prepared:
            return
        answered = self._answered(post, grant)
        before = answered if post.parent else None
        record = {
            "$type": COLLECTION,
            "text": post.text,
            "createdAt": to_text(created_at(post, before, self.now())),
            **({"reply": reply_ref(answered)} if answered else {}),
            **_extras(post.settings),
        }
        if found := facets(post.text, lambda handle: self._did_of(handle, post, grant)):
            record["facets"] = found
        rkey = record_key(post.due_at, post.key, place_of(before.platform_id)["rkey"] if before else "")
        keep(rkey=rkey, record=json.dumps(record, ensure_ascii=False))

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        # An identical record under the same key is a no-op, so this call may be made twice.
        # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/api/com/atproto/repo/putRecord.ts#L130
        record = json.loads(post.prepared["record"])
        body = {**_place(post), "record": record}
        url = xrpc(grant.server, "com.atproto.repo.putRecord")
        made = answer(self.call("POST", url, grant=grant, irreversible=True, json=body), irreversible=True)
        return _published(post, made, record)

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        """Asked without the grant, which may be dead by now: records are public."""
        if "rkey" not in post.prepared:
            raise OutcomeUnknown("This post's record key is not known.", code="not_prepared")
        url = xrpc(grant.server, "com.atproto.repo.getRecord")
        try:
            found = answer(self.call("GET", url, params=_place(post)), irreversible=True)
        except Rejected as error:
            # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/api/com/atproto/repo/getRecord.ts#L21
            if error.platform_code == "RecordNotFound":
                return None
            raise
        return _published(post, found, found.get("value"))

    def _answered(self, post: Outgoing, grant: Grant) -> Published | None:
        """What the post is a reply to, with all that a reply must say of it."""
        if post.parent is None:
            gone = "The post to be answered (reply_to) is not on Bluesky; it may have been deleted."
            return self._live(post.settings.reply_to, grant, gone) if post.settings.reply_to else None
        if "cid" in post.parent.extra:
            return post.parent
        gone = "The post that this one continues is not on Bluesky; it may have been deleted."
        uri = known_uri(post.parent)
        if uri is None:
            raise Rejected(gone, code="reply_to_gone")
        return self._live(uri, grant, gone)

    def _live(self, uri: str, grant: Grant, gone: str) -> Published:
        """Asked without the grant: no answer about somebody's post says that ours is dead."""
        url = xrpc(grant.server, "com.atproto.repo.getRecord")
        try:
            found = answer(self.call("GET", url, params=place_of(uri)))
        except (Rejected, Reconnect) as error:
            if error.status is None:
                raise
            raise Rejected(
                gone, code="reply_to_gone", status=error.status, platform_code=error.platform_code
            ) from error
        return shown(found)

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

    def limited_until(self, response: httpx.Response) -> datetime | None:
        """Only the account's own limits: those of 5 minutes are an address's, and Lambda's next call has another."""
        # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/rate-limits.ts#L33
        # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/xrpc-server/src/rate-limiter-http.ts#L86
        if response.headers.get("RateLimit-Policy", "").endswith(";w=300"):
            return None
        return super().limited_until(response)

    def retry_after(self, response: httpx.Response) -> float | None:
        """`RateLimit-Reset` is a second of the epoch: https://docs.bsky.app/docs/advanced-guides/rate-limits"""
        given = super().retry_after(response)
        reset = response.headers.get("RateLimit-Reset", "")
        if given is not None or not reset.isdecimal():
            return given
        return max(0.0, int(reset) - self.now().timestamp())


PROVIDER = Bluesky


def _place(post: Outgoing) -> dict[str, str]:
    return place_of(uri_of(post.account.id, post.prepared["rkey"]))


def _published(post: Outgoing, said: dict[str, Any], record: Any) -> Published:
    rkey = post.prepared["rkey"]
    uri = uri_of(post.account.id, rkey)
    if said.get("uri") != uri:
        raise OutcomeUnknown("Bluesky's answer does not name this post.", code="unreadable_answer")
    url = f"{profile_url(post.account.id, post.account.handle)}/post/{rkey}"
    return Published(platform_id=uri, url=url, extra=about(said.get("cid"), record))


def _extras(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if settings.langs:
        found["langs"] = list(settings.langs)
    if settings.labels:
        values = [{"val": label} for label in dict.fromkeys(settings.labels)]
        found["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    return found
