"""Exports: everything of the workspace and nothing of another, whatever breaks on the way; no secret."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from edge import clients
from exporter import app
from punctual import exporting
from punctual.clock import to_text
from punctual.events.envelope import envelope
from punctual.events.feed import KEPT, Feed
from punctual.events.feed import key as feed_key
from punctual.exports import Counts, ExportFile, Exports
from punctual.tables import Change
from tests.integration.api.deployed import Deployed, forget
from tests.integration.api.filled import Contents, filled, restore, stored
from tests.integration.api.tenant import Tenant
from tests.integration.api.uploading import bucket
from tests.integration.killing import Fate, Fated

EXPORTS = "/v1/workspace/exports"
PART = 4
PART_OF_EVENTS = 50
READS = frozenset({"get_item", "query"})


class Place:
    """Two filled workspaces, one of which is exported in small parts."""

    def __init__(self, deployed: Deployed):
        self.deployed = deployed
        self.other = filled(deployed)
        self.tenant = filled(deployed)
        self.posts = posts_of(self.tenant)
        deployed.clock.run(days=8)  # what it exported before is gone
        for name in [name for name in deployed.bucket.objects if name.startswith("exports/")]:
            del deployed.bucket.objects[name]
        self.full = stored(deployed)

    def export(self) -> dict[str, Any]:
        asked = self.tenant.api.post(EXPORTS)
        assert asked.status_code == 202
        self.deployed.clock.run(minutes=20)
        return self.look(asked.json()["id"])

    def look(self, export_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.tenant.api.get(f"{EXPORTS}/{export_id}").json()
        return found

    def files(self) -> dict[str, list[Any]]:
        """By name; the export's and the workspace's ids left out of it."""
        prefix = f"exports/{self.tenant.workspace_id}/"
        return {
            name.removeprefix(prefix).partition("/")[2]: lines(content)
            for name, content in self.deployed.bucket.objects.items()
            if name.startswith(prefix)
        }


def lines(content: bytes) -> list[Any]:
    return [json.loads(line) for line in gzip.decompress(content).decode().splitlines()]


def posts_of(tenant: Tenant) -> list[dict[str, Any]]:
    found, cursor = [], None
    while True:
        page = tenant.api.get("/v1/posts", params={"limit": 100, **({"cursor": cursor} if cursor else {})}).json()
        found += page["data"]
        cursor = page["next_cursor"]
        if not cursor:
            return [tenant.api.get(f"/v1/posts/{post['id']}").json() for post in found]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "PART_POSTS", PART)
        patch.setattr(exporting, "PART_EVENTS", PART_OF_EVENTS)
        yield Place(Deployed(patch))
    forget()


@pytest.fixture(autouse=True)
def full(place: Place) -> None:
    restore(place.deployed, place.full)


def test_an_export_has_every_post_with_deliveries_and_attempts(place: Place) -> None:
    export = place.export()
    files = place.files()
    parts = [name for name in files if name.startswith("posts-")]
    assert len(parts) > 2
    told = [post for name in sorted(parts) for post in files[name]]
    assert [post["id"] for post in told] == [post["id"] for post in place.posts], "in the order of their time"
    for mine, theirs in zip(told, place.posts, strict=True):
        assert {each["id"] for each in mine["deliveries"]} == {each["id"] for each in theirs["deliveries"]}
        assert (mine["text"], mine["labels"]) == (theirs["text"], theirs["labels"])
    attempts = sum(len(each["attempts"]) for post in told for each in post["deliveries"])
    channels = files["channels.jsonl.gz"]
    answers = {channel["id"]: channel for channel in place.tenant.api.get("/v1/channels").json()["data"]}
    assert {each["id"] for each in channels} == set(answers)
    for each in channels:
        assert {name for name, value in answers[each["id"]].items() if value is not None} <= set(each)
    assert {each.get("external_id") for each in channels} == {None, "crm-7"}
    assert export["counts"] == {
        "channels": len(channels),
        "media": 4,
        "posts": len(told),
        "deliveries": sum(len(post["deliveries"]) for post in told),
        "attempts": attempts,
        "events": sum(len(found) for name, found in files.items() if name.startswith("events-")),
        "unreadable": 0,
    }
    assert attempts > 0
    ready = [each for each in files["media.jsonl.gz"] if each["status"] == "ready"]
    assert [(each["facts"]["type"], each["facts"]["width"]) for each in ready] == [("image/png", 64)]
    assert ready[0]["facts"]["sha256"] == hashlib.sha256(picture_of(place, ready[0]["id"])).hexdigest()
    assert {"source_url", "upload_id", "next_at"}.isdisjoint(ready[0])
    (workspace,) = files["workspace.json.gz"]
    assert workspace["id"] == place.tenant.workspace_id


def picture_of(place: Place, media_id: str) -> bytes:
    """As its URL gives it."""
    url = place.tenant.api.get(f"/v1/media/{media_id}").json()["url"]
    return bucket(place.deployed).get(url).content


def test_the_manifest_names_every_other_file_by_its_hash(place: Place) -> None:
    export = place.export()
    (manifest,) = place.files()["manifest.json.gz"]
    assert manifest["format"] == 1
    for file in manifest["files"]:
        name = f"exports/{place.tenant.workspace_id}/{export['id']}/{file['name']}"
        content = place.deployed.bucket.objects[name]
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert [*(file["name"] for file in manifest["files"]), "manifest.json.gz"] == [f["name"] for f in export["files"]]


def test_files_are_fetched_by_urls_once_it_is_completed(place: Place) -> None:
    asked = place.tenant.api.post(EXPORTS).json()
    assert (asked["status"], asked["files"], asked["completed_at"]) == ("running", [], None)
    export = place.export()
    assert (export["id"], export["status"]) == (asked["id"], "completed"), "one that was under way was answered"
    for file in export["files"]:
        path = f"/exports/{place.tenant.workspace_id}/{export['id']}/{file['name']}"
        assert f"{path}?" in file["url"]
        assert "X-Amz-Expires=3600" in file["url"]


def test_an_export_holds_nothing_of_another_workspace_and_no_secret(place: Place) -> None:
    place.export()
    text = repr({name: found for name, found in place.files().items() if not name.startswith("events-")})
    assert not [row for row in place.full["KeysTable"] if row["secret_hash"] in repr(place.files())]
    for row in (row for name in ("WorkTable", "GrantsTable", "KeysTable") for row in place.full[name]):
        if row.get("workspace_id") == place.other.workspace_id:
            assert row["pk"] not in text
    for secret in ("grt_", "key_", "secret", "sealed", "prepared", "fingerprint", "lease"):
        assert secret not in text
    exported = {name for name in place.deployed.bucket.objects if name.startswith("exports/")}
    assert exported == {name for name in exported if name.startswith(f"exports/{place.tenant.workspace_id}/")}


def test_an_export_has_the_events_of_the_feed_until_it_was_asked_for(place: Place) -> None:
    feed = Feed(place.deployed.table("EventsTable"), place.deployed.clock.now)
    wanted = [dict(envelope(event)) for event in feed.read(place.tenant.workspace_id, None, 10_000).events]
    asked = place.tenant.api.post(EXPORTS)
    place.deployed.clock.sleep(1)
    place.deployed.key(place.tenant.workspace_id, "read")
    assert place.export()["id"] == asked.json()["id"]
    files = place.files()
    parts = sorted(name for name in files if name.startswith("events-"))
    assert len(parts) > 2
    assert [event for name in parts for event in files[name]] == wanted
    assert {"key.created", "post.completed", "channel.connected"} <= {event["type"] for event in wanted}


def test_events_that_go_while_an_export_is_written_are_left_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their time is over between two parts, that of those that are next among them."""
    events, put = place.deployed.table("EventsTable"), place.deployed.bucket.put_object

    def put_and_go(**given: Any) -> Any:
        if "events-00001" in given["Key"]:
            for sequence in range(1, PART_OF_EVENTS + 4):
                events.delete(feed_key(place.tenant.workspace_id, sequence))
            oldest = feed_key(place.tenant.workspace_id, PART_OF_EVENTS + 4)
            events.update(oldest, Change(set={"previous_at": to_text(place.deployed.clock.now() - KEPT)}))
        return put(**given)

    monkeypatch.setattr(place.deployed.bucket, "put_object", put_and_go)
    head = Feed(events, place.deployed.clock.now).head(place.tenant.workspace_id).sequence
    assert place.export()["status"] == "completed"
    files = place.files()
    told = [event["sequence"] for name in sorted(files) if name.startswith("events-") for event in files[name]]
    assert told[:PART_OF_EVENTS] == list(range(1, PART_OF_EVENTS + 1))
    assert told[PART_OF_EVENTS:] == list(range(PART_OF_EVENTS + 4, head + 1))


def test_a_post_that_cannot_be_read_costs_no_other_one(place: Place) -> None:
    broken = place.posts[3]["id"]
    place.deployed.table("WorkTable").update({"pk": broken, "sk": "post"}, Change(set={"targets": "none"}))
    export = place.export()
    assert (export["status"], export["counts"]["unreadable"]) == ("completed", 1)
    told = [post for name, posts in place.files().items() if name.startswith("posts-") for post in posts]
    (line,) = [post for post in told if post["id"] == broken]
    assert set(line) == {"id", "unreadable"}
    assert len(told) == len(place.posts)


def test_an_export_is_gone_after_its_days(place: Place) -> None:
    export = place.export()
    assert export["expires_at"][:10] > export["created_at"][:10]
    place.deployed.clock.sleep(7 * 24 * 3600)
    answer = place.tenant.api.get(f"{EXPORTS}/{export['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_only_an_admin_key_of_its_workspace_may(place: Place) -> None:
    export = place.export()
    writer = place.tenant.with_scopes("read", "write")
    assert writer.api.post(EXPORTS).json()["code"] == "missing_scope"
    assert writer.api.get(f"{EXPORTS}/{export['id']}").json()["code"] == "missing_scope"
    assert place.other.api.get(f"{EXPORTS}/{export['id']}").json()["code"] == "not_found"


def run(place: Place, fate: Fate) -> Contents:
    """An export by an exporter whose every call to the outside meets the fate."""
    deployed = place.deployed
    restore(deployed, place.full)
    asked = place.tenant.api.post(EXPORTS).json()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients, "dynamodb", lambda: Fated(deployed.wire, fate))
        patch.setattr(clients, "client", lambda service: Fated(deployed.services[service], fate))
        forget()
        deployed.clock.run(minutes=20)
    forget()
    export = place.look(asked["id"])
    return {"status": export["status"], "counts": export["counts"], "files": place.files()}


def test_an_exporter_that_dies_before_any_of_its_writes_gives_the_same(place: Place) -> None:
    whole = Fate(at=0, when="before")
    wanted = without_manifest(run(place, whole))
    assert wanted["status"] == "completed"
    for at in [at for at, name in enumerate(whole.names, 1) if name not in READS]:
        fate = Fate(at=at, when="before")
        assert without_manifest(run(place, fate)) == wanted, f"before call {at}: {fate.died_in}"
        assert fate.died_in


def without_manifest(found: Contents) -> Contents:
    """It has the export's id, another one each time."""
    (manifest,) = found["files"].pop("manifest.json.gz")
    assert manifest["counts"] == found["counts"]
    return found


@pytest.mark.parametrize("on", [{"place": "2026"}, {"event_id": "evt_1"}], ids=["of posts", "of events"])
def test_of_two_who_write_the_same_part_one_adds_it(place: Place, on: dict[str, str]) -> None:
    exports = Exports(place.deployed.table("WorkTable"), place.deployed.clock.now)
    seen = exports.begin(place.tenant.workspace_id, timedelta(days=1))
    file = ExportFile(name="posts-00001.jsonl.gz", bytes=1, sha256="")
    assert exports.add(seen, file, Counts(posts=1), **on)
    assert not exports.add(seen, file, Counts(posts=1), **on)
    assert not exports.finish(seen, [file], Counts(posts=1))


@pytest.mark.parametrize("times", [2, 3])
def test_messages_that_come_more_than_once_change_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    wanted = place.export()["counts"]
    restore(place.deployed, place.full)
    monkeypatch.setattr(place.deployed.export_queue, "deliver_times", times)
    assert place.export()["counts"] == wanted


def test_an_export_that_takes_longer_goes_on_with_the_next_message(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = place.export()["counts"]
    restore(place.deployed, place.full)
    monkeypatch.setattr(app, "WORKS_FOR", app.WORKS_FOR / 1000)
    put = place.deployed.bucket.put_object

    def slowly(**given: Any) -> Any:
        place.deployed.clock.sleep(1)
        return put(**given)

    monkeypatch.setattr(place.deployed.bucket, "put_object", slowly)
    sent = len(place.deployed.export_queue.sent)
    assert place.export()["counts"] == wanted
    assert len(place.deployed.export_queue.sent) - sent > 3
