"""The simulation itself: a small run keeps the promise, and one that must break it does."""

from random import Random

import pytest

from punctual.messages import Queue
from tests.benchmarks.lateness import simulation_figures as figures
from tests.benchmarks.lateness.simulation import keeps_promise
from tests.benchmarks.lateness.simulation_aws import Environment
from tests.benchmarks.lateness.simulation_clock import Timeline
from tests.benchmarks.lateness.simulation_pollers import VISIBILITY_SECONDS, standard
from tests.benchmarks.lateness.simulation_runs import Outcome, bare_scheduler, burst, spread
from tests.benchmarks.lateness.simulation_stack import INVOCATION, PRECISION_SECONDS, SWEEP_LIMIT, Setting
from tests.template import ROOT, template

POSTS, SPAN = 300, 600.0


@pytest.fixture(scope="module")
def quiet_hour() -> Outcome:
    return spread(POSTS, SPAN, Setting())


def test_a_small_run_keeps_the_promise(quiet_hour: Outcome):
    assert quiet_hour.early == 0
    assert quiet_hour.share(0.99) <= 2
    assert quiet_hour.share(1) <= 5


def test_every_post_goes_out_once_and_its_own_lateness_is_what_the_platform_saw(quiet_hour: Outcome):
    assert quiet_hour.counts["ended COMPLETED"] == len(quiet_hour.late) == POSTS
    assert quiet_hour.counts["sent twice"] == quiet_hour.counts["told otherwise"] == 0
    assert not [name for name in quiet_hour.counts if name.startswith("failed")]


def test_the_bare_scheduler_is_half_a_minute_late():
    bare = bare_scheduler(2000, seed=1)
    assert 27 < bare.share(0.5) < 33
    assert bare.share(1) > 59


def test_the_same_seed_is_the_same_run_and_another_one_is_not():
    first, again, other = (spread(30, 60, Setting(seed=seed, extra_sqs_delay=4)).late for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_a_lead_shorter_than_the_schedulers_precision_is_seen():
    found = spread(100, 200, Setting(lead_seconds=30))
    assert found.share(0.75) > 2


def test_a_queue_that_takes_five_seconds_is_seen():
    found = spread(60, 120, Setting(extra_sqs_delay=5))
    assert 3 < found.share(0.5) < 5
    assert not keeps_promise(found)


def test_a_burst_that_the_pollers_cannot_take_is_seen():
    assert not keeps_promise(burst(300, Setting()))


def test_a_call_that_starts_early_is_seen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("punctual.publishing.sending._call", _without_waiting)
    assert burst(10, Setting()).early > 0


def test_messages_that_get_lost_are_seen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Queue, "send", lambda *_: None)
    found = burst(5, Setting())
    assert found.late == []
    assert found.share(0.5) == float("inf")


def test_what_is_simulated_is_what_the_template_deploys():
    given = {name: found.get("Default") for name, found in template()["Parameters"].items()}
    setting, polling = Setting(), standard()
    assert setting.memory_megabytes == template()["Globals"]["Function"]["MemorySize"]
    assert (setting.lead_seconds, PRECISION_SECONDS) == (given["LeadSeconds"], given["SchedulerPrecisionSeconds"])
    assert (polling.most, polling.batch_size) == (given["PublisherConcurrency"], given["PublisherBatchSize"])
    publisher, queue = (template()["Resources"][name]["Properties"] for name in ("PublisherFunction", "PublishQueue"))
    assert (INVOCATION.total_seconds(), VISIBILITY_SECONDS) == (publisher["Timeout"], queue["VisibilityTimeout"])
    assert "MaximumBatchingWindowInSeconds" not in publisher["Events"]["Queue"]["Properties"]
    assert f"\nLIMIT = {SWEEP_LIMIT}\n" in (ROOT / "functions/sweeper/app.py").read_text()


def test_who_sleeps_lets_the_others_go_first():
    timeline, seen = Timeline(), []

    def work(name: str, seconds: float) -> None:
        timeline.sleep(seconds)
        seen.append((name, timeline.at))

    for name, seconds in (("slow", 3.0), ("quick", 1.0)):
        timeline.work(lambda name=name, seconds=seconds: work(name, seconds))
    timeline.run(10)
    timeline.close()
    assert seen == [("quick", 1.0), ("slow", 3.0)]


def test_a_workers_fault_reaches_whoever_runs_the_clock():
    timeline = Timeline()
    timeline.work(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        timeline.run(1)


def test_records_of_one_environment_share_its_processor():
    environment = Environment(figures.VCPU_MEGABYTES)
    environment.awake = 1
    assert environment.lasts(0.005, 0.001) == pytest.approx(0.006)
    environment.awake = 10
    assert environment.lasts(0.005, 0.001) == pytest.approx(0.010)


@pytest.mark.parametrize(("share", "seconds"), [(0.1, 0.0137), (0.5, 0.0162), (0.9, 0.0338), (0.99, 0.105)])
def test_what_is_drawn_has_the_quantiles_it_was_made_from(share: float, seconds: float):
    assert figures.SQS.draw(_Always(share)) == pytest.approx(seconds)


class _Always(Random):
    def __init__(self, share: float):
        self._share = share

    def random(self) -> float:
        return self._share


def _without_waiting(job, grant, waits_as):
    job.provider.publish(job.outgoing(), grant)
