"""The provider alone: its facts, its rules, and answers that the sandbox would never give."""

from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from punctual.clock import now
from punctual.guarded_http import GuardedHttp
from punctual.providers import Providers, UnknownProvider
from punctual.providers.base import Account, Grant, Outgoing
from punctual.providers.outcomes import OutcomeUnknown, Reconnect, Rejected, RetryLater, Unauthorized
from punctual.providers.sandbox import PROVIDER, Settings
from tests.sandbox_bridge import loopback

ACCOUNT = Account(id="acct-1", handle="demo", limits={"max_text": 500})
GRANT = Grant(access_token=SecretStr("secret-token"), server="https://punctual.example/sandbox")


def provider(answer):
    """One whose every request is answered by `answer(request)`."""
    http = GuardedHttp(transport=httpx.MockTransport(answer), resolve=loopback, allow_private=True)
    return PROVIDER(http, now)


def post(protection="key", text="a private caption"):
    given = {"delivery_id": "dlv_1", "key": "dlv_1-0-1", "text": text, "settings": Settings(protection=protection)}
    return Outgoing(**given, due_at=now(), account=ACCOUNT, prepared={"container": "c-1"}, first_sent_at=now())


def test_it_is_offered_only_where_the_sandbox_is_deployed():
    assert Providers(GuardedHttp(), now, sandbox=True).get("sandbox").spec.only_for_tests
    with pytest.raises(UnknownProvider):
        Providers(GuardedHttp(), now, sandbox=False).get("sandbox")


def test_nothing_is_registered_and_nobody_is_called():
    def refuse(request):
        raise AssertionError(request)

    assert provider(refuse).register_app("https://punctual.example/sandbox", "").client_id == "punctual"


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("x" * 500, []),
        ("x" * 501, ["sandbox.text.max_length"]),
        ("\U0001f469\u200d\U0001f469\u200d\U0001f467" * 500, []),
        (" \n", ["sandbox.text.required"]),
    ],
    ids=["fits", "too long", "families of one character", "empty"],
)
def test_a_text_is_measured_as_people_see_it(text, rules):
    assert [broken.rule for broken in provider(None).check(text, Settings(), ACCOUNT)] == rules


def test_a_protection_that_does_not_exist_is_refused():
    with pytest.raises(ValidationError):
        Settings(protection="luck")


def test_each_class_says_what_the_protocol_may_rely_on(protection):
    sandbox = provider(None)
    assert (sandbox.key_window_seconds(post(protection)) > 0) == (protection == "key")
    assert sandbox.absence_is_proof(post(protection)) == (protection in ("chosen_id", "handle"))


def test_every_attempt_sends_the_same_request(protection):
    seen = []

    def record(request):
        url = f"https://punctual.example{request.url.raw_path.decode()}"
        seen.append((request.method, url, request.headers.get("idempotency-key"), request.content))
        return httpx.Response(201, json={"id": "p-1", "url": "https://punctual.example/sandbox/posts/p-1"})

    for _ in range(2):
        provider(record).publish(post(protection), GRANT)
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert (seen[0][2] is not None) == (protection == "key")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"id": 1, "url": "x"}', b"null"])
def test_a_publishing_answer_that_names_no_post_leaves_the_outcome_unknown(protection, body):
    with pytest.raises(OutcomeUnknown):
        provider(lambda _: httpx.Response(201, content=body)).publish(post(protection), GRANT)


@pytest.mark.parametrize("protection", ["chosen_id", "handle", "duplicate_rejection", "search"])
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"posts": [{}], "status": "published"}'])
def test_a_look_that_cannot_be_read_is_never_taken_for_absence(protection, body):
    with pytest.raises((RetryLater, OutcomeUnknown)):
        provider(lambda _: httpx.Response(200, content=body)).find(post(protection), GRANT)


@pytest.mark.parametrize("protection", ["chosen_id", "handle"])
@pytest.mark.parametrize("body", [{}, {"message": "Not Found"}, {"error": "not_found"}])
def test_a_404_without_the_networks_own_code_is_no_proof_of_absence(protection, body):
    with pytest.raises((Rejected, OutcomeUnknown)):
        provider(lambda _: httpx.Response(404, json=body)).find(post(protection), GRANT)


def test_an_acceptance_that_names_no_job_leaves_the_outcome_unknown(protection):
    for body in ({}, {"status": "publishing"}, {"job": 1}, {"id": "p-1", "url": "https://punctual.example/"}):
        with pytest.raises(OutcomeUnknown):
            provider(lambda _, body=body: httpx.Response(202, json=body)).publish(post(protection), GRANT)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"status": "lost"}', b'{"status": "published", "post": []}']
)
def test_a_job_whose_answer_cannot_be_read_is_asked_about_again(body):
    asked = replace(post(), prepared={"job": "job-1"})
    with pytest.raises((RetryLater, OutcomeUnknown)):
        provider(lambda _: httpx.Response(200, content=body)).find(asked, GRANT)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"id": "a", "handle": "b", "url": "c", "max_text": "many"}'])
def test_an_account_that_cannot_be_read_is_asked_for_again(body):
    with pytest.raises(RetryLater):
        provider(lambda _: httpx.Response(200, content=body)).accounts(GRANT)


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (401, "token_expired", Unauthorized),
        (401, "invalid_token", Unauthorized),
        (401, "grant_revoked", Reconnect),
        (409, "duplicate", OutcomeUnknown),
        (409, "already_published", OutcomeUnknown),
        (409, "id_taken", Rejected),
        (409, "not_ready", RetryLater),
        (404, "no_such_parent", Rejected),
        (200, "refused_quietly", Rejected),
        (200, "another_word", OutcomeUnknown),
        (422, "refused", Rejected),
        (422, "text_too_long", Rejected),
        (404, "no_such_container", Rejected),
        (429, "rate_limited", RetryLater),
        (429, "daily_limit", RetryLater),
        (500, "internal_error", OutcomeUnknown),
        (503, None, OutcomeUnknown),
        (504, "gateway_timeout", OutcomeUnknown),
    ],
)
def test_every_code_of_the_network_has_its_outcome_and_quotes_nobody(status, code, outcome):
    text = "a private caption"
    body = {"error": code, "message": text} if code else {"message": text}
    with pytest.raises(outcome) as error:
        provider(lambda _: httpx.Response(status, json=body)).publish(post(text=text), GRANT)
    assert type(error.value) is outcome
    assert error.value.platform_code in (code, None)
    assert error.value.sentence
    for secret in (text, "secret-token"):
        assert secret not in repr(error.value) + str(error.value) + repr(vars(error.value))
