"""A page costs the same among few posts and among many, by whichever filter: nothing scans."""

from functools import cache

import pytest

from tests.benchmarks.lists.__main__ import compared
from tests.benchmarks.lists.filling import SINGLE, TOGETHER
from tests.benchmarks.lists.reading import LIMIT, Cost, Workspace
from tests.template import ROOT

FEW, MANY = 200, 2_000
FILTERS = {**SINGLE, **TOGETHER}
READ_UNITS = {"time": 6.5, "status": 51.0, "channel_id": 51.5, "provider": 51.5, "label": 51.0, "external_id": 51.0}
"""A promise, as the price of a post is: whoever makes a page dearer changes them here, and in docs/decisions.md."""


@cache
def workspace(count: int) -> Workspace:
    return Workspace(count)


@pytest.mark.parametrize("oldest_first", [True, False])
@pytest.mark.parametrize("by", [*SINGLE, "label, status"])
def test_first_middle_and_last_pages_cost_the_same_among_few_and_many(by: str, oldest_first: bool) -> None:
    few, many = (workspace(count).pages(FILTERS[by], oldest_first=oldest_first) for count in (FEW, MANY))
    assert len(few) < len(many)
    assert compared(few) == compared(many)


@pytest.mark.parametrize("by", SINGLE)
def test_a_page_by_one_filter_is_one_query_of_as_many_entries_as_it_shows(by: str) -> None:
    """And one batch for their posts, where the index does not hold them."""
    pages = workspace(MANY).pages(SINGLE[by])
    assert sum(cost.posts for cost in pages) == (MANY if by == "time" else MANY / 2)
    for cost in pages[:-1]:
        assert (cost.posts, cost.queries, cost.examined) == (LIMIT, 1, LIMIT)
        assert (cost.batches, cost.fetched) == ((0, 0) if by == "time" else (1, LIMIT))
        assert (cost.read_units, cost.others) == (READ_UNITS[by], 0)
    assert pages[-1] == Cost(queries=1, read_units=0.5)


def test_a_page_by_filters_that_nothing_fits_ends_after_five_queries() -> None:
    pages = workspace(MANY).pages(TOGETHER["label, status (none)"])
    assert [(cost.posts, cost.queries, cost.examined) for cost in pages] == [(0, 5, 250)] * 4 + [(0, 1, 0)]


def test_the_price_of_a_page_is_written_down() -> None:
    decisions = (ROOT / "docs/decisions.md").read_text()
    for units in READ_UNITS.values():
        assert f"{units:g} read units" in decisions
