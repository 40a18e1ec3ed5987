"""Uploads in parts: signed one by one, sent in any order, gone on with, joined once."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from punctual.media.uploads import FORM_BYTES, PART_BYTES
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_media import complete, look
from tests.integration.api.uploading import declared, posted, put
from tests.integration.api.wire import refused

CONTENT = bytes(PART_BYTES) + b"\1" * PART_BYTES + b"the end"


@pytest.fixture
def media(deployed: Deployed, tenant: Tenant) -> Iterator[dict[str, Any]]:
    yield declared(tenant, len(CONTENT), "video/mp4", multipart=True)
    deployed.bucket.objects.clear()
    deployed.bucket.uploads.clear()


def sign(tenant: Tenant, media: dict[str, Any], *numbers: int) -> httpx.Response:
    return tenant.api.post(f"/v1/media/{media['id']}/parts", json={"numbers": list(numbers)})


def send(deployed: Deployed, tenant: Tenant, media: dict[str, Any], *numbers: int) -> None:
    for part in sign(tenant, media, *numbers).json()["data"]:
        start = (part["number"] - 1) * PART_BYTES
        assert put(deployed, part["url"], CONTENT[start : start + part["bytes"]]).status_code == 200


def there(tenant: Tenant, media: dict[str, Any]) -> tuple[list[int], list[int]]:
    found = tenant.api.get(f"/v1/media/{media['id']}/parts").json()
    return [part["number"] for part in found["data"]], found["missing"]


def test_an_upload_that_broke_off_goes_on_where_it_was(
    deployed: Deployed, tenant: Tenant, media: dict[str, Any]
) -> None:
    assert media["upload"] == {
        "method": "PUT",
        "part_bytes": PART_BYTES,
        "parts": 3,
        "expires_at": tenant.later(24 * 60 + 15),
    }
    send(deployed, tenant, media, 3, 1)
    early = complete(tenant, media["id"])
    assert (early.status_code, early.json()["code"]) == (409, "upload_incomplete")
    assert early.json()["missing_parts"] == [2]
    deployed.clock.run(hours=20)
    assert there(tenant, media) == ([1, 3], [2])
    send(deployed, tenant, media, 2, 1)
    done = complete(tenant, media["id"])
    assert (done.status_code, done.json()["status"]) == (202, "probing")
    assert deployed.bucket.objects[f"media/{tenant.workspace_id}/{media['id']}/received"] == CONTENT
    assert not deployed.bucket.uploads
    assert complete(tenant, media["id"]).status_code == 202


def test_more_than_a_form_takes_comes_in_parts_unasked(tenant: Tenant) -> None:
    methods = [declared(tenant, FORM_BYTES + more)["upload"]["method"] for more in (0, 1)]
    assert methods == ["POST", "PUT"]


def test_the_largest_file_has_fewer_parts_than_s3_takes(tenant: Tenant) -> None:
    upload = declared(tenant, 5 * 2**30, "video/mp4")["upload"]
    assert upload["parts"] == 320
    assert upload["part_bytes"] * upload["parts"] == 5 * 2**30


def test_a_part_is_signed_for_its_own_size_and_for_an_hour(
    deployed: Deployed, tenant: Tenant, media: dict[str, Any]
) -> None:
    (last,) = sign(tenant, media, 3).json()["data"]
    assert last["bytes"] == len(b"the end")
    assert put(deployed, last["url"], b"the end, and more").status_code == 403
    assert put(deployed, last["url"].replace("partNumber=3", "partNumber=1"), b"the end").status_code == 403
    deployed.clock.run(minutes=61)
    assert put(deployed, last["url"], b"the end").status_code == 403
    assert there(tenant, media) == ([], [1, 2, 3])


def test_a_part_that_is_not_whole_is_missing(deployed: Deployed, tenant: Tenant, media: dict[str, Any]) -> None:
    """Its URL takes none such; nothing is believed all the same."""
    send(deployed, tenant, media, 1, 2, 3)
    (upload,) = deployed.bucket.uploads.values()
    upload.parts[2] = upload.parts[2][:-1]
    assert there(tenant, media) == ([1, 3], [2])
    assert complete(tenant, media["id"]).json()["missing_parts"] == [2]


def test_parts_that_do_not_exist_are_not_signed(tenant: Tenant, media: dict[str, Any]) -> None:
    answer = sign(tenant, media, 1, 4, 5)
    assert answer.status_code == 422
    assert [each["param"] for each in answer.json()["errors"]] == ["/numbers/1", "/numbers/2"]
    assert sign(tenant, media).status_code == 422
    assert sign(tenant, media, 0).status_code == 422


def test_one_that_comes_by_form_has_no_parts(deployed: Deployed, tenant: Tenant) -> None:
    media = declared(tenant)
    assert sign(tenant, media, 1).json()["code"] == "not_in_parts"
    assert tenant.api.get(f"/v1/media/{media['id']}/parts").json()["code"] == "not_in_parts"
    posted(deployed, media["upload"])
    complete(tenant, media["id"])
    assert sign(tenant, media, 1).json()["code"] == "not_uploading"


def test_one_that_was_joined_while_its_row_was_not_told_is_completed_all_the_same(
    deployed: Deployed, tenant: Tenant, media: dict[str, Any]
) -> None:
    send(deployed, tenant, media, 1, 2, 3)

    def dies(_: Any) -> None:
        raise refused("InternalServerError", "UpdateItem")

    deployed.wire.before("update_item", dies)
    assert complete(tenant, media["id"]).status_code == 500
    assert look(tenant, media["id"])["status"] == "uploading"
    assert not deployed.bucket.uploads
    assert tenant.api.get(f"/v1/media/{media['id']}/parts").json()["code"] == "not_uploading"
    assert complete(tenant, media["id"]).json()["status"] == "probing"


def test_one_that_is_joined_by_two_at_once_is_one(
    deployed: Deployed, tenant: Tenant, media: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(deployed, tenant, media, 1, 2, 3)
    join = deployed.bucket.complete_multipart_upload

    def joined_before(**given: Any) -> Any:
        join(**given)
        return join(**given)

    monkeypatch.setattr(deployed.bucket, "complete_multipart_upload", joined_before)
    assert complete(tenant, media["id"]).json()["status"] == "probing"


def test_one_whose_part_is_sent_again_while_it_is_joined_is_completed_once_more(
    deployed: Deployed, tenant: Tenant, media: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(deployed, tenant, media, 1, 2, 3)
    join = deployed.bucket.complete_multipart_upload

    def sent_again(**given: Any) -> Any:
        monkeypatch.undo()
        (last,) = sign(tenant, media, 3).json()["data"]
        assert put(deployed, last["url"], b"The end").status_code == 200
        return join(**given)

    monkeypatch.setattr(deployed.bucket, "complete_multipart_upload", sent_again)
    assert complete(tenant, media["id"]).json()["code"] == "upload_incomplete"
    assert complete(tenant, media["id"]).json()["status"] == "probing"


def test_a_creation_under_a_key_begins_one_upload_and_one_that_may_be_stored_is_not_ended(
    deployed: Deployed, tenant: Tenant
) -> None:
    deployed.bucket.uploads.clear()
    body, key = {"content_type": "video/mp4", "bytes": FORM_BYTES + 1}, {"Idempotency-Key": "parts"}
    first = tenant.api.post("/v1/media", json=body, headers=key)
    again = tenant.api.post("/v1/media", json=body, headers=key)
    assert again.json() == first.json()
    assert len(deployed.bucket.uploads) == 1

    def lost(request: dict[str, Any]) -> None:
        raise ClientError({"Error": {"Code": "InternalServerError", "Message": ""}}, "TransactWriteItems")

    deployed.wire.before("transact_write_items", lost)
    assert tenant.api.post("/v1/media", json=body).status_code == 500
    assert len(deployed.bucket.uploads) == 2, "it may have been stored: the bucket's rule ends it"
    deployed.bucket.uploads.clear()
