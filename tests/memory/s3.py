"""S3 in memory: one bucket, and what Punctual uses of it. `objects` may be looked at and filled."""

import io
import itertools
import re
import time
from collections.abc import Callable
from typing import Any

from tests.memory.s3_files import Filing
from tests.memory.s3_uploads import Upload, etag, refused

_PAGE = 1000


class MemoryS3(Filing):
    """A drop-in for boto3's client."""

    def __init__(self, bucket: str, page: int = _PAGE, clock: Callable[[], float] = time.time):
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.uploads: dict[str, Upload] = {}
        self.numbers = itertools.count(1)
        self.bucket = bucket
        self.page = page
        self.clock = clock

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        Body: bytes,  # noqa: N803
        ContentType: str = "",  # noqa: N803
        **_: str,
    ) -> dict[str, Any]:
        self.check(Bucket, "PutObject")
        self.objects[Key], self.types[Key] = bytes(Body), ContentType
        return {}

    def get_object(self, *, Bucket: str, Key: str, Range: str = "", IfMatch: str = "") -> dict[str, Any]:  # noqa: N803
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""
        self.check(Bucket, "GetObject")
        if Key not in self.objects:
            raise refused("NoSuchKey", 404, "GetObject")
        whole = self.objects[Key]
        if IfMatch not in ("", etag(whole)):
            raise refused("PreconditionFailed", 412, "GetObject")
        found = {"ETag": etag(whole), "Body": io.BytesIO(whole), "ContentLength": len(whole)}
        if not Range:
            return found
        first, last = (int(each) for each in re.findall(r"\d+", Range))
        if first >= len(whole):
            raise refused("InvalidRange", 416, "GetObject")
        part = whole[first : last + 1]
        where = f"bytes {first}-{first + len(part) - 1}/{len(whole)}"
        return {**found, "Body": io.BytesIO(part), "ContentLength": len(part), "ContentRange": where}

    def list_objects_v2(self, *, Bucket: str, Prefix: str, ContinuationToken: str = "") -> dict[str, Any]:  # noqa: N803
        self.check(Bucket, "ListObjectsV2")
        found = [key for key in sorted(self.objects) if key.startswith(Prefix) and key > ContinuationToken]
        page = found[: self.page]
        listed = {"Contents": [{"Key": key, "Size": len(self.objects[key])} for key in page]} if page else {}
        more = {"NextContinuationToken": page[-1]} if len(found) > self.page else {}
        return {**listed, **more, "IsTruncated": bool(more), "KeyCount": len(page)}

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        self.check(Bucket, "DeleteObjects")
        assert 1 <= len(Delete["Objects"]) <= _PAGE, "AWS takes no more, and not none"
        for each in Delete["Objects"]:
            self.objects.pop(each["Key"], None)
        return {}
