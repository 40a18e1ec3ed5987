"""Files: what LinkedIn takes, and how it is given them.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api and …/videos-api

Upload addresses let whoever has them write: they are kept while they are needed, and said nowhere.
"""

import zlib
from base64 import b85decode, b85encode
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import httpx

from punctual.linkedin_api.posts import encoded
from punctual.linkedin_api.settings import PageSettings
from punctual.providers.base import Grant, answer
from punctual.providers.feeding import Part, Upload, UploadLost
from punctual.providers.media import NO_MEDIA, Attachment, DocumentRules, ImageRules, MediaRules, VideoRules
from punctual.providers.outcomes import Processing, Rejected, RetryLater
from punctual.providers.posting import PartKind

# Pixels and descriptions: the Images API's page; the rest: https://www.ayrshare.com/docs/media-guidelines/linkedin
_PICTURES: dict[str, int] = {"max_bytes": 5_000_000, "max_pixels": 36_152_319}
RULES = MediaRules(
    image=ImageRules(types=("image/jpeg", "image/png"), **_PICTURES),
    animation=ImageRules(types=("image/gif",), max_frames=250, **_PICTURES),
    video=VideoRules(
        types=("video/mp4",),
        video_codecs=("h264",),
        audio_codecs=("aac",),
        max_bytes=500_000_000,
        min_seconds=3,
        max_seconds=30 * 60,
        min_ratio=1 / 2.4,
        max_ratio=2.4,
    ),
    document=DocumentRules(max_bytes=100_000_000, max_pages=300),
    max_images=20,
    max_items=20,
    max_alt_text=4086,
    video_seconds=120,
)
THUMBNAIL = MediaRules(image=RULES.image)
_LARGE_FILE_SECONDS = 40.0
"""Of one request that carries a file, or a part of one, of many megabytes."""
_GONE = (403, 404, 410)
_NOT_TAKEN = (400, 413, 415, 422)
_EXPIRED = "EXPIRED_UPLOAD_URL"


def rules(settings: PageSettings, kind: PartKind) -> MediaRules:
    """Comments are text alone here, as polls and reshares carry no files; an article's one picture is its thumbnail."""
    if kind != "post" or settings.poll or settings.reshare_of:
        return NO_MEDIA
    return THUMBNAIL if settings.article else RULES


class Rest(Protocol):
    """The provider, as far as uploads need it."""

    def rest(self, method: str, path: str, grant: Grant, **content: Any) -> httpx.Response: ...

    def call(self, method: str, url: str, *, grant: Grant | None = None, **content: Any) -> httpx.Response: ...


class AssetUpload(Upload):
    """In one request; posts call the file by its URN."""

    is_processed = True
    is_proven = True
    """Whether the file's own address wants our token."""
    noun = "image"

    def __init__(self, attachment: Attachment, provider: Rest, grant: Grant, owner: str):
        super().__init__(attachment)
        self.part_seconds = _LARGE_FILE_SECONDS if attachment.kind != "image" else None
        self._provider = provider
        self._grant = grant
        self._owner = owner

    def begin(self) -> Mapping[str, Any]:
        value = self._act("initializeUpload", owner=self._owner)
        return {"urn": _text(value, self.noun), "url": _address(_text(value, "uploadUrl"))}

    def send(self, handle: Mapping[str, Any], part: Part) -> Any:
        self._put(handle["url"], part)

    def finish(self, handle: Mapping[str, Any], results: Sequence[Any]) -> Any:
        return handle["urn"]

    def settled(self, media_id: Any) -> Any:
        match self._status(media_id):
            case "AVAILABLE" | None:
                return media_id
            case "PROCESSING_FAILED":
                raise Rejected("LinkedIn could make nothing of a file of this post.", code="media_refused")
        raise Processing("LinkedIn is still working on a file.")

    def _status(self, urn: str) -> str | None:
        """None where it does not let us ask, as of some members' files: then its answer to the post says it."""
        try:
            told = answer(self._provider.rest("GET", f"{self.noun}s/{encoded(urn)}", self._grant)).get("status")
        except Rejected as error:
            if error.status == 403:
                return None
            if error.status == 404:
                raise UploadLost() from error
            raise
        return str(told)

    def _act(self, action: str, **request: Any) -> Mapping[str, Any]:
        body = {f"{action}Request": request}
        response = self._provider.rest("POST", f"{self.noun}s", self._grant, params={"action": action}, json=body)
        value = answer(response).get("value") if response.content else None
        return value if isinstance(value, Mapping) else {}

    def _put(self, url: str, part: Part) -> httpx.Response:
        try:
            return self._provider.call(
                "PUT",
                url,
                grant=self._grant if self.is_proven and _is_linkedins(url) else None,
                headers={"Content-Type": "application/octet-stream", "Content-Length": str(part.end - part.start)},
                content=part.file(),
                seconds=self.part_seconds,
            )
        except Rejected as error:
            if error.status in _GONE or error.platform_code == _EXPIRED:
                raise UploadLost() from error
            if error.status in _NOT_TAKEN:
                sentence = "LinkedIn does not take a file of this post: it may be too large, or of another kind."
                raise Rejected(sentence, code="media_refused", status=error.status) from error
            raise


class DocumentUpload(AssetUpload):
    """https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/documents-api"""

    noun = "document"


class VideoUpload(AssetUpload):
    """In parts that LinkedIn cuts, each named by the ETag of its answer.

    Their addresses, some hundred of half a line each, are kept packed: they are written again with every part.
    """

    noun = "video"
    is_proven = False
    # Its addresses take no token:
    # https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/vector-asset-api

    def begin(self) -> Mapping[str, Any]:
        size = self.attachment.bytes
        value = self._act(
            "initializeUpload", owner=self._owner, fileSizeBytes=size, uploadCaptions=False, uploadThumbnail=False
        )
        ends, urls = _instructions(value.get("uploadInstructions"), size)
        # The token may be empty, and is sent back all the same.
        token = str(value.get("uploadToken") or "")
        return {"urn": _text(value, "video"), "token": token, "ends": ends, "urls": packed(urls)}

    def end_of(self, handle: Mapping[str, Any], start: int) -> int:
        return int(next((end for end in handle["ends"] if end > start), self.attachment.bytes))

    def send(self, handle: Mapping[str, Any], part: Part) -> Any:
        place = [int(end) for end in handle["ends"]].index(part.end)
        etag = self._put(unpacked(handle["urls"])[place], part).headers.get("ETag")
        if not etag:
            raise _unreadable()
        return etag

    def finish(self, handle: Mapping[str, Any], results: Sequence[Any]) -> Any:
        urn = handle["urn"]
        try:
            self._act("finalizeUpload", video=urn, uploadToken=handle["token"], uploadedPartIds=list(results))
        except Rejected as error:
            if error.status == 403:
                raise
            if self._status(urn) in (None, "WAITING_UPLOAD"):  # else it was finalized, and the answer was lost
                raise UploadLost() from error
        return urn


def _is_linkedins(url: str) -> bool:
    """Our token goes nowhere else, wherever an answer sends us."""
    host = httpx.URL(url).host
    return host == "linkedin.com" or host.endswith(".linkedin.com")


def _address(given: str) -> str:
    """Raises RetryLater for one that no request can be sent to."""
    try:
        found = httpx.URL(given)
        is_whole = found.scheme in ("https", "http") and found.host
    except (httpx.InvalidURL, UnicodeError):  # of a name that says to be Punycode, and is not
        raise _unreadable() from None
    if not is_whole:
        raise _unreadable()
    return given


def upload_of(attachment: Attachment, provider: Rest, grant: Grant, owner: str) -> Upload:
    of_kind = {"video": VideoUpload, "document": DocumentUpload}
    return of_kind.get(attachment.kind, AssetUpload)(attachment, provider, grant, owner)


def packed(urls: Sequence[str]) -> str:
    return b85encode(zlib.compress("\n".join(urls).encode(), 9)).decode()


def unpacked(kept: str) -> list[str]:
    return zlib.decompress(b85decode(kept)).decode().split("\n")


def _instructions(given: Any, size: int) -> tuple[list[int], list[str]]:
    """Where each part ends, and where it goes: all of the file, in order. `lastByte` is the part's own."""
    ends, urls = [0], []
    told = filter(_is_instruction, given if isinstance(given, list) else ())
    for each in sorted(told, key=lambda one: int(one["firstByte"])):
        if each["firstByte"] != ends[-1]:
            raise _unreadable()
        ends.append(min(each["lastByte"] + 1, size))
        urls.append(_address(each["uploadUrl"]))
    if ends[-1] != size:
        raise _unreadable()
    return ends[1:], urls


def _is_instruction(given: Any) -> bool:
    match given:
        case {"uploadUrl": str(), "firstByte": int(), "lastByte": int()}:
            return True
    return False


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    if not isinstance(found, str) or not found:
        raise _unreadable()
    return found


def _unreadable() -> RetryLater:
    return RetryLater("LinkedIn's answer could not be read.", code="unreadable_answer")
