"""What `make repair-events` asks for, and says."""

from typing import Any

import pytest

from local.repairing import repair
from tests.unit.test_resealing_command import Lambda, stack

FIGURES = {"read": 1200, "gone": 3, "told": 45, "begun_at": "8:00", "ended_at": None, "lost_before": "7:59"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"phase": None}, "Within two minutes"),
        ({"phase": None, "ended_at": "8:05"}, "began 8:00 and ended 8:05: 1200 items, 3 gone, 45 events.\nWithin"),
        ({"phase": "baseline"}, "being noted"),
        ({"phase": "table"}, "1200 items so far, 45 events"),
        ({"phase": "told"}, "3 are there no more"),
    ],
)
def test_a_repair_is_asked_for_and_says_how_far_it_is(answer: dict[str, Any], said: str) -> None:
    functions = Lambda({**FIGURES, **answer})
    assert said in repair(stack(functions))
    assert functions.asked == [{"repair": True}]
