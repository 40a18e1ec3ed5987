"""Connect links: a page for somebody without a key, used up by the first successful connection."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from punctual.connecting.connect_links import MOST_TRIES
from tests.contract.bluesky.far_side import APP_PASSWORD, FarSide
from tests.integration.api.deployed import BASE, Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_choosing import grants
from tests.integration.api.test_connecting import channels, page
from tests.sandbox_bridge import consent, form

RETURN = "https://app.example/done"


@pytest.fixture
def tenant(deployed: Deployed) -> Tenant:
    deployed.empty()
    return deployed.tenant("https://app.example")


@pytest.fixture
def bluesky(deployed: Deployed) -> Iterator[FarSide]:
    side = FarSide(deployed.clock.now)
    deployed.hosts |= dict.fromkeys(side.hosts, side.answer)
    yield side
    for host in side.hosts:
        del deployed.hosts[host]


def made(tenant: Tenant, **given: Any) -> dict[str, Any]:
    answer = tenant.api.post("/v1/connect-links", json={"providers": ["sandbox"], **given})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def seen(tenant: Tenant, link: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = tenant.api.get(f"/v1/connect-links/{link['id']}").json()
    return found


def consented(browser: httpx.Client, link: dict[str, Any], *, handle: str = "ada", **typed: str) -> str:
    """The callback's URL, which the browser has not opened yet."""
    said = page(browser.get(link["url"]), 200)
    action, fields = form(said)
    sent = page(browser.post(urljoin(link["url"], action), data=fields), 200)
    authorize = sent.partition('<a href="')[2].partition('"')[0]
    sent_on = browser.get(authorize)
    assert sent_on.status_code == 303, sent_on.text
    return consent(browser, sent_on.headers["location"], handle=handle, lifetime="300", **typed).headers["location"]


def test_a_customers_customer_connects_an_account_without_a_key(deployed: Deployed, tenant: Tenant) -> None:
    link = made(tenant, return_url=RETURN, external_id="customer-7")
    assert link["url"].startswith(f"{BASE}/connect/{link['id']}.")
    with deployed.client() as browser:
        back = browser.get(consented(browser, link))
    (channel,) = channels(tenant)
    assert back.headers["location"] == f"{RETURN}?provider=sandbox&channel_id={channel['id']}"
    assert channel["external_id"] == "customer-7"
    found = seen(tenant, link)
    assert (found["status"], found["channel_ids"]) == ("used", [channel["id"]])
    assert "url" not in found


def test_opening_it_does_not_use_it_up_and_neither_does_a_connection_that_fails(
    deployed: Deployed, tenant: Tenant
) -> None:
    link = made(tenant)
    with deployed.client() as browser:
        for _ in range(3):
            page(browser.get(link["url"]), 200)
        denied = consented(browser, link, decision="deny")
        assert "access_denied" in page(browser.get(denied), 400)
        assert seen(tenant, link)["status"] == "open"
        page(browser.get(consented(browser, link)), 200)
        assert "link_used" in page(browser.get(link["url"]), 409)
    assert len(channels(tenant)) == 1


def test_of_two_browsers_at_once_one_wins_and_nothing_of_the_other_is_stored(
    deployed: Deployed, tenant: Tenant
) -> None:
    link = made(tenant, external_id="customer-7")
    with deployed.client() as first, deployed.client() as second:
        theirs, others = consented(first, link), consented(second, link, handle="bob")
        page(first.get(theirs), 200)
        stored = grants(deployed)
        assert "link_used" in page(second.get(others), 400)
        assert "link_used" in page(second.get(others), 400)
    assert [channel["account"]["handle"] for channel in channels(tenant)] == ["ada"]
    assert grants(deployed) == stored


def test_a_login_of_several_accounts_is_one_use(deployed: Deployed, tenant: Tenant) -> None:
    link = made(tenant, external_id="customer-7", return_url=RETURN)
    with deployed.client() as browser, deployed.client() as other:
        shown = browser.get(consented(browser, link, teams="3"))
        action, fields = form(page(shown, 200))
        assert seen(tenant, link)["status"] == "open"
        late = other.get(consented(other, link, handle="bob", teams="2"))
        ids = [each.partition('"')[0] for each in shown.text.split('name="account" value="')[1:]]
        given = {"state": fields["state"], "account": ids[1:3]}
        page(browser.post(urljoin(str(shown.url), action), data=given), 200)
        theirs = form(page(late, 200))[1]
        sent = other.post("/v1/oauth/sandbox/accounts", data={"state": theirs["state"], "account": theirs["account"]})
        assert "error=link_used" in page(sent, 200)
    found = channels(tenant)
    assert {channel["external_id"] for channel in found} == {"customer-7"}
    assert sorted(seen(tenant, link)["channel_ids"]) == sorted(channel["id"] for channel in found)
    assert len(found) == 2


@pytest.mark.parametrize("ending", ["expired", "revoked", "guessed", "nonsense", "bare"])
def test_a_link_that_is_not_good_opens_nothing(deployed: Deployed, tenant: Tenant, ending: str) -> None:
    link = made(tenant, expires_in_seconds=60)
    url = link["url"]
    if ending == "expired":
        deployed.clock.sleep(61)
    if ending == "revoked":
        assert tenant.api.delete(f"/v1/connect-links/{link['id']}").json()["status"] == "revoked"
        assert tenant.api.delete(f"/v1/connect-links/{link['id']}").json()["status"] == "revoked"
    url = {"guessed": f"{url[:-1]}x", "nonsense": f"{BASE}/connect/x", "bare": url.partition(".e")[0]}.get(ending, url)
    if ending == "bare":
        url = f"{BASE}/connect/{link['id']}"
    stored = deployed.contents()
    with deployed.client() as browser:
        assert "link_unknown" in page(browser.get(url), 404)
        assert "link_unknown" in page(browser.post(f"{url}/sandbox", data={"way": "oauth"}), 404)
    assert deployed.contents() == stored
    if ending in ("expired", "revoked"):
        assert seen(tenant, link)["status"] == ending


def test_what_was_consented_to_before_it_was_revoked_is_not_stored(deployed: Deployed, tenant: Tenant) -> None:
    link = made(tenant)
    with deployed.client() as browser:
        back = consented(browser, link)
        tenant.api.delete(f"/v1/connect-links/{link['id']}")
        assert "link_used" in page(browser.get(back), 400)
    assert (channels(tenant), grants(deployed)) == ([], [])


def test_by_credentials_on_the_page(deployed: Deployed, tenant: Tenant, bluesky: FarSide) -> None:
    link = made(tenant, providers=["bluesky"], external_id="customer-7")
    with deployed.client() as browser:
        said = page(browser.get(link["url"]), 200)
        assert 'type="password" name="app_password"' in said
        given = {"way": "credentials", "identifier": "alice.example", "server": bluesky.entrance}
        url = f"{link['url']}/bluesky"
        wrong = page(browser.post(url, data={**given, "app_password": "wrong-one"}), 422)
        assert 'value="alice.example"' in wrong
        assert "wrong-one" not in wrong
        missing = page(browser.post(url, data=given), 422)
        assert 'role="alert"' in missing
        assert seen(tenant, link)["status"] == "open"
        assert "Connected" in page(browser.post(url, data={**given, "app_password": APP_PASSWORD}), 200)
        assert "link_used" in page(browser.post(url, data={**given, "app_password": APP_PASSWORD}), 409)
    (channel,) = channels(tenant)
    assert (channel["provider"], channel["external_id"]) == ("bluesky", "customer-7")
    assert seen(tenant, link)["channel_ids"] == [channel["id"]]


def test_a_server_of_whoever_has_a_link_takes_over_no_account_that_is_connected(
    deployed: Deployed, tenant: Tenant, bluesky: FarSide
) -> None:
    known = {"identifier": "alice.example", "app_password": APP_PASSWORD, "server": bluesky.entrance}
    tenant.api.post("/v1/channels", json={"provider": "bluesky", "credentials": known})
    before = channels(tenant), deployed.items("GrantsTable")
    link = made(tenant, providers=["bluesky"])
    deployed.hosts["evil.example"] = bluesky.answer
    with deployed.client() as browser:
        typed = {"way": "credentials", **known, "server": "https://evil.example"}
        said = page(browser.post(f"{link['url']}/bluesky", data=typed), 422)
    del deployed.hosts["evil.example"]
    assert "does not speak for the account" in said
    assert channels(tenant) == before[0]
    assert [item for item in deployed.items("GrantsTable") if item["sk"] == "grant"] == [
        item for item in before[1] if item["sk"] == "grant"
    ]
    assert seen(tenant, link)["status"] == "open"


def test_faults_stand_beside_their_fields(deployed: Deployed, tenant: Tenant) -> None:
    link = made(tenant, providers=["mastodon"])
    with deployed.client() as browser:
        sent = browser.post(f"{link['url']}/mastodon", data={"way": "oauth", "server": '"><script>'})
        said = page(sent, 422)
    assert "<script>" not in said
    assert "aria-invalid" in said
    stored = [item["pk"] for item in deployed.items("GrantsTable")]
    assert not [pk for pk in stored if pk.startswith("con_")]


def test_a_link_is_for_its_own_providers_and_ways(deployed: Deployed, tenant: Tenant) -> None:
    link = made(tenant)
    with deployed.client() as browser:
        for provider, way in (("mastodon", "oauth"), ("sandbox", "credentials"), ("nosuch", "oauth"), ("sandbox", "")):
            sent = browser.post(f"{link['url']}/{provider}", data={"way": way})
            assert "wrong_connection" in page(sent, 400)


def test_a_link_for_one_channel_reconnects_it_and_no_other(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    link = tenant.api.post("/v1/connect-links", json={"channel_id": channel}).json()
    assert (link["providers"], link["channel_id"]) == (["sandbox"], channel)
    with deployed.client() as browser:
        assert "other_account" in page(browser.get(consented(browser, link, handle="bob")), 400)
        assert seen(tenant, link)["status"] == "open"
        page(browser.get(consented(browser, link, handle="ada")), 200)
    assert seen(tenant, link)["channel_ids"] == [channel]
    assert [each["id"] for each in channels(tenant)] == [channel]


def test_what_a_link_may_not_be(deployed: Deployed, tenant: Tenant) -> None:
    theirs = deployed.tenant().connect("ada")
    mine = tenant.connect("ada")
    stored = deployed.contents()

    def refused(status: int, param: str | None, **given: Any) -> None:
        answer = tenant.api.post("/v1/connect-links", json=given)
        found = [fault["param"] for fault in answer.json().get("errors", [])]
        assert (answer.status_code, found) == (status, [param] if param else [])

    refused(422, "/providers/1", providers=["sandbox", "nosuch"])
    refused(422, "/providers", providers=[])
    refused(422, "/return_url", return_url="https://evil.example")
    refused(422, "/expires_in_seconds", expires_in_seconds=59)
    refused(422, "/expires_in_seconds", expires_in_seconds=2_592_001)
    refused(422, "/external_id", external_id="")
    refused(422, "/providers", providers=["mastodon"], channel_id=mine)
    refused(404, None, channel_id=theirs)
    assert deployed.contents() == stored


def test_links_are_listed_and_channels_found_by_ones_own_name(deployed: Deployed, tenant: Tenant) -> None:
    links = [made(tenant, external_id=f"customer-{number}")["id"] for number in range(3)]
    deployed.tenant().api.post("/v1/connect-links", json={})
    deployed.clock.sleep(5)
    listed = tenant.api.get("/v1/connect-links").json()
    assert sorted(each["id"] for each in listed["data"]) == sorted(links)
    first = tenant.api.get("/v1/connect-links", params={"limit": 2}).json()
    rest = tenant.api.get("/v1/connect-links", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [each["id"] for each in (*first["data"], *rest["data"])] == sorted(links)
    with deployed.client() as browser:
        browser.get(consented(browser, made(tenant, external_id="customer-7")))
    tenant.connect("bob")
    found = tenant.api.get("/v1/channels", params={"external_id": "customer-7"}).json()["data"]
    assert [channel["account"]["handle"] for channel in found] == ["ada"]
    assert tenant.api.get("/v1/channels", params={"external_id": "nobody"}).json()["data"] == []


def test_without_providers_it_is_for_all_that_can_be_connected(tenant: Tenant) -> None:
    link = tenant.api.post("/v1/connect-links", json={}).json()
    assert {"sandbox", "mastodon", "bluesky"} <= set(link["providers"])


def test_whoever_has_a_link_tries_it_so_often_and_no_oftener(deployed: Deployed, tenant: Tenant) -> None:
    """Each try may have us call a server and keep a registration there for good."""
    link = made(tenant, providers=["mastodon"])
    asked: list[str] = []

    def no_mastodon(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(404)

    deployed.hosts["evil.example"] = no_mastodon
    with deployed.client() as browser:
        typed = {"way": "oauth", "server": "https://evil.example"}
        said = [browser.post(f"{link['url']}/mastodon", data=typed) for _ in range(MOST_TRIES + 5)]
    del deployed.hosts["evil.example"]
    assert [each.status_code for each in said] == [422] * MOST_TRIES + [404] * 5
    assert "tried too often" in said[-1].text
    assert len(asked) == MOST_TRIES


def test_the_address_is_stored_nowhere(deployed: Deployed, tenant: Tenant) -> None:
    secret = made(tenant)["url"].rpartition(".")[2]
    assert secret not in repr(deployed.contents())
