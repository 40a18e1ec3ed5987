"""Connecting by OAuth, through the pages that a person's browser opens, and what may not finish a connection."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.api.deployed import BASE, Deployed
from tests.integration.api.tenant import Tenant

RETURN = "https://app.example/done"


@pytest.fixture(params=[True, False], ids=["cookies array", "Cookie header"])
def _cookies(request: pytest.FixtureRequest, deployed: Deployed) -> Iterator[None]:
    deployed.gateway.sends_cookies_array = request.param
    yield
    deployed.gateway.sends_cookies_array = True


def page(answer: httpx.Response, status: int) -> str:
    """What it says to a person, of a page that no cache and no other site gets to know."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    return answer.text


def with_query(url: str, **changed: str | None) -> str:
    found = httpx.URL(url)
    for name, value in changed.items():
        found = found.copy_remove_param(name) if value is None else found.copy_set_param(name, value)
    return str(found)


def channels(tenant: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tenant.api.get("/v1/channels").json()["data"]
    return found


@pytest.mark.usefixtures("_cookies")
def test_a_person_connects_an_account_and_lands_on_the_return_url(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser:
        back = browser.get(tenant.consented(browser, return_url=f"{RETURN}?a=1#top", handle="ada"))
    (channel,) = channels(tenant)
    assert back.status_code == 303
    assert back.headers["location"] == f"{RETURN}?a=1&provider=sandbox&channel_id={channel['id']}#top"
    assert (channel["provider"], channel["status"], channel["account"]["handle"]) == ("sandbox", "active", "ada")


@pytest.fixture
def tenant(deployed: Deployed) -> Tenant:
    deployed.empty()
    return deployed.tenant("https://app.example", "https://other.example/exactly?so=1")


def test_without_a_return_url_a_plain_page_says_what_was_connected(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser:
        said = page(browser.get(tenant.consented(browser, handle="ada")), 200)
    assert "Connected" in said
    assert "ada" in said


def test_the_cookie_is_bound_to_this_host_and_kept_from_scripts(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser:
        answer = browser.get(tenant.start())
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name == "__Host-punctual"
    assert {part.strip() for part in rest.split(";")[1:]} >= {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}
    assert "domain" not in rest.lower()
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_the_platform_is_asked_with_pkce_and_the_exact_redirect_uri(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser:
        asked = httpx.URL(browser.get(tenant.start()).headers["location"]).params
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{BASE}/v1/oauth/sandbox/callback"
    catalogue = tenant.api.get("/v1/providers/sandbox").json()
    assert asked["redirect_uri"] == catalogue["connect"]["oauth"]["redirect_uri"]
    stored = str(deployed.contents())
    assert asked["state"] not in stored


def test_the_same_callback_twice_in_one_browser_shows_the_same_page(deployed: Deployed, tenant: Tenant) -> None:
    for fields in ({}, {"return_url": RETURN}):
        with deployed.client() as browser:
            url = tenant.consented(browser, **fields)
            first = browser.get(url)
            stored, asked = deployed.contents(), len(deployed.requests)
            again = browser.get(url)
        assert (again.status_code, again.text) == (first.status_code, first.text)
        assert again.headers.get("location") == first.headers.get("location")
        assert (deployed.contents(), len(deployed.requests)) == (stored, asked)
    assert len(channels(tenant)) == 1


def test_a_used_state_takes_no_other_code_and_no_error(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser:
        url = tenant.consented(browser)
        browser.get(url)
        stored = deployed.contents()
        for other in (with_query(url, code="another"), with_query(url, code=None, error="access_denied")):
            assert "state_used" in page(browser.get(other), 400)
    assert deployed.contents() == stored


def test_an_authorize_page_of_a_finished_connection_starts_nothing(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser:
        ours = tenant.start()
        sent_on = browser.get(ours).headers["location"]
        state = httpx.URL(sent_on).params["state"]
        browser.get(f"/v1/oauth/sandbox/callback?state={state}&error=access_denied&iss={BASE}/sandbox")
        stored = deployed.contents()
        assert "state_used" in page(browser.get(ours), 400)
    assert deployed.contents() == stored


def test_nobody_finishes_a_connection_that_another_browser_began(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser, deployed.client() as stranger, deployed.client() as third:
        url = tenant.consented(browser)
        third.get(tenant.start())
        stored = deployed.contents()
        for other in (stranger, third):
            assert "other_browser" in page(other.get(url), 403)
        assert deployed.contents() == stored
        page(browser.get(url), 200)


def test_a_state_expires_after_ten_minutes_although_the_table_still_holds_it(
    deployed: Deployed, tenant: Tenant
) -> None:
    with deployed.client() as browser:
        begun = tenant.start()
        url = tenant.consented(browser)
        deployed.clock.sleep(601)
        stored = deployed.contents()
        assert "state_unknown" in page(browser.get(url), 400)
        assert "state_unknown" in page(browser.get(begun), 400)
    assert deployed.contents() == stored


def test_a_state_is_good_for_its_own_provider_only(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser:
        url = tenant.consented(browser)
        stored = deployed.contents()
        for other in ("mastodon", "nosuch", "bluesky"):
            answer = browser.get(url.replace("/oauth/sandbox/", f"/oauth/{other}/"))
            assert "state_of_other_provider" in page(answer, 400)
        begun = tenant.start().replace("/oauth/sandbox/", "/oauth/mastodon/")
        stored = deployed.contents()
        assert "state_of_other_provider" in page(browser.get(begun), 400)
    assert deployed.contents() == stored


@pytest.mark.parametrize("state", [None, "", "guessed", "é", "x" * 3000])
def test_an_unknown_state_changes_nothing(deployed: Deployed, tenant: Tenant, state: str | None) -> None:
    with deployed.client() as browser:
        url = tenant.consented(browser)
        stored = deployed.contents()
        assert "state_unknown" in page(browser.get(with_query(url, state=state)), 400)
        assert "state_unknown" in page(browser.get(f"/v1/oauth/sandbox/authorize?ticket={state or ''}"), 400)
    assert deployed.contents() == stored


@pytest.mark.parametrize("iss", [None, "", f"{BASE}/sandbox/", "https://evil.example/sandbox"])
def test_an_answer_of_another_issuer_is_refused_and_spends_nothing(
    deployed: Deployed, tenant: Tenant, iss: str | None
) -> None:
    with deployed.client() as browser:
        url = tenant.consented(browser)
        stored = deployed.contents()
        assert "issuer_mismatch" in page(browser.get(with_query(url, iss=iss)), 400)
        assert deployed.contents() == stored
        page(browser.get(url), 200)


def test_a_callback_with_neither_code_nor_error_spends_nothing(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser:
        url = tenant.consented(browser)
        assert "callback_incomplete" in page(browser.get(with_query(url, code=None)), 400)
        page(browser.get(url), 200)


def test_a_denied_consent_ends_on_a_page_and_on_the_return_url(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser:
        url = tenant.consented(browser, decision="deny")
        said = page(browser.get(url), 400)
        assert "access_denied" in said
        assert "Not connected" in said
        assert page(browser.get(url), 400) == said
        back = browser.get(tenant.consented(browser, decision="deny", return_url=RETURN))
    assert back.headers["location"] == f"{RETURN}?provider=sandbox&error=access_denied"
    assert channels(tenant) == []
    assert [item for item in deployed.items("GrantsTable") if item["sk"] == "grant"] == []


def test_every_error_of_the_platform_ends_honestly_and_echoes_nothing(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser:
        url = with_query(tenant.consented(browser), error="<script>boom</script>", error_description="boom")
        said = page(browser.get(url), 400)
        assert "platform_error" in said
        assert "boom" not in said
        spent = with_query(tenant.consented(browser, return_url=RETURN), code="never-issued")
        back = browser.get(spent)
        assert back.headers["location"].startswith(f"{RETURN}?provider=sandbox&error=")
        assert browser.get(spent).headers["location"] == back.headers["location"]
    assert channels(tenant) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/done",
        "https://app.example@evil.example/done",
        "https://app.example:x@evil.example",
        "https://app.example.evil.example/done",
        "https://app.examplee/done",
        "https://app.example\\@evil.example/",
        "https://app.example\\.evil.example/",
        "http://app.example/done",
        "//app.example/done",
        "app.example/done",
        "/done",
        "javascript://app.example/%0aalert(1)",
        "https://app.example:8443/done",
        "https://APP.example/done",
        "https://other.example/exactly",
        "https://other.example/exactly?so=1&more=2",
        "https://other.example",
        "https://app.example/a\r\nSet-Cookie: a=b",
        "https://app.exa\tmple/done",
        " https://app.example/done",
        "https://app.example/\u2028",
        "https://[app.example/done",
        "https://app.example℀.evil.example",
        "https://app.example/" + "x" * 2000,
        "",
        7,
        ["https://app.example"],
    ],
)
def test_an_unregistered_return_url_is_refused_before_anything_begins(
    deployed: Deployed, tenant: Tenant, url: Any
) -> None:
    stored = deployed.contents()
    answer = tenant.api.post("/v1/oauth/sandbox/start", json={"return_url": url})
    assert answer.status_code == 422, answer.text
    assert [(fault["param"], fault["rule"]) for fault in answer.json()["errors"]] == [
        ("/return_url", "return_url.registered")
    ]
    assert deployed.contents() == stored


@pytest.mark.parametrize("url", ["https://app.example", "https://app.example/", "https://other.example/exactly?so=1"])
def test_a_registered_return_url_is_taken(tenant: Tenant, url: str) -> None:
    tenant.start(return_url=url)


def test_a_return_url_of_another_workspace_is_none(deployed: Deployed, tenant: Tenant) -> None:
    other = deployed.tenant("https://theirs.example")
    assert tenant.api.post("/v1/oauth/sandbox/start", json={"return_url": "https://theirs.example"}).status_code == 422
    other.start(return_url="https://theirs.example")


def test_a_provider_is_connected_in_its_own_way_only(tenant: Tenant) -> None:
    answer = tenant.api.post("/v1/channels", json={"provider": "sandbox", "credentials": {}})

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_connection")


def test_a_program_can_ask_what_became_of_a_connection(deployed: Deployed, tenant: Tenant) -> None:
    def asked() -> dict[str, Any]:
        answer = tenant.api.get(f"/v1/connections/{started['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    started = tenant.api.post("/v1/oauth/sandbox/start", json={}).json()
    assert (asked()["status"], asked()["channels"], asked()["error"]) == ("pending", [], None)
    assert asked()["expires_at"] == started["expires_at"]
    tenant.finish(started["authorization_url"], handle="ada")
    assert (asked()["status"], asked()["channels"], asked()["error"]) == ("connected", channels(tenant), None)
    deployed.clock.sleep(23 * 3600)
    assert asked()["status"] == "connected"
    deployed.clock.sleep(2 * 3600)
    assert tenant.api.get(f"/v1/connections/{started['id']}").status_code == 404


def test_it_is_told_of_a_consent_that_was_denied_and_of_one_that_nobody_gave(
    deployed: Deployed, tenant: Tenant
) -> None:
    denied, forgotten = (tenant.api.post("/v1/oauth/sandbox/start", json={}).json() for _ in range(2))
    tenant.finish(denied["authorization_url"], decision="deny")
    deployed.clock.sleep(601)
    for started, code in ((denied, "access_denied"), (forgotten, "connection_expired")):
        found = tenant.api.get(f"/v1/connections/{started['id']}").json()
        assert (found["status"], found["error"]["code"], found["channels"]) == ("failed", code, [])


def test_a_ticket_is_no_state_and_a_state_no_ticket_and_an_id_is_neither(deployed: Deployed, tenant: Tenant) -> None:
    with deployed.client() as browser:
        ours = tenant.start()
        ticket = httpx.URL(ours).params["ticket"]
        state = httpx.URL(browser.get(ours).headers["location"]).params["state"]
        for wrong in (state, ticket.partition(".")[0], ticket.partition(".")[0] + ".", ticket[:-1], ticket + "x"):
            assert "state_unknown" in page(browser.get(with_query(ours, ticket=wrong)), 400)
        for wrong in (ticket, state.partition(".")[0], state[:-1], state.upper()):
            back = f"/v1/oauth/sandbox/callback?error=access_denied&iss={BASE}/sandbox&state={wrong}"
            assert "state_unknown" in page(browser.get(back), 400)
    assert ticket.partition(".")[2] not in str(deployed.contents())
