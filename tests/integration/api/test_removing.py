"""Deleting a workspace: nothing of it is left, nothing of another is touched, whatever breaks on the way."""

from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from edge import clients
from punctual import removing
from punctual.messages import RemovalMessage
from tests.integration.api.deployed import Deployed, forget
from tests.integration.api.filled import Contents, filled, restore, stored
from tests.integration.api.uploading import declared, posted
from tests.integration.killing import Fate, Fated

ENOUGH = 100
"""Minutes, for any removal here."""
ALIKE = 6
"""Calls in a row."""
READS = frozenset({"get_item", "query", "list_objects_v2", "list_multipart_uploads", "decrypt"})


class Town:
    """Two filled workspaces. `before` is all that is stored without the one that is to go."""

    def __init__(self, deployed: Deployed):
        self.deployed = deployed
        self.staying = filled(deployed)
        self.before = stored(deployed)
        self.leaving = filled(deployed)
        self.full = stored(deployed)

    def ask(self) -> httpx.Response:
        workspace_id = self.leaving.workspace_id
        return self.leaving.api.request("DELETE", "/v1/workspace", params={"confirm": workspace_id})

    def remove(self) -> Contents:
        assert self.ask().status_code == 202
        self.deployed.clock.run(minutes=ENOUGH)
        return stored(self.deployed)


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch:
        yield Town(Deployed(patch, KeyRequestsPerMinute="600000", WorkspaceRequestsPerMinute="600000"))
    forget()


@pytest.fixture(autouse=True)
def full(town: Town) -> None:
    restore(town.deployed, town.full)


def test_a_filled_workspace_has_rows_of_every_kind(town: Town) -> None:
    kinds = {kind for row in town.full["WorkTable"] for kind in (row["pk"].partition("#")[0], row["sk"])}
    sorts = {kind.partition("#")[0] for kind in kinds if not kind.startswith(("ws_", "post_"))}
    wanted = {"account", "attempt", "channel", "deleted", "delivery", "idempotency", "label", "live", "pause", "post"}
    wanted |= {"media", "media_usage", "media_day", "rendition", "calendar", "calendars"}
    assert {*wanted, "said", "workspace"} <= sorts
    told = {str(row[name]).partition("#")[0] for row in town.full["EventsTable"] for name in ("pk", "sk")}
    assert {"feed", "told", "idempotency", "webhook", "webhooks", "lane", "send", "retry", "range"} <= told
    ids = {row["pk"] for row in town.full["EventsTable"] if row["pk"].startswith("whk_")}
    assert len(ids) == 6, "a webhook that was deleted has left its log"
    assert len(town.full["uploads"]) == 2
    statuses = {row["status"] for row in town.full["WorkTable"] if row["sk"].startswith("delivery#")}
    assert len(statuses) == 11
    assert len([row for row in town.full["LimitsTable"] if row["pk"] == town.leaving.workspace_id]) == 1
    assert len(town.full["schedules"]) > 2 * len(town.before["schedules"]) - 4


def test_nothing_of_it_is_left_and_all_else_is_as_if_it_had_never_been(town: Town) -> None:
    assert town.remove() == town.before


def test_it_is_told_at_once_and_its_keys_work_no_more(town: Town) -> None:
    answer = town.ask()
    assert answer.json() == {"id": town.leaving.workspace_id, "deleting_at": answer.json()["deleting_at"]}
    assert town.ask().json() == answer.json()
    me = town.leaving.api.get("/v1/me").json()
    assert me["workspace"]["deleting_at"] == answer.json()["deleting_at"]
    town.deployed.clock.run(seconds=1)
    assert town.leaving.api.get("/v1/me").status_code == 403
    assert town.staying.api.get("/v1/me").json()["workspace"]["deleting_at"] is None
    refused = town.deployed.admin("create_key", workspace_id=town.leaving.workspace_id)
    assert refused["error"] == "being_deleted"


@pytest.mark.parametrize("confirm", ["", "ws_01KJ0000000000000000000000", "yes"])
def test_it_must_be_named(town: Town, confirm: str) -> None:
    answer = town.leaving.api.request("DELETE", "/v1/workspace", params={"confirm": confirm})
    assert (answer.status_code, answer.json()["errors"][0]["param"]) == (422, "confirm")
    assert stored(town.deployed)["WorkTable"] == town.full["WorkTable"]


def test_only_an_admin_key_may(town: Town) -> None:
    writer = town.leaving.with_scopes("read", "write")
    answer = writer.api.request("DELETE", "/v1/workspace", params={"confirm": town.leaving.workspace_id})
    assert answer.json()["code"] == "missing_scope"


def test_who_runs_the_stack_may_and_may_again(town: Town) -> None:
    asked = {"workspace_id": town.leaving.workspace_id, "confirm": town.leaving.workspace_id}
    first = town.deployed.admin("delete_workspace", **asked)
    assert town.deployed.admin("delete_workspace", **asked) == first
    assert town.deployed.admin("delete_workspace", **{**asked, "confirm": "ws_"})["error"] == "invalid_request"
    town.deployed.clock.run(minutes=ENOUGH)
    assert stored(town.deployed) == town.before
    assert town.deployed.admin("delete_workspace", **asked)["error"] == "not_found"


def test_its_grants_are_ended_at_their_platform(town: Town) -> None:
    revoked = revocations(town)
    town.remove()
    assert revocations(town) - revoked == 3


def revocations(town: Town) -> int:
    return sum(1 for each in town.deployed.requests if each.url.path == "/sandbox/oauth/revoke")


def test_a_platform_that_is_down_is_asked_three_times_and_then_done_without(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(town.deployed.hosts, "punctual.example", lambda _: httpx.Response(503))
    asked_for = {"workspace_id": town.leaving.workspace_id, "confirm": town.leaving.workspace_id}
    town.deployed.admin("delete_workspace", **asked_for)
    asked = revocations(town)
    town.deployed.clock.run(minutes=ENOUGH)
    assert stored(town.deployed) == town.before
    assert revocations(town) - asked == 9
    (ended,) = [record for record in caplog.records if record.message == "workspace removed"]
    assert vars(ended)["unrevoked"] == 3


def test_what_is_written_while_the_keys_still_work_goes_too(town: Town) -> None:
    """The authorizer knew the key for another minute."""
    writer = town.leaving
    gateway = town.deployed.gateway
    knew = gateway._authorize

    def write() -> None:
        gateway._authorize = lambda event: _caller(event, writer.workspace_id)  # type: ignore[method-assign]
        try:
            assert writer.post("Late", channel, in_minutes=60 * 24).status_code == 201
        finally:
            gateway._authorize = knew  # type: ignore[method-assign]

    channel = writer.api.get("/v1/channels").json()["data"][0]["id"]
    assert town.ask().status_code == 202
    for seconds in (20, 55):
        town.deployed.clock.run(seconds=seconds - 10)
        write()
    town.deployed.clock.run(minutes=ENOUGH)
    assert stored(town.deployed) == town.before


def _caller(event: dict, workspace_id: str) -> None:  # type: ignore[type-arg]
    told = {"workspace_id": workspace_id, "key_id": f"key_{26 * '0'}", "scopes": "read write admin"}
    event["requestContext"]["authorizer"] = {"lambda": told}


def test_files_that_come_late_by_what_was_signed_before_go_too(town: Town) -> None:
    """And its row stays as long as that, and no longer."""
    upload, name = declared(town.leaving), f"media/{town.leaving.workspace_id}/med_0/original"
    assert town.ask().status_code == 202
    town.deployed.clock.run(minutes=50)
    assert town.deployed.admin("create_key", workspace_id=town.leaving.workspace_id)["error"] == "being_deleted"
    assert posted(town.deployed, upload["upload"]).status_code == 204
    town.deployed.bucket.objects[name] = b"by a worker that was at it"
    town.deployed.clock.run(minutes=30)
    assert stored(town.deployed) == town.before


def test_without_media_it_takes_minutes(town: Town) -> None:
    empty = town.deployed.tenant(scopes=("read", "write", "admin"))
    town.deployed.admin("delete_workspace", workspace_id=empty.workspace_id, confirm=empty.workspace_id)
    town.deployed.clock.run(minutes=20)
    assert stored(town.deployed) == town.full


def test_nothing_of_it_is_published_any_more(town: Town) -> None:
    """Also by a message that waited in the queue, and by the sweep."""
    channel = town.leaving.api.get("/v1/channels").json()["data"][0]["id"]
    town.leaving.posted("Never to be read", channel, in_minutes=1)
    assert town.ask().status_code == 202
    town.deployed.clock.run(minutes=ENOUGH)
    assert "Never to be read" not in town.deployed.client().get("/sandbox/api/timeline").text
    assert stored(town.deployed) == town.before


def test_a_send_that_was_under_way_when_its_webhook_went_leaves_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that it wrote afterwards would be found by nobody."""
    answered: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        answered.append(request)
        for remove in removing.webhooks(town.deployed.table("EventsTable"))(town.leaving.workspace_id):
            remove()
        return httpx.Response(204)

    monkeypatch.setitem(town.deployed.hosts, "takes.example", answer)
    channel = town.leaving.api.get("/v1/channels").json()["data"][0]["id"]
    town.leaving.posted("Sent while it goes", channel, in_minutes=60 * 24)
    town.deployed.clock.run(seconds=10)
    assert answered
    assert town.remove() == town.before


def test_indexes_that_lag_hide_nothing(town: Town) -> None:
    """A post written just before is in no index yet when the first round looks."""
    memory = town.deployed.wire._client
    memory.index_lag = 200.0
    try:
        channel = town.leaving.api.get("/v1/channels").json()["data"][0]["id"]
        town.leaving.posted("Late in every index", channel, in_minutes=60 * 24)
        found = town.remove()
    finally:
        memory.index_lag = 0.0
        memory.settle()
    assert found == town.before


def test_a_second_message_believes_no_index_either(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """It finds nothing, right after the first one has removed what could be seen."""
    channel = town.leaving.api.get("/v1/channels").json()["data"][0]["id"]
    with pytest.MonkeyPatch.context() as slow:
        slow.setattr(town.deployed.wire._client, "index_lag", 300.0)
        town.leaving.posted("Late in every index", channel, in_minutes=60 * 24)
    monkeypatch.setattr(town.deployed.removal_queue, "deliver_times", 2)
    assert town.remove() == town.before


def test_messages_that_come_twice_change_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(town.deployed.removal_queue, "deliver_times", 2)
    assert town.remove() == town.before


def test_a_message_for_a_workspace_that_stays_or_is_gone_does_nothing(town: Town) -> None:
    for workspace_id in (town.staying.workspace_id, f"ws_{26 * '0'}"):
        body = RemovalMessage(workspace_id=workspace_id).model_dump_json()
        town.deployed.queues.send_message(QueueUrl="RemovalQueue", MessageBody=body)
    town.deployed.clock.run(minutes=ENOUGH)
    assert stored(town.deployed) == town.full


def run(town: Town, fate: Fate, patch: pytest.MonkeyPatch) -> None:
    """The removal by functions whose every call to the outside meets the fate."""
    deployed = town.deployed
    restore(deployed, town.full)
    assert town.ask().status_code == 202
    answer = deployed.gateway.answer
    patch.setattr(clients, "dynamodb", lambda: Fated(deployed.wire, fate))
    patch.setattr(clients, "client", lambda service: Fated(deployed.services[service], fate))
    patch.setitem(deployed.hosts, "punctual.example", lambda request: fate.meet("http", partial(answer, request)))
    forget()
    deployed.clock.run(minutes=ENOUGH)
    patch.undo()
    forget()


def test_a_remover_that_dies_before_a_write_leaves_nothing_either(town: Town) -> None:
    """To die after one is to die before the next; to die before a read, before the write that follows it. The posts go
    by the same calls one after the other: of writes that the same calls led to, the last is enough."""
    with pytest.MonkeyPatch.context() as patch:
        whole = Fate(at=0, when="before")
        run(town, whole, patch)
    writes = [place for place, name in enumerate(whole.names, 1) if name not in READS]
    assert {
        "delete_item",
        "update_item",
        "delete_schedule",
        "delete_objects",
        "abort_multipart_upload",
        "http",
        "send_message",
    } == {whole.names[place - 1] for place in writes}
    unlike = {tuple(whole.names[max(0, place - ALIKE) : place]): place for place in writes}
    for place in unlike.values():
        fate = Fate(at=place, when="before")
        with pytest.MonkeyPatch.context() as patch:
            run(town, fate, patch)
        assert fate.died_in
        assert stored(town.deployed) == town.before, f"before call {place}: {fate.died_in}"
