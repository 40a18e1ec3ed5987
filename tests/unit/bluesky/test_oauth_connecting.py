"""Connecting by consent. The far side refuses every request whose proofs are not in order."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr, ValidationError

from punctual.atproto.forms import Person
from punctual.atproto.keys import new_key
from punctual.providers.outcomes import Reconnect, Rejected
from tests.contract.bluesky.far_side import DID
from tests.contract.bluesky.oauth_far_side import HOME, ISSUER
from tests.contract.bluesky.oauth_session import LOOPBACK_URI, OAuthSession

RESOLVE = "/xrpc/com.atproto.identity.resolveHandle"


def test_a_consent_gives_the_account_and_a_grant_for_the_server_that_keeps_it(consented: OAuthSession):
    login = consented.login(handle="alice.example")

    (account,) = login.accounts
    assert (account.id, account.handle, account.server) == (DID, "alice.example", HOME)
    assert account.url == "https://bsky.app/profile/alice.example"
    assert login.grant.server == HOME
    assert login.grant.scopes == ("atproto", "transition:generic")
    assert login.grant.expires_at == consented.clock() + timedelta(hours=1)


def test_a_handle_finds_the_accounts_own_server_whatever_server_is_given(consented: OAuthSession):
    begun = consented.begin(handle="@Alice.example", server=ISSUER)

    assert begun.server == ISSUER
    assert consented.far_side.urls[0] == f"{ISSUER}{RESOLVE}"
    assert f"{HOME}/.well-known/oauth-protected-resource" in consented.far_side.urls


def test_without_a_handle_any_account_of_the_server_may_consent(consented: OAuthSession):
    begun = consented.begin()

    assert set(begun.kept) == {"key"}
    assert consented.finish(begun, consented.far_side.consent(consented.page(begun))).accounts[0].id == DID


def test_a_front_that_keeps_no_accounts_is_asked_itself(consented: OAuthSession):
    assert consented.begin(server=ISSUER).server == ISSUER


def test_the_browser_carries_a_name_and_the_server_got_the_request(consented: OAuthSession):
    url = consented.page(consented.begin(handle="alice.example"))

    query = parse_qs(urlsplit(url).query)
    ((asked, _),) = consented.far_side.pushed.values()
    assert url.startswith(f"{ISSUER}/oauth/authorize?")
    assert set(query) == {"client_id", "request_uri"}
    assert (asked["state"], asked["login_hint"]) == ("the-state", "alice.example")
    assert asked["scope"] == "atproto transition:generic"


def test_a_page_that_was_opened_twice_may_be_finished_from_either(consented: OAuthSession):
    begun = consented.begin()
    first, second = consented.page(begun), consented.page(begun)

    assert first != second
    for page in (first, second):
        assert consented.finish(begun, consented.far_side.consent(page)).grant


def test_two_connections_have_keys_of_their_own(consented: OAuthSession):
    one, other = consented.begin(), consented.begin()
    stolen = consented.far_side.consent(consented.page(one))

    assert one.kept["key"] != other.kept["key"]
    with pytest.raises(Reconnect) as refused:
        consented.finish(other, stolen)
    assert refused.value.code == "code_refused"


def test_a_code_is_worth_nothing_without_its_verifier(consented: OAuthSession):
    begun = consented.begin()

    with pytest.raises(Reconnect):
        consented.finish(begun, consented.far_side.consent(consented.page(begun)), code_verifier=SecretStr("a" * 43))


def test_the_deployed_client_proves_itself_by_the_key_that_it_publishes(consented: OAuthSession):
    consented.login()

    document = consented.far_side.clients[consented.app.client_id]
    assert consented.app.client_id == "https://punctual.example/v1/oauth/bluesky/client-metadata.json"
    assert document["client_id"] == consented.app.client_id
    assert document["redirect_uris"] == [consented.redirect_uri]
    assert "d" not in document["jwks"]["keys"][0]

    consented.app = replace(consented.app, private_key=new_key())
    with pytest.raises(ValueError, match="unpack"):
        consented.login()


def test_a_laptop_is_a_public_client_that_is_named_by_its_address():
    laptop = OAuthSession(LOOPBACK_URI)

    login = laptop.login(handle="alice.example")

    assert laptop.app.private_key is None
    assert laptop.app.client_id.startswith("http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%3A4566%2F")
    assert login.grant.renewable_until == laptop.clock() + timedelta(days=14)


def test_a_deployed_client_is_connected_for_two_years(consented: OAuthSession):
    assert consented.login().grant.renewable_until == consented.clock() + timedelta(days=730)


@pytest.mark.parametrize(
    ("own", "there"),
    [
        ("http://localhost:4566/_aws/x", "http://127.0.0.1:4566/_aws/x"),
        ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
        ("https://localhost.example", "https://localhost.example"),
        ("https://punctual.example", "https://punctual.example"),
    ],
)
def test_the_name_localhost_becomes_its_address(consented: OAuthSession, own: str, there: str):
    assert consented.provider.own_url(own) == there


@pytest.mark.parametrize("handle", ["@Alice.Example", " \u202aalice.example\u202c ", "alice.example"])
def test_a_handle_is_taken_as_people_write_it(handle: str):
    assert Person(handle=handle).handle == "alice.example"


@pytest.mark.parametrize("handle", ["alice", "alice@example.com", "alice.example/x", "http://alice.example", ""])
def test_what_is_no_handle_is_refused(handle: str):
    with pytest.raises(ValidationError):
        Person(handle=handle)


def test_a_handle_that_leads_to_another_account_is_not_shown(consented: OAuthSession):
    consented.far_side.documents[f"{HOME}{RESOLVE}"] = {"did": "did:plc:bobbbbbbbbbbbbbbbbbbbbbb"}

    (account,) = consented.login().accounts

    assert (account.handle, account.url) == ("handle.invalid", f"https://bsky.app/profile/{DID}")


def test_an_unknown_handle_is_refused_at_once(consented: OAuthSession):
    del consented.far_side.documents[f"{HOME}{RESOLVE}"]

    with pytest.raises(Rejected) as refused:
        consented.begin(handle="alice.example")

    assert refused.value.code == "account_unknown"


def test_nothing_secret_is_in_a_repr(consented: OAuthSession):
    begun = consented.begin()
    login = consented.finish(begun, consented.far_side.consent(consented.page(begun)))

    shown = f"{begun!r} {login!r} {consented.app!r}"
    assert begun.kept["key"] not in shown
    assert '"d"' not in shown
    assert "access-" not in shown
