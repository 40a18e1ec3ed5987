"""What the template tells the authorizer."""

from functools import cache

from edge.environment import UsesProviders


class AuthorizerEnvironment(UsesProviders):
    keys_table: str
    jwt_issuer: str
    """Empty: people's tokens are not taken."""
    jwt_audience: str
    jwt_workspace_claim: str
    jwt_scopes_claim: str


@cache
def environment() -> AuthorizerEnvironment:
    return AuthorizerEnvironment.read()
