"""The small Facebook is held to what its documents say of logins, tokens and limits."""

import json

import pytest

from punctual.meta.signed_requests import FIELD
from tests.contract.facebook.person import GRAPH, PAGE, SCOPES, Person, wrong


@pytest.fixture
def kim() -> Person:
    """Connected, with the token of one page."""
    return Person().connect()


@pytest.fixture
def stranger() -> Person:
    return Person()


def test_a_page_token_of_a_long_lived_login_has_no_end_and_one_of_a_short_lived_login_ends_with_it(stranger):
    short, long = stranger.short(), stranger.long()
    (brief, *_), (lasting, *_) = stranger.pages(short), stranger.pages(long)
    assert brief["access_token"] != lasting["access_token"]
    stranger.later(hours=3)
    fields = {"fields": "id"}
    assert wrong(stranger.get(PAGE, access_token=brief["access_token"], **fields)) == (190, 463)
    stranger.later(days=400)
    assert stranger.get(PAGE, access_token=lasting["access_token"], **fields).json() == {"id": PAGE}
    assert wrong(stranger.get("me/accounts", access_token=long)) == (190, 463)


def test_a_code_is_good_once_for_ten_minutes_and_for_its_own_redirect_uri(stranger):
    code, uri = stranger.dialog()["code"], stranger.side.redirect_uri
    assert wrong(stranger.bought(code=code, redirect_uri=f"{uri}/")) == (100, 36008)
    assert wrong(stranger.bought(code=code, redirect_uri=uri, client_secret="another")) == (1, None)
    given = stranger.bought(code=code, redirect_uri=uri).json()
    assert given.keys() == {"access_token", "token_type", "expires_in"}
    assert wrong(stranger.bought(code=code, redirect_uri=uri)) == (100, 36009)
    late = stranger.dialog()["code"]
    stranger.later(minutes=11)
    assert wrong(stranger.bought(code=late, redirect_uri=uri)) == (100, 36007)


def test_an_expired_token_cannot_be_exchanged_and_a_living_one_can_again(stranger):
    long = stranger.long()
    again = stranger.bought(grant_type="fb_exchange_token", fb_exchange_token=long).json()
    assert again["expires_in"] == 5183944
    stranger.later(days=61)
    assert wrong(stranger.bought(grant_type="fb_exchange_token", fb_exchange_token=long)) == (190, 463)


def test_the_dialog_takes_its_own_app_address_and_scopes_only_and_a_person_may_say_no(stranger):
    for changed in (
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "1"},
        {"scope": "pages_write"},
        {"nonce": "1"},
    ):
        with pytest.raises(AssertionError):
            stranger.dialog(**changed)
    denied = stranger.dialog(denies=True)
    assert (denied["error"], denied["state"]) == ("access_denied", "s")


def test_what_a_person_declines_is_told_by_permissions_only_and_refused_where_it_is_needed(stranger):
    stranger.side.declined = {"pages_manage_posts"}
    long = stranger.long()
    told = {
        each["permission"]: each["status"] for each in stranger.get("me/permissions", access_token=long).json()["data"]
    }
    assert (told["pages_manage_posts"], told["pages_show_list"]) == ("declined", "granted")
    stranger.token = stranger.pages(long)[0]["access_token"]
    refused = stranger.post(f"{PAGE}/feed", message="Hello")
    assert (refused.status_code, wrong(refused)) == (403, (200, None))


def test_pages_are_listed_in_pages_with_only_what_is_asked_for(stranger):
    long = stranger.long()
    fields = "id,name,access_token,category,picture{url},tasks"
    first = stranger.get("me/accounts", access_token=long, fields=fields, limit="1").json()
    assert first["data"][0].keys() == {"id", "name", "access_token", "category", "picture", "tasks"}
    assert first["data"][0]["picture"]["data"].keys() == {"url"}
    second = stranger.http.get(first["paging"]["next"]).json()
    assert (len(second["data"]), "next" in second["paging"]) == (1, False)
    assert wrong(stranger.get("me/accounts", access_token=long, fields="id,naem")) == (100, None)


def test_a_page_of_a_business_manager_is_listed_with_its_scope_only(stranger):
    stranger.side.pages[PAGE].in_business = True
    assert PAGE not in {page["id"] for page in stranger.pages(stranger.long())}
    wider = ",".join((*SCOPES, "business_management"))
    assert PAGE in {page["id"] for page in stranger.pages(stranger.long(scope=wider))}


@pytest.mark.parametrize(
    ("end", "subcode"),
    [("change_password", 460), ("remove_app", 458), ("need_checkpoint", 459), ("lose_role", 492)],
)
def test_a_page_token_dies_as_the_documents_say(kim, end, subcode):
    getattr(kim.side, end)(*([PAGE] if end == "lose_role" else []))
    assert wrong(kim.post(f"{PAGE}/feed", message="Hello")) == (190, subcode)
    assert kim.side.posts == []


def test_revoking_kills_the_tokens_of_pages_too_and_works_with_the_persons_token_only(kim):
    long = kim.long()
    assert wrong(kim.http.delete(f"{GRAPH}/me/permissions", params={"access_token": kim.token})) == (100, 33)
    assert kim.http.delete(f"{GRAPH}/me/permissions", params={"access_token": long}).json() == {"success": True}
    assert wrong(kim.get(PAGE)) == (190, 458)


def test_a_token_is_looked_into_with_the_apps_own(kim):
    app = "|".join(kim.side.app.values())
    found = kim.get("debug_token", input_token=kim.token, access_token=app).json()["data"]
    assert (found["type"], found["is_valid"], found["expires_at"], found["profile_id"]) == ("PAGE", True, 0, PAGE)
    assert set(SCOPES) <= set(found["scopes"])
    kim.side.change_password()
    found = kim.get("debug_token", input_token=kim.token, access_token=app).json()["data"]
    assert (found["is_valid"], found["error"]["subcode"]) == (False, 460)
    assert wrong(kim.get("debug_token", input_token=kim.token, access_token="")) == (104, None)


def test_a_persons_removal_is_told_by_a_signed_request(kim):
    assert kim.side.notice()[FIELD].count(".") == 1


def test_a_person_cannot_publish_as_a_page_without_the_pages_token(kim):
    long = kim.long()
    assert wrong(kim.post(f"{PAGE}/feed", message="Hello", access_token=long)) == (190, 2069032)
    assert wrong(kim.post("204205206207208/feed", message="Hello")) == (100, 33)


def test_every_answer_says_how_much_was_used_and_too_much_is_refused(kim):
    kim.side.allowed["page"] = 2
    kim.get(PAGE)
    (case,) = json.loads(kim.get(PAGE).headers["X-Business-Use-Case-Usage"])[PAGE]
    assert (case["type"], case["call_count"], case["estimated_time_to_regain_access"]) == ("pages", 100, 60)
    refused = kim.get(PAGE)
    assert (wrong(refused), "X-Business-Use-Case-Usage" in refused.headers) == ((80001, None), True)
    kim.later(days=1)
    assert kim.get(PAGE).status_code == 200
    usage = json.loads(kim.get("me", access_token=kim.long()).headers["X-App-Usage"])
    assert usage.keys() == {"call_count", "total_cputime", "total_time"}


def test_a_proof_of_the_apps_secret_is_checked_where_it_is_given_and_demanded_where_the_app_says_so(kim):
    assert wrong(kim.get(PAGE, appsecret_proof="0" * 64)) == (100, None)
    kim.side.requires_proof = True
    assert wrong(kim.get(PAGE)) == (100, None)
