"""What is asked for is made once, whoever asks, and again only where that may help."""

from datetime import timedelta

import pytest

from punctual import due
from punctual.media.facts import Facts
from punctual.media.library import Refusal
from punctual.media.recipes import THUMBNAIL, Recipe
from punctual.media.renditions import Rendition, Renditions
from punctual.tables import ConditionFailed, Table, transact
from tests.integration.moved_clock import MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.template import create_tables

WORKSPACE, MEDIA = "ws_A", "med_A"
FACTS = Facts(kind="image", type="image/jpeg", bytes=7, sha256="ab", width=4, height=3)
SMALL = Recipe(kind="image", type="image/jpeg", max_bytes=1000)


class Asked:
    def __init__(self) -> None:
        self.clock = MovedClock()
        self.memory = MemoryDynamoDB(clock=lambda: self.clock.now().timestamp())
        create_tables(self.memory)
        self.table = Table(self.memory, "WorkTable")
        self.renditions = Renditions(self.table, self.clock.now)

    def ask(self, recipe: Recipe = SMALL) -> Rendition:
        return self.renditions.ask(WORKSPACE, MEDIA, recipe)

    def overdue(self) -> list[str]:
        shard = due.clock(MEDIA, self.clock.now())["due_shard"]
        return [item.sk for item in due.overdue(self.table, shard, self.clock.now(), 10)]


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_what_was_asked_for_before_is_the_same(asked: Asked) -> None:
    first = asked.ask()
    begun = asked.renditions.begin(first, asked.clock.now())
    assert asked.ask() == begun
    made = asked.renditions.settle(begun, facts=FACTS)
    assert asked.ask() == made
    assert asked.renditions.of(WORKSPACE, MEDIA) == [made]
    assert asked.renditions.get_all(WORKSPACE, [(MEDIA, SMALL.key)]) == {(MEDIA, SMALL.key): made}


def test_a_media_has_its_own_renditions_only(asked: Asked) -> None:
    found = [asked.ask(recipe) for recipe in (SMALL, THUMBNAIL)]
    asked.renditions.ask(WORKSPACE, f"{MEDIA}B", SMALL)
    asked.renditions.ask("ws_B", MEDIA, SMALL)
    assert {each.key for each in asked.renditions.of(WORKSPACE, MEDIA)} == {each.key for each in found}
    asked.renditions.remove(found[0])
    asked.renditions.remove(found[0])
    assert asked.renditions.of(WORKSPACE, MEDIA) == found[1:]


def test_it_is_overdue_until_somebody_begins_and_again_when_that_one_had_its_time(asked: Asked) -> None:
    seen = asked.ask()
    sk = f"rendition#{MEDIA}#{SMALL.key}"
    assert asked.overdue() == [sk]
    begun = asked.renditions.begin(seen, asked.clock.now() + timedelta(minutes=16))
    assert asked.overdue() == []
    asked.clock.sleep(16 * 60)
    assert asked.overdue() == [sk]
    asked.renditions.settle(begun, facts=FACTS)
    assert asked.overdue() == []


def test_of_two_one_begins_and_one_settles(asked: Asked) -> None:
    seen = asked.ask()
    begun = asked.renditions.begin(seen, asked.clock.now())
    assert begun.tries == 1
    for late in (lambda: asked.renditions.begin(seen, asked.clock.now()), lambda: asked.renditions.settle(seen)):
        with pytest.raises(ConditionFailed):
            late()
    transact(asked.memory, [asked.renditions.settling(begun, facts=FACTS)])
    with pytest.raises(ConditionFailed):
        transact(asked.memory, [asked.renditions.settling(begun, facts=FACTS)])


@pytest.mark.parametrize(("code", "status"), [("cannot_fit", "failed"), ("too_costly", "pending")])
def test_one_that_failed_is_tried_again_where_the_reason_may_have_passed(asked: Asked, code: str, status: str) -> None:
    begun = asked.renditions.begin(asked.ask(), asked.clock.now())
    failed = asked.renditions.settle(begun, refusal=Refusal(code=code, message="No."))
    assert (failed.status, asked.overdue()) == ("failed", [])
    found = asked.ask()
    assert (found.status, found.tries) == (status, 0 if status == "pending" else 1)
    assert bool(asked.overdue()) == (status == "pending")
