"""A short run of each kind: `make chaos-webhooks` is the long one."""

import pytest

from tests.chaos_webhooks.sabotage import ALL
from tests.chaos_webhooks.scene import run

EVENTS, CLOCK_SECONDS, SEED = 30, 7200, 1


def test_every_healthy_endpoint_gets_every_event_and_the_bad_ones_their_end() -> None:
    report = run(SEED, EVENTS, clock=CLOCK_SECONDS)
    assert report.violations == []
    assert report.counts["deaths"] > 10
    assert report.counts["disabled: failing"] == 3
    assert report.counts["disabled: gone"] == 1


@pytest.mark.parametrize(("name", "expected"), [("position_first", "misses"), ("other_bytes", "did not verify")])
def test_a_rule_that_is_taken_out_is_noticed(name: str, expected: str) -> None:
    report = run(SEED, EVENTS, healthy_only=True, clock=CLOCK_SECONDS, sabotage=ALL[name])
    assert [each for each in report.violations if expected in each]
