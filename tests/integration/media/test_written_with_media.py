"""Posts with media as clients write them, to what readers see: judged, made fit, carried, and published."""

from typing import Any

from punctual.drafts import PostChange
from punctual.media.library import Media
from punctual.states import DeliveryStatus
from tests.integration.world import World
from tests.shelves import BUCKET, PNG, facts_of, filled

JPEG = b"\xff\xd8\xff\xe0"


def made_fit(world: World, media: Media, content: bytes) -> None:
    """What the processor does with the one copy that was asked for."""
    (pending,) = world.renditions.of(world.workspace_id, media.id)
    world.files.s3.put_object(Bucket=BUCKET, Key=pending.path, Body=content)
    world.renditions.settle(pending, facts=facts_of(content, kind="image", type=pending.recipe.type))


def shown(world: World) -> list[list[tuple[str, str]]]:
    """Of each post, the oldest first: sums of its files, and their descriptions."""
    posts: list[dict[str, Any]] = list(reversed(world.timeline()))
    return [[(file["sha256"], file["alt_text"]) for file in post["media"]] for post in posts]


def sum_of(content: bytes) -> str:
    return facts_of(content, kind="image", type="image/png").sha256


def test_what_was_written_is_what_readers_see_part_by_part(world: World) -> None:
    channel, fit = world.connect("ada", lifetime="86400"), filled(JPEG, 700)
    turned = world.files.ready(world.workspace_id, filled(PNG, 900), type="image/heic")
    plain = world.files.ready(world.workspace_id, filled(PNG, 800))
    written = world.post(
        "", channel, in_minutes=30, media=[{"id": turned.id, "alt_text": "A harbour"}, {"id": plain.id}],
        thread=[{"media": [{"id": plain.id, "alt_text": "A ship"}]}],
    )  # fmt: skip
    made_fit(world, turned, fit)
    world.clock.run(minutes=31)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    png = sum_of(filled(PNG, 800))
    assert shown(world) == [[(sum_of(fit), "A harbour"), (png, "")], [(png, "A ship")]]


def test_a_change_of_media_is_what_goes_out(world: World) -> None:
    channel = world.connect("ada", lifetime="86400")
    first, second = (world.files.ready(world.workspace_id, filled(PNG, size)) for size in (800, 900))
    written = world.post("Look", channel, in_minutes=30, media=[{"id": first.id}])
    world.writing.edit(world.workspace_id, written.post.id, PostChange.model_validate({"media": [{"id": second.id}]}))
    kept = world.post("Text alone", channel, in_minutes=31, media=[{"id": first.id}])
    world.writing.edit(world.workspace_id, kept.post.id, PostChange.model_validate({"media": None}))
    world.clock.run(minutes=33)
    assert shown(world) == [[(sum_of(filled(PNG, 900)), "")], []]


def test_a_copy_that_comes_late_is_waited_for(world: World) -> None:
    channel, fit = world.connect("ada", lifetime="86400"), filled(JPEG, 700)
    turned = world.files.ready(world.workspace_id, filled(PNG, 900), type="image/heic")
    written = world.post("Look", channel, in_minutes=5, media=[{"id": turned.id}])
    world.clock.run(minutes=6)
    assert world.delivery(written).status in (DeliveryStatus.SCHEDULED, DeliveryStatus.READY)
    made_fit(world, turned, fit)
    world.clock.run(minutes=3)
    assert (world.delivery(written).status, shown(world)) == (DeliveryStatus.COMPLETED, [[(sum_of(fit), "")]])
