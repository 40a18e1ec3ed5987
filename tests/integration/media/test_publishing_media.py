"""Posts with media, from the bucket to the platform: prepared before T, once, whatever becomes of those at work."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from punctual.channels import Channel
from punctual.deliveries import Delivery
from punctual.drafts import PostChange
from punctual.media.library import Library, Media
from punctual.media.renditions import Renditions
from punctual.media.wanting import ATTACHED, Attached
from punctual.providers.base import Rate
from punctual.sandbox_api.uploads import SandboxUpload
from punctual.states import DeliveryStatus
from punctual.tables import Change
from punctual.writing import Written
from tests.integration.workers import worker
from tests.integration.world import PART_BYTES, World
from tests.shelves import MP4, PNG, facts_of, filled

PROTECTIONS = ("key", "chosen_id", "handle", "duplicate_rejection", "search", "none")


def carrying(world: World, written: Written, attached: Attached) -> None:
    """Changes what the post's one delivery carries, behind everybody's back."""
    delivery = world.delivery(written)
    change = Change(set={"attached": [ATTACHED.item(attached)]})
    world.work.update({"pk": delivery.post_id, "sk": f"delivery#{delivery.id}"}, change)


def picture(world: World, size: int = 5000) -> Media:
    return world.files.ready(world.workspace_id, filled(PNG, size))


def video(world: World, parts: float) -> Media:
    return world.files.ready(world.workspace_id, filled(MP4, int(parts * PART_BYTES)))


def posted(world: World, channel: Channel, media: Media, text: str = "With a file", **more: Any) -> Written:
    return world.post(text, channel, in_minutes=5, media=[{"id": media.id, "alt_text": "What it shows"}], **more)


def shown(world: World) -> list[dict[str, Any]]:
    """The files of the newest post."""
    found: list[dict[str, Any]] = world.timeline()[0]["media"]
    return found


def bytes_of(media: Media) -> str:
    assert media.facts
    return media.facts.sha256


def uploads(world: World) -> list[dict[str, Any]]:
    """Rows of files that the sandbox has, with how often parts came."""
    items = world.dynamodb.scan(TableName="SandboxTable")["Items"]
    return [item for item in items if item["pk"].startswith("file#")]


def sent_again(world: World) -> int:
    return sum(int(each["times"]) - 1 for each in uploads(world) if "times" in each)


@pytest.mark.parametrize("protection", PROTECTIONS)
@pytest.mark.parametrize("media_by", ["upload", "url"])
def test_a_picture_goes_out_with_its_text_and_its_alt_text(world: World, protection: str, media_by: str) -> None:
    channel, media = world.connect(), picture(world)
    written = posted(world, channel, media, settings={"protection": protection, "media_by": media_by})
    world.clock.run(minutes=6)
    delivery = world.delivery(written)
    assert delivery.status is DeliveryStatus.COMPLETED
    assert delivery.lateness_ms is not None
    assert delivery.lateness_ms < 2000
    (file,) = shown(world)
    assert file["sha256"] == bytes_of(media)
    assert (file["alt_text"], file["type"], file["bytes"]) == ("What it shows", "image/png", 5000)
    with httpx.Client(transport=world.transport) as reader:
        answer = reader.get(file["url"])
    assert hashlib.sha256(answer.content).hexdigest() == bytes_of(media)
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize("media_by", ["upload", "url"])
def test_a_document_goes_out_to_the_byte_and_its_provider_is_told_of_its_pages(world: World, media_by: str) -> None:
    channel, content = world.connect(), filled(b"%PDF-1.7\n", 5000)
    facts = {"kind": "document", "type": "application/pdf", "width": 0, "height": 0, "pages": 12}
    media = world.files.ready(world.workspace_id, content, **facts)
    posted(world, channel, media, settings={"media_by": media_by})
    (mine,) = world.files.shelf().attachments(world.workspace_id, [Attached(media_id=media.id)])
    assert (mine.kind, mine.type, mine.pages, mine.width, mine.height) == ("document", "application/pdf", 12, 0, 0)
    world.clock.run(minutes=6)
    (file,) = shown(world)
    assert (file["sha256"], file["type"]) == (bytes_of(media), "application/pdf")


def test_files_are_uploaded_before_the_time_and_the_post_comes_at_it(world: World) -> None:
    channel, media = world.connect(), video(world, 2.5)
    written = posted(world, channel, media)
    world.clock.run(minutes=4)
    assert world.calls("PUT", "/api/uploads/") == 3
    assert world.timeline() == []
    world.clock.run(minutes=2)
    assert [file["sha256"] for file in shown(world)] == [bytes_of(media)]
    assert world.calls("PUT", "/api/uploads/") == 3
    assert world.delivery(written).lateness_ms < 2000  # type: ignore[operator]  # it is there


def test_a_post_may_be_of_files_alone_and_they_keep_their_order(world: World) -> None:
    channel, media = world.connect(), [picture(world, 5000 + n) for n in range(4)]
    world.post("", channel, in_minutes=5, media=[{"id": each.id} for each in media])
    world.clock.run(minutes=6)
    assert world.texts() == [""]
    assert [file["sha256"] for file in shown(world)] == [bytes_of(each) for each in media]


@pytest.mark.parametrize("media_by", ["upload", "url"])
def test_a_search_tells_posts_with_the_same_text_apart_by_their_files(world: World, media_by: str) -> None:
    """Somebody posted the same text by hand, without the file, while our own call was lost on its way."""
    settings = {"protection": "search", "media_by": media_by}
    written = posted(world, world.connect(), picture(world), "Twins", settings=settings)

    def respond(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/api/posts"):
            return world.answer(request)
        by_hand = {"text": "Twins", "protection": "search"}
        posted_by_hand = httpx.Request("POST", request.url, headers=_but_length(request), json=by_hand)
        assert world.answer(posted_by_hand).status_code == 201
        raise httpx.ReadError("broken", request=request)

    world.publishing = worker(world, respond=respond)
    world.clock.run(minutes=8)
    assert world.texts() == ["Twins"]
    assert world.delivery(written).status is DeliveryStatus.UNCONFIRMED, "not ours"


def _but_length(request: httpx.Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name != "content-length"}


def test_a_thread_carries_files_in_any_part(world: World) -> None:
    channel, first, second = world.connect(), picture(world, 5001), video(world, 1.5)
    three = {"text": "Three", "media": [{"id": second.id, "cover_ms": 500}]}
    written = world.post("One", channel, in_minutes=5, media=[{"id": first.id}], thread=[{"text": "Two"}, three])
    world.clock.run(minutes=8)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    shown_third, shown_second, shown_first = (each["media"] for each in world.timeline())
    assert [each["sha256"] for each in shown_first] == [bytes_of(first)]
    assert shown_second == []
    assert [(each["sha256"], each["cover_ms"]) for each in shown_third] == [(bytes_of(second), 500)]


# Held back


def test_a_file_that_is_still_being_made_fit_holds_its_post_back_and_somebody_is_told(world: World) -> None:
    channel, media = world.connect(), world.files.ready(world.workspace_id, b"BM" * 900, type="image/bmp")
    written = posted(world, channel, media, "Later")
    renditions = Renditions(world.work, world.clock.now)
    (rendition,) = renditions.of(world.workspace_id, media.id)
    world.clock.run(minutes=7)
    waiting = world.delivery(written)
    assert (waiting.status, waiting.tries, waiting.polls) == (DeliveryStatus.SCHEDULED, 0, 0)
    assert waiting.error is not None
    assert waiting.error["code"] == "media_not_ready"
    assert set(world.files.asked) == {media.id}
    assert len(world.files.asked) < 30
    outcomes = {each.outcome for each in world.attempts.of_delivery(waiting)}
    assert outcomes == {"media_not_ready"}, "no platform kept it: reports count that as ours"
    assert world.calls("POST", "/api/uploads") == 0
    made = facts_of(filled(PNG, 900), kind="image", type="image/png")
    world.files.s3.put_object(Bucket="MediaBucket", Key=rendition.path, Body=filled(PNG, 900))
    renditions.settle(rendition, facts=made)
    world.clock.run(minutes=2)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert [file["sha256"] for file in shown(world)] == [made.sha256]


def test_what_waits_for_a_file_takes_nobody_elses_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = type(world.providers.get("sandbox"))
    monkeypatch.setattr(provider, "spec", replace(provider.spec, rate=Rate(per_second=0.001, burst=2)))
    channel, media = world.connect(), world.files.ready(world.workspace_id, b"BM" * 900, type="image/bmp")
    waiting = world.post("One", channel, in_minutes=5, thread=[{"text": "Two", "media": [{"id": media.id}]}])
    world.clock.run(minutes=7)
    assert [each.code for each in world.attempts.of_delivery(world.delivery(waiting)) if each.part][-1] == (
        "media_not_ready"
    )
    other = world.post("Other", channel, in_minutes=5)
    world.clock.run(minutes=6)
    assert world.delivery(other).status is DeliveryStatus.COMPLETED


def test_one_that_is_never_made_is_missed_when_nobody_wants_it_any_more(world: World) -> None:
    channel, media = world.connect(), picture(world)
    written = posted(world, channel, media, "Never", max_delay_seconds=300)
    carrying(world, written, Attached(media_id=media.id, rendition="0" * 16))
    world.run_sweeper()
    world.clock.run(minutes=20)
    assert world.delivery(written).status is DeliveryStatus.MISSED
    assert world.timeline() == []


def test_a_file_that_is_gone_ends_the_post_and_says_so(world: World) -> None:
    channel, media = world.connect(), picture(world)
    written = posted(world, channel, media)
    Library(world.work, world.clock.now).change(media, status="expired", expires_epoch=2_000_000_000)
    world.clock.run(minutes=6)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.error and delivery.error["code"]) == (DeliveryStatus.ERROR, "media_gone")
    assert world.timeline() == []


@pytest.mark.parametrize("status", ["deleted", "expired"])
def test_a_file_that_was_given_up_just_as_its_post_was_written_is_waited_for(world: World, status: str) -> None:
    """Whoever tends it finds the post, and puts it back."""
    channel, media = world.connect(), picture(world)
    written = posted(world, channel, media)
    library = Library(world.work, world.clock.now)
    ended = library.change(media, status=status)
    world.clock.run(minutes=6)
    error = world.delivery(written).error
    assert error
    assert error["code"] == "media_not_ready"
    library.change(ended, status="ready")
    world.clock.run(minutes=2)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert [file["sha256"] for file in shown(world)] == [bytes_of(media)]


def test_an_unknown_outcome_is_found_although_the_files_are_gone_meanwhile(world: World) -> None:
    channel, media = world.connect(), picture(world)
    text = "Found [sandbox:error_after]"
    written = posted(world, channel, media, text, settings={"protection": "search"})
    world.clock.run(minutes=5)
    world.files.s3.objects.clear()
    Library(world.work, world.clock.now).change(media, status="deleted")
    world.clock.run(minutes=5)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert len(world.timeline()) == 1


@pytest.mark.parametrize("changed", [False, True])
def test_only_the_very_same_files_are_sent_again_under_a_key(world: World, changed: bool) -> None:
    channel, media = world.connect(), picture(world)
    written = posted(world, channel, media, "Again [sandbox:error_before]")
    world.clock.run(minutes=5, seconds=10)
    assert world.delivery(written).sending_at, "nobody knows what came of the first call"
    if changed:
        carrying(world, written, Attached(media_id=media.id, alt_text="Something else"))
    world.clock.run(minutes=10)
    expected = DeliveryStatus.UNCONFIRMED if changed else DeliveryStatus.COMPLETED
    assert world.delivery(written).status is expected
    assert len(world.timeline()) == (0 if changed else 1)


# Uploads that take longer than a worker has


def test_an_upload_goes_on_at_once_in_the_next_worker_and_counts_as_no_try(world: World) -> None:
    channel, media = world.connect(), video(world, 6)
    written = posted(world, channel, media, "Long")
    world.publishing = worker(world, respond=_slow_parts(world, 11))
    started = world.clock.now()
    seen: list[Delivery] = []
    while world.calls("POST", "/api/uploads/") < 1 and world.clock.now() < started + timedelta(minutes=8):
        world.clock.run(seconds=1)
        seen.append(world.delivery(written))
    assert world.clock.now() < started + timedelta(seconds=240), "no worker waits for anything"
    assert sent_again(world) == 0
    assert {each.tries for each in seen} == {0}
    assert not any(each.error for each in seen), "all goes well"
    attempts = world.attempts.of_delivery(world.delivery(written))
    assert [each.outcome for each in attempts if each.step == "prepare"].count("unfinished") >= 1
    world.clock.run(minutes=5)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert [file["sha256"] for file in shown(world)] == [bytes_of(media)]
    assert sent_again(world) == 0


def test_no_part_is_begun_that_the_worker_may_not_live_to_see_the_end_of(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SandboxUpload, "part_seconds", 40)
    channel, media = world.connect(), video(world, 3)
    written = posted(world, channel, media)
    world.publishing = worker(world, respond=_slow_parts(world, 20))
    world.clock.run(minutes=8)
    attempts = world.attempts.of_delivery(world.delivery(written))
    assert [each.outcome for each in attempts if each.step == "prepare"] == ["unfinished", "unfinished", "done"]
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert sent_again(world) == 0


def test_an_upload_that_takes_too_long_is_missed(world: World) -> None:
    channel, media = world.connect(), video(world, 20)
    written = posted(world, channel, media, max_delay_seconds=60)
    world.publishing = worker(world, respond=_slow_parts(world, 30))
    world.run_sweeper()
    world.clock.run(minutes=12)
    assert world.delivery(written).status is DeliveryStatus.MISSED
    assert world.timeline() == []


def _slow_parts(world: World, seconds: float) -> Any:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            world.clock.sleep(seconds)
        return world.answer(request)

    return respond


@pytest.mark.parametrize("change", ["edit", "cancel"])
def test_who_edits_or_cancels_in_the_middle_of_an_upload_wins(world: World, change: str) -> None:
    channel, media = world.connect(), video(world, 3)
    written = posted(world, channel, media, "Before")
    done: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        answer = world.answer(request)
        if request.method == "PUT" and not done:
            done.append(change)
            if change == "cancel":
                world.writing.cancel(world.workspace_id, written.post.id)
            else:
                world.writing.edit(world.workspace_id, written.post.id, PostChange(text="After"))
        return answer

    world.publishing = worker(world, respond=respond)
    world.clock.run(minutes=3)
    assert done
    parts = world.calls("PUT", "/api/uploads/")
    world.clock.run(minutes=10)
    if change == "cancel":
        assert parts == 1, "the worker that lost it sends no more"
        assert world.delivery(written).prepared == {}
        assert world.texts() == []
    else:
        assert parts == 1 + 3, "what an older revision prepared is nothing to the newer one"
        assert world.texts() == ["After"]
        assert [file["sha256"] for file in shown(world)] == [bytes_of(media)]
    assert sent_again(world) == 0


# The bucket


def test_a_file_that_was_replaced_is_not_sent(world: World) -> None:
    channel, media = world.connect(), video(world, 2.5)
    written = posted(world, channel, media)
    reads: list[str] = []

    class Replacing:
        def get_object(self, **asked: str) -> Any:
            reads.append(asked["Range"])
            if len(reads) == 2:
                world.files.s3.objects[media.original] = filled(MP4 + b"other", int(2.5 * PART_BYTES))
            return world.files.s3.get_object(**asked)

    world.publishing = worker(world, s3=Replacing())
    world.clock.run(minutes=6)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.error and delivery.error["code"]) == (DeliveryStatus.ERROR, "media_gone")


def test_text_posts_ask_nothing_of_media(world: World) -> None:
    world.publishing = worker(world, s3=None, shelf=Refusing(world.files.shelf()))
    written = world.post("Text", world.connect(), in_minutes=5)
    world.clock.run(minutes=6)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED


class Refusing:
    """A shelf whose stores must not be asked."""

    def __init__(self, shelf: Any):
        shelf._library = shelf._renditions = None
        self.attachments = shelf.attachments
