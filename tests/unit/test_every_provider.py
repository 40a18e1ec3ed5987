"""What every provider inherits: a new module in the folder is tested by existing."""

import contextlib
import dataclasses
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers import Providers, modules, provider_class
from punctual.providers.base import Account, Fields, Grant, Outgoing, PartKind, Provider
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Reconnect, Rejected, RetryLater, Unauthorized
from tests.contract.outcomes import samples
from tests.kept import Kept

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
    kept: dict[str, Any] = dict(samples.data(found.spec.id).post.prepared or {})
    if not kept:
        found.prepare(Outgoing(**about), GRANT, Kept(kept))
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
    assert spec.connect
    assert set(spec.connect) <= {"oauth", "credentials"}
    assert ("credentials" in spec.connect) == (spec.credentials is not Fields)
    assert not (spec.key_window_seconds and spec.absence_is_proof)


def test_it_takes_an_app_or_registers_itself_and_says_how_one_is_registered(name: str) -> None:
    """Else nobody could ever connect: `app_missing` would name nothing to set."""
    found = provider_class(name)
    if "oauth" not in found.spec.connect:
        return
    registers_itself = found.register_app is not Provider.register_app
    assert found.spec.app_fields or registers_itself
    assert found.spec.setup or registers_itself


def test_its_app_is_made_of_what_it_asks_for(name: str) -> None:
    model = provider_class(name).spec.app_fields
    if model is None:
        return
    given = {field: "given" for field, about in model.model_fields.items() if about.is_required()}
    app = provider(name, no_network).app(model.model_validate(given))
    assert app.client_id
    assert "given" not in repr(app).replace(f"client_id={app.client_id!r}", "")


def test_what_it_says_of_parts_and_limits_holds_together(name: str) -> None:
    spec = provider_class(name).spec
    assert spec.max_parts >= 1
    assert all(cap.posts > 0 and cap.seconds > 0 for cap in spec.caps)
    assert spec.rate is None or (spec.rate.per_second > 0 and spec.rate.burst >= 1)
    assert spec.lead_seconds >= 0
    assert spec.poll_seconds <= spec.max_poll_seconds
    if spec.media.video_seconds:
        assert spec.max_polls * spec.poll_seconds >= spec.max_poll_seconds, "time ends it, not the count"
    found = provider(name, no_network)
    assert all(cap.posts > 0 and cap.seconds > 0 for cap in found.caps(ACCOUNT))
    assert found.lead_seconds(CAPTION, spec.settings()) >= spec.lead_seconds


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


@pytest.mark.parametrize("header", ["Retry-After", "RateLimit-Reset", "X-RateLimit-Reset"])
@pytest.mark.parametrize(
    "said", ["\u00b2", "9" * 400, "9" * 5000, "9" * 15, "1e9", "-1", "Mon, 01 Jan 99999 00:00:00 GMT"]
)
def test_a_wait_that_nobody_can_count_is_a_rate_limit_all_the_same(name: str, said: str, header: str) -> None:
    answer = httpx.Response(429, headers={header: said.encode()}, json={})
    error, _ = published(name, lambda _: answer)
    assert isinstance(error, RetryLater)
    assert error.retry_after is None or 0 <= error.retry_after <= 366 * 86_400
    assert all(until <= NOW + timedelta(days=366) for until in noted(name, answer))


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 422, 429, 500])
def test_an_answer_nested_without_end_is_one_that_cannot_be_read(name: str, status: int) -> None:
    answer = httpx.Response(status, headers={"DPoP-Nonce": "n"}, content=b'{"error":' * 200_000)
    published(name, lambda _: answer)  # a ProviderError, and no fault


def noted(name: str, answer: httpx.Response) -> list[datetime]:
    """What is remembered of an answer to publishing, whatever else came of it."""
    limits: list[datetime] = []
    about = outgoing(provider(name, no_network))
    with contextlib.suppress(ProviderError):
        provider(name, lambda _: answer).noting(limits.append).publish(about, GRANT)
    return limits


def test_a_rate_limit_is_noted(name: str) -> None:
    answer = httpx.Response(429, headers={"Retry-After": "17"}, json={})
    assert noted(name, answer) == [NOW + timedelta(seconds=17)]


@pytest.mark.parametrize("status", [200, 422, 500])
@pytest.mark.parametrize("header", ["RateLimit-Remaining", "X-RateLimit-Remaining"])
def test_a_limit_that_is_used_up_is_noted_whatever_the_answer(name: str, header: str, status: int) -> None:
    used_up = httpx.Response(status, headers={header: "0", "Retry-After": "17"}, json={})
    assert noted(name, used_up) == [NOW + timedelta(seconds=17)]
    left = httpx.Response(status, headers={header: "1", "Retry-After": "17"}, json={})
    assert noted(name, left) == []


def test_who_listens_to_limits_listens_for_one_use_only(name: str) -> None:
    limits: list[datetime] = []
    limited = provider(name, lambda _: httpx.Response(429, headers={"Retry-After": "17"}, json={}))
    limited.noting(limits.append)
    with pytest.raises(RetryLater):
        limited.publish(outgoing(provider(name, no_network)), GRANT)
    assert limits == []


def test_a_success_that_carries_an_error_is_no_success(name: str) -> None:
    """Nor is it worth another try: it may have been carried out all the same."""
    said = {"ok": False, "error": "an_error", "errors": [{"message": CAPTION}], "message": CAPTION}
    error, sent = published(name, lambda _: httpx.Response(200, json=said))
    assert isinstance(error, Rejected | OutcomeUnknown)
    assert CAPTION not in f"{error} {error.sentence} {error.platform_code}"
    assert len(sent) == 1


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


def test_the_accounts_own_limit_counts_before_the_platforms(name: str) -> None:
    found = provider(name, no_network)
    account = replace(ACCOUNT, limits={"max_text": 10})
    assert found.check("x" * 10, found.spec.settings(), account) == []
    (violation,) = found.check("x" * 11, found.spec.settings(), account)
    assert violation.rule == f"{name}.text.max_length"
    assert "10" in violation.message
    assert "11" in violation.message


def test_no_rule_quotes_the_text(name: str) -> None:
    found = provider(name, no_network)
    too_long = CAPTION * (found.spec.max_text // len(CAPTION) + 1)
    broken = found.check(too_long, found.spec.settings(), ACCOUNT)
    assert broken
    assert not [violation for violation in broken if CAPTION in violation.message]


def everything(requests: list[httpx.Request]) -> str:
    """All that was sent, readable."""
    lines = [f"{one.method} {one.url} {dict(one.headers)} {one.content.decode()}" for one in requests]
    return unquote_plus("\n".join(lines))


def kinds(name: str) -> list[PartKind]:
    spec = provider_class(name).spec
    return [*(["thread"] if spec.max_parts > 1 else []), *(["comment"] if spec.comments else [])]


def test_a_later_part_names_what_it_answers(name: str) -> None:
    first = samples.published(name)
    for kind in kinds(name):
        sent = everything(samples.sent_for(name, kind=kind, part=1, root=first, parent=first, key="dlv_1.1.1"))
        assert first.platform_id in sent
    assert first.platform_id not in everything(samples.sent_for(name))


def test_a_part_is_sent_under_a_key_of_its_own(name: str) -> None:
    """Where the key, or an id made of it, is what keeps the part from going out twice."""
    if provider_class(name).spec.retry_safety not in ("key", "chosen_id"):
        return
    first = samples.published(name)
    for kind in kinds(name):
        part: dict[str, Any] = {"kind": kind, "part": 1, "root": first, "parent": first}
        one, same, other = (
            everything(samples.sent_for(name, key=key, **part)) for key in ("dlv_1.1.1", "dlv_1.1.1", "dlv_1.1.2")
        )
        assert one == same
        assert one != other


def test_a_look_that_knows_nothing_of_what_was_prepared_says_so_or_asks(name: str) -> None:
    """After a restore: nothing but an answer or an outcome may come of it."""
    found = provider(name, lambda _: httpx.Response(404, json={}))
    bare = dataclasses.replace(outgoing(provider(name, no_network)), prepared={})
    with contextlib.suppress(ProviderError):
        assert found.find(bare, GRANT) is None


def test_nothing_secret_shows_in_a_repr(name: str) -> None:
    prepared = outgoing(provider(name, no_network))
    assert CAPTION not in repr(prepared)
    assert SECRET not in repr(GRANT)
