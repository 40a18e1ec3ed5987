"""Tokens of people: JWTs of an OpenID Connect issuer that whoever runs the stack has named.

https://datatracker.ietf.org/doc/html/rfc8725 (how not to check one), https://datatracker.ietf.org/doc/html/rfc9068
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError, UnsupportedAlgorithmError, UnsupportedHeaderError
from joserfc.jws import JWSAlgModel, JWSRegistry
from joserfc.registry import Header
from ulid import ULID

from punctual.api_keys import SCOPES, Scope
from punctual.clock import Now
from punctual.ids import PERSON_PREFIX
from punctual.issuer_keys import IssuerKeys

ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "EdDSA"})
"""Asymmetric ones: with HS256 the issuer's public key would be the secret."""
LEEWAY_SECONDS = 30
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_WORKSPACE = re.compile(r"ws_[0-9A-HJKMNP-TV-Z]{26}")
_SCOPE = re.compile(r"(?:punctual[/:.])?(read|write|admin)")
"""Some issuers put the resource before a scope: `billing/admin` is admin of something else."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom a token speaks for. The id is the same in every token of theirs, and does not tell who they are: what the
    issuer calls them may be their e-mail address."""

    id: str
    workspace_id: str
    scopes: tuple[Scope, ...]
    expires_at: datetime


class TokenRefused(Exception):
    """`reason` is a stable word of ours or of joserfc's, for the log: it holds nothing of the token."""

    def __init__(self, reason: str):
        super().__init__(f"the token is refused: {reason}")
        self.reason = reason


class _Registry(JWSRegistry):
    def check_header(self, header: Header) -> None:
        """No extension that a sender calls critical is known here."""
        if "crit" in header:
            raise UnsupportedHeaderError("crit")
        super().check_header(header)

    def get_alg(self, name: str) -> JWSAlgModel:
        """Without joserfc's warning at EdDSA, whose name since RFC 9864, Ed25519, issuers do not use yet."""
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


_REGISTRY = _Registry(strict_check_header=False)
"""A header may say more than we know: https://datatracker.ietf.org/doc/html/rfc7515#section-4"""


class PersonTokens:
    """`workspace_claim` and `scopes_claim` name the claims that say where a person may act, and how."""

    def __init__(self, keys: IssuerKeys, audience: str, workspace_claim: str, scopes_claim: str, now: Now):
        if not audience:
            raise ValueError("an issuer's tokens are for many: say which audience is ours")
        self._keys = keys
        self._audience = audience
        self._workspace_claim = workspace_claim
        self._scopes_claim = scopes_claim
        self._now = now

    def verify(self, token: str) -> Person:
        """Raises TokenRefused, IssuerUnreachable."""
        if not _SHAPE.fullmatch(token):
            raise TokenRefused("no_jwt")
        try:
            claims = self._signed(token)
            self._check(claims)
        except JoseError as error:
            raise TokenRefused(error.error) from error
        return Person(
            id=_person_id(claims["iss"], claims["sub"]),
            workspace_id=self._workspace(claims),
            scopes=self._scopes(claims),
            expires_at=_moment(claims["exp"]),
        )

    def _signed(self, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(token, self._keys.known(), registry=_REGISTRY).claims
        except InvalidKeyIdError:  # the issuer may sign with a new one
            return jwt.decode(token, self._keys.asked_again(), registry=_REGISTRY).claims

    def _check(self, claims: Mapping[str, Any]) -> None:
        """Cognito's access tokens have no `aud`, but a `client_id`.
        https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
        """
        wanted: dict[str, jwt.ClaimsOption] = {
            "iss": {"essential": True, "value": self._keys.issuer},
            "aud" if "aud" in claims else "client_id": {"essential": True, "value": self._audience},
            "sub": {"essential": True},
            "exp": {"essential": True},
        }
        now = int(self._now().timestamp())
        jwt.JWTClaimsRegistry(now=now, leeway=LEEWAY_SECONDS, **wanted).validate(dict(claims))

    def _workspace(self, claims: Mapping[str, Any]) -> str:
        found = claims.get(self._workspace_claim)
        if not isinstance(found, str) or not _WORKSPACE.fullmatch(found):
            raise TokenRefused("no_workspace")
        return found

    def _scopes(self, claims: Mapping[str, Any]) -> tuple[Scope, ...]:
        given = claims.get(self._scopes_claim)
        words = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
        ours = {told[1] for word in words if isinstance(word, str) and (told := _SCOPE.fullmatch(word))}
        found = tuple(scope for scope in SCOPES if scope in ours)
        if not found:
            raise TokenRefused("no_scope")
        return found


def _person_id(issuer: str, subject: str) -> str:
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode(errors="surrogatepass")).digest()
    return f"{PERSON_PREFIX}{ULID.from_bytes(digest[:16])}"


def _moment(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise TokenRefused("expiry_out_of_range") from error
