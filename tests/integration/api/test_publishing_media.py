"""A post with a file through the real handlers: written, uploaded to the sandbox, shown there to anyone."""

import io

from PIL import Image

from punctual.media.library import Library
from punctual.media.renditions import Renditions
from tests.integration.api.deployed import Deployed
from tests.shelves import PNG, facts_of, filled


def ready(deployed: Deployed, workspace_id: str, content: bytes, kind: str) -> str:
    library = Library(deployed.table("WorkTable"), deployed.clock.now)
    media = library.create(workspace_id, status="ready", facts=facts_of(content, kind="image", type=kind))
    deployed.bucket.objects[media.original] = content
    return media.id


def test_a_file_is_shown_on_the_timeline_with_its_alt_text(deployed: Deployed) -> None:
    tenant = deployed.tenant()
    channel = tenant.connect("ada")
    content = filled(PNG, 5000)
    media_id = ready(deployed, tenant.workspace_id, content, "image/png")
    tenant.posted("Look", channel, in_minutes=5, media=[{"id": media_id, "alt_text": "A view"}])
    deployed.clock.run(minutes=6)
    with deployed.client() as anyone:
        (post,) = anyone.get("/sandbox/api/timeline").json()["posts"]
        (file,) = post["media"]
        assert (file["alt_text"], file["bytes"]) == ("A view", 5000)
        assert anyone.get(file["url"]).content == content
        assert 'alt="A view"' in anyone.get("/sandbox").text


def test_a_file_that_the_platform_does_not_take_is_made_fit_and_goes_out_so(deployed: Deployed) -> None:
    tenant = deployed.tenant()
    channel = tenant.connect("ada")
    drawn = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(drawn, "BMP")
    media_id = ready(deployed, tenant.workspace_id, drawn.getvalue(), "image/bmp")
    written = tenant.posted("Made fit", channel, in_minutes=5, media=[{"id": media_id}])
    deployed.clock.run(minutes=6)
    (delivery,) = tenant.api.get(f"/v1/posts/{written['id']}").json()["deliveries"]
    assert (delivery["status"], delivery["error"]) == ("COMPLETED", None)
    (made,) = Renditions(deployed.table("WorkTable"), deployed.clock.now).of(tenant.workspace_id, media_id)
    with deployed.client() as anyone:
        (file,) = anyone.get("/sandbox/api/timeline").json()["posts"][0]["media"]
    assert made.facts
    assert (file["type"], file["sha256"]) == (made.facts.type, made.facts.sha256)
    assert file["type"] in ("image/jpeg", "image/png", "image/webp")
