"""Uploads go straight to the bucket: with one form, or in parts that can be sent again and in any order.

What may be written is signed with its exact size, its type and its place. Nothing that was uploaded is believed before
it was counted here, and nothing of it is served before it was probed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from punctual import objects
from punctual.clock import Now
from punctual.media.library import Media

MAX_BYTES = 5 * 2**30
FORM_BYTES = 100_000_000
"""More comes in parts: a form that breaks off begins anew."""
PART_BYTES = 16 * 2**20
"""320 parts at most; S3 takes none below 5 MiB but the last, and not more than 10,000."""
FORM_LASTS = timedelta(hours=1)
"""Until it begins. It ends earlier where the credentials that signed it do, and AWS does not say when that is; so parts
are signed anew whenever somebody asks, and forms for the same Idempotency-Key:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html#PresignedUrl-Expiration"""
PARTS_LAST = timedelta(days=1)
"""The bucket's rule ends uploads in parts after two."""
SHOWN_FOR = timedelta(minutes=15)
_NOT_THERE = frozenset({"403", "404", "AccessDenied", "NoSuchKey"})
"""Who may not list a bucket is told 403 of an object that is not there:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html"""


@dataclass(frozen=True, kw_only=True)
class Form:
    """To be posted as multipart/form-data: the fields, then the file as `file`."""

    url: str
    fields: Mapping[str, str] = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class PartUrl:
    """To be PUT: exactly so many bytes."""

    number: int
    bytes: int
    url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class PartThere:
    number: int
    bytes: int
    etag: str


class Uploads:
    """`s3` is a boto3 client."""

    def __init__(self, s3: Any, bucket: str, now: Now):
        self._s3 = s3
        self._bucket = bucket
        self._now = now

    def form(self, media: Media) -> Form:
        """Good for an hour, also once the media is complete: what it writes then nobody looks at."""
        size, kind = media.declared_bytes or 0, media.declared_type or ""
        signed = self._s3.generate_presigned_post(
            Bucket=self._bucket,
            Key=media.received,
            Fields={"Content-Type": kind},
            Conditions=[["content-length-range", size, size], {"Content-Type": kind}],
            ExpiresIn=int(FORM_LASTS.total_seconds()),
        )
        return Form(url=signed["url"], fields=signed["fields"], expires_at=self._now() + FORM_LASTS)

    def begin_parts(self, media: Media) -> str:
        """S3's id of an upload in parts; that of one that nobody goes on with, the bucket's rule ends."""
        begun = self._s3.create_multipart_upload(
            Bucket=self._bucket, Key=media.received, ContentType=media.declared_type or ""
        )
        return str(begun["UploadId"])

    def part_urls(self, media: Media, numbers: Sequence[int]) -> list[PartUrl]:
        until = self._now() + FORM_LASTS
        return [
            PartUrl(number=each, bytes=part_size(media, each), url=self._part_url(media, each), expires_at=until)
            for each in numbers
        ]

    def parts_there(self, media: Media) -> list[PartThere] | None:
        """In their order; None: the upload is over, completed or ended."""
        found: list[PartThere] = []
        more: dict[str, Any] = {}
        while True:
            try:
                page = self._s3.list_parts(**self._upload(media), **more)
            except ClientError as error:
                if error.response["Error"]["Code"] == "NoSuchUpload":
                    return None
                raise
            found += [
                PartThere(number=int(each["PartNumber"]), bytes=int(each["Size"]), etag=each["ETag"])
                for each in page.get("Parts", [])
            ]
            if not page.get("IsTruncated"):
                return found
            more = {"PartNumberMarker": page["NextPartNumberMarker"]}

    def join(self, media: Media, parts: Sequence[PartThere]) -> None:
        """One object of all parts. Where it was joined by somebody else at the same moment, that is as good; where a
        part was sent again meanwhile, there is none."""
        joined = {"Parts": [{"PartNumber": each.number, "ETag": each.etag} for each in parts]}
        try:
            self._s3.complete_multipart_upload(**self._upload(media), MultipartUpload=joined)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchUpload", "InvalidPart"):
                raise

    def end_parts(self, media: Media) -> None:
        """Parts that nobody joined are gone then."""
        objects.abort(self._s3, self._bucket, media.received, media.upload_id or "")

    def size(self, media: Media) -> int | None:
        """Of what was received; None: it is not there."""
        try:
            return int(self._s3.head_object(Bucket=self._bucket, Key=media.received)["ContentLength"])
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                return None
            raise

    def shown(self, path: str, type: str) -> str:  # noqa: A002 - MIME's word
        """For people's eyes, for a quarter of an hour."""
        given = {"Bucket": self._bucket, "Key": path, "ResponseContentType": type}
        url: str = self._s3.generate_presigned_url("get_object", Params=given, ExpiresIn=int(SHOWN_FOR.total_seconds()))
        return url

    def _part_url(self, media: Media, number: int) -> str:
        given = {**self._upload(media), "PartNumber": number, "ContentLength": part_size(media, number)}
        lasts = int(FORM_LASTS.total_seconds())
        url: str = self._s3.generate_presigned_url("upload_part", Params=given, ExpiresIn=lasts)
        return url

    def _upload(self, media: Media) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": media.received, "UploadId": media.upload_id or ""}


def part_count(media: Media) -> int:
    return -(-(media.declared_bytes or 0) // PART_BYTES)


def part_size(media: Media, number: int) -> int:
    """The last one is shorter."""
    return min(PART_BYTES, (media.declared_bytes or 0) - (number - 1) * PART_BYTES)


def whole(media: Media, parts: Sequence[PartThere]) -> tuple[list[PartThere], list[int]]:
    """Those that are there in full, and the numbers that are missing."""
    full = [each for each in parts if each.number <= part_count(media) and each.bytes == part_size(media, each.number)]
    there = {each.number for each in full}
    return full, [number for number in range(1, part_count(media) + 1) if number not in there]
