"""Scenes of media, and what the examples' media stands for in each."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from punctual.media.library import Library
from punctual.media.recipes import THUMBNAIL
from punctual.media.renditions import Renditions
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.uploading import PNG, declared, posted, put
from tests.media.rows import HEIC, JPEG, Rows

CHANNEL = "chn_01KJ0000000000000000000003"
MEDIA = "med_01KJ0000000000000000000006"
_PART = 16 * 2**20
_HARBOUR = replace(JPEG, sha256=sha256(b"harbour").hexdigest())


def in_parts(deployed: Deployed, tenant: Tenant) -> dict[str, str]:
    """The first of three has arrived."""
    media = declared(tenant, 2 * _PART + 100, "video/mp4", multipart=True)
    signed = tenant.api.post(f"/v1/media/{media['id']}/parts", json={"numbers": [1]}).json()["data"]
    assert put(deployed, signed[0]["url"], bytes(_PART)).is_success
    return {MEDIA: media["id"]}


def arrived(deployed: Deployed, tenant: Tenant) -> dict[str, str]:
    media = declared(tenant, file_name="harbour.jpg", type="image/jpeg")
    assert posted(deployed, media["upload"], PNG).is_success
    return {MEDIA: media["id"]}


def probed(deployed: Deployed, tenant: Tenant) -> dict[str, str]:
    found = arrived(deployed, tenant)
    assert tenant.api.post(f"/v1/media/{found[MEDIA]}/complete").is_success
    table, now = deployed.table("WorkTable"), deployed.clock.now
    make_ready(Library(table, now), Renditions(table, now), tenant.workspace_id, found[MEDIA])
    return found


def make_ready(library: Library, renditions: Renditions, workspace_id: str, media_id: str) -> None:
    """As the processor leaves it."""
    seen = library.get(workspace_id, media_id)
    assert seen
    library.change(seen, status="ready", facts=_HARBOUR, next_at=None)
    asked = renditions.ask(workspace_id, media_id, THUMBNAIL)
    renditions.settle(asked, facts=replace(_HARBOUR, bytes=30_000, width=640, height=480))


def in_the_library(deployed: Deployed, tenant: Tenant) -> dict[str, str]:
    """A picture that platforms do not take as it is, and a channel."""
    files = Rows(deployed.table("WorkTable"), tenant.workspace_id, deployed.clock.now)
    return {MEDIA: files.ready(HEIC, alt_text="The harbour at dawn."), CHANNEL: tenant.connect("ada")}


SCENES: dict[str, Callable[[Deployed, Tenant], dict[str, str]]] = {
    "change_media": probed,
    "complete_media": arrived,
    "create_post": in_the_library,
    "delete_media": probed,
    "get_media": probed,
    "list_media": probed,
    "list_parts": in_parts,
    "sign_parts": in_parts,
    "validate_post": in_the_library,
}
