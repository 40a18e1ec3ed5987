"""What we are to platforms where nobody registers: they read it here."""

from typing import cast

from aws_lambda_powertools.event_handler import Response

from edge import http
from edge.operations import Call, Operations
from oauth.answers import ClientMetadataAnswer
from oauth.deployment import connecting, own_url

operations = Operations("Connecting")

_READ_AGAIN = {"Cache-Control": "public, max-age=300"}


@operations.route(
    "GET /v1/oauth/{provider}/client-metadata.json",
    name="get_client_metadata",
    scope=None,
    answers={200: ClientMetadataAnswer},
    problems=("unknown_provider", "not_found"),
)
def client_metadata(call: Call, provider: str) -> Response[str]:
    """What this deployment is as an OAuth client, with its public keys; for platforms, which know it by this address.

    It is there from the first connection on that is started at such a platform, Bluesky being one.
    """
    document = connecting().client_metadata(provider, own_url(call))
    return http.answer(200, cast("ClientMetadataAnswer", document), headers=_READ_AGAIN)
