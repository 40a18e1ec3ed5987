"""Bytes in the bucket, below `sandbox/`."""

from typing import Any, Protocol

from sandbox.errors import Refusal


class Storage(Protocol):
    def put(self, name: str, content: bytes) -> None: ...

    def get(self, name: str) -> bytes: ...


class Bucket:
    """`s3` is a boto3 client."""

    def __init__(self, s3: Any, bucket: str):
        self._s3 = s3
        self._bucket = bucket

    def put(self, name: str, content: bytes) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=f"sandbox/{name}", Body=content)

    def get(self, name: str) -> bytes:
        found: bytes = self._s3.get_object(Bucket=self._bucket, Key=f"sandbox/{name}")["Body"].read()
        return found


class Nowhere:
    """Of a network that has no bucket."""

    def put(self, name: str, content: bytes) -> None:
        raise Refusal(501, "no_storage", "This network has nowhere to keep files.")

    def get(self, name: str) -> bytes:
        raise Refusal(501, "no_storage", "This network has nowhere to keep files.")
