"""Every route of the template, whatever it does: who may call it, and that nothing empty or odd breaks it."""

import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.gateway import Route, routes
from tests.integration.api.tenant import Tenant

ROUTES = [route for route in routes() if route.function != "SandboxFunction"]
GUARDED = [route for route in ROUTES if not route.is_open]
ASK_FOR_MONEY = ("GET /v1/channels/{channel_id}/options/{name}",)
"""Some platforms do."""
STORE_NOTHING = ("POST /v1/posts/validate", "POST /v1/posts/preview", "POST /v1/posts/split")
LET_OTHERS_READ = ("POST /v1/calendars", "POST /v1/webhooks", "PATCH /v1/webhooks/{webhook_id}")
"""What a key may not read, it may not show to others."""
NOT_TEXT = b"\xff\xfe"
BODIES = [b"", b"null", b"[]", b'"text"', b"{", NOT_TEXT, b"{}", b'{"a": NaN}', b"[" * 100_000, b'{"\\ud800": 1}']


def key(route: Route) -> str:
    return route.key


@pytest.fixture(scope="module")
def tenant(deployed: Deployed) -> Tenant:
    return deployed.tenant()


@pytest.fixture(scope="module")
def scoped(tenant: Tenant) -> dict[str, Tenant]:
    """By the one scope that its key has, and by the one that it lacks."""
    every = {"read", "write", "admin"}
    return {scope: tenant.with_scopes(scope) for scope in every} | {
        f"not {scope}": tenant.with_scopes(*sorted(every - {scope})) for scope in every
    }


@pytest.mark.parametrize("route", GUARDED, ids=key)
def test_a_guarded_route_answers_nobody_without_a_key(deployed: Deployed, route: Route) -> None:
    before = deployed.contents()
    with deployed.client() as client:
        assert client.request(route.method, route.example()).status_code == 401
        for wrong in ("Bearer pk_wrong", "Bearer", "Basic cGtfOng=", "pk_wrong", "Bearer  ", "Bearer pk_ü".encode()):
            answer = client.request(route.method, route.example(), headers={"Authorization": wrong})
            assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    assert deployed.contents() == before


def is_admins(route: Route) -> bool:
    return route.path.startswith("/v1/workspace") and route.key != "GET /v1/workspace/apps"


@pytest.mark.parametrize("route", GUARDED, ids=key)
def test_a_guarded_route_wants_a_scope(deployed: Deployed, scoped: dict[str, Tenant], route: Route) -> None:
    is_read = (route.method == "GET" and route.key not in ASK_FOR_MONEY) or route.key in STORE_NOTHING
    needed = "admin" if is_admins(route) else "read" if is_read else "write"
    before = deployed.contents()
    refused = scoped[f"not {needed}"].api.request(route.method, route.example())
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert deployed.contents() == before
    enough = "not admin" if route.key in LET_OTHERS_READ else needed
    assert scoped[enough].api.request(route.method, route.example()).status_code != 403
    if route.key in LET_OTHERS_READ:
        assert scoped[needed].api.request(route.method, route.example()).status_code == 403


MADE_OF_NOTHING = {"POST /v1/calendars", "POST /v1/connect-links"}
"""All that it takes has a default."""


@pytest.mark.parametrize("route", ROUTES, ids=key)
def test_no_body_breaks_a_route(deployed: Deployed, tenant: Tenant, route: Route) -> None:
    before = deployed.contents()
    for body in BODIES:
        kind = "application/octet-stream" if body == NOT_TEXT else "application/json"
        answer = tenant.api.request(route.method, route.example(), content=body, headers={"Content-Type": kind})
        assert answer.status_code < 500, (body[:20], answer.text)
        if answer.status_code >= 400 and "html" not in answer.headers["content-type"]:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"]
    if route.method != "GET" and route.key not in MADE_OF_NOTHING:
        assert deployed.contents() == before


@pytest.mark.parametrize("route", [route for route in ROUTES if "{" in route.path], ids=key)
@pytest.mark.parametrize("value", ["x" * 3000, "%00", "..", "ws_1", "a%23b", "é"], ids=lambda value: value[:8])
def test_no_id_breaks_a_route(deployed: Deployed, tenant: Tenant, route: Route, value: str) -> None:
    before = deployed.contents()
    answer = tenant.api.request(route.method, route.example(value).replace("/..", "/%2e%2e"))
    assert 400 <= answer.status_code < 500, answer.text
    assert deployed.contents() == before


def test_what_is_no_route_is_api_gateways_own_answer(tenant: Tenant) -> None:
    answer = tenant.api.get("/v2/posts")
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
