"""When a grant is renewed, when a person is warned of its end, and when it is over."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from punctual.grants.life import Life, life_of
from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Grant
from punctual.providers.oauth2 import OAuth2Provider

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
PLAIN = OAuth2Provider(GuardedHttp(), lambda: NOW)


def grant(at: datetime, lasts: timedelta | None, *, renewable_until: datetime | None = None, refresh=True) -> Grant:
    return Grant(
        access_token=SecretStr("a"),
        refresh_token=SecretStr("r") if refresh else None,
        expires_at=at + lasts if lasts else None,
        renewable_until=renewable_until,
    )


def begun(lasts: timedelta | None, **more) -> Life:
    return life_of(grant(NOW, lasts, **more), PLAIN, NOW, WEEK)


def test_what_cannot_be_renewed_is_never_due_for_it_and_lives_to_its_end() -> None:
    life = begun(60 * DAY, refresh=False)
    assert (life.renew_at, life.ends_at) == (None, NOW + 60 * DAY)
    assert life.task(NOW + 53 * DAY - timedelta(seconds=1), WEEK) is None
    assert life.task(NOW + 53 * DAY, WEEK) == "warn"
    assert life.task(NOW + 60 * DAY, WEEK) == "end"


def test_two_warnings_come_each_at_its_time_and_a_missed_first_one_is_not_made_up_for() -> None:
    life = begun(60 * DAY, refresh=False)
    assert [life.warning_due(NOW + days * DAY, WEEK) for days in (52, 53, 58, 59)] == [0, 1, 1, 2]
    first = life.warned(1, NOW + 53 * DAY)
    assert [first.warning_due(NOW + days * DAY, WEEK) for days in (53, 58, 59)] == [0, 0, 2]
    assert first.next_at(WEEK) == NOW + 59 * DAY
    both = first.warned(2, NOW + 59 * DAY)
    assert both.warning_due(NOW + 59.5 * DAY, WEEK) == 0
    assert both.expiring_since == NOW + 53 * DAY
    assert both.next_at(WEEK) == NOW + 60 * DAY


def test_a_short_life_does_not_begin_with_a_warning() -> None:
    life = begun(timedelta(hours=10), refresh=False)
    assert life.next_at(WEEK) == NOW + timedelta(hours=5)
    assert life.warned(1, NOW).next_at(WEEK) == NOW + timedelta(hours=9)


@pytest.mark.parametrize("lasts", [None, timedelta(hours=1), 60 * DAY])
def test_what_we_can_keep_alive_has_no_end(lasts: timedelta | None) -> None:
    assert begun(lasts).ends_at is None


def test_a_token_without_an_end_has_nothing_to_do() -> None:
    assert begun(None, refresh=False).next_at(WEEK) is None


def test_an_end_of_renewing_that_moves_on_with_each_renewal_is_none() -> None:
    """TikTok: 2 h, renewable for 180 d from each renewal."""
    life = begun(timedelta(hours=2), renewable_until=NOW + 180 * DAY)
    assert life.ends_at == NOW + 180 * DAY
    later = NOW + timedelta(minutes=96)
    for _ in range(2):
        life = life_of(grant(later, timedelta(hours=2), renewable_until=later + 180 * DAY), PLAIN, later, WEEK, life)
        assert life.ends_at is None
        later += timedelta(minutes=96)


def test_an_end_of_renewing_that_stays_is_used_once_more_before_anyone_is_warned() -> None:
    """LinkedIn, where an app may renew: 60 d, renewable for 365 d from the consent, told in seconds."""
    until = NOW + 365 * DAY
    life, at, renewals = begun(60 * DAY, renewable_until=until), NOW, 0
    while (next_at := life.next_at(WEEK)) and life.task(next_at, WEEK) == "renew":
        at, renewals = next_at, renewals + 1
        told = until + timedelta(seconds=renewals)
        life = life_of(grant(at, 60 * DAY, renewable_until=told), PLAIN, at, WEEK, life)
    assert abs(at - (until - 8 * DAY)) < timedelta(minutes=1)
    assert life.ends_at == at + 60 * DAY
    assert life.task(life.next_at(WEEK), WEEK) == "warn"
    assert life.next_at(WEEK) == life.ends_at - WEEK
    assert life.warnings == 0


def test_seconds_that_differ_a_little_move_no_end_and_forget_no_warning() -> None:
    until = NOW + 30 * DAY
    warned = begun(timedelta(hours=1), renewable_until=until).warned(1, NOW + 23 * DAY)
    at = NOW + 23 * DAY
    told = until + timedelta(seconds=30)
    life = life_of(grant(at, timedelta(hours=1), renewable_until=told), PLAIN, at, WEEK, warned)
    assert (life.ends_at, life.warnings, life.expiring_since) == (until, 1, at)


def test_short_tokens_at_the_end_of_renewing_are_not_renewed_ever_faster() -> None:
    until = NOW + 30 * DAY
    at = until - timedelta(minutes=50)
    life, times = begun(timedelta(hours=1), renewable_until=until), 0
    while (next_at := life.renew_at) and times < 20:
        at, times = max(at, next_at), times + 1
        life = life_of(grant(at, timedelta(hours=1), renewable_until=until), PLAIN, at, WEEK, life)
    assert times < 6
    assert life.ends_at > until


def test_a_refresh_put_off_past_the_end_of_renewing_is_not_tried_any_more() -> None:
    life = begun(60 * DAY, renewable_until=NOW + 50 * DAY)
    assert life.put_off(NOW + 49 * DAY).renew_at == NOW + 49 * DAY
    over = life.put_off(NOW + 50 * DAY)
    assert (over.renew_at, over.ends_at) == (None, NOW + 60 * DAY)
    assert not over.is_over(NOW + 59 * DAY)


class OwnToken(OAuth2Provider):
    """As Instagram: the access token is refreshed by itself, and not before it is a day old."""

    def can_refresh(self, grant: Grant) -> bool:
        return True

    def refresh_at(self, grant: Grant, obtained_at: datetime) -> datetime:
        return obtained_at + timedelta(hours=25)


def test_the_platforms_own_rule_for_renewing_goes_before_ours_and_is_never_too_early() -> None:
    own = OwnToken(GuardedHttp(), lambda: NOW)
    for lasts in (60 * DAY, timedelta(hours=26), timedelta(hours=25, minutes=1)):
        life = life_of(grant(NOW, lasts, refresh=False), own, NOW, WEEK)
        assert life.renew_at
        assert timedelta(hours=25) <= life.renew_at - NOW <= timedelta(hours=25) + lasts / 20
        assert life.renew_at < NOW + lasts
        assert life.ends_at is None
