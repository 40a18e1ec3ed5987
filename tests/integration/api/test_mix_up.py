"""A server of a platform of many must not get the code of another one: RFC 9700, section 4.4."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from tests.contract.mastodon.far_side import FarSide
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

CALLBACK = "/v1/oauth/mastodon/callback"


@pytest.fixture
def honest(deployed: Deployed) -> FarSide:
    return arrived(deployed, "honest.example")


@pytest.fixture
def evil(deployed: Deployed) -> FarSide:
    return arrived(deployed, "evil.example")


def arrived(deployed: Deployed, host: str) -> FarSide:
    side = FarSide(deployed.clock.now, host=host)
    deployed.hosts[host] = side.answer
    return side


def asked(tenant: Tenant, browser: httpx.Client, side: FarSide) -> str:
    """The address at the server that the browser is sent on to."""
    sent_on = browser.get(tenant.start("mastodon", server=side.origin))
    return str(sent_on.headers["location"])


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def test_each_server_has_a_redirect_uri_of_its_own_under_one_path(
    deployed: Deployed, tenant: Tenant, honest: FarSide
) -> None:
    with deployed.client() as browser:
        url = asked(tenant, browser, honest)
        back = browser.get(f"{CALLBACK}?{urlencode(honest.consent(url))}")
    assert query(url)["redirect_uri"] == f"https://punctual.example{CALLBACK}?server=honest.example"
    assert back.status_code == 200, back.text
    assert [channel["provider"] for channel in tenant.api.get("/v1/channels").json()["data"]] == ["mastodon"]


def test_a_server_that_sends_people_on_to_another_never_sees_that_ones_code(
    deployed: Deployed, tenant: Tenant, honest: FarSide, evil: FarSide
) -> None:
    with deployed.client() as browser, deployed.client() as attacker:
        theirs = query(asked(tenant, attacker, honest))
        ours = query(asked(tenant, browser, evil))
        lured = {**theirs, "state": ours["state"]}
        given = honest.consent(f"{honest.origin}/oauth/authorize?{urlencode(lured)}")
        stored = deployed.contents()
        for tried in (given, {**given, "server": "other.example"}, without(given)):
            refused = browser.get(f"{CALLBACK}?{urlencode(tried)}")
            assert refused.status_code == 400
            assert "issuer_mismatch" in refused.text
        assert deployed.contents() == stored
    assert [request for request in evil.seen if request.url.path == "/oauth/token"] == []


def without(given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if name != "server"}
