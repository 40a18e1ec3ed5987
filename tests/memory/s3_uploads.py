"""Of S3 in memory: uploads in parts, and what others do with what was signed for them."""

# ruff: noqa: N803 - boto3's names

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from botocore.exceptions import ClientError

from tests.memory import s3_signing
from tests.memory.s3_signing import Refused

MOST_PARTS = 10_000
LEAST_PART = 5 * 2**20
"""Of all parts but the last: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""


@dataclass
class Upload:
    key: str
    type: str
    parts: dict[int, bytes] = field(default_factory=dict)


class Uploading:
    """What `MemoryS3` has of it. `answer` is an `httpx.MockTransport` handler, the bucket's own host."""

    bucket: str
    objects: dict[str, bytes]
    types: dict[str, str]
    uploads: dict[str, Upload]
    clock: Callable[[], float]
    page: int
    numbers: Iterator[int]

    @property
    def host(self) -> str:
        return f"{self.bucket.lower()}.s3.example"

    def check(self, bucket: str, operation: str) -> None:
        if bucket != self.bucket:
            raise refused("NoSuchBucket", 404, operation)

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        self.check(Bucket, "HeadObject")
        if Key not in self.objects:
            raise refused("404", 404, "HeadObject")
        found = self.objects[Key]
        return {"ContentLength": len(found), "ContentType": self.types.get(Key, ""), "ETag": etag(found)}

    def create_multipart_upload(self, *, Bucket: str, Key: str, ContentType: str) -> dict[str, str]:
        self.check(Bucket, "CreateMultipartUpload")
        upload_id = f"upload-{next(self.numbers)}"
        self.uploads[upload_id] = Upload(Key, ContentType)
        return {"Bucket": Bucket, "Key": Key, "UploadId": upload_id}

    def upload_part(
        self,
        *,
        Bucket: str,
        Key: str,
        UploadId: str,
        PartNumber: int,
        Body: bytes,
    ) -> dict[str, str]:
        self.check(Bucket, "UploadPart")
        assert 1 <= PartNumber <= MOST_PARTS
        self._upload(Key, UploadId, "UploadPart").parts[PartNumber] = bytes(Body)
        return {"ETag": etag(Body)}

    def list_parts(
        self,
        *,
        Bucket: str,
        Key: str,
        UploadId: str,
        PartNumberMarker: int = 0,
    ) -> dict[str, Any]:
        self.check(Bucket, "ListParts")
        there = sorted(self._upload(Key, UploadId, "ListParts").parts.items())
        left = [
            {"PartNumber": number, "Size": len(body), "ETag": etag(body)}
            for number, body in there
            if number > PartNumberMarker
        ]
        listed = {"Parts": left[: self.page]} if left else {}
        more = {"NextPartNumberMarker": left[self.page - 1]["PartNumber"]} if len(left) > self.page else {}
        return {**listed, **more, "IsTruncated": bool(more)}

    def complete_multipart_upload(
        self,
        *,
        Bucket: str,
        Key: str,
        UploadId: str,
        MultipartUpload: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> dict[str, str]:
        operation = "CompleteMultipartUpload"
        self.check(Bucket, operation)
        upload, wanted = self._upload(Key, UploadId, operation), MultipartUpload["Parts"]
        if not wanted:
            raise refused("MalformedXML", 400, operation)
        numbers = [each["PartNumber"] for each in wanted]
        if numbers != sorted(set(numbers)):
            raise refused("InvalidPartOrder", 400, operation)
        if any(each["PartNumber"] not in upload.parts for each in wanted):
            raise refused("InvalidPart", 400, operation)
        if any(each["ETag"] != etag(upload.parts[each["PartNumber"]]) for each in wanted):
            raise refused("InvalidPart", 400, operation)
        if any(len(upload.parts[number]) < LEAST_PART for number in numbers[:-1]):
            raise refused("EntityTooSmall", 400, operation)
        self._store(Key, b"".join(upload.parts[number] for number in numbers), upload.type)
        del self.uploads[UploadId]
        return {"Bucket": Bucket, "Key": Key}

    def abort_multipart_upload(self, *, Bucket: str, Key: str, UploadId: str) -> dict[str, Any]:
        self.check(Bucket, "AbortMultipartUpload")
        self._upload(Key, UploadId, "AbortMultipartUpload")
        del self.uploads[UploadId]
        return {}

    def generate_presigned_post(
        self,
        *,
        Bucket: str,
        Key: str,
        Fields: Mapping[str, str],
        Conditions: Sequence[Any],
        ExpiresIn: int,
    ) -> dict[str, Any]:
        self.check(Bucket, "PostObject")
        fields = s3_signing.policy(Bucket, Key, Fields, Conditions, self._ends(ExpiresIn))
        return {"url": f"https://{self.host}/", "fields": fields}

    def generate_presigned_url(
        self,
        operation: str,
        *,
        Params: Mapping[str, Any],
        ExpiresIn: int,
    ) -> str:
        given = dict(Params)
        self.check(given.pop("Bucket"), operation)
        key, dated = given.pop("Key"), self._ends(ExpiresIn) - ExpiresIn
        if operation == "get_object":
            kind = given.pop("ResponseContentType", None)
            assert not given, f"unknown here: {given}"
            params = {"response-content-type": kind} if kind else {}
            return s3_signing.url(self.host, key, "GET", dated, ExpiresIn, {}, **params)
        assert operation == "upload_part"
        number, upload_id = given.pop("PartNumber"), given.pop("UploadId")
        headers = {"content-length": given.pop("ContentLength")}
        assert not given, f"unknown here: {given}"
        return s3_signing.url(self.host, key, "PUT", dated, ExpiresIn, headers, uploadId=upload_id, partNumber=number)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """As S3 does to whoever comes with what was signed."""
        key = request.url.path.lstrip("/")
        try:
            if request.method == "POST":
                return self._posted(request)
            query = request.url.query.decode()
            given = s3_signing.checked(request.method, key, query, self.clock(), request.headers)
            return self._put(key, given, request.read()) if request.method == "PUT" else self._got(key, given, request)
        except Refused as error:
            return httpx.Response(error.status, text=f"<Error><Code>{error.code}</Code></Error>")
        except ClientError as error:
            about: Any = error.response
            status = about["ResponseMetadata"]["HTTPStatusCode"]
            return httpx.Response(status, text=f"<Error><Code>{about['Error']['Code']}</Code></Error>")

    def _posted(self, request: httpx.Request) -> httpx.Response:
        fields, file = s3_signing.form(request.headers["content-type"], request.read())
        s3_signing.check_form(self.bucket, fields, len(file), self.clock())
        self._store(fields["key"], file, fields["Content-Type"])
        return httpx.Response(204, headers={"ETag": etag(file)})

    def _put(self, key: str, given: Mapping[str, str], body: bytes) -> httpx.Response:
        put = self.upload_part(
            Bucket=self.bucket, Key=key, UploadId=given["uploadId"], PartNumber=int(given["partNumber"]), Body=body
        )
        return httpx.Response(200, headers=put)

    def _got(self, key: str, given: Mapping[str, str], request: httpx.Request) -> httpx.Response:
        client: Any = self
        ranged = {"Range": request.headers["range"]} if "range" in request.headers else {}
        found = client.get_object(Bucket=self.bucket, Key=key, **ranged)
        kind = given.get("response-content-type") or self.types.get(key, "binary/octet-stream")
        headers = {"Content-Type": kind, "ETag": found["ETag"]}
        if "ContentRange" in found:
            headers["Content-Range"] = found["ContentRange"]
        return httpx.Response(206 if ranged else 200, headers=headers, content=found["Body"].read())

    def _upload(self, key: str, upload_id: str, operation: str) -> Upload:
        found = self.uploads.get(upload_id)
        if found is None or found.key != key:
            raise refused("NoSuchUpload", 404, operation)
        return found

    def _store(self, key: str, body: bytes, type: str) -> None:  # noqa: A002
        self.objects[key], self.types[key] = body, type

    def _ends(self, seconds: int) -> float:
        assert isinstance(seconds, int)
        assert 1 <= seconds <= s3_signing.LONGEST_SECONDS
        return self.clock() + seconds


def etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def refused(code: str, status: int, operation: str) -> ClientError:
    about = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(about, operation)  # type: ignore[arg-type]  # of what botocore's has, what is used
