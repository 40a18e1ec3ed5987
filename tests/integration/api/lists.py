"""Lists as a client reads them: page after page."""

import base64
import json
from collections.abc import Callable
from typing import Any

from tests.integration.api.tenant import Tenant

FOUND_BY: dict[str, dict[str, Any]] = {"labels": ["spring", "summer"], "external_id": "order #7"}
"""What a post must have been given to be found by every one of `FILTERS`, on a channel of the sandbox."""
FILTERS: dict[str, dict[str, str]] = {
    "time": {},
    "status": {"status": "SCHEDULED"},
    "channel": {"channel_id": "its channel"},
    "provider": {"provider": "sandbox"},
    "label": {"label": "spring"},
    "external_id": {"external_id": "order #7"},
}


def of(by: str, channel: str) -> dict[str, str]:
    """The query of one filter."""
    return {"channel_id": channel} if by == "channel" else dict(FILTERS[by])


def pages(
    tenant: Tenant, between: Callable[[], object] = lambda: None, *, path: str = "/v1/posts", **query: Any
) -> list[list[dict[str, Any]]]:
    """Every page; `between` happens after each but the last."""
    found: list[list[dict[str, Any]]] = []
    cursor = None
    for _ in range(50):
        answer = tenant.api.get(path, params={**query, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["data"])
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found
        between()
    raise AssertionError("the list has no end")


def listed(
    tenant: Tenant, between: Callable[[], object] = lambda: None, *, path: str = "/v1/posts", **query: Any
) -> list[str]:
    """The ids on all of its pages."""
    return [each["id"] for page in pages(tenant, between, path=path, **query) for each in page]


def encoded(what: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(what).encode()).decode().rstrip("=")


def decoded(cursor: str) -> list[str]:
    found: list[str] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return found
