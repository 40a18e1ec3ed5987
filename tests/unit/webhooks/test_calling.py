"""One try: what each answer, and each way of getting none, is called; how long who asks for time is left alone."""

import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from pydantic import SecretStr

from punctual.events.event import Event, new_id
from punctual.guarded_http import MAX_ANSWER_BYTES, GuardedHttp
from punctual.webhooks.calling import Calling, Outcome
from punctual.webhooks.endpoints import Webhook
from punctual.webhooks.secrets import Secret
from punctual.webhooks.sends import MOST_TRIES, Send, Try
from punctual.webhooks.testing import send_test

NOW = datetime(2026, 11, 22, 16, 0, 0, 123000, tzinfo=UTC)
NO_GZIP = httpx.ByteStream(b"no gzip")
WEBHOOK = Webhook(
    id="whk_x",
    workspace_id="ws_x",
    url="https://receiver.example/hook",
    created_at=NOW,
    updated_at=NOW,
    secrets=(Secret(secret=SecretStr("whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0"), created_at=NOW),),
)
EVENT = Event(
    id=new_id(7, NOW), type="post.completed", timestamp=NOW, data={}, workspace_id="ws_x", sequence=7, appended_at=NOW
)


async def public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


async def private(host: str, port: int) -> list[str]:
    return ["10.0.0.1"]


def tried(respond: Callable[[httpx.Request], httpx.Response], webhook: Webhook = WEBHOOK, **http: object) -> Outcome:
    transport = httpx.MockTransport(respond)
    guarded = GuardedHttp(**{"transport": transport, "resolve": public, **http})  # type: ignore[arg-type]
    return Calling(guarded, lambda: NOW)(webhook, EVENT)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (200, "delivered"),
        (204, "delivered"),
        (299, "delivered"),
        (301, "redirected"),
        (307, "redirected"),
        (304, "redirected"),
        (400, "status_400"),
        (410, "status_410"),
        (429, "status_429"),
        (500, "status_500"),
    ],
)
def test_an_answer_is_called_by_its_status(status: int, code: str) -> None:
    made = tried(lambda _: httpx.Response(status, headers={"Location": "https://elsewhere.example/"}))
    assert (made.tried.status, made.tried.code) == (status, code)
    assert made.tried.is_good == (code == "delivered")
    assert made.is_gone == (status == 410)


def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def redirecting(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["host"])
        return httpx.Response(308, headers={"Location": "https://elsewhere.example/"})

    tried(redirecting)
    assert asked == ["receiver.example"]


def raising(error: Exception, cause: Exception | None = None) -> Callable[[httpx.Request], httpx.Response]:
    def respond(_: httpx.Request) -> httpx.Response:
        raise error from cause

    return respond


@pytest.mark.parametrize(
    ("respond", "code"),
    [
        (raising(httpx.ConnectError("no")), "connection_failed"),
        (raising(httpx.ConnectTimeout("no")), "connection_failed"),
        (raising(httpx.ConnectError("no"), ssl.SSLCertVerificationError("no")), "tls_failed"),
        (raising(ssl.SSLError("an alert")), "tls_failed"),
        (raising(httpx.ReadTimeout("late")), "timeout"),
        (raising(httpx.WriteTimeout("late")), "timeout"),
        (raising(httpx.RemoteProtocolError("cut")), "connection_broken"),
        (raising(httpx.ReadError("cut")), "connection_broken"),
        (lambda _: httpx.Response(200, content=b"x" * (MAX_ANSWER_BYTES + 1)), "answer_too_large"),
        (lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=NO_GZIP), "connection_broken"),
    ],
)
def test_a_call_without_an_answer_is_called_by_what_happened(
    respond: Callable[[httpx.Request], httpx.Response], code: str
) -> None:
    made = tried(respond)
    assert (made.tried.status, made.tried.code, made.retry_after) == (None, code, None)


def never(_: httpx.Request) -> httpx.Response:
    raise AssertionError("it was called")


@pytest.mark.parametrize(
    "url", ["http://receiver.example/", "https://receiver.example:8443/", "https://a:b@receiver.example/", "nonsense"]
)
def test_an_address_that_is_not_for_us_to_call_is_refused(url: str) -> None:
    assert tried(never, replace(WEBHOOK, url=url)).tried.code == "address_refused"


def test_a_host_that_leads_into_a_private_network_is_refused() -> None:
    assert tried(never, resolve=private).tried.code == "address_refused"
    assert tried(lambda _: httpx.Response(200), resolve=private, allow_private=True).tried.code == "delivered"


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("86400", 86400),
        ("86401", 86400),
        ("999999999", 86400),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 299.877),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), 0),
        (format_datetime(NOW + timedelta(days=400), usegmt=True), 86400),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_for_time_in_either_form_is_heeded_up_to_a_day(given: str, seconds: float, status: int) -> None:
    made = tried(lambda _: httpx.Response(status, headers={"Retry-After": given}))
    assert made.retry_after == timedelta(seconds=seconds)


@pytest.mark.parametrize("given", ["", "soon", "-5", "1.5", "9" * 40, "Fri, 99 Nov 2026 16:00:00 GMT", "²"])
def test_what_is_no_time_is_passed_over(given: str) -> None:
    made = tried(lambda _: httpx.Response(429, headers=[(b"Retry-After", given.encode("latin-1"))]))
    assert made.retry_after is None


def test_a_success_asks_for_nothing() -> None:
    assert tried(lambda _: httpx.Response(200, headers={"Retry-After": "60"})).retry_after is None


def test_nothing_of_an_answer_but_its_status_is_kept() -> None:
    made = tried(lambda _: httpx.Response(500, text="the secret is 42", headers={"X-Secret": "42"}))
    assert "42" not in repr(made)


def test_a_test_event_is_signed_and_stands_in_no_feed() -> None:
    bodies: list[bytes] = []

    def taking(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        assert request.headers["webhook-signature"].startswith("v1,")
        return httpx.Response(202)

    call = Calling(GuardedHttp(transport=httpx.MockTransport(taking), resolve=public), lambda: NOW)
    assert send_test(WEBHOOK, call, lambda: NOW).tried.status == 202
    assert b'"type":"webhook.test"' in bodies[0]
    assert b'"sequence":0' in bodies[0]


def test_a_row_of_the_log_keeps_the_last_tries() -> None:
    send = Send(
        webhook_id="whk_x", workspace_id="ws_x", sequence=7, event_id="evt_x", event_type="post.error", created_at=NOW
    )
    for place in range(MOST_TRIES + 3):
        send = send.with_try(Try(at=NOW, code="status_500", status=500, duration_ms=place), "failing", NOW)
    assert [each.duration_ms for each in send.tries] == list(range(3, MOST_TRIES + 3))
    assert send.failures == MOST_TRIES + 3
