"""What the routes of media take."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from edge.paged import Paged
from punctual.media.library import MediaStatus
from punctual.media.receiving import Declared
from punctual.media.uploads import MAX_BYTES
from punctual.media.wanting import MAX_ALT_TEXT
from punctual.problems import Fault, Invalid
from punctual.providers.media import SUFFIXES, MediaKind

MOST_PARTS = 100
"""That one request asks the URLs of."""
_ALSO = {"image/jpg": "image/jpeg", "image/heif": "image/heic", "application/x-pdf": "application/pdf"}
"""As some programs call them."""


def _known(given: str) -> str:
    kind = given.partition(";")[0].strip().lower()
    if kind.startswith("image/svg"):
        message = "drawings that can hold scripts (SVG) are not taken: export it as a PNG"
        raise PydanticCustomError("media.drawing", message)
    kind = _ALSO.get(kind, kind)
    if kind not in SUFFIXES:
        raise PydanticCustomError("media.content_type", "give one of {types}", {"types": ", ".join(SUFFIXES)})
    return kind


def _lower(given: str) -> str:
    return given.lower()


FileName = Annotated[str, Field(min_length=1, max_length=255)]
AltText = Annotated[str, Field(max_length=MAX_ALT_TEXT)]
ContentType = Annotated[str, Field(max_length=200), AfterValidator(_known)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$"), AfterValidator(_lower)]
PartNumber = Annotated[int, Field(strict=True, ge=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class NewMedia(_Strict):
    """A file to be uploaded (`content_type` and `bytes`), or to be imported (`url`)."""

    url: Annotated[str | None, Field(min_length=1, max_length=2000, repr=False)] = None
    """Where to fetch it from, once and at once; https."""
    content_type: ContentType | None = None
    """What the file is; a file that turns out to be something else is refused."""
    bytes: Annotated[int | None, Field(strict=True, ge=1, le=MAX_BYTES)] = None
    """Its size, to the byte."""
    sha256: Sha256 | None = None
    """Of its content, in hex: a file that arrives with another one is refused."""
    multipart: StrictBool = False
    """In parts, whatever its size; more than 100 MB always are."""
    file_name: FileName | None = Field(default=None, repr=False)
    """What people call it; nothing goes by it."""
    alt_text: AltText = Field(default="", repr=False)
    """What it shows; posts may say it otherwise."""

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        of_upload = {"content_type", "bytes", "sha256", "multipart"} & self.model_fields_set
        is_whole = self.content_type is not None and self.bytes is not None
        if is_whole == (self.url is not None) or (self.url is not None and of_upload):
            message = "give content_type and bytes of a file to be uploaded, or the url of one to be imported"
            raise PydanticCustomError("media.one_source", message)
        return self

    def declared(self) -> Declared:
        return Declared(
            type=self.content_type or "",
            bytes=self.bytes or 0,
            sha256=self.sha256,
            file_name=self.file_name,
            alt_text=self.alt_text,
            in_parts=self.multipart,
        )

    def source(self, *, allow_private: bool) -> str:
        """Its host is looked at by whoever fetches it. Raises Invalid."""
        url = self.url or ""
        if not _is_fetchable(url, ("https", "http") if allow_private else ("https",)):
            message = "Give an https URL on a public host, without a password in it."
            raise Invalid([Fault(param="/url", rule="media.url", message=message)])
        return url


def _is_fetchable(url: str, schemes: Sequence[str]) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and "@" not in parts.netloc


class MediaChange(_Strict):
    """Omitted is unchanged; null clears."""

    file_name: FileName | None = Field(default=None, repr=False)
    alt_text: AltText | None = Field(default=None, repr=False)
    """Posts that say nothing of their own have it from when they are next written or changed."""

    def given(self) -> dict[str, str | None]:
        found = {name: getattr(self, name) for name in self.model_fields_set}
        return found if found.get("alt_text", "") is not None else {**found, "alt_text": ""}


class MediaQuery(Paged):
    status: MediaStatus | None = None
    kind: MediaKind | None = None
    """Of those that were probed."""
    order: Literal["asc", "desc"] = "asc"
    """By when they were made."""


class PartsWanted(_Strict):
    numbers: Annotated[tuple[PartNumber, ...], Field(min_length=1, max_length=MOST_PARTS)]
    """From 1 on, in any order; those that were asked for before, too."""
