"""People, by the tokens of the issuer that the template names. Imported with the first token: whoever has a key only
does not wait for what this imports."""

import logging
from functools import cache

from authorizer.environment import environment
from edge import parts
from punctual import clock
from punctual.issuer_keys import IssuerKeys
from punctual.person_tokens import Person, PersonTokens, TokenRefused

log = logging.getLogger("punctual.authorizer")


@cache
def tokens() -> PersonTokens:
    env = environment()
    return PersonTokens(
        IssuerKeys(env.jwt_issuer, parts.http(env), clock.now),
        audience=env.jwt_audience,
        workspace_claim=env.jwt_workspace_claim,
        scopes_claim=env.jwt_scopes_claim,
        now=clock.now,
    )


def find(token: str) -> Person | None:
    """Raises IssuerUnreachable: API Gateway then answers 500, and does not keep that as it keeps a refusal."""
    try:
        return tokens().verify(token)
    except TokenRefused as error:
        log.warning("token refused", extra={"reason": error.reason})
        return None
