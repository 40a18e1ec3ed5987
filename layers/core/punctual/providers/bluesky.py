"""Bluesky, and every other AT Protocol server, connected by OAuth or by an app password.

A post is a record of the account's repository under a key that we choose, so writing it again changes nothing.
Lines that follow the server's code say where: blob/d6296a1 of https://github.com/bluesky-social/atproto.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from punctual.atproto import clients, embeds, showing
from punctual.atproto.addresses import COLLECTION, place_of, profile_url, uri_of
from punctual.atproto.blobs import PictureUpload, again
from punctual.atproto.dpop import PROOF_REFUSED, Nonces
from punctual.atproto.forms import Credentials, Person, Settings, extras
from punctual.atproto.identity import PLC_DIRECTORY
from punctual.atproto.lookups import Lookups
from punctual.atproto.oauth import OAuth, by_consent
from punctual.atproto.record_keys import record_key
from punctual.atproto.remedies import REMEDIES
from punctual.atproto.replies import Answering, about, created_at, reply_ref
from punctual.atproto.richtext import facets
from punctual.atproto.sessions import ENDED, STALE, AppPasswords, xrpc
from punctual.atproto.video import VideoUpload
from punctual.atproto.video_service import ORIGIN, VideoService
from punctual.clock import Now, to_text
from punctual.guarded_http import GuardedHttp
from punctual.providers.base import (
    Account,
    App,
    Beginning,
    Callback,
    Cap,
    Consent,
    Grant,
    Keep,
    Login,
    Outgoing,
    PartKind,
    Provider,
    Published,
    Shown,
    Spec,
    Violation,
    answer,
)
from punctual.providers.feeding import Upload, upload
from punctual.providers.loopback import on_loopback
from punctual.providers.media import Attachment
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Reconnect, Rejected, RetryLater, Unauthorized
from punctual.providers.text import graphemes

LAST_MINUTE = timedelta(seconds=60)


class Bluesky(Provider):
    plc_directory = PLC_DIRECTORY
    video_service = ORIGIN
    spec = Spec(
        id="bluesky",
        name="Bluesky",
        docs_url="https://docs.bsky.app/docs/advanced-guides/posts",
        connect=("oauth", "credentials"),
        connect_fields=Person,
        credentials=Credentials,
        # All that an app password may do. Narrower ones (`repo:app.bsky.feed.post blob:*/*`) would have to be asked for
        # again, of every account, with each thing that Punctual learns: https://atproto.com/specs/permission
        scopes=("atproto", "transition:generic"),
        token_auth="private_key_jwt",  # noqa: S106 - the name of a method
        reuse_ends_grant=True,
        settings=Settings,
        max_text=300,
        counted_in="characters (graphemes)",
        counting="Every grapheme cluster of Unicode counts 1, links in full; the text's UTF-8 is counted beside it.",
        max_bytes=3000,
        media=embeds.RULES,
        max_polls=180,
        can_delete=True,
        post_types=("text", "image", "images", "video"),
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
        remedies=REMEDIES,
        rules={"text.max_bytes": "In UTF-8, a text may have 3,000 bytes."},
    )

    def __init__(self, http: GuardedHttp, now: Now):
        super().__init__(http, now)
        self._nonces = Nonces()

    # Connecting

    def begin(self, fields: Person, own_url: str) -> Beginning:
        server, kept = self._oauth().begin(fields.server, fields.handle)
        return Beginning(server=server, kept=kept)

    def own_url(self, own_url: str) -> str:
        return on_loopback(own_url)

    def registered_at(self, server: str) -> str:
        return ""  # one client for all servers: its name is an address of ours

    def register_app(self, server: str, redirect_uri: str) -> App:
        return clients.register(redirect_uri, self._scope())

    def client_metadata(self, redirect_uri: str, public: Mapping[str, str]) -> dict[str, Any]:
        return clients.metadata(redirect_uri, public.values(), self._scope())

    def issuer(self, server: str) -> str:
        return server

    def authorization_url(self, consent: Consent) -> str:
        return self._oauth().authorization_url(consent, self._scope())

    def authenticate(self, callback: Callback) -> Login:
        grant, account, handle = self._oauth().authenticate(callback)
        url = profile_url(account.did, handle)
        return Login(grant=grant, accounts=(Account(id=account.did, handle=handle, url=url, server=grant.server),))

    def missing_scopes(self, grant: Grant) -> tuple[str, ...]:
        return tuple(scope for scope in self.spec.scopes if by_consent(grant) and scope not in grant.scopes)

    def login(self, fields: Credentials) -> Login:
        return AppPasswords(self).login(fields, Lookups(self, self.plc_directory).vouched)

    def can_refresh(self, grant: Grant) -> bool:
        return grant.refresh_token is not None

    def reuse_ends_grant(self, grant: Grant) -> bool:
        return by_consent(grant)  # an app password's session has two hours of grace

    def refresh(self, grant: Grant, app: App | None) -> Grant:
        return self._oauth().refresh(grant, app) if by_consent(grant) else AppPasswords(self).refresh(grant)

    def revoke(self, grant: Grant, app: App | None) -> None:
        return self._oauth().revoke(grant, app) if by_consent(grant) else AppPasswords(self).revoke(grant)

    def _oauth(self) -> OAuth:
        return OAuth(self, Lookups(self, self.plc_directory), self._nonces)

    def _scope(self) -> str:
        return " ".join(self.spec.scopes)

    # Publishing

    def length(self, text: str, settings: Settings, account: Account) -> int:
        return graphemes(text)

    def check(self, text: str, settings: Settings, account: Account, kind: PartKind = "post") -> list[Violation]:
        broken = super().check(text, settings, account, kind)
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
        blobs = upload(post, keep, lambda attachment: self._upload(attachment, grant))
        answered = Answering(self).answered(post, grant)
        before = answered if post.parent else None
        record = {
            "$type": COLLECTION,
            "text": post.text,
            "createdAt": to_text(created_at(post, before, self.now())),
            **({"reply": reply_ref(answered)} if answered else {}),
            **extras(post.settings),
        }
        if blobs:
            record["embed"] = embeds.embed(post.media, blobs)
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
        try:
            made = answer(self.call("POST", url, grant=grant, irreversible=True, json=body), irreversible=True)
        except Rejected as error:
            raise again(post, error) or error from error
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

    def delete(self, published: Published, grant: Grant, account: Account) -> None:
        """What is not there any more is no error to the platform:
        https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/api/com/atproto/repo/deleteRecord.ts"""
        url = xrpc(grant.server, "com.atproto.repo.deleteRecord")
        self.call("POST", url, grant=grant, json=place_of(published.platform_id))

    def _upload(self, attachment: Attachment, grant: Grant) -> Upload:
        if attachment.kind == "video":
            return VideoUpload(attachment, VideoService(self, self.video_service, grant))
        return PictureUpload(attachment, self, grant)

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

    def auth(self, grant: Grant) -> httpx.Auth:
        return self._oauth().auth(grant) if by_consent(grant) else super().auth(grant)

    def error(self, response: httpx.Response, irreversible: bool) -> ProviderError:
        code = self.platform_code(response) or ""
        status = response.status_code
        if code in PROOF_REFUSED:
            # Before anything else is looked at, and whatever the token is worth.
            return RetryLater("The server did not take our proof.", code="proof_refused", status=status)
        if code in STALE:
            # 400, not 401, for app passwords.
            # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/auth-verifier.ts#L496
            sentence = "Bluesky no longer accepts this connection."
            return Unauthorized(sentence, code="unauthorized", status=status, platform_code=code)
        if code in ENDED:
            return Reconnect(ENDED[code], code="account_unavailable", status=status, platform_code=code)
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
        return max(0.0, int(reset[:15]) - self.now().timestamp())


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
