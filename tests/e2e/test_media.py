"""A file on its whole way, in the deployed stack: uploaded, probed, made fit, and shown by the sandbox and by a real
Bluesky server, each with its description."""

import hashlib
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.e2e.pds.server import Pds
from tests.e2e.test_main_job import connect, eventually, finished, timeline

BLUESKY_MAX_BYTES = 2_000_000
ALT = "A wall of noise, as bright as it is large"


def picture(width: int = 2400, height: int = 1600) -> bytes:
    """A JPEG of several megabytes, turned (EXIF's 6), that says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 14.0)
    made = io.BytesIO()
    noise = Image.effect_noise((width, height), 90).convert("RGB")
    noise.save(made, "JPEG", quality=95, exif=exif)
    return made.getvalue()


def declared(api: httpx.Client, content: bytes, **more: Any) -> dict[str, Any]:
    body = {"content_type": "image/jpeg", "bytes": len(content), "file_name": "wall.jpg", **more}
    answer = api.post("/v1/media", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def settled(api: httpx.Client, media_id: str) -> dict[str, Any]:
    def read() -> dict[str, Any] | None:
        media: dict[str, Any] = api.get(f"/v1/media/{media_id}").raise_for_status().json()
        return media if media["status"] in ("ready", "refused") else None

    found: dict[str, Any] = eventually(read, seconds=60)
    return found


def uploaded(api: httpx.Client, content: bytes, **more: Any) -> dict[str, Any]:
    made = declared(api, content, **more)
    form = made["upload"]
    sent = httpx.post(form["url"], data=form["fields"], files={"file": ("wall.jpg", content, "image/jpeg")})
    assert sent.status_code in (200, 201, 204), sent.text
    assert api.post(f"/v1/media/{made['id']}/complete").status_code in (200, 202)
    return settled(api, made["id"])


@pytest.fixture(scope="module")
def media(api: httpx.Client) -> dict[str, Any]:
    found = uploaded(api, picture(), alt_text=ALT)
    assert found["status"] == "ready", found
    return found


def test_a_file_is_known_by_its_content_upright_and_without_the_place_where_it_was_taken(media: dict[str, Any]) -> None:
    facts = media["facts"]
    assert (facts["kind"], facts["content_type"]) == ("image", "image/jpeg")
    assert (facts["width"], facts["height"]) == (1600, 2400)
    kept = httpx.get(media["url"]).raise_for_status()
    assert kept.headers["content-type"] == "image/jpeg"
    assert hashlib.sha256(kept.content).hexdigest() == facts["sha256"]
    assert not Image.open(io.BytesIO(kept.content)).getexif().get_ifd(0x8825)


def test_people_see_a_small_one(api: httpx.Client, media: dict[str, Any]) -> None:
    """Which is made after the file is ready for posts."""
    url = eventually(lambda: api.get(f"/v1/media/{media['id']}").json()["thumbnail_url"], seconds=60)
    assert max(Image.open(io.BytesIO(httpx.get(url).content)).size) == 640


def test_a_picture_reaches_the_sandbox_and_a_real_bluesky_server_with_its_description_and_is_deleted_there(
    api: httpx.Client, pds: Pds, media: dict[str, Any]
) -> None:
    sandbox = connect(api, handle="paula")
    identifier, password, did = pds.make_account("paula.test")
    given = {"identifier": identifier, "app_password": password, "server": pds.url}
    answer = api.post("/v1/channels", json={"provider": "bluesky", "credentials": given})
    (bluesky,) = answer.json()["data"]
    body = {
        "text": "Look at this",
        "schedule": "now",
        "media": [{"id": media["id"]}],
        "targets": [{"channel_id": sandbox["id"]}, {"channel_id": bluesky["id"]}],
    }
    post = api.post("/v1/posts", json=body)
    assert post.status_code == 202, post.text
    done = finished(api, post.json()["id"], seconds=90)
    assert done["status"] == "COMPLETED", done
    (record,) = pds.records(did)
    (image,) = record["value"]["embed"]["images"]
    assert image["alt"] == ALT
    assert image["aspectRatio"]["width"] / image["aspectRatio"]["height"] == pytest.approx(2 / 3, abs=0.01)
    assert image["image"]["size"] <= BLUESKY_MAX_BYTES < media["facts"]["bytes"]
    (shown,) = [p for p in timeline(api) if p["text"] == "Look at this"]
    (file,) = shown["media"]
    assert file["alt_text"] == ALT
    for delivery in done["deliveries"]:
        gone = api.delete(f"/v1/posts/{done['id']}/deliveries/{delivery['id']}/publication").raise_for_status().json()
        assert gone["deleted_at"]
    assert pds.records(did) == []
    assert [p for p in timeline(api) if p["text"] == "Look at this"] == []
    assert api.get(f"/v1/channels/{sandbox['id']}/options/teams").raise_for_status().json()["data"] == []


def test_a_platform_that_fetches_gets_an_address_that_the_reader_role_signed(
    api: httpx.Client, media: dict[str, Any]
) -> None:
    sandbox = connect(api, handle="petra")
    body = {
        "text": "Fetch it yourself",
        "schedule": "now",
        "media": [{"id": media["id"], "alt_text": "As said here"}],
        "targets": [{"channel_id": sandbox["id"], "settings": {"media_by": "url"}}],
    }
    done = finished(api, api.post("/v1/posts", json=body).raise_for_status().json()["id"], seconds=60)
    assert done["status"] == "COMPLETED", done
    (shown,) = [p for p in timeline(api) if p["text"] == "Fetch it yourself"]
    (file,) = shown["media"]
    assert file["alt_text"] == "As said here"
    fetched = httpx.get(file["url"]).raise_for_status().content
    assert len(fetched) == file["bytes"]
    assert Image.open(io.BytesIO(fetched)).size == (1600, 2400), "a copy of it, upright"


def test_a_file_is_deleted_only_when_no_post_needs_it_any_more(api: httpx.Client, media: dict[str, Any]) -> None:
    draft = api.post("/v1/posts", json={"draft": True, "media": [{"id": media["id"]}]}).raise_for_status().json()
    assert api.delete(f"/v1/media/{media['id']}").status_code == 409
    api.delete(f"/v1/posts/{draft['id']}").raise_for_status()
    assert api.delete(f"/v1/media/{media['id']}").status_code == 204
    assert api.get(f"/v1/media/{media['id']}").status_code == 404


def test_a_file_that_is_none_is_refused_with_what_to_do(api: httpx.Client) -> None:
    found = uploaded(api, b"<html><script>alert(1)</script></html>")
    assert found["status"] == "refused"
    assert found["refusal"]["remediation"]


def test_a_file_is_imported_from_its_address_which_may_die_afterwards(api: httpx.Client) -> None:
    with serving(picture(300, 200)) as url:
        answer = api.post("/v1/media", json={"url": url, "alt_text": "From afar"})
        assert answer.status_code == 202, answer.text
        found = settled(api, answer.json()["id"])
    assert found["status"] == "ready", found
    assert (found["facts"]["width"], found["facts"]["height"]) == (200, 300)


@contextmanager
def serving(content: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/wall.jpg"
    finally:
        server.shutdown()
        server.server_close()
