"""Pausing and resuming, of a workspace by its own key, of the stack by who runs it."""

from typing import Any

from boto3.dynamodb.conditions import Key

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

RUNNING = {"paused": False, "paused_at": None, "awaits_consent": False, "restored_at": None}


def me(tenant: Tenant) -> dict[str, Any]:
    found: dict[str, Any] = tenant.api.get("/v1/me").json()
    return found


def status(tenant: Tenant, post: dict[str, Any]) -> str:
    return str(tenant.api.get(f"/v1/posts/{post['id']}").json()["status"])


def test_a_paused_workspace_publishes_nothing_until_it_is_resumed(deployed: Deployed, tenant: Tenant) -> None:
    admin = tenant.with_scopes("admin")
    post = tenant.posted("Hello", tenant.connect("ada"), in_minutes=20)
    other = deployed.tenant()
    theirs = other.posted("Theirs", other.connect("bob"), in_minutes=20)
    paused = admin.api.post("/v1/workspace/pause")
    assert (paused.status_code, paused.json()["id"]) == (200, tenant.workspace_id)
    assert me(tenant)["workspace"]["paused_at"] == paused.json()["paused_at"]
    assert (me(tenant)["stack"], me(other)["workspace"]["paused_at"]) == ({"paused": False}, None)
    deployed.run_clocks()
    deployed.clock.run(minutes=25)
    assert (status(tenant, post), status(other, theirs)) == ("SCHEDULED", "COMPLETED")
    assert admin.api.post("/v1/workspace/pause").json() == paused.json(), "since when does not change"
    assert admin.api.post("/v1/workspace/resume").json() == {"id": tenant.workspace_id, "paused_at": None}
    assert admin.api.post("/v1/workspace/resume").status_code == 200
    assert me(tenant)["workspace"]["paused_at"] is None
    deployed.clock.run(minutes=3)
    assert status(tenant, post) == "COMPLETED"


def test_a_paused_stack_publishes_nothing_of_anybody(deployed: Deployed, tenant: Tenant) -> None:
    post = tenant.posted("Hello", tenant.connect("ada"), in_minutes=20)
    assert deployed.admin("stack_state") == RUNNING
    said = deployed.admin("pause_stack")
    assert (said["paused"], said["awaits_consent"]) == (True, False)
    assert deployed.admin("pause_stack") == deployed.admin("stack_state") == said
    assert me(tenant)["stack"] == {"paused": True}
    deployed.run_clocks()
    deployed.clock.run(minutes=25)
    assert status(tenant, post) == "SCHEDULED"
    assert deployed.admin("resume_stack") == {"was_consent_after_restore": False, **RUNNING}
    deployed.clock.run(minutes=3)
    assert status(tenant, post) == "COMPLETED"
    assert me(tenant)["stack"] == {"paused": False}


def test_a_workspace_is_paused_by_who_runs_the_stack_as_well(deployed: Deployed, tenant: Tenant) -> None:
    said = deployed.admin("pause_workspace", workspace_id=tenant.workspace_id)
    assert me(tenant)["workspace"]["paused_at"] == said["paused_at"]
    deployed.admin("resume_workspace", workspace_id=tenant.workspace_id)
    assert me(tenant)["workspace"]["paused_at"] is None
    for action in ("pause_workspace", "resume_workspace"):
        assert deployed.admin(action, workspace_id="ws_unknown")["error"] == "not_found"


def test_a_restored_stack_waits_for_consent(deployed: Deployed, tenant: Tenant) -> None:
    """The stack's item is written with the first workspace: every backup that holds a workspace has it."""
    stack = {"pk": "stack", "sk": "stack"}
    assert deployed.table("WorkTable").get(stack) == {**stack, "table_id": deployed.table("WorkTable").identity()}
    deployed.wire.put_item(TableName="WorkTable", Item={**stack, "table_id": "another table's"})
    deployed.clock.sleep(60)
    assert me(tenant)["stack"] == {"paused": True}
    assert deployed.admin("stack_state") == {**RUNNING, "paused": True, "awaits_consent": True}
    deployed.admin("create_workspace", name="Another")
    assert deployed.admin("stack_state")["awaits_consent"], "only a person's word is consent"
    said = deployed.admin("resume_stack")
    assert (said["was_consent_after_restore"], said["paused"]) == (True, False)
    assert said["restored_at"]
    assert me(tenant)["stack"] == {"paused": False}


def test_pauses_that_are_over_are_remembered(deployed: Deployed, tenant: Tenant) -> None:
    """They tell why a post was late."""
    admin = tenant.with_scopes("admin")
    paused_at = admin.api.post("/v1/workspace/pause").json()["paused_at"]
    deployed.clock.sleep(60)
    admin.api.post("/v1/workspace/resume")
    condition = Key("pk").eq(tenant.workspace_id) & Key("sk").begins_with("pause#")
    (span,) = deployed.table("WorkTable").every(condition)
    assert (span["paused_at"], span["resumed_at"] > paused_at, "expires_epoch" in span) == (paused_at, True, True)


def test_pausing_wants_the_scope_admin(deployed: Deployed, tenant: Tenant) -> None:
    stored = deployed.contents()
    for path in ("pause", "resume"):
        answer = tenant.api.post(f"/v1/workspace/{path}")
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert deployed.contents() == stored
