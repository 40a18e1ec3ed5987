"""Some hundred deliveries through storms, twice as many in `make storms`; `make chaos` sends ten thousand."""

import os

import pytest

from tests.chaos.report import Total
from tests.chaos.storm import run

STORMS = range(100, 111 if os.environ.get("STORMS") == "all" else 103)


@pytest.mark.parametrize("seed", STORMS)
def test_a_storm_loses_nothing_and_doubles_nothing(seed: int) -> None:
    report = run(seed)
    assert report.deliveries > 10, "a restored table may have lost many, not all of them"
    assert not report.violations, _told(seed)


def test_a_seed_is_one_storm() -> None:
    first, again = run(102), run(102)
    assert (first.states, first.faults) == (again.states, again.faults)


def _told(seed: int) -> str:
    total, lines = Total(), [f"python -m tests.chaos --only {seed}"]
    total.add(run(seed))
    total.tell(lines.append)
    return "\n".join(lines)
