"""The HTTP edge on its own: bodies, queries, cookies, addresses, environments."""

import base64
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import ValidationError

from edge import clients, http, metering, serving
from edge.environment import HoldsGrants
from edge.quiet import quiet_libraries
from punctual.problems import Problem


def asked(**given: Any) -> Any:
    """What a route that looks at its request answers."""
    context = {
        "http": {"method": "GET", "path": "/look"},
        "requestId": "r",
        "domainName": "api.example",
        "stage": "$default",
    }
    event = {"version": "2.0", "rawPath": "/look", "headers": {}, "requestContext": context, **given}
    app: APIGatewayHttpResolver = serving.resolver(Logger(service="test"))
    look = given.pop("look")

    @app.get("/look")
    def route() -> Any:
        return http.answer(200, look(app))

    said = app.resolve(event, None)
    return (
        {**json.loads(said["body"]), "status": said["statusCode"]}
        if said["statusCode"] >= 400
        else json.loads(said["body"])
    )


def encoded(body: bytes) -> dict[str, Any]:
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def metrics(line: str) -> tuple[list[list[str]], dict[str, Any]]:
    """An embedded metric's dimensions, and its values."""
    found = json.loads(line)
    (directive,) = found.pop("_aws")["CloudWatchMetrics"]
    assert directive["Namespace"] == metering.NAMESPACE
    return directive["Dimensions"], found


def test_what_has_an_alarm_is_counted_by_function_as_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "punctual-Publisher")
    metering.count("ProviderThrottled", "mastodon", 2)
    metering.count("Unconfirmed", "mastodon")
    throttled, unconfirmed, alarmed = capsys.readouterr().out.splitlines()
    assert metrics(throttled) == ([["provider"]], {"provider": "mastodon", "ProviderThrottled": [2.0]})
    assert metrics(unconfirmed) == ([["provider"]], {"provider": "mastodon", "Unconfirmed": [1.0]})
    assert metrics(alarmed) == ([["function"]], {"function": "punctual-Publisher", "Unconfirmed": [1.0]})


def test_threads_that_want_a_client_at_once_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    clients.client("sqs")
    together = Barrier(8)

    def wanted(_: int) -> Any:
        together.wait(timeout=10)
        return clients.client("ecs")

    with ThreadPoolExecutor(8) as pool:
        assert len({id(each) for each in pool.map(wanted, range(8))}) == 1


def test_an_answer_says_letters_as_they_are_and_half_a_surrogate_escaped() -> None:
    body = http.answer(200, {"text": "é\U0001f600", "param": "/\ud800"}).body or ""
    assert body == '{"text": "é\U0001f600", "param": "/\\ud800"}'
    assert json.loads(body.encode())["param"] == "/\ud800"


def test_a_body_is_read_as_text_and_as_base64() -> None:
    assert asked(look=http.body, body='{"a": "é"}') == {"a": "é"}
    assert asked(look=http.body, **encoded('{"a": "é"}'.encode())) == {"a": "é"}
    assert asked(look=http.body) == asked(look=http.body, body=" ") == {}


@pytest.mark.parametrize(
    "body", [{"body": "{"}, {"body": "[]"}, {"body": "x", "isBase64Encoded": True}, encoded(b"\xff")]
)
def test_a_body_that_is_no_json_object_is_refused(body: dict[str, Any]) -> None:
    assert asked(look=http.body, **body)["code"] == "malformed_json"


def test_a_body_is_measured_in_bytes_after_decoding() -> None:
    fits = json.dumps({"a": "x" * (http.MAX_BODY_BYTES - 9)})
    assert len(fits) == http.MAX_BODY_BYTES
    assert set(asked(look=http.body, body=fits)) == {"a"}
    assert set(asked(look=http.body, **encoded(fits.encode()))) == {"a"}
    assert asked(look=http.body, body=fits + " ")["code"] == "body_too_large"
    assert asked(look=http.body, body=fits.replace("x", "é"))["status"] == 413


@pytest.mark.parametrize(
    "given",
    [
        {"cookies": ["a=1", "mine=yes", "b=2"]},
        {"headers": {"cookie": "a=1; mine=yes; b=2"}},
        {"headers": {"cookie": "mine=yes"}},
        {"cookies": ["mine=", "mine=yes"]},
        {"cookies": ["not-mine=no", "mine=yes"], "headers": {"cookie": "mine=later"}},
    ],
)
def test_a_cookie_is_found_in_the_array_and_in_the_header(given: dict[str, Any]) -> None:
    assert asked(look=lambda app: http.cookie(app, "mine"), **given) == "yes"


@pytest.mark.parametrize("given", [{}, {"cookies": []}, {"cookies": ["mine"]}, {"headers": {"cookie": "minex=1"}}])
def test_no_cookie_is_none(given: dict[str, Any]) -> None:
    assert asked(look=lambda app: http.cookie(app, "mine"), **given) is None


@pytest.mark.parametrize(
    ("configured", "stage", "own"),
    [
        ("https://punctual.example/", "$default", "https://punctual.example"),
        ("https://punctual.example/in/here", "prod", "https://punctual.example/in/here"),
        ("", "$default", "https://api.example"),
        ("", "prod", "https://api.example/prod"),
    ],
)
def test_our_own_address_is_the_configured_one_or_api_gateways(configured: str, stage: str, own: str) -> None:
    context = {"http": {"method": "GET", "path": "/look"}, "domainName": "api.example", "stage": stage}
    path = "/look" if stage == "$default" else f"/{stage}/look"
    look = lambda app: http.own_url(app, configured)  # noqa: E731
    assert asked(look=look, requestContext=context, rawPath=path) == own


def test_only_http_on_this_computer_goes_without_a_secure_cookie() -> None:
    for url in ("http://localhost:8080", "http://127.0.0.1:1/x", "http://[::1]:8080", "http://LOCALHOST"):
        assert http.is_loopback(url)
    for url in (
        "https://localhost",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example",
        "http://192.168.1.5",
        "https://punctual.example",
    ):
        assert not http.is_loopback(url)


def test_a_caller_needs_the_scope_itself() -> None:
    caller = http.Caller(workspace_id="ws_1", key_id="key_1", scopes=frozenset({"write", "admin"}))
    caller.needs("write")
    with pytest.raises(Problem, match="scope read"):
        caller.needs("read")


def test_a_route_that_forgot_its_authorizer_lets_nobody_in() -> None:
    assert asked(look=lambda app: http.caller(app).key_id)["status"] == 500


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORK_TABLE", "work")
    monkeypatch.setenv("ENABLE_SANDBOX", "true")
    monkeypatch.delenv("GRANTS_TABLE", raising=False)
    with pytest.raises(ValidationError, match="grants_table"):
        HoldsGrants.read()
    monkeypatch.setenv("GRANTS_TABLE", "grants")
    monkeypatch.setenv("GRANTS_KEY", "key")
    assert HoldsGrants.read() == HoldsGrants(
        work_table="work", grants_table="grants", grants_key="key", enable_sandbox=True
    )


def test_whoever_calls_aws_has_quiet_libraries() -> None:
    """Also the functions that log nothing themselves."""
    root = logging.getLogger()
    before = root.level
    try:
        for hushed in (quiet_libraries, clients.session.__wrapped__):
            root.setLevel(logging.DEBUG)
            hushed()
            assert not logging.getLogger("botocore.endpoint").isEnabledFor(logging.INFO)
    finally:
        root.setLevel(before)
