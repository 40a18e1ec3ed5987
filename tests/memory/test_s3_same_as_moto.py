"""Uploads to the bucket in memory against moto's: the same calls, the same answers and the same refusals.

moto joins parts that are not in order, which S3 refuses (InvalidPartOrder), and takes any form; so those are not here.
"""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.memory.s3 import MemoryS3
from tests.memory.s3_uploads import LEAST_PART

BUCKET, KEY = "bucket", "media/ws/med/received"
FULL = bytes(LEAST_PART)


class Twins:
    def __init__(self, moto: Any):
        self.clients = (moto, MemoryS3(BUCKET))
        self.upload_ids = [self._begin(client) for client in self.clients]

    def _begin(self, client: Any) -> str:
        begun = client.create_multipart_upload(Bucket=BUCKET, Key=KEY, ContentType="video/mp4")
        return str(begun["UploadId"])

    def agree(
        self, operation: str, *names: str, upload: bool = True, **request: Any
    ) -> dict[str, Any] | tuple[str, int]:
        """On the members of that name, or on the refusal."""
        theirs, ours = (
            _outcome(client, operation, names, {**({"UploadId": each} if upload else {}), **request})
            for client, each in zip(self.clients, self.upload_ids, strict=True)
        )
        assert ours == theirs, (operation, request)
        return ours


def _outcome(client: Any, operation: str, names: tuple[str, ...], request: dict[str, Any]) -> Any:
    try:
        answer = getattr(client, operation)(Bucket=BUCKET, Key=KEY, **request)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return {name: _told(answer.get(name)) for name in names}


def _told(value: Any) -> Any:
    kept = ("PartNumber", "Size", "ETag")
    return [{name: each[name] for name in kept} for each in value] if isinstance(value, list) else value


@pytest.fixture
def twins() -> Iterator[Twins]:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        moto = boto3.client("s3", region_name="us-east-1")
        moto.create_bucket(Bucket=BUCKET)
        yield Twins(moto)


def _joined(twins: Twins, *numbers: int, etag: str = "") -> dict[str, Any]:
    _, memory = twins.clients
    (upload,) = memory.uploads.values()
    listed = memory.list_parts(Bucket=BUCKET, Key=upload.key, UploadId=twins.upload_ids[1])["Parts"]
    etags = {each["PartNumber"]: each["ETag"] for each in listed}
    return {"Parts": [{"PartNumber": each, "ETag": etag or etags.get(each, '"0"')} for each in numbers]}


def test_parts_are_listed_joined_and_gone(twins: Twins) -> None:
    twins.agree("list_parts", "Parts", "IsTruncated")
    for number, body in ((3, b"the end"), (1, b"short"), (1, FULL), (2, FULL)):
        twins.agree("upload_part", "ETag", PartNumber=number, Body=body)
    twins.agree("list_parts", "Parts", "IsTruncated")
    twins.agree("complete_multipart_upload", MultipartUpload=_joined(twins, 1, 2, 3))
    twins.agree("head_object", "ContentLength", "ContentType", upload=False)
    for operation in ("list_parts", "abort_multipart_upload"):
        assert twins.agree(operation) == ("NoSuchUpload", 404)


def test_what_cannot_be_joined_is_refused(twins: Twins) -> None:
    for number in (1, 2):
        twins.agree("upload_part", PartNumber=number, Body=FULL)
    for joined in (_joined(twins, 1, 3), _joined(twins, 1, etag='"f"')):
        assert isinstance(twins.agree("complete_multipart_upload", MultipartUpload=joined), tuple)
    twins.agree("upload_part", PartNumber=1, Body=FULL[:-1])
    assert twins.agree("complete_multipart_upload", MultipartUpload=_joined(twins, 1, 2)) == ("EntityTooSmall", 400)
    twins.agree("complete_multipart_upload", MultipartUpload=_joined(twins, 1))


def test_what_was_ended_is_gone_and_what_never_came_is_not_there(twins: Twins) -> None:
    twins.agree("abort_multipart_upload")
    twins.agree("list_parts")
    assert twins.agree("head_object", upload=False) == ("404", 404)
