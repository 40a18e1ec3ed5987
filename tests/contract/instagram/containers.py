"""Containers of a small Instagram: what one is made of, and the state that it is in.

https://developers.facebook.com/docs/instagram-platform/content-publishing
https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
"""

import hashlib
import io
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from PIL import Image, UnidentifiedImageError

from tests.contract.meta.params import Params
from tests.contract.meta.refusals import Refused
from tests.contract.meta.rupload import Arrival, type_of

LASTS = timedelta(days=1)
MAX_CAPTION, MAX_HASHTAGS, MAX_MENTIONS, MAX_TAGS = 2200, 30, 20, 20
MAX_IMAGE_BYTES = 8 * 1024 * 1024
ASPECTS = (4 / 5 - 0.01, 1.91 + 0.01)
STRATEGIES = ("MANUAL", "SS_PERFORMANCE")
KINDS = {"": "image", "IMAGE": "image", "REELS": "reel", "STORIES": "story", "CAROUSEL": "images", "VIDEO": "video"}


@dataclass
class Container:
    """`kind` is what it will be, a post type; `error` is the subcode of what went wrong with its file."""

    id: str
    owner: str
    kind: str
    made_at: datetime
    caption: str = ""
    alt_text: str = ""
    is_item: bool = False
    about: dict[str, Any] = field(default_factory=dict)
    children: "list[Container]" = field(default_factory=list)
    arrival: Arrival = field(default_factory=Arrival)
    ready_at: datetime | None = None
    error: int | None = None
    media_id: str | None = None

    @property
    def digests(self) -> tuple[str, ...]:
        if self.children:
            return tuple(digest for child in self.children for digest in child.digests)
        return (hashlib.sha256(self.arrival.content).hexdigest(),)

    @property
    def alt_texts(self) -> tuple[str, ...]:
        return tuple(child.alt_text for child in self.children) if self.children else (self.alt_text,)

    def state(self, now: datetime) -> str:
        if self.media_id:
            return "PUBLISHED"
        if self.made_at + LASTS <= now:
            return "EXPIRED"
        if self.ready_at is None or self.ready_at > now:
            return "IN_PROGRESS"
        return "ERROR" if self.error or any(child.error for child in self.children) else "FINISHED"

    def node(self, now: datetime) -> dict[str, Any]:
        state = self.state(now)
        said = {
            "PUBLISHED": "Published: Media has been successfully published.",
            "EXPIRED": "Expired: The container was not published within 24 hours and has expired.",
            "IN_PROGRESS": "In Progress: Media is still being processed.",
            "FINISHED": "Finished: Media has been uploaded and it is ready to be published.",
            "ERROR": f"Error: Media upload has failed with error code {self.error or 2207032}",
        }
        return {"id": self.id, "status_code": state, "status": said[state], "copyright_check_status": None}


def kind_of(params: Params) -> str:
    """By `media_type`, which is left out for images; a video of its own is a reel since 2023."""
    media_type = params.text("media_type").upper()
    if media_type not in KINDS:
        raise Refused(100, f"The media type {media_type} is unknown.", 2207023)
    if media_type == "VIDEO" and not params.flag("is_carousel_item", False):
        raise Refused(100, "The VIDEO value for media_type is no longer supported. Use the REELS media type", 2207067)
    return KINDS[media_type]


def checked_caption(caption: str) -> str:
    """Characters, hashtags and mentions, each with a limit of its own, and one code for all."""
    mentions = re.findall(r"(?<!\w)@[\w.]+", caption)
    if len(caption) > MAX_CAPTION or caption.count("#") > MAX_HASHTAGS or len(mentions) > MAX_MENTIONS:
        raise Refused(36004, f"The submitted image's caption was {len(caption)} characters long.", 2207010)
    return caption


def checked_image(content: bytes, *, is_framed: bool) -> bytes:
    """`is_framed`: whether it must have a shape that the feed shows; a story may have any."""
    if len(content) > MAX_IMAGE_BYTES:
        raise Refused(36000, "The image is too large to download. It should be less than 8 MiB.", 2207004)
    if type_of(content) not in (None, "image/jpeg"):
        raise Refused(36001, "The image format is not supported. Supported formats are: JPEG.", 2207005)
    try:
        with Image.open(io.BytesIO(content)) as picture:
            ratio = picture.width / picture.height
    except (UnidentifiedImageError, OSError):
        return content
    if is_framed and not ASPECTS[0] <= ratio <= ASPECTS[1]:
        raise Refused(36003, f"The submitted image with aspect ratio ({ratio:.3f}) cannot be published.", 2207009)
    return content


def described(params: Params, kind: str, *, is_item: bool, max_collaborators: int) -> dict[str, Any]:
    """What is set beside the files, each held to where the reference allows it."""
    about: dict[str, Any] = {}
    if collaborators := params.things("collaborators"):
        if kind == "story" or is_item or len(collaborators) > max_collaborators:
            raise Refused(100, "Param collaborators is not allowed")
        about["collaborators"] = collaborators
    if tags := params.things("user_tags"):
        about["user_tags"] = _user_tags(tags, kind)
    if products := params.things("product_tags"):
        about["product_tags"] = _product_tags(products, kind)
    if location := params.text("location_id"):
        if not location.isdecimal():
            raise Refused(100, "Param location_id must be the id of a page with a location")
        about["location_id"] = location
    if kind == "reel":
        about |= _of_reels(params)
    elif params.text("trial_params"):
        raise Refused(100, "Trial reels are reels only", 2207081)
    return about


def _user_tags(tags: list[Any], kind: str) -> list[Any]:
    if len(tags) > MAX_TAGS:
        raise Refused(100, f"Cannot use more than {MAX_TAGS} tags per created media.", 2207040)
    for tag in tags:
        if not isinstance(tag, dict) or not tag.get("username"):
            raise Refused(100, "Param user_tags must be an array of objects with a username")
        place = [tag.get("x"), tag.get("y")]
        if kind == "image" and not all(isinstance(each, (int, float)) and 0 <= each <= 1 for each in place):
            raise Refused(100, "Param user_tags must have x and y from 0 to 1")
    return tags


def _product_tags(tags: list[Any], kind: str) -> list[Any]:
    if len(tags) > MAX_TAGS:
        raise Refused(100, f"Cannot use more than {MAX_TAGS} tags per created media.", 2207040)
    for tag in tags:
        if not isinstance(tag, dict) or not str(tag.get("product_id", "")).isdecimal():
            raise Refused(100, "We couldn't add all of your product tags.", 2207037)
        if kind == "image" and ("x" not in tag or "y" not in tag):
            raise Refused(100, "Product tag positions are required for photo media.", 2207036)
        if kind in ("reel", "video") and ("x" in tag or "y" in tag):
            raise Refused(100, "Product tag positions should not be specified for video media.", 2207035)
    return tags


def _of_reels(params: Params) -> dict[str, Any]:
    about: dict[str, Any] = {"share_to_feed": params.flag("share_to_feed", True)}
    if audio := params.text("audio_name"):
        about["audio_name"] = audio
    if params.text("trial_params"):
        trial = params.thing("trial_params")
        if trial.keys() != {"graduation_strategy"} or trial["graduation_strategy"] not in STRATEGIES:
            raise Refused(100, f"graduation_strategy must be one of {', '.join(STRATEGIES)}", 2207081)
        about["trial_params"] = trial
    return about
