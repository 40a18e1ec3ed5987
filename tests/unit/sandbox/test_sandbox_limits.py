"""Refusals that look like successes, and accounts that are told to wait."""

from datetime import timedelta

import pytest

from punctual.providers.base import Cap
from punctual.providers.outcomes import Rejected, RetryLater
from tests.sandbox_bridge import consent
from tests.unit.sandbox.far_side import api, error


def refusal(far, login, post):
    with pytest.raises(RetryLater) as refused:
        far.provider.publish(post, login.grant)
    return refused.value.status, refused.value.retry_after


def test_an_error_inside_a_success_is_an_error(far, login, protection):
    post = far.post(login, "Hello [sandbox:error_200=2]", protection)
    for _ in range(2):
        with pytest.raises(Rejected) as refused:
            far.provider.publish(post, login.grant)
        assert (refused.value.status, refused.value.platform_code) == (200, "refused_quietly")
    assert far.timeline() == []
    assert far.provider.publish(post, login.grant).platform_id == far.timeline()[0]["id"]


def test_an_account_that_is_limited_makes_nothing_until_the_limit_is_over(far, login, protection):
    post = far.post(login, "Hello [sandbox:limit=90]", protection)
    noted = []
    far.provider = far.provider.noting(noted.append)
    assert refusal(far, login, post) == (429, 90)
    far.clock.sleep(30.5)
    assert refusal(far, login, post) == (429, 60)
    container = api(far, login, "POST", "/containers", protection="handle", text="Another")
    assert (error(container), container.headers["retry-after"]) == ((429, "rate_limited"), "60")
    assert error(api(far, login, "POST", "/posts", text="Another")) == (429, "rate_limited")
    assert error(api(far, login, "PUT", "/posts/own-1234", protection="chosen_id")) == (429, "rate_limited")
    assert far.timeline() == []
    assert noted == [far.clock.now() + timedelta(seconds=59.5), far.clock.now() + timedelta(seconds=60)]
    far.clock.sleep(59.5)
    assert far.provider.publish(post, login.grant).platform_id == far.timeline()[0]["id"]


def test_a_limit_is_one_accounts_and_its_own_under_every_grant(far, login):
    assert refusal(far, login, far.post(login, "Hello [sandbox:limit=90]")) == (429, 90)
    assert error(api(far, far.login(), "POST", "/posts")) == (429, "rate_limited")
    assert api(far, far.login(handle="bob"), "POST", "/posts").status_code == 201


def test_reading_is_not_limited(far, login):
    container = api(far, login, "POST", "/containers", protection="handle").json()["id"]
    post = api(far, login, "POST", "/posts").json()["id"]
    assert error(api(far, login, "POST", "/posts", text="[sandbox:limit=90]")) == (429, "rate_limited")
    for path in ("/me", f"/containers/{container}", f"/posts/{post}"):
        assert api(far, login, "GET", path).status_code == 200
    assert far.provider.find(far.draft(login, "Hello", "search"), login.grant)


def test_a_limited_call_uses_up_nothing_of_the_script(far, login):
    post = far.post(login, "Hello [sandbox:limit=9][sandbox:error_200]")
    for _ in range(4):
        assert refusal(far, login, post) == (429, 9)
    far.clock.sleep(9)
    with pytest.raises(Rejected):
        far.provider.publish(post, login.grant)
    far.provider.publish(post, login.grant)
    assert len(far.timeline()) == 1


def test_the_last_call_of_a_window_succeeds_and_says_that_it_was_the_last(far, login, protection):
    post = far.post(login, "Hello [sandbox:last=90]", protection)
    noted = []
    far.provider = far.provider.noting(noted.append)
    assert far.provider.publish(post, login.grant).platform_id == far.timeline()[0]["id"]
    assert noted == [far.clock.now() + timedelta(seconds=90)]
    far.clock.sleep(89)
    other = far.draft(login, "Another", key="dlv_2-0-1")
    assert refusal(far, login, other) == (429, 1)
    far.clock.sleep(1)
    far.provider.publish(other, login.grant)
    assert far.texts() == ["Another", post.text]


def test_the_headers_of_a_last_call_are_the_drafts_own(far, login):
    answer = api(far, login, "POST", "/posts", text="[sandbox:last=90]")
    assert answer.status_code == 201
    assert int(answer.headers["ratelimit-limit"]) > 0
    assert (answer.headers["ratelimit-remaining"], answer.headers["ratelimit-reset"]) == ("0", "90")
    assert "ratelimit-remaining" not in api(far, login, "GET", "/me").headers


def test_a_container_may_be_the_last_call(far, login):
    made = api(far, login, "POST", "/containers", protection="handle", text="[sandbox:prepare.last=90]")
    assert (made.status_code, made.headers["ratelimit-remaining"]) == (201, "0")
    assert error(api(far, login, "POST", f"/containers/{made.json()['id']}/publish")) == (429, "rate_limited")


def test_a_person_may_choose_how_many_posts_a_day_the_account_makes(far):
    capped, free = far.login(daily_posts="3").accounts[0], far.login().accounts[0]
    assert (capped.limits, far.provider.caps(capped)) == (
        {"max_text": 500, "daily_posts": 3},
        (Cap(posts=3, seconds=86_400),),
    )
    assert (free.limits, far.provider.caps(free)) == ({"max_text": 500}, ())


@pytest.mark.parametrize("given", ["0", "-1", "251", "many"])
def test_a_cap_that_is_none_is_refused(far, given):
    assert consent(far.browser, far.asked(), daily_posts=given).status_code == 400


def test_a_refreshed_grant_is_capped_too(far):
    login = far.login(daily_posts="3")
    refreshed = far.provider.refresh(login.grant, far.app)
    assert far.provider.accounts(refreshed)[0].limits["daily_posts"] == 3


def test_more_posts_than_the_cap_wait_until_the_oldest_is_a_day_old(far, protection):
    login = far.login(daily_posts="2", lifetime="86400")
    for number in range(2):
        far.provider.publish(far.post(login, f"{number}", protection, key=f"dlv_{number}"), login.grant)
        far.clock.sleep(3600)
    post = far.post(login, "2", protection)
    noted = []
    far.provider = far.provider.noting(noted.append)
    assert refusal(far, login, post) == (429, 86_400 - 7200)
    assert noted == [far.clock.now() + timedelta(seconds=86_400 - 7200)]
    far.clock.sleep(86_400 - 7201)
    assert refusal(far, login, post) == (429, 1)
    assert len(far.timeline()) == 2
    far.clock.sleep(1)
    login = far.login(daily_posts="2")
    post = far.post(login, "2", protection)
    far.provider.publish(post, login.grant)
    assert refusal(far, login, far.post(login, "3", protection, key="dlv_3")) == (429, 3600)
    assert far.texts() == ["2", "1", "0"]


def test_a_post_that_has_not_landed_counts(far):
    login = far.login(daily_posts="1")
    assert api(far, login, "POST", "/posts", text="[sandbox:publishing=60]").status_code == 202
    assert error(api(far, login, "POST", "/posts")) == (429, "daily_limit")


def test_the_cap_is_counted_by_one_small_query(far):
    login = far.login(daily_posts="2")
    for _ in range(2):
        api(far, login, "POST", "/posts")
    queries = []
    events = far.network.table.client.meta.events
    events.register("before-parameter-build.dynamodb.Query", _noting(queries), unique_id="noting")
    try:
        api(far, login, "POST", "/posts")
        api(far, far.login(handle="bob"), "POST", "/posts")
    finally:
        events.unregister("before-parameter-build.dynamodb.Query", unique_id="noting")
    assert [query["Limit"] for query in queries] == [2]


def _noting(queries):
    def note(params, **_):
        queries.append(dict(params))

    return note
