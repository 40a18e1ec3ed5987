"""What a post may choose on a channel, as its platform lists it at that moment."""

import httpx
import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

DEAD = {"error": {"code": "grant_revoked"}}


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def listed(tenant: Tenant, channel: str, name: str = "teams", **query: str) -> httpx.Response:
    return tenant.api.get(f"/v1/channels/{channel}/options/{name}", params=query)


def with_teams(monkeypatch: pytest.MonkeyPatch, deployed: Deployed, *handles: str) -> None:
    teams = [{"id": f"acct-{handle}", "handle": handle, "url": ""} for handle in handles]
    says = httpx.Response(200, json={"id": "acct-ada", "handle": "ada", "url": "", "teams": teams})
    monkeypatch.setitem(deployed.hosts, "punctual.example", lambda _: says)


def test_the_platform_is_asked_and_the_catalogue_names_what_it_may_be_asked(
    deployed: Deployed, tenant: Tenant, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = tenant.api.get("/v1/providers/sandbox").json()["options"]
    with_teams(monkeypatch, deployed, "red", "blue")
    found = listed(tenant, channel, name).json()
    assert found["channel_id"] == channel
    assert [(each["value"], each["label"]) for each in found["data"]] == [("acct-red", "red"), ("acct-blue", "blue")]


def test_what_is_looked_for_reaches_the_platform(
    deployed: Deployed, tenant: Tenant, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_teams(monkeypatch, deployed, "red", "blue")
    assert [each["label"] for each in listed(tenant, channel, q="bl").json()["data"]] == ["blue"]


def test_unknown_options_and_channels_are_not_found(tenant: Tenant, channel: str) -> None:
    assert listed(tenant, channel, "boards").json()["code"] == "unknown_option"
    assert listed(tenant, "chn_01KJ0000000000000000000009").json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("status", "answered", "code"),
    [(503, 502, "platform_unavailable"), (429, 502, "platform_unavailable"), (403, 409, "platform_refused")],
)
def test_a_platform_that_fails_is_a_problem_that_says_so(
    deployed: Deployed, tenant: Tenant, channel: str, monkeypatch: pytest.MonkeyPatch,
    status: int, answered: int, code: str,
) -> None:  # fmt: skip
    monkeypatch.setitem(
        deployed.hosts, "punctual.example", lambda _: httpx.Response(status, json={}, headers={"Retry-After": "30"})
    )
    found = listed(tenant, channel)
    assert (found.status_code, found.json()["code"]) == (answered, code)
    assert found.headers.get("Retry-After") == {503: "10", 429: "30"}.get(status)


def test_a_stale_token_is_renewed_once(
    deployed: Deployed, tenant: Tenant, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, said = deployed.hosts["punctual.example"], [401]

    def stale(request: httpx.Request) -> httpx.Response:
        return httpx.Response(said.pop(), json={}) if said and "/api/me" in str(request.url) else answer(request)

    monkeypatch.setitem(deployed.hosts, "punctual.example", stale)
    assert listed(tenant, channel).status_code == 200
    assert [request.url.path for request in deployed.requests[-3:]] == [
        "/sandbox/api/me", "/sandbox/oauth/token", "/sandbox/api/me",
    ]  # fmt: skip


@pytest.mark.parametrize("said", [["grant_revoked"], [401, "grant_revoked"]])
def test_a_grant_that_the_platform_calls_dead_is_noted_and_nothing_is_asked_again(
    deployed: Deployed, tenant: Tenant, channel: str, monkeypatch: pytest.MonkeyPatch, said: list[int | str]
) -> None:
    answer, left = deployed.hosts["punctual.example"], list(said)

    def dead(request: httpx.Request) -> httpx.Response:
        if "/api/me" not in str(request.url):
            return answer(request)
        return httpx.Response(401, json={}) if left.pop(0) == 401 else httpx.Response(403, json=DEAD)

    monkeypatch.setitem(deployed.hosts, "punctual.example", dead)
    assert listed(tenant, channel).json()["code"] == "reconnect_required"
    assert tenant.api.get(f"/v1/channels/{channel}").json()["status"] == "reconnect_required"
    deployed.requests.clear()
    assert listed(tenant, channel).json()["code"] == "reconnect_required"
    assert deployed.requests == []


def test_what_the_platform_calls_its_refusal_is_told(
    deployed: Deployed, tenant: Tenant, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = httpx.Response(403, json={"error": {"code": "too_young"}})
    monkeypatch.setitem(deployed.hosts, "punctual.example", lambda _: refusal)
    found = listed(tenant, channel).json()
    assert (found["code"], found["platform_code"]) == ("platform_refused", "too_young")
