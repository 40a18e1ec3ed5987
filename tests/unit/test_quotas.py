"""What counts towards a platform's limit: what went out, or may have, and what goes out before."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from punctual.clock import to_text
from punctual.deliveries import Deliveries
from punctual.providers.base import Cap
from punctual.quotas import Before, usage

AT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CAP = Cap(posts=2, seconds=3600)
MINE = Before(channel_id="chn_1", post_id="post_5", due_at=AT - 10 * timedelta(minutes=1))


class Rows:
    def __init__(self, *rows: dict[str, Any]):
        self.rows = rows

    def sent_on(self, channel_id: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
        return [row for row in self.rows if to_text(since) <= row["channel_order"] <= f"{to_text(until)}#~"]


def row(minutes_ago: float, status: str = "COMPLETED", post: str = "post_1", **more: Any) -> dict[str, Any]:
    due_at = to_text(AT - timedelta(minutes=minutes_ago))
    return {"pk": post, "status": status, "channel_order": f"{due_at}#{post}", **more}


def used(*rows: dict[str, Any]) -> int:
    return usage(cast("Deliveries", Rows(*rows)), CAP, MINE, AT).used


@pytest.mark.parametrize(
    ("status", "counts"), [("COMPLETED", 1), ("PARTIAL", 1), ("UNCONFIRMED", 1), ("ERROR", 0), ("CANCELLED", 0)]
)
def test_what_went_out_or_may_have_counts(status: str, counts: int) -> None:
    assert used(row(5, status)) == counts


def test_what_goes_out_later_does_not_count_though_this_one_is_late() -> None:
    assert used(row(11, "SCHEDULED")) == 1
    assert used(row(9, "SCHEDULED")) == 0


def test_the_post_itself_does_not_count() -> None:
    assert used(row(10, "PARTIAL", post="post_5")) == 0


def test_what_was_late_counts_from_when_it_was_made() -> None:
    assert used(row(61)) == 0
    assert used(row(61, completed_at=to_text(AT - HOUR / 2))) == 1


def test_there_is_room_when_as_many_are_left_as_the_limit_allows_less_one() -> None:
    found = usage(cast("Deliveries", Rows(row(50), row(40), row(30))), CAP, MINE, AT)
    assert (found.used, found.resets_at) == (3, AT + HOUR / 6)
    assert found.free_at == AT + HOUR / 3
    assert usage(cast("Deliveries", Rows(row(50))), CAP, MINE, AT).free_at is None
