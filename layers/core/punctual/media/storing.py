"""A file whose size nobody knows before its end into the bucket: part after part, of which a few are held at a time."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Any

from punctual import objects
from punctual.media.library import Media
from punctual.media.uploads import PART_BYTES

_TYPE = "application/octet-stream"
"""Nobody has looked into it."""


class Storing:
    """`s3` is a boto3 client; `begun` is told S3's id of an upload in parts before its first part goes."""

    def __init__(self, s3: Any, bucket: str, part_bytes: int = PART_BYTES):
        self._s3 = s3
        self._bucket = bucket
        self._part_bytes = part_bytes

    def store(self, media: Media, pieces: Iterable[bytes], begun: Callable[[str], object]) -> int:
        """As what was received: whole, or not at all. How many bytes it has; 0: there was nothing to store."""
        parts = _parts(pieces, self._part_bytes)
        first = next(parts, b"")
        if len(first) == self._part_bytes:
            return self._in_parts(media, chain([first], parts), begun)
        if first:
            self._s3.put_object(Bucket=self._bucket, Key=media.received, Body=first, ContentType=_TYPE)
        return len(first)

    def end(self, media: Media, upload_id: str) -> None:
        """Parts that nobody joined are gone then."""
        objects.abort(self._s3, self._bucket, media.received, upload_id)

    def _in_parts(self, media: Media, parts: Iterator[bytes], begun: Callable[[str], object]) -> int:
        answer = self._s3.create_multipart_upload(Bucket=self._bucket, Key=media.received, ContentType=_TYPE)
        upload_id = str(answer["UploadId"])
        with ExitStack() as undone:
            undone.callback(self.end, media, upload_id)
            begun(upload_id)
            upload = self._upload(media, upload_id)
            joined: list[dict[str, Any]] = []
            size = 0
            for number, part in enumerate(parts, start=1):
                joined.append(self._part(upload, number, part))
                size += len(part)
            self._s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": joined})
            undone.pop_all()
        return size

    def _part(self, upload: dict[str, str], number: int, body: bytes) -> dict[str, Any]:
        return {"PartNumber": number, "ETag": self._s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}

    def _upload(self, media: Media, upload_id: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": media.received, "UploadId": upload_id}


def _parts(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """All of that size, but the last."""
    part = bytearray()
    for piece in pieces:
        part += piece
        while len(part) >= size:
            yield bytes(memoryview(part)[:size])
            del part[:size]
    if part:
        yield bytes(part)
