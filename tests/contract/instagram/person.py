"""Who calls the small Instagram in its tests: a person with a browser and an HTTP client, whose clock they may move."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from PIL import Image

from tests.contract.instagram.far_side import ACCOUNT, InstagramSide

PAGE = "104105106107108"
GRAPH = "https://graph.facebook.com/v25.0"
PUBLISHING = ("pages_show_list", "pages_read_engagement", "instagram_basic", "instagram_content_publish")
SCOPES = (*PUBLISHING, "instagram_manage_comments")
MP4 = b"\0\0\0\x18ftypmp42 a video"
JPG, MOVIE = "https://files.example/a.jpg", "https://files.example/v.mp4"


def picture(width: int = 40, height: int = 40, kind: str = "JPEG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height)).save(made, kind)
    return made.getvalue()


JPEG = picture()


class Person:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
        self.files: dict[str, bytes] = {JPG: JPEG, MOVIE: MP4}
        self.side = InstagramSide(lambda: self.moment, self.files.__getitem__)
        self.http = httpx.Client(transport=httpx.MockTransport(self.side.answer))
        self.token = ""

    def later(self, **time: float) -> None:
        self.moment += timedelta(**time)

    def login(self, *scopes: str) -> str:
        """The long-lived token of the person."""
        asked = {"client_id": self.side.app["client_id"], "redirect_uri": self.side.redirect_uri, "state": "s"}
        query = urlencode({**asked, "scope": ",".join(scopes or SCOPES)})
        code = self.side.consent(f"https://www.facebook.com/v25.0/dialog/oauth?{query}")["code"]
        short = self.bought(code=code, redirect_uri=self.side.redirect_uri)
        return self.bought(grant_type="fb_exchange_token", fb_exchange_token=short)

    def bought(self, **fields: str) -> str:
        params = {**self.side.app, **fields}
        return str(self.http.get(f"{GRAPH}/oauth/access_token", params=params).json()["access_token"])

    def pages(self, token: str) -> list[dict[str, Any]]:
        fields = "id,name,access_token,instagram_business_account{id,username,name,profile_picture_url}"
        found = self.http.get(f"{GRAPH}/me/accounts", params={"access_token": token, "fields": fields})
        return list(found.json()["data"])

    def connect(self, *scopes: str) -> "Person":
        self.token = next(page["access_token"] for page in self.pages(self.login(*scopes)) if page["id"] == PAGE)
        return self

    def get(self, path: str, **params: str) -> httpx.Response:
        return self.http.get(f"{GRAPH}/{path}", params={"access_token": self.token, **params})

    def post(self, path: str, **form: str) -> httpx.Response:
        return self.http.post(f"{GRAPH}/{path}", data={"access_token": self.token, **form})

    def created(self, **form: str) -> httpx.Response:
        return self.post(f"{ACCOUNT}/media", **form)

    def container(self, **form: str) -> str:
        return str(self.created(**form).json()["id"])

    def item(self, **form: str) -> str:
        return self.container(is_carousel_item="true", **form)

    def state(self, container: str) -> str:
        return str(self.get(container, fields="status_code").json()["status_code"])

    def published(self, container: str) -> httpx.Response:
        return self.post(f"{ACCOUNT}/media_publish", creation_id=container)

    def sent(self, address: str, content: bytes = MP4, **headers: str) -> httpx.Response:
        own = {"Authorization": f"OAuth {self.token}", "offset": "0", "file_size": str(len(MP4)), **headers}
        return self.http.post(address, headers=own, content=content)


def wrong(response: httpx.Response) -> tuple[int, int | None]:
    error = response.json()["error"]
    return error["code"], error.get("error_subcode")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
