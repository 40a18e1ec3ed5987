"""A client that uploads: as curl, or a page in a browser, would with what the API answered."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

PNG = b"\x89PNG\r\n\x1a\n" + bytes(92)


def bucket(deployed: Deployed) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(deployed.bucket.answer))


def declared(tenant: Tenant, size: int = len(PNG), type: str = "image/png", **more: Any) -> dict[str, Any]:  # noqa: A002
    answer = tenant.api.post("/v1/media", json={"content_type": type, "bytes": size, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def posted(deployed: Deployed, upload: Mapping[str, Any], content: bytes = PNG, **fields: str) -> httpx.Response:
    """`fields` stand for those that the API answered."""
    sent = {**upload["fields"], **{name.replace("_", "-"): value for name, value in fields.items()}}
    return bucket(deployed).post(upload["url"], data=sent, files={"file": content})


def put(deployed: Deployed, url: str, content: bytes) -> httpx.Response:
    return bucket(deployed).put(url, content=content)


def uploaded(deployed: Deployed, tenant: Tenant, content: bytes = PNG, **more: Any) -> str:
    """The id of one that is completed."""
    media = declared(tenant, len(content), **more)
    assert posted(deployed, media["upload"], content).status_code == 204
    assert tenant.api.post(f"/v1/media/{media['id']}/complete").status_code == 202
    return str(media["id"])
