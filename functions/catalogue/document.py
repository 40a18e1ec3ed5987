"""The API's document (written by `make openapi`) and the page that shows it: Swagger UI, as Powertools brings it."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aws_lambda_powertools
from aws_lambda_powertools.event_handler import Response

_HERE = Path(__file__).parent
_SWAGGER_UI = Path(aws_lambda_powertools.__file__).parent / "event_handler" / "openapi" / "swagger_ui"
_ASSETS = {
    "docs.js": (_HERE, "text/javascript"),
    "swagger-ui-bundle.min.js": (_SWAGGER_UI, "text/javascript"),
    "swagger-ui.min.css": (_SWAGGER_UI, "text/css"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self' {origin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_STYLED_TEXT = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
_DAY = "public, max-age=86400"


def served_at(own_url: str) -> dict[str, Any]:
    return {**_document(), "servers": [{"url": own_url}]}


def page(own_url: str) -> Response[Any]:
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(own_url))
    headers = {
        "Content-Security-Policy": _POLICY.format(origin=origin),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    html = (_HERE / "docs.html").read_text()
    return Response(status_code=200, content_type="text/html; charset=utf-8", body=html, headers=dict(headers))


def errors() -> Response[Any]:
    """Written by `make docs`."""
    headers = {"Content-Security-Policy": _STYLED_TEXT, "X-Content-Type-Options": "nosniff"}
    html = (_HERE / "errors.html").read_text()
    return Response(status_code=200, content_type="text/html; charset=utf-8", body=html, headers=dict(headers))


def asset(name: str, *, zipped: bool) -> Response[Any] | None:
    """None where there is no such file. 1.5 MB of script are 0.4 zipped, and a browser keeps them for a day."""
    if name not in _ASSETS:
        return None
    folder, kind = _ASSETS[name]
    headers = {"Cache-Control": _DAY, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    content: str | bytes = (folder / name).read_text()
    if zipped:
        content = _zipped(folder / name)
        headers["Content-Encoding"] = "gzip"
    return Response(status_code=200, content_type=f"{kind}; charset=utf-8", body=content, headers=dict(headers))


@cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_HERE / "openapi.json").read_text())
    return found


@cache
def _zipped(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)
