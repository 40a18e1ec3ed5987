"""Every event that a change can make is of a known type, with data as its type says; and no secret is in any."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from typing_extensions import get_type_hints

from local.event_types import PAGE, rewritten
from punctual.events import kinds
from punctual.events.changes import Change
from punctual.events.types import EVENT_TYPES, NEVER_IN_FEED
from punctual.states import DeliveryStatus, PostStatus
from punctual.tables import Item
from tests.unit.events.rows import AT, MARK, SECRET, calendar, channel, delivery, media, post, workspace

MADE_BY_WHO_CHANGES = ("key.", "webhook.")
"""What does not live in the work table."""
RISKS = st.lists(st.sampled_from(["limited", "paused"]), unique=True, max_size=2).map(tuple)
TIMES = st.sampled_from([None, "2027-01-31T09:00:00.000Z", "2027-01-31T10:00:00.000Z"])
ROWS: dict[str, st.SearchStrategy[Item]] = {
    "post": st.builds(post, st.sampled_from([*PostStatus]), rev=st.integers(1, 3), risks=RISKS),
    "delivery": st.builds(
        delivery,
        st.sampled_from([*DeliveryStatus]),
        live=st.integers(0, 3),
        deleted=st.sampled_from([(), (2,), (0, 1)]),
    ),
    "channel": st.builds(
        channel,
        st.sampled_from(["active", "reconnect_required", "disconnected"]),
        grant_id=st.sampled_from([None, "grt_1", "grt_2"]),
        token_expiring_since=TIMES,
        min_gap_seconds=st.integers(0, 1),
    ),
    "media": st.builds(
        media,
        st.sampled_from(["uploading", "importing", "probing", "ready", "refused", "expired", "deleted"]),
        updated_at=st.sampled_from([AT, AT.replace(hour=11)]),
    ),
    "workspace": st.builds(workspace, paused_at=TIMES),
    "calendar": st.builds(calendar, revoked_at=TIMES),
}
JUNK = st.sampled_from([None, SECRET, 1, 1.5, True, [], [SECRET], {}, {"code": 1}, [{"platform_id": 1}], [None]])


class Left:
    """A table in which every row is there, and says whose it is."""

    def get(self, key: Item) -> Item:
        return {**key, "rev": 2, "acted": MARK}


def made(sequence: list[Item | None], *, is_expiry: bool = False) -> list[tuple[str, Any]]:
    """The events of one item that becomes one after the other; None: it is gone, and nothing follows."""
    found: list[tuple[str, Any]] = []
    before: Item | None = None
    for after in sequence:
        row = after or before
        if row is None:
            continue
        kind = kinds.of(row)
        assert kind
        change = Change(pk=row["pk"], sk=row["sk"], at=AT, old=before, new=after, is_expiry=is_expiry and not after)
        was, now = (kind.facts(each) if each else None for each in (before, after))
        json.dumps([was, now], allow_nan=False)
        table: Any = Left()
        found += [(said.type, said.data) for said in kind.changed(was, now, change, table)]
        before = after
    return found


@pytest.mark.parametrize("kind", ROWS)
@settings(max_examples=25, deadline=None, database=None)
@given(data=st.data())
def test_every_event_is_known_and_says_what_its_type_says_and_no_secret(kind: str, data: st.DataObject) -> None:
    sequence = data.draw(st.lists(st.none() | ROWS[kind], min_size=1, max_size=6))
    for name, told in made(sequence, is_expiry=data.draw(st.booleans())):
        shape = EVENT_TYPES[name].data
        assert set(told) == set(get_type_hints(shape))
        TypeAdapter(shape).validate_python(told, strict=True)
        assert SECRET not in json.dumps(told)


@pytest.mark.parametrize("kind", ROWS)
@settings(max_examples=25, deadline=None, database=None)
@given(data=st.data())
def test_a_row_that_lacks_anything_or_holds_anything_keeps_no_other_waiting(kind: str, data: st.DataObject) -> None:
    def broken(row: Item) -> Item:
        names = sorted(row.keys() - {"pk", "sk"})
        gone = data.draw(st.sets(st.sampled_from(names)))
        junk = data.draw(st.dictionaries(st.sampled_from(names), JUNK, max_size=4))
        return {name: value for name, value in {**row, **junk}.items() if name not in gone}

    sequence = [broken(data.draw(ROWS[kind])) for _ in range(3)]
    found = made([*sequence, None])
    json.dumps(found)
    assert {name for name, _ in found} <= EVENT_TYPES.keys()


@pytest.mark.parametrize("row", [post(), delivery(), channel(), media(), workspace(), calendar()])
def test_a_row_with_nothing_but_its_key_is_told_of_without_a_fault(row: Item) -> None:
    assert {name for name, _ in made([{"pk": row["pk"], "sk": row["sk"]}, None])} <= EVENT_TYPES.keys()


@pytest.mark.parametrize("row", [delivery(live=1), post(risks=("limited",))])
def test_a_list_that_holds_anything_is_told_of_without_what_it_should_not_hold(row: Item) -> None:
    lists = {name: [None, 1, SECRET] for name, value in row.items() if isinstance(value, list)}
    assert SECRET not in json.dumps(made([{**row, **lists}, None]))


def test_every_type_but_those_of_other_tables_comes_of_some_change() -> None:
    sequences: list[list[Item | None]] = [
        [post("DRAFT"), post(), post(rev=2), post(rev=2, risks=("limited",)), post(rev=2), None],
        [post(), *(post(status) for status in PostStatus)],
        [delivery("DRAFT"), *(delivery(status) for status in DeliveryStatus), None],
        [delivery("PUBLISHING"), delivery("COMPLETED", live=2), delivery("COMPLETED", live=2, deleted=(1,))],
        [channel(), channel("disconnected"), channel(), channel(token_expiring_since="t1"), channel(min_gap_seconds=1)],
        [channel(), None],
        *[[media(), media(status)] for status in ("ready", "refused", "expired", "deleted")],
        [media("ready"), media("ready", updated_at=AT.replace(hour=12))],
        [workspace(paused_at="t1"), workspace()],
        [calendar(), None],
    ]
    found = {name for sequence in sequences for name, _ in made(sequence)}
    found |= {name for name, _ in made([post("COMPLETED"), None], is_expiry=True)}
    others = {name for name in EVENT_TYPES if name.startswith(MADE_BY_WHO_CHANGES)}
    assert found == EVENT_TYPES.keys() - others
    assert NEVER_IN_FEED.issubset(others)


@pytest.mark.parametrize("each", EVENT_TYPES.values(), ids=lambda each: each.name)
def test_a_type_says_what_it_means_and_has_a_schema(each: Any) -> None:
    assert each.description.endswith(".")
    assert TypeAdapter(each.data).json_schema()["type"] == "object"


def test_the_page_that_lists_them_is_what_the_registry_says() -> None:
    assert rewritten(PAGE.read_text()) == PAGE.read_text(), "run `make docs`"
