"""Whose request a change was, as far as that can be known: of one write always, of what may be several nobody's."""

import pytest

from punctual import acting
from tests.integration.events.test_telling_from_the_table import WORKSPACE, Teller

ACTOR = acting.Actor(key_id="key_1", request_id="id/with=anything")


@pytest.fixture
def teller() -> Teller:
    return Teller()


def mark() -> dict[str, str]:
    with acting.acting(ACTOR):
        return acting.mark()


def told(teller: Teller) -> list[tuple[str, acting.Actor | None]]:
    return [(each.type, each.actor) for each in teller.feed.read(WORKSPACE, None, 100).events]


def test_two_marks_of_one_request_differ_and_say_the_same() -> None:
    first, second = mark()["acted"], mark()["acted"]
    assert first != second
    assert acting.read(first) == acting.read(second) == ACTOR


def test_of_a_change_that_shows_alone_in_the_table_nobody_is_named(teller: Teller) -> None:
    """Another write may have made it, and the request one that shows no more."""
    teller.write("SCHEDULED")
    teller.tell_records()
    publishing = teller.write("PUBLISHING")
    item = {**publishing, "note": "by a request that is worth no event", **mark()}
    teller.work.put(item)
    teller.stream.records.clear()
    teller.telling.tell([teller.read(item)])
    assert told(teller) == [("post.scheduled", None), ("post.publishing", None)]


def test_of_several_changes_told_from_the_table_nobody_is_named(teller: Teller) -> None:
    item = {**teller.write("COMPLETED"), **mark()}
    teller.work.put(item)
    teller.telling.tell([teller.read(item)])
    assert told(teller) == [("post.scheduled", None), ("post.completed", None)]


def test_all_that_one_write_makes_is_whose_it_was(teller: Teller) -> None:
    """A thread whose part a person found, but nobody knows what the rest would answer."""
    row = {"pk": "post_1", "sk": "delivery#dlv_1", "workspace_id": WORKSPACE, "rev": 1}
    teller.work.put({**row, "status": "UNCONFIRMED"})
    teller.tell_records()
    before = len(told(teller))
    teller.work.put({**row, "status": "PARTIAL", "live": [{"platform_id": "1"}], **mark()})
    teller.tell_records()
    assert told(teller)[before:] == [("delivery.part_published", ACTOR), ("delivery.partial", ACTOR)]


def test_a_mark_that_was_told_names_nobody_again(teller: Teller) -> None:
    marked = mark()
    item = {**teller.write("SCHEDULED"), **marked}
    teller.work.put(item)
    teller.tell_records()
    teller.work.put({**item, "status": "PUBLISHING"})
    teller.tell_records()
    assert told(teller)[-1] == ("post.publishing", None)


def test_where_a_record_before_it_was_lost_a_record_names_nobody_for_several(teller: Teller) -> None:
    row = {"pk": "post_1", "sk": "delivery#dlv_1", "workspace_id": WORKSPACE, "rev": 1}
    teller.work.put({**row, "status": "PUBLISHING"})
    teller.tell_records()
    before = len(told(teller))
    teller.work.put({**row, "status": "PUBLISHING", "live": [{"platform_id": "1"}]})
    teller.stream.records.clear()
    teller.work.put({**row, "status": "CANCELLED", "live": [{"platform_id": "1"}], **mark()})
    teller.tell_records()
    assert told(teller)[before:] == [("delivery.part_published", None), ("delivery.cancelled", None)]


def test_what_is_told_before_its_post_is_whose_it_was_where_its_own_record_is_at_hand(teller: Teller) -> None:
    """One request cancels both, and the post's record comes first."""
    post = teller.write("SCHEDULED")
    row = {"pk": "post_1", "sk": "delivery#dlv_1", "workspace_id": WORKSPACE, "rev": 1}
    teller.work.put({**row, "status": "SCHEDULED"})
    teller.tell_records()
    before = len(told(teller))
    teller.work.put({**post, "status": "CANCELLED", **mark()})
    teller.work.put({**row, "status": "CANCELLED", **mark()})
    teller.tell_records()
    assert told(teller)[before:] == [("delivery.cancelled", ACTOR), ("post.cancelled", ACTOR)]
