"""People's tokens: whom they speak for, and everything that makes one worthless."""

import warnings
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey

from punctual.person_tokens import ALGORITHMS, PersonTokens
from tests.issuer import AUDIENCE, START, WORKSPACE, Clock, Issuer, key_of, made, refusal


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(issuer: Issuer, clock: Clock) -> PersonTokens:
    return made(issuer, clock)


def test_a_token_says_where_a_person_may_act_and_how_and_until_when(tokens: PersonTokens, issuer: Issuer) -> None:
    person = tokens.verify(issuer.token(START))
    assert (person.workspace_id, person.scopes) == (WORKSPACE, ("read", "write"))
    assert person.expires_at == START + timedelta(minutes=10)


def test_a_persons_id_is_the_same_in_each_token_another_for_another_and_tells_no_name(
    tokens: PersonTokens, issuer: Issuer, clock: Clock
) -> None:
    first = tokens.verify(issuer.token(START))
    clock.go(60)
    assert tokens.verify(issuer.token(clock.now(), scope="admin")).id == first.id
    assert tokens.verify(issuer.token(clock.now(), sub="eve@example.com")).id != first.id
    other = Issuer("https://other.example")
    assert made(other, clock).verify(other.token(START)).id != first.id
    assert "ada" not in repr(first)


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_every_allowed_algorithm_is_checked_and_without_a_word_of_warning(
    tokens: PersonTokens, issuer: Issuer, algorithm: str
) -> None:
    key = key_of(algorithm, "second")
    issuer.keys.append(key)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # at signing, which is the test's own
        token = issuer.token(START, key=key, alg=algorithm)
    assert tokens.verify(token).workspace_id == WORKSPACE
    head, claims, signature = token.split(".")
    swapped = "A" if signature[10] != "A" else "B"
    assert refusal(tokens, f"{head}.{claims}.{signature[:10]}{swapped}{signature[11:]}") == "bad_signature"


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"exp": START.timestamp() - 31}, "expired_token"),
    "without an end": ({"exp": None}, "missing_claim"),
    "with an end that is no number": ({"exp": "tomorrow"}, "invalid_claim"),
    "with an end after the last year": ({"exp": 10**12}, "expiry_out_of_range"),
    "with an end that no clock has": ({"exp": 10**18}, "expiry_out_of_range"),
    "with an end that no number has": ({"exp": 10**30}, "expiry_out_of_range"),
    "not valid yet": ({"nbf": START.timestamp() + 31}, "invalid_claim"),
    "of the future": ({"iat": START.timestamp() + 31}, "invalid_claim"),
    "of another issuer": ({"iss": "https://login.example/other"}, "invalid_claim"),
    "of the issuer with a slash": ({"iss": "https://login.example/tenant/"}, "invalid_claim"),
    "of no issuer": ({"iss": None}, "missing_claim"),
    "for another audience": ({"aud": "another"}, "invalid_claim"),
    "for other audiences": ({"aud": ["another", "third"]}, "invalid_claim"),
    "for an audience that is nothing": ({"aud": []}, "invalid_claim"),
    "for an audience that is no text": ({"aud": {"punctual": True}}, "invalid_claim"),
    "for no audience": ({"aud": None}, "missing_claim"),
    "of another client": ({"aud": None, "client_id": "another"}, "invalid_claim"),
    "of this client for another audience": ({"aud": "another", "client_id": AUDIENCE}, "invalid_claim"),
    "of nobody": ({"sub": None}, "missing_claim"),
    "of somebody without a name": ({"sub": ""}, "invalid_claim"),
    "without a workspace": ({"punctual_workspace": None}, "no_workspace"),
    "with a workspace that is none": ({"punctual_workspace": "acme"}, "no_workspace"),
    "with more than a workspace": ({"punctual_workspace": f"{WORKSPACE}#x"}, "no_workspace"),
    "with a line after its workspace": ({"punctual_workspace": f"{WORKSPACE}\n"}, "no_workspace"),
    "with two workspaces": ({"punctual_workspace": [WORKSPACE, WORKSPACE]}, "no_workspace"),
    "without scopes": ({"scope": None}, "no_scope"),
    "with scopes of others": ({"scope": "openid profile reader READ write-all"}, "no_scope"),
    "with scopes of another resource": ({"scope": "billing/admin notpunctual/read x/punctual/write"}, "no_scope"),
    "with scopes that are no text": ({"scope": [1, None, ["read"]]}, "no_scope"),
    "with scopes by name": ({"scope": {"read": True}}, "no_scope"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_token_is_refused(tokens: PersonTokens, issuer: Issuer, case: str) -> None:
    claims, reason = REFUSED[case]
    assert refusal(tokens, issuer.token(START, **claims)) == reason


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": START.timestamp() - 29},
        {"nbf": START.timestamp() + 29, "iat": START.timestamp() + 29},
        {"aud": ["another", AUDIENCE]},
        {"aud": None, "client_id": AUDIENCE},
        {"typ": "at+jwt", "azp": "another"},
    ],
    ids=["a clock behind", "a clock ahead", "several audiences", "a client", "more claims"],
)
def test_a_token_is_taken(tokens: PersonTokens, issuer: Issuer, claims: dict[str, Any]) -> None:
    assert tokens.verify(issuer.token(START, **claims)).workspace_id == WORKSPACE


@pytest.mark.parametrize(
    "scopes",
    [
        "write admin",
        ["admin", "write"],
        "punctual/write punctual/admin",
        "punctual.write punctual:admin",
        ["openid", "punctual/write", "admin", 7],
    ],
)
def test_scopes_come_as_words_or_as_a_list_and_may_name_a_resource(
    tokens: PersonTokens, issuer: Issuer, scopes: Any
) -> None:
    assert tokens.verify(issuer.token(START, scope=scopes)).scopes == ("write", "admin")


def test_claims_may_have_other_names(issuer: Issuer, clock: Clock) -> None:
    other = "ws_01KJ0000000000000000000009"
    names = {"workspace_claim": "https://punctual.example/workspace", "scopes_claim": "permissions"}
    claims = {"https://punctual.example/workspace": other, "permissions": ["read"]}
    person = made(issuer, clock, **names).verify(issuer.token(START, **claims))
    assert (person.workspace_id, person.scopes) == (other, ("read",))


def test_a_token_that_nobody_signed_is_refused(tokens: PersonTokens, issuer: Issuer) -> None:
    for alg in ("none", "None", "", "RS256"):
        assert refusal(tokens, issuer.unsigned(START, alg=alg)) in ("unsupported_algorithm", "bad_signature")


def test_the_issuers_public_key_is_no_secret_to_sign_with(tokens: PersonTokens, issuer: Issuer) -> None:
    assert refusal(tokens, issuer.signed_with_the_public_key(START)) == "unsupported_algorithm"


def test_a_secret_that_the_issuer_publishes_signs_nothing(tokens: PersonTokens, issuer: Issuer) -> None:
    secret = OctKey.generate_key(256, {"kid": "secret"})
    issuer.besides.append(secret.as_dict())
    assert refusal(tokens, issuer.token(START, key=secret, alg="HS256")) == "unsupported_algorithm"


def test_another_key_under_the_same_name_is_refused(tokens: PersonTokens, issuer: Issuer) -> None:
    forged = RSAKey.generate_key(2048, {"kid": "first"})
    assert refusal(tokens, issuer.token(START, key=forged)) == "bad_signature"


def test_a_token_does_not_bring_the_key_to_check_it_with(tokens: PersonTokens, issuer: Issuer) -> None:
    issuer.keys = [key_of("ES256", "first")]
    forged = ECKey.generate_key("P-256", {"kid": "first"})
    brought = {"jwk": forged.as_dict(private=False), "jku": "https://evil.example/keys"}
    assert refusal(tokens, issuer.token(START, key=forged, alg="ES256", says=brought)) == "bad_signature"
    assert set(issuer.asked) == {"/tenant/.well-known/openid-configuration", "/tenant/keys"}


def test_a_header_may_say_more_than_we_know(tokens: PersonTokens, issuer: Issuer) -> None:
    assert tokens.verify(issuer.token(START, says={"nonce": "x", "typ": "at+jwt"})).workspace_id == WORKSPACE


def test_a_key_of_one_kind_does_not_check_a_signature_of_another(tokens: PersonTokens, issuer: Issuer) -> None:
    elliptic = key_of("ES256", "first")
    assert refusal(tokens, issuer.token(START, key=elliptic, alg="ES256")) == "invalid_key_type"


def test_a_key_for_encryption_and_one_that_is_too_short_check_nothing(tokens: PersonTokens, issuer: Issuer) -> None:
    encrypting = RSAKey.generate_key(2048, {"kid": "encrypting", "use": "enc"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        short = RSAKey.generate_key(1024, {"kid": "short"})
    issuer.besides += [encrypting.as_dict(private=False), short.as_dict(private=False)]
    signing = RSAKey.import_key({**encrypting.as_dict(private=True), "use": "sig"})
    assert refusal(tokens, issuer.token(START, key=signing)) == "invalid_key_id"
    assert refusal(tokens, issuer.token(START, key=short)) == "invalid_key_id"
    assert tokens.verify(issuer.token(START)).workspace_id == WORKSPACE


def test_what_a_key_set_holds_besides_is_passed_over(tokens: PersonTokens, issuer: Issuer) -> None:
    n = issuer.keys[0].as_dict(private=False)["n"]
    issuer.besides += [None, "key", {}, {"kty": ["RSA"]}, {"kty": "AKP", "kid": "later"}, {"kty": "EC", "crv": "P-0"}]
    issuer.besides += [
        {"kty": "RSA", "n": n},
        {"kty": "RSA", "n": n, "e": "?"},
        {"kty": "OKP", "crv": "Ed25519", "x": "A"},
    ]
    assert tokens.verify(issuer.token(START)).workspace_id == WORKSPACE


def test_a_token_without_a_keys_name_is_checked_with_the_only_key(tokens: PersonTokens, issuer: Issuer) -> None:
    unnamed = RSAKey.import_key({k: v for k, v in issuer.keys[0].as_dict(private=True).items() if k != "kid"})
    token = issuer.token(START, key=unnamed)
    assert tokens.verify(token).workspace_id == WORKSPACE


def test_a_token_with_something_after_it_is_none(tokens: PersonTokens, issuer: Issuer) -> None:
    for after in ("\n", "=", " ", "."):
        assert refusal(tokens, issuer.token(START) + after) == "no_jwt"


def test_without_an_audience_no_token_is_looked_at(issuer: Issuer, clock: Clock) -> None:
    with pytest.raises(ValueError, match="audience"):
        made(issuer, clock, audience="")


HEADERS: list[dict[str, Any]] = [
    {"crit": ["exp"]},
    {"crit": 5},
    {"crit": [["a"]]},
    {"b64": False, "crit": ["b64"]},
    {"alg": ["RS256"]},
    {"alg": None},
    {"kid": ["first"]},
    {"kid": None},
    {"x": "y" * 600},
]


@pytest.mark.parametrize("header", HEADERS, ids=repr)
def test_an_odd_header_is_a_refusal(tokens: PersonTokens, issuer: Issuer, header: dict[str, Any]) -> None:
    assert refusal(tokens, issuer.unsigned(START, **{"alg": "RS256", **header}) + "AAAA")


@given(some.text() | some.from_regex(r"[A-Za-z0-9_-]{0,9}\.[A-Za-z0-9_-]{0,9}\.[A-Za-z0-9_-]{0,9}", fullmatch=True))
def test_what_is_no_token_is_a_refusal(text: str) -> None:
    assert refusal(made(Issuer(), Clock()), text)
