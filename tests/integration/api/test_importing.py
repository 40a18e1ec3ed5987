"""A file from its URL: asked for over HTTP, fetched by the importer, shown as what it became."""

from io import BytesIO

import httpx
import pytest
from PIL import Image

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

URL = "https://files.example/harbour.jpg?token=a-secret"


@pytest.fixture
def tenant(deployed: Deployed) -> Tenant:
    deployed.empty()
    return deployed.tenant()


def imported(tenant: Tenant) -> str:
    answer = tenant.api.post("/v1/media", json={"url": URL})
    assert answer.status_code in (201, 202), answer.text
    return str(answer.json()["id"])


def picture() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(drawn, "PNG")
    return drawn.getvalue()


def test_a_file_is_fetched_into_the_bucket_and_looked_into(deployed: Deployed, tenant: Tenant) -> None:
    """What its host says of it is not believed."""
    mistaken = {"Content-Type": "image/jpeg"}
    deployed.hosts["files.example"] = lambda _: httpx.Response(200, content=picture(), headers=mistaken)
    media_id = imported(tenant)
    assert tenant.api.get(f"/v1/media/{media_id}").json()["status"] == "importing"
    deployed.clock.run(seconds=1)
    assert tenant.api.get(f"/v1/media/{media_id}").json()["status"] == "ready"
    assert deployed.bucket.objects[f"media/{tenant.workspace_id}/{media_id}/original"] == picture()
    assert "a-secret" not in str(deployed.items("WorkTable"))


def test_why_a_file_could_not_be_had_is_shown_and_its_url_is_not(deployed: Deployed, tenant: Tenant) -> None:
    deployed.hosts["files.example"] = lambda _: httpx.Response(404)
    media_id = imported(tenant)
    deployed.clock.run(seconds=1)
    shown = tenant.api.get(f"/v1/media/{media_id}").json()
    assert shown["status"] == "refused"
    assert shown["refusal"]["code"] == "url_failed"
    assert "404" in shown["refusal"]["message"]
    assert "files.example" not in str(shown)


def test_a_url_that_leads_into_the_network_is_not_called(deployed: Deployed, tenant: Tenant) -> None:
    deployed.addresses["files.example"] = ["169.254.169.254"]
    before = len(deployed.requests)
    media_id = imported(tenant)
    deployed.clock.run(seconds=1)
    del deployed.addresses["files.example"]
    assert tenant.api.get(f"/v1/media/{media_id}").json()["refusal"]["code"] == "url_refused"
    assert len(deployed.requests) == before


def test_a_host_that_is_away_for_a_while_is_asked_again_by_the_medias_own_clock(
    deployed: Deployed, tenant: Tenant
) -> None:
    """The sweep finds it, who tends it hands it on, and it is fetched, as when its message is lost."""
    answers = iter([httpx.Response(503), httpx.Response(200, content=picture())])
    deployed.hosts["files.example"] = lambda _: next(answers)
    media_id = imported(tenant)
    deployed.clock.run(seconds=70)
    assert tenant.api.get(f"/v1/media/{media_id}").json()["status"] == "importing"
    deployed.invoke("SweeperFunction", {})
    deployed.clock.run(seconds=1)
    assert tenant.api.get(f"/v1/media/{media_id}").json()["status"] == "ready"
