"""Meta's signed requests, held to what Meta's documents and common libraries make of one."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from punctual.meta.signed_requests import FIELD, SignedRequests, signed
from punctual.providers.base import App

SECRET = "kelpie"
APP = App(client_id="1", client_secret=SecretStr(SECRET))
PAYLOAD = {"algorithm": "HMAC-SHA256", "expires": 1291840400, "issued_at": 1291836800, "user_id": "218471"}
"""As https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback shows one."""


def provider() -> SignedRequests:
    return SignedRequests.__new__(SignedRequests)


def written_out(payload: object, secret: str = SECRET) -> dict[str, str]:
    """As PHP and Node do it in Meta's documents: HMAC of the encoded payload, base64url without padding."""
    text = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=")
    signature = base64.urlsafe_b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).rstrip(b"=")
    return {FIELD: f"{signature.decode()}.{text.decode()}"}


def test_a_request_says_whom_it_is_about_and_since_when() -> None:
    found = provider().notice(written_out(PAYLOAD))
    assert found is not None
    assert (found.login_id, found.at) == ("218471", datetime(2010, 12, 8, 19, 33, 20, tzinfo=UTC))


def test_it_is_signed_by_the_apps_secret_and_by_no_other() -> None:
    assert provider().is_signed(written_out(PAYLOAD), APP)
    assert not provider().is_signed(written_out(PAYLOAD, "another"), APP)
    assert not provider().is_signed(written_out(PAYLOAD, ""), App(client_id="1"))


def test_what_we_sign_ourselves_is_what_meta_would() -> None:
    assert provider().is_signed({FIELD: signed({"user_id": "1", "issued_at": 1}, SECRET)}, APP)


@pytest.mark.parametrize("place", range(0, 200, 7))
def test_no_changed_letter_goes_unnoticed(place: int) -> None:
    whole = written_out(PAYLOAD)[FIELD]
    if place >= len(whole) - 1:
        return
    changed = whole[:place] + ("A" if whole[place] != "A" else "B") + whole[place + 1 :]
    assert not provider().is_signed({FIELD: changed}, APP)


@pytest.mark.parametrize("algorithm", ["none", "hmac-sha256", "HMAC-SHA1", "", None, 1])
def test_another_algorithm_is_none(algorithm: object) -> None:
    assert provider().notice(written_out({**PAYLOAD, "algorithm": algorithm})) is None


@pytest.mark.parametrize("payload", [[], None, "x", 1, {}, {**PAYLOAD, "user_id": 218471}])
def test_another_payload_is_none(payload: object) -> None:
    assert provider().notice(written_out(payload)) is None


NOISE = ["", ".", "..", "a.b.c", "a.b=", "=.=", "a b.c d", "\ud800.\ud800", "a." + "[" * 3000]


@pytest.mark.parametrize("given", NOISE)
def test_noise_is_neither_a_notice_nor_signed(given: str) -> None:
    assert provider().notice({FIELD: given}) is None
    assert not provider().is_signed({FIELD: given}, APP)


def test_nothing_at_all_is_neither_either() -> None:
    assert provider().notice({}) is None
    assert not provider().is_signed({}, APP)
