"""A small Instagram for people who come by Facebook Login: containers, media, stories, comments, kept in memory.

https://developers.facebook.com/docs/instagram-platform/content-publishing
"""

import re
import string
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from tests.contract.instagram.failures import FAILURES
from tests.contract.instagram.making import Making
from tests.contract.instagram.media import Media
from tests.contract.meta.graph_side import Call, Route, listed
from tests.contract.meta.login_side import LoginSide, Page
from tests.contract.meta.params import picked
from tests.contract.meta.refusals import Refused, missing
from tests.contract.shown import Shown

ACCOUNT, OTHER = "17841405822304914", "17841405822304915"
DAY = timedelta(days=1)
LETTERS = string.ascii_letters + string.digits + "-_"
ABOUT_USER = ("biography", "followers_count", "follows_count", "media_count", "website", "ig_id", "is_published")


class InstagramSide(Making):
    """`is_restricted`: the account may not publish, until its person has seen to it in the app."""

    HOSTS = ("graph.facebook.com", "rupload.facebook.com", "www.facebook.com")
    PUBLISHING = frozenset({"publish", "comment"})
    OPERATIONS: ClassVar[frozenset[str]] = (
        LoginSide.LOGIN
        | PUBLISHING
        | {"account", "create_container", "rupload", "container_status", "media_status", "quota", "list", "stories"}
        | {"comments", "comment_status", "delete"}
    )
    FAILURES = FAILURES
    use_case = "instagram"
    use_case_code = 80002
    quota_total = 100
    deletes_media = False
    """The specification has a DELETE of media; by the reference it is not supported."""

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes] | None = None):
        super().__init__(now, fetch)
        self.accounts_here = {ACCOUNT: self.profile(ACCOUNT, "kimsbakery"), OTHER: self.profile(OTHER, "otherbakery")}
        for number, name, account in (
            ("104105106107108", "Kim's Bakery", self.accounts_here[ACCOUNT]),
            ("204205206207208", "Kim's Other Bakery", self.accounts_here[OTHER]),
            ("304305306307308", "Without Instagram", None),
        ):
            self.pages[number] = Page(number, name, instagram=account)
        self.media: list[Media] = []
        self.is_restricted = False
        node = "(?P<node>[0-9]+)"
        self.routes += [
            Route("publish", "POST", f"{node}/media_publish", self.publish),
            Route("list", "GET", f"{node}/media", self.listing),
            Route("stories", "GET", f"{node}/stories", self.listing),
            Route("quota", "GET", f"{node}/content_publishing_limit", self.quota),
            Route("comment", "POST", f"{node}/comments", self.comment),
            Route("comments", "GET", f"{node}/comments", self.comments),
            Route(self.kind_of_node, "GET", node, self.show),
            Route("delete", "DELETE", node, self.delete),
        ]

    def profile(self, number: str, username: str) -> dict[str, Any]:
        picture = f"https://scontent.cdninstagram.com/{number}.jpg"
        own = {"id": number, "username": username, "name": username.title(), "profile_picture_url": picture}
        return {**own, **dict.fromkeys(ABOUT_USER)}

    @property
    def posts(self) -> list[Shown]:
        return [media.shown() for media in self.media if media.is_shown(self.now())]

    def publish(self, call: Call) -> dict[str, Any]:
        """A container goes out once. Then, and when its day is over, it is as if it were none: 24/2207008."""
        owner, number = self.owner(call, "instagram_content_publish"), call.params.needed("creation_id")
        if self.is_restricted:
            raise Refused(25, "The Instagram account is restricted.", 2207050)
        container = self.containers.get(number)
        state = container.state(self.now()) if container else "EXPIRED"
        if container is None or container.owner != owner or container.is_item or state in ("EXPIRED", "PUBLISHED"):
            raise Refused(
                24, f"The media builder with creation id = {number} does not exist or has been expired.", 2207008
            )
        if state == "ERROR":
            raise Refused(-1, "Create media fail, please try to re-create media", 2207032)
        if state == "IN_PROGRESS":
            raise Refused(9007, "The media is not ready for publishing, please wait for a moment", 2207027)
        if self.used(owner, self.now() - DAY) >= self.quota_total:
            raise Refused(9, "You reached maximum number of posts that is allowed to be published.", 2207042)
        container.media_id = self.number()
        username = str(self.accounts_here[owner]["username"])
        self.media.append(Media.of(container, container.media_id, username, self.shortcode(), self.now()))
        return {"id": container.media_id}

    def shortcode(self) -> str:
        code = self.made + 10**15
        letters = ""
        while code:
            code, rest = divmod(code, len(LETTERS))
            letters = LETTERS[rest] + letters
        return letters

    def used(self, owner: str, since: datetime) -> int:
        """What was published since then, deleted or not: a carousel is one."""
        return sum(1 for each in self.media if each.owner == owner and each.made_at > since and each.kind != "comment")

    def quota(self, call: Call) -> dict[str, Any]:
        owner = self.owner(call, "instagram_content_publish")
        since = call.params.whole("since")
        start = datetime.fromtimestamp(since, self.now().tzinfo) if since else self.now() - DAY
        config = {"quota_total": self.quota_total, "quota_duration": 86400}
        told = {"quota_usage": self.used(owner, max(start, self.now() - DAY)), "config": config}
        wanted = re.split(",", call.params.text("fields") or "quota_usage")
        if unknown := [name for name in wanted if name not in told]:
            raise Refused(100, f"Tried accessing nonexisting field ({unknown[0]})")
        return {"data": [{name: told[name] for name in wanted}]}

    def kind_of_node(self, call: Call) -> str:
        number = call.ids["node"]
        kinds = {"page": self.pages, "account": self.accounts_here, "container_status": self.containers}
        if found := next((kind for kind, nodes in kinds.items() if number in nodes), None):
            return found
        media = self.of(number)
        return "comment_status" if media and media.kind == "comment" else "media_status"

    def of(self, number: str) -> Media | None:
        return next((each for each in self.media if each.id == number and not each.is_deleted), None)

    def show(self, call: Call) -> dict[str, Any]:
        number, fields = call.ids["node"], call.params.text("fields")
        if number in self.pages:
            return self.page_shown(self.page_asked(call, "get"), call)
        self.needs(call.caller, "instagram_basic")
        if number in self.accounts_here:
            return picked(self.accounts_here[self.seen_account(call, number)], fields, "IGUser", ("id",))
        container, media = self.containers.get(number), self.of(number)
        found = container or media
        if found is None:
            raise missing(number)
        self.seen_account(call, found.owner)
        if container:
            return picked(container.node(self.now()), fields, "IGContainer", ("id",))
        assert media is not None
        if media.ends_at and not media.is_shown(self.now()):
            raise missing(number)
        kind = "IGComment" if media.kind == "comment" else "IGMedia"
        return picked(media.node(), fields, kind, ("text", "timestamp") if media.kind == "comment" else ("id",))

    def listing(self, call: Call) -> dict[str, Any]:
        """Media, or the stories of the last day, newest first."""
        owner, wants_stories = self.owner(call), call.request.url.path.endswith("/stories")
        seen = [each for each in reversed(self.media) if each.owner == owner and self.is_listed(each)]
        mine = [each for each in seen if (each.kind == "story") == wants_stories and each.kind != "comment"]
        return listed([picked(each.node(), call.params.text("fields"), "IGMedia", ("id",)) for each in mine], call)

    def is_listed(self, media: Media) -> bool:
        return media.is_shown(self.now()) and media.made_at + timedelta(seconds=self.listing_lag_seconds) <= self.now()

    def comment(self, call: Call) -> dict[str, Any]:
        self.needs(call.caller, "instagram_basic", "instagram_manage_comments")
        media = self.media_under(call)
        text = call.params.needed("message")
        mine = Media(self.number(), media.owner, media.username, "comment", text, "", self.now(), answers=media.id)
        self.media.append(mine)
        return {"id": mine.id}

    def comments(self, call: Call) -> dict[str, Any]:
        self.needs(call.caller, "instagram_basic")
        media, fields = self.media_under(call), call.params.text("fields")
        mine = [each for each in reversed(self.media) if each.answers == media.id and self.is_listed(each)]
        return listed([picked(each.node(), fields, "IGComment", ("text", "timestamp")) for each in mine], call, 50)

    def media_under(self, call: Call) -> Media:
        media = self.of(call.ids["node"])
        if media is None or media.kind in ("comment", "story"):
            raise missing(call.ids["node"], call.request.method.lower())
        self.seen_account(call, media.owner)
        return media

    def delete(self, call: Call) -> dict[str, Any]:
        self.needs(call.caller, "instagram_basic", "instagram_manage_comments")
        media = self.of(call.ids["node"])
        if media is None or (media.kind != "comment" and not self.deletes_media):
            raise missing(call.ids["node"], "delete")
        self.seen_account(call, media.owner)
        media.is_deleted = True
        return {"success": True}
