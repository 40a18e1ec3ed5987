"""Posts with media through the API: files as rows, and what the work table says of them."""

from typing import Any

import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.media.rows import Rows


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


@pytest.fixture
def files(deployed: Deployed, tenant: Tenant) -> Rows:
    return Rows(deployed.table("WorkTable"), tenant.workspace_id, deployed.clock.now)


def used(deployed: Deployed) -> set[tuple[str, str]]:
    """Media, and the post that needs it."""
    rows = [item["sk"].split("#") for item in deployed.items("WorkTable") if item["sk"].startswith("use#")]
    return {(media_id, post_id) for _, media_id, post_id in rows}


def renditions(deployed: Deployed) -> list[dict[str, Any]]:
    return [item for item in deployed.items("WorkTable") if item["sk"].startswith("rendition#")]


def rules(answer: Any) -> list[tuple[str, str]]:
    """Of faults, or of warnings."""
    given = answer.json()
    return [(each["param"], each["rule"]) for each in given.get("errors") or given.get("warnings", ())]
