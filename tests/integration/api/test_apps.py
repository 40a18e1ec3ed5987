"""Apps at platforms: a workspace's own, the stack's, or none. Their secrets reach the token endpoint only."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from punctual.apps.deployment import KEPT, MISSED
from punctual.providers import sandbox
from punctual.providers.base import App
from tests.integration.api.deployed import BASE, Deployed, forget
from tests.integration.api.listening import Lines
from tests.integration.api.tenant import Tenant

APPS = "/v1/workspace/apps"
PARAMETER = "/punctual/AWS::StackName/apps/sandbox"
CALLBACK = f"{BASE}/v1/oauth/sandbox/callback"


class NeedsApp(sandbox.Sandbox):
    """As most platforms: nobody connects here without an app that was set."""

    spec = replace(sandbox.Sandbox.spec, setup="Open the sandbox's developer page.")

    def register_app(self, server: str, redirect_uri: str) -> App | None:
        return None


@pytest.fixture(autouse=True)
def _fresh(deployed: Deployed) -> Iterator[None]:
    """What processes remember of parameters is forgotten, as when new ones start."""
    deployed.ssm.parameters.clear()
    deployed.ssm.refuses = ""
    forget()
    yield
    deployed.requests.clear()


@pytest.fixture
def _needs_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "PROVIDER", NeedsApp)


@pytest.fixture
def tenant(deployed: Deployed) -> Tenant:
    deployed.empty()
    return deployed.tenant(scopes=("read", "write", "admin"))


def registered(deployed: Deployed, redirect_uri: str = CALLBACK) -> dict[str, str]:
    """A new app at the far side."""
    answer = deployed.client().post("/sandbox/api/apps", json={"redirect_uri": redirect_uri})
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()
    return found


def put(tenant: Tenant, app: dict[str, str]) -> dict[str, Any]:
    answer = tenant.api.put(f"{APPS}/sandbox", json=app)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def set_for_the_stack(deployed: Deployed, value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    deployed.ssm.put_parameter(Name=PARAMETER, Value=text, Type="SecureString", Overwrite=True)


def client_of(deployed: Deployed, tenant: Tenant) -> str:
    """With which client id the person is sent to the platform."""
    return str(httpx.URL(deployed.client().get(tenant.start()).headers["location"]).params["client_id"])


def start(tenant: Tenant) -> httpx.Response:
    return tenant.api.post("/v1/oauth/sandbox/start", json={})


def sent(deployed: Deployed, secret: str) -> set[str]:
    """Where it went."""
    return {
        request.url.path
        for request in deployed.requests
        if secret in f"{request.url} {request.headers} {request.content.decode(errors='replace')}"
    }


@pytest.mark.usefixtures("_needs_app")
def test_without_an_app_the_start_says_what_to_set_and_how(tenant: Tenant) -> None:
    answer = start(tenant)
    assert (answer.status_code, answer.json()["code"]) == (400, "app_missing")
    detail = answer.json()["detail"]
    assert "client_id and client_secret" in detail
    assert "PUT /v1/workspace/apps/sandbox" in detail
    assert "`make app PROVIDER=sandbox`" in detail
    assert CALLBACK in detail
    assert "Open the sandbox's developer page." in detail


@pytest.mark.usefixtures("_needs_app")
def test_a_person_whose_app_was_taken_away_meanwhile_sees_a_page_that_says_so(
    deployed: Deployed, tenant: Tenant
) -> None:
    put(tenant, registered(deployed))
    with deployed.client() as browser:
        back = tenant.consented(browser)
        tenant.api.delete(f"{APPS}/sandbox").raise_for_status()
        answer = browser.get(back)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.status_code == 400
    assert "app_missing" in answer.text
    assert tenant.api.get("/v1/channels").json()["data"] == []


@pytest.mark.usefixtures("_needs_app")
def test_the_stacks_app_connects_and_renews_and_its_secret_reaches_the_token_endpoint_only(
    deployed: Deployed, tenant: Tenant
) -> None:
    app = registered(deployed)
    set_for_the_stack(deployed, app)
    tenant.connect("ada")
    assert sent(deployed, app["client_secret"]) == {"/sandbox/oauth/token"}
    del deployed.ssm.parameters[PARAMETER]
    deployed.requests.clear()
    deployed.clock.sleep(250)
    deployed.invoke("TokenRefresherFunction", {})
    assert sent(deployed, app["client_secret"]) == {"/sandbox/oauth/token"}
    (channel,) = tenant.api.get("/v1/channels").json()["data"]
    assert channel["status"] == "active"


@pytest.mark.usefixtures("_needs_app")
def test_a_workspaces_own_app_goes_before_the_stacks_and_is_its_own_alone(deployed: Deployed, tenant: Tenant) -> None:
    own, of_stack = registered(deployed), registered(deployed)
    set_for_the_stack(deployed, of_stack)
    put(tenant, own)
    other = deployed.tenant(scopes=("read", "write", "admin"))
    assert client_of(deployed, tenant) == own["client_id"]
    assert client_of(deployed, other) == of_stack["client_id"]
    assert other.api.get(APPS).json()["data"] == []
    assert other.api.delete(f"{APPS}/sandbox").status_code == 404
    assert client_of(deployed, tenant) == own["client_id"]
    assert tenant.api.delete(f"{APPS}/sandbox").json() == {"provider": "sandbox", "deleted": True}
    assert tenant.api.delete(f"{APPS}/sandbox").status_code == 404
    assert client_of(deployed, tenant) == of_stack["client_id"]


def test_an_app_goes_before_what_punctual_registers_itself(deployed: Deployed, tenant: Tenant) -> None:
    assert client_of(deployed, tenant) == "punctual"
    app = registered(deployed)
    put(tenant, app)
    assert client_of(deployed, tenant) == app["client_id"]
    tenant.connect("ada")
    assert sent(deployed, app["client_secret"]) == {"/sandbox/oauth/token"}


def test_putting_again_replaces_all_of_it_and_what_is_connected_keeps_its_own(
    deployed: Deployed, tenant: Tenant
) -> None:
    first, second = registered(deployed), registered(deployed)
    put(tenant, first)
    tenant.connect("ada")
    before = tenant.api.get(APPS).json()["data"]
    deployed.clock.sleep(1)
    said = put(tenant, second)
    assert put(tenant, second) == said
    assert tenant.api.get(APPS).json() == {"data": [said], "next_cursor": None}
    assert said["client_id"] == second["client_id"]
    assert said["redirect_uri"] == CALLBACK
    assert before[0]["updated_at"] < said["updated_at"]
    deployed.requests.clear()
    deployed.clock.sleep(250)
    deployed.invoke("TokenRefresherFunction", {})
    assert sent(deployed, first["client_secret"]) == {"/sandbox/oauth/token"}
    assert sent(deployed, second["client_secret"]) == set()


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [("/client_id", "required"), ("/client_secret", "required")]),
        ({"client_id": "a"}, [("/client_secret", "required")]),
        ({"client_id": "a", "client_secret": "hush-hush", "colour": "red"}, [("/colour", "unknown")]),
        ({"client_id": "", "client_secret": ""}, [("/client_id", "min_length"), ("/client_secret", "min_length")]),
        ({"client_id": "a", "client_secret": 7}, [("/client_secret", "type")]),
        ({"client_id": "a", "client_secret": None}, [("/client_secret", "type")]),
        ({"client_id": ["a"], "client_secret": {"hush-hush": 1}}, [("/client_id", "type"), ("/client_secret", "type")]),
        ({"client_id": "a", "client_secret": "hush-hush\n"}, [("/client_secret", "value")]),
        ({"client_id": " a", "client_secret": "hush-hush"}, [("/client_id", "value")]),
        ({"client_id": "a", "client_secret": "hush-hush" * 1000}, [("/client_secret", "max_length")]),
        ({"client_id": "é", "client_secret": "hush-hush"}, [("/client_id", "value")]),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_app_that_breaks_rules_stores_nothing_and_is_not_quoted(
    deployed: Deployed, tenant: Tenant, body: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    put(tenant, registered(deployed))
    stored = deployed.contents()
    answer = tenant.api.put(f"{APPS}/sandbox", json=body)
    assert answer.status_code == 422, answer.text
    assert [(each["param"], each["rule"]) for each in answer.json()["errors"]] == faults
    assert "hush-hush" not in answer.text
    assert deployed.contents() == stored


def test_where_no_app_is_needed_none_is_taken(deployed: Deployed, tenant: Tenant) -> None:
    stored = deployed.contents()
    for provider, status, code in (("mastodon", 400, "app_not_taken"), ("nosuch", 404, "unknown_provider")):
        answer = tenant.api.put(f"{APPS}/{provider}", json={"client_id": "a", "client_secret": "b"})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert deployed.contents() == stored


def test_bringing_an_app_takes_the_scope_admin(deployed: Deployed, tenant: Tenant) -> None:
    plain = tenant.with_scopes("read", "write")
    for answer in (plain.api.put(f"{APPS}/sandbox", json={}), plain.api.delete(f"{APPS}/sandbox")):
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert plain.api.get(APPS).status_code == 200


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "InternalServerError"])
@pytest.mark.usefixtures("_needs_app")
def test_parameters_that_cannot_be_read_are_not_taken_for_missing_ones(
    deployed: Deployed, tenant: Tenant, code: str
) -> None:
    set_for_the_stack(deployed, registered(deployed))
    deployed.ssm.refuses = code
    stored = deployed.contents()
    answer = start(tenant)
    assert (answer.status_code, answer.json()["code"]) == (503, "app_unreadable")
    assert (answer.json()["retryable"], answer.headers["retry-after"]) == (True, "10")
    assert deployed.contents() == stored
    deployed.ssm.refuses = ""
    assert start(tenant).status_code == 201


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"client_id": "a"}, "client_secret (required)"),
        ({"client_id": "a", "client_secret": "hush-hush", "x": 1}, "x (unknown)"),
        ({"client_id": "a", "client_secret": ["hush-hush"]}, "client_secret (type)"),
        ({"client_id": "a", "client_secret": " hush-hush"}, "client_secret (value)"),
        ("hush-hush", "the value (format)"),
        ("[1]", "the value (type)"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("_needs_app")
def test_a_parameter_that_is_no_app_is_told_by_field_and_never_quoted(
    deployed: Deployed, tenant: Tenant, lines: Lines, value: Any, said: str
) -> None:
    set_for_the_stack(deployed, value)
    answer = start(tenant)
    assert (answer.status_code, answer.json()["code"]) == (400, "app_unusable")
    assert said in answer.json()["detail"]
    assert "`make app PROVIDER=sandbox`" in answer.json()["detail"]
    assert "hush-hush" not in answer.text
    assert lines.leaks({"hush-hush"}) == []
    put(tenant, registered(deployed))
    assert start(tenant).status_code == 201, "a workspace's own app needs no other"


@pytest.mark.usefixtures("_needs_app")
def test_a_parameter_is_kept_for_five_minutes_and_a_missing_one_for_one(deployed: Deployed, tenant: Tenant) -> None:
    read = deployed.ssm.reads
    assert [start(tenant).status_code for _ in range(3)] == [400] * 3
    assert deployed.ssm.reads == read + 1
    first, second = registered(deployed), registered(deployed)
    set_for_the_stack(deployed, first)
    deployed.clock.sleep(MISSED.total_seconds())
    assert client_of(deployed, tenant) == first["client_id"]
    set_for_the_stack(deployed, second)
    deployed.clock.sleep(KEPT.total_seconds() - 1)
    assert client_of(deployed, tenant) == first["client_id"]
    assert deployed.ssm.reads == read + 2
    deployed.clock.sleep(1)
    assert client_of(deployed, tenant) == second["client_id"]


def test_a_wrong_secret_connects_nothing(deployed: Deployed, tenant: Tenant) -> None:
    put(tenant, {**registered(deployed), "client_secret": "not-this-one"})
    with deployed.client() as browser:
        answer = browser.get(tenant.consented(browser))
    assert answer.status_code == 400
    assert "Not connected" in answer.text
    assert tenant.api.get("/v1/channels").json()["data"] == []


def test_no_secret_is_in_a_log_an_answer_or_a_table(deployed: Deployed, tenant: Tenant, lines: Lines) -> None:
    own, of_stack = registered(deployed), registered(deployed)
    set_for_the_stack(deployed, of_stack)
    other = deployed.tenant()
    put(tenant, own)
    answers: list[str] = []
    for each in (tenant, other):
        each.connect("ada")
        answers += [each.api.get(path).text for path in (APPS, "/v1/channels", "/v1/providers/sandbox", "/v1/me")]
    deployed.clock.sleep(250)
    deployed.invoke("TokenRefresherFunction", {})
    secrets = {own["client_secret"], of_stack["client_secret"]}
    assert set().union(*(sent(deployed, secret) for secret in secrets)) == {"/sandbox/oauth/token"}
    assert lines.lines
    assert lines.leaks(secrets) == []
    written = str(deployed.contents()) + "".join(answers)
    assert [secret for secret in secrets if secret in written] == []


def test_an_app_is_found_by_its_workspace(deployed: Deployed, tenant: Tenant) -> None:
    put(tenant, registered(deployed))
    (item,) = [each for each in deployed.items("GrantsTable") if each["sk"] == "app#sandbox"]
    assert item["workspace_id"] == tenant.workspace_id
    assert b"secret" not in bytes(item["sealed_box"])


def test_the_catalogue_says_what_an_app_has_and_where_it_sends_people_back(tenant: Tenant) -> None:
    oauth = tenant.api.get("/v1/providers/sandbox").json()["connect"]["oauth"]
    assert oauth["app_fields"]["required"] == ["client_id", "client_secret"]
    assert oauth["app_fields"]["properties"]["client_secret"]["writeOnly"] is True
    assert oauth["redirect_uri"] == CALLBACK
    assert tenant.api.get("/v1/providers/mastodon").json()["connect"]["oauth"]["app_fields"] is None
