"""The provider against the real Bluesky server, which the test starts; see tests/e2e/pds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from punctual.guarded_http import AddressRefused, GuardedHttp
from punctual.providers.base import Login, Outgoing
from punctual.providers.bluesky import Bluesky, Credentials, Settings
from punctual.providers.outcomes import Reconnect, Rejected, RetryLater, Unauthorized
from tests.e2e.pds.accounts import NEW_HANDLES, connect, make_provider, prepared
from tests.e2e.pds.server import PASSWORD, Pds


@pytest.fixture(scope="module")
def provider() -> Bluesky:
    return make_provider()


@pytest.fixture
def handle(pds: Pds) -> str:
    return next(NEW_HANDLES)


@pytest.fixture
def login(pds: Pds, provider: Bluesky, handle: str) -> Login:
    return connect(pds, provider, handle)


@pytest.fixture(scope="module")
def shared_login(pds: Pds, provider: Bluesky) -> Login:
    """For tests that mind no other's posts: every account costs a second."""
    return connect(pds, provider, next(NEW_HANDLES))


@pytest.fixture
def post(provider: Bluesky, login: Login) -> Outgoing:
    return prepared(provider, login, "Once")


def test_a_login_names_the_account_and_its_server(pds: Pds, login: Login, handle: str):
    (account,) = login.accounts

    assert account.handle == handle
    assert login.grant.server == pds.url
    assert login.grant.expires_at
    assert timedelta(minutes=100) < login.grant.expires_at - datetime.now(UTC) <= timedelta(minutes=121)


def test_a_wrong_password_and_an_unknown_account_are_refused(pds: Pds, provider: Bluesky, handle: str):
    identifier, app_password, _ = pds.make_account(handle)

    for name, password in ((identifier, "abcd-efgh-ijkl-mnop"), ("nobody.test", app_password)):
        with pytest.raises(Rejected, match="did not accept"):
            provider.login(Credentials(identifier=name, app_password=password, server=pds.url))


def test_a_post_arrives_with_its_facets(pds: Pds, provider: Bluesky, login: Login):
    friend = next(NEW_HANDLES)
    _, _, friend_did = pds.make_account(friend)
    text = f"👩‍👩‍👧 שלום @{friend}, https://example.com/ü (#café) @nobody.test"
    chosen = Settings(langs=("en", "he"), labels=("nudity",))

    published = provider.publish(prepared(provider, login, text, settings=chosen), login.grant)

    (account,) = login.accounts
    (found,) = pds.records(account.id)
    record = found["value"]
    assert found["uri"] == published.platform_id
    assert published.url == f"https://bsky.app/profile/{account.handle}/post/{found['uri'].rpartition('/')[2]}"
    assert (record["text"], record["langs"]) == (text, ["en", "he"])
    covered = [
        text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode() for facet in record["facets"]
    ]
    assert covered == [f"@{friend}", "https://example.com/ü", "#café"]
    assert record["facets"][0]["features"][0]["did"] == friend_did


def test_published_twice_it_is_one_post(pds: Pds, provider: Bluesky, login: Login, post: Outgoing):
    first = provider.publish(post, login.grant)
    (before,) = pds.records(post.account.id)

    assert provider.publish(post, login.grant) == first
    assert pds.records(post.account.id) == [before]


def test_it_is_found_only_once_it_is_there(provider: Bluesky, login: Login, post: Outgoing):
    assert provider.find(post, login.grant) is None

    published = provider.publish(post, login.grant)

    assert provider.find(post, login.grant) == published


def test_a_post_is_found_when_its_session_has_ended(provider: Bluesky, login: Login, post: Outgoing):
    published = provider.publish(post, login.grant)
    provider.revoke(login.grant, None)

    assert provider.find(post, replace(login.grant, access_token=SecretStr("junk"))) == published


def test_two_posts_of_one_second_are_two_posts(pds: Pds, provider: Bluesky, login: Login):
    due_at = datetime.now(UTC)
    for number in range(20):
        provider.publish(prepared(provider, login, f"Post {number}", due_at=due_at, key=f"dlv_{number}"), login.grant)

    assert len(pds.records(login.accounts[0].id)) == 20


def test_a_limit_of_the_server_says_when_it_ends(pds: Pds, provider: Bluesky, login: Login, handle: str):
    """The one on naming an account, 10 in 5 minutes: its headers are those of all, and 2,500 posts take a minute."""
    limits: list[datetime] = []
    noting = provider.noting(limits.append)
    content = {"grant": replace(login.grant, access_token=SecretStr(pds.owner(handle))), "json": {"handle": handle}}
    url = f"{pds.url}/xrpc/com.atproto.identity.updateHandle"
    answers = [noting.call("POST", url, **content) for _ in range(10)]

    with pytest.raises(RetryLater) as limited:
        noting.call("POST", url, **content)

    assert 240 < (limited.value.retry_after or 0) <= 300
    last = answers[-1]
    assert (last.headers["RateLimit-Remaining"], last.headers["RateLimit-Policy"]) == ("0", "10;w=300")
    assert limits == [], "five minutes are an address's"
    last.headers["RateLimit-Policy"] = "5000;w=3600"
    until = provider.limited_until(last)
    assert until
    assert timedelta(minutes=4) < until - datetime.now(UTC) <= timedelta(minutes=5)


def test_a_refresh_replaces_both_tokens_and_they_work(provider: Bluesky, login: Login, post: Outgoing):
    grant = provider.refresh(login.grant, None)
    again = provider.refresh(grant, None)

    # Access tokens of one second are equal: nothing in them but the time changes.
    assert len({secret(each.refresh_token) for each in (login.grant, grant, again)}) == 3
    assert provider.publish(post, again)


def test_a_lost_answer_to_a_refresh_ends_nothing(provider: Bluesky, login: Login):
    provider.refresh(login.grant, None)

    assert provider.refresh(login.grant, None).refresh_token


def test_a_token_that_the_server_does_not_take_is_worth_a_refresh(
    pds: Pds, provider: Bluesky, login: Login, post: Outgoing
):
    with pytest.raises(Unauthorized):
        provider.publish(post, replace(login.grant, access_token=SecretStr("junk")))

    assert pds.records(post.account.id) == []


def test_a_session_that_was_revoked_needs_the_person(provider: Bluesky, login: Login):
    provider.revoke(login.grant, None)
    provider.revoke(login.grant, None)

    assert_dead(provider, login)


def test_deleting_the_app_password_ends_the_session(pds: Pds, provider: Bluesky, login: Login, handle: str):
    pds.call("server.revokeAppPassword", token=pds.owner(handle), json={"name": "punctual"})

    assert_dead(provider, login)


def test_an_account_that_is_deactivated_needs_the_person(
    pds: Pds, provider: Bluesky, login: Login, post: Outgoing, handle: str
):
    pds.call("server.deactivateAccount", token=pds.owner(handle), json={})

    with pytest.raises(Reconnect, match="deactivated"):
        provider.publish(post, login.grant)


def test_an_account_that_is_taken_down_needs_the_person(pds: Pds, provider: Bluesky, login: Login, post: Outgoing):
    pds.take_down(post.account.id)

    with pytest.raises(Reconnect, match="taken this account down"):
        provider.publish(post, login.grant)
    with pytest.raises(Reconnect, match="taken this account down"):
        provider.refresh(login.grant, None)


CHARACTERS = ["x", "é", "e\u0301", "👍🏽", "🇩🇪", "1️⃣", "क्षि", "ก็", "각", "👩‍👩‍👧"]


@pytest.mark.parametrize("character", CHARACTERS)
def test_it_counts_as_the_server_counts(provider: Bluesky, shared_login: Login, character: str):
    longest = max(n for n in range(301) if passes(provider, shared_login, character * n))
    fits = prepared(provider, shared_login, character * longest, key=f"{character} fits")
    too_long = prepared(provider, shared_login, character * (longest + 1), key=f"{character} too long")

    assert provider.publish(fits, shared_login.grant) == provider.find(fits, shared_login.grant)
    with pytest.raises(Rejected):
        provider.publish(too_long, shared_login.grant)
    assert provider.find(too_long, shared_login.grant) is None


def test_a_server_on_a_private_address_is_refused_where_that_is_not_allowed(pds: Pds):
    guarded = Bluesky(GuardedHttp(), lambda: datetime.now(UTC))

    with pytest.raises(Rejected, match="refused") as refused:
        guarded.login(Credentials(identifier="a.test", app_password=PASSWORD, server=pds.url))
    assert isinstance(refused.value.__cause__, AddressRefused)


def passes(provider: Bluesky, login: Login, text: str) -> bool:
    return not provider.check(text, Settings(), login.accounts[0])


def assert_dead(provider: Bluesky, login: Login) -> None:
    with pytest.raises(Reconnect) as dead:
        provider.refresh(login.grant, None)
    assert not isinstance(dead.value, Unauthorized)


def secret(token: SecretStr | None) -> str:
    assert token
    return token.get_secret_value()
