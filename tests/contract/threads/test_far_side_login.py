"""The small Threads is held to the documents of the big one: its tokens and what they allow."""

import pytest

from tests.contract.threads.raw_client import SCOPES, Client, error_of


@pytest.fixture
def client() -> Client:
    return Client().connect()


def test_a_code_gives_a_token_for_an_hour_and_that_one_for_sixty_days():
    client = Client()
    given = client.redeem(client.consent()["code"]).json()
    assert given["user_id"] == "26214418571538390"
    longer = client.exchange(given["access_token"]).json()
    assert (longer["token_type"], longer["expires_in"]) == ("bearer", 5184000)
    client.token = given["access_token"]
    client.wait(hours=1)
    assert error_of(client.call("GET", "/me")) == (190, 463)
    client.token = longer["access_token"]
    client.wait(days=59)
    assert client.call("GET", "/me", fields="username").json()["username"] == "kim.example"
    client.wait(days=1)
    assert error_of(client.call("GET", "/me")) == (190, 463)


def test_a_code_works_once_for_an_hour_and_for_whom_it_was_given():
    client = Client()
    code = client.consent()["code"]
    assert client.redeem(code, client_secret="another").status_code == 400
    assert client.redeem(code, redirect_uri="https://elsewhere.example").status_code == 400
    assert client.redeem(code).status_code == 200
    assert client.redeem(code).json()["error_message"] == "Matching code was not found or was already used"
    code = client.consent()["code"]
    client.wait(hours=1)
    assert client.redeem(code).status_code == 400


def test_a_token_is_refreshed_from_its_second_day_to_its_end(client):
    assert client.refresh(client.token).status_code == 400
    client.wait(hours=24)
    renewed = client.refresh(client.token).json()
    assert renewed["access_token"] != client.token
    assert renewed["expires_in"] == 5184000
    client.wait(days=60)
    assert error_of(client.refresh(client.token)) == (190, 463)
    assert error_of(client.refresh(renewed["access_token"])) == (190, 463)


def test_a_short_lived_token_is_not_refreshed_and_a_long_lived_one_not_exchanged(client):
    short = client.redeem(client.consent()["code"]).json()["access_token"]
    assert client.refresh(short).status_code == 400
    assert client.exchange(client.token).status_code == 400


def test_a_person_may_refuse_and_the_window_takes_only_what_was_registered():
    client = Client()
    assert client.consent(denies=True) == {
        "error": "access_denied",
        "error_reason": "user_denied",
        "error_description": "The user denied your request",
        "state": "s",
    }
    for wrong in ({"redirect_uri": "https://elsewhere.example"}, {"client_id": "1"}, {"scope": "instagram_basic"}):
        with pytest.raises(AssertionError):
            client.consent(**wrong)


def test_who_removes_the_app_ends_its_tokens(client):
    client.side.tokens.revoke_all()
    assert error_of(client.call("GET", "/me")) == (190, None)


def test_a_token_is_looked_at(client):
    given = client.call("GET", "/debug_token", input_token=client.token).json()["data"]
    assert (given["is_valid"], given["scopes"]) == (True, sorted(SCOPES.split(",")))


def test_calls_need_their_scopes():
    client = Client().connect("threads_basic,threads_content_publish")
    number = client.post()
    assert error_of(client.call("DELETE", f"/{number}")) == (10, None)
    assert error_of(client.call("GET", "/me/replies")) == (10, None)
    assert error_of(client.call("GET", "/location_search", q="Menlo")) == (10, None)
    assert error_of(client.call("POST", "/me/threads", media_type="TEXT", text="x", reply_to_id=number)) == (10, None)
    client.side.profile.replies_need_scope = False
    assert client.post("x", reply_to_id=number)
