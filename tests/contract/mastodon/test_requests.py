"""Every request that the provider sends is one that the published contract allows."""

from collections.abc import Callable

import httpx
import pytest

from punctual.providers.mastodon import Settings

ORIGIN = "https://mastodon.example"
WITH_TOKEN = {"Authorization": "Bearer token"}


def test_every_request_of_a_whole_life_is_in_the_contract(session, far_side, clock, contract):
    settings = Settings(visibility="private", spoiler_text="Plot", sensitive=False, language="en")
    session.publish("One", key="one", settings=settings)
    gone = session.publish("Two", key="two")
    session.find("One", settings=settings, sent_at=clock())
    session.provider.delete(gone, session.grant, session.account)
    assert [status["id"] for status in far_side.statuses] == ["110000000000000000"]
    session.provider.delete(gone, session.grant, session.account)
    session.provider.revoke(session.grant, session.app)
    assert {request.url.path for request in far_side.seen} == {
        "/api/v1/apps",
        "/oauth/token",
        "/api/v1/accounts/verify_credentials",
        "/api/v2/instance",
        "/api/v1/statuses",
        "/api/v1/accounts/14715/statuses",
        "/api/v1/statuses/110000000000000000/source",
        "/api/v1/statuses/110000000000000001",
        "/oauth/revoke",
    }
    assert [contract.violations(request) for request in far_side.seen] == [[] for _ in far_side.seen]


def test_the_fallback_of_older_servers_is_in_the_contract(compatible_session, compatible_side, contract):
    assert "/api/v1/instance" in {request.url.path for request in compatible_side.seen}
    assert [contract.violations(request) for request in compatible_side.seen] == [[] for _ in compatible_side.seen]


def test_the_consent_page_is_asked_as_the_contract_says(session, far_side, contract):
    asked = next(iter(far_side.consents))
    assert contract.violations(httpx.Request("GET", asked)) == []


def statuses(body: dict[str, object] | None = None, **more: str) -> httpx.Request:
    return httpx.Request("POST", f"{ORIGIN}/api/v1/statuses", json=body, headers={**WITH_TOKEN, **more})


def timeline(**params: str) -> httpx.Request:
    return httpx.Request("GET", f"{ORIGIN}/api/v1/accounts/1/statuses", params=params, headers=WITH_TOKEN)


MUTATIONS: dict[str, tuple[Callable[[], httpx.Request], str]] = {
    "another path": (lambda: httpx.Request("POST", f"{ORIGIN}/api/v1/status"), "is not in the contract"),
    "another method": (lambda: httpx.Request("PATCH", f"{ORIGIN}/api/v1/statuses"), "is not in the contract"),
    "no text": (lambda: statuses({"visibility": "public"}), "body: $ breaks"),
    "an unknown field": (lambda: statuses({"status": "Hello", "visiblity": "public"}), "body: $ breaks oneOf"),
    "an unknown visibility": (lambda: statuses({"status": "Hello", "visibility": "all"}), "body: $ breaks"),
    "a field of another type": (lambda: statuses({"status": "Hello", "sensitive": "yes"}), "body: $ breaks"),
    "no body": (lambda: statuses(), "body: missing"),
    "a misspelled header": (lambda: statuses({"status": "Hello"}, Idempotency="k"), "header: idempotency is unknown"),
    "no token": (lambda: httpx.Request("GET", f"{ORIGIN}/api/v1/accounts/1/statuses"), "authorization is missing"),
    "an unknown query": (lambda: timeline(exclude_boosts="true"), "query: exclude_boosts is unknown"),
    "a query of another type": (lambda: timeline(limit="many"), "query limit: $ breaks type"),
    "a form without its code": (
        lambda: httpx.Request("POST", f"{ORIGIN}/oauth/token", data={"grant_type": "authorization_code"}),
        "body: $ breaks required",
    ),
    "a misspelled form field": (
        lambda: httpx.Request("POST", f"{ORIGIN}/api/v1/apps", data={"client_name": "P", "redirect_uri": "https://x"}),
        "body: $ breaks unevaluatedProperties",
    ),
    "a body that is no JSON": (
        lambda: httpx.Request(
            "POST",
            f"{ORIGIN}/api/v1/statuses",
            content=b"{",
            headers={**WITH_TOKEN, "Content-Type": "application/json"},
        ),
        "body: not what its media type says",
    ),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_request_that_the_contract_does_not_allow_is_noticed(mutation, contract):
    request, problem = MUTATIONS[mutation]
    assert any(problem in violation for violation in contract.violations(request()))
