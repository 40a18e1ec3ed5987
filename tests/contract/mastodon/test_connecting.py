import pytest

from punctual.providers.mastodon import Server
from punctual.providers.outcomes import Reconnect, Rejected, RetryLater, Unauthorized
from tests.contract.mastodon.far_side import failed
from tests.contract.mastodon.session import REDIRECT_URI, callback, connect, consent


def test_a_server_registers_us_for_one_redirect_uri_and_the_scopes_we_use(session, far_side):
    app = far_side.apps[session.app.client_id]
    assert app["redirect_uris"] == [REDIRECT_URI]
    assert app["scopes"] == ["read:accounts", "read:statuses", "write:statuses", "write:media"]
    assert app["name"] == "Punctual"


def test_a_connected_account_is_unique_across_servers_and_keeps_its_servers_limits(session):
    account = session.account
    assert (account.id, account.handle) == ("14715@mastodon.example", "@kim@example.social")
    assert (account.server, account.url) == ("https://mastodon.example", "https://mastodon.example/@kim")
    assert dict(account.limits) == {
        "max_text": 500,
        "characters_reserved_per_url": 23,
        "key_window_seconds": 3540,
    }


def test_a_grant_never_expires_and_names_its_server_and_scopes(session):
    assert session.grant.expires_at is None
    assert session.grant.refresh_token is None
    assert session.grant.server == "https://mastodon.example"
    assert "write:statuses" in session.grant.scopes


def test_a_code_is_worth_nothing_with_another_verifier(provider_for, far_side):
    provider = provider_for(far_side)
    app = provider.register_app(far_side.origin, REDIRECT_URI)
    query = far_side.consent(provider.authorization_url(consent(app, far_side.origin)))
    with pytest.raises(Reconnect) as refused:
        provider.authenticate(callback(app, far_side.origin, query["code"], "another-verifier"))
    assert refused.value.platform_code == "invalid_grant"


def test_a_code_is_good_once(provider_for, far_side):
    provider = provider_for(far_side)
    app = provider.register_app(far_side.origin, REDIRECT_URI)
    query = far_side.consent(provider.authorization_url(consent(app, far_side.origin)))
    provider.authenticate(callback(app, far_side.origin, query["code"]))
    with pytest.raises(Reconnect):
        provider.authenticate(callback(app, far_side.origin, query["code"]))


def test_a_registration_that_the_server_forgot_is_named_so_that_it_can_be_made_anew(provider_for, far_side):
    provider = provider_for(far_side)
    app = provider.register_app(far_side.origin, REDIRECT_URI)
    query = far_side.consent(provider.authorization_url(consent(app, far_side.origin)))
    far_side.apps.clear()
    with pytest.raises(RetryLater) as refused:
        provider.authenticate(callback(app, far_side.origin, query["code"]))
    assert refused.value.platform_code == "invalid_client"


def test_a_revoked_grant_no_longer_works(session):
    session.provider.revoke(session.grant, session.app)
    with pytest.raises(Unauthorized):
        session.publish()


def test_an_older_server_that_does_not_know_pkce_still_connects(compatible_session):
    account = compatible_session.account
    assert account.handle == "@kim@mastodon.example"
    assert dict(account.limits) == {"max_text": 5000, "key_window_seconds": 0}


def test_the_same_person_on_two_servers_is_two_accounts(session, compatible_side, provider_for):
    compatible_side.origin = "https://elsewhere.example"
    assert connect(provider_for(compatible_side), compatible_side).account.id == "14715@elsewhere.example"


def test_a_website_that_is_no_mastodon_server_is_a_refusal_that_says_so(provider_for, far_side):
    far_side.answers_next = [failed(404, "Not found")]
    with pytest.raises(Rejected, match="is it a Mastodon server"):
        provider_for(far_side).register_app(far_side.origin, REDIRECT_URI)


def test_an_address_is_made_a_servers_origin(provider_for, far_side):
    fields = Server(server=" Mastodon.Example/@kim ")
    assert provider_for(far_side).server(fields, "https://punctual.example") == "https://mastodon.example"
