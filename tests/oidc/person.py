"""A person with a browser of their own, signed in at the server by a cookie."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.oidc.clients import OWN_URL


@dataclass
class Person:
    browser: httpx.Client
    secret: str | None = None
    """What our own cookie holds."""

    def follow(self, url: str) -> dict[str, str]:
        """From the consent page to our callback, which is not called: its query."""
        for _ in range(10):
            response = self.browser.get(url)
            assert response.is_redirect, f"HTTP {response.status_code} instead of a way back: {response.text[:500]}"
            url = str(response.url.join(response.headers["Location"]))
            if url.startswith(OWN_URL):
                return dict(parse_qsl(urlsplit(url).query))
        raise AssertionError("the server sends the browser round and round")


@contextmanager
def person(account: str = "ada", **cookies: str) -> Iterator[Person]:
    """`withhold="write+stats"`: scopes not given; `decision="deny"`."""
    with httpx.Client(trust_env=False, timeout=30, cookies={"account": account, **cookies}) as browser:
        yield Person(browser)
