"""The server that gives tokens for an account: what it says of itself, held to what the AT Protocol asks of it.

https://atproto.com/specs/oauth#authorization-servers
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import httpx
from pydantic import AfterValidator, BaseModel, ValidationError

from punctual.guarded_http import server_url

RESOURCE = "/.well-known/oauth-protected-resource"
SERVER = "/.well-known/oauth-authorization-server"


class Unsuitable(ValueError):
    """Says in a sentence what is wrong with the document."""


@dataclass(frozen=True, kw_only=True)
class AuthorizationServer:
    issuer: str
    authorize_url: str
    token_url: str
    par_url: str
    revoke_url: str | None


def _having(*needed: str) -> AfterValidator:
    def check(given: list[str]) -> list[str]:
        if missing := [name for name in needed if name not in given]:
            raise ValueError(f"{', '.join(missing)} is missing")
        return given

    return AfterValidator(check)


def _endpoint(given: str) -> str:
    """A person is sent there, or a token: a place on the web, nothing else that browsers would open."""
    try:
        url = httpx.URL(given)
    except httpx.InvalidURL as error:
        raise ValueError("no address") from error
    if url.scheme not in ("https", "http") or not url.host or url.userinfo or url.fragment:
        raise ValueError("no address of a server")
    return given


Names: TypeAlias = list[str]
Endpoint: TypeAlias = Annotated[str, AfterValidator(_endpoint)]


class _Metadata(BaseModel):
    issuer: str
    authorization_endpoint: Endpoint
    token_endpoint: Endpoint
    pushed_authorization_request_endpoint: Endpoint
    revocation_endpoint: Endpoint | None = None
    require_pushed_authorization_requests: Literal[True]
    authorization_response_iss_parameter_supported: Literal[True]
    client_id_metadata_document_supported: Literal[True]
    response_types_supported: Annotated[Names, _having("code")]
    grant_types_supported: Annotated[Names, _having("authorization_code", "refresh_token")]
    code_challenge_methods_supported: Annotated[Names, _having("S256")]
    token_endpoint_auth_methods_supported: Annotated[Names, _having("none", "private_key_jwt")]
    token_endpoint_auth_signing_alg_values_supported: Annotated[Names, _having("ES256")]
    dpop_signing_alg_values_supported: Annotated[Names, _having("ES256")]
    scopes_supported: Annotated[Names, _having("atproto")]


def read_server(document: Any, issuer: str) -> AuthorizationServer:
    """`issuer` is where the document was found: one that names another could have us trust that one's answers."""
    try:
        found = _Metadata.model_validate(document)
    except ValidationError as error:
        wrong = ", ".join(sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]})) or "no object"
        raise Unsuitable(f"Its sign-in is not what the AT Protocol asks for ({wrong}).") from None
    if found.issuer != issuer:
        raise Unsuitable("Its sign-in speaks for another server.")
    ends = (found.authorization_endpoint, found.token_endpoint, found.pushed_authorization_request_endpoint)
    if issuer.startswith("https:") and not all(url.startswith("https:") for url in ends):
        raise Unsuitable("Its sign-in is not encrypted everywhere.")
    return AuthorizationServer(
        issuer=issuer,
        authorize_url=found.authorization_endpoint,
        token_url=found.token_endpoint,
        par_url=found.pushed_authorization_request_endpoint,
        revoke_url=found.revocation_endpoint,
    )


def read_issuer(document: Any, resource: str) -> str:
    """Who gives tokens for a server that keeps accounts. https://datatracker.ietf.org/doc/html/rfc9728#section-3.3"""
    given = document if isinstance(document, dict) else {}
    named = given.get("authorization_servers")
    if given.get("resource") != resource:
        raise Unsuitable("What it says of its sign-in speaks of another server.")
    if not isinstance(named, list) or len(named) != 1 or not _is_origin(named[0]):
        raise Unsuitable("It names no server that signs people in.")
    return str(named[0])


def _is_origin(given: Any) -> bool:
    try:
        return bool(server_url(given) == given)
    except (ValueError, AttributeError):
        return False
