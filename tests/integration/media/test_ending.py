"""How a media ends: its upload never came, nobody needs it, or somebody deleted it. Nothing of it is left, nothing that
a post needs is lost."""

from datetime import timedelta
from pathlib import Path

import pytest

from punctual.media.ending import FORGET_AFTER, KEPT
from punctual.media.uploads import FORM_LASTS, PARTS_LAST
from punctual.states import ENDED, PostStatus
from tests.integration.media.keeping import BUCKET, PICTURE, WORKSPACE, House

POST = "post_01KJ0000000000000000000000"
NEEDING = sorted(set(PostStatus) - ENDED)


def test_a_media_that_no_post_needs_expires_and_says_so_for_a_month(slow_house: House) -> None:
    house, media_id = slow_house, slow_house.ready()
    house.clock.run(days=29)
    assert house.media(media_id).status == "ready"
    assert house.media(media_id).unused_since
    house.clock.run(days=2)
    media = house.media(media_id)
    assert (media.status, house.objects(media_id), house.stored_bytes()) == ("expired", {}, 0)
    assert house.made(media_id) == []
    assert media.facts, "what it was can still be read"
    assert media.expires_epoch
    assert media.expires_epoch - house.clock.now().timestamp() > timedelta(days=28).total_seconds()
    house.clock.run(hours=4)
    assert house.is_at_rest()
    assert len(house.rows(media_id)) == 1


def test_without_a_limit_media_stay(tmp_path: Path) -> None:
    house = House(tmp_path, unused_days=0, sweep_seconds=3600)
    media_id = house.ready()
    house.clock.run(days=100)
    assert house.media(media_id).status == "ready"
    assert house.media(media_id).unused_since


@pytest.mark.parametrize("status", NEEDING)
def test_a_post_that_is_not_over_keeps_its_media(slow_house: House, status: PostStatus) -> None:
    house, media_id = slow_house, slow_house.ready()
    house.use(media_id, POST, status)
    house.clock.run(days=40)
    assert (house.media(media_id).status, house.media(media_id).unused_since) == ("ready", None)


@pytest.mark.parametrize("status", sorted(ENDED - {PostStatus.PARTIAL}))
def test_a_post_that_is_over_keeps_none(slow_house: House, status: PostStatus) -> None:
    house, media_id = slow_house, slow_house.ready()
    house.use(media_id, POST, status)
    house.clock.run(days=31)
    assert house.media(media_id).status == "expired"


def test_the_days_begin_anew_after_a_post(slow_house: House) -> None:
    house, media_id = slow_house, slow_house.ready()
    house.clock.run(days=20)
    house.use(media_id, POST)
    house.clock.run(days=2)
    house.use(media_id, POST, PostStatus.COMPLETED)
    house.clock.run(days=28)
    assert house.media(media_id).status == "ready"
    house.clock.run(days=4)
    assert house.media(media_id).status == "expired"


def test_what_a_post_that_is_gone_left_keeps_nothing_and_goes(slow_house: House) -> None:
    house, media_id = slow_house, slow_house.ready()
    house.use(media_id, POST)
    house.table.delete({"pk": POST, "sk": "post"})
    house.clock.run(days=2)
    assert house.uses.of(WORKSPACE, media_id) == []


def test_a_post_among_many_that_are_over_keeps_it(slow_house: House) -> None:
    house, media_id = slow_house, slow_house.ready()
    for number in range(60):
        status = PostStatus.SCHEDULED if number == 0 else PostStatus.COMPLETED
        house.use(media_id, f"post_01KJ00000000000000000000{number:02}", status)
    house.clock.run(days=2)
    assert house.media(media_id).unused_since is None


@pytest.mark.parametrize("how", ["delete", "expire"])
def test_a_post_that_was_written_at_the_same_moment_gets_its_media_back(slow_house: House, how: str) -> None:
    house, media_id = slow_house, slow_house.ready()
    held = house.stored_bytes()
    if how == "delete":
        house.delete(media_id)
    else:
        while house.media(media_id).status == "ready":
            house.clock.run(hours=1)
    assert house.media(media_id).status == f"{how.removesuffix('e')}ed"
    house.use(media_id, POST)
    house.clock.run(hours=2)
    media = house.media(media_id)
    assert (media.status, media.unused_since) == ("ready", None)
    assert media.bytes_held == house.stored_bytes() == held
    assert "original" in house.objects(media_id)


def test_a_deleted_media_is_there_for_who_saw_it_and_then_gone(house: House) -> None:
    media_id = house.ready()
    house.delete(media_id)
    house.send(media_id)
    house.clock.run(seconds=80)
    assert "original" in house.objects(media_id)
    house.clock.run(seconds=80)
    assert (house.objects(media_id), house.stored_bytes()) == ({}, 0)
    late = house.media(media_id).received
    house.clock.run(minutes=55)
    house.s3.objects[late] = b"under an old form"
    house.clock.run(minutes=20)
    assert (house.rows(media_id), house.objects(media_id)) == ([], {})
    assert house.is_at_rest()


def test_one_that_was_refused_can_be_deleted(house: House) -> None:
    media_id = house.upload(b"broken")
    house.clock.run(minutes=2)
    house.delete(media_id)
    house.clock.run(hours=2)
    assert house.rows(media_id) == []


@pytest.mark.parametrize("lasts", [FORM_LASTS, PARTS_LAST])
def test_an_upload_that_nobody_completed_is_refused_and_its_parts_are_ended(house: House, lasts: timedelta) -> None:
    media = house.library.new(WORKSPACE, status="uploading", declared_bytes=9, bytes_held=9)
    given = {"Bucket": BUCKET, "Key": media.received, "ContentType": "image/jpeg"}
    upload_id = house.s3.create_multipart_upload(**given)["UploadId"] if lasts is PARTS_LAST else None
    house.library.store(media, beside=house.storage.admitting(WORKSPACE, 9))
    house.library.change(media, upload_id=upload_id, next_at=house.clock.now() + lasts + timedelta(minutes=15))
    house.s3.objects[media.received] = PICTURE
    house.send(media.id)
    house.clock.run_until(house.clock.now() + lasts + timedelta(minutes=10))
    assert house.media(media.id).status == "uploading"
    house.clock.run(minutes=10)
    found = house.media(media.id)
    assert found.refusal
    assert (found.status, found.refusal.code) == ("refused", "upload_expired")
    assert (house.objects(media.id), house.stored_bytes(), house.s3.uploads) == ({}, 0, {})


def test_what_is_imported_is_handed_on_to_who_imports(house: House) -> None:
    media = house.library.create(WORKSPACE, status="importing", next_at=house.clock.now())
    house.clock.run(seconds=61)
    assert house.imports.sent == [{"workspace_id": WORKSPACE, "media_id": media.id}]
    house.clock.run(minutes=3)
    assert len(house.imports.sent) == 4, "until the importer moves the clock"


def test_of_two_sweeps_at_once_one_sends_the_message(house: House) -> None:
    house.library.create(WORKSPACE, status="importing", next_at=house.clock.now())
    assert house.sweeping.sweep(10).media == 1
    assert house.sweeping.sweep(10).media == 0
    assert len(house.sqs.sent) == 1


def test_the_second_look_comes_when_no_form_and_no_worker_can_write_any_more() -> None:
    assert FORGET_AFTER > FORM_LASTS
    assert FORGET_AFTER.total_seconds() > 900
    assert KEPT > FORGET_AFTER
