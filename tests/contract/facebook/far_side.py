"""A small Facebook: pages, and what they post, as developers.facebook.com describes it, kept in memory.

https://developers.facebook.com/docs/pages-api/posts; what is sure of it and what is not: the errors in `failures.py`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tests.contract.facebook.failures import FAILURES
from tests.contract.facebook.records import Photo, Post
from tests.contract.facebook.videos import Videos
from tests.contract.meta.graph_side import Call, Route, listed
from tests.contract.meta.login_side import LoginSide, Page
from tests.contract.meta.params import Params, picked
from tests.contract.meta.refusals import Refused, missing
from tests.contract.meta.rupload import type_of
from tests.contract.shown import Shown

NODE = "[0-9]+(_[0-9]+)*"
PHOTOS = {None, "image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff"}
POST_FIELDS = ("created_time", "message")
SETTINGS = ("place", "tags", "targeting", "feed_targeting", "call_to_action", "backdated_time", "privacy")


class FacebookSide(Videos):
    """`unscrapable` are links that the platform cannot read."""

    HOSTS = ("graph.facebook.com", "graph-video.facebook.com", "rupload.facebook.com", "www.facebook.com")
    UPLOADING = frozenset(
        {"upload_begin", "upload_part", "upload_status", "reel_start", "rupload", "video_story_start"}
    )
    PUBLISHING = frozenset({"feed", "photo", "photo_story", "video", "reel_finish", "video_story_finish", "comment"})
    STAGING = frozenset({"photo_unpublished", "video_unpublished"})
    READING = frozenset({"post", "photo_status", "video_status", "comment_status", "list", "comments", "stories"})
    OPERATIONS: ClassVar[frozenset[str]] = LoginSide.LOGIN | UPLOADING | PUBLISHING | STAGING | READING | {"delete"}
    FAILURES = FAILURES
    max_message = 63_206
    max_photos = 10
    max_photo_bytes = 10_000_000
    photo_lasts: timedelta | None = timedelta(days=1)
    """How long a photo that no post has is kept; no document that we saw says so for sure."""

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes] | None = None):
        super().__init__(now, fetch)
        self.pages["104105106107108"] = Page("104105106107108", "Kim's Bakery", "kimsbakery")
        self.pages["204205206207208"] = Page("204205206207208", "Kim's Other Bakery", None)
        self.photos: dict[str, Photo] = {}
        self.written: list[Post] = []
        self.unscrapable: set[str] = set()
        self.routes += [
            Route("feed", "POST", "(?P<node>me|[0-9]+)/feed", self.add_to_feed),
            Route(_photo_call, "POST", "(?P<node>me|[0-9]+)/photos", self.add_photo),
            Route("photo_story", "POST", "(?P<node>me|[0-9]+)/photo_stories", self.photo_story),
            Route("list", "GET", "(?P<node>me|[0-9]+)/(published_posts|posts|feed)", self.published_posts),
            Route("stories", "GET", "(?P<node>me|[0-9]+)/stories", self.stories),
            Route("comment", "POST", f"(?P<node>{NODE})/comments", self.comment),
            Route("comments", "GET", f"(?P<node>{NODE})/comments", self.comments),
            Route(self.kind_of_node, "GET", f"(?P<node>{NODE})", self.show),
            Route("delete", "DELETE", f"(?P<node>{NODE})", self.delete),
        ]

    @property
    def posts(self) -> list[Shown]:
        now = self.now()
        shown = sorted((post for post in self.written if post.is_shown(now)), key=lambda post: post.visible_at or now)
        return [post.shown() for post in shown]

    def publish(self, post: Post) -> Post:
        self.written.append(post)
        return post

    def described(self, params: Params) -> dict[str, Any]:
        return {name: params.text(name) for name in SETTINGS if params.text(name)}

    def add_to_feed(self, call: Call) -> dict[str, Any]:
        page, params = self.publisher(call), call.params
        text, link = params.text("message"), params.text("link")
        attached = [self.attachable(each, page) for each in params.things("attached_media")]
        if not text and not link and not attached:
            raise Refused(100, "Missing message or attachment")
        if len(text) > self.max_message:
            raise Refused(100, "Param message is too long")
        if len(attached) > self.max_photos:
            raise Refused(100, "Too many photos are attached")
        self.check_link(link)
        if not attached:
            self.refuse_duplicate(page, text, link)
        kind = ("image" if len(attached) == 1 else "images") if attached else ("link" if link else "text")
        post = self.written_down(page, kind, text, params)
        post.link = link or None
        post.media = tuple(photo.digest for photo in attached)
        post.alt_texts = tuple(photo.alt_text for photo in attached)
        if link:
            post.about["link"] = link
        for photo in attached:
            photo.post = post
        return {"id": self.publish(post).id}

    def written_down(self, page: Page, kind: str, text: str, params: Params) -> Post:
        is_published = params.flag("published", True)
        scheduled = self.scheduled(params)
        if scheduled and is_published:
            raise Refused(100, "You can't schedule a post that is published")
        about = self.described(params)
        if scheduled:
            about["scheduled_publish_time"] = int(scheduled.timestamp())
        visible_at = self.now() if is_published else scheduled
        return Post(f"{page.id}_{self.number()}", page.id, kind, text, self.now(), visible_at, about=about)

    def attachable(self, attached: Any, page: Page) -> Photo:
        number = attached.get("media_fbid") if isinstance(attached, dict) else None
        photo = self.photos.get(str(number))
        if photo is None or photo.page != page.id or self.is_gone(photo):
            raise Refused(100, "Invalid parameter: attached_media")
        if photo.post:
            raise Refused(100, "Your photos were already posted", 1366051)
        return photo

    def is_gone(self, photo: Photo) -> bool:
        return not photo.post and self.photo_lasts is not None and photo.made_at + self.photo_lasts <= self.now()

    def check_link(self, link: str) -> None:
        url = urlsplit(link)
        if link and (url.scheme not in ("http", "https") or not url.hostname):
            raise Refused(100, "The URL is invalid", 2061006)
        if (url.hostname or "").removeprefix("www.") == "facebook.com":
            raise Refused(100, "Links to facebook.com cannot be posted", 1609008)
        if link in self.unscrapable:
            raise Refused(100, "There was an error scraping data from this link", 1609005)

    def refuse_duplicate(self, page: Page, text: str, link: str) -> None:
        last = next(
            (post for post in reversed(self.written) if post.page == page.id and post.is_shown(self.now())), None
        )
        if last and last.kind in ("text", "link") and (last.text, last.link or "") == (text, link):
            raise Refused(506, "Duplicate status message", 1455006)

    def add_photo(self, call: Call) -> dict[str, Any]:
        page, params = self.publisher(call), call.params
        is_published = params.flag("published", True)
        content = self.photo_content(params)
        text = params.text("message") or params.text("caption")
        if params.flag("temporary", False) and is_published:
            raise Refused(100, "A temporary photo must not be published")
        photo = Photo(self.number(), page.id, content, text, params.text("alt_text_custom"), self.now())
        if not is_published and not params.text("scheduled_publish_time"):
            self.photos[photo.id] = photo
            return {"id": photo.id}
        photo.post = self.written_down(page, "image", text, params)
        photo.post.media, photo.post.alt_texts = (photo.digest,), (photo.alt_text,)
        self.photos[photo.id] = photo
        return {"id": photo.id, "post_id": self.publish(photo.post).id}

    def photo_content(self, params: Params) -> bytes:
        url, files = params.text("url"), list(params.files.values())
        if not url and not files:
            raise Refused(324, "Requires upload file")
        content = self.fetched(url) if url else files[0]
        if not content:
            raise Refused(324, "Missing or invalid image file", 2069019)
        if len(content) > self.max_photo_bytes or type_of(content) not in PHOTOS:
            raise Refused(100, "Your photos couldn't be uploaded: their size or their type", 1366046)
        return content

    def photo_story(self, call: Call) -> dict[str, Any]:
        page = self.publisher(call)
        photo = self.attachable({"media_fbid": call.params.needed("photo_id")}, page)
        ends_at = self.now() + timedelta(days=1)
        number = f"{page.id}_{self.number()}"
        post = Post(number, page.id, "story", "", self.now(), self.now(), (photo.digest,), ends_at=ends_at)
        photo.post = self.publish(post)
        return {"success": True, "post_id": post.id}

    def kind_of_node(self, call: Call) -> str:
        number = call.ids["node"]
        kinds = {"photo_status": self.photos, "video_status": self.videos, "page": self.pages}
        if found := next((kind for kind, nodes in kinds.items() if number in nodes), None):
            return found
        post = self.post_of(number)
        return "comment_status" if post and post.kind == "comment" else "post"

    def post_of(self, number: str) -> Post | None:
        return next((post for post in self.written if post.id == number), None)

    def show(self, call: Call) -> dict[str, Any]:
        number, fields = call.ids["node"], call.params.text("fields")
        if number in self.pages:
            return self.page_shown(self.page_asked(call, "get"), call)
        self.needs(call.caller, "pages_read_engagement")
        if photo := self.photos.get(number):
            return picked(photo.node(), fields, "Photo", ("created_time", "name"))
        if video := self.videos.get(number):
            return picked(video.node(self.now()), fields, "Video", ("description", "updated_time"))
        post = self.post_of(number)
        if post is None or self.lags(post) or (post.ends_at and not post.is_shown(self.now())):
            raise missing(number)
        name = self.pages[post.page].name
        if post.kind == "comment":
            return picked(post.comment_node(name), fields, "Comment", ("created_time", "from", "message"))
        return picked(post.node(self.now(), name), fields, "Post", POST_FIELDS)

    def lags(self, post: Post) -> bool:
        """What was made is not in every list at once."""
        return post.made_at + timedelta(seconds=self.listing_lag_seconds) > self.now()

    def published_posts(self, call: Call) -> dict[str, Any]:
        page = self.page_asked(call, "get")
        self.needs(call.caller, "pages_read_engagement")
        now, fields = self.now(), call.params.text("fields")
        mine = [post for post in self.written if post.page == page.id and post.kind not in ("comment", "story")]
        seen = [post for post in mine if post.is_shown(now) and not self.lags(post)]
        newest_first = sorted(seen, key=lambda post: (post.visible_at or now, post.id), reverse=True)
        return listed([picked(post.node(now, page.name), fields, "Post", POST_FIELDS) for post in newest_first], call)

    def stories(self, call: Call) -> dict[str, Any]:
        page = self.page_asked(call, "get")
        self.needs(call.caller, "pages_read_engagement")
        mine = [post for post in reversed(self.written) if post.page == page.id and post.kind == "story"]
        nodes = [
            {
                "post_id": post.id,
                "status": "published",
                "creation_time": str(int(post.made_at.timestamp())),
                "media_type": "photo" if any(photo.post is post for photo in self.photos.values()) else "video",
                "url": post.url,
            }
            for post in mine
            if post.is_shown(self.now()) and not self.lags(post)
        ]
        return listed(nodes, call)

    def comment(self, call: Call) -> dict[str, Any]:
        self.needs(call.caller, "pages_manage_engagement")
        post = self.post_under(call)
        text = call.params.text("message")
        if not text and not call.params.text("attachment_url"):
            raise Refused(100, "Missing message or attachment")
        number = f"{post.id.rpartition('_')[2]}_{self.number()}"
        made = Post(number, call.caller.profile, "comment", text, self.now(), self.now(), answers=post.id)
        return {"id": self.publish(made).id}

    def comments(self, call: Call) -> dict[str, Any]:
        self.needs(call.caller, "pages_read_engagement")
        post, fields = self.post_under(call), call.params.text("fields")
        mine = [each for each in self.written if each.answers == post.id and not self.lags(each)]
        if call.params.text("order") == "reverse_chronological":
            mine.reverse()
        nodes = [
            picked(each.comment_node(self.pages[each.page].name), fields, "Comment", ("message",)) for each in mine
        ]
        return listed(nodes, call)

    def post_under(self, call: Call) -> Post:
        """A post by its own id, a photo's or a video's; only what readers see has comments."""
        number = call.ids["node"]
        holder = self.photos.get(number) or self.videos.get(number)
        post = holder.post if holder else self.post_of(number)
        if post is None or not post.is_shown(self.now()):
            raise missing(number, call.request.method.lower())
        return post

    def delete(self, call: Call) -> dict[str, Any]:
        number = call.ids["node"]
        holder = self.photos.get(number) or self.videos.get(number)
        post = holder.post if holder else self.post_of(number)
        owner = holder.page if holder else (post.page if post else "")
        if owner != call.caller.profile:
            raise missing(number, "delete")
        self.needs(call.caller, "pages_manage_engagement" if post and post.kind == "comment" else "pages_manage_posts")
        self.photos.pop(number, None)
        self.videos.pop(number, None)
        self.written = [each for each in self.written if each is not post and (post is None or each.answers != post.id)]
        return {"success": True}


def _photo_call(call: Call) -> str:
    return "photo" if call.params.text("published") not in ("false", "0") else "photo_unpublished"
