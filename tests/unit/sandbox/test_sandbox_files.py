"""The sandbox's files: what it takes, in which parts, and what it makes of what is missing, wrong, or sent again."""

import hashlib
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Login
from punctual.providers.outcomes import Rejected, RetryLater
from punctual.tables import Table
from sandbox.app import answer
from sandbox.files import MAX_BYTES, MEGABYTE
from sandbox.storage import Nowhere
from tests.attachments import attachment
from tests.memory.dynamodb import MemoryDynamoDB
from tests.sandbox_bridge import loopback, sandbox_transport
from tests.shelves import MP4, PNG, filled
from tests.template import create_tables
from tests.unit.sandbox.far_side import BASE, Far, api, bearer, error, far_side

PART = 1000
STARTS = {
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/png": PNG,
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\x00\x00\x00\x00WEBP",
    "video/mp4": MP4,
    "application/pdf": b"%PDF-1.7\n",
}


@pytest.fixture
def far() -> Far:
    """With parts that tests can count."""
    tables = MemoryDynamoDB()
    create_tables(tables)
    return on(far_side(Table(tables, "SandboxTable")), part_bytes=PART)


def on(far: Far, **network: Any) -> Far:
    changed = replace(far.network, **network)
    transport = sandbox_transport(partial(answer, on=changed), BASE, clock=far.clock.now)
    http = GuardedHttp(transport=transport, resolve=loopback, allow_private=True)
    browser = httpx.Client(transport=transport, cookies=far.browser.cookies)
    return Far(changed, far.clock, browser, type(far.provider)(http, far.clock.now))


def begin(far: Far, login: Login, size: int = 2500, kind: str = "video/mp4", **more: Any) -> httpx.Response:
    body = {"type": kind, "bytes": size, **more}
    return far.browser.post(f"{far.server}/api/uploads", headers=bearer(login), json=body)


def begun(far: Far, login: Login, size: int = 2500, **more: Any) -> str:
    return str(begin(far, login, size, **more).raise_for_status().json()["id"])


def put(far: Far, login: Login, upload: str, number: Any, content: bytes) -> httpx.Response:
    headers = {**bearer(login), "Content-Type": "application/octet-stream"}
    return far.browser.put(f"{far.server}/api/uploads/{upload}/parts/{number}", headers=headers, content=content)


def finish(far: Far, login: Login, upload: str, **body: Any) -> httpx.Response:
    return far.browser.post(f"{far.server}/api/uploads/{upload}/finish", headers=bearer(login), json=body)


def uploaded(far: Far, login: Login, content: bytes, kind: str = "video/mp4", **more: Any) -> str:
    upload = begun(far, login, len(content), kind=kind, **more)
    for start in range(0, len(content), PART):
        put(far, login, upload, start // PART + 1, content[start : start + PART]).raise_for_status()
    return str(finish(far, login, upload).raise_for_status().json()["media_id"])


def status(far: Far, login: Login, upload: str) -> dict[str, Any]:
    found: dict[str, Any] = api(far, login, "GET", f"/uploads/{upload}").json()
    return found


def posting(far: Far, login: Login, *media: dict[str, Any], text: str = "Look") -> httpx.Response:
    return api(far, login, "POST", "/posts", text=text, more={"media": list(media)})


@pytest.mark.parametrize("kind", STARTS)
def test_a_file_arrives_in_parts_and_can_be_seen_by_anyone(far: Far, login: Login, kind: str) -> None:
    content = filled(STARTS[kind], 2500)
    file_id = uploaded(far, login, content, kind)
    posting(far, login, {"id": file_id, "alt_text": "A <view>"}).raise_for_status()
    (shown,) = far.timeline()[0]["media"]
    assert shown["sha256"] == hashlib.sha256(content).hexdigest()
    pieces = [far.browser.get(shown["url"], headers={"Range": f"bytes={at}-"}) for at in (0, 1000, 2000)]
    assert b"".join(each.content for each in pieces) == content
    assert [each.status_code for each in pieces] == [206] * 3
    assert [each.headers["content-type"] for each in pieces] == [kind] * 3
    page = far.browser.get(f"{far.server}").text
    assert "A &lt;view&gt;" in page


def test_parts_are_of_one_size_and_all_are_needed(far: Far, login: Login) -> None:
    content = filled(MP4, 2500)
    upload = begun(far, login)
    assert error(put(far, login, upload, 1, content[:999])) == (422, "wrong_size")
    assert error(put(far, login, upload, 3, content[2000:2499])) == (422, "wrong_size")
    for wrong in (0, 4, "x", "-1", "1.5", "9" * 5000):
        assert error(put(far, login, upload, wrong, content[:1000])) == (422, "no_such_part")
    assert put(far, login, upload, 1, content[:1000]).status_code == 201
    assert put(far, login, upload, 3, content[2000:]).status_code == 201
    assert status(far, login, upload)["received"] == [1, 3]
    assert error(finish(far, login, upload)) == (409, "missing_parts")
    assert error(posting(far, login, {"id": upload})) == (404, "no_such_media")
    put(far, login, upload, 2, content[1000:2000])
    assert finish(far, login, upload).json() == {"media_id": upload, "status": "ready"}
    assert finish(far, login, upload).json() == {"media_id": upload, "status": "ready"}, "once more changes nothing"
    assert error(put(far, login, upload, 1, content[:1000])) == (409, "already_finished")


def test_a_part_that_comes_again_is_counted(far: Far, login: Login) -> None:
    upload, content = begun(far, login, 1000), filled(MP4, 1000)
    for _ in range(3):
        put(far, login, upload, 1, content).raise_for_status()
    assert status(far, login, upload)["sent_again"] == 2


def test_what_a_file_is_its_first_bytes_say(far: Far, login: Login) -> None:
    for said, starts in (("image/png", "video/mp4"), ("image/jpeg", "image/png"), ("video/mp4", "image/gif")):
        upload = begun(far, login, 1000, kind=said)
        assert error(put(far, login, upload, 1, filled(STARTS[starts], 1000))) == (422, "wrong_type")
    for kind in ("image/svg+xml", "video/webm", ""):
        assert error(begin(far, login, kind=kind)) == (422, "unsupported_type")


@pytest.mark.parametrize("kind", STARTS)
def test_a_file_has_a_greatest_size(far: Far, login: Login, kind: str) -> None:
    assert begin(far, login, MAX_BYTES[kind], kind).status_code == 201
    assert error(begin(far, login, MAX_BYTES[kind] + 1, kind)) == (422, "file_too_large")
    assert error(begin(far, login, 0, kind)) == (400, "invalid_request")


def test_a_sum_is_compared_before_anything_is_finished(far: Far, login: Login) -> None:
    upload, content = begun(far, login, 1000), filled(MP4, 1000)
    put(far, login, upload, 1, content)
    assert error(finish(far, login, upload, sha256="0" * 64)) == (422, "wrong_sum")
    assert status(far, login, upload)["status"] == "receiving"
    assert finish(far, login, upload, sha256=hashlib.sha256(content).hexdigest()).status_code == 200


def test_nobody_sends_to_or_posts_another_accounts_file(far: Far, login: Login) -> None:
    bob = far.login(handle="bob")
    upload = begun(far, bob, 1000)
    assert error(put(far, login, upload, 1, filled(MP4, 1000))) == (404, "no_such_upload")
    assert error(finish(far, login, upload)) == (404, "no_such_upload")
    put(far, bob, upload, 1, filled(MP4, 1000))
    finish(far, bob, upload)
    assert error(posting(far, login, {"id": upload})) == (404, "no_such_media")


def test_a_post_has_four_pictures_or_one_video_and_then_needs_no_text(far: Far, login: Login) -> None:
    pictures = [{"id": uploaded(far, login, filled(PNG, 100 + n), "image/png")} for n in range(5)]
    video = {"id": uploaded(far, login, filled(MP4, 1500)), "cover_ms": 700}
    assert posting(far, login, *pictures[:4], text="").status_code == 201
    assert error(posting(far, login, *pictures)) == (400, "invalid_request")
    assert error(posting(far, login, pictures[0], video)) == (422, "too_many_files")
    assert error(posting(far, login, text="")) == (422, "text_empty")
    assert error(posting(far, login, {**video, "alt_text": "x" * 1001})) == (400, "invalid_request")
    assert error(posting(far, login, {"alt_text": "x"})) == (400, "invalid_request")
    shown = posting(far, login, video).json()["media"]
    assert [each["cover_ms"] for each in shown] == [700]


def test_a_document_stands_alone_and_is_a_link(far: Far, login: Login) -> None:
    document = {"id": uploaded(far, login, filled(STARTS["application/pdf"], 900), "application/pdf")}
    picture = {"id": uploaded(far, login, filled(PNG, 900), "image/png")}
    for other in (document, picture):
        assert error(posting(far, login, document, other)) == (422, "too_many_files")
    assert posting(far, login, document, text="").status_code == 201
    page = far.browser.get(far.server).text
    assert f'<a href="{far.server}/media/{document["id"]}">application/pdf</a>' in page
    assert "<img" not in page


def test_the_same_text_with_another_file_is_another_post(far: Far, login: Login) -> None:
    first, second = ({"id": uploaded(far, login, filled(PNG, 100 + n), "image/png")} for n in range(2))
    for protection, again in (("key", (422, "key_reused")), ("duplicate_rejection", (201, None))):
        call = partial(api, far, login, "POST", "/posts", protection=protection, **{"Idempotency-Key": "k"})
        assert call(more={"media": [first]}).status_code == 201
        found = call(more={"media": [second]})
        assert (found.status_code, found.json().get("error")) == again
    assert error(call(more={"media": [second]})) == (409, "duplicate")


def test_ranges_are_answered_as_far_as_an_answer_goes(far: Far, login: Login) -> None:
    content = filled(MP4, 2500)
    url = f"{far.server}/media/{uploaded(far, login, content)}"
    assert far.browser.get(url).status_code == 413
    for asked, start, end in (("0-9", 0, 10), ("990-1010", 990, 1011), ("2400-9999", 2400, 2500), ("500-", 500, 1500)):
        found = far.browser.get(url, headers={"Range": f"bytes={asked}"})
        assert (found.status_code, found.content) == (206, content[start:end])
        assert found.headers["content-range"] == f"bytes {start}-{end - 1}/2500"
    assert far.browser.get(url, headers={"Range": "bytes=2500-"}).status_code == 416
    for wrong in ("bytes=-5", "bytes=0-1,3-4", "lines=0-", f"bytes={'9' * 5000}-", f"bytes=0-{'9' * 5000}"):
        assert far.browser.get(url, headers={"Range": wrong}).status_code == 400


def test_without_a_bucket_there_are_no_files(far: Far, login: Login) -> None:
    poor = on(far, storage=Nowhere())
    upload = begun(poor, login, 1000)
    assert error(put(poor, login, upload, 1, filled(MP4, 1000))) == (501, "no_storage")


# Played by the post's text


@pytest.mark.parametrize(
    ("directive", "answered", "is_there"),
    [
        ("error_before", 500, False),
        ("error_after", 500, True),
        ("rate_limit", 429, False),
        ("refuse=1", 422, False),
        ("cut", 201, True),
    ],
)
def test_the_text_plays_on_the_calls_of_an_upload(
    far: Far, login: Login, directive: str, answered: int, is_there: bool
) -> None:
    """Its beginning is the first of them, which `slow=0` takes."""
    text = f"Play [sandbox:upload.slow=0][sandbox:upload.{directive}]"
    upload, content = begun(far, login, 1000, text=text), filled(MP4, 1000)
    first = put(far, login, upload, 1, content)
    assert first.status_code == answered
    assert (first.text == '{"id": "') == (directive == "cut")
    assert (status(far, login, upload)["received"] == [1]) == is_there
    assert put(far, login, upload, 1, content).json() == {"part": 1}
    assert status(far, login, upload)["sent_again"] == int(is_there)


def test_an_upload_is_processed_for_a_while(far: Far, login: Login) -> None:
    content, text = filled(MP4, 1500), "Work [sandbox:upload.processing=30]"
    upload = begun(far, login, len(content), text=text)
    put(far, login, upload, 1, content[:1000])
    put(far, login, upload, 2, content[1000:])
    told = finish(far, login, upload)
    assert (told.json()["status"], told.headers["retry-after"]) == ("processing", "30")
    assert error(posting(far, login, {"id": upload})) == (409, "not_ready")
    far.clock.sleep(31)
    assert status(far, login, upload)["status"] == "ready"
    assert posting(far, login, {"id": upload}).status_code == 201


@pytest.mark.parametrize("text", ["[sandbox:processing=5]", "[sandbox:upload.processing]", "[sandbox:upload.unready]"])
def test_what_no_upload_knows_is_refused(far: Far, login: Login, text: str) -> None:
    stage = begin(far, login, text=text) if "upload." in text else api(far, login, "POST", "/posts", text=text)
    assert error(stage) == (422, "unknown_directive")


# Fetched from where they are


class Elsewhere:
    """A host that files are fetched from; `spoiled` says how."""

    def __init__(self, content: bytes, kind: str, spoiled: str = ""):
        self.content = content
        self.kind = kind
        self.spoiled = spoiled

    def send(self, request: httpx.Request, *, seconds: float) -> httpx.Response:
        first, last = (int(each) for each in request.headers["range"].removeprefix("bytes=").split("-"))
        part = self.content[first : last + 1]
        where = {
            "Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(self.content)}",
            "Content-Type": self.kind,
        }
        match self.spoiled:
            case "redirect":
                return httpx.Response(302, headers={"Location": "https://elsewhere.example/"})
            case "whole":
                return httpx.Response(200, content=self.content, headers={"Content-Type": self.kind})
            case "short":
                return httpx.Response(206, content=part[:-1], headers=where)
            case "a range without end":
                return httpx.Response(206, content=part, headers={**where, "Content-Range": f"bytes 0-9/{'9' * 5000}"})
            case "another range":
                return httpx.Response(206, content=part, headers={**where, "Content-Range": "bytes 5-9/2500"})
            case "nobody":
                raise httpx.ConnectError("nobody")
        return httpx.Response(206, content=part, headers=where)


def test_a_file_is_fetched_by_ranges_and_is_the_same_however_often(far: Far, login: Login) -> None:
    content = filled(MP4, 2500)
    asked = on(far, http=lambda: Elsewhere(content, "video/mp4"))
    media = {"url": "https://files.example/a", "alt_text": "A view"}
    first, second = (posting(asked, login, media).json()["media"][0] for _ in range(2))
    assert first == second
    assert (first["sha256"], first["bytes"]) == (hashlib.sha256(content).hexdigest(), 2500)


@pytest.mark.parametrize("spoiled", ["redirect", "whole", "short", "another range", "a range without end", "nobody"])
def test_what_cannot_be_fetched_so_is_refused(far: Far, login: Login, spoiled: str) -> None:
    asked = on(far, http=lambda: Elsewhere(filled(MP4, 2500), "video/mp4", spoiled))
    assert error(posting(asked, login, {"url": "https://files.example/a"})) == (422, "media_unfetchable")
    assert far.timeline() == []


def test_what_is_no_address_is_fetched_from_nowhere(far: Far, login: Login) -> None:
    asked = on(far, http=lambda: Elsewhere(filled(MP4, 2500), "video/mp4"))
    for url in ("https://xn--a/", "https://[::1"):
        assert error(posting(asked, login, {"url": url})) == (422, "media_unfetchable")


def test_what_is_fetched_must_be_what_its_address_says_and_not_too_large(far: Far, login: Login) -> None:
    asked = on(far, http=lambda: Elsewhere(filled(MP4, 2500), "image/png"))
    assert error(posting(asked, login, {"url": "https://files.example/a"})) == (422, "wrong_type")

    class Endless(Elsewhere):
        def send(self, request: httpx.Request, *, seconds: float) -> httpx.Response:
            answer = super().send(request, seconds=seconds)
            return httpx.Response(
                206, content=answer.content, headers={"Content-Range": f"bytes 0-999/{65 * MEGABYTE}"}
            )

    asked = on(far, http=lambda: Endless(filled(MP4, 2500), "video/mp4"))
    assert error(posting(asked, login, {"url": "https://files.example/a"})) == (422, "file_too_large")


# The provider


def test_the_provider_says_what_it_sends_and_posts_what_became_of_it(far: Far, login: Login) -> None:
    file = attachment(filled(MP4, 2500), kind="video", alt_text="A view", cover_ms=100)
    post = far.prepared(far.draft(login, "Look", media=(file,)), login)
    far.provider.publish(post, login.grant)
    (shown,) = far.timeline()[0]["media"]
    assert (shown["sha256"], shown["alt_text"], shown["cover_ms"]) == (file.sha256, "A view", 100)
    again = far.prepared(post, login)
    assert again.prepared == post.prepared


def test_a_file_that_is_not_what_was_said_is_refused_for_good(far: Far, login: Login) -> None:
    file = attachment(filled(PNG, 2500), kind="video")
    with pytest.raises(Rejected) as raised:
        far.prepared(far.draft(login, "Look", media=(file,)), login)
    assert raised.value.platform_code == "wrong_type"


def test_a_post_whose_files_are_not_uploaded_is_not_published(far: Far, login: Login) -> None:
    post = far.draft(login, "Look", media=(attachment(filled(MP4, 100), kind="video"),))
    with pytest.raises(RetryLater) as raised:
        far.provider.publish(post, login.grant)
    assert raised.value.code == "not_prepared"
    assert far.timeline() == []
