"""The storm's own test: with a rule taken out of Punctual, it must break. Checks that cannot fail prove nothing."""

import os

import pytest

from tests.chaos.sabotage import ALL
from tests.chaos.storm import run

QUICKLY_NOTICED = ("blind_retry", "no_sending", "send_nothing")
NAMES = sorted(ALL) if os.environ.get("STORMS") == "all" else QUICKLY_NOTICED
"""`make storms`, which CI runs, takes all of them."""

EXPECTED = {"send_nothing": "lost", "told_apart": "events", "records_skipped": "events"}
FIRST, MOST = 3, 12
"""Storms that are tried; the honest Punctual passes them all."""


@pytest.mark.parametrize("name", NAMES)
def test_a_storm_notices(name: str) -> None:
    expected = EXPECTED.get(name, "doubled")
    for seed in range(FIRST, FIRST + MOST):
        if any(violation.rule.startswith(expected) for violation in run(seed, name).violations):
            return
    pytest.fail(f"nobody noticed {name}")
