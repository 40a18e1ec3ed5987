"""Calls the far side as any program would: plain requests, and a clock that a test moves."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.contract.x.far_side import XSide
from tests.contract.x.side_sign_in import s256

API = "https://api.x.com"
REDIRECT_URI = "https://punctual.example/v1/oauth/x/callback"
VERIFIER = "a-verifier-that-is-at-least-forty-three-characters-long"
SCOPES = "tweet.read tweet.write users.read media.write offline.access"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
MP4 = b"\x00\x00\x00\x18ftypmp42" + b"frames" * 40


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 26, 8, 0, 0, 250_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **much: float) -> None:
        self.at += timedelta(**much)


class Caller:
    def __init__(self) -> None:
        self.clock = Clock()
        self.side = XSide(self.clock)
        self.side.redirect_uri = REDIRECT_URI
        self.http = httpx.Client(transport=httpx.MockTransport(self.side.answer))
        self.tokens: dict[str, Any] = {}

    def authorize_url(self, **changed: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": self.side.app["client_id"],
            "redirect_uri": REDIRECT_URI,
            "scope": SCOPES,
            "state": "state-1",
            "code_challenge": s256(VERIFIER),
            "code_challenge_method": "S256",
        }
        return f"https://x.com/i/oauth2/authorize?{urlencode({**asked, **changed})}"

    def code(self, **changed: str) -> str:
        return self.side.consent(self.authorize_url(**changed))["code"]

    def token(self, *, auth: tuple[str, str] | None = None, path: str = "token", **form: str) -> httpx.Response:
        own = (self.side.app["client_id"], self.side.app["client_secret"])
        return self.http.post(f"{API}/2/oauth2/{path}", data=form, auth=auth or own)

    def exchange(self, code: str, **changed: str) -> httpx.Response:
        form: dict[str, Any] = {"code": code, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
        return self.token(**{**form, "grant_type": "authorization_code", **changed})

    def refresh(self, token: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def connected(self, **changed: str) -> "Caller":
        answer = self.exchange(self.code(**changed))
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        return self

    def waits(self, **much: float) -> None:
        """So long that the access token is renewed."""
        self.clock.passes(**much)
        self.tokens = self.refresh(self.tokens["refresh_token"]).json()

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}", **more.pop("headers", {})}
        return self.http.request(method, f"{API}/2/{path}", headers=headers, **more)

    def post(self, text: str | None = None, **body: Any) -> httpx.Response:
        return self.call("POST", "tweets", json={**({} if text is None else {"text": text}), **body})

    def posted(self, text: str | None = None, **body: Any) -> str:
        answer = self.post(text, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def image(self, data: bytes = PNG) -> str:
        answer = self.call("POST", "media/upload", data={"media_category": "tweet_image"}, files={"media": ("a", data)})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["id"])

    def begin(self, total: int, mime: str = "video/mp4", **more: Any) -> httpx.Response:
        body = {"media_type": mime, "total_bytes": total, "media_category": "tweet_video", **more}
        return self.call("POST", "media/upload/initialize", json=body)

    def append(self, media_id: str, number: int, data: bytes) -> httpx.Response:
        form = {"segment_index": str(number)}
        return self.call("POST", f"media/upload/{media_id}/append", data=form, files={"media": ("part", data)})

    def finish(self, media_id: str) -> httpx.Response:
        return self.call("POST", f"media/upload/{media_id}/finalize")

    def status(self, media_id: str) -> httpx.Response:
        return self.call("GET", "media/upload", params={"command": "STATUS", "media_id": media_id})

    def video(self, data: bytes = MP4, **more: Any) -> str:
        """Sent in three segments, and finished; its work has not been waited for."""
        media_id = str(self.begin(len(data), **more).json()["data"]["id"])
        size = -(-len(data) // 3)
        for number in range(3):
            answer = self.append(media_id, number, data[number * size : (number + 1) * size])
            assert answer.status_code == 200, answer.text
        assert self.finish(media_id).status_code == 200
        return media_id

    def list(self, **query: Any) -> httpx.Response:
        return self.call("GET", f"users/{self.side.person.id}/tweets", params=query)


def says(answer: httpx.Response) -> tuple[int, str]:
    """The status, and what its problem says."""
    body = json.loads(answer.content or b"{}")
    first = (body.get("errors") or [{}])[0]
    return answer.status_code, body.get("error_description") or first.get("message") or body.get("detail", "")
