"""The far side is held to the dossier: signing in, what may be posted, what readers see, limits and faults."""

from datetime import timedelta

import httpx
import pytest

from tests.contract.x.far_side import FAILURES, OPERATIONS, PUBLISHING
from tests.contract.x.side_answers import DUPLICATE, NOT_PERMITTED
from tests.contract.x.side_caller import SCOPES, Caller, says
from tests.contract.x.side_limits import Allowed
from tests.contract.x.side_sign_in import ConsentRefused, Person

LENA = Person("783214", "lena_reads", "Lena")
DEAD = (400, "Value passed for the token was invalid.")


@pytest.fixture
def x() -> Caller:
    return Caller().connected()


def test_a_consent_becomes_tokens_that_last_two_hours(x: Caller) -> None:
    assert x.tokens["token_type"] == "bearer"
    assert x.tokens["expires_in"] == 7200
    assert x.tokens["scope"] == SCOPES
    me = x.call("GET", "users/me", params={"user.fields": "profile_image_url,subscription_type"}).json()["data"]
    assert (me["id"], me["username"], me["subscription_type"]) == ("2244994945", "kim_writes", "None")
    x.clock.passes(hours=2)
    assert x.call("GET", "users/me").status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://punctual.example/other"},
        {"client_id": "another"},
        {"state": "s" * 501},
        {"state": ""},
        {"code_challenge": ""},
        {"code_challenge": "too-short"},
        {"code_challenge_method": "S512"},
        {"scope": "tweet.read tweet.everything"},
        {"response_type": "token"},
        {"prompt": "login"},
    ],
)
def test_a_consent_page_that_is_asked_for_wrongly_sends_nobody_back(changed: dict[str, str]) -> None:
    x = Caller()
    with pytest.raises(ConsentRefused):
        x.side.consent(x.authorize_url(**changed))


def test_a_person_who_declines_is_sent_back_with_an_error() -> None:
    x = Caller()
    assert x.side.consent(x.authorize_url(), denies=True) == {"error": "access_denied", "state": "state-1"}


def test_a_code_is_good_for_thirty_seconds_and_once() -> None:
    x = Caller()
    late, used = x.code(), x.code()
    assert x.exchange(used).status_code == 200
    assert says(x.exchange(used)) == (400, "Value passed for the authorization code was invalid.")
    x.clock.passes(seconds=30)
    assert says(x.exchange(late)) == (400, "Value passed for the authorization code was invalid.")


@pytest.mark.parametrize("changed", [{"code_verifier": "another"}, {"redirect_uri": "https://punctual.example/other"}])
def test_a_code_needs_the_verifier_and_the_redirect_uri_that_it_was_given_for(changed: dict[str, str]) -> None:
    x = Caller()
    assert x.exchange(x.code(), **changed).status_code == 400


def test_a_confidential_client_proves_itself_by_basic_alone(x: Caller) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": x.tokens["refresh_token"], **x.side.app}
    bare = x.http.post("https://api.x.com/2/oauth2/token", data=form)
    assert says(bare) == (401, "Missing valid authorization header")
    assert x.token(auth=("someone", "else"), **form).status_code == 401


def test_without_offline_access_there_is_no_refresh_token() -> None:
    x = Caller().connected(scope="tweet.read users.read")
    assert "refresh_token" not in x.tokens


def test_a_refresh_token_that_comes_twice_ends_all_that_came_from_the_consent(x: Caller) -> None:
    first = x.tokens["refresh_token"]
    x.tokens = x.refresh(first).json()
    assert x.call("GET", "users/me").status_code == 200
    assert says(x.refresh(first)) == DEAD
    assert x.call("GET", "users/me").status_code == 401
    assert says(x.refresh(x.tokens["refresh_token"])) == DEAD


def test_a_refresh_whose_answer_was_lost_cannot_be_tried_again(x: Caller) -> None:
    x.side.loses_answer_of = {"refresh"}
    with pytest.raises(httpx.ReadError):
        x.refresh(x.tokens["refresh_token"])
    assert says(x.refresh(x.tokens["refresh_token"])) == DEAD


def test_the_older_access_token_lasts_unless_the_switch_says_otherwise(x: Caller) -> None:
    x.side.sign_in.refresh_ends_access = True
    x.refresh(x.tokens["refresh_token"])
    assert x.call("GET", "users/me").status_code == 401


def test_a_revoked_token_is_good_for_nothing(x: Caller) -> None:
    for name in ("access_token", "refresh_token"):
        assert x.token(path="revoke", token=x.tokens[name]).json() == {"revoked": True}
    assert x.call("GET", "users/me").status_code == 401
    assert says(x.refresh(x.tokens["refresh_token"])) == DEAD


def test_each_call_needs_its_scopes() -> None:
    x = Caller().connected(scope="tweet.read users.read")
    assert x.call("GET", "users/me").status_code == 200
    assert says(x.post("Hello")) == (403, NOT_PERMITTED)
    assert says(x.begin(10)) == (403, NOT_PERMITTED)


def test_a_path_that_is_not_there_answers_with_nothing(x: Caller) -> None:
    answer = x.call("POST", "tweets/1")
    assert (answer.status_code, answer.content) == (404, b"")


def test_every_answer_says_what_is_left_of_its_quarter_of_an_hour(x: Caller) -> None:
    headers = x.post("Hello").headers
    assert (headers["x-rate-limit-limit"], headers["x-rate-limit-remaining"]) == ("100", "99")
    assert int(headers["x-rate-limit-reset"]) == int((x.clock() + timedelta(minutes=15)).timestamp())
    assert (headers["x-app-limit-24hour-limit"], headers["x-app-limit-24hour-remaining"]) == ("10000", "9999")
    assert x.post("Hello").headers["x-rate-limit-remaining"] == "98"  # a refused one counts


def test_the_call_after_the_last_waits_for_the_window(x: Caller) -> None:
    for number in range(100):
        x.posted(f"Post {number}")
    refused = x.post("One more")
    assert says(refused) == (429, "Rate limit exceeded")
    assert refused.headers["x-rate-limit-remaining"] == "0"
    x.clock.at = x.clock.at.fromtimestamp(int(refused.headers["x-rate-limit-reset"]), x.clock.at.tzinfo)
    x.posted("One more")
    assert len(x.side.posts) == 101


@pytest.mark.parametrize(
    ("allowed", "name"), [(Allowed(100, 1), "x-app-limit-24hour"), (Allowed(100, None, 1), "x-user-limit-24hour")]
)
def test_a_day_that_is_used_up_is_told_beside_a_window_that_is_not(x: Caller, allowed: Allowed, name: str) -> None:
    x.side.limits.allowed["publish"] = allowed
    x.posted("First")
    x.clock.passes(minutes=15)
    refused = x.post("Second")
    assert (refused.status_code, refused.json()["title"]) == (429, "Too Many Requests")
    assert refused.headers["x-rate-limit-remaining"] == "100"
    assert refused.headers[f"{name}-remaining"] == "0"
    assert int(refused.headers[f"{name}-reset"]) > int(refused.headers["x-rate-limit-reset"])


def test_credits_that_are_used_up_end_all_that_costs(x: Caller) -> None:
    x.side.credits = 215_000
    x.posted("Plain")
    x.posted("See https://example.com/a")
    assert x.side.spent == 215_000
    refused = x.post("No more")
    assert (refused.status_code, refused.json()["title"]) == (402, "CreditsDepleted")
    assert [post.text for post in x.side.posts] == ["Plain", "See https://example.com/a"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_cut_or_made_to_fail_does_nothing(x: Caller, operation: str) -> None:
    calls = {
        "token": lambda: x.exchange(x.code()),
        "refresh": lambda: x.refresh(x.tokens["refresh_token"]),
        "revoke": lambda: x.token(path="revoke", token=x.tokens["access_token"]),
        "me": lambda: x.call("GET", "users/me"),
        "publish": lambda: x.post("Hello"),
        "show": lambda: x.call("GET", "tweets/1"),
        "delete": lambda: x.call("DELETE", "tweets/1"),
        "list": lambda: x.list(),
        "upload": lambda: x.call("POST", "media/upload"),
        "upload_begin": lambda: x.begin(10),
        "upload_part": lambda: x.append("1", 0, b"a"),
        "upload_finish": lambda: x.finish("1"),
        "upload_status": lambda: x.status("1"),
        "alt_text": lambda: x.call("POST", "media/metadata", json={"id": "1"}),
    }
    before = (len(x.side.sign_in.tokens), len(x.side.posts), len(x.side.files.held))
    x.side.cuts = {operation}
    with pytest.raises(httpx.ReadError):
        calls[operation]()
    failure = FAILURES.get(f"{operation}_overloaded", FAILURES["publish_overloaded"])
    x.side.fail_next = [("another", failure), (operation, failure)]
    assert calls[operation]().status_code == 503
    assert x.side.fail_next == [("another", failure)]
    assert (len(x.side.sign_in.tokens), len(x.side.posts), len(x.side.files.held)) == before
    assert calls[operation]().status_code != 503
    x.side.loses_answer_of = {operation}
    with pytest.raises(httpx.ReadError):
        calls[operation]()
    assert x.side.loses_answer_of == set()


def test_a_post_whose_answer_was_lost_is_there_and_its_copy_refused(x: Caller) -> None:
    x.side.loses_answer_of = set(PUBLISHING)
    with pytest.raises(httpx.ReadError):
        x.post("Hello")
    assert [post.text for post in x.side.posts] == ["Hello"]
    assert says(x.post("Hello")) == (403, DUPLICATE)


def test_every_failure_names_an_operation_and_its_source() -> None:
    assert {failure.operation for failure in FAILURES.values()} <= set(OPERATIONS)
    assert all(failure.source.startswith("https://") for failure in FAILURES.values())
    assert {name for name, failure in FAILURES.items() if failure.means == "duplicate"} == {
        "publish_duplicate",
        "publish_duplicate_code",
    }
    again = {"publish_internal", "publish_bad_gateway", "publish_overloaded", "publish_timeout", "refresh_overloaded"}
    assert {FAILURES[name].means for name in again} == {"unknown"}


def test_somebody_else_has_posts_of_their_own(x: Caller) -> None:
    mine = x.posted("Mine")
    x.side.person = LENA
    x.connected()
    x.posted("Mine")
    assert x.list().json()["meta"]["result_count"] == 1
    assert says(x.call("DELETE", f"tweets/{mine}")) == (403, "You are not authorized to delete this Tweet.")
    assert [post.author for post in x.side.posts] == ["2244994945", "783214"]
