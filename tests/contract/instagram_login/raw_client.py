"""Raw HTTP to the small Instagram with its own login, for the tests of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.contract.instagram_login.far_side import InstagramLoginSide

API = "https://graph.instagram.com"
SCOPES = "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_comments"
FILES = {f"https://files.example/{name}": name.encode() for name in ("a.jpg", "b.jpg", "c.mp4")}
A, B, C = FILES


class Client:
    def __init__(self, **switches: Any):
        self.moment = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
        self.side = InstagramLoginSide(lambda: self.moment, FILES.__getitem__)
        for name, value in switches.items():
            setattr(self.side, name, value)
        self.http = httpx.Client(transport=httpx.MockTransport(self.side.answer))
        self.token = ""

    def wait(self, **duration: float) -> None:
        self.moment += timedelta(**duration)

    def consent(self, scope: str = SCOPES, denies: bool = False, **changed: str) -> dict[str, str]:
        asked = {"client_id": self.side.app["client_id"], "redirect_uri": self.side.redirect_uri, "state": "s"}
        query = urlencode({**asked, "response_type": "code", "scope": scope, **changed})
        return self.side.consent(f"https://www.instagram.com/oauth/authorize?{query}", denies=denies)

    def redeem(self, code: str, **changed: str) -> httpx.Response:
        form = {**self.side.app, "code": code, "grant_type": "authorization_code"}
        form |= {"redirect_uri": self.side.redirect_uri, **changed}
        return self.http.post("https://api.instagram.com/oauth/access_token", data=form)

    def exchange(self, token: str) -> httpx.Response:
        asked = {"grant_type": "ig_exchange_token", "client_secret": self.side.app["client_secret"]}
        return self.http.get(f"{API}/access_token", params={**asked, "access_token": token})

    def refresh(self, token: str) -> httpx.Response:
        asked = {"grant_type": "ig_refresh_token", "access_token": token}
        return self.http.get(f"{API}/refresh_access_token", params=asked)

    def connect(self, scope: str = SCOPES) -> "Client":
        code = self.consent(scope)["code"].removesuffix("#_")
        self.token = self.exchange(self.redeem(code).json()["access_token"]).json()["access_token"]
        return self

    def call(self, method: str, path: str, **parameters: str) -> httpx.Response:
        where = "data" if method == "POST" else "params"
        headers = {"Authorization": f"Bearer {self.token}"}
        sent = httpx.Request(method, f"{API}/v25.0{path}", headers=headers, **{where: parameters})
        return self.http.send(sent)

    @property
    def number(self) -> str:
        return str(self.call("GET", "/me", fields="user_id").json()["user_id"])

    def ask(self, **parameters: str) -> httpx.Response:
        return self.call("POST", f"/{self.number}/media", **parameters)

    def make(self, **parameters: str) -> str:
        response = self.ask(**parameters)
        assert response.status_code == 200, response.text
        return str(response.json()["id"])

    def publish(self, number: str) -> httpx.Response:
        return self.call("POST", f"/{self.number}/media_publish", creation_id=number)

    def status(self, number: str) -> str:
        return str(self.call("GET", f"/{number}", fields="status_code,status").json()["status_code"])

    def post(self, **parameters: str) -> str:
        response = self.publish(self.make(**parameters))
        assert response.status_code == 200, response.text
        return str(response.json()["id"])


def error_of(response: httpx.Response) -> tuple[int, int | None]:
    assert response.is_error, response.text
    error = response.json()["error"]
    return error["code"], error.get("error_subcode")
