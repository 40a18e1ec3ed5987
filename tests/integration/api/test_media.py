"""/v1/media: declared, uploaded with a form, completed, looked at, described, listed; or imported."""

import json
from typing import Any

import httpx
import pytest

from punctual.media.library import Library, Refusal
from punctual.media.renditions import Renditions
from punctual.providers.media import SUFFIXES
from tests.document.media_scenes import make_ready
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.uploading import PNG, bucket, declared, posted, uploaded

IMPORT = {"url": "https://files.example.com/harbour.jpg?token=secret", "alt_text": "Boats"}


def create(tenant: Tenant, **body: Any) -> httpx.Response:
    return tenant.api.post("/v1/media", json=body)


def complete(tenant: Tenant, media_id: str) -> httpx.Response:
    return tenant.api.post(f"/v1/media/{media_id}/complete")


def look(tenant: Tenant, media_id: str) -> dict[str, Any]:
    found: dict[str, Any] = tenant.api.get(f"/v1/media/{media_id}").json()
    return found


def rows(deployed: Deployed) -> list[dict[str, Any]]:
    return [row for row in deployed.items("WorkTable") if row["sk"].startswith("media")]


def ready(deployed: Deployed, tenant: Tenant, media_id: str) -> None:
    table, now = deployed.table("WorkTable"), deployed.clock.now
    make_ready(Library(table, now), Renditions(table, now), tenant.workspace_id, media_id)


def test_a_file_is_declared_posted_to_the_bucket_and_completed(deployed: Deployed, tenant: Tenant) -> None:
    answer = create(tenant, content_type="image/png", bytes=len(PNG), file_name="a.png", alt_text="A cat")
    media = answer.json()
    assert (answer.status_code, media["status"]) == (201, "uploading")
    assert answer.headers["location"] == f"/v1/media/{media['id']}"
    assert (media["file_name"], media["alt_text"], media["bytes"]) == ("a.png", "A cat", len(PNG))
    assert posted(deployed, media["upload"]).status_code == 204
    done = complete(tenant, media["id"])
    assert (done.status_code, done.json()["status"]) == (202, "probing")
    assert deployed.bucket.objects == {f"media/{tenant.workspace_id}/{media['id']}/received": PNG}
    assert deployed.media_queue.sent[-1] == {"workspace_id": tenant.workspace_id, "media_id": media["id"]}


def test_one_that_was_probed_says_what_was_found_and_where_people_see_it(deployed: Deployed, tenant: Tenant) -> None:
    media_id = uploaded(deployed, tenant)
    assert look(tenant, media_id)["url"] is None
    ready(deployed, tenant, media_id)
    deployed.bucket.objects[f"media/{tenant.workspace_id}/{media_id}/original"] = b"a picture"
    found = look(tenant, media_id)
    assert (found["status"], found["facts"]["width"], found["facts"]["kind"]) == ("ready", 1600, "image")
    seen = bucket(deployed).get(found["url"])
    assert (seen.content, seen.headers["content-type"]) == (b"a picture", "image/jpeg")
    assert found["thumbnail_url"].partition("?")[0] != found["url"].partition("?")[0]
    deployed.clock.run(minutes=16)
    assert bucket(deployed).get(found["url"]).status_code == 403


def test_one_that_expired_is_shown_without_its_file(deployed: Deployed, tenant: Tenant) -> None:
    media_id = uploaded(deployed, tenant)
    ready(deployed, tenant, media_id)
    library = Library(deployed.table("WorkTable"), deployed.clock.now)
    seen = library.get(tenant.workspace_id, media_id)
    assert seen
    library.change(seen, status="expired")
    found = look(tenant, media_id)
    assert (found["status"], found["url"], found["thumbnail_url"]) == ("expired", None, None)
    assert complete(tenant, media_id).json()["detail"] == "It expired, and its file is gone."


def test_a_refused_one_says_why_and_what_to_do(deployed: Deployed, tenant: Tenant) -> None:
    media_id = uploaded(deployed, tenant)
    library = Library(deployed.table("WorkTable"), deployed.clock.now)
    seen = library.get(tenant.workspace_id, media_id)
    assert seen
    library.change(seen, status="refused", refusal=Refusal(code="unreadable", message="It is cut off."))
    found = look(tenant, media_id)
    assert (found["status"], found["refusal"]["code"], found["url"]) == ("refused", "unreadable", None)
    assert found["refusal"]["remediation"].startswith("Export it anew")
    again = complete(tenant, media_id)
    assert (again.status_code, again.json()["code"]) == (409, "not_uploading")
    assert "It is cut off." in again.json()["detail"]


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (PNG + b"more", {}),
        (PNG[:-1], {}),
        (PNG, {"Content_Type": "text/html"}),
        (PNG, {"key": "media/ws_other/med_other/original"}),
        (PNG, {"acl": "public-read"}),
    ],
)
def test_the_form_takes_nothing_but_what_was_declared(
    deployed: Deployed, tenant: Tenant, content: bytes, fields: dict[str, str]
) -> None:
    deployed.bucket.objects.clear()
    media = declared(tenant)
    assert posted(deployed, media["upload"], content, **fields).status_code in (400, 403)
    assert deployed.bucket.objects == {}
    assert complete(tenant, media["id"]).json()["code"] == "upload_incomplete"


def test_the_form_is_good_for_an_hour(deployed: Deployed, tenant: Tenant) -> None:
    media = declared(tenant)
    deployed.clock.run(minutes=61)
    assert posted(deployed, media["upload"]).status_code == 403


def test_nothing_is_completed_before_it_has_arrived_and_then_once(deployed: Deployed, tenant: Tenant) -> None:
    media, sent = declared(tenant), len(deployed.media_queue.sent)
    early = complete(tenant, media["id"])
    assert (early.status_code, early.json()["code"]) == (409, "upload_incomplete")
    assert look(tenant, media["id"])["status"] == "uploading"
    posted(deployed, media["upload"])
    first, second = complete(tenant, media["id"]), complete(tenant, media["id"])
    assert [first.status_code, second.status_code] == [202, 202]
    assert first.json() == second.json()
    assert len(deployed.media_queue.sent) == sent + 1


def test_a_size_that_no_form_could_write_is_not_completed(deployed: Deployed, tenant: Tenant) -> None:
    media = declared(tenant)
    deployed.bucket.objects[f"media/{tenant.workspace_id}/{media['id']}/received"] = b"short"
    assert complete(tenant, media["id"]).json()["detail"] == "5 bytes have arrived, and 100 were declared."


def test_a_media_has_a_clock_by_which_somebody_looks_whatever_gets_lost(deployed: Deployed, tenant: Tenant) -> None:
    declared(tenant)
    (upload, _, _) = sorted(rows(deployed), key=lambda row: row["sk"])
    assert upload["next_at"] == tenant.later(75)
    assert upload["rev"] == upload["version"] == 1
    deployed.media_queue.lose_next = 1
    completed = uploaded(deployed, tenant)
    (row,) = (row for row in rows(deployed) if row["sk"] == f"media#{completed}")
    assert (row["next_at"], row["status"]) == (tenant.later(1), "probing")


def test_an_import_is_taken_at_once_and_left_to_whoever_fetches(deployed: Deployed, tenant: Tenant) -> None:
    answer = create(tenant, **IMPORT)
    media = answer.json()
    assert (answer.status_code, media["status"], media["upload"]) == (202, "importing", None)
    assert (media["content_type"], media["bytes"]) == (None, None)
    assert deployed.import_queue.sent[-1] == {"workspace_id": tenant.workspace_id, "media_id": media["id"]}
    row = next(row for row in rows(deployed) if row["sk"] == f"media#{media['id']}")
    assert (row["source_url"], row["next_at"]) == (IMPORT["url"], tenant.later(1))
    assert "secret" not in json.dumps(look(tenant, media["id"])), "an address may hold one"
    refused = complete(tenant, media["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "not_uploading")


@pytest.mark.parametrize("kind", SUFFIXES)
def test_every_type_that_is_known_is_taken(deployed: Deployed, tenant: Tenant, kind: str) -> None:
    assert declared(tenant, type=kind)["content_type"] == kind


@pytest.mark.parametrize(
    ("body", "param", "rule"),
    [
        ({}, "", "media.one_source"),
        ({"content_type": "image/png"}, "", "media.one_source"),
        ({"bytes": 5}, "", "media.one_source"),
        ({"content_type": "image/png", "bytes": 5, "url": "https://example.com/a"}, "", "media.one_source"),
        ({"url": "https://example.com/a", "content_type": "image/png"}, "", "media.one_source"),
        ({"url": "https://example.com/a", "multipart": True}, "", "media.one_source"),
        ({"content_type": "image/svg+xml", "bytes": 5}, "/content_type", "media.drawing"),
        ({"content_type": "application/zip", "bytes": 5}, "/content_type", "media.content_type"),
        ({"content_type": "image/png", "bytes": 0}, "/bytes", "minimum"),
        ({"content_type": "image/png", "bytes": 5 * 2**30 + 1}, "/bytes", "maximum"),
        ({"content_type": "image/png", "bytes": 5, "sha256": "abc"}, "/sha256", "pattern"),
        ({"content_type": "image/png", "bytes": 5, "alt_text": "a" * 5001}, "/alt_text", "max_length"),
        ({"content_type": "image/png", "bytes": 5, "name": "a"}, "/name", "unknown"),
        ({"url": "http://example.com/a"}, "/url", "media.url"),
        ({"url": "ftp://example.com/a"}, "/url", "media.url"),
        ({"url": "https://ada:secret@example.com/a"}, "/url", "media.url"),
        ({"url": "https:///a"}, "/url", "media.url"),
        ({"url": "https://[::1/a"}, "/url", "media.url"),
    ],
)
def test_what_is_wrong_with_a_declaration_is_said(
    deployed: Deployed, tenant: Tenant, body: dict[str, Any], param: str, rule: str
) -> None:
    answer = create(tenant, **body)
    assert answer.status_code == 422, answer.text
    assert [(each["param"], each["rule"]) for each in answer.json()["errors"]] == [(param, rule)]
    assert rows(deployed) == []


def test_the_names_that_some_programs_give_a_type_are_known(tenant: Tenant) -> None:
    names = ("image/jpg", "IMAGE/HEIF", "image/png; a=b", "application/x-pdf")
    answers = [create(tenant, content_type=each, bytes=5) for each in names]
    found = [answer.json()["content_type"] for answer in answers]
    assert found == ["image/jpeg", "image/heic", "image/png", "application/pdf"]


def test_the_same_creation_under_a_key_is_one_media_with_a_form_that_is_fresh(
    deployed: Deployed, tenant: Tenant
) -> None:
    body, key = {"content_type": "image/png", "bytes": len(PNG)}, {"Idempotency-Key": "a-key"}
    first = tenant.api.post("/v1/media", json=body, headers=key)
    deployed.clock.run(minutes=50)
    again = tenant.api.post("/v1/media", json=body, headers=key)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert again.json()["id"] == first.json()["id"]
    deployed.clock.run(minutes=20)
    assert posted(deployed, first.json()["upload"]).status_code == 403
    assert posted(deployed, again.json()["upload"]).status_code == 204
    complete(tenant, first.json()["id"])
    late = tenant.api.post("/v1/media", json=body, headers=key).json()
    assert (late["id"], late["upload"]) == (first.json()["id"], None)
    assert len([row for row in rows(deployed) if row["sk"].startswith("media#")]) == 1
    kept = [row for row in deployed.items("WorkTable") if row["pk"].startswith("idempotency#")]
    assert len(kept) == 1
    other = tenant.api.post("/v1/media", json={**body, "bytes": 7}, headers=key)
    assert other.json()["code"] == "idempotency_mismatch"


def test_the_same_creation_twice_at_once_is_one_media(deployed: Deployed, tenant: Tenant) -> None:
    body, key = {"content_type": "image/png", "bytes": len(PNG)}, {"Idempotency-Key": "at-once"}
    before = list[Any]()
    deployed.wire.before(
        "transact_write_items",
        lambda _: before.append(tenant.api.post("/v1/media", json=body, headers=key).json()["id"]),
    )
    answer = tenant.api.post("/v1/media", json=body, headers=key)
    assert (answer.json()["id"], answer.headers.get("idempotent-replayed")) == (before[0], "true")
    assert len([row for row in rows(deployed) if row["sk"].startswith("media#")]) == 1


def test_an_import_under_a_key_is_fetched_once(deployed: Deployed, tenant: Tenant) -> None:
    sent = len(deployed.import_queue.sent)
    answers = [tenant.api.post("/v1/media", json=IMPORT, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len(deployed.import_queue.sent) == sent + 1


def test_what_it_is_called_and_said_to_show_may_change(deployed: Deployed, tenant: Tenant) -> None:
    media_id = uploaded(deployed, tenant, alt_text="A cat", file_name="a.png")
    path = f"/v1/media/{media_id}"
    assert tenant.api.patch(path, json={"alt_text": "A dog"}).json()["alt_text"] == "A dog"
    changed = tenant.api.patch(path, json={"file_name": None, "alt_text": None}).json()
    assert (changed["file_name"], changed["alt_text"], changed["status"]) == (None, "", "probing")
    assert tenant.api.patch(path, json={}).json() == changed
    assert tenant.api.patch(path, json={"alt_text": 5}).status_code == 422


def test_a_description_and_the_processor_at_once_both_count(deployed: Deployed, tenant: Tenant) -> None:
    media_id = uploaded(deployed, tenant)
    deployed.wire.before("update_item", lambda _: ready(deployed, tenant, media_id))
    changed = tenant.api.patch(f"/v1/media/{media_id}", json={"alt_text": "A dog"}).json()
    assert (changed["status"], changed["alt_text"]) == ("ready", "A dog")


def test_media_are_listed_by_status_and_kind_in_both_orders(deployed: Deployed, tenant: Tenant) -> None:
    made = []
    for _ in range(4):
        deployed.clock.run(seconds=1)
        made.append(uploaded(deployed, tenant))
    for media_id in made[:3]:
        ready(deployed, tenant, media_id)

    def listed(**query: Any) -> list[str]:
        return [each["id"] for each in tenant.api.get("/v1/media", params=query).json()["data"]]

    assert listed() == sorted(made)
    assert listed(order="desc") == sorted(made, reverse=True)
    assert listed(status="probing") == [made[3]]
    assert listed(kind="image") == sorted(made[:3])
    assert listed(kind="video") == []
    first = tenant.api.get("/v1/media", params={"limit": 3}).json()
    rest = tenant.api.get("/v1/media", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [each["id"] for each in first["data"] + rest["data"]] == sorted(made)
    assert all(each["thumbnail_url"] for each in first["data"])
    assert tenant.api.get("/v1/media", params={"cursor": first["next_cursor"], "order": "desc"}).status_code == 400


def test_a_key_that_only_reads_changes_nothing(deployed: Deployed, tenant: Tenant) -> None:
    media_id, reader = uploaded(deployed, tenant), tenant.with_scopes("read")
    assert reader.api.get(f"/v1/media/{media_id}").status_code == 200
    path = f"/v1/media/{media_id}"
    answers = [
        reader.api.post("/v1/media", json={"content_type": "image/png", "bytes": 5}),
        reader.api.patch(path, json={"alt_text": "x"}),
        reader.api.delete(path),
        reader.api.post(f"{path}/complete"),
        reader.api.post(f"{path}/parts", json={"numbers": [1]}),
    ]
    assert {answer.status_code for answer in answers} == {403}


def test_what_people_say_of_files_and_where_they_are_reaches_no_log(
    deployed: Deployed, tenant: Tenant, capfd: pytest.CaptureFixture[str]
) -> None:
    media_id = uploaded(deployed, tenant, alt_text="A private matter", file_name="private.png")
    create(tenant, **IMPORT)
    create(tenant, url="http://secret.example/?token=hidden")
    tenant.api.patch(f"/v1/media/{media_id}", json={"alt_text": "Still private"})
    tenant.api.delete(f"/v1/media/{media_id}")
    told = "".join(capfd.readouterr())
    assert not [word for word in ("rivate", "secret", "hidden", "signature") if word in told]
