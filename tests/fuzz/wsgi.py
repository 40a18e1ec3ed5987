"""The real handlers as a WSGI application, which schemathesis calls in its own process."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import httpx

Answer = Callable[[httpx.Request], httpx.Response]
_IN_PATHS = "/:@!$&'()*+,;=~-._"


def application(answer: Answer, base_url: str) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    def call(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        response = answer(_request(environ, base_url))
        start(f"{response.status_code} {response.reason_phrase or 'Unnamed'}", response.headers.multi_items())
        return [response.content]

    return call


def _request(environ: dict[str, Any], base_url: str) -> httpx.Request:
    path = quote(environ["PATH_INFO"].encode("latin-1"), safe=_IN_PATHS)
    query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
    named = {name.removeprefix("HTTP_"): value for name, value in environ.items() if name.startswith("HTTP_")}
    named.pop("HOST", None)
    if environ.get("CONTENT_TYPE"):
        named["CONTENT_TYPE"] = environ["CONTENT_TYPE"]
    headers = {name.replace("_", "-").lower(): value for name, value in named.items()}
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return httpx.Request(environ["REQUEST_METHOD"], f"{base_url}{path}{query}", headers=headers, content=body)
