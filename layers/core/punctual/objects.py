"""What the bucket has under a prefix: objects, and uploads in parts that nobody joined."""

from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError


class NotRemoved(Exception):
    """S3 took the request and kept some of its objects."""


def names(s3: Any, bucket: str, prefix: str) -> Iterator[Sequence[str]]:
    """By up to a thousand, which is also what one deletion takes. `s3` is a boto3 client."""
    more: dict[str, str] = {}
    while True:
        page = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, **more)
        found = [each["Key"] for each in page.get("Contents", [])]
        if found:
            yield found
        if not page.get("IsTruncated"):
            return
        more = {"ContinuationToken": page["NextContinuationToken"]}


def remove(s3: Any, bucket: str, found: Sequence[str]) -> None:
    given = {"Objects": [{"Key": name} for name in found], "Quiet": True}
    answer = s3.delete_objects(Bucket=bucket, Delete=given)
    if answer.get("Errors"):
        raise NotRemoved(f"{len(answer['Errors'])} of {len(found)} objects were kept")


def uploads(s3: Any, bucket: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Names and S3's ids of uploads in parts that are under way."""
    more: dict[str, str] = {}
    while True:
        page = s3.list_multipart_uploads(Bucket=bucket, Prefix=prefix, **more)
        for each in page.get("Uploads", []):
            yield each["Key"], each["UploadId"]
        if not page.get("IsTruncated"):
            return
        more = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}


def abort(s3: Any, bucket: str, name: str, upload_id: str) -> None:
    """Once more does no harm."""
    try:
        s3.abort_multipart_upload(Bucket=bucket, Key=name, UploadId=upload_id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise
