"""Real files through the real handlers and the real workshop: by form to the bucket, and to what people see of them."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.uploading import bucket, uploaded
from tests.media.corpus.documents import pdf
from tests.media.corpus.located import exif, turned
from tests.media.corpus.video_making import PLACE, make


def photo(path: Path) -> None:
    turned(6).save(path, "JPEG", exif=exif(6, located=True))


def film(path: Path) -> None:
    make(path, "mp4", audio="aac", frames=50, metadata={"location": PLACE}, movflags="use_metadata_tags")


def has_place(content: bytes) -> bool:
    if content.startswith(b"\xff\xd8"):
        return bool(dict(Image.open(BytesIO(content)).getexif().get_ifd(ExifTags.IFD.GPSInfo)))
    return PLACE.encode() in content


@pytest.mark.parametrize(("made", "mime", "kind"), [(photo, "image/jpeg", "image"), (film, "video/mp4", "video")])
def test_a_file_is_ready_without_its_place_and_shown_small(
    deployed: Deployed, tenant: Tenant, tmp_path: Path, made: Callable[[Path], None], mime: str, kind: str
) -> None:
    made(path := tmp_path / "file")
    assert has_place(path.read_bytes())
    media_id = uploaded(deployed, tenant, path.read_bytes(), type=mime)
    deployed.clock.run(minutes=2)
    media = tenant.api.get(f"/v1/media/{media_id}").json()
    assert (media["status"], media["facts"]["kind"], media["content_type"]) == ("ready", kind, mime)
    assert (media["facts"]["width"], media["facts"]["height"]) == (64, 48)
    with bucket(deployed) as browser:
        original, small = browser.get(media["url"]), browser.get(media["thumbnail_url"])
    assert original.headers["content-type"] == mime
    assert len(original.content) == media["bytes"]
    assert not has_place(original.content)
    shown = Image.open(BytesIO(small.content))
    assert (shown.format, shown.size) == ("JPEG", (64, 48))
    names = {name.rpartition("/")[2] for name in deployed.bucket.objects if media_id in name}
    assert "received" not in names
    assert len(names) == 2


def test_a_document_is_kept_to_the_byte_and_only_read(deployed: Deployed, tenant: Tenant) -> None:
    content = pdf(pages=3, Author="Ada")
    media_id = uploaded(deployed, tenant, content, type="application/pdf")
    deployed.clock.run(minutes=2)
    media = tenant.api.get(f"/v1/media/{media_id}").json()
    assert (media["status"], media["facts"]["kind"], media["facts"]["pages"]) == ("ready", "document", 3)
    assert (media["facts"]["width"], media["facts"]["height"], media["thumbnail_url"]) == (None, None, None)
    with bucket(deployed) as browser:
        original = browser.get(media["url"])
    assert (original.headers["content-type"], original.content) == ("application/pdf", content)
    assert [name.rpartition("/")[2] for name in deployed.bucket.objects if media_id in name] == ["original"]
    assert not [row for row in deployed.items("WorkTable") if row["sk"].startswith("rendition#")]
    assert [each["id"] for each in tenant.api.get("/v1/media?kind=document").json()["data"]] == [media_id]


def test_a_file_that_is_cut_off_is_refused_and_gone(deployed: Deployed, tenant: Tenant, tmp_path: Path) -> None:
    film(path := tmp_path / "film")
    media_id = uploaded(deployed, tenant, path.read_bytes()[:2000], type="video/mp4")
    deployed.clock.run(minutes=2)
    media = tenant.api.get(f"/v1/media/{media_id}").json()
    assert (media["status"], media["refusal"]["code"]) == ("refused", "unreadable")
    assert media["refusal"]["remediation"]
    assert not [name for name in deployed.bucket.objects if media_id in name]
