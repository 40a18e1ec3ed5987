"""X."""

import httpx

from tests.contract import contracts
from tests.contract.openapi_requests import OpenApiRequests
from tests.contract.x.far_side import XSide
from tests.integration.platforms.stage import Case, Platform

THREAD = {"thread": [{"text": "Two."}, {"text": "And three."}], "first_comment": {"text": "By the way."}}


def violations(request: httpx.Request) -> list[str]:
    """The contract has no token endpoint."""
    if request.url.path.startswith("/2/oauth2/"):
        return []
    return OpenApiRequests(contracts.load("x", "x/openapi.json")).violations(request)


PLATFORM = Platform(
    provider="x",
    side=XSide,
    violations=violations,
    unused={"show": "A post is looked for in the account's own, where its text is shown whole."},
    cases=(
        Case(kind="text", settings={"reply_settings": "following", "made_with_ai": True}),
        Case(kind="text", name="with a link", type="link", text="Bread: https://bakery.com/how-it-is-made"),
        Case(kind="image", files=("jpeg",)),
        Case(kind="images", files=("jpeg", "png")),
        Case(kind="animation", files=("gif",)),
        Case(kind="video", files=("square",)),
        Case(kind="poll", settings={"poll": {"options": ["Rye", "Wheat"], "duration_minutes": 60}}),
        Case(kind="text", name="thread", text="One.", more=THREAD),
    ),
)
