"""The small Threads is held to the documents of the big one: its limits, and what goes wrong on purpose."""

import json

import httpx
import pytest

from tests.contract.threads.far_side import ThreadsSide
from tests.contract.threads.raw_client import API, A, B, Client, error_of
from tests.contract.threads.requests import violations


@pytest.fixture
def client() -> Client:
    return Client().connect()


def test_250_posts_a_day_are_enforced_where_they_are_published(client):
    client.side.profile.quotas[""] = 2
    for _ in range(2):
        client.post()
    given = client.call("GET", "/me/threads_publishing_limit", fields="quota_usage,config,reply_quota_usage").json()
    assert given["data"][0]["quota_usage"] == 2
    assert given["data"][0]["reply_quota_usage"] == 0
    assert given["data"][0]["config"] == {"quota_total": 2, "quota_duration": 86400}
    number = client.make(media_type="TEXT", text="Third")
    assert error_of(client.publish(number)) == (9, 2207042)
    assert client.post("Answers have a quota of their own", reply_to_id=client.side.posts[0].id)
    client.wait(hours=23, minutes=59)
    assert client.publish(number).is_error
    client.wait(minutes=1)
    assert client.post()


def test_deleting_and_looking_for_places_have_quotas_of_their_own(client):
    client.side.profile.quotas |= {"delete_": 1, "location_search_": 1}
    first, second = client.post("One"), client.post("Two")
    for name, calls in {
        "delete": [("DELETE", f"/{first}", {}), ("DELETE", f"/{second}", {})],
        "location_search": [("GET", "/location_search", {"q": "Menlo"})] * 2,
    }.items():
        answers = [client.call(method, path, **asked) for method, path, asked in calls]
        assert [each.is_success for each in answers] == [True, False]
        given = client.call("GET", "/me/threads_publishing_limit", fields=f"{name}_quota_usage").json()
        assert given["data"] == [{f"{name}_quota_usage": 1}]


def test_every_answer_tells_how_much_was_called(client):
    client.side.calls_allowed = 4
    calls = [client.call("GET", "/me") for _ in range(5)]
    assert [json.loads(each.headers["X-App-Usage"])["call_count"] for each in calls] == [25, 50, 75, 100, 100]
    assert error_of(calls[-1]) == (4, None)


def test_a_call_without_a_token_or_to_nowhere_is_refused(client):
    assert error_of(client.http.get(f"{API}/v1.0/me")) == (104, None)
    assert client.http.get(f"{API}/me", params={"access_token": client.token}).is_success
    assert client.http.get("https://graph.threads.com/v1.0/me", params={"access_token": client.token}).is_success
    assert error_of(client.call("POST", "/me/media")) == (2500, None)
    assert error_of(client.call("GET", "/1")) == (100, 33)
    assert client.http.get("https://www.threads.com/").status_code == 404


@pytest.mark.parametrize("name", ThreadsSide.FAILURES)
def test_a_failure_is_answered_once_and_nothing_happens(client, name):
    failure = client.side.FAILURES[name]
    assert failure.operation in client.side.OPERATIONS
    client.side.fail_next = [(failure.operation, failure)]
    number = client.make(media_type="TEXT", text="Hi") if failure.operation == "publish" else ""
    calls = {
        "create_container": lambda: client.call("POST", "/me/threads", media_type="TEXT", text="Hi"),
        "publish": lambda: client.publish(number),
        "me": lambda: client.call("GET", "/me"),
        "refresh": lambda: client.refresh(client.token),
    }
    client.wait(hours=23, minutes=59) if failure.operation == "publish" else client.wait(days=1)
    response = calls[failure.operation]()
    assert (response.status_code, response.is_error) == (failure.status, True)
    assert "X-App-Usage" in response.headers
    assert client.side.posts == []
    assert calls[failure.operation]().is_success


def test_an_answer_gets_lost_after_the_post_went_out_and_a_cut_before(client):
    number = client.make(media_type="TEXT", text="Hi")
    client.side.cuts = {"publish"}
    with pytest.raises(httpx.ReadError):
        client.publish(number)
    assert (client.side.posts, client.status(number)) == ([], "FINISHED")
    client.side.loses_answer_of = {"publish"}
    with pytest.raises(httpx.ReadError):
        client.publish(number)
    assert (len(client.side.posts), client.status(number)) == (1, "PUBLISHED")
    assert client.side.loses_answer_of == client.side.cuts == set()


def test_what_these_tests_send_is_in_the_contract(client):
    item = {"is_carousel_item": "true"}
    items = [client.make(media_type="IMAGE", image_url=url, **item) for url in (A, B)]
    client.publish(client.make(media_type="CAROUSEL", children=",".join(items)))
    client.wait(days=1)
    client.refresh(client.token)
    assert [violations(request) for request in client.side.seen] == [[]] * len(client.side.seen)
