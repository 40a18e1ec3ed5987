"""The refresher's simulation: a short hour keeps the promise, and one that must break it does."""

from dataclasses import replace

import pytest

from punctual.renewing import Renewing
from tests.benchmarks.refreshing.__main__ import AWAY, keeps_promise
from tests.benchmarks.refreshing.platforms import MOODS
from tests.benchmarks.refreshing.prices import of_a_thousand, one_refresh
from tests.benchmarks.refreshing.simulation import LAST_START, LIMIT, WORKERS, Outcome, Setting, simulate
from tests.template import ROOT

SHORT = Setting(grants=300)
TIMEOUT = 55


@pytest.fixture(scope="module")
def hour() -> Outcome:
    return simulate(SHORT)


def test_every_grant_is_refreshed_before_its_end_while_a_fifth_of_all_calls_fails(hour: Outcome) -> None:
    assert keeps_promise(hour)
    failed = sum(hour.far[f"calls answered with {mood}"] for mood in MOODS)
    assert 0.1 < failed / (failed + hour.far["calls answered with a grant"]) < 0.3
    assert hour.swept.refreshed == hour.grants
    assert hour.swept.failed == hour.swept.dead == 0


def test_a_refresh_token_that_works_once_is_used_once_but_where_its_answer_was_lost(hour: Outcome) -> None:
    assert hour.far["used refresh tokens, family ended"] == 0
    assert 0 < hour.far["used refresh tokens, forgiven"] <= hour.far["calls answered with broken_off"]


def test_no_run_is_cut_off(hour: Outcome) -> None:
    assert max(hour.run_seconds) < TIMEOUT


def test_a_platform_that_answers_nothing_for_ten_minutes_takes_nobody_with_it() -> None:
    found = simulate(replace(SHORT, away=AWAY))
    assert keeps_promise(found)
    assert max(found.run_seconds) < TIMEOUT


def test_a_refresh_that_goes_well_asks_aws_four_times() -> None:
    asked = one_refresh()
    assert asked.calls == {"dynamodb.update_item": 2, "kms.decrypt": 1, "kms.generate_data_key": 1}
    assert (asked.write_units, asked.read_units) == (6, 0)


def test_what_a_thousand_refreshes_cost_is_written_down(hour: Outcome) -> None:
    """With so few grants an idle minute weighs more; the number in the document is of ten thousand."""
    assert 0.005 < sum(of_a_thousand(hour).values()) < 0.1
    decisions = (ROOT / "docs/decisions.md").read_text()
    assert "6 write units" in decisions
    assert "make bench-refresh" in decisions


def test_the_same_seed_is_the_same_hour_and_another_one_is_not() -> None:
    few = replace(SHORT, grants=30)
    first, again, other = (simulate(replace(few, seed=seed)).margins for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_workers_too_few_are_seen() -> None:
    assert not keeps_promise(simulate(replace(SHORT, workers=1, grants=1500, failing=0.5)))


def test_a_refresher_that_asks_again_although_that_ends_the_family_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken off where the platform had carried it out."""
    monkeypatch.setattr(Renewing, "_spares", lambda *_: False)
    monkeypatch.setattr("tests.benchmarks.refreshing.platforms.Forgiving.forgives", False)
    found = simulate(SHORT)
    assert found.far["used refresh tokens, family ended"] > 0


def test_failures_that_wait_too_long_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Renewing, "_wait", lambda *_: 1800.0)
    assert not keeps_promise(simulate(SHORT))


def test_what_is_simulated_is_what_is_deployed() -> None:
    source = (ROOT / "functions/token_refresher/app.py").read_text()
    seconds = round(LAST_START.total_seconds())
    for line in (f"LIMIT = {LIMIT}", f"WORKERS = {WORKERS}", f"LAST_START = timedelta(seconds={seconds})"):
        assert f"\n{line}\n" in source
