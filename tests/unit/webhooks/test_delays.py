"""When a send is tried again, and how long a lane rests."""

from datetime import UTC, datetime, timedelta

import pytest

from punctual.webhooks import delays, urls
from punctual.webhooks.delays import JITTER, RETRIES, before_retry, rest
from punctual.webhooks.lanes import LOOKED_AT, idle_until


@pytest.mark.parametrize("failures", range(1, len(RETRIES) + 1))
def test_a_retry_comes_on_its_schedule_or_up_to_a_fifth_later(failures: int) -> None:
    planned = RETRIES[failures - 1]
    assert before_retry(failures, None, lambda: 0.0) == planned
    assert before_retry(failures, None, lambda: 1.0) == planned * (1 + JITTER)
    assert len({before_retry(failures, None) for _ in range(20)}) > 1


def test_after_the_last_retry_it_is_given_up_some_three_days_later() -> None:
    assert before_retry(len(RETRIES) + 1, None) is None
    assert before_retry(len(RETRIES) + 1, timedelta(hours=1)) is None
    assert timedelta(days=3) <= sum(RETRIES, timedelta(0)) <= timedelta(days=3, hours=6)


def test_what_is_asked_for_is_never_shortened() -> None:
    assert before_retry(1, timedelta(hours=1), lambda: 1.0) == timedelta(hours=1)
    assert before_retry(9, timedelta(hours=1), lambda: 0.0) == RETRIES[8]
    assert rest(0, timedelta(hours=5), lambda: 1.0) == timedelta(hours=5)


def test_rests_grow_to_an_hour() -> None:
    spans = [rest(rests, None, lambda: 0.0) for rests in range(12)]
    assert spans[0] == timedelta(seconds=30)
    assert spans == sorted(spans)
    assert spans[-1] == timedelta(hours=1)
    assert rest(10**6, None, lambda: 1.0) == timedelta(hours=1) * (1 + JITTER)
    assert max(spans) < delays.GIVES_UP_AFTER


@pytest.mark.parametrize(
    "url",
    [
        "https://receiver.example",
        "https://receiver.example/hook?token=x",
        "https://receiver.example:443/",
        "https://93.184.215.14/hook",
        "https://" + "a" * 60 + ".example/" + "x" * 1900,
    ],
)
def test_a_url_that_may_be_asked_for(url: str) -> None:
    assert urls.faults(url, allow_private=False) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example",
        "ftp://receiver.example",
        "receiver.example",
        "https://",
        "https:///hook",
        "https://me@receiver.example",
        "https://me:pw@receiver.example",
        "https://receiver.example:8443",
        "https://receiver.example/\n",
        "https://receiver.example/ hook",
        "https://réceiver.example/",
        "https://xn--\u00e9.example",
        "https://xn--/",
        "https://[::1",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://receiver.example/" + "x" * 2000,
        "",
    ],
)
def test_a_url_that_may_not(url: str) -> None:
    (fault,) = urls.faults(url, allow_private=False)
    assert (fault.param, fault.rule) == ("/url", "webhook.url")
    assert "receiver" not in fault.message


def test_the_laptop_may_be_sent_to_where_that_is_allowed() -> None:
    assert urls.faults("http://localhost:9000/hook", allow_private=True) == []
    assert urls.faults("http://127.0.0.1:9000/hook", allow_private=True) == []
    assert urls.faults("http://me@localhost:9000/hook", allow_private=True)


@pytest.mark.parametrize("minute", [0, 17, 59])
def test_an_idle_lane_is_looked_at_within_the_hour_and_each_in_a_minute_of_its_own(minute: int) -> None:
    now = datetime(2026, 11, 22, 16, minute, 30, tzinfo=UTC)
    looks = {idle_until(f"whk_{place}", now) for place in range(50)}
    assert all(now < each <= now + LOOKED_AT for each in looks)
    assert len(looks) > 40
    assert idle_until("whk_1", now) == idle_until("whk_1", idle_until("whk_1", now) - timedelta(seconds=1))
