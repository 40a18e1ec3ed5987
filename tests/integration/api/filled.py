"""A workspace with everything in it that the API can make, and what the publisher and time leave beside it."""

from io import BytesIO
from typing import Any

import httpx
from PIL import Image

from punctual.deliveries import Deliveries
from punctual.events import repairs
from punctual.events.feed import Feed
from punctual.states import DeliveryStatus
from punctual.webhooks.endpoints import Endpoints
from punctual.webhooks.lanes import Lanes
from punctual.webhooks.resending import Resends
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_connect_links import consented as followed
from tests.integration.api.uploading import declared, posted, put, uploaded

FAR = 60 * 24 * 30
TABLES = ("WorkTable", "GrantsTable", "KeysTable", "LimitsTable", "EventsTable")
Contents = dict[str, Any]


def filled(deployed: Deployed) -> Tenant:
    deployed.follow_stream()
    tenant = deployed.tenant(scopes=("read", "write", "admin"))
    fill_channels(deployed, tenant)
    fill_posts(deployed, tenant)
    deployed.admin("pause_workspace", workspace_id=tenant.workspace_id)
    deployed.admin("resume_workspace", workspace_id=tenant.workspace_id)
    revoked = deployed.admin("create_key", workspace_id=tenant.workspace_id)["key_id"]
    deployed.admin("revoke_key", workspace_id=tenant.workspace_id, key_id=revoked)
    app = {"client_id": "an app", "client_secret": "of its own"}
    tenant.start()
    fill_connections(deployed, tenant)
    assert tenant.api.put("/v1/workspace/apps/sandbox", json=app).is_success
    fill_media(deployed, tenant)
    fill_calendars(deployed, tenant)
    fill_webhooks(deployed, tenant)
    assert tenant.api.post("/v1/workspace/exports").status_code == 202
    deployed.clock.run(seconds=1)
    return tenant


def fill_channels(deployed: Deployed, tenant: Tenant) -> None:
    """Two that are connected, and one that was, with what its posts left."""
    deliveries = Deliveries(deployed.table("WorkTable"))
    for handle in ("ada", "bob", "gone"):
        channel = tenant.connect(handle)
        tenant.posted(f"Of {handle}", channel, in_minutes=FAR, allow_duplicate=False)
        found = tenant.posted(f"Out on {handle}", channel, schedule="now", scheduled_at=None)
        deployed.clock.run(minutes=1)
        (live,) = deliveries.of_post(found["id"])
        assert deliveries.take_id(live, f"platform-{handle}")
    assert tenant.api.delete(f"/v1/channels/{channel}").status_code == 200


def fill_connections(deployed: Deployed, tenant: Tenant) -> None:
    """One that waits for a choice, and links: open, and used by somebody without a key."""
    with deployed.client() as browser:
        assert browser.get(tenant.consented(browser, handle="team_lead", typed={"teams": "2"})).status_code == 200
    used, _ = (
        tenant.api.post("/v1/connect-links", json={"providers": ["sandbox"], "external_id": "crm-7"}).json()
        for _ in range(2)
    )
    with deployed.client() as browser:
        assert browser.get(followed(browser, used, handle="guest")).status_code == 200
    assert tenant.api.get(f"/v1/connect-links/{used['id']}").json()["status"] == "used"


def fill_calendars(deployed: Deployed, tenant: Tenant) -> None:
    """One that was looked at, and one that was revoked."""
    looked_at, revoked = (tenant.api.post("/v1/calendars", json={}).json() for _ in range(2))
    assert deployed.client().get(looked_at["url"]).status_code == 200
    assert tenant.api.delete(f"/v1/calendars/{revoked['id']}").status_code == 200


def fill_media(deployed: Deployed, tenant: Tenant) -> None:
    """One that is ready, one that was refused, and two whose uploads are under way."""
    ready, refused = uploaded(deployed, tenant, picture()), uploaded(deployed, tenant)
    deployed.clock.run(seconds=10)
    found = {each: tenant.api.get(f"/v1/media/{each}").json()["status"] for each in (ready, refused)}
    assert found == {ready: "ready", refused: "refused"}
    assert posted(deployed, declared(tenant)["upload"]).status_code == 204
    parts = declared(tenant, 20_000_000, multipart=True)
    urls = tenant.api.post(f"/v1/media/{parts['id']}/parts", json={"numbers": [1]}).json()["data"]
    assert put(deployed, urls[0]["url"], bytes(urls[0]["bytes"])).status_code == 200


def fill_webhooks(deployed: Deployed, tenant: Tenant) -> None:
    """One that takes what it is sent; one that took nothing, with retries and a resend that wait, and is disabled; and
    one that was deleted, whose log nobody has cleared away."""
    deployed.hosts |= {"takes.example": lambda _: httpx.Response(204), "fails.example": lambda _: httpx.Response(500)}
    kept, failing, gone = (
        tenant.api.post("/v1/webhooks", json={"url": f"https://{host}.example/hook"}, headers={"Idempotency-Key": key})
        for host, key in (("takes", "1"), ("fails", "2"), ("takes", "3"))
    )
    assert kept.status_code == 201
    deployed.clock.run(minutes=1)
    table, now = deployed.table("EventsTable"), deployed.clock.now
    feed, lanes = Feed(table, now), Lanes(table, now)
    endpoints = Endpoints(table, feed, lanes, now)
    webhook = endpoints.get(tenant.workspace_id, failing.json()["id"])
    assert webhook
    assert Resends(table, feed, lanes, now).ask(webhook, 1)
    assert endpoints.disable(tenant.workspace_id, webhook.id, "by_request")
    assert endpoints.delete(tenant.workspace_id, gone.json()["id"])
    deployed.clock.run(minutes=1)


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(made, "PNG")
    return made.getvalue()


def fill_posts(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.api.get("/v1/channels").json()["data"][0]["id"]
    named = {"labels": ["spring", "sale"], "external_id": "crm-1", "metadata": {"a": "b"}}
    thread = {"thread": [{"text": "And then"}], "first_comment": {"text": "Read on"}}
    tenant.posted("A thread", channel, in_minutes=FAR, **thread, **named)
    tenant.drafted("A draft", channel, labels=["some day"])
    tenant.api.post(
        "/v1/posts",
        json={"text": "Once", "targets": [{"channel_id": channel}], "draft": True},
        headers={"Idempotency-Key": "once"},
    )
    moved = tenant.posted("Moved", channel, in_minutes=FAR)
    before = dict(deployed.scheduler.schedules)
    assert tenant.api.patch(f"/v1/posts/{moved['id']}", json={"scheduled_at": tenant.later(2 * FAR)}).is_success
    deployed.scheduler.schedules |= before  # the old schedule could not be deleted
    tenant.posted("[sandbox:refuse] No", channel, schedule="now", scheduled_at=None)
    cancelled = tenant.posted("Cancelled", channel, in_minutes=5)
    deployed.clock.run(minutes=4)
    assert tenant.api.post(f"/v1/posts/{cancelled['id']}/cancel").is_success
    gone = tenant.posted("Prepared, cancelled, deleted", channel, in_minutes=5)
    deployed.clock.run(minutes=4)
    assert tenant.api.post(f"/v1/posts/{gone['id']}/cancel").is_success
    assert tenant.api.delete(f"/v1/posts/{gone['id']}").is_success
    deployed.clock.run(minutes=5)
    deliveries = Deliveries(deployed.table("WorkTable"))
    for status in DeliveryStatus:
        found = tenant.posted(f"It is {status}", channel, in_minutes=FAR)
        (seen,) = deliveries.of_post(found["id"])
        deliveries.write(seen, status=status)


def stored(deployed: Deployed) -> Contents:
    """All tables but the platform's own, the bucket and the schedules. Rates of platforms, and what is known of the
    stream, are nobody's."""
    rows = {name: [row for row in deployed.items(name) if not is_nobodys(row)] for name in TABLES}
    bucket = {"bucket": dict(deployed.bucket.objects), "uploads": dict(deployed.bucket.uploads)}
    return {**rows, **bucket, "schedules": dict(deployed.scheduler.schedules)}


def restore(deployed: Deployed, contents: Contents) -> None:
    """Only what differs is written: whoever kills a worker at each of its calls comes back to it hundreds of times."""
    for name in TABLES:
        table = deployed.table(name)
        found = {place(row): row for row in deployed.items(name) if row["pk"] != repairs.PARTITION}
        wanted = {place(row): row for row in contents[name]}
        for gone in found.keys() - wanted.keys():
            table.delete(dict(gone))
        for where, row in wanted.items():
            if found.get(where) != row:
                table.put(row)
    deployed.forget_stream()
    deployed.bucket.objects, deployed.bucket.uploads = dict(contents["bucket"]), dict(contents["uploads"])
    deployed.scheduler.schedules = dict(contents["schedules"])


def place(row: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((attribute, row[attribute]) for attribute in ("pk", "sk") if attribute in row)


def is_nobodys(row: dict[str, Any]) -> bool:
    return str(row["pk"]).startswith("bucket#") or row["pk"] == repairs.PARTITION
