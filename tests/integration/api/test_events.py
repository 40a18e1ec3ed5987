"""Every sample event in events/ through its real handler: a new file is tested by existing."""

import json
from pathlib import Path
from typing import Any

import pytest

from punctual.events.event import Draft
from punctual.events.feed import Feed
from tests.integration.api.deployed import Context, Deployed, handler
from tests.integration.api.gateway import routes
from tests.integration.api.stack import FUNCTIONS
from tests.integration.api.uploading import declared
from tests.template import ROOT

EVENTS = sorted((ROOT / "events").glob("*.json"))
FUNCTION_OF = {found["Properties"]["Handler"].split(".")[0]: name for name, found in FUNCTIONS.items()}
ROUTES = {route.key: route for route in routes()}


def function(path: Path) -> str:
    return FUNCTION_OF[path.stem.split("-")[0]]


@pytest.fixture
def real(deployed: Deployed) -> dict[str, str]:
    """What the samples' placeholders stand for."""
    deployed.empty()
    tenant = deployed.tenant("https://app.example.com", "https://app.example/done")
    channel = tenant.connect("ada")
    post = tenant.posted("Hello", channel)
    told = Draft(type="post.scheduled", timestamp=deployed.clock.now(), data={"post_id": post["id"]})
    (event,) = Feed(deployed.table("EventsTable"), deployed.clock.now).append(tenant.workspace_id, [told])
    hook = tenant.api.post("/v1/webhooks", json={"url": "https://app.example/hooks"}).json()["id"]
    return {
        "whk_WEBHOOK": hook,
        "evt_EVENT": event.id,
        "ws_WORKSPACE": tenant.workspace_id,
        "key_KEY": tenant.api.get("/v1/me").json()["key"]["id"],
        "pk_SECRET": tenant.key,
        "chn_CHANNEL": channel,
        "con_CONNECTION": tenant.api.post("/v1/oauth/sandbox/start", json={}).json()["id"],
        "lnk_LINK": tenant.api.post("/v1/connect-links", json={}).json()["id"],
        "cal_CALENDAR": tenant.api.post("/v1/calendars", json={}).json()["id"],
        "med_MEDIA": declared(tenant, multipart=True)["id"],
        "post_POST": post["id"],
        "dlv_DELIVERY": post["deliveries"][0]["id"],
    }


def is_refused(said: Any) -> bool:
    if "statusCode" in said:
        assert said["statusCode"] < 500, said["body"]
        return bool(said["statusCode"] >= 400)
    return bool(said.get("error") or said.get("batchItemFailures") or said.get("isAuthorized") is False)


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_a_sample_event_does_what_its_name_says(
    deployed: Deployed, real: dict[str, str], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = path.read_text()
    for placeholder, value in real.items():
        text = text.replace(placeholder, value)
    for name, value in deployed.stack.variables(function(path)).items():
        monkeypatch.setenv(name, value)
    said = json.loads(json.dumps(handler(function(path))(json.loads(text), Context())))
    assert is_refused(said) == path.stem.endswith("-refused"), said


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_a_sample_request_fits_its_route(path: Path) -> None:
    event = json.loads(path.read_text())
    if "routeKey" not in event or event.get("type") == "REQUEST":
        return
    route = ROUTES[event["routeKey"]]
    assert route.function == function(path)
    assert route.match(event["requestContext"]["http"]["method"], event["rawPath"]) == event.get("pathParameters", {})
    assert ("authorizer" in event["requestContext"]) != route.is_open


@pytest.mark.parametrize("name", FUNCTION_OF.values(), ids=FUNCTION_OF)
def test_every_function_has_a_sample(name: str) -> None:
    assert name in {function(path) for path in EVENTS}


@pytest.mark.parametrize("key", ROUTES)
def test_every_route_has_a_sample(key: str) -> None:
    assert key in {json.loads(path.read_text()).get("routeKey") for path in EVENTS}
