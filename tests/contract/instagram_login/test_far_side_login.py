"""The small Instagram with its own login is held to the documents of the big one: its tokens and what they allow."""

import pytest

from tests.contract.instagram_login.raw_client import API, SCOPES, A, Client, error_of


@pytest.fixture
def client() -> Client:
    return Client().connect()


def test_a_code_gives_a_token_for_an_hour_and_that_one_for_sixty_days():
    client = Client()
    given = client.redeem(client.consent()["code"].removesuffix("#_")).json()
    assert given.keys() == {"access_token", "user_id", "permissions"}
    assert given["permissions"] == ",".join(sorted(SCOPES.split(",")))
    longer = client.exchange(given["access_token"]).json()
    assert (longer["token_type"], longer["expires_in"]) == ("bearer", 5184000)
    client.token = given["access_token"]
    client.wait(hours=1)
    assert error_of(client.call("GET", "/me")) == (190, 463)
    client.token = longer["access_token"]
    client.wait(days=59)
    assert client.call("GET", "/me").is_success


def test_the_first_token_may_come_in_a_list():
    client = Client(wraps_in_data=True)
    [given] = client.redeem(client.consent()["code"].removesuffix("#_")).json()["data"]
    assert client.exchange(given["access_token"]).is_success


def test_a_code_comes_with_two_characters_that_are_none_of_it():
    client = Client()
    code = client.consent()["code"]
    assert code.endswith("#_")
    assert client.redeem(code).json()["error_type"] == "OAuthException"
    assert client.redeem(code.removesuffix("#_")).is_success
    assert client.redeem(code.removesuffix("#_")).is_error
    client.side.marks_code = False
    assert "#" not in client.consent()["code"]


def test_a_token_is_refreshed_from_its_second_day_to_its_end_without_the_app(client):
    assert client.refresh(client.token).status_code == 400
    client.wait(hours=24)
    renewed = client.refresh(client.token).json()
    assert renewed.keys() == {"access_token", "token_type", "expires_in", "permissions"}
    client.wait(days=60)
    assert error_of(client.refresh(renewed["access_token"])) == (190, 463)


def test_the_two_grants_are_not_those_of_threads(client):
    wrong = {"grant_type": "th_refresh_token", "access_token": client.token}
    client.wait(days=2)
    assert error_of(client.http.get(f"{API}/refresh_access_token", params=wrong)) == (100, None)


def test_a_person_may_refuse_and_the_window_takes_only_what_was_registered():
    client = Client()
    assert client.consent(denies=True)["error"] == "access_denied"
    for wrong in ({"redirect_uri": "https://elsewhere.example"}, {"client_id": "1"}, {"scope": "instagram_basic"}):
        with pytest.raises(AssertionError):
            client.consent(**wrong)


def test_the_token_is_taken_at_another_host_than_the_rest():
    client = Client()
    code = client.consent()["code"].removesuffix("#_")
    form = {**client.side.app, "code": code, "grant_type": "authorization_code"}
    assert client.http.post(f"{API}/oauth/access_token", data=form).is_error


def test_an_account_has_two_numbers_and_is_published_to_by_one(client):
    given = client.call("GET", "/me", fields="user_id,username,name,profile_picture_url,account_type").json()
    assert given["id"] != given["user_id"]
    assert given["account_type"] == "Business"
    assert client.call("POST", f"/{given['user_id']}/media", image_url=A).is_success
    assert error_of(client.call("POST", f"/{given['id']}/media", image_url=A)) == (100, 33)


def test_calls_need_their_scopes():
    client = Client().connect("instagram_business_basic,instagram_business_content_publish")
    number = client.post(image_url=A)
    assert client.call("POST", f"/{number}/comments", message="First").status_code == 403
    client = Client().connect("instagram_business_basic")
    assert client.ask(image_url=A).status_code == 403


def test_who_removes_the_app_ends_its_tokens(client):
    client.side.remove_app()
    assert error_of(client.call("GET", "/me"))[0] == 190
