"""What a page of the small Facebook has: posts, photos, videos, comments; and how each is written down as a node."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.contract.meta.graph_side import stamp
from tests.contract.meta.rupload import Arrival
from tests.contract.shown import Shown


@dataclass
class Post:
    """`visible_at` is None while only the page's own people see it; a story has an end."""

    id: str
    page: str
    kind: str
    text: str
    made_at: datetime
    visible_at: datetime | None
    media: tuple[str, ...] = ()
    alt_texts: tuple[str, ...] = ()
    link: str | None = None
    answers: str | None = None
    ends_at: datetime | None = None
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        if self.kind == "comment":
            return f"https://www.facebook.com/{self.answers}?comment_id={self.id.rpartition('_')[2]}"
        kind = {"reel": "reel", "story": "stories"}.get(self.kind)
        return f"https://www.facebook.com/{kind or f'{self.page}/posts'}/{self.id.rpartition('_')[2]}"

    def is_shown(self, now: datetime) -> bool:
        return self.visible_at is not None and self.visible_at <= now and not (self.ends_at and self.ends_at <= now)

    def shown(self) -> Shown:
        assert self.visible_at is not None
        return Shown(
            id=self.id,
            author=self.page,
            kind=self.kind,
            text=self.text,
            url=self.url,
            made_at=self.visible_at,
            media=self.media,
            alt_texts=self.alt_texts,
            answers=self.answers,
            about=self.about,
        )

    def node(self, now: datetime, name: str) -> dict[str, Any]:
        attachments = [{"media_type": "video" if self.kind in ("video", "reel") else "photo"} for _ in self.media]
        if self.link:
            attachments = [{"media_type": "link", "url": self.link}]
        made = self.visible_at or self.made_at
        return {
            "id": self.id,
            "message": self.text or None,
            "created_time": stamp(made),
            "updated_time": stamp(made),
            "permalink_url": self.url,
            "is_published": self.is_shown(now),
            "is_hidden": False,
            "scheduled_publish_time": None if self.is_shown(now) else self.about.get("scheduled_publish_time"),
            "attachments": {"data": attachments} if attachments else None,
            "from": {"id": self.page, "name": name},
            **dict.fromkeys(("status_type", "story", "full_picture", "place", "privacy", "shares", "message_tags")),
        }

    def comment_node(self, name: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "message": self.text,
            "created_time": stamp(self.made_at),
            "permalink_url": self.url,
            "from": {"id": self.page, "name": name},
            **dict.fromkeys(("parent", "attachment", "object", "like_count", "comment_count", "can_remove")),
        }


@dataclass
class Photo:
    id: str
    page: str
    content: bytes
    text: str
    alt_text: str
    made_at: datetime
    post: Post | None = None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def node(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.text or None,
            "alt_text": None,
            "alt_text_custom": self.alt_text or None,
            "created_time": stamp(self.made_at),
            "page_story_id": self.post.id if self.post else None,
            "link": f"https://www.facebook.com/photo/?fbid={self.id}",
            **dict.fromkeys(("album", "height", "width", "images", "picture", "from", "updated_time", "source")),
        }


@dataclass
class Video:
    """`kind` is video, reel or story. `finished_at` is when its upload was declared done, and work on it began."""

    id: str
    page: str
    kind: str
    made_at: datetime
    arrival: Arrival = field(default_factory=Arrival)
    title: str = ""
    text: str = ""
    state: str = "PUBLISHED"
    finished_at: datetime | None = None
    ready_at: datetime | None = None
    is_spoiled: bool = False
    post: Post | None = None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.arrival.content).hexdigest()

    def node(self, now: datetime) -> dict[str, Any]:
        post = self.post if self.post and self.post.is_shown(now) else None
        return {
            "id": self.id,
            "title": self.title or None,
            "description": self.text or None,
            "created_time": stamp(self.made_at),
            "post_id": post.id if post else None,
            "permalink_url": post.url.removeprefix("https://www.facebook.com") if post else None,
            "published": post is not None,
            "status": self.status(now),
            **dict.fromkeys(
                ("length", "source", "picture", "from", "updated_time", "privacy", "is_instagram_eligible")
            ),
        }

    def status(self, now: datetime) -> dict[str, Any]:
        """https://developers.facebook.com/docs/video-api/guides/reels-publishing"""
        uploading = {"status": "complete" if self.arrival.is_whole else "in_progress"}
        if not self.arrival.content:
            uploading["status"] = "not_started"
        processing: dict[str, Any] = {"status": "not_started"}
        publishing: dict[str, Any] = {"status": "not_started"}
        overall = "processing"
        if self.ready_at is not None:
            is_ready = self.ready_at <= now
            processing["status"] = "complete" if is_ready else "in_progress"
            if is_ready:
                overall = "ready"
                if self.finished_at and self.state == "PUBLISHED":
                    publishing = {
                        "status": "complete",
                        "publish_status": "published",
                        "publish_time": stamp(self.ready_at),
                    }
                elif self.finished_at:
                    publishing = {"status": "complete", "publish_status": self.state.lower()}
            if is_ready and self.is_spoiled:
                wrong = {"code": 1363026, "message": "The video file that was uploaded could not be processed."}
                overall, processing = "error", {"status": "error", "errors": [wrong]}
                publishing = {"status": "not_started"}
        return {
            "video_status": overall,
            "uploading_phase": {**uploading, "bytes_transferred": len(self.arrival.content)},
            "processing_phase": processing,
            "publishing_phase": publishing,
        }
