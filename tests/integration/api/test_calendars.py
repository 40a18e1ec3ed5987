"""Calendars: made with a key, told once, dead as soon as they are revoked."""

import re
from typing import Any

import httpx
import icalendar

from punctual.calendars.calendars import MOST
from punctual.events.feed import Feed
from tests.integration.api.deployed import Deployed
from tests.integration.api.listening import Lines
from tests.integration.api.tenant import Tenant
from tests.integration.api.wire import refused

DAY = 24 * 60


def made(tenant: Tenant, **given: Any) -> dict[str, Any]:
    answer = tenant.api.post("/v1/calendars", json=given)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def looked(deployed: Deployed, calendar: dict[str, Any], **headers: str) -> httpx.Response:
    """As an app does, which has no key."""
    return deployed.client(**headers).get(calendar["url"])


def summaries(deployed: Deployed, calendar: dict[str, Any]) -> list[str]:
    answer = looked(deployed, calendar)
    assert answer.status_code == 200, answer.text
    return [str(event["SUMMARY"]) for event in icalendar.Calendar.from_ical(answer.text).walk("VEVENT")]


def said(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 404
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def test_a_link_is_told_once_and_its_secret_is_stored_nowhere(deployed: Deployed, tenant: Tenant) -> None:
    calendar = made(tenant, description="Mine")
    token = calendar["url"].rpartition("/")[2]
    assert re.fullmatch(r"ws_\w{26}\.cal_\w{26}\.[\w-]{32}\.ics", token, re.ASCII)
    assert token.startswith(f"{tenant.workspace_id}.{calendar['id']}.")
    secret = token.split(".")[2]
    assert secret not in str([deployed.items(name) for name in ("WorkTable", "LimitsTable", "KeysTable")])
    listed = tenant.api.get("/v1/calendars")
    assert secret not in listed.text
    assert listed.json() == {
        "data": [{name: calendar[name] for name in calendar if name != "url"}],
        "next_cursor": None,
    }


def test_no_log_and_no_problem_has_a_link(deployed: Deployed, tenant: Tenant, lines: Lines) -> None:
    calendar = made(tenant)
    token = calendar["url"].rpartition("/")[2]
    secret = token.split(".")[2]
    deployed.wire.before("update_item", lambda _: throttled())
    assert looked(deployed, calendar).status_code == 200, "what cannot be counted is not held"
    deployed.wire.before("query", lambda _: throttled())
    broken = looked(deployed, calendar)
    assert broken.status_code == 500
    assert tenant.api.delete(f"/v1/calendars/{calendar['id']}").is_success
    refusal = looked(deployed, calendar)
    assert secret not in broken.text + refusal.text
    assert lines.lines
    assert lines.leaks({secret}) == []


def test_another_workspaces_channel_is_none_and_its_posts_are_not_shown(deployed: Deployed, tenant: Tenant) -> None:
    stranger = deployed.tenant()
    theirs = stranger.connect("eve")
    stranger.posted("Of a stranger", theirs, in_minutes=DAY)
    answer = tenant.api.post("/v1/calendars", json={"channel_ids": [tenant.connect("ada"), theirs]})
    assert answer.status_code == 422
    assert [(each["param"], each["rule"]) for each in answer.json()["errors"]] == [("/channel_ids/1", "channel.exists")]
    assert summaries(deployed, made(tenant)) == []


def test_revoking_ends_a_link_at_once_and_once(deployed: Deployed, tenant: Tenant) -> None:
    calendar, kept = made(tenant), made(tenant)
    path = f"/v1/calendars/{calendar['id']}"
    revoked = tenant.api.delete(path).json()
    assert revoked["revoked_at"] == revoked["updated_at"] is not None
    assert looked(deployed, calendar).status_code == 404
    deployed.clock.run(minutes=5)
    assert tenant.api.delete(path).json() == revoked
    assert looked(deployed, kept).status_code == 200
    assert [each["revoked_at"] for each in tenant.api.get("/v1/calendars").json()["data"]] == [
        revoked["revoked_at"], None,
    ]  # fmt: skip
    deployed.clock.run(days=30)
    assert [each["id"] for each in tenant.api.get("/v1/calendars").json()["data"]] == [kept["id"]]
    assert tenant.api.delete(path).status_code == 404


def test_a_workspace_has_so_many_calendars_and_one_that_is_revoked_makes_room(
    deployed: Deployed, tenant: Tenant
) -> None:
    every = [made(tenant) for _ in range(MOST)]
    full = tenant.api.post("/v1/calendars", json={})
    assert (full.status_code, full.json()["code"]) == (409, "too_many_calendars")
    for _ in range(2):
        assert tenant.api.delete(f"/v1/calendars/{every[3]['id']}").is_success
    made(tenant)
    assert tenant.api.post("/v1/calendars", json={}).status_code == 409, "revoked twice, it made room once"
    assert looked(deployed, every[0]).status_code == 200


def test_two_at_once_do_not_pass_the_limit(deployed: Deployed, tenant: Tenant) -> None:
    for _ in range(MOST - 1):
        made(tenant)
    deployed.wire.before("transact_write_items", lambda _: made(tenant))
    assert tenant.api.post("/v1/calendars", json={}).status_code == 409
    assert len(tenant.api.get("/v1/calendars").json()["data"]) == MOST


def test_one_that_is_revoked_at_the_same_moment_is_revoked_once(deployed: Deployed, tenant: Tenant) -> None:
    calendar = made(tenant)
    path = f"/v1/calendars/{calendar['id']}"
    deployed.wire.before("transact_write_items", lambda _: tenant.api.delete(path))
    assert tenant.api.delete(path).status_code == 200
    (count,) = (row["held"] for row in deployed.items("WorkTable") if row["sk"] == "calendars")
    assert count == 0


def test_calendars_are_listed_page_by_page(tenant: Tenant) -> None:
    every = [made(tenant, description=f"Number {place}")["id"] for place in range(5)]
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = tenant.api.get("/v1/calendars", params={"limit": 2, **cursor}).json()
        found += [each["id"] for each in page["data"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == sorted(every)


def test_a_workspace_that_is_being_deleted_shows_nothing_more(deployed: Deployed) -> None:
    tenant = deployed.tenant(scopes=("read", "write", "admin"))
    calendar, unknown = made(tenant), said(looked(deployed, {"url": "/v1/calendar/none.ics"}))
    asked = tenant.api.request("DELETE", "/v1/workspace", params={"confirm": tenant.workspace_id})
    assert asked.status_code == 202
    assert said(looked(deployed, calendar)) == unknown
    deployed.clock.run(minutes=100)
    assert said(looked(deployed, calendar)) == unknown
    assert not [row for row in deployed.items("WorkTable") if row["pk"] == tenant.workspace_id]


def throttled() -> None:
    raise refused("ThrottlingException", "query")


def test_events_tell_who_made_and_who_revoked_one(deployed: Deployed, tenant: Tenant) -> None:
    deployed.follow_stream()
    calendar, other = made(tenant, description="Mine"), tenant.with_scopes("read", "write")
    assert other.api.delete(f"/v1/calendars/{calendar['id']}").is_success
    deployed.deliver_stream()
    told = Feed(deployed.table("EventsTable"), deployed.clock.now).read(tenant.workspace_id, None, 100).events
    found = [event for event in told if event.type.startswith("calendar.")]
    assert [event.type for event in found] == ["calendar.created", "calendar.revoked"]
    assert [event.data for event in found] == [{"calendar_id": calendar["id"]}] * 2
    keys = [each.api.get("/v1/me").json()["key"]["id"] for each in (tenant, other)]
    assert [event.actor.key_id for event in found if event.actor] == keys
