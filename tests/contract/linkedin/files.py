"""Images, videos and documents: a session, the bytes (of a video in parts that LinkedIn dictates), and a while of work.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api, videos-api, documents-api
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.contract.linkedin.logins import Allowed
from tests.contract.linkedin.refusals import refused

SITE = "https://www.linkedin.com"
DOCUMENT_BYTES = 100_000_000
_PATHS = {"image": "uploaded-image/0", "video": "uploadedVideo", "document": "ads-uploadedDocument/0"}


@dataclass(kw_only=True)
class Asset:
    """`parts` are the bytes that came, by the first one's place; `etags` what each was answered."""

    kind: str
    urn: str
    owner: str
    ends_at: datetime
    size: int = 0
    token: str = ""
    parts: dict[int, bytes] = field(default_factory=dict)
    etags: dict[int, str] = field(default_factory=dict)
    uploaded_at: datetime | None = None
    fails: bool = False

    @property
    def content(self) -> bytes:
        return b"".join(self.parts[first] for first in sorted(self.parts))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an upload URL leads."""

    asset: Asset
    first: int
    last: int | None = None


class Files:
    """`spoils`: what is uploaded from now on cannot be processed; `processing_seconds`: how long the rest takes."""

    part_bytes = 4_194_304
    largest_video = 500_000_000
    session_days = 30

    def __init__(self, now: Callable[[], datetime]):
        self.now = now
        self.processing_seconds = 0
        self.spoils = False
        self.assets: dict[str, Asset] = {}
        self.places: dict[str, Place] = {}

    def begin(self, kind: str, asked: dict[str, Any]) -> httpx.Response:
        ends_at = self.now() + timedelta(days=self.session_days)
        letter = {"image": "E", "video": "F", "document": "D"}[kind]
        urn = f"urn:li:{kind}:C5{letter}10AQ{secrets.token_urlsafe(12)}"
        asset = self.assets[urn] = Asset(kind=kind, urn=urn, owner=asked["owner"], ends_at=ends_at)
        expires_at = int(ends_at.timestamp() * 1000)
        if kind != "video":
            value = {"uploadUrlExpiresAt": expires_at, "uploadUrl": self._url(Place(asset=asset, first=0)), kind: urn}
            return httpx.Response(200, json={"value": value})
        asset.size = asked["fileSizeBytes"]
        if asset.size > self.largest_video:
            raise refused(400, "FILE_SIZE_TOO_LARGE", "The file is too large")
        parts = [self._part(asset, first) for first in range(0, asset.size, self.part_bytes)]
        asset.token = secrets.token_urlsafe(30) if len(parts) > 1 else ""
        value = {"uploadUrlsExpireAt": expires_at, "video": urn, "uploadInstructions": parts}
        return httpx.Response(200, json={"value": value | {"uploadToken": asset.token}})

    def _part(self, asset: Asset, first: int) -> dict[str, Any]:
        last = min(first + self.part_bytes, asset.size) - 1
        url = self._url(Place(asset=asset, first=first, last=last))
        return {"uploadUrl": url, "lastByte": last, "firstByte": first}

    def _url(self, place: Place) -> str:
        key = place.asset.urn.rpartition(":")[2]
        query = f"ca=vector&app=1953784&m={secrets.token_urlsafe(40)}&ut={secrets.token_urlsafe(8)}"
        target = f"/dms-uploads/{key}/{_PATHS[place.asset.kind]}?{query}"
        self.places[target] = place
        return f"{SITE}{target}"

    def put(self, request: httpx.Request, allowed: Callable[[], Allowed]) -> httpx.Response:
        """The URL has to be used as it was given; an image's needs the member's token, a video's takes none."""
        place = self.places.get(request.url.raw_path.decode())
        if place is None:
            raise refused(403, "INVALID_UPLOAD_URL", "Invalid upload URL")
        asset = place.asset
        if asset.ends_at <= self.now():
            raise refused(400, "EXPIRED_UPLOAD_URL", f"The {asset.kind} upload URL is expired")
        if asset.kind == "video":
            return self._keep_part(request, place)
        if asset.kind == "image" or "Authorization" in request.headers:
            allowed()
        if not request.content or (asset.kind == "document" and len(request.content) > DOCUMENT_BYTES):
            raise refused(413, "REQUEST_ENTITY_TOO_LARGE", "The file has a size that is not taken")
        asset.parts = {0: request.content}
        self._work_on(asset)
        return httpx.Response(201)

    def _keep_part(self, request: httpx.Request, place: Place) -> httpx.Response:
        if "Authorization" in request.headers:
            raise refused(401, "UNAUTHORIZED", "This call takes no OAuth token")
        if place.last is None or len(request.content) != place.last - place.first + 1:
            raise refused(400, "INVALID_CONTENT_LENGTH", "The part is not of the bytes that it was asked for")
        etag = f"/ambry-video/signedId/{secrets.token_urlsafe(24)}"
        place.asset.parts[place.first], place.asset.etags[place.first] = request.content, etag
        return httpx.Response(200, headers={"ETag": etag})

    def finish(self, asked: dict[str, Any]) -> httpx.Response:
        asset = self.assets.get(asked["video"])
        if asset is None:
            raise refused(400, "INVALID_VIDEO_ID", "This Video ID is invalid")
        if asset.uploaded_at is None and asset.ends_at <= self.now():
            raise refused(400, "EXPIRED_UPLOAD_URL", "The Video upload URL is expired")
        if sum(map(len, asset.parts.values())) != asset.size:
            raise refused(400, "MEDIA_ASSET_WAITING_UPLOAD", "Media asset is waiting upload")
        in_order = [asset.etags[first] for first in sorted(asset.etags)]
        if asked["uploadToken"] != asset.token or asked["uploadedPartIds"] != in_order:
            raise refused(400, "INVALID_VALUE_FOR_FIELD", "The uploaded parts are not those of the session")
        if asset.uploaded_at is None:
            self._work_on(asset)
        return httpx.Response(200)

    def _work_on(self, asset: Asset) -> None:
        asset.uploaded_at, asset.fails = self.now(), self.spoils

    def status(self, urn: str) -> str:
        asset = self.assets[urn]
        if asset.uploaded_at is None:
            return "WAITING_UPLOAD"
        if asset.uploaded_at + timedelta(seconds=self.processing_seconds) > self.now():
            return "PROCESSING"
        return "PROCESSING_FAILED" if asset.fails else "AVAILABLE"

    def shown(self, urn: str) -> httpx.Response:
        asset = self.assets[urn]
        status = self.status(urn)
        body: dict[str, Any] = {"id": urn, "owner": asset.owner, "status": status}
        if status == "AVAILABLE":
            body["downloadUrl"] = f"https://media.licdn.com/dms/{asset.kind}/{secrets.token_urlsafe(12)}"
        elif status == "PROCESSING_FAILED":
            body["processingFailureReason"] = "Unsupported file format"
        return httpx.Response(200, json=body)

    def usable(self, urn: str, author: str) -> Asset:
        """To be posted by that author. An image may still be worked on: members cannot ask how it does."""
        asset = self.assets.get(urn)
        if asset is None:
            raise refused(400, "INVALID_URN_ID", "This URN Id is invalid")
        if asset.owner != author:
            raise refused(400, "INVALID_CONTENT_OWNERSHIP", "The content belongs to another owner")
        status = self.status(urn)
        if status == "PROCESSING_FAILED":
            raise refused(400, "MEDIA_ASSET_PROCESSING_FAILED", "Media asset failed processing")
        if status == "WAITING_UPLOAD" or (status == "PROCESSING" and asset.kind != "image"):
            raise refused(400, "MEDIA_ASSET_WAITING_UPLOAD", "Media asset is waiting upload")
        return asset
