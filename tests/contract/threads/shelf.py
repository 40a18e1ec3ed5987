"""What is on a profile of Threads: posts, answers, reposts, as their author reads them over the API."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.meta.graph_refusals import bad_parameter
from tests.contract.meta.params import picked
from tests.contract.shown import Shown

FIELDS = (
    "id,media_product_type,media_type,media_url,gif_url,permalink,owner,username,text,timestamp,shortcode,thumbnail_url,"
    "children,is_quote_post,quoted_post,reposted_post,has_replies,alt_text,link_attachment_url,poll_attachment,"
    "location_id,topic_tag,is_verified,profile_picture_url,is_reply,is_reply_owned_by_me,root_post,replied_to,"
    "hide_status,reply_audience"
)
MEDIA_TYPES = {"image": "IMAGE", "video": "VIDEO", "images": "CAROUSEL_ALBUM", "repost": "REPOST_FACADE"}


class Shelf:
    def __init__(self, now: Callable[[], datetime], account: dict[str, str]):
        self.now = now
        self.account = account
        self.listing_lag_seconds = 0
        self.posts: list[Shown] = []

    def find(self, number: str | None) -> Shown | None:
        return next((each for each in self.posts if each.id == number), None)

    def media(self, post: Shown, fields: str) -> dict[str, Any]:
        return picked(self._full(post), fields, "ThreadsMedia", ("id",))

    def listed(self, asked: dict[str, str], *, answers: bool, both: bool = False) -> dict[str, Any]:
        """A page, newest first."""
        until = self.now() - timedelta(seconds=self.listing_lag_seconds)
        shown = [each for each in reversed(self.posts) if each.made_at <= until]
        found = [each for each in shown if both or (each.answers is not None) is answers]
        found = [each for each in found if _within(each, asked)]
        numbers = [each.id for each in found]
        if "after" in asked and "before" in asked:
            raise bad_parameter("Both before and after cannot be sent in the same request")
        limit = _limit(asked)
        start = numbers.index(asked["after"]) + 1 if asked.get("after") in numbers else 0
        if asked.get("before") in numbers:
            start = max(0, numbers.index(asked["before"]) - limit)
        page = found[start : start + limit]
        given: dict[str, Any] = {"data": [self.media(each, asked.get("fields", "")) for each in page]}
        if page:
            given["paging"] = {"cursors": {"before": page[0].id, "after": page[-1].id}}
        return given

    def _full(self, post: Shown) -> dict[str, Any]:
        full: dict[str, Any] = dict.fromkeys(FIELDS.split(","))
        return full | {
            "id": post.id,
            "media_product_type": "THREADS",
            "media_type": MEDIA_TYPES.get("repost" if "reposts" in post.about else post.kind, "TEXT_POST"),
            "permalink": post.url,
            "owner": {"id": self.account["id"]},
            "username": self.account["username"],
            "text": post.text or None,
            "timestamp": post.made_at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "shortcode": post.url.rpartition("/")[2],
            "alt_text": (post.alt_texts[0] or None) if post.kind in ("image", "video") else None,
            "link_attachment_url": post.about.get("link_attachment"),
            "poll_attachment": post.about.get("poll_attachment"),
            "location_id": post.about.get("location_id"),
            "topic_tag": post.about.get("topic_tag"),
            "is_quote_post": "quotes" in post.about,
            "has_replies": any(each.answers == post.id for each in self.posts),
            "is_reply": post.answers is not None,
            "is_reply_owned_by_me": post.answers is not None,
            "replied_to": {"id": post.answers} if post.answers else None,
            "root_post": {"id": self._root(post)} if post.answers else None,
            "reply_audience": (post.about.get("reply_control") or "everyone").upper(),
        }

    def _root(self, post: Shown) -> str:
        above = self.find(post.answers)
        return self._root(above) if above else post.answers or post.id


def _limit(asked: dict[str, str]) -> int:
    text = asked.get("limit", "25")
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise bad_parameter("Param limit must be a number from 1 to 100")
    return int(text)


def _within(post: Shown, asked: dict[str, str]) -> bool:
    since, until = asked.get("since"), asked.get("until")
    return (not since or post.made_at >= _moment(since)) and (not until or post.made_at < _moment(until))


def _moment(text: str) -> datetime:
    """A Unix timestamp, or a date or time."""
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise bad_parameter("Param since or until is no time") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
