"""A platform that takes nothing now, asked while somebody waits: when to come again is told on."""

import httpx
import pytest

from punctual.problem_types import PROBLEM_TYPES
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

USUAL = str(PROBLEM_TYPES["platform_unavailable"].retry_after)


@pytest.mark.parametrize(("said", "told"), [({"Retry-After": "30.2"}, "31"), ({}, USUAL)], ids=["asked to", "usual"])
@pytest.mark.parametrize("call", ["credentials", "server"])
def test_a_client_is_told_when_to_come_again(
    deployed: Deployed, tenant: Tenant, call: str, said: dict[str, str], told: str
) -> None:
    deployed.hosts["busy.example"] = lambda _: httpx.Response(429, headers=said)
    if call == "credentials":
        given = {"identifier": "ada", "app_password": "secret-password", "server": "https://busy.example"}
        answer = tenant.api.post("/v1/channels", json={"provider": "bluesky", "credentials": given})
    else:
        answer = tenant.api.post("/v1/oauth/mastodon/start", json={"server": "https://busy.example"})
    assert (answer.status_code, answer.json()["code"]) == (502, "platform_unavailable")
    assert (answer.headers["retry-after"], answer.json()["retryable"]) == (told, True)
