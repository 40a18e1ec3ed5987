"""Posts of X: who may write what, and what readers and lists then show.

Self-serve rules: https://docs.x.com/x-api/posts/manage-tweets/integrate and https://docs.x.com/changelog (February 23
and April 16, 2026). How posts look: https://docs.x.com/x-api/fundamentals/data-dictionary.
"""

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape
from typing import Any

from tests.contract.shown import Shown
from tests.contract.x.side_answers import DUPLICATE, forbidden, invalid
from tests.contract.x.side_counting import MAX, cashtags_in, is_sayable, length_of, links_in, normalised
from tests.contract.x.side_media import File
from tests.contract.x.side_sign_in import Person

PREMIUM_MAX = 25_000
ENTERPRISE_ONLY = ("quote_tweet_id", "card_uri", "nullcast", "for_super_followers_only", "edit_options")
SETTINGS = ("reply_settings", "community_id", "share_with_followers", "made_with_ai", "paid_partnership")
ATTACHED = ("tagged_user_ids", "title", "description", "embeddable", "preview_media_id", "call_to_actions")
COSTS = {"post": 15_000, "with_link": 200_000, "summoned": 10_000, "metadata": 5_000}
COSTS |= {"owned_read": 1_000, "user_read": 10_000}
"""Millionths of a US dollar: https://docs.x.com/x-api/getting-started/pricing"""


@dataclass
class Post:
    """`text` is as its author wrote it, in NFC; `tags` are of media, as they were when it was written."""

    id: str
    author: Person
    text: str
    made_at: datetime
    files: list[File] = field(default_factory=list)
    alt_texts: tuple[str, ...] = ()
    answers: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://x.com/{self.author.username}/status/{self.id}"

    @property
    def kind(self) -> str:
        if self.files:
            sorts = {"photo": "image", "animated_gif": "animation", "video": "video"}
            return "images" if len(self.files) > 1 else sorts[self.files[0].sort]
        return "poll" if "poll" in self.about else "text"

    def shown(self) -> Shown:
        return Shown(
            id=self.id,
            author=self.author.id,
            kind=self.kind,
            text=self.text,
            url=self.url,
            made_at=self.made_at,
            media=tuple(file.hash for file in self.files),
            alt_texts=self.alt_texts,
            answers=self.answers,
            about=self.about,
        )


@dataclass
class Rules:
    """What X allows, where its documents leave it open. `duplicate_hours`: how long it remembers a text.

    `sees_copies_with_media`: whether the same text with files is a duplicate too. `answers_oneself`: whether a thread
    needs no summons. `communities` are those that everybody here belongs to, `untaggable` who wants no tags.
    """

    duplicate_hours: float = 24
    sees_copies_with_media: bool = False
    answers_oneself: bool = True
    communities: set[str] = field(default_factory=lambda: {"1493446837214187523"})
    untaggable: set[str] = field(default_factory=set)


def check_content(body: dict[str, Any], person: Person, answered: Post | None) -> None:
    text = normalised(body.get("text", "")).strip()
    if not text and "media" not in body:
        raise invalid(("$.text", body.get("text", ""), "$.text: is missing but it is required"))
    if "poll" in body and "media" in body:
        raise invalid(("$.poll", "", "A post has a poll or media."))
    if any(body.get(name) for name in ENTERPRISE_ONLY):
        raise forbidden()
    if not is_sayable(text) or length_of(counted(text, person, answered)) > (PREMIUM_MAX if person.is_premium else MAX):
        raise forbidden()
    if len(cashtags_in(text)) > 1:
        raise forbidden()


def counted(text: str, person: Person, answered: Post | None) -> str:
    """Without the mention of whom it answers, if that is somebody else: X would have put it there itself."""
    first, _, rest = text.partition(" ")
    is_filled_in = (
        answered and answered.author.id != person.id and first.lower() == f"@{answered.author.username}".lower()
    )
    return rest if is_filled_in else text


def is_summoned(person: Person, answered: Post) -> bool:
    words = answered.text.lower().split()
    return answered.author.id != person.id and f"@{person.username}".lower() in (
        word.strip(".,:;!?()") for word in words
    )


def check_reply(rules: Rules, person: Person, answered: Post | None) -> None:
    if answered is None:
        raise forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
    if answered.author.id == person.id and rules.answers_oneself:
        return
    if not is_summoned(person, answered):
        raise forbidden(
            "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the"
            " author of the post you are replying to."
        )


def check_copies(rules: Rules, post: Post, past: list[Post]) -> None:
    """Of what was taken down since too: https://github.com/J7mbo/twitter-api-php/issues/171"""
    since = post.made_at - timedelta(hours=rules.duplicate_hours)
    if post.files and not rules.sees_copies_with_media:
        return
    for each in past:
        is_same = each.author.id == post.author.id and each.text == post.text and bool(each.files) == bool(post.files)
        if is_same and each.made_at > since:
            raise forbidden(DUPLICATE)


def about(rules: Rules, body: dict[str, Any], made_at: datetime) -> dict[str, Any]:
    """What it was asked to be; whoever wants no tags is left out of them, and nobody is told."""
    found = {name: body[name] for name in SETTINGS if name in body}
    media = body.get("media", {})
    found |= {name: media[name] for name in ATTACHED if name in media}
    if "tagged_user_ids" in found:
        found["tagged_user_ids"] = [each for each in found["tagged_user_ids"] if each not in rules.untaggable]
    if poll := body.get("poll"):
        ends_at = made_at + timedelta(minutes=poll["duration_minutes"])
        found["poll"] = {"options": poll["options"], "minutes": poll["duration_minutes"], "ends_at": ends_at}
    if "geo" in body:
        found["place_id"] = body["geo"]["place_id"]
    if excluded := body.get("reply", {}).get("exclude_reply_user_ids"):
        found["exclude_reply_user_ids"] = excluded
    return found


def cost_of(post: Post, answered: Post | None) -> int:
    if answered and is_summoned(post.author, answered):
        return COSTS["summoned"]
    return COSTS["with_link" if links_in(post.text) else "post"]


def wrapped(post: Post) -> tuple[str, list[dict[str, Any]]]:
    """As the API has it: links are of t.co, what is HTML is escaped, and files are a link at the end."""
    text, at = "", 0
    urls: list[dict[str, Any]] = []
    for link in links_in(post.text):
        text += escape(post.text[at : link.start], quote=False)
        short = f"https://t.co/{_slug(link.url)}"
        expanded = link.url if "://" in link.url else f"http://{link.url}"
        urls.append({"start": len(text), "end": len(text) + len(short), "url": short, "expanded_url": expanded})
        text, at = text + short, link.end
    text += escape(post.text[at:], quote=False)
    if post.files:
        short, sort = f"https://t.co/{_slug(post.id)}", "photo" if post.files[0].sort == "photo" else "video"
        text = f"{text} {short}".strip()
        for file in post.files:
            place = {"start": len(text) - len(short), "end": len(text), "url": short, "media_key": file.key}
            urls.append({**place, "expanded_url": f"{post.url}/{sort}/1"})
    return text, urls


def _slug(text: str) -> str:
    return b32encode(sha256(text.encode()).digest()).decode()[:10]
