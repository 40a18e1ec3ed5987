"""What every provider inherits: a new module in the folder is tested by existing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers import Providers, modules, provider_class
from punctual.providers.base import Account, Grant, Outgoing, Provider
from punctual.providers.oauth2 import OAuth2Provider
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Reconnect, Rejected, RetryLater, Unauthorized

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
SERVER = "https://platform.example"
SECRET, CAPTION = "secret-token", "a caption to keep to oneself"
GRANT = Grant(access_token=SecretStr(SECRET), refresh_token=SecretStr(SECRET), server=SERVER)
ACCOUNT = Account(id="1@platform.example", handle="@someone", server=SERVER)

pytestmark = pytest.mark.parametrize("name", modules())

Respond = Callable[[httpx.Request], httpx.Response]


async def somewhere_public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def provider(name: str, respond: Respond) -> Provider:
    http = GuardedHttp(transport=httpx.MockTransport(respond), resolve=somewhere_public)
    return provider_class(name)(http, lambda: NOW)


def no_network(request: httpx.Request) -> httpx.Response:
    raise AssertionError("nothing is to be sent here")


def outgoing(found: Provider) -> Outgoing:
    about: dict[str, Any] = {
        "delivery_id": "dlv_1",
        "key": "dlv_1.1",
        "text": CAPTION,
        "settings": found.spec.settings(),
        "due_at": NOW,
        "account": ACCOUNT,
        "first_sent_at": NOW,
    }
    kept: dict[str, Any] = {}
    found.prepare(Outgoing(**about), GRANT, lambda **results: kept.update(results))
    return Outgoing(**about, prepared=kept)


def published(name: str, respond: Respond) -> tuple[ProviderError, list[httpx.Request]]:
    """What `publish` raises, and the requests that it sent."""
    sent: list[httpx.Request] = []

    def noted(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return respond(request)

    prepared = outgoing(provider(name, no_network))
    with pytest.raises(ProviderError) as raised:
        provider(name, noted).publish(prepared, GRANT)
    return raised.value, sent


def test_its_facts_hold_together(name: str) -> None:
    spec = provider_class(name).spec
    assert spec.id == name
    assert spec.name
    assert spec.max_text > 0
    assert spec.counted_in
    assert spec.duplicate_protection
    assert spec.settings.model_json_schema()["additionalProperties"] is False
    assert spec.call_seconds <= 20, "the engine counts on it: invocation 60 s, lease 75 s"
    assert (spec.connect == "oauth") == issubclass(provider_class(name), OAuth2Provider)
    assert not (spec.key_window_seconds and spec.absence_is_proof)


def test_its_class_has_its_documents_url(name: str) -> None:
    assert provider_class(name).spec.docs_url.startswith(("https://", "docs/"))


def test_it_is_off_where_the_sandbox_is_if_it_is_only_for_tests(name: str) -> None:
    registry = Providers(GuardedHttp(), lambda: NOW, sandbox=False)
    assert (name in registry.ids()) != provider_class(name).spec.only_for_tests


def test_a_call_that_was_never_sent_may_be_sent_later(name: str) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    error, sent = published(name, refuse)
    assert isinstance(error, RetryLater)
    assert len(sent) == 1


@pytest.mark.parametrize("fault", [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError])
def test_a_call_that_broke_off_is_unknown_and_is_not_repeated(name: str, fault: type[httpx.TransportError]) -> None:
    def break_off(request: httpx.Request) -> httpx.Response:
        raise fault("broken off", request=request)

    error, sent = published(name, break_off)
    assert isinstance(error, OutcomeUnknown)
    assert len(sent) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_while_publishing_is_unknown(name: str, status: int) -> None:
    error, sent = published(name, lambda _: httpx.Response(status, text=f"{CAPTION} {SECRET}"))
    assert isinstance(error, OutcomeUnknown)
    assert len(sent) == 1


def test_a_success_that_cannot_be_read_is_unknown(name: str) -> None:
    for body in (b"", b'{"id": "', b"[]", b"{}", b"<html>"):
        error, _ = published(name, lambda _, body=body: httpx.Response(200, content=body))
        assert isinstance(error, OutcomeUnknown), body


def test_an_answer_whose_encoding_is_broken_is_unknown(name: str) -> None:
    broken = {"Content-Encoding": "gzip"}
    error, _ = published(name, lambda _: httpx.Response(200, headers=broken, stream=httpx.ByteStream(b"no gzip")))
    assert isinstance(error, OutcomeUnknown)


def test_no_redirect_is_followed(name: str) -> None:
    error, sent = published(name, lambda _: httpx.Response(307, headers={"Location": "https://elsewhere.example/"}))
    assert len(sent) == 1
    assert not isinstance(error, RetryLater | Reconnect)


def test_a_rate_limit_says_when(name: str) -> None:
    error, _ = published(name, lambda _: httpx.Response(429, headers={"Retry-After": "17"}, json={}))
    assert isinstance(error, RetryLater)
    assert error.retry_after == 17


def test_a_plain_401_is_worth_a_refresh(name: str) -> None:
    error, _ = published(name, lambda _: httpx.Response(401, json={}))
    assert isinstance(error, Unauthorized)


def test_a_refusal_is_final(name: str) -> None:
    error, _ = published(name, lambda _: httpx.Response(422, json={}))
    assert isinstance(error, Rejected)


@pytest.mark.parametrize("status", [307, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503])
def test_no_outcome_quotes_what_the_platform_answered(name: str, status: int) -> None:
    said = {"error": f"{CAPTION}: {SECRET}", "message": f"{CAPTION} {SECRET}", "error_description": SECRET}
    error, _ = published(name, lambda _: httpx.Response(status, json=said))
    shown = f"{error} {error.sentence} {error.code} {error.platform_code}"
    assert SECRET not in shown
    assert CAPTION not in shown


def test_the_whole_answer_is_bounded(name: str) -> None:
    error, _ = published(name, lambda _: httpx.Response(200, content=b"x" * (5 * 1024 * 1024)))
    assert isinstance(error, OutcomeUnknown)


def test_a_text_over_the_limit_breaks_a_rule_that_names_the_provider(name: str) -> None:
    found = provider(name, no_network)
    limit = found.spec.max_text
    assert found.check("x" * limit, found.spec.settings(), ACCOUNT) == []
    (violation,) = found.check("x" * (limit + 1), found.spec.settings(), ACCOUNT)
    assert (violation.field, violation.rule) == ("text", f"{name}.text.max_length")


def test_nothing_secret_shows_in_a_repr(name: str) -> None:
    prepared = outgoing(provider(name, no_network))
    assert CAPTION not in repr(prepared)
    assert SECRET not in repr(GRANT)
