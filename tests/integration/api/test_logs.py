"""No token, code, state, ticket, cookie, caption, handle or password in any log line, at the most talkative level."""

import logging
from base64 import b64encode
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from edge.logs import logger
from punctual import deliveries
from punctual.messages import Wake
from punctual.providers.outcomes import Rejected
from punctual.tables import Change
from tests.contract.bluesky.far_side import APP_PASSWORD, FarSide, failed
from tests.integration.api.deployed import Deployed, sqs_event
from tests.integration.api.listening import Lines
from tests.integration.api.tenant import Tenant
from tests.integration.api.wire import refused

HANDLE = "zaphod_b"
CAPTION = "A caption nobody may see"
NAMES_OF_SECRETS = frozenset(
    {"code", "state", "ticket", "code_challenge", "code_verifier", "token", "refresh_token", "access_token", "key"}
)
SEALED = ("sealed_box", "sealed_key")


class Secrets:
    """What passed between browser, functions and platforms that no log may hold."""

    def __init__(self, deployed: Deployed):
        self.found = {HANDLE, CAPTION, APP_PASSWORD}
        gateway = deployed.hosts["punctual.example"]
        deployed.hosts["punctual.example"] = lambda request: self.exchange(request, gateway(request))

    def exchange(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        self.of_query(request.url.query.decode())
        self.of_query(request.content.decode(errors="replace"))
        for name in ("authorization", "cookie"):
            self.found |= {part for part in request.headers.get(name, "").replace("=", " ").split() if len(part) > 20}
        self.of_query(httpx.URL(response.headers.get("location", "")).query.decode())
        self.found |= {part for part in response.headers.get("set-cookie", "").split("=")[1:2] if part}
        if response.headers.get("content-type", "").startswith("application/json"):
            with suppress(ValueError):  # the sandbox cuts some answers off
                self.of_json(response.json())
        return response

    def of_query(self, text: str) -> None:
        self.found |= {value for name, value in parse_qsl(text) if name in NAMES_OF_SECRETS and len(value) > 12}

    def of_json(self, found: Any) -> None:
        for name, value in found.items() if isinstance(found, dict) else ():
            if name in NAMES_OF_SECRETS and isinstance(value, str) and len(value) > 12:
                self.found.add(value)


def walk(deployed: Deployed, secrets: Secrets) -> Tenant:
    """Everything that Punctual does with a secret, done well and done badly."""
    tenant = deployed.tenant()
    secrets.found.add(tenant.key)
    with httpx.Client(
        transport=httpx.MockTransport(lambda request: secrets.exchange(request, deployed.gateway.answer(request))),
        base_url="https://punctual.example",
    ) as browser:
        url = tenant.consented(browser, handle=HANDLE)
        deployed.wire.before("transact_write_items", lambda request: _raise(ValueError(f"{CAPTION} {request}")))
        browser.get(url)
        browser.get(tenant.consented(browser, handle=HANDLE, decision="deny"))
        url = tenant.consented(browser, handle=HANDLE)
        browser.get(url.replace("iss=", "iss=x"))
        browser.get(url)
        browser.get(url)
        browser.get(url.replace("code=", "code=x"))
        browser.get(tenant.consented(browser, handle=HANDLE).replace("code=", "code=x"))
    (channel,) = tenant.api.get("/v1/channels").json()["data"]
    _publish_well_and_badly(deployed, tenant, channel["id"])
    _decide_about_deliveries(deployed, tenant, channel["id"])
    _connect_by_password(deployed, tenant)
    tenant.api.delete(f"/v1/channels/{channel['id']}")
    return tenant


def _publish_well_and_badly(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    scripts = ("", "[sandbox:refuse]", "[sandbox:error_after]", "[sandbox:cut]", "[sandbox:rate_limit]")
    for script in (*scripts, "[sandbox:stale_token]", "[sandbox:late=30]", "[sandbox:revoked]"):
        tenant.posted(f"{CAPTION} {script}", channel, in_minutes=20)
    tenant.post(CAPTION * 40, channel)
    deployed.wire.before("transact_write_items", lambda _: _raise(refused("Throttling", "PutItem", CAPTION)))
    tenant.post(CAPTION, channel)
    deployed.scheduler.fail_next = 1
    post = tenant.posted(CAPTION, channel, in_minutes=90)
    tenant.api.patch(f"/v1/posts/{post['id']}", json={"text": f"{CAPTION}!"})
    deployed.wire.before("get_item", lambda request: _raise(ValueError(f"{CAPTION} {request}")))
    deployed.message(Wake(workspace_id="ws_1", post_id=post["id"], rev=2, woken_by="schedule"))
    deployed.message(Wake(workspace_id="ws_1", post_id=post["id"], rev=1, woken_by="schedule"))
    deployed.clock.run(minutes=35)


def _decide_about_deliveries(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    """Parts, attempts, retry, resolve, pause, and messages that die."""
    assert tenant.connect(HANDLE) == channel
    thread = [{"text": f"{CAPTION} [sandbox:refuse=1]"}, {"text": CAPTION}]
    post = tenant.posted(CAPTION, channel, in_minutes=5, thread=thread, first_comment={"text": CAPTION})
    unreadable = tenant.posted(CAPTION, channel, in_minutes=5)
    tenant.post(CAPTION, channel, thread=[{"text": CAPTION * 40}])
    item = deliveries.key(unreadable["id"], unreadable["deliveries"][0]["id"])
    deployed.table("WorkTable").update(item, Change(set={"text": {"caption": CAPTION}}))
    tenant.with_scopes("admin").api.post("/v1/workspace/pause")
    deployed.clock.run(minutes=6)
    tenant.with_scopes("admin").api.post("/v1/workspace/resume")
    deployed.clock.run(minutes=15)
    for path in ("", "/attempts"):
        tenant.api.get(f"/v1/posts/{post['id']}{path}")
        tenant.api.get(f"/v1/posts/{unreadable['id']}{path}")
    of_delivery = f"/v1/posts/{post['id']}/deliveries/{post['deliveries'][0]['id']}"
    tenant.api.post(f"{of_delivery}/resolve", json={"outcome": "published", "url": f"https://x.example/{HANDLE}"})
    tenant.api.post(f"{of_delivery}/resolve", json={"outcome": CAPTION, "url": f"https://{HANDLE}:{CAPTION}@x"})
    assert tenant.api.post(f"{of_delivery}/retry").status_code == 202
    tenant.api.get("/v1/metrics/timeliness")
    deployed.invoke("DeadLettersFunction", sqs_event(*deployed.queue.dead, CAPTION))


def _connect_by_password(deployed: Deployed, tenant: Tenant) -> None:
    side = FarSide(deployed.clock.now)
    deployed.hosts |= dict.fromkeys(side.hosts, side.answer)
    given = {"identifier": "alice.example", "app_password": APP_PASSWORD, "server": side.entrance}
    for change in ({"app_password": f"{APP_PASSWORD}-not"}, {}):
        tenant.api.post("/v1/channels", json={"provider": "bluesky", "credentials": {**given, **change}})
    side.answers_next = [failed(500, APP_PASSWORD)]
    tenant.api.post("/v1/channels", json={"provider": "bluesky", "credentials": given})


def _raise(error: Exception) -> None:
    raise error


def test_no_log_line_holds_a_secret_or_what_a_person_wrote(deployed: Deployed, lines: Lines) -> None:
    secrets = Secrets(deployed)
    deployed.clock.every(60, lambda: deployed.invoke("SweeperFunction", {}))
    deployed.clock.every(240, lambda: deployed.invoke("TokenRefresherFunction", {}))
    walk(deployed, secrets)
    assert len(secrets.found) > 30, "the scan must know what to look for"
    secrets.found |= ciphertext(deployed)
    heard = "\n".join(lines.lines)
    for said in (
        "fault",
        "not armed",
        "code not exchanged",
        "channel must be reconnected",
        "message failed",
        "stale wake",
        "paused",
        "dead letter",
        "a delivery cannot be read",
        "not a message of ours",
    ):
        assert said in heard, f"the walk must reach the line {said!r}"
    assert lines.leaks(secrets.found) == []


def ciphertext(deployed: Deployed) -> set[str]:
    """What the grants table holds sealed, as Python or JSON would write it."""
    boxes = [bytes(item[name]) for item in deployed.items("GrantsTable") for name in item if name in SEALED]
    assert boxes
    return {form for box in boxes for form in (repr(box)[2:-1], b64encode(box).decode(), box.hex())}


def test_no_ciphertext_is_in_the_work_table_or_in_a_message(deployed: Deployed, tenant: Tenant) -> None:
    """Their stream and their bodies are what events will be made of."""
    channel = tenant.connect("ada")
    tenant.posted(CAPTION, channel, in_minutes=5)
    deployed.clock.run(minutes=8)
    told = f"{deployed.items('WorkTable')} {deployed.queue.sent} {tenant.api.get('/v1/channels').text}"
    assert CAPTION in told
    assert [form for form in ciphertext(deployed) if form in told] == []


def test_the_scan_finds_what_is_logged_in_any_way(lines: Lines) -> None:
    log = logging.getLogger("punctual.somewhere")
    log.debug("posting %s", CAPTION)
    log.info("posting", extra={"text": CAPTION})
    try:
        raise Rejected(CAPTION, code="refused")
    except Rejected:
        log.exception("failed")
    logger("scan_too").debug(CAPTION)
    assert len(lines.leaks({CAPTION})) >= 3
    assert lines.leaks({"something else"}) == []


@pytest.mark.parametrize("name", ["botocore.endpoint", "boto3", "httpx", "httpcore.http11", "urllib3", "authlib"])
def test_libraries_say_nothing_below_a_warning(lines: Lines, name: str) -> None:
    """botocore logs whole requests and answers at DEBUG, KMS's plain keys among them, httpcore headers, httpx URLs."""
    logging.getLogger(name).debug(CAPTION)
    logging.getLogger(name).info(CAPTION)
    assert lines.lines == []


def test_a_token_is_hidden_in_the_repr_of_whatever_holds_one(deployed: Deployed, tenant: Tenant) -> None:
    from pydantic import SecretStr

    from punctual.connecting import Sending, Started
    from punctual.connecting.connections import Connection
    from punctual.providers.base import App, Beginning, Callback, Consent, Grant

    now = deployed.clock.now() + timedelta(minutes=1)
    held = [
        Grant(access_token=SecretStr("a-secret"), refresh_token=SecretStr("a-secret"), extra={"k": "a-secret"}),
        Callback(
            app=App(client_id="x"),
            redirect_uri="x",
            code="a-secret",
            code_verifier=SecretStr("a-secret"),
            kept={"k": "a-secret"},
        ),
        Beginning(server="u", kept={"k": "a-secret"}),
        Started(id="con_1", authorization_url="a-secret", expires_at=now),
        Sending(url="a-secret", browser="a-secret"),
        App(client_id="x", client_secret=SecretStr("a-secret")),
        Connection(
            id="con_1",
            workspace_id="w",
            provider="p",
            server="s",
            redirect_uri="r",
            code_verifier=SecretStr("a-secret"),
            secret_hash="h",
            created_at=now,
            expires_at=now,
        ),
        Consent(app=App(client_id="x"), redirect_uri="x", state="a-secret", code_challenge="c", kept={"k": "a-secret"}),
    ]
    assert [each for each in held if "a-secret" in repr(each)] == []
