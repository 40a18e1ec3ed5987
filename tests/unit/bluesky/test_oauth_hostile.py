"""Servers that lie. Nothing of what they say may give them another account, or make one of ours theirs."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from punctual.atproto.dpop import LONGEST_NONCE, Nonces
from punctual.atproto.identity import document_url
from punctual.providers.outcomes import ProviderError, Rejected, RetryLater, ScopesMissing
from tests.contract.bluesky.far_side import DID, failed
from tests.contract.bluesky.oauth_far_side import DIRECTORY, HOME, ISSUER
from tests.contract.bluesky.oauth_session import OAuthSession

RESOURCE = f"{HOME}/.well-known/oauth-protected-resource"
SERVER = f"{ISSUER}/.well-known/oauth-authorization-server"
VICTIM = "did:plc:bobbbbbbbbbbbbbbbbbbbbbb"


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        (SERVER, {"issuer": "https://bank.example"}),
        (SERVER, {"issuer": f"{ISSUER}/"}),
        (SERVER, {"require_pushed_authorization_requests": False}),
        (SERVER, {"code_challenge_methods_supported": ["plain"]}),
        (SERVER, {"dpop_signing_alg_values_supported": ["RS256"]}),
        (SERVER, {"token_endpoint_auth_methods_supported": ["none"]}),
        (SERVER, {"authorization_response_iss_parameter_supported": False}),
        (SERVER, {"authorization_endpoint": "javascript:alert(1)"}),
        (SERVER, {"authorization_endpoint": "http://front.example/oauth/authorize"}),
        (SERVER, {"token_endpoint": "https://user:password@front.example/token"}),
        (SERVER, {"pushed_authorization_request_endpoint": None}),
        (RESOURCE, {"resource": "https://other.example"}),
        (RESOURCE, {"authorization_servers": []}),
        (RESOURCE, {"authorization_servers": [ISSUER, "https://other.example"]}),
        (RESOURCE, {"authorization_servers": [f"{ISSUER}/path"]}),
        (RESOURCE, {"authorization_servers": [7]}),
    ],
)
def test_a_server_that_is_not_what_the_protocol_asks_for_is_not_used(
    consented: OAuthSession, url: str, changed: dict[str, Any]
):
    consented.far_side.documents[url] = {**consented.far_side.documents[url], **changed}

    with pytest.raises(Rejected) as refused:
        consented.begin()

    assert refused.value.code == "no_oauth"


def test_a_server_cannot_sign_in_an_account_that_it_does_not_keep(consented: OAuthSession):
    """It names its own victim: a document of the victim's says that another server speaks for it."""
    far_side = consented.far_side
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "https://bobs.example"}
    far_side.documents[f"{DIRECTORY}/{VICTIM}"] = {"id": VICTIM, "service": [service]}
    far_side.documents["https://bobs.example/.well-known/oauth-protected-resource"] = {
        "resource": "https://bobs.example",
        "authorization_servers": ["https://bobs-front.example"],
    }
    far_side.sub = VICTIM

    with pytest.raises(Rejected) as refused:
        consented.login()

    assert refused.value.code == "other_server"
    assert far_side.sessions == [], "what it gave is given back"


def test_an_account_that_was_not_named_is_not_connected(consented: OAuthSession):
    consented.far_side.sub = VICTIM

    with pytest.raises(Rejected) as refused:
        consented.login(handle="alice.example")

    assert refused.value.code == "other_account"
    assert consented.far_side.sessions == []


@pytest.mark.parametrize(
    "changed",
    [
        {"id": VICTIM},
        {"id": None},
        {"alsoKnownAs": ["at://bob.example", "at://alice.example"]},
        {"alsoKnownAs": "at://alice.example"},
        {"alsoKnownAs": ["https://alice.example", 3]},
        {"service": []},
        {"service": [{"id": "#atproto_labeler", "serviceEndpoint": HOME}]},
        {"service": [{"id": "#atproto_pds", "serviceEndpoint": "ftp://enoki.example"}]},
    ],
)
def test_a_handle_whose_document_does_not_agree_is_not_begun(consented: OAuthSession, changed: dict[str, Any]):
    document = f"{DIRECTORY}/{DID}"
    consented.far_side.documents[document] = {**consented.far_side.documents[document], **changed}

    with pytest.raises(Rejected) as refused:
        consented.begin(handle="alice.example")

    assert refused.value.code == "account_unknown"
    assert consented.far_side.urls[-1] == document


@pytest.mark.parametrize(
    "did",
    [
        "did:plc:../../secret",
        "did:plc:alice",
        "did:web:localhost%3A8080",
        "did:web:example.com:path",
        "did:web:169.254.169.254",
        "did:key:z6Mk",
        "did:web:",
    ],
)
def test_a_did_of_another_kind_is_looked_up_nowhere(did: str):
    assert document_url(did, DIRECTORY) is None


def test_a_did_of_the_web_is_its_own_hosts_to_tell():
    assert document_url("did:web:alice.example", DIRECTORY) == "https://alice.example/.well-known/did.json"


def calls(consented: OAuthSession) -> list[Callable[[], object]]:
    """Every call that carries a proof."""
    login = consented.login()
    post = consented.prepared("Hello", login)
    begun = consented.begin()
    return [
        lambda: consented.page(begun),
        lambda: consented.provider.refresh(login.grant, consented.app),
        lambda: consented.provider.publish(post, login.grant),
        lambda: consented.provider.revoke(login.grant, consented.app),
    ]


@pytest.mark.parametrize("which", range(4))
def test_a_server_that_is_never_content_with_a_nonce_is_asked_twice_and_ends_no_connection(
    consented: OAuthSession, which: int
):
    call = calls(consented)[which]
    consented.far_side.never_content = True
    consented.far_side.seen.clear()

    with pytest.raises(RetryLater) as refused:
        call()

    assert refused.value.code in ("proof_refused", "token_endpoint")
    assert sum("DPoP" in request.headers for request in consented.far_side.seen) == 2


@pytest.mark.parametrize("url", [RESOURCE, SERVER, f"{ISSUER}/oauth/par", f"{ISSUER}/oauth/token"])
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"{" + b" " * (5 * 1024 * 1024) + b"}"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(500),
        httpx.Response(307, headers={"Location": "https://elsewhere.example"}),
    ],
)
def test_an_answer_that_makes_no_sense_connects_nobody(consented: OAuthSession, url: str, answer: httpx.Response):
    consented.far_side.replaces[url] = answer

    with pytest.raises(ProviderError):
        consented.login()

    assert not consented.far_side.sessions


@pytest.mark.parametrize(
    "changed",
    [
        {"token_type": "Bearer"},
        {"access_token": ""},
        {"sub": "alice.example"},
        {"sub": None},
        {"expires_in": -1},
        {"expires_in": None},
        {"scope": None},
    ],
)
def test_tokens_that_are_not_whole_are_not_kept(consented: OAuthSession, changed: dict[str, Any]):
    consented.far_side.tokens_say = changed

    with pytest.raises(RetryLater) as refused:
        consented.login()

    assert refused.value.code == "unreadable_answer"


def test_a_consent_to_less_than_was_asked_for_says_what_is_missing(consented: OAuthSession):
    consented.far_side.scope = "atproto"

    with pytest.raises(ScopesMissing) as refused:
        consented.login()

    assert refused.value.missing == ("transition:generic",)
    assert consented.far_side.sessions == []


def test_a_refusal_of_our_client_is_ours_to_mend(consented: OAuthSession):
    """Its registration is not thrown away: other connections live by its key."""
    consented.far_side.replaces[f"{ISSUER}/oauth/token"] = failed(401, "invalid_client")

    with pytest.raises(RetryLater) as refused:
        consented.login()

    assert refused.value.platform_code is None


def test_a_nonce_without_end_is_not_remembered() -> None:
    nonces = Nonces()
    for length in (LONGEST_NONCE, LONGEST_NONCE + 1):
        request = httpx.Request("GET", f"https://server{length}.example/")
        nonces.note(httpx.Response(200, headers={"DPoP-Nonce": "n" * length}, request=request))
        assert (nonces.of(request.url) is None) == (length > LONGEST_NONCE)
