"""What a small Instagram shows: media, stories and comments."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.contract.instagram.containers import Container
from tests.contract.meta.graph_side import stamp
from tests.contract.shown import Shown

TYPES = {"images": ("CAROUSEL_ALBUM", "FEED"), "reel": ("VIDEO", "REELS"), "story": ("IMAGE", "STORY")}
MEDIA_FIELDS = (
    *("media_url", "thumbnail_url", "owner", "like_count", "comments_count", "is_comment_enabled", "children"),
    *("ig_id", "video_title", "view_count", "copyright_check_information", "boost_eligibility_info", "comments"),
)


@dataclass
class Media:
    id: str
    owner: str
    username: str
    kind: str
    caption: str
    shortcode: str
    made_at: datetime
    digests: tuple[str, ...] = ()
    alt_texts: tuple[str, ...] = ()
    about: dict[str, Any] = field(default_factory=dict)
    answers: str | None = None
    ends_at: datetime | None = None
    is_deleted: bool = False

    @classmethod
    def of(cls, container: Container, number: str, username: str, shortcode: str, now: datetime) -> "Media":
        media = cls(number, container.owner, username, container.kind, container.caption, shortcode, now)
        media.digests, media.alt_texts, media.about = container.digests, container.alt_texts, container.about
        if container.kind == "story":
            media.ends_at = now + timedelta(days=1)
        return media

    @property
    def url(self) -> str:
        if self.kind == "story":
            return f"https://www.instagram.com/stories/{self.username}/{self.id}/"
        return f"https://www.instagram.com/{'reel' if self.kind == 'reel' else 'p'}/{self.shortcode}/"

    def is_shown(self, now: datetime) -> bool:
        return not self.is_deleted and not (self.ends_at and self.ends_at <= now)

    def shown(self) -> Shown:
        return Shown(
            id=self.id,
            author=self.owner,
            kind=self.kind,
            text=self.caption,
            url=self.url,
            made_at=self.made_at,
            media=self.digests,
            alt_texts=self.alt_texts,
            answers=self.answers,
            about=self.about,
        )

    def node(self) -> dict[str, Any]:
        """A comment's text is `text` when read, `message` when sent."""
        if self.kind == "comment":
            own = {"id": self.id, "text": self.caption, "timestamp": stamp(self.made_at), "username": self.username}
            return {
                **own,
                "from": None,
                "hidden": False,
                "like_count": 0,
                "media": None,
                "parent_id": None,
                "user": None,
            }
        media_type, product = TYPES.get(self.kind, ("IMAGE", "FEED"))
        return {
            "id": self.id,
            "caption": self.caption or None,
            "permalink": self.url,
            "shortcode": self.shortcode,
            "timestamp": stamp(self.made_at),
            "username": self.username,
            "media_type": media_type,
            "media_product_type": product,
            "alt_text": self.alt_texts[0] if self.alt_texts and self.alt_texts[0] else None,
            "is_shared_to_feed": self.about.get("share_to_feed"),
            **dict.fromkeys(MEDIA_FIELDS),
        }
