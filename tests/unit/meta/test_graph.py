"""What Graph's errors and headers mean, on whichever of Meta's platforms."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
import pytest
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.meta import graph
from punctual.meta.graph import GraphProvider, SelfRenewing
from punctual.meta.meanings import MEANINGS, Meaning
from punctual.providers.base import App, Callback, Grant, Spec
from punctual.providers.outcomes import (
    OutcomeUnknown,
    ProviderError,
    Reconnect,
    Rejected,
    RetryLater,
    ScopesMissing,
    Unauthorized,
)
from punctual.providers.terms import ApiVersion

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
SAID = "what the user wrote, and a-secret-token"
APP = App(client_id="the-client", client_secret=SecretStr("the-secret"))
GRANT = Grant(access_token=SecretStr("token"), scopes=("post",), extra={"kept": "along"})
OWN = Meaning(verdict="later", code="not_ready", sentence="{name} is not ready.", seconds=7)


class Graph(GraphProvider):
    host = "https://graph.example"
    meanings: ClassVar[Mapping[str, Meaning]] = {**MEANINGS, "9007/2207027": OWN, "/2207051": OWN}
    spec = Spec(
        id="graph",
        name="Graph",
        docs_url="https://graph.example",
        connect=("oauth",),
        max_text=10,
        counted_in="characters",
        token_url="https://graph.example/{version}/oauth/access_token",
        token_method="GET",
        scopes=("post",),
        scope_separator=",",
        pkce=False,
        api_version=ApiVersion(name="v25.0"),
    )


class Renewing(SelfRenewing):
    host = "https://graph.example"
    token_prefix = "th"
    spec = Graph.spec


class Far:
    def __init__(self, *answers: httpx.Response, kind: type[GraphProvider] = Graph):
        self.left = list(answers)
        self.sent: list[httpx.Request] = []
        self.limits: list[float] = []
        http = GuardedHttp(transport=httpx.MockTransport(self._respond), resolve=_somewhere_public)
        provider = kind(http, lambda: NOW)
        self.provider = provider.noting(lambda until: self.limits.append((until - NOW).total_seconds()))

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self.left.pop(0)

    def asked(self) -> list[tuple[str, str, dict[str, str]]]:
        return [(one.method, one.url.path, dict(one.url.params)) for one in self.sent]


async def _somewhere_public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def envelope(status: int = 400, headers: Mapping[str, str] | None = None, **error: Any) -> httpx.Response:
    body = {"error": {"message": SAID, "error_user_msg": SAID, "type": "OAuthException", "fbtrace_id": "A1", **error}}
    return httpx.Response(status, headers=headers, json=body)


def came_of(answer: httpx.Response, *, irreversible: bool = True) -> ProviderError:
    far = Far(answer)
    with pytest.raises(ProviderError) as raised:
        far.provider.call("POST", far.provider.at("1/feed"), grant=GRANT, irreversible=irreversible)
    shown = f"{raised.value!r} {raised.value.sentence} {raised.value.platform_code}"
    assert "wrote" not in shown
    assert "secret" not in shown
    return raised.value


@pytest.mark.parametrize(
    ("code", "subcode", "outcome", "ours"),
    [
        (190, None, Unauthorized, "unauthorized"),
        (190, 1, Unauthorized, "unauthorized"),
        (190, 460, Reconnect, "grant_dead"),
        (190, 463, Reconnect, "grant_dead"),
        (190, 459, Reconnect, "grant_dead"),
        (102, None, Unauthorized, "unauthorized"),
        (10, None, Rejected, "permission_missing"),
        (200, 1, Rejected, "permission_missing"),
        (299, None, Rejected, "permission_missing"),
        (100, None, Rejected, "refused"),
        (100, 33, Rejected, "refused"),
        (368, None, Rejected, "blocked"),
        (12345, None, Rejected, "refused"),
        (4, None, RetryLater, "rate_limited"),
        (32, None, RetryLater, "rate_limited"),
        (613, None, RetryLater, "rate_limited"),
        (80001, None, RetryLater, "rate_limited"),
        (1, None, OutcomeUnknown, "server_error"),
        (2, 1363047, OutcomeUnknown, "server_error"),
        (9007, 2207027, RetryLater, "not_ready"),
        (4, 2207051, RetryLater, "not_ready"),
    ],
)
def test_a_code_means(code: int, subcode: int | None, outcome: type[ProviderError], ours: str) -> None:
    given = {} if subcode is None else {"error_subcode": subcode}
    error = came_of(envelope(code=code, **given))
    assert type(error) is outcome
    assert error.code == ours
    assert error.platform_code == (str(code) if subcode is None else f"{code}/{subcode}")


def test_what_is_transient_is_tried_again_unless_it_may_have_happened() -> None:
    for error in ({"code": 2}, {"code": 12345, "is_transient": True}, {"code": 100, "is_transient": True}):
        assert type(came_of(envelope(**error))) is OutcomeUnknown
        assert type(came_of(envelope(**error), irreversible=False)) is RetryLater


def test_a_limit_that_says_it_is_transient_was_refused_all_the_same() -> None:
    assert type(came_of(envelope(code=4, is_transient=True))) is RetryLater


def test_whatever_a_server_error_says_leaves_the_outcome_open() -> None:
    for code in (100, 190, 4, 368, 12345):
        assert type(came_of(envelope(500, code=code))) is OutcomeUnknown


def test_a_success_that_is_an_error_leaves_the_outcome_open() -> None:
    assert type(came_of(envelope(200, code=12345))) is OutcomeUnknown
    assert type(came_of(envelope(200, code=100))) is Rejected


@pytest.mark.parametrize("code", [True, "190", None, 1.5, 10**30, [1]])
def test_a_code_that_is_none_is_passed_over(code: Any) -> None:
    assert came_of(envelope(code=code)).code == "refused"
    assert came_of(envelope(code=100, error_subcode=code)).platform_code == "100"


def business(**usage: Any) -> dict[str, str]:
    return {"X-Business-Use-Case-Usage": json.dumps({"17": [{"type": "pages", "call_count": 1}, usage]})}


def app(**usage: Any) -> dict[str, str]:
    return {"X-App-Usage": json.dumps(usage)}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (business(call_count=100, estimated_time_to_regain_access=7), 420),
        (business(call_count=28, estimated_time_to_regain_access=0), None),
        (business(call_count=28, estimated_time_to_regain_access=3), 180),
        (business(total_cputime=100.5), 300),
        (app(call_count=100, total_time=1, total_cputime=1), 300),
        (app(call_count=99, total_time=1, total_cputime=1), None),
        ({**app(call_count=100), **business(call_count=100, estimated_time_to_regain_access=60)}, 3600),
        ({"X-App-Usage": "{"}, None),
        ({"X-App-Usage": "[]", "X-Business-Use-Case-Usage": '{"17": {"call_count": 100}}'}, None),
        (business(call_count="100", estimated_time_to_regain_access=True), None),
        ({"X-App-Usage": '{"call_count": 1e999}'}, None),
    ],
)
def test_a_limit_that_is_used_up_is_noted_with_any_answer(headers: dict[str, str], seconds: float | None) -> None:
    far = Far(httpx.Response(200, headers=headers, json={"id": "1"}))
    far.provider.read("1", GRANT)
    assert far.limits == ([] if seconds is None else [seconds])
    error = came_of(envelope(code=80001, headers=headers))
    assert isinstance(error, RetryLater)
    assert error.retry_after == seconds


def test_the_wait_is_the_platforms_before_ours() -> None:
    error = came_of(envelope(code=9007, error_subcode=2207027))
    assert isinstance(error, RetryLater)
    assert error.retry_after == 7
    told = came_of(envelope(code=9007, error_subcode=2207027, headers={"Retry-After": "9"}))
    assert isinstance(told, RetryLater)
    assert told.retry_after == 9


def callback() -> Callback:
    return Callback(
        app=APP, redirect_uri="https://punctual.example/cb", code="code", code_verifier=SecretStr("verifier")
    )


def test_a_code_becomes_a_token_that_lasts() -> None:
    far = Far(
        httpx.Response(200, json={"access_token": "short", "token_type": "bearer"}),
        httpx.Response(200, json={"access_token": "long", "token_type": "bearer", "expires_in": 5183944}),
    )
    grant = far.provider.exchange(callback())
    assert grant.access_token.get_secret_value() == "long"
    assert grant.expires_at == NOW + timedelta(seconds=5183944)
    proof = {"client_id": "the-client", "client_secret": "the-secret"}
    assert far.asked()[1] == (
        "GET",
        "/v25.0/oauth/access_token",
        {"grant_type": "fb_exchange_token", "fb_exchange_token": "short", **proof},
    )


def test_a_token_without_permissions_is_not_made_to_last() -> None:
    far = Far(httpx.Response(200, json={"access_token": "short", "scope": ""}))
    with pytest.raises(ScopesMissing):
        far.provider.exchange(callback())


def test_a_token_that_renews_itself_is_asked_for_without_an_app() -> None:
    far = Far(httpx.Response(200, json={"access_token": "new", "expires_in": 5184000}), kind=Renewing)
    grant = far.provider.refresh(GRANT, None)
    assert (grant.access_token.get_secret_value(), grant.extra) == ("new", {"kept": "along"})
    wanted = {"grant_type": "th_refresh_token", "access_token": "token"}
    assert far.asked() == [("GET", "/refresh_access_token", wanted)]


def test_a_token_that_renews_itself_is_a_day_old_by_then_and_not_expired() -> None:
    provider = Far(kind=Renewing).provider
    for life in (timedelta(days=60), timedelta(days=2.5), timedelta(hours=26)):
        grant = Grant(access_token=SecretStr("token"), expires_at=NOW + life)
        at = provider.refresh_at(grant, NOW)
        assert at
        assert NOW + timedelta(hours=24) < at < NOW + life
    assert provider.can_refresh(GRANT)
    assert provider.refresh_at(GRANT, NOW) is None


@pytest.mark.parametrize(("code", "subcode"), [(190, None), (190, 463), (102, None)])
def test_a_dead_token_is_not_renewed(code: int, subcode: int | None) -> None:
    far = Far(envelope(code=code, error_subcode=subcode), kind=Renewing)
    with pytest.raises(Reconnect) as raised:
        far.provider.refresh(GRANT, None)
    assert raised.value.code == "grant_dead"


def test_a_code_that_was_used_is_said_to_be() -> None:
    for subcode in (36007, 36009):
        far = Far(envelope(code=100, error_subcode=subcode))
        with pytest.raises(Reconnect) as raised:
            far.provider.exchange(callback())
        assert raised.value.code == "code_refused"


def test_instagrams_token_endpoint_has_an_envelope_of_its_own() -> None:
    body = {"error_type": "OAuthException", "code": 400, "error_message": SAID}
    assert came_of(httpx.Response(400, json=body)).platform_code == "400"


def test_an_id_is_fit_for_an_address() -> None:
    assert graph.id_of({"id": "1_2"}) == "1_2"
    assert graph.id_of({"post_id": 17}, "post_id") == "17"
    for bad in ({}, {"id": "../me"}, {"id": ""}, {"id": True}, {"id": "a b"}, {"id": "."}, {"id": ".."}):
        with pytest.raises(RetryLater):
            graph.id_of(bad)
        with pytest.raises(OutcomeUnknown):
            graph.id_of(bad, irreversible=True)


def test_what_is_gone_is_told_apart() -> None:
    assert graph.is_gone(came_of(envelope(code=100, error_subcode=33)))
    assert graph.is_gone(came_of(httpx.Response(404, json={})))
    assert not graph.is_gone(came_of(envelope(code=100)))
    assert not graph.is_gone(came_of(envelope(code=200)))
