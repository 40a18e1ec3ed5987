"""What must be there for an operation's example to succeed, and what the example's ids stand for then.

`scene(name, deployed, tenant)` sets one up. An operation that needs no more than a channel and a scheduled post of it
has no function of its own.
"""

from collections.abc import Callable
from datetime import timedelta

import httpx

from punctual.deliveries import Deliveries
from punctual.events.feed import Feed
from punctual.states import DeliveryStatus
from tests.contract.bluesky import far_side as bluesky
from tests.contract.bluesky import oauth_far_side
from tests.contract.mastodon import far_side as mastodon
from tests.document import media_scenes
from tests.integration.api import people
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.sandbox_bridge import callback_query, consent, form

POST = "post_01KJ0000000000000000000001"
DELIVERY = "dlv_01KJ0000000000000000000002"
CHANNEL = "chn_01KJ0000000000000000000003"
CONNECTION = "con_01KJ0000000000000000000004"
EXPORT = "exp_01KJ0000000000000000000005"
WORKSPACE = "ws_01KJ0000000000000000000004"
CALENDAR = "cal_01KJ0000000000000000000007"
WEBHOOK = "whk_01KJ0000000000000000000008"
EVENT = "evt_01KJ0000000000000000000007"
LINK = "lnk_01KJ0000000000000000000005"

Real = dict[str, str]
"""What stands for what."""


def scene(name: str, deployed: Deployed, tenant: Tenant) -> Real:
    return _SCENES.get(name, scheduled)(deployed, tenant)


def scheduled(deployed: Deployed, tenant: Tenant) -> Real:
    channel = tenant.connect("ada")
    post = tenant.posted("Good morning.", channel)
    return {CHANNEL: channel, POST: post["id"], DELIVERY: post["deliveries"][0]["id"]}


def told(deployed: Deployed, tenant: Tenant) -> Real:
    """What the events function tells of a post that went out."""
    deployed.follow_stream()
    found = published(deployed, tenant)
    deployed.deliver_stream()
    events = Feed(deployed.table("EventsTable"), deployed.clock.now).read(tenant.workspace_id, None, 100).events
    return {**found, EVENT: next(each.id for each in events if each.type == "post.scheduled")}


def hooked(deployed: Deployed, tenant: Tenant) -> Real:
    """An endpoint that answers 204, and was sent what happened."""
    deployed.hosts["app.example"] = lambda _: httpx.Response(204)
    made = tenant.api.post("/v1/webhooks", json={"url": "https://app.example/hooks", "event_types": ["webhook.*"]})
    deployed.clock.run(seconds=1)
    return {**told(deployed, tenant), WEBHOOK: made.json()["id"]}


def owned(deployed: Deployed, tenant: Tenant) -> Real:
    return {WORKSPACE: tenant.workspace_id}


def exported(deployed: Deployed, tenant: Tenant) -> Real:
    found = published(deployed, tenant)
    export = tenant.api.post("/v1/workspace/exports").json()
    deployed.clock.run(seconds=1)
    return {**found, EXPORT: export["id"], WORKSPACE: tenant.workspace_id}


def removed_at_the_platform(deployed: Deployed, tenant: Tenant) -> Real:
    return {"mastodon": "sandbox", "SIGNED.REQUEST": people.notice(deployed, people.connected(deployed, tenant, "ada"))}


def deleted_data(deployed: Deployed, tenant: Tenant) -> Real:
    form = {"signed_request": removed_at_the_platform(deployed, tenant)["SIGNED.REQUEST"]}
    answer = deployed.client().post("/v1/oauth/sandbox/data-deletion", data=form)
    return {"mastodon": "sandbox", "0123456789abcdef0123456789abcdef": answer.json()["confirmation_code"]}


def drafted(deployed: Deployed, tenant: Tenant) -> Real:
    channel = tenant.connect("ada")
    post = tenant.drafted("Some day.", channel)
    return {CHANNEL: channel, POST: post["id"]}


def published(deployed: Deployed, tenant: Tenant) -> Real:
    found = scheduled(deployed, tenant)
    deployed.clock.run(hours=1, minutes=1)
    return found


def failed(deployed: Deployed, tenant: Tenant) -> Real:
    return _settled(deployed, tenant, DeliveryStatus.ERROR, None)


def unconfirmed(deployed: Deployed, tenant: Tenant) -> Real:
    return _settled(deployed, tenant, DeliveryStatus.UNCONFIRMED, timedelta(minutes=2))


def bluesky_answers(deployed: Deployed, tenant: Tenant) -> Real:
    side = bluesky.FarSide(deployed.clock.now)
    side.handles["alice.bsky.social"] = bluesky.DID
    side.entrance = "https://bsky.social"
    deployed.hosts |= dict.fromkeys(("bsky.social", *side.hosts), side.answer)
    return {}


def known_at_bluesky(deployed: Deployed, tenant: Tenant) -> Real:
    side = oauth_far_side.OAuthFarSide(deployed.clock.now)
    hosts = (oauth_far_side.HOME, oauth_far_side.ISSUER)
    deployed.hosts |= {url.removeprefix("https://"): side.answer for url in hosts}
    tenant.start("bluesky", server=oauth_far_side.HOME)
    return {"mastodon": "bluesky"}


def mastodon_answers(deployed: Deployed, tenant: Tenant) -> Real:
    deployed.hosts["mastodon.social"] = mastodon.FarSide(deployed.clock.now, host="mastodon.social").answer
    return {}


def started(deployed: Deployed, tenant: Tenant) -> Real:
    ticket = httpx.URL(tenant.start()).params["ticket"]
    return {"TICKET": ticket, "mastodon": "sandbox"}


def consented(deployed: Deployed, tenant: Tenant) -> Real:
    """The cookie is the client's own: the person's browser made this call."""
    sent_on = tenant.api.get(tenant.start(return_url="https://app.example/done"))
    given = consent(tenant.api, sent_on.headers["location"], handle="ada", lifetime="300")
    query = callback_query(given)
    return {"STATE": query["state"], "CODE": query["code"], "ISSUER": query.get("iss", ""), "mastodon": "sandbox"}


def sandbox(deployed: Deployed, tenant: Tenant) -> Real:
    """Mastodon takes no app: each of its servers registers Punctual itself."""
    return {"mastodon": "sandbox"}


def brought_an_app(deployed: Deployed, tenant: Tenant) -> Real:
    given = {"client_id": "app-5f2c7d", "client_secret": "as-the-platform-gave-it"}
    tenant.api.put("/v1/workspace/apps/sandbox", json=given).raise_for_status()
    return sandbox(deployed, tenant)


def connected(deployed: Deployed, tenant: Tenant) -> Real:
    started = tenant.api.post("/v1/oauth/sandbox/start", json={}).json()
    tenant.finish(started["authorization_url"])
    (channel,) = tenant.api.get("/v1/channels").json()["data"]
    return {CONNECTION: started["id"], CHANNEL: channel["id"]}


def choosing(deployed: Deployed, tenant: Tenant) -> Real:
    started = tenant.api.post("/v1/oauth/sandbox/start", json={"choose": "api"}).json()
    tenant.finish(started["authorization_url"], teams="1")
    accounts = tenant.api.get(f"/v1/connections/{started['id']}").json()["accounts"]
    return {CONNECTION: started["id"], "ACCOUNT": accounts[1]["id"]}


def to_choose_from(deployed: Deployed, tenant: Tenant) -> Real:
    """The cookie is the client's own: the person's browser made this call."""
    started = tenant.api.post("/v1/oauth/sandbox/start", json={}).json()
    _, hidden = form(tenant.finish(started["authorization_url"], browser=tenant.api, teams="1").text)
    return {"STATE": hidden["state"], "ACCOUNT": hidden["account"], "mastodon": "sandbox"}


def linked(deployed: Deployed, tenant: Tenant) -> Real:
    made = tenant.api.post("/v1/connect-links", json={"providers": ["sandbox"], "external_id": "customer-7"}).json()
    return {LINK: made["id"], "TOKEN": made["url"].rpartition("/")[2], "mastodon": "sandbox"}


def watched(deployed: Deployed, tenant: Tenant) -> Real:
    found = scheduled(deployed, tenant)
    given = {"description": "Acme, planned posts", "channel_ids": [found[CHANNEL]]}
    made = tenant.api.post("/v1/calendars", json=given).json()
    return {**found, CALENDAR: made["id"], "TOKEN": made["url"].rpartition("/")[2]}


def _settled(deployed: Deployed, tenant: Tenant, status: DeliveryStatus, ago: timedelta | None) -> Real:
    found = scheduled(deployed, tenant)
    deliveries = Deliveries(deployed.table("WorkTable"))
    (seen,) = deliveries.of_post(found[POST])
    deliveries.write(seen, status=status, sending_at=deployed.clock.now() - ago if ago else None)
    deployed.clock.run(hours=1, minutes=1)
    return found


_SCENES: dict[str, Callable[[Deployed, Tenant], Real]] = {
    **media_scenes.SCENES,
    "delete_app": brought_an_app,
    "list_apps": brought_an_app,
    "put_app": sandbox,
    "show_consent": started,
    "finish_connecting": consented,
    "choose_accounts": choosing,
    "choose_accounts_in_browser": to_choose_from,
    "connect_channel": bluesky_answers,
    "deauthorize_login": removed_at_the_platform,
    "delete_login_data": removed_at_the_platform,
    "delete_post": drafted,
    "delete_publication": published,
    "get_client_metadata": known_at_bluesky,
    "follow_connect_link": linked,
    "get_connect_link": linked,
    "list_connect_links": linked,
    "revoke_connect_link": linked,
    "show_connect_link": linked,
    "get_connection": connected,
    "delete_workspace": owned,
    **dict.fromkeys(
        (
            *("get_webhook", "list_webhooks", "change_webhook", "delete_webhook", "rotate_webhook_secret"),
            *("enable_webhook", "disable_webhook", "test_webhook", "list_sends", "resend_events"),
        ),
        hooked,
    ),
    "export_audit": told,
    "get_event": told,
    "list_events": told,
    "get_export": exported,
    "get_timeliness": published,
    "list_attempts": published,
    "resolve_delivery": unconfirmed,
    "retry_channel": failed,
    "retry_delivery": failed,
    "show_data_deletion": deleted_data,
    "list_calendars": watched,
    "revoke_calendar": watched,
    "show_calendar": watched,
    "start_connecting": mastodon_answers,
}
