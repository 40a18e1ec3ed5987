"""From what was received to what it is, or to why it is refused."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from punctual.media.facts import Facts
from punctual.media.probing import LEASE
from punctual.media.recipes import THUMBNAIL, thumbnail
from tests.integration.media.keeping import PICTURE, WORKSPACE, House, PaperWorkshop
from tests.integration.moved_clock import Killed


def test_a_file_is_looked_into_and_shown_small(house: House) -> None:
    media_id = house.ready()
    media = house.media(media_id)
    assert media.facts
    assert media.facts.bytes == len(PICTURE)
    assert (media.tries, media.busy_until, media.refusal) == (0, None, None)
    (small,) = house.made(media_id)
    assert (small.recipe, small.status) == (THUMBNAIL, "ready")
    assert house.objects(media_id) == {"original": PICTURE, THUMBNAIL.key: b"made of " + PICTURE}
    assert house.s3.types[media.original] == "image/jpeg"
    assert media.bytes_held == sum(map(len, house.objects(media_id).values())) == house.stored_bytes()


def test_of_a_video_a_frame_is_shown(house: House) -> None:
    (small,) = house.made(house.ready(b"film"))
    assert (small.recipe.frame_ms, small.recipe.kind) == (1000, "image")
    assert thumbnail("video", 900).frame_ms == 0


def test_where_it_was_taken_is_taken_out_before_anybody_can_have_it(house: House) -> None:
    media_id = house.ready(b"a picture of here")
    media = house.media(media_id)
    assert house.objects(media_id)["original"] == b"a picture of "
    assert media.facts
    assert (media.facts.bytes, media.facts.has_location) == (13, False)
    assert "here" not in repr(house.s3.objects)


def test_two_copies_of_a_file_are_all_that_is_ever_on_the_disk(house: House) -> None:
    class Watched(PaperWorkshop):
        def render(self, path: Path, *given: Any) -> Facts:
            assert {each.name for each in path.parent.iterdir()} == {"lock", "original"}
            return super().render(path, *given)

    house.tending = house.worker(Watched(house.clock))
    house.ready(b"a picture of here")


def test_what_cannot_be_cleaned_is_refused(house: House) -> None:
    class Careless(PaperWorkshop):
        def clean(self, *given: object) -> None:
            _, target, _ = given
            target.write_bytes(b"still here")  # type: ignore[attr-defined]

    house.tending = house.worker(Careless(house.clock))
    media_id = house.upload(b"a picture of here")
    house.clock.run(minutes=2)
    assert house.media(media_id).status == "refused"
    assert house.objects(media_id) == {}


@pytest.mark.parametrize(
    ("content", "declared", "code"),
    [
        (b"broken", {}, "unreadable"),
        (PICTURE, {"declared_bytes": 5}, "bytes_mismatch"),
        (PICTURE, {"declared_sha256": "ab" * 32}, "checksum_mismatch"),
    ],
)
def test_a_refused_file_says_why_and_is_gone(house: House, content: bytes, declared: dict, code: str) -> None:  # type: ignore[type-arg]
    media_id = house.upload(content, **declared)
    house.clock.run(minutes=2)
    media = house.media(media_id)
    assert media.status == "refused"
    assert media.refusal
    assert (media.refusal.code, media.facts) == (code, None)
    assert (house.objects(media_id), house.stored_bytes(), media.bytes_held) == ({}, 0, 0)
    house.clock.run(hours=2)
    assert house.is_at_rest()
    assert house.media(media_id) == house.media(media_id)


def test_what_was_never_received_is_refused(house: House) -> None:
    media_id = house.upload(PICTURE)
    house.s3.objects.clear()
    house.clock.run(minutes=2)
    refusal = house.media(media_id).refusal
    assert refusal
    assert refusal.code == "empty"


def test_a_file_that_does_not_fit_the_disk_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": len(PICTURE) - 1}))
    media_id = house.upload(PICTURE)
    house.clock.run(minutes=2)
    refusal = house.media(media_id).refusal
    assert refusal
    assert refusal.code == "too_large"


def test_what_is_written_under_an_old_form_replaces_nothing_and_goes(house: House) -> None:
    media_id = house.ready()
    house.s3.objects[house.media(media_id).received] = b"<svg onload=alert(1)>"
    house.clock.run(minutes=75)
    assert house.objects(media_id)["original"] == PICTURE
    assert set(house.objects(media_id)) == {"original", THUMBNAIL.key}


@pytest.mark.parametrize("deaths", [1, 2, 3, 5])
def test_a_file_that_kills_its_workers_is_refused_after_three(house: House, deaths: int) -> None:
    left = [deaths]

    class Deadly(PaperWorkshop):
        def probe(self, *given: object) -> Facts:
            left[0] -= 1
            if left[0] >= 0:
                raise Killed
            return super().probe(*given)  # type: ignore[arg-type]

    house.tending = house.worker(Deadly(house.clock))
    media_id = house.upload(PICTURE)
    house.clock.run(hours=3)
    media = house.media(media_id)
    assert media.status == ("ready" if deaths < 3 else "refused")
    assert left[0] == max(deaths - 3, -1 if deaths < 3 else 0)
    assert house.is_at_rest()
    if media.refusal:
        assert (media.refusal.code, house.objects(media_id), house.stored_bytes()) == ("too_costly", {}, 0)


def test_faults_of_aws_are_no_tries_of_the_file(house: House) -> None:
    down = [6]

    class Flaky:
        def __getattr__(self, name: str) -> object:
            if name == "download_file" and down[0]:
                down[0] -= 1
                error = ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "GetObject")
                return lambda **_: (_ for _ in ()).throw(error)
            return getattr(house.s3, name)

    house.wrap = lambda service, client: Flaky() if service == "s3" else client
    house.tending = house.worker()
    media_id = house.upload(PICTURE)
    house.clock.run(minutes=4)
    assert (house.media(media_id).status, house.media(media_id).tries) == ("probing", 0)
    house.clock.run(minutes=6)
    assert house.media(media_id).status == "ready"


def test_two_messages_are_one_look(house: House) -> None:
    house.sqs.deliver_times = 3
    media_id = house.ready()
    assert house.workshop.renders == 1
    assert house.media(media_id).status == "ready"


def test_nobody_begins_while_somebody_is_at_it(house: House) -> None:
    media_id = house.upload(PICTURE)
    at_it = []

    class Watched(PaperWorkshop):
        def probe(self, *given: object) -> Facts:
            at_it.append(house.outcomes[:])
            if len(at_it) == 1:
                house.send(media_id)
                house.clock.run(minutes=3)
            return super().probe(*given)  # type: ignore[arg-type]

    house.tending = house.worker(Watched(house.clock))
    house.clock.run(minutes=10)
    assert len(at_it) == 1
    assert house.media(media_id).status == "ready"


def test_a_media_that_gets_another_name_meanwhile_is_looked_into_all_the_same(house: House) -> None:
    media_id = house.upload(PICTURE)

    class Interrupted(PaperWorkshop):
        def probe(self, *given: object) -> Facts:
            house.library.change(house.media(media_id), alt_text="A hat")
            return super().probe(*given)  # type: ignore[arg-type]

    house.tending = house.worker(Interrupted(house.clock))
    house.clock.run(minutes=2)
    media = house.media(media_id)
    assert (media.status, media.alt_text) == ("ready", "A hat")


def test_a_media_that_is_deleted_meanwhile_stays_deleted_and_leaves_nothing(house: House) -> None:
    media_id = house.upload(PICTURE)

    class Interrupted(PaperWorkshop):
        def probe(self, *given: object) -> Facts:
            house.delete(media_id)
            return super().probe(*given)  # type: ignore[arg-type]

    house.tending = house.worker(Interrupted(house.clock))
    house.clock.run(minutes=2)
    assert house.media(media_id).status == "deleted"
    house.clock.run(hours=2)
    assert house.rows(media_id) == []
    assert (house.objects(media_id), house.stored_bytes()) == ({}, 0)


def test_a_message_of_a_media_that_is_not_there_does_nothing(house: House) -> None:
    for media_id in (f"med_{26 * '0'}", "", "med_"):
        house.s3.objects[f"media/{WORKSPACE}/other"] = b""
        house.send(media_id)
    house.clock.run(minutes=1)
    assert house.outcomes == ["gone"] * 3
    assert len(house.s3.objects) == 1


def test_a_lease_outlasts_the_function() -> None:
    assert LEASE.total_seconds() > 900
