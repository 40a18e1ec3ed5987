from contextlib import suppress
from datetime import datetime, timedelta

import httpx
import pytest

from punctual.providers.base import Cap
from punctual.providers.bluesky import Bluesky
from punctual.providers.outcomes import ProviderError, RetryLater
from tests.contract.bluesky.far_side import failed
from tests.contract.bluesky.session import DUE_AT, Session

ENDS_AT = DUE_AT - timedelta(minutes=50)
RESET = str(int(ENDS_AT.timestamp()))
AN_HOUR, A_DAY, FIVE_MINUTES = "5000;w=3600", "35000;w=86400", "3000;w=300"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"RateLimit-Reset": RESET}, 600),
        ({"RateLimit-Reset": "1000000000"}, 0),
        ({"RateLimit-Reset": "1000000000", "Retry-After": "7"}, 7),
        ({"RateLimit-Reset": "soon"}, None),
        ({}, None),
    ],
)
def test_a_limit_says_when_it_ends(session: Session, headers: dict[str, str], seconds: float | None):
    login = session.login()
    post = session.prepared("Hi", login)
    session.far_side.answers_next = [failed(429, "RateLimitExceeded", **headers)]

    with pytest.raises(RetryLater) as raised:
        session.provider.publish(post, login.grant)

    assert raised.value.retry_after == seconds


@pytest.mark.parametrize("policy", [None, AN_HOUR, A_DAY])
@pytest.mark.parametrize("status", [200, 429])
def test_points_that_are_used_up_are_noted_until_they_come_back(session: Session, status: int, policy: str | None):
    assert noted(session, status, remaining="0", policy=policy) == [ENDS_AT]


@pytest.mark.parametrize(
    ("status", "remaining", "policy"),
    [(200, "0", FIVE_MINUTES), (429, "0", FIVE_MINUTES), (200, "1", AN_HOUR), (200, "2998", FIVE_MINUTES)],
)
def test_neither_an_addresss_limit_nor_points_that_are_left_hold_up_the_account(
    session: Session, status: int, remaining: str, policy: str
):
    assert noted(session, status, remaining, policy) == []


def test_an_addresss_limit_still_says_when_to_try_again(session: Session):
    login = session.login()
    post = session.prepared("Hi", login)
    headers = {"RateLimit-Reset": RESET, "RateLimit-Policy": FIVE_MINUTES}
    session.far_side.answers_next = [failed(429, "RateLimitExceeded", **headers)]

    with pytest.raises(RetryLater) as raised:
        session.provider.publish(post, login.grant)

    assert raised.value.retry_after == 600


def test_the_account_may_write_what_its_points_buy():
    assert Bluesky.spec.caps == (Cap(posts=5_000 // 3, seconds=3600), Cap(posts=35_000 // 3, seconds=86_400))
    assert Bluesky.spec.rate is None


def noted(session: Session, status: int, remaining: str, policy: str | None) -> list[datetime]:
    """What the core is told when a post is answered so."""
    login = session.login()
    post = session.prepared("Hi", login)
    headers = {"RateLimit-Remaining": remaining, "RateLimit-Reset": RESET}
    session.far_side.answers_next = [
        httpx.Response(status, headers=headers | ({"RateLimit-Policy": policy} if policy else {}), json={})
    ]
    limits: list[datetime] = []
    with suppress(ProviderError):
        session.provider.noting(limits.append).publish(post, login.grant)
    return limits
