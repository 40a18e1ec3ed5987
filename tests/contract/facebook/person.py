"""Who calls the small Facebook in its tests: a person with a browser and an HTTP client, whose clock they may move."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.contract.facebook.far_side import FacebookSide

PAGE = "104105106107108"
GRAPH = "https://graph.facebook.com/v25.0"
SCOPES = ("pages_show_list", "pages_read_engagement", "pages_manage_posts", "pages_manage_engagement")
JPEG, MP4 = b"\xff\xd8\xff\xe0 a picture", b"\0\0\0\x18ftypmp42 a video"


class Person:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
        self.files: dict[str, bytes] = {}
        self.side = FacebookSide(lambda: self.moment, self.files.__getitem__)
        self.http = httpx.Client(transport=httpx.MockTransport(self.side.answer))
        self.token = ""

    def later(self, **time: float) -> None:
        self.moment += timedelta(**time)

    def dialog(self, *, denies: bool = False, **changed: str) -> dict[str, str]:
        asked = {"client_id": self.side.app["client_id"], "redirect_uri": self.side.redirect_uri, "state": "s"}
        query = urlencode({**asked, "scope": ",".join(SCOPES), **changed})
        return self.side.consent(f"https://www.facebook.com/v25.0/dialog/oauth?{query}", denies=denies)

    def bought(self, **fields: str) -> httpx.Response:
        return self.http.get(f"{GRAPH}/oauth/access_token", params={**self.side.app, **fields})

    def short(self, **changed: str) -> str:
        code = self.dialog(**changed)["code"]
        return str(self.bought(code=code, redirect_uri=self.side.redirect_uri).json()["access_token"])

    def long(self, **changed: str) -> str:
        given = self.bought(grant_type="fb_exchange_token", fb_exchange_token=self.short(**changed)).json()
        return str(given["access_token"])

    def pages(self, token: str) -> list[dict[str, Any]]:
        return list(self.http.get(f"{GRAPH}/me/accounts", params={"access_token": token}).json()["data"])

    def connect(self, **changed: str) -> "Person":
        self.token = next(page["access_token"] for page in self.pages(self.long(**changed)) if page["id"] == PAGE)
        return self

    def get(self, path: str, **params: str) -> httpx.Response:
        return self.http.get(f"{GRAPH}/{path}", params={"access_token": self.token, **params})

    def post(self, path: str, host: str = "graph", **form: str) -> httpx.Response:
        return self.http.post(f"https://{host}.facebook.com/v25.0/{path}", data={"access_token": self.token, **form})

    def staged(self, **form: str) -> str:
        self.files.setdefault("https://files.example/a.jpg", JPEG)
        sent = {"url": "https://files.example/a.jpg", "published": "false", **form}
        return str(self.post(f"{PAGE}/photos", **sent).json()["id"])

    def started(self, edge: str = "video_reels") -> dict[str, str]:
        return dict(self.post(f"{PAGE}/{edge}", upload_phase="start").json())

    def sent(self, address: str, content: bytes = MP4, **headers: str) -> httpx.Response:
        own = {"Authorization": f"OAuth {self.token}", "offset": "0", "file_size": str(len(MP4)), **headers}
        return self.http.post(address, headers=own, content=content)

    def reel(self, **form: str) -> str:
        begun = self.started()
        self.sent(begun["upload_url"])
        fields = {"upload_phase": "finish", "video_id": begun["video_id"], "video_state": "PUBLISHED", **form}
        assert self.post(f"{PAGE}/video_reels", **fields).json() == {"success": True}
        return begun["video_id"]


def wrong(response: httpx.Response) -> tuple[int, int | None]:
    error = response.json()["error"]
    return error["code"], error.get("error_subcode")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def attached(*photos: str) -> str:
    return json.dumps([{"media_fbid": photo} for photo in photos])
