"""A profile of Threads and what its owner may do with it over the API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx

from tests.contract.meta.asked import flag, known
from tests.contract.meta.graph_refusals import bad_parameter, not_permitted
from tests.contract.meta.params import picked
from tests.contract.meta.refusals import Refused, missing
from tests.contract.shown import Shown
from tests.contract.threads.containers import Container, Containers
from tests.contract.threads.shelf import Shelf

DAY = timedelta(hours=24)
FIELDS = frozenset({"fields"})
PAGING = FIELDS | {"since", "until", "limit", "before", "after"}
PROFILE = ("id", "username", "name", "is_verified", "threads_profile_picture_url", "threads_biography")
PLACE = ("id", "address", "city", "country", "name", "latitude", "longitude", "postal_code")
MENLO_PARK = ("12345", "1 Hacker Way", "Menlo Park", "US", "Facebook Headquarters", 37.48, -122.15, "94025")
QUOTAS = {"": 250, "reply_": 1000, "delete_": 100, "location_search_": 500}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

Scopes = frozenset[str]


class Profile:
    """`elsewhere`: ids of other people's posts, which may be answered, quoted and reposted.

    Two things are left open by the documents: whether the list of posts has answers (`lists_replies_with_posts`), and
    whether an answer needs `threads_manage_replies` (`replies_need_scope`). Here it is the harder way, each time.
    """

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes]):
        self.now = now
        self.account = {"id": "26214418571538390", "username": "kim.example", "name": "Kim", "threads_biography": "Hi"}
        self.containers = Containers(now, fetch)
        self.shelf = Shelf(now, self.account)
        self.places = {MENLO_PARK[0]: dict(zip(PLACE, MENLO_PARK, strict=True))}
        self.elsewhere: set[str] = set()
        self.lists_replies_with_posts = False
        self.replies_need_scope = True
        self.quotas = dict(QUOTAS)
        self.used: list[tuple[str, datetime]] = []
        self._random = Random(4711)

    def me(self, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        known(asked, FIELDS)
        picture = f"https://scontent.cdninstagram.example/{self.account['id']}.jpg"
        full = dict.fromkeys(PROFILE) | self.account | {"is_verified": False, "threads_profile_picture_url": picture}
        return httpx.Response(200, json=picked(full, asked.get("fields", ""), "ThreadsUser", ("id",)))

    def create(self, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        _needs(scopes, "threads_content_publish")
        if "location_id" in asked:
            _needs(scopes, "threads_location_tagging")
            if asked["location_id"] not in self.places:
                raise bad_parameter("Param location_id is invalid")
        if "reply_to_id" in asked and self.replies_need_scope:
            _needs(scopes, "threads_manage_replies")
        for name in ("reply_to_id", "quote_post_id"):
            if name in asked:
                self._someones(asked[name])
        made = self.containers.make(self._number(), asked)
        if flag(asked, "auto_publish_text"):
            return self._show(made)
        return httpx.Response(200, json={"id": made.id})

    def publish(self, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        _needs(scopes, "threads_content_publish")
        known(asked, frozenset({"creation_id"}))
        if "creation_id" not in asked:
            raise bad_parameter("The parameter creation_id is required")
        return self._show(self.containers.publishable(asked["creation_id"]))

    def status(self, number: str, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        known(asked, FIELDS)
        made = self.containers.kept[number]
        status = made.status(self.now())
        message = made.spoiled if status == "ERROR" else None
        full = {"id": number, "status": status, "error_message": message}
        return httpx.Response(200, json=picked(full, asked.get("fields", ""), "ThreadsContainer", ("id",)))

    def post(self, number: str, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        """A post has no `status`: https://github.com/exileum/meta-mcp/issues/143"""
        known(asked, FIELDS)
        found = self.shelf.find(number)
        if not found:
            raise missing(number)
        return httpx.Response(200, json=self.shelf.media(found, asked.get("fields", "")))

    def listed(self, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        known(asked, PAGING)
        return httpx.Response(200, json=self.shelf.listed(asked, answers=False, both=self.lists_replies_with_posts))

    def replies(self, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        _needs(scopes, "threads_read_replies")
        known(asked, PAGING)
        return httpx.Response(200, json=self.shelf.listed(asked, answers=True))

    def repost(self, number: str, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        _needs(scopes, "threads_content_publish")
        known(asked, frozenset())
        self._someones(number)
        self._spend("")
        return self._keep(kind="text", about={"reposts": number})

    def delete(self, number: str, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        _needs(scopes, "threads_delete")
        known(asked, frozenset())
        found = self.shelf.find(number)
        if not found:
            raise missing(number, "delete")
        self._spend("delete_")
        self.shelf.posts.remove(found)
        return httpx.Response(200, json={"success": True, "deleted_id": number})

    def quota(self, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        _needs(scopes, "threads_content_publish")
        known(asked, FIELDS)
        full: dict[str, Any] = {"id": None}
        for name, total in self.quotas.items():
            config = "config" if not name else f"{name}config"
            full |= {f"{name}quota_usage": self._spent(name)}
            full |= {config: {"quota_total": total, "quota_duration": 86400}}
        shown = picked(full, asked.get("fields", ""), "ThreadsPublishingLimit", ("quota_usage",))
        return httpx.Response(200, json={"data": [{name: value for name, value in shown.items() if name != "id"}]})

    def search(self, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        """The guide calls the text `q`, the reference `query`: https://developers.facebook.com/documentation/threads"""
        _needs(scopes, "threads_location_tagging")
        known(asked, FIELDS | {"q", "query", "latitude", "longitude"})
        text = asked.get("q", asked.get("query", "")).lower()
        if ("latitude" in asked) != ("longitude" in asked) or not (text or "latitude" in asked):
            raise bad_parameter("A query, or a latitude and a longitude are required")
        self._spend("location_search_")
        found = [each for each in self.places.values() if text in f"{each['name']} {each['city']}".lower()]
        return httpx.Response(
            200, json={"data": [picked(each, asked.get("fields", ""), "Location", ("id",)) for each in found]}
        )

    def place(self, number: str, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        _needs(scopes, "threads_location_tagging")
        known(asked, FIELDS)
        return httpx.Response(200, json=picked(self.places[number], asked.get("fields", ""), "Location", ("id",)))

    def _show(self, made: Container) -> httpx.Response:
        answered = made.asked.get("reply_to_id")
        if answered:
            self._someones(answered)
        self._spend("reply_" if answered else "")
        text = made.asked.get("text", "")
        parts = {"media": made.media, "alt_texts": made.alt_texts, "about": made.about}
        response = self._keep(kind=made.kind, text=text, answers=answered, **parts)
        made.published_as = self.shelf.posts[-1].id
        return response

    def _keep(self, **parts: Any) -> httpx.Response:
        number = self._number()
        short = "".join(self._random.choices(ALPHABET, k=11))
        url = f"https://www.threads.com/@{self.account['username']}/post/{short}"
        shown = {"text": "", **parts, "id": number, "author": self.account["id"], "url": url, "made_at": self.now()}
        self.shelf.posts.append(Shown(**shown))
        return httpx.Response(200, json={"id": number})

    def _someones(self, number: str) -> None:
        if number not in self.elsewhere and not self.shelf.find(number):
            raise missing(number)

    def _spend(self, name: str) -> None:
        if self._spent(name) >= self.quotas[name]:
            raise used_up()
        self.used.append((name, self.now()))

    def _spent(self, name: str) -> int:
        return sum(each == name and self.now() - at < DAY for each, at in self.used)

    def _number(self) -> str:
        return f"18{self._random.randrange(10**15):015}"


def _needs(scopes: Scopes, scope: str) -> None:
    if scope not in scopes:
        raise not_permitted(scope)


def used_up() -> Refused:
    """Threads documents the limit and not its error: this is Instagram's."""
    message = "You reached maximum number of posts that is allowed to be published by Content Publishing API"
    return Refused(9, message, 2207042)
