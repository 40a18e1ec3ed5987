"""The blobs of a small PDS: uploaded, waiting for a record that refers to them, and gone if none does."""

import base64
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import httpx


class Blobs:
    """`held` are the bytes by CID; `let_go` is what a server does with those that no record names for too long."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.about: dict[str, dict[str, Any]] = {}

    def upload(self, request: httpx.Request) -> httpx.Response:
        if "Content-Length" not in request.headers:
            return failed(400, "InvalidRequest")
        return httpx.Response(200, json={"blob": self.store(request.content, request.headers["Content-Type"])})

    def store(self, data: bytes, kind: str) -> dict[str, Any]:
        link = cid(data, b"\x55")
        blob = {"$type": "blob", "ref": {"$link": link}, "mimeType": kind, "size": len(data)}
        self.held[link], self.about[link] = data, blob
        return blob

    def let_go(self) -> None:
        self.held.clear()

    def refusal(self, record: dict[str, Any]) -> httpx.Response | None:
        """What a record gets that names blobs which are not there, or as what they are not."""
        for blob in named(record):
            link = blob["ref"]["$link"]
            if link not in self.held:
                return failed(400, "BlobNotFound")
            if blob != self.about[link]:
                return failed(400, "InvalidMimeType")
        return None


def named(value: Any) -> Iterator[dict[str, Any]]:
    """Every blob in a record."""
    if isinstance(value, dict) and value.get("$type") == "blob":
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from named(each)


def cid(data: bytes, codec: bytes) -> str:
    return "b" + base64.b32encode(b"\x01" + codec + b"\x12\x20" + sha256(data).digest()).decode().rstrip("=").lower()


def failed(status: int, error: str, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": error, "message": "a sentence"}, headers=headers)
