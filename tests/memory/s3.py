"""S3 in memory: one bucket, and what Punctual uses of it. `objects` may be looked at and filled."""

import hashlib
import io
import re
from typing import Any

from botocore.exceptions import ClientError

_PAGE = 1000


class MemoryS3:
    """A drop-in for boto3's client."""

    def __init__(self, bucket: str, page: int = _PAGE):
        self.objects: dict[str, bytes] = {}
        self._bucket = bucket
        self._page = page

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: str) -> dict[str, Any]:  # noqa: N803
        self._check(Bucket, "PutObject")
        self.objects[Key] = bytes(Body)
        return {}

    def get_object(self, *, Bucket: str, Key: str, Range: str = "", IfMatch: str = "") -> dict[str, Any]:  # noqa: N803
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""
        self._check(Bucket, "GetObject")
        if Key not in self.objects:
            raise _refused("NoSuchKey", 404, "GetObject")
        whole = self.objects[Key]
        etag = f'"{hashlib.md5(whole, usedforsecurity=False).hexdigest()}"'
        if IfMatch not in ("", etag):
            raise _refused("PreconditionFailed", 412, "GetObject")
        found = {"ETag": etag, "Body": io.BytesIO(whole), "ContentLength": len(whole)}
        if not Range:
            return found
        first, last = (int(each) for each in re.findall(r"\d+", Range))
        if first >= len(whole):
            raise _refused("InvalidRange", 416, "GetObject")
        part = whole[first : last + 1]
        where = f"bytes {first}-{first + len(part) - 1}/{len(whole)}"
        return {**found, "Body": io.BytesIO(part), "ContentLength": len(part), "ContentRange": where}

    def list_objects_v2(self, *, Bucket: str, Prefix: str, ContinuationToken: str = "") -> dict[str, Any]:  # noqa: N803
        self._check(Bucket, "ListObjectsV2")
        found = [key for key in sorted(self.objects) if key.startswith(Prefix) and key > ContinuationToken]
        page = found[: self._page]
        listed = {"Contents": [{"Key": key, "Size": len(self.objects[key])} for key in page]} if page else {}
        more = {"NextContinuationToken": page[-1]} if len(found) > self._page else {}
        return {**listed, **more, "IsTruncated": bool(more), "KeyCount": len(page)}

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        self._check(Bucket, "DeleteObjects")
        assert 1 <= len(Delete["Objects"]) <= _PAGE, "AWS takes no more, and not none"
        for each in Delete["Objects"]:
            self.objects.pop(each["Key"], None)
        return {}

    def generate_presigned_url(self, operation: str, *, Params: dict[str, str], ExpiresIn: int) -> str:  # noqa: N803
        assert operation == "get_object"
        return f"https://{Params['Bucket']}.s3.example/{Params['Key']}?X-Amz-Expires={ExpiresIn}&X-Amz-Signature=none"

    def _check(self, bucket: str, operation: str) -> None:
        if bucket != self._bucket:
            raise ClientError({"Error": {"Code": "NoSuchBucket", "Message": "NoSuchBucket"}}, operation)


def _refused(code: str, status: int, operation: str) -> ClientError:
    about = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(about, operation)  # type: ignore[arg-type]  # of what botocore's has, what is used
