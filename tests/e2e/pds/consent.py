"""A person at the real server's sign-in page, without a browser: what the page sends, with the cookies by hand.

They are Secure, and the server is on http here.
"""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.e2e.pds.server import PASSWORD

SCOPE = "atproto transition:generic"
_API = "/@atproto/oauth-provider/~api"
_NAVIGATES = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
_ASKS = {"Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Site": "same-origin"}


class Person:
    """Who opened the page at `url`, where our authorize page sent them."""

    def __init__(self, url: str):
        self.page = url
        parts = urlsplit(url)
        self.server = f"{parts.scheme}://{parts.netloc}"
        self.cookies: dict[str, str] = {}
        shown = self._request("GET", url, {**_NAVIGATES, "Sec-Fetch-Site": "cross-site"})
        assert shown.status_code == 200, f"the server's page says {shown.status_code}"

    def consents(self, handle: str, did: str) -> dict[str, str]:
        """The callback's query."""
        return self._leave(self._ask("/consent", {"did": did, "scope": SCOPE}, self._sign_in(handle)))

    def declines(self, handle: str) -> dict[str, str]:
        return self._leave(self._ask("/reject", {}, self._sign_in(handle)))

    def _sign_in(self, handle: str) -> str:
        given = {"locale": "en", "username": handle, "password": PASSWORD, "remember": False}
        token: str = self._ask("/sign-in", given)["ephemeralToken"]
        return token

    def _ask(self, what: str, given: dict[str, Any], token: str = "") -> dict[str, Any]:
        headers = {
            **_ASKS,
            "Origin": self.server,
            "Referer": self.page,
            "x-csrf-token": self.cookies["csrf-token"],
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        answered = self._request("POST", f"{self.server}{_API}{what}", headers, json=given)
        assert answered.is_success, f"{what}: {answered.status_code} {answered.text[:200]}"
        found: dict[str, Any] = answered.json()
        return found

    def _leave(self, asked: dict[str, Any]) -> dict[str, str]:
        headers = {**_NAVIGATES, "Sec-Fetch-Site": "same-origin", "Referer": self.page}
        sent_on = self._request("GET", asked["url"], headers)
        return dict(parse_qsl(urlsplit(sent_on.headers["Location"]).query))

    def _request(self, method: str, url: str, headers: dict[str, str], **content: Any) -> httpx.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Cookie": cookies, "User-Agent": "Mozilla/5.0", "Accept-Language": "en", **headers}
        with httpx.Client(trust_env=False, timeout=30) as client:
            response = client.request(method, url, headers=sent, **content)
        for given in response.headers.get_list("Set-Cookie"):
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response
