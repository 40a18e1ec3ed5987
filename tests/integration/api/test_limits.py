"""Limits of requests: told on every answer, held for each key and each workspace, and never the API's downfall."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ConnectTimeoutError

from edge import serving
from tests.integration.api.deployed import Deployed, forget
from tests.integration.api.gateway import Route, routes
from tests.integration.api.tenant import Tenant
from tests.integration.api.wire import refused
from tests.template import template

GUARDED = [route for route in routes() if not route.is_open]
OPEN = ["/v1/health", "/docs"]
POLICY = '"key";q=4;w=20, "workspace";q=6;w=20'


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    """Four requests of a key at once, six of a workspace, and one more in five seconds, or in 3⅓."""
    with pytest.MonkeyPatch.context() as patch:
        yield Deployed(patch, KeyRequestsPerMinute="12", WorkspaceRequestsPerMinute="18")
    forget()


@pytest.fixture
def asked(tenant: Tenant) -> httpx.Client:
    return tenant.api


def left(answer: httpx.Response) -> str:
    assert answer.headers["ratelimit-policy"] == POLICY
    return answer.headers["ratelimit"]


def test_an_answer_says_how_many_requests_are_left(asked: httpx.Client) -> None:
    assert left(asked.get("/v1/me")) == '"key";r=3;t=5, "workspace";r=5;t=4'
    assert left(asked.get("/v1/me")) == '"key";r=2;t=10, "workspace";r=4;t=7'


@pytest.mark.parametrize("path", ["/v1/posts/post_none", "/v1/posts?limit=0", "/v1/posts?cursor=x"])
def test_errors_say_it_too(asked: httpx.Client, path: str) -> None:
    answer = asked.get(path)
    assert answer.status_code >= 400
    assert left(answer) == '"key";r=3;t=5, "workspace";r=5;t=4'


def test_a_key_without_the_scope_is_counted_and_told(tenant: Tenant) -> None:
    answer = tenant.with_scopes("write").api.get("/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert '"key";r=3;t=5' in left(answer)


def test_a_fault_says_it_too(deployed: Deployed, asked: httpx.Client) -> None:
    def broken(_: dict[str, Any]) -> None:
        raise ValueError

    deployed.wire.before("get_item", lambda _: deployed.wire.before("get_item", broken))
    answer = asked.get("/v1/me")
    assert (answer.status_code, answer.headers["retry-after"]) == (500, "1")
    assert '"key";r=3;t=5' in left(answer)


def test_over_its_limit_a_key_is_told_to_wait_and_how_long(deployed: Deployed, asked: httpx.Client) -> None:
    assert [asked.get("/v1/me").status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    answer = asked.get("/v1/me")
    assert (answer.headers["retry-after"], left(answer)) == ("5", '"key";r=0;t=5')
    told = answer.json()
    assert (told["code"], told["retryable"], told["violated-policies"]) == ("rate_limited", True, ["key"])
    assert told["detail"] == "This API key may make 12 requests a minute. Wait 5 s."
    deployed.clock.sleep(5)
    assert [asked.get("/v1/me").status_code for _ in range(2)] == [200, 429]


def test_a_refused_request_does_nothing(deployed: Deployed, tenant: Tenant) -> None:
    for _ in range(4):
        tenant.drafted()
    stored = deployed.contents()
    assert tenant.post("One more", in_minutes=1).status_code == 429
    assert deployed.contents() == stored


def test_a_workspaces_keys_share_its_limit(deployed: Deployed, tenant: Tenant) -> None:
    other, third = tenant.with_scopes("read"), tenant.with_scopes("read")
    assert [tenant.api.get("/v1/me").status_code for _ in range(4)] == [200] * 4
    assert [other.api.get("/v1/me").status_code for _ in range(3)] == [200, 200, 429]
    answer = third.api.get("/v1/me")
    assert (answer.status_code, answer.json()["violated-policies"]) == (429, ["workspace"])
    assert (answer.headers["retry-after"], left(answer)) == ("4", '"workspace";r=0;t=4')
    assert answer.json()["detail"].startswith("This workspace, with all its keys, may make 18 requests a minute.")
    assert deployed.tenant().api.get("/v1/me").status_code == 200, "another workspace"


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.key)
def test_every_operation_that_needs_a_key_is_counted(tenant: Tenant, route: Route) -> None:
    answer = tenant.api.request(route.method, route.example())
    assert '"workspace";r=5;t=4' in left(answer)


@pytest.mark.parametrize("path", OPEN)
def test_what_needs_no_key_is_not_counted(asked: httpx.Client, path: str) -> None:
    for _ in range(9):
        answer = asked.get(path)
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers


@pytest.mark.parametrize(
    "trouble",
    [
        refused("ProvisionedThroughputExceededException", "UpdateItem"),
        refused("AccessDeniedException", "UpdateItem"),
        ConnectTimeoutError(endpoint_url="https://dynamodb"),
    ],
    ids=["throttled", "denied", "unreachable"],
)
def test_a_count_that_cannot_be_made_holds_nobody_up(
    deployed: Deployed, asked: httpx.Client, trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def troubled(_: dict[str, Any]) -> None:
        raise trouble

    for _ in range(6):
        deployed.wire.before("update_item", troubled, times=2)  # also the note that the key is used
        answer = asked.get("/v1/me")
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers
    told = [vars(record) for record in caplog.records if record.getMessage() == "limits not counted"]
    assert [each["fault"] for each in told] == [type(trouble).__name__] * 6
    assert left(asked.get("/v1/me")).startswith('"key";r=3'), "nor does it count afterwards"


def test_counts_stand_in_a_table_of_their_own(deployed: Deployed, tenant: Tenant) -> None:
    tenant.api.get("/v1/me")
    (item,) = [item for item in deployed.items("LimitsTable") if item["pk"] == tenant.workspace_id]
    assert item["sk"] == f"{deployed.clock.now():%Y-%m-%d}"
    assert set(item) - {"pk", "sk", "expires_epoch", "workspace"} == {tenant.api.get("/v1/me").json()["key"]["id"]}


def test_a_page_in_a_browser_may_read_what_it_needs(asked: httpx.Client) -> None:
    answer = asked.get("/v1/me", headers={"Origin": "https://app.example"})
    exposed = {name.strip() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert exposed == set(serving.EXPOSED_HEADERS)
    assert {"ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "Idempotent-Replayed"} <= exposed


def test_api_gateway_answers_browsers_as_our_functions_do() -> None:
    """It answers preflights itself, and where it is configured what a function says of CORS is ignored."""
    cors = template()["Resources"]["Api"]["Properties"]["CorsConfiguration"]
    assert cors["ExposeHeaders"] == serving.EXPOSED_HEADERS
    assert cors["AllowHeaders"] == serving.ALLOWED_HEADERS
    assert set(cors["AllowMethods"]) >= {route.method for route in routes() if route.method != "ANY"}
    assert (cors["AllowOrigins"], cors.get("AllowCredentials", False)) == (["*"], False)
