"""Containers of Threads: made, worked on, published once, gone after a day."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.contract.meta.asked import flag, known, structure
from tests.contract.meta.graph_refusals import bad_parameter
from tests.contract.meta.refusals import Refused
from tests.contract.threads.counting import length

LIVES = timedelta(hours=24)
MEDIA_TYPES = ("TEXT", "IMAGE", "VIDEO", "CAROUSEL")
REPLY_CONTROLS = ("everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only")
OF_ALL = {"media_type", "text", "reply_control", "reply_to_id", "quote_post_id", "topic_tag", "location_id"}
OF_TEXT = {"link_attachment", "poll_attachment", "text_attachment", "gif_attachment", "auto_publish_text"}
OF_ALL |= {"text_entities", "alt_text", "is_carousel_item"}
TAKES = {
    "TEXT": frozenset(OF_ALL | OF_TEXT | {"is_ghost_post"}),
    "IMAGE": frozenset(OF_ALL | {"image_url", "is_spoiler_media"}),
    "VIDEO": frozenset(OF_ALL | {"video_url", "is_spoiler_media"}),
    "CAROUSEL": frozenset(OF_ALL | {"children", "is_spoiler_media"}),
}
OTHER_PICTURES = (b"GIF8", b"RIFF", b"BM")
LINK = re.compile(r"https?://[^\s]+")
NOT_THERE = "The requested resource does not exist"


@dataclass(kw_only=True)
class Container:
    id: str
    made_at: datetime
    ready_at: datetime
    asked: dict[str, str]
    media: tuple[str, ...] = ()
    alt_texts: tuple[str, ...] = ()
    spoiled: str = ""
    """The `error_message` that it ends with."""
    published_as: str = ""
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def is_item(self) -> bool:
        return self.asked.get("is_carousel_item") == "true"

    @property
    def kind(self) -> str:
        if self.asked["media_type"] != "TEXT":
            return {"IMAGE": "image", "VIDEO": "video", "CAROUSEL": "images"}[self.asked["media_type"]]
        if "poll_attachment" in self.asked:
            return "poll"
        return "link" if "link_attachment" in self.asked else "text"

    def status(self, now: datetime) -> str:
        if self.published_as:
            return "PUBLISHED"
        if now - self.made_at >= LIVES:
            return "EXPIRED"
        if now < self.ready_at:
            return "IN_PROGRESS"
        return "ERROR" if self.spoiled else "FINISHED"


class Containers:
    """`fetch` gets what is behind a URL; `spoils_next` is the `error_message` of the next file that is worked on."""

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes]):
        self.now = now
        self.fetch = fetch
        self.processing_seconds = 0
        self.text_processing_seconds = 0
        self.propagation_seconds = 0
        self.spoils_next = ""
        self.max_links = 5
        self.kept: dict[str, Container] = {}

    def make(self, number: str, asked: dict[str, str]) -> Container:
        kind = asked.get("media_type", "")
        if kind not in MEDIA_TYPES:
            raise bad_parameter(f"Param media_type must be one of {{{', '.join(MEDIA_TYPES)}}}", type="THApiException")
        known(asked, TAKES[kind])
        _look_at(asked, self.max_links)
        wait = self.text_processing_seconds if kind == "TEXT" else self.processing_seconds
        now = self.now()
        made = Container(id=number, made_at=now, ready_at=now + timedelta(seconds=wait), asked=dict(asked))
        if kind == "CAROUSEL":
            self._join(made)
        elif kind != "TEXT":
            self._load(made)
        made.about = _about(asked)
        self.kept[number] = made
        return made

    def publishable(self, number: str) -> Container:
        """Too early, too late and twice have one answer here; documented is only the one for too early."""
        found = self.kept.get(number)
        now = self.now()
        settled = found and now >= found.ready_at + timedelta(seconds=self.propagation_seconds)
        if found is None or not settled or found.is_item or found.status(now) != "FINISHED":
            raise missing(number)
        return found

    def _load(self, made: Container) -> None:
        name = "image_url" if made.asked["media_type"] == "IMAGE" else "video_url"
        if name not in made.asked:
            raise bad_parameter(f"Param {name} is required", type="THApiException")
        try:
            content = self.fetch(made.asked[name])
        except LookupError:
            if name == "image_url":
                raise not_fetched() from None
            made.spoiled = "FAILED_DOWNLOADING_VIDEO"
            return
        if name == "image_url":
            _look_at_picture(content)
        made.media = (hashlib.sha256(content).hexdigest(),)
        made.alt_texts = (made.asked.get("alt_text", ""),)
        made.spoiled, self.spoils_next = self.spoils_next, ""

    def _join(self, made: Container) -> None:
        """Whether a carousel takes files that are still worked on is left open: here it does not."""
        numbers = made.asked.get("children", "").split(",")
        if not 2 <= len(numbers) <= 20:
            raise bad_parameter("Param children must have between 2 and 20 elements", type="THApiException")
        for number in numbers:
            child = self.kept.get(number)
            if child is None or not child.is_item or child.status(self.now()) != "FINISHED":
                raise missing(number)
            made.media += child.media
            made.alt_texts += child.alt_texts


def _look_at(asked: dict[str, str], max_links: int) -> None:
    text = asked.get("text", "")
    attached = any(name in asked for name in ("link_attachment", "text_attachment", "gif_attachment"))
    if asked["media_type"] == "TEXT" and not text and not attached:
        raise bad_parameter("Param text is required", type="THApiException")
    if length(text) > 500:
        raise too_long()
    if len({*LINK.findall(text), *LINK.findall(asked.get("link_attachment", ""))}) > max_links:
        raise bad_parameter(f"Param text must have at most {max_links} links", type="THApiException")
    if asked.get("reply_control", "everyone") not in REPLY_CONTROLS:
        raise bad_parameter(f"Param reply_control must be one of {{{', '.join(REPLY_CONTROLS)}}}")
    tag = asked.get("topic_tag", "x")
    if not 1 <= len(tag) <= 50 or set(tag) & {".", "&"}:  # https://docs.rs/crate/zernio/0.0.98
        raise bad_parameter("Param topic_tag is invalid")
    if "link_attachment" in asked and "poll_attachment" in asked:
        raise bad_parameter("Param link_attachment is not compatible with poll attachments")
    if flag(asked, "is_carousel_item") and asked["media_type"] not in ("IMAGE", "VIDEO"):
        raise bad_parameter("Param is_carousel_item is only for IMAGE and VIDEO")


def _look_at_picture(content: bytes) -> None:
    """JPEG and PNG of 8 MB: https://ayrshare.com/docs/media-guidelines/threads; the errors are those of Instagram."""
    if len(content) > 8 * 1024 * 1024:
        raise Refused(36000, "The image is too large to download", 2207004)
    if content.startswith(OTHER_PICTURES) or content[4:8] == b"ftyp":
        raise Refused(36001, "The image format is not supported", 2207005)


def _about(asked: dict[str, str]) -> dict[str, Any]:
    plain = ("reply_control", "topic_tag", "location_id", "link_attachment")
    about: dict[str, Any] = {name: asked[name] for name in plain if name in asked}
    for name in ("poll_attachment", "text_attachment", "gif_attachment"):
        if name in asked:
            about[name] = structure(asked, name, dict)
    if "text_entities" in asked:
        about["text_entities"] = structure(asked, "text_entities", list)
    about |= {name: True for name in ("is_ghost_post", "is_spoiler_media") if flag(asked, name)}
    if "quote_post_id" in asked:
        about["quotes"] = asked["quote_post_id"]
    return about


def too_long() -> Refused:
    return bad_parameter("Param text must be at most 500 characters long.", type="THApiException")


def missing(number: str) -> Refused:
    """https://github.com/fbsamples/threads_api/issues/70"""
    refused = Refused(24, NOT_THERE, 4279009)
    refused.body["error"] |= {
        "message": NOT_THERE,
        "error_user_title": "Media Not Found",
        "error_user_msg": f"The media with id {number} cannot be found.",
    }
    return refused


def not_fetched() -> Refused:
    """https://github.com/gitroomhq/postiz-app/issues/1364: code 1, which else means "try again"."""
    return Refused(1, "The media could not be fetched from this URI", 2207052)
