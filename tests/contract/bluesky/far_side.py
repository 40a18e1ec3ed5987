"""A small PDS: sessions and records as the lexicons and the PDS's source describe them, kept in memory."""

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.contract.bluesky.blobs import Blobs, cid, failed
from tests.contract.bluesky.video_side import HOST, VideoSide

DID = "did:plc:aliceaaaaaaaaaaaaaaaaaaa"
APP_PASSWORD = "abcd-efgh-ijkl-mnop"


class FarSide:
    """`answer` is an `httpx.MockTransport` handler. `entrance` logs people in; their data lies at `home`."""

    hosts = ("bsky.example", "enoki.example", "plc.directory")
    entrance = "https://bsky.example"
    home = "https://enoki.example"

    def __init__(self, now: Callable[[], datetime]):
        self.now = now
        self.did = DID
        self.seen: list[httpx.Request] = []
        self.handles = {"alice.example": DID, "bob.example": "did:plc:bobbbbbbbbbbbbbbbbbbbbbb"}
        self.records: dict[str, Any] = {}
        self.blobs = Blobs()
        self.videos = VideoSide(now, self.blobs, DID, self.home)
        self.access: set[str] = set()
        self.refreshing: set[str] = set()
        self.minted = 0
        self.active = True
        self.directory_is_down = False
        self.kept_at = ""
        """By the account's own document, where that says otherwise than the server that logs people in."""
        self.loses_answers = False
        self.answers_next: list[httpx.Response] = []
        self.methods = {
            "server.createSession": self.create_session,
            "server.refreshSession": self.refresh_session,
            "server.deleteSession": self.delete_session,
            "identity.resolveHandle": self.resolve_handle,
            "repo.putRecord": self.put_record,
            "repo.getRecord": self.get_record,
            "repo.deleteRecord": self.delete_record,
            "repo.uploadBlob": self.upload_blob,
            "server.getServiceAuth": self.vouch,
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.directory_is_down and request.headers["Host"] == "plc.directory":
            return httpx.Response(503)
        if about := self.documents().get(f"{request.headers['Host']}{request.url.path}"):
            return httpx.Response(200, json=about)
        self.seen.append(request)
        if request.headers["Host"] == HOST:
            return self.videos.answer(request)
        if self.answers_next:
            return self.answers_next.pop(0)
        return self.methods[request.url.path.removeprefix("/xrpc/com.atproto.")](request)

    def documents(self) -> dict[str, Any]:
        """Where the account is kept, and who signs people in for there: what no lexicon is about."""
        keeper = self.kept_at or self.home
        return {
            f"plc.directory/{self.did}": {"id": self.did, "service": [_keeping(keeper)]},
            f"{keeper.removeprefix('https://')}/.well-known/oauth-protected-resource": {
                "resource": keeper,
                "authorization_servers": [self.entrance],
            },
        }

    def create_session(self, request: httpx.Request) -> httpx.Response:
        given = json.loads(request.content)
        if self.handles.get(given["identifier"]) != self.did or given["password"] != APP_PASSWORD:
            return failed(401, "AuthenticationRequired")
        return self.session()

    def refresh_session(self, request: httpx.Request) -> httpx.Response:
        if bearer(request) not in self.refreshing:
            return failed(400, "ExpiredToken")
        self.refreshing.remove(bearer(request))
        return self.session()

    def delete_session(self, request: httpx.Request) -> httpx.Response:
        if bearer(request) not in self.refreshing:
            return failed(400, "InvalidToken")
        self.refreshing.clear()
        return httpx.Response(200)

    def resolve_handle(self, request: httpx.Request) -> httpx.Response:
        did = self.handles.get(request.url.params["handle"])
        return httpx.Response(200, json={"did": did}) if did else failed(400, "HandleNotFound")

    def put_record(self, request: httpx.Request) -> httpx.Response:
        if bearer(request) not in self.access:
            return failed(400, "ExpiredToken")
        given = json.loads(request.content)
        if refusal := self.blobs.refusal(given["record"]):
            return refusal
        self.records[uri_of(given)] = given["record"]
        if self.loses_answers:
            raise httpx.ReadError("the connection broke", request=request)
        return httpx.Response(
            200, json={"uri": uri_of(given), "cid": cid_of(given["record"]), "validationStatus": "valid"}
        )

    def delete_record(self, request: httpx.Request) -> httpx.Response:
        """What is not there is no error."""
        if bearer(request) not in self.access:
            return failed(400, "ExpiredToken")
        self.records.pop(uri_of(json.loads(request.content)), None)
        return httpx.Response(200, json={})

    def upload_blob(self, request: httpx.Request) -> httpx.Response:
        if bearer(request) not in self.access:
            return failed(400, "ExpiredToken")
        return self.blobs.upload(request)

    def vouch(self, request: httpx.Request) -> httpx.Response:
        if bearer(request) not in self.access:
            return failed(400, "ExpiredToken")
        asked = dict(request.url.params)
        if int(asked["exp"]) - self.now().timestamp() > 3600:
            return failed(400, "BadExpiration")
        return httpx.Response(200, json={"token": self.videos.token(iss=self.did, **asked)})

    def get_record(self, request: httpx.Request) -> httpx.Response:
        asked = dict(request.url.params)
        uri = uri_of({**asked, "repo": self.handles.get(asked["repo"], asked["repo"])})
        if uri not in self.records:
            return failed(400, "RecordNotFound")
        record = self.records[uri]
        return httpx.Response(200, json={"uri": uri, "cid": cid_of(record), "value": record})

    def session(self) -> httpx.Response:
        self.minted += 1
        access = token(f"access-{self.minted}", self.now() + timedelta(minutes=120))
        refreshing = token(f"refresh-{self.minted}", self.now() + timedelta(days=90))
        self.access.add(access)
        self.refreshing.add(refreshing)
        given = {
            "did": self.did,
            "handle": "alice.example",
            "accessJwt": access,
            "refreshJwt": refreshing,
            "didDoc": {"id": self.did, "service": [_keeping(self.home)]},
            "active": self.active,
        }
        return httpx.Response(200, json=given)


def _keeping(server: str) -> dict[str, str]:
    return {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": server}


def token(name: str, expires_at: datetime) -> str:
    claims = json.dumps({"jti": name, "sub": DID, "exp": int(expires_at.timestamp())})
    return f"e30.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.c2lnbmF0dXJl"


def uri_of(place: Any) -> str:
    return f"at://{place['repo']}/{place['collection']}/{place['rkey']}"


def cid_of(record: Any) -> str:
    """In the form of the real ones, but over the record's JSON."""
    return cid(json.dumps(record, sort_keys=True).encode(), b"\x71")


def bearer(request: httpx.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")
