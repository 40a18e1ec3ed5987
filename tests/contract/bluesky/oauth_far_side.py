"""A small AT Protocol: a directory, an account's server, and the front that signs people in; each with its own host.

It takes nothing that the specification does not allow, whatever the real servers let pass.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.contract.bluesky.far_side import DID, cid_of, failed, uri_of
from tests.contract.bluesky.proofs import Proofs, Refused, hashed

HANDLE = "alice.example"
HOME, ISSUER, DIRECTORY = "https://enoki.example", "https://front.example", "https://plc.directory"
METADATA: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/oauth/authorize",
    "token_endpoint": f"{ISSUER}/oauth/token",
    "pushed_authorization_request_endpoint": f"{ISSUER}/oauth/par",
    "revocation_endpoint": f"{ISSUER}/oauth/revoke",
    "require_pushed_authorization_requests": True,
    "authorization_response_iss_parameter_supported": True,
    "client_id_metadata_document_supported": True,
    "response_types_supported": ["code"],
    "grant_types_supported": ["authorization_code", "refresh_token"],
    "code_challenge_methods_supported": ["S256"],
    "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported": ["ES256", "ES256K"],
    "dpop_signing_alg_values_supported": ["ES256"],
    "scopes_supported": ["atproto", "transition:generic"],
}


@dataclass
class Opened:
    """One session: the key that it is bound to, and its tokens."""

    client_id: str
    thumbprint: str
    access: str = ""
    refreshing: str = ""


class OAuthFarSide:
    """`answer` is an `httpx.MockTransport` handler. `clients` are the documents of confidential clients, by their id.

    `documents` are what each address answers to a plain GET; tests change them. `replaces` answers instead, where set,
    and `tokens_say` changes what a token answer says. `older_nonces` are taken beside the newest, and given no more.
    """

    def __init__(self, now: Callable[[], datetime]):
        self.proofs = Proofs(now)
        self.seen: list[httpx.Request] = []
        self.urls: list[str] = []
        self.clients: dict[str, dict[str, Any]] = {}
        self.nonces = {HOME: "nonce-of-home", ISSUER: "nonce-of-front"}
        self.older_nonces: set[str] = set()
        self.never_content = False
        self.pushed: dict[str, tuple[dict[str, str], str]] = {}
        self.codes: dict[str, tuple[dict[str, str], str]] = {}
        self.sessions: list[Opened] = []
        self.spent: dict[str, Opened] = {}
        self.records: dict[str, Any] = {}
        self.sub = DID
        self.scope = "atproto transition:generic"
        self.count = 0
        self.replaces: dict[str, httpx.Response] = {}
        self.tokens_say: dict[str, Any] = {}
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": HOME}
        self.documents: dict[str, Any] = {
            f"{DIRECTORY}/{DID}": {"id": DID, "alsoKnownAs": [f"at://{HANDLE}"], "service": [service]},
            f"{HOME}/.well-known/oauth-protected-resource": {"resource": HOME, "authorization_servers": [ISSUER]},
            f"{ISSUER}/.well-known/oauth-authorization-server": dict(METADATA),
            f"{HOME}/xrpc/com.atproto.identity.resolveHandle": {"did": DID},
            f"{ISSUER}/xrpc/com.atproto.identity.resolveHandle": {"did": DID},
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        url = f"https://{request.headers['Host']}{request.url.path}"
        self.urls.append(url)
        if url in self.replaces:
            return self.replaces[url]
        if request.method == "GET":
            return httpx.Response(200, json=self.documents[url]) if url in self.documents else httpx.Response(404)
        origin = url.removesuffix(request.url.path)
        does = {
            f"{ISSUER}/oauth/par": self.par,
            f"{ISSUER}/oauth/token": self.token,
            f"{ISSUER}/oauth/revoke": self.revoke,
            f"{HOME}/xrpc/com.atproto.repo.putRecord": self.put_record,
        }[url]
        try:
            answered = does(request, url)
        except Refused as wrong:
            answered = refused(origin, f"{wrong}")
        answered.headers["DPoP-Nonce"] = self.nonces[origin]
        return answered

    def consent(self, authorization_url: str) -> dict[str, str]:
        """The callback's query, as a person's consent on the page at this address has it."""
        page = urlsplit(authorization_url)
        query = dict(parse_qsl(page.query))
        assert set(query) == {"client_id", "request_uri"}, "nothing else may pass through a browser"
        asked, thumbprint = self.pushed.pop(query["request_uri"])
        assert asked["client_id"] == query["client_id"]
        code = self._new("code")
        self.codes[code] = (asked, thumbprint)
        return {"code": code, "state": asked["state"], "iss": ISSUER}

    def par(self, request: httpx.Request, url: str) -> httpx.Response:
        form, thumbprint = self._asked(request, url)
        assert form["response_type"] == "code"
        assert form["code_challenge_method"] == "S256"
        assert "atproto" in form["scope"].split()
        assert form["redirect_uri"]
        name = f"urn:ietf:params:oauth:request_uri:{self._new('request')}"
        self.pushed[name] = (form, thumbprint)
        return httpx.Response(201, json={"request_uri": name, "expires_in": 300})

    def token(self, request: httpx.Request, url: str) -> httpx.Response:
        form, thumbprint = self._asked(request, url)
        if form["grant_type"] == "authorization_code":
            asked, bound = self.codes.pop(form["code"], ({}, ""))
            if bound != thumbprint or asked["code_challenge"] != hashed(form["code_verifier"]):
                return failed(400, "invalid_grant")
            assert (asked["client_id"], asked["redirect_uri"]) == (form["client_id"], form["redirect_uri"])
            return self._tokens(Opened(client_id=form["client_id"], thumbprint=thumbprint))
        given = form["refresh_token"]
        if given in self.spent and self.spent[given] in self.sessions:
            self.sessions.remove(self.spent[given])
        session = next((each for each in self.sessions if each.refreshing == given), None)
        if session is None or (session.thumbprint, session.client_id) != (thumbprint, form["client_id"]):
            return failed(400, "invalid_grant")
        self.spent[given] = session
        return self._tokens(session)

    def revoke(self, request: httpx.Request, url: str) -> httpx.Response:
        form, _ = self._asked(request, url)
        self.sessions = [each for each in self.sessions if form["token"] not in (each.refreshing, each.access)]
        return httpx.Response(200)

    def put_record(self, request: httpx.Request, url: str) -> httpx.Response:
        kind, _, token = request.headers["Authorization"].partition(" ")
        assert kind == "DPoP"
        thumbprint = self.proofs.check(request, url, self._nonces(HOME), token)
        if (token, thumbprint) not in [(each.access, each.thumbprint) for each in self.sessions]:
            return httpx.Response(401, json={"error": "invalid_token"}, headers={"WWW-Authenticate": "DPoP"})
        given = json.loads(request.content)
        self.records[uri_of(given)] = given["record"]
        return httpx.Response(200, json={"uri": uri_of(given), "cid": cid_of(given["record"])})

    def proof_of(self, request: httpx.Request) -> dict[str, Any]:
        """The claims of the proof that it carried."""
        payload = request.headers["DPoP"].split(".")[1]
        found: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return found

    def _asked(self, request: httpx.Request, url: str) -> tuple[dict[str, str], str]:
        thumbprint = self.proofs.check(request, url, self._nonces(ISSUER))
        form = dict(parse_qsl(request.content.decode()))
        if document := self.clients.get(form["client_id"]):
            self.proofs.client(form, ISSUER, document["jwks"]["keys"])
        else:
            assert form["client_id"].startswith("http://localhost?"), "an unknown client"
            assert "client_assertion" not in form
        return form, thumbprint

    def _tokens(self, session: Opened) -> httpx.Response:
        session.access, session.refreshing = self._new("access"), self._new("refresh")
        if session not in self.sessions:
            self.sessions.append(session)
        given = {
            "access_token": session.access,
            "token_type": "DPoP",
            "refresh_token": session.refreshing,
            "expires_in": 3600,
            "scope": self.scope,
            "sub": self.sub,
        }
        return httpx.Response(200, json={**given, **self.tokens_say})

    def _nonces(self, origin: str) -> set[str]:
        return set() if self.never_content else {self.nonces[origin], *self.older_nonces}

    def _new(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count}"


def refused(origin: str, code: str) -> httpx.Response:
    """400 of an authorization server, 401 of the account's: RFC 9449 sections 8 and 9."""
    if origin == ISSUER:
        return failed(400, code)
    return httpx.Response(401, json={"error": code}, headers={"WWW-Authenticate": f'DPoP error="{code}", algs="ES256"'})
