"""Signed requests: how Meta says that a person removed an app, or wants their data deleted.

`signed_request` of a form is `<signature>.<payload>`, both base64url: HMAC-SHA256 under the app's secret, of the
payload as it is written. https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from punctual.providers.base import App
from punctual.providers.notices import Notice, SendsNotices

FIELD = "signed_request"
_ALGORITHM = "HMAC-SHA256"
_LONGEST = 4096
_LATEST = 2**33
"""Of times that Python's calendar has, far enough away."""


class SignedRequests(SendsNotices):
    """For a provider whose platform sends them."""

    def notice(self, form: Mapping[str, str]) -> Notice | None:
        """Meta's `user_id` is the person's under this one app."""
        payload = _payload(form.get(FIELD, ""))
        login_id, issued_at = payload.get("user_id"), payload.get("issued_at")
        if payload.get("algorithm") != _ALGORITHM or not isinstance(login_id, str) or not login_id:
            return None
        if type(issued_at) is not int or not 0 < issued_at < _LATEST:
            return None
        return Notice(login_id=login_id, at=datetime.fromtimestamp(issued_at, UTC))

    def is_signed(self, form: Mapping[str, str], app: App) -> bool:
        if app.client_secret is None:
            return False
        signature, _, payload = form.get(FIELD, "").partition(".")
        expected = hmac.digest(app.client_secret.get_secret_value().encode(), _ascii(payload), hashlib.sha256)
        return hmac.compare_digest(_decoded(signature), expected)


def signed(payload: Mapping[str, Any], secret: str) -> str:
    """As Meta makes one: for far sides."""
    text = _encoded(json.dumps({"algorithm": _ALGORITHM, **payload}).encode())
    return f"{_encoded(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))}.{text}"


def _payload(signed_request: str) -> Mapping[str, Any]:
    text = signed_request.partition(".")[2]
    try:
        found = json.loads(_decoded(text)) if len(signed_request) <= _LONGEST else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _ascii(text: str) -> bytes:
    return text.encode(errors="backslashreplace")


def _decoded(text: str) -> bytes:
    """Without padding, as Meta leaves it out; empty where it is no base64url."""
    try:
        return base64.b64decode(_ascii(text) + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
