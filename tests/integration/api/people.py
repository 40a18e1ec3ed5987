"""People at the sandbox who connect with an app that has a secret, and what the platform says of them afterwards."""

from dataclasses import dataclass

from tests.integration.api.deployed import BASE, Deployed
from tests.integration.api.tenant import Tenant

CALLBACK = f"{BASE}/v1/oauth/sandbox/callback"


@dataclass(frozen=True, kw_only=True)
class Connected:
    """A channel, and the app that it was connected with."""

    tenant: Tenant
    handle: str
    channel_id: str
    app: dict[str, str]


def registered(deployed: Deployed) -> dict[str, str]:
    """A new app at the sandbox: client_id and client_secret."""
    answer = deployed.client().post("/sandbox/api/apps", json={"redirect_uri": CALLBACK})
    found: dict[str, str] = answer.json()
    return found


def connected(deployed: Deployed, tenant: Tenant, handle: str, app: dict[str, str] | None = None) -> Connected:
    """With the workspace's own app, which is registered first."""
    brought = app or registered(deployed)
    assert tenant.api.put("/v1/workspace/apps/sandbox", json=brought).is_success
    return Connected(tenant=tenant, handle=handle, channel_id=tenant.connect(handle), app=brought)


def notice(deployed: Deployed, person: Connected) -> str:
    """The signed request that says that this person removed the app."""
    answer = deployed.client().post("/sandbox/api/notices", json={**person.app, "handle": person.handle})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["signed_request"])
