"""What posts asked for is made, once, whatever breaks; or says why it cannot be."""

from datetime import timedelta
from pathlib import Path

import pytest

from punctual.media.recipes import THUMBNAIL, Recipe
from punctual.media.renditions import Rendition
from punctual.messages import MediaMessage
from tests.integration.media.keeping import PICTURE, WORKSPACE, House, PaperWorkshop
from tests.integration.moved_clock import Killed

SMALL = Recipe(kind="image", type="image/jpeg", max_width=100)
WEBP = Recipe(kind="image", type="image/webp")
IMPOSSIBLE = Recipe(kind="image", type="image/jpeg", max_bytes=1)


def ask(house: House, media_id: str, *recipes: Recipe, send: bool = True) -> None:
    for recipe in recipes:
        house.renditions.ask(WORKSPACE, media_id, recipe)
    if send:
        house.send(media_id)


def made(house: House, media_id: str, recipe: Recipe) -> Rendition:
    return house.renditions.get_all(WORKSPACE, [(media_id, recipe.key)])[(media_id, recipe.key)]


@pytest.mark.parametrize("send", [True, False])
def test_all_that_was_asked_for_is_made_and_counted_also_where_the_message_was_lost(house: House, send: bool) -> None:
    media_id = house.ready()
    updated_at = house.media(media_id).updated_at
    ask(house, media_id, SMALL, WEBP, send=send)
    house.clock.run(minutes=3)
    assert {each.status for each in house.made(media_id)} == {"ready"}
    found = made(house, media_id, WEBP)
    assert found.facts
    assert (found.facts.type, house.s3.types[found.path]) == ("image/webp", "image/webp")
    assert house.s3.objects[found.path] == b"made of " + PICTURE
    assert set(house.objects(media_id)) == {"original", THUMBNAIL.key, SMALL.key, WEBP.key}
    assert house.media(media_id).bytes_held == house.stored_bytes() == sum(map(len, house.objects(media_id).values()))
    assert house.media(media_id).updated_at == updated_at, "nobody need know"
    assert house.is_at_rest()


def test_what_cannot_be_made_says_why_and_keeps_no_other_from_being_made(house: House) -> None:
    media_id = house.ready()
    ask(house, media_id, IMPOSSIBLE, SMALL)
    house.clock.run(minutes=3)
    refusal = made(house, media_id, IMPOSSIBLE).refusal
    assert refusal
    assert refusal.code == "cannot_fit"
    assert made(house, media_id, SMALL).status == "ready"
    assert IMPOSSIBLE.key not in house.objects(media_id)
    assert house.media(media_id).status == "ready"
    assert house.is_at_rest()


def test_what_takes_longer_than_one_message_goes_on_with_the_next(house: House) -> None:
    media_id = house.ready()
    house.tending = house.worker(PaperWorkshop(house.clock, seconds=130))
    ask(house, media_id, *(Recipe(kind="image", type="image/jpeg", max_width=each) for each in range(1, 6)))
    before = len(house.outcomes)
    house.clock.run(minutes=20)
    assert {each.status for each in house.made(media_id)} == {"ready"}
    assert {each.tries for each in house.made(media_id)} == {1}
    assert len(house.outcomes) - before >= 3


def test_a_rendition_that_kills_its_workers_is_refused_after_three_and_made_anew_when_asked_for_again(
    house: House,
) -> None:
    media_id = house.ready()
    left = [3]

    class Deadly(PaperWorkshop):
        def render(self, *given: object) -> object:  # type: ignore[override]
            left[0] -= 1
            if left[0] >= 0:
                raise Killed
            return super().render(*given)  # type: ignore[arg-type]

    house.tending = house.worker(Deadly(house.clock))  # type: ignore[arg-type]
    ask(house, media_id, SMALL)
    house.clock.run(hours=2)
    refusal = made(house, media_id, SMALL).refusal
    assert refusal
    assert refusal.code == "too_costly"
    assert house.media(media_id).status == "ready"
    assert house.is_at_rest()
    ask(house, media_id, SMALL)
    house.clock.run(minutes=2)
    assert made(house, media_id, SMALL).status == "ready"


def test_messages_that_come_more_than_once_make_nothing_twice(house: House) -> None:
    media_id = house.ready()
    house.sqs.deliver_times = 3
    renders = house.workshop.renders
    ask(house, media_id, SMALL, WEBP)
    house.clock.run(minutes=3)
    assert house.workshop.renders - renders == 2


def test_of_two_at_once_each_makes_what_the_other_does_not(house: House) -> None:
    media_id = house.ready()
    renders = []

    class Watched(PaperWorkshop):
        def render(self, path: Path, recipe: Recipe, *given: object) -> object:  # type: ignore[override]
            renders.append(recipe.key)
            if len(renders) == 1:
                house.send(media_id)
                house.clock.run(seconds=30)
            return super().render(path, recipe, *given)  # type: ignore[arg-type]

    house.tending = house.worker(Watched(house.clock))  # type: ignore[arg-type]
    ask(house, media_id, SMALL, WEBP)
    house.clock.run(minutes=3)
    assert sorted(renders) == sorted([SMALL.key, WEBP.key])
    assert house.stored_bytes() == sum(map(len, house.objects(media_id).values()))


def test_what_is_made_of_a_media_that_ends_meanwhile_is_counted_nowhere_and_goes(house: House) -> None:
    media_id = house.ready()

    class Interrupted(PaperWorkshop):
        def render(self, *given: object) -> object:  # type: ignore[override]
            house.delete(media_id)
            return super().render(*given)  # type: ignore[arg-type]

    house.tending = house.worker(Interrupted(house.clock))  # type: ignore[arg-type]
    ask(house, media_id, SMALL)
    house.clock.run(seconds=60)
    assert (SMALL.key in house.objects(media_id), house.stored_bytes()) == (True, 0)
    house.clock.run(hours=2)
    assert (house.rows(media_id), house.objects(media_id), house.stored_bytes()) == ([], {}, 0)


def test_a_rendition_of_an_original_that_is_gone_is_refused(house: House) -> None:
    media_id = house.ready()
    del house.s3.objects[house.media(media_id).original]
    ask(house, media_id, SMALL)
    house.clock.run(minutes=2)
    refusal = made(house, media_id, SMALL).refusal
    assert refusal
    assert refusal.code == "empty"


def test_what_is_asked_for_of_a_media_that_is_gone_is_forgotten(house: House) -> None:
    media_id = f"med_{26 * '0'}"
    house.renditions.ask(WORKSPACE, media_id, SMALL)
    house.clock.run(minutes=3)
    assert house.rows(media_id) == []


def test_what_dead_workers_left_on_the_disk_is_removed_and_what_the_living_have_is_not(house: House) -> None:
    dead = house.disk / "punctual-media-dead"
    dead.mkdir()
    (dead / "original").write_bytes(b"5 GB")
    media_id = house.ready()
    assert not dead.exists()
    seen = []

    class Watched(PaperWorkshop):
        def render(self, path: Path, *given: object) -> object:  # type: ignore[override]
            if not seen:
                seen.append(path)
                house.send(media_id)
                house.clock.run(seconds=30)
                assert path.exists()
            return super().render(path, *given)  # type: ignore[arg-type]

    house.tending = house.worker(Watched(house.clock))  # type: ignore[arg-type]
    ask(house, media_id, SMALL, WEBP)
    house.clock.run(minutes=3)
    assert {each.status for each in house.made(media_id)} == {"ready"}
    assert list(house.disk.glob("punctual-media-*")) == []


def test_nothing_is_begun_late(house: House) -> None:
    media_id = house.ready()
    ask(house, media_id, SMALL, send=False)
    renders = house.workshop.renders
    message = house.sqs.sent[-1]
    house.tending.advance(MediaMessage(**message), house.clock.now() - timedelta(seconds=1))
    assert house.workshop.renders == renders
