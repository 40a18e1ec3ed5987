"""OAuth from start to end at the real server, as a client that is known by its document, and as one on a laptop."""

import json

import httpx
import pytest

from punctual.guarded_http import GuardedHttp
from punctual.providers.bluesky import Bluesky
from punctual.providers.outcomes import Reconnect
from tests.bluesky_oauth.site import Site
from tests.bluesky_oauth.stage import Stage
from tests.e2e.pds.accounts import NEW_HANDLES
from tests.e2e.pds.consent import Person

DOCUMENT = "/v1/oauth/bluesky/client-metadata.json"


def assert_lives(stage: Stage) -> None:
    """Connected, a post published, refreshed, and ended: each at the real server."""
    member = stage.account(next(NEW_HANDLES))
    channel = stage.connect(member)
    found = stage.channel(channel)
    assert (found["status"], found["account"]["handle"]) == ("active", member.handle)
    stage.deployed.run_clocks()

    stage.tenant.posted("Hello", channel, in_minutes=30)
    stage.deployed.clock.run(minutes=60)
    assert stage.texts(member) == ["Hello"]
    assert sum(said.is_refresh and said.status == 200 for said in stage.said) == 1

    old, app = stage.grant()
    stage.deployed.clock.run(minutes=60)
    stage.tenant.posted("Again", channel, in_minutes=10)
    stage.deployed.clock.run(minutes=30)
    assert stage.texts(member) == ["Hello", "Again"]

    current, app = stage.grant()
    assert current.refresh_token != old.refresh_token
    assert stage.tenant.api.delete(f"/v1/channels/{channel}").is_success
    assert ("/oauth/revoke", 200) in [(said.path, said.status) for said in stage.said]
    with pytest.raises(Reconnect):
        real(stage).refresh(current, app)


def real(stage: Stage) -> Bluesky:
    return Bluesky(GuardedHttp(allow_private=True), stage.deployed.clock.now)


def test_a_confidential_client_known_by_the_document_that_we_serve(online: Stage, site: Site):
    assert_lives(online)

    assert set(site.fetched) == {DOCUMENT}
    asked = [said for said in online.said if said.path == "/oauth/token"]
    assert all(said.form["client_id"] == f"{site.url}{DOCUMENT}" for said in asked)
    assert all("client_assertion" in said.form for said in asked)


def test_a_public_client_on_a_laptop(laptop: Stage):
    assert_lives(laptop)

    asked = [said for said in laptop.said if said.path == "/oauth/token"]
    assert all(said.form["client_id"].startswith("http://localhost?redirect_uri=") for said in asked)
    assert all("client_assertion" not in said.form for said in asked)


def test_a_person_who_declines_connects_nothing(online: Stage):
    member = online.account(next(NEW_HANDLES))
    browser = online.deployed.client()
    page = online.page(browser, handle=member.handle)

    came = online.back(browser, Person(page).declines(member.handle))

    assert (came.status_code, "declined" in came.text) == (400, True)
    assert online.tenant.api.get("/v1/channels").json()["data"] == []


def test_a_callback_is_good_once_and_only_from_the_server_that_was_asked(online: Stage):
    member = online.account(next(NEW_HANDLES))
    browser = online.deployed.client()
    query = Person(online.page(browser, handle=member.handle)).consents(member.handle, member.did)

    assert online.back(browser, {**query, "iss": "https://other.example"}).status_code == 400
    assert online.back(online.deployed.client(), query).status_code == 403
    assert online.back(browser, query).status_code == 200
    assert online.back(browser, {**query, "code": "another"}).status_code == 400
    assert len(online.tenant.api.get("/v1/channels").json()["data"]) == 1


def test_another_account_than_the_named_one_is_not_connected(online: Stage):
    named, other = (online.account(next(NEW_HANDLES)) for _ in range(2))
    browser = online.deployed.client()
    page = online.page(browser, handle=named.handle)

    came = online.back(browser, Person(page).consents(other.handle, other.did))

    assert came.status_code == 400
    assert "/oauth/revoke" in [said.path for said in online.said]
    assert online.tenant.api.get("/v1/channels").json()["data"] == []


def test_an_unknown_handle_is_told_at_the_start(online: Stage):
    asked = {"server": online.pds.url, "handle": "nobody.test"}

    refused = online.tenant.api.post("/v1/oauth/bluesky/start", json=asked)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["rule"] == "account_unknown"


def test_no_key_and_no_token_is_stored_in_plain_or_logged(online: Stage, caplog: pytest.LogCaptureFixture):
    member = online.account(next(NEW_HANDLES))
    browser = online.deployed.client()
    query = Person(online.page(browser, handle=member.handle)).consents(member.handle, member.did)
    begun = repr(online.deployed.contents())
    online.back(browser, query)
    online.deployed.clock.run(minutes=50)
    online.deployed.invoke("TokenRefresherFunction", {})

    grant, app = online.grant()
    assert app
    assert app.private_key
    assert grant.refresh_token
    session, client = json.loads(grant.extra["key"]), json.loads(app.private_key.get_secret_value())
    secrets = (session["d"], client["d"], grant.access_token.get_secret_value(), grant.refresh_token.get_secret_value())
    shown = f"{begun} {online.deployed.contents()!r} {[vars(each) for each in caplog.records]!r} {grant!r} {app!r}"
    assert client["x"] in shown, "the public half is in plain"
    assert [secret for secret in (*secrets, query["code"]) if secret in shown] == []


def test_the_document_is_there_once_there_is_a_key_to_name(online: Stage):
    anyone: httpx.Client = online.deployed.client()
    assert anyone.get(DOCUMENT).status_code == 404
    online.page(online.deployed.client())

    served = anyone.get(DOCUMENT)

    document = served.json()
    assert served.headers["Content-Type"] == "application/json"
    assert document["client_id"] == f"{online.own_url}{DOCUMENT}"
    assert document["redirect_uris"] == [f"{online.own_url}/v1/oauth/bluesky/callback"]
    assert '"d"' not in json.dumps(document)
    assert anyone.get("/v1/oauth/mastodon/client-metadata.json").status_code == 404
    assert anyone.get("/v1/oauth/nowhere/client-metadata.json").status_code == 404
