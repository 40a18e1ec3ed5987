"""Tokens that are good once, limits that are each call's own, and what X is asked for by name."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from punctual.providers.outcomes import RetryLater
from tests.contract.x.answering import ACCOUNT, CALLBACK, GRANT, NOW, Answering

USED_UP = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(NOW.timestamp()) + 600)}


@pytest.fixture
def x() -> Answering:
    return Answering()


def test_an_account_says_whether_it_pays(x: Answering) -> None:
    login = x.provider.authenticate(CALLBACK)
    (account,) = login.accounts
    assert (account.handle, account.url, account.limits) == (
        "@XDevelopers",
        "https://x.com/XDevelopers",
        {"is_subscribed": 1},
    )
    assert login.id == "2244994945"
    x.changed["GET /2/users/me"] = [httpx.Response(200, json={"data": {"id": "1", "username": "kim"}})]
    assert x.provider.authenticate(CALLBACK).accounts[0].limits == {"is_subscribed": 0}


def test_a_token_is_not_spent_before_it_must_be(x: Answering) -> None:
    ends = NOW + timedelta(hours=2)
    assert x.provider.refresh_at(replace(GRANT, expires_at=ends), NOW) == ends - timedelta(minutes=15)
    assert x.provider.refresh_at(replace(GRANT, expires_at=NOW + timedelta(minutes=5)), NOW) == NOW
    assert x.provider.refresh_at(GRANT, NOW) is None


def test_a_limit_of_another_call_does_not_keep_posts_back(x: Answering) -> None:
    limits: list[datetime] = []
    provider = x.provider.noting(limits.append)
    spent = httpx.Response(200, headers=USED_UP, json={"meta": {"result_count": 0}})
    x.changed["GET /2/users/2244994945/tweets"] = [spent]
    provider.find(x.post(), GRANT)
    assert limits == []
    x.changed["POST /2/tweets"] = [httpx.Response(201, headers=USED_UP, json={"data": {"id": "7"}})]
    provider.publish(x.post(), GRANT)
    assert limits == [NOW + timedelta(seconds=600)]


def test_an_account_without_a_name_of_its_own_has_its_posts_linked_all_the_same(x: Answering) -> None:
    post = x.post(account=replace(ACCOUNT, handle="2244994945"))
    assert x.provider.publish(post, GRANT).url == "https://x.com/i/web/status/1445880548472328192"


def test_communities_and_accounts_are_found_by_name(x: Answering) -> None:
    (community,) = x.provider.options("communities", "garden", GRANT, ACCOUNT)
    assert (community.value, community.label, community.about) == ("1", "Gardens", "All that grows")
    (user,) = x.provider.options("users", "@kim", GRANT, ACCOUNT)
    assert (user.value, user.label, user.about) == ("2", "kim", "Kim")


def test_nothing_is_asked_where_no_name_was_given(x: Answering) -> None:
    assert x.provider.options("communities", " ", GRANT, ACCOUNT) == ()
    assert x.provider.options("users", "no name", GRANT, ACCOUNT) == ()
    assert x.sent == []


def test_an_account_that_is_not_there_is_no_option_and_no_error(x: Answering) -> None:
    path = "GET /2/users/by/username/nobody"
    x.changed[path] = [httpx.Response(404, json={"title": "Not Found Error"})]
    assert x.provider.options("users", "nobody", GRANT, ACCOUNT) == ()
    x.changed[path] = [httpx.Response(200, json={"errors": [{"title": "Not Found Error"}]})]
    assert x.provider.options("users", "nobody", GRANT, ACCOUNT) == ()


def test_an_account_that_cannot_be_read_connects_nothing(x: Answering) -> None:
    x.changed["GET /2/users/me"] = [httpx.Response(200, json={"errors": [{"title": "Forbidden"}]})]
    with pytest.raises(RetryLater):
        x.provider.accounts(GRANT)


def test_on_a_laptop_x_sends_people_back_to_an_address_and_to_no_name(x: Answering) -> None:
    assert x.provider.own_url("http://localhost:4566/stage") == "http://127.0.0.1:4566/stage"
    assert x.provider.own_url("https://punctual.example") == "https://punctual.example"


@pytest.mark.parametrize("told", [{"id": "1/tweets?"}, {"id": ["1"]}, {"id": ""}])
def test_an_account_whose_id_fits_no_address_is_none(x: Answering, told: dict[str, Any]) -> None:
    x.changed["GET /2/users/me"] = [httpx.Response(200, json={"data": {"username": "kim", **told}})]
    with pytest.raises(RetryLater):
        x.provider.accounts(GRANT)


def test_a_subscription_that_cannot_be_read_is_none(x: Answering) -> None:
    me = {"id": "1", "username": "kim", "subscription_type": ["Premium"]}
    x.changed["GET /2/users/me"] = [httpx.Response(200, json={"data": me})]
    assert x.provider.accounts(GRANT)[0].limits == {"is_subscribed": 0}
