"""Of S3 in memory: whole files from and to a disk, and what else is there."""

# ruff: noqa: N803 - boto3's names

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.memory.s3_uploads import Uploading


class Filing(Uploading):
    """As boto3 adds it to its client: https://docs.aws.amazon.com/boto3/latest/guide/s3.html"""

    def download_file(self, *, Bucket: str, Key: str, Filename: str) -> None:
        self.head_object(Bucket=Bucket, Key=Key)
        Path(Filename).write_bytes(self.objects[Key])

    def upload_file(self, *, Filename: str, Bucket: str, Key: str, ExtraArgs: Mapping[str, str]) -> None:
        self.check(Bucket, "PutObject")
        self._store(Key, Path(Filename).read_bytes(), ExtraArgs["ContentType"])

    def delete_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        self.check(Bucket, "DeleteObject")
        self.objects.pop(Key, None)
        return {}

    def list_multipart_uploads(self, *, Bucket: str, Prefix: str, **_: str) -> dict[str, Any]:
        """One page: they are few here."""
        self.check(Bucket, "ListMultipartUploads")
        found = [{"Key": each.key, "UploadId": upload_id} for upload_id, each in self.uploads.items()]
        return {"Uploads": [each for each in found if each["Key"].startswith(Prefix)], "IsTruncated": False}
