"""Whoever tends a media dies once, before or after anything it does: the same comes of it, nothing is left over."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from punctual.media.recipes import Recipe
from tests.integration.killing import Fate, Fated, When
from tests.integration.media.keeping import PICTURE, WORKSPACE, House

SMALL = Recipe(kind="image", type="image/jpeg", max_width=100)
IMPOSSIBLE = Recipe(kind="image", type="image/jpeg", max_bytes=1)


def picture(house: House) -> str:
    return house.upload(PICTURE)


def picture_of_a_place(house: House) -> str:
    return house.upload(b"a picture of here")


def broken(house: House) -> str:
    return house.upload(b"broken")


def renditions(house: House) -> str:
    media_id = house.ready()
    for recipe in (SMALL, IMPOSSIBLE):
        house.renditions.ask(WORKSPACE, media_id, recipe)
    house.send(media_id)
    return media_id


def deleted(house: House) -> str:
    media_id = house.ready()
    house.delete(media_id)
    return media_id


def given_back(house: House) -> str:
    media_id = house.ready()
    house.delete(media_id)
    house.use(media_id, f"post_{26 * '0'}")
    return media_id


def unused(house: House) -> str:
    media_id = house.ready()
    house.library.change(house.media(media_id), unused_since=house.later(days=-30), next_at=house.clock.now())
    return media_id


def abandoned(house: House) -> str:
    media = house.library.new(WORKSPACE, status="uploading", declared_bytes=9, bytes_held=9, next_at=house.clock.now())
    upload = house.s3.create_multipart_upload(Bucket="MediaBucket", Key=media.received, ContentType="image/jpeg")
    house.library.store(media, beside=house.storage.admitting(WORKSPACE, 9))
    house.library.change(media, created_at=house.later(days=-2), upload_id=upload["UploadId"])
    house.known.add(media.id)
    return media.id


STORIES: dict[Callable[[House], str], str] = {
    picture: "ready",
    picture_of_a_place: "ready",
    broken: "refused",
    renditions: "ready",
    deleted: "gone",
    given_back: "ready",
    unused: "expired",
    abandoned: "refused",
}
"""And how each ends."""


def told(disk: Path, story: Callable[[House], str], fate: Fate) -> dict[str, Any]:
    """What is left of it hours later, without its id."""
    disk.mkdir()
    house = House(disk, sweep_seconds=240)
    media_id = story(house)
    house.wrap = lambda _, client: Fated(client, fate)
    house.tending = house.worker()
    house.clock.run(hours=3)
    found = house.library.get(WORKSPACE, media_id)
    assert house.is_at_rest(), fate.died_in
    objects = house.objects(media_id)
    held = found.bytes_held if found else 0
    assert held == house.stored_bytes() == sum(map(len, objects.values())), fate.died_in
    assert not house.s3.uploads
    made = {each.key: (each.status, each.facts, each.refusal) for each in house.made(media_id)}
    fields = ("status", "facts", "refusal", "upload_id", "tries", "busy_until")
    row = {name: getattr(found, name) for name in fields} if found else {"status": "gone"}
    return {"row": row, "objects": objects, "made": made}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_worker_that_dies_anywhere_changes_nothing(tmp_path: Path, story: Callable[[House], str], when: When) -> None:
    wanted = told(tmp_path / "0", story, whole := Fate(at=0, when=when))
    assert wanted["row"]["status"] == STORIES[story]
    for at, name in enumerate(whole.names, 1):
        fate = Fate(at=at, when=when)
        assert told(tmp_path / str(at), story, fate) == wanted, f"{when} call {at}, {name}"
        assert fate.died_in == name
