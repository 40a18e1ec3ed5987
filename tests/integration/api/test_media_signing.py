"""What the real boto3 signs for uploads, with the clients that the functions have. Nothing is sent."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from edge import clients
from punctual.media.library import Media
from punctual.media.uploads import PART_BYTES, Uploads
from tests.integration.api.deployed import forget

NOW = datetime.now(UTC)
MEDIA = Media(
    id="med_01K00000000000000000000000",
    workspace_id="ws_01K00000000000000000000000",
    status="uploading",
    created_at=NOW,
    updated_at=NOW,
    declared_type="video/mp4",
    declared_bytes=PART_BYTES + 5,
    upload_id="upload/+=id",
)
HOST = "punctual-media.s3.eu-central-1.amazonaws.com"
"""With its region: the global name redirects to it while a bucket is new."""


@pytest.fixture
def uploads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Uploads]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    forget()
    yield Uploads(clients.client("s3"), "punctual-media", lambda: NOW)
    forget()


def test_a_form_states_place_type_and_exact_size(uploads: Uploads) -> None:
    signed_at = datetime.now(UTC)  # boto3 signs by no other clock
    form = uploads.form(MEDIA)
    stated: dict[str, Any] = json.loads(base64.b64decode(form.fields["policy"]))
    assert httpx.URL(form.url).host == HOST
    assert (form.fields["key"], form.fields["Content-Type"]) == (MEDIA.received, "video/mp4")
    assert ["content-length-range", PART_BYTES + 5, PART_BYTES + 5] in stated["conditions"]
    for condition in ({"Content-Type": "video/mp4"}, {"key": MEDIA.received}, {"bucket": "punctual-media"}):
        assert condition in stated["conditions"]
    lasts = datetime.fromisoformat(stated["expiration"]) - signed_at
    assert timedelta(minutes=59) < lasts < timedelta(minutes=61)


def test_a_parts_url_signs_its_size_and_no_checksum_that_boto3_adds(uploads: Uploads) -> None:
    first, last = (httpx.URL(part.url) for part in uploads.part_urls(MEDIA, [1, 2]))
    for url, number in ((first, "1"), (last, "2")):
        assert (url.host, url.path) == (HOST, f"/{MEDIA.received}")
        assert (url.params["partNumber"], url.params["uploadId"]) == (number, "upload/+=id")
        assert url.params["X-Amz-SignedHeaders"] == "content-length;host"
        assert url.params["X-Amz-Expires"] == "3600"
        assert "checksum" not in str(url).lower()
    assert first.params["X-Amz-Signature"] != last.params["X-Amz-Signature"]


def test_what_people_see_has_the_type_that_was_found(uploads: Uploads) -> None:
    url = httpx.URL(uploads.shown(MEDIA.original, "image/png"))
    assert (url.host, url.path) == (HOST, f"/{MEDIA.original}")
    assert (url.params["response-content-type"], url.params["X-Amz-Expires"]) == ("image/png", "900")
