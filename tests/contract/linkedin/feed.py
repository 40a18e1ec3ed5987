"""What members and pages post, and the comments under it; a post that is there already is refused with its own URN.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api, comments-api
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.contract.linkedin.files import Asset, Files
from tests.contract.linkedin.little import Little, read
from tests.contract.linkedin.refusals import Refused, bad_request, refused
from tests.contract.shown import Shown


@dataclass(kw_only=True)
class Post:
    urn: str
    activity: str
    author: str
    little: Little
    sent: dict[str, Any]
    assets: tuple[Asset, ...]
    made_at: datetime
    deleted_at: datetime | None = None
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Comment:
    id: str
    post: Post
    actor: str
    text: str
    made_at: datetime
    parent: str | None = None
    is_deleted: bool = False

    @property
    def urn(self) -> str:
        return f"urn:li:comment:({self.post.activity},{self.id})"


class Feed:
    """`duplicate_seconds`: how long the same again is refused, `ghost_seconds`: the same, once it was deleted.

    Ten minutes: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/ugc-post-api
    Two days, with a new URN that leads nowhere each time: https://github.com/ComposioHQ/composio/issues/2710
    """

    def __init__(self, now: Callable[[], datetime], files: Files, names: Callable[[str], set[str]]):
        self.now = now
        self.files = files
        self.names = names
        self.longest = 3000
        self.counts_escapes = False
        self.duplicate_seconds = 600
        self.ghost_seconds = 48 * 3600
        self.entries: list[Post] = []
        self.comments: list[Comment] = []
        self.count = 7431329065766260736

    def create(self, sent: dict[str, Any]) -> Post:
        little, content = read(sent["commentary"]), sent.get("content", {})
        self._check_text(sent["commentary"] if self.counts_escapes else little.text)
        if sent["author"].startswith("urn:li:organization:") and sent["visibility"] == "CONNECTIONS":
            raise refused(400, "INVALID_VALUE_FOR_FIELD", "A page has no connections")
        if not sent["commentary"] and not content and "reshareContext" not in sent:
            raise refused(422, "UNPROCESSABLE_ENTITY", "ERROR :: /commentary :: nothing is posted")
        if parent := sent.get("reshareContext", {}).get("parent"):
            self.by_urn(parent)
        assets = tuple(self.files.usable(urn, sent["author"]) for urn in _urns(content))
        self._check_new(sent, little)
        kind = "ugcPost" if "poll" in content or "multiImage" in content or _is_video(content) else "share"
        post = Post(
            urn=f"urn:li:{kind}:{self._number()}",
            activity=f"urn:li:activity:{self._number()}",
            author=sent["author"],
            little=little,
            sent=sent,
            assets=assets,
            made_at=self.now(),
            about=self._about(sent, little, assets),
        )
        self.entries.append(post)
        return post

    def _check_text(self, text: str) -> None:
        """As characters; LinkedIn's own form may count UTF-16."""
        if len(text) > self.longest:
            message = f"ShareCommentary text length ({len(text)} characters) exceeded the maximum allowed"
            raise refused(400, "FIELD_LENGTH_TOO_LONG", f"{message} ({self.longest} characters)")

    def _check_new(self, sent: dict[str, Any], little: Little) -> None:
        for post in reversed(self.entries):
            if _same(post.sent, post.little) != _same(sent, little):
                continue
            if post.deleted_at is None and self._is_within(post.made_at, self.duplicate_seconds):
                raise duplicate(post.urn)
            if post.deleted_at and self._is_within(post.deleted_at, self.ghost_seconds):
                raise duplicate(f"urn:li:share:{self._number()}")

    def _is_within(self, moment: datetime, seconds: int) -> bool:
        return moment + timedelta(seconds=seconds) > self.now()

    def _number(self) -> int:
        self.count += 4099
        return self.count

    def _about(self, sent: dict[str, Any], little: Little, assets: tuple[Asset, ...]) -> dict[str, Any]:
        content = sent.get("content", {})
        about: dict[str, Any] = {
            "visibility": sent["visibility"],
            "reshare_disabled": sent.get("isReshareDisabledByAuthor", False),
            "hashtags": little.hashtags,
            "mentions": tuple(urn for name, urn in little.mentions if name in self.names(urn)),
        }
        if title := content.get("media", {}).get("title"):
            about["title"] = title
        if "reshareContext" in sent:
            about["reshares"] = sent["reshareContext"]["parent"]
        if "poll" in content:
            poll = content["poll"]
            options = tuple(option["text"] for option in poll["options"])
            about["poll"] = {"question": poll["question"], "options": options, **poll["settings"]}
        if "article" in content:
            about["article"] = {**content["article"], "thumbnail": assets[0].sha256 if assets else None}
        return about

    def by_urn(self, urn: str) -> Post:
        for post in self.entries:
            if urn in (post.urn, post.activity) and post.deleted_at is None:
                return post
        raise refused(404, "NOT_FOUND", "Could not find entity")

    def delete(self, urn: str) -> None:
        """As often as one likes."""
        for post in self.entries:
            if post.urn == urn and post.deleted_at is None:
                post.deleted_at = self.now()

    def author_of(self, urn: str) -> str:
        for post in self.entries:
            if urn == post.urn:
                return post.author
        raise refused(404, "NOT_FOUND", "Could not find entity")

    def by_author(self, author: str, lag_seconds: int) -> list[Post]:
        there = [post for post in self.entries if post.author == author and post.deleted_at is None]
        return [post for post in reversed(there) if not self._is_within(post.made_at, lag_seconds)]

    def comment(self, post: Post, sent: dict[str, Any]) -> Comment:
        parent = sent.get("parentComment")
        if parent and parent not in [comment.urn for comment in self.under(post)]:
            raise refused(404, "NOT_FOUND", "Could not find entity")
        comment = Comment(
            id=str(self._number()),
            post=post,
            actor=sent["actor"],
            text=sent["message"]["text"],
            made_at=self.now(),
            parent=parent,
        )
        self.comments.append(comment)
        return comment

    def under(self, post: Post) -> list[Comment]:
        return [comment for comment in self.comments if comment.post is post and not comment.is_deleted]

    def shown(self) -> list[Shown]:
        """Oldest first; a post whose image could not be processed is seen by nobody."""
        spoilt = "PROCESSING_FAILED"
        posts = [post for post in self.entries if post.deleted_at is None]
        posts = [post for post in posts if spoilt not in [self.files.status(asset.urn) for asset in post.assets]]
        comments = [comment for post in posts for comment in self.under(post)]
        seen = [*map(_shown_post, posts), *map(_shown_comment, comments)]
        return sorted(seen, key=lambda shown: shown.made_at)


def duplicate(urn: str) -> Refused:
    return bad_request(422, f"Content is a duplicate of {urn}", "DUPLICATE_POST", "Duplicate post is detected")


def permalink(urn: str) -> str:
    return f"https://www.linkedin.com/feed/update/{urn}/"


def _same(sent: dict[str, Any], little: Little) -> str:
    """What makes a post the same as another one; files count by their URN, not by their bytes."""
    kept = {name: sent.get(name) for name in ("author", "content", "reshareContext")}
    return json.dumps({**kept, "commentary": little.commentary}, sort_keys=True)


def _urns(content: dict[str, Any]) -> list[str]:
    if "article" in content:
        return [content["article"]["thumbnail"]] if "thumbnail" in content["article"] else []
    images = content.get("multiImage", {}).get("images", [])
    return [each["id"] for each in images or [content[kind] for kind in ("media",) if kind in content]]


def _is_video(content: dict[str, Any]) -> bool:
    return str(content.get("media", {}).get("id")).startswith("urn:li:video:")


def _kind(post: Post) -> str:
    content = post.sent.get("content", {})
    named = {"multiImage": "images", "article": "link", "poll": "poll"}
    for name, kind in named.items():
        if name in content:
            return kind
    return post.assets[0].kind if post.assets else "text"


def _shown_post(post: Post) -> Shown:
    content = post.sent.get("content", {})
    pictures = content.get("multiImage", {}).get("images") or [content.get("media", {})]
    is_link = "article" in content
    return Shown(
        id=post.urn,
        author=post.author,
        kind=_kind(post),
        text=post.little.text,
        url=permalink(post.urn),
        made_at=post.made_at,
        media=() if is_link else tuple(asset.sha256 for asset in post.assets),
        alt_texts=tuple(each["altText"] for each in pictures if "altText" in each),
        about=post.about,
    )


def _shown_comment(comment: Comment) -> Shown:
    return Shown(
        id=comment.urn,
        author=comment.actor,
        kind="comment",
        text=comment.text,
        url=f"{permalink(comment.post.urn)}?commentUrn={quote(comment.urn, safe='')}",
        made_at=comment.made_at,
        answers=comment.parent or comment.post.urn,
    )
