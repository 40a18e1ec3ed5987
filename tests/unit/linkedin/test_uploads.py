"""What is kept of an upload, and who is told its addresses."""

import json
import logging
from hashlib import sha256
from typing import Any

import httpx
import pytest

from punctual.linkedin_api.media import AssetUpload, VideoUpload, packed, unpacked
from punctual.providers.feeding import Part
from punctual.providers.outcomes import ProviderError, RetryLater
from tests.attachments import attachment
from tests.unit.test_every_provider import GRANT, SECRET, provider

KEY = "a-key-that-lets-whoever-has-it-write"
URL = "https://www.linkedin.com/dms-uploads/sp/v2/C5F10AQGKQg6B96l8Rw/uploadedVideo"


def addresses(count: int) -> list[str]:
    """As long as LinkedIn's are, each with a signature of its own."""
    query = "ca=vector_feedshare&cn=uploads&app=1953784&sync=0&v=beta&ut="
    return [f"{URL}/{part}?{query}{sha256(str(part).encode()).hexdigest()[:40]}" for part in range(count)]


def begun(value: dict[str, Any], size: int = 10) -> Any:
    sent: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"value": value})

    found: Any = provider("linkedin_page", respond)
    return VideoUpload(attachment(b"v" * size, kind="video"), found, GRANT, "urn:li:organization:1").begin()


def instructions(*parts: tuple[int, int]) -> dict[str, Any]:
    told = [{"uploadUrl": f"{URL}/{first}", "firstByte": first, "lastByte": last} for first, last in parts]
    return {"video": "urn:li:video:C5", "uploadToken": "", "uploadInstructions": told}


def test_the_addresses_of_a_large_video_are_kept_small():
    """They are written again with every part: 500 MB are some 120 of them."""
    urls = addresses(120)
    assert unpacked(packed(urls)) == urls
    assert len(packed(urls)) < len(json.dumps(urls)) / 4


def test_parts_are_sent_in_order_whatever_the_order_they_are_told_in():
    handle = begun(instructions((4, 7), (0, 3), (8, 9)))
    assert handle["ends"] == [4, 8, 10]
    assert unpacked(handle["urls"]) == [f"{URL}/0", f"{URL}/4", f"{URL}/8"]


@pytest.mark.parametrize(
    "parts",
    [(), ((0, 3),), ((0, 3), (5, 9)), ((1, 9),), ((0, 5), (4, 9))],
    ids=["none", "short", "gap", "late", "over"],
)
def test_parts_that_are_not_the_file_are_no_answer(parts):
    with pytest.raises(RetryLater):
        begun(instructions(*parts))


@pytest.mark.parametrize(
    ("url", "is_told"),
    [
        ("https://www.linkedin.com/dms-uploads/1", True),
        ("https://linkedin.com/dms-uploads/1", True),
        ("https://linkedin.com.evil.example/1", False),
        ("https://notlinkedin.com/1", False),
    ],
)
def test_our_token_goes_to_linkedin_only(url, is_told):
    assert ("Authorization" in put(AssetUpload, url, {"url": url})[0].headers) == is_told


def test_the_addresses_of_a_videos_parts_take_no_token():
    handle = {"urls": packed(["https://www.linkedin.com/dms-uploads/1"]), "ends": [3]}
    assert "Authorization" not in put(VideoUpload, "", handle)[0].headers


def put(kind: type[AssetUpload], url: str, handle: dict[str, Any], status: int = 200) -> list[httpx.Request]:
    sent: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(status, headers={"ETag": "1"}, text=f"{KEY} {SECRET}")

    found: Any = provider("linkedin", respond)
    file = attachment(b"abc")
    kind(file, found, GRANT, "urn:li:person:1").send(handle, Part(file, 0, 3))
    return sent


@pytest.mark.parametrize("status", [307, 400, 401, 403, 404, 410, 413, 422, 429, 500])
def test_no_error_and_no_log_tells_an_address(status, caplog):
    url = f"{URL}?{KEY}"
    caplog.set_level(logging.DEBUG, logger="punctual")
    with pytest.raises(ProviderError) as raised:
        put(AssetUpload, url, {"url": url}, status)
    error: BaseException | None = raised.value
    while error:
        assert KEY not in f"{error} {error!r} {vars(error)}"
        error = error.__cause__
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    "address", ["https://xn--/1", "https://www.linkedin.com\n/1", "/dms-uploads/1", "ftp://linkedin.com/1"]
)
def test_an_address_that_no_request_can_go_to_is_no_answer(address):
    told = instructions((0, 9))
    told["uploadInstructions"][0]["uploadUrl"] = address
    with pytest.raises(RetryLater):
        begun(told)
    found: Any = provider(
        "linkedin", lambda _: httpx.Response(200, json={"value": {"image": "u", "uploadUrl": address}})
    )
    with pytest.raises(RetryLater):
        AssetUpload(attachment(b"abc"), found, GRANT, "urn:li:person:1").begin()
