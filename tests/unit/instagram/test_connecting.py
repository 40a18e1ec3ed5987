"""Which accounts a login holds, what is asked for, and what is known of each."""

import json
from typing import Any

import httpx
import pytest

from punctual.providers.base import Account, Cap, Consent, Published
from punctual.providers.instagram import InstagramApp
from punctual.providers.outcomes import Rejected, RetryLater
from tests.unit.test_every_provider import GRANT, no_network, provider

QUOTA = {"quota_usage": 2, "config": {"quota_total": 50, "quota_duration": 86400}}


def instagram(answer: Any = no_network) -> Any:
    return provider("instagram", answer)


@pytest.mark.parametrize(
    ("page", "handle"),
    [
        ({"instagram_business_account": {"id": "17", "username": "kim"}}, "@kim"),
        ({"instagram_business_account": {"id": "17", "username": "kim"}, "tasks": ["MANAGE"]}, "@kim"),
        ({"instagram_business_account": {"id": "17", "username": "kim"}, "tasks": ["ANALYZE"]}, None),
        ({"instagram_business_account": None, "tasks": ["MANAGE"]}, None),
        ({}, None),
    ],
)
def test_an_account_is_one_of_a_page_that_the_person_may_post_for(page: dict[str, Any], handle: str | None) -> None:
    found = instagram().account_of({"id": "1", **page})
    assert (found and found.handle) == handle


@pytest.mark.parametrize("told", [{"id": "17"}, {"id": "17", "username": None}, {"id": "../me", "username": "kim"}])
def test_an_account_that_cannot_be_read_is_none(told: dict[str, Any]) -> None:
    with pytest.raises(RetryLater):
        instagram().account_of({"id": "1", "instagram_business_account": told})


@pytest.mark.parametrize(
    ("body", "caps"),
    [
        ({"data": [QUOTA]}, (Cap(posts=50, seconds=86400),)),
        ({"data": [{**QUOTA, "quota_usage": None}]}, (Cap(posts=50, seconds=86400),)),
        ({"data": []}, ()),
        ({"data": [{"config": {"quota_total": True, "quota_duration": 86400}}]}, ()),
        ({"data": [{"config": {"quota_total": 0, "quota_duration": 86400}}]}, ()),
        ({"data": [{"config": []}]}, ()),
        ({"data": {}}, ()),
        ([], ()),
    ],
)
def test_how_many_posts_an_account_may_make_is_what_instagram_says(body: Any, caps: tuple[Cap, ...]) -> None:
    account = Account(id="17", handle="@kim")
    found = instagram(lambda _: httpx.Response(200, json=body))
    (asked,) = found.with_quotas((account,), {"17": GRANT})
    assert found.caps(asked) == caps


def test_a_login_with_many_accounts_does_not_ask_for_all_of_them() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"data": [QUOTA]})

    accounts = tuple(Account(id=str(number), handle="@kim") for number in range(30))
    found = instagram(answer).with_quotas(accounts, {each.id: GRANT for each in accounts})
    assert [each.id for each in found] == [each.id for each in accounts]
    assert len(asked) == 10


def test_further_permissions_are_asked_for_if_the_app_has_them() -> None:
    found = instagram()
    for more, last in (("", "business_management"), ("instagram_manage_contents", "instagram_manage_contents")):
        fields = InstagramApp.model_validate({"client_id": "1", "client_secret": "s", "more_scopes": more})
        consent = Consent(app=found.app(fields), redirect_uri="https://x.example", state="s", code_challenge="c")
        scopes = httpx.URL(found.authorization_url(consent)).params["scope"].split(",")
        assert scopes[-1] == last
        assert len(scopes) == len(set(scopes))


def test_a_comment_has_no_address_and_none_is_asked_for() -> None:
    comment = Published(platform_id="1", url="", extra={"kind": "comment"})
    assert instagram().permalink(comment, GRANT, Account(id="17", handle="@kim")) == ""


@pytest.mark.parametrize("is_there", [True, False])
def test_what_is_not_taken_down_is_told_from_what_is_gone(is_there: bool) -> None:
    """Graph says the same of both, and the channel's owner must not believe that it is gone."""
    missing = json.dumps({"error": {"code": 100, "error_subcode": 33}})

    def answer(request: httpx.Request) -> httpx.Response:
        found = is_there and request.method == "GET"
        return httpx.Response(200, json={"id": "1"}) if found else httpx.Response(400, text=missing)

    published, account = Published(platform_id="1", url=""), Account(id="17", handle="@kim")
    if not is_there:
        instagram(answer).delete(published, GRANT, account)
        return
    with pytest.raises(Rejected) as raised:
        instagram(answer).delete(published, GRANT, account)
    assert raised.value.code == "permission_missing"
