"""A small X, API v2, kept in memory: as docs.x.com and specs/x/openapi.json describe it for self-serve apps.

Where they are silent it follows what developers saw, and says where; what nobody says is a switch of `rules`, `files`,
`lists`, `limits` or `sign_in`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import regex

from tests.contract.failure import Failure
from tests.contract.shown import Shown
from tests.contract.x.side_answers import Refused, forbidden, missing, not_found, said
from tests.contract.x.side_bodies import POST, json_of, listed, query_of
from tests.contract.x.side_counting import normalised
from tests.contract.x.side_failures import CREDITS, FAILURES
from tests.contract.x.side_limits import Limits
from tests.contract.x.side_lists import COMMON, USER_FIELDS, Lists
from tests.contract.x.side_media import Files
from tests.contract.x.side_posts import (
    COSTS,
    Post,
    Rules,
    about,
    check_content,
    check_copies,
    check_reply,
    cost_of,
    wrapped,
)
from tests.contract.x.side_sign_in import Person, SignIn, Token, TokenRefused

KIM = Person("2244994945", "kim_writes", "Kim")
SNOWFLAKES_SINCE = 1288834974657
ROUTES = (
    ("GET", "/2/users/me", "me", "users.read tweet.read"),
    ("POST", "/2/tweets", "publish", "tweet.write tweet.read users.read"),
    ("GET", "/2/tweets/[0-9]{1,19}", "show", "tweet.read users.read"),
    ("DELETE", "/2/tweets/[0-9]{1,19}", "delete", "tweet.write tweet.read users.read"),
    ("GET", "/2/users/[0-9]{1,19}/tweets", "list", "tweet.read users.read"),
    ("POST", "/2/media/upload", "upload", "media.write"),
    ("GET", "/2/media/upload", "upload_status", "media.write"),
    ("POST", "/2/media/upload/initialize", "upload_begin", "media.write"),
    ("POST", "/2/media/upload/[0-9]{1,19}/append", "upload_part", "media.write"),
    ("POST", "/2/media/upload/[0-9]{1,19}/finalize", "upload_finish", "media.write"),
    ("POST", "/2/media/metadata", "alt_text", "media.write"),
)
SCOPES = {operation: set(scopes.split()) for _, _, operation, scopes in ROUTES}
OPERATIONS = ("token", "refresh", "revoke", *SCOPES)
PUBLISHING = ("publish",)


class XSide:
    """`answer` is an `httpx.MockTransport` handler; `consent` is what `person` does in a browser.

    `spent` counts millionths of a US dollar; `credits`, where set, is how many of them the app has bought.
    """

    HOSTS = ("api.x.com", "x.com")
    OPERATIONS = OPERATIONS
    PUBLISHING = PUBLISHING
    FAILURES = FAILURES

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes] | None = None):
        self.now = now
        self.app = {
            "client_id": "M1M5R3BMVy13QmpScXkzTUt5OE46MTpjaQ",
            "client_secret": "-RoLx3x58JA8Sm9JIt2fmAjq3q5GX-icZ3vjJxSeGsdmGtXEbP",
        }
        self.person = KIM
        self.sign_in = SignIn(now, self.app)
        self.files = Files(now, self.next_id)
        self.limits = Limits(now)
        self.lists = Lists()
        self.rules = Rules()
        self.written: list[Post] = []
        self.by_hand: set[str] = set()
        self.taken_down: set[str] = set()
        self.count = 0
        self.spent = 0
        self.credits: int | None = None
        self.seen: list[httpx.Request] = []
        self.fail_next: list[tuple[str, Failure]] = []
        self.loses_answer_of: set[str] = set()
        self.cuts: set[str] = set()
        self.carries_out: dict[str, Callable[[httpx.Request, Person], httpx.Response]] = {
            "me": self.me,
            "publish": self.publish,
            "show": self.show,
            "delete": self.delete,
            "list": self.timeline,
            "upload": lambda request, person: self.files.upload(request, person.id),
            "upload_begin": lambda request, person: self.files.begin(request, person.id),
            "upload_part": lambda request, person: self.files.append(request, person.id),
            "upload_finish": lambda request, person: self.files.finish(request, person.id),
            "upload_status": lambda request, person: self.files.status(request, person.id),
            "alt_text": self.describe,
        }

    @property
    def redirect_uri(self) -> str:
        return self.sign_in.redirect_uri

    @redirect_uri.setter
    def redirect_uri(self, uri: str) -> None:
        self.sign_in.redirect_uri = uri

    @property
    def processing_seconds(self) -> float:
        return self.files.processing_seconds

    @processing_seconds.setter
    def processing_seconds(self, seconds: float) -> None:
        self.files.processing_seconds = seconds

    @property
    def listing_lag_seconds(self) -> float:
        return self.lists.lag_seconds

    @listing_lag_seconds.setter
    def listing_lag_seconds(self, seconds: float) -> None:
        self.lists.lag_seconds = seconds

    @property
    def posts(self) -> list[Shown]:
        """Those that came by the API."""
        return [post.shown() for post in self._visible() if post.id not in self.by_hand]

    def consent(self, authorization_url: str, *, denies: bool = False) -> dict[str, str]:
        return self.sign_in.consent(authorization_url, self.person, denies=denies)

    def says(self, author: Person, text: str) -> str:
        """Somebody else writes a post by hand; its id."""
        post = Post(self.next_id(), author, normalised(text), self.now())
        self.written.append(post)
        self.by_hand.add(post.id)
        return post.id

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        operation = operation_of(request)
        if operation is None:
            return httpx.Response(404)  # nothing in it: https://github.com/xdevplatform/docs/issues/395
        if operation in self.cuts:
            self.cuts.remove(operation)
            raise httpx.ReadError("the connection broke", request=request)
        if failure := self._failure_of(operation):
            return failure
        response = self._answer(operation, request)
        if operation in self.loses_answer_of:
            self.loses_answer_of.remove(operation)
            raise httpx.ReadError("the connection broke", request=request)
        return response

    def _failure_of(self, operation: str) -> httpx.Response | None:
        """With the headers of the limits, its own before those."""
        for number, (name, failure) in enumerate(self.fail_next):
            if name == operation:
                del self.fail_next[number]
                response = failure.response()
                if operation in SCOPES:
                    usual = self.limits.headers(operation, self.person.id)
                    response.headers.update({**usual, **failure.headers})
                return response
        return None

    def _answer(self, operation: str, request: httpx.Request) -> httpx.Response:
        try:
            if operation == "revoke":
                return self.sign_in.revoke(request)
            if operation in ("token", "refresh"):
                return self.sign_in.token(request)
            return self._for_user(operation, request, self.sign_in.bearer(request))
        except (TokenRefused, Refused) as refused:
            return refused.response

    def _for_user(self, operation: str, request: httpx.Request, token: Token) -> httpx.Response:
        """Whatever it comes to, it counts."""
        response = self.limits.refusal(operation, token.person.id)
        if response is None:
            try:
                if not set(token.scope.split()) >= SCOPES[operation]:
                    raise forbidden()
                response = self.carries_out[operation](request, token.person)
            except Refused as refused:
                response = refused.response
        response.headers.update(self.limits.headers(operation, token.person.id))
        return response

    def _pay(self, micros: int) -> None:
        if self.credits is not None and self.spent + micros > self.credits:
            raise Refused(httpx.Response(402, json=CREDITS))
        self.spent += micros

    def next_id(self) -> str:
        """Grows with time, and is never given twice."""
        self.count += 1
        return str(((int(self.now().timestamp() * 1000) - SNOWFLAKES_SINCE) << 22) + self.count)

    def me(self, request: httpx.Request, person: Person) -> httpx.Response:
        rules = {
            "user.fields": listed(*USER_FIELDS.split()),
            "expansions": listed("affiliation", "most_recent_post_id", "pinned_post_id", "pinned_tweet_id"),
            "post.fields": listed(*COMMON.split()),
            "tweet.fields": listed(*COMMON.split()),
        }
        asked = query_of(request, rules).get("user.fields", [])
        self._pay(COSTS["user_read"])
        more: dict[str, Any] = {
            "profile_image_url": f"https://pbs.twimg.com/profile_images/{person.id}/photo_normal.jpg",
            "verified_type": person.verified_type,
            "subscription_type": person.subscription_type,
            "protected": False,
        }
        shown = {name: value for name, value in more.items() if name in asked}
        return said({"id": person.id, "name": person.name, "username": person.username, **shown})

    def publish(self, request: httpx.Request, person: Person) -> httpx.Response:
        body = json_of(request, POST)
        replies_to = body.get("reply", {}).get("in_reply_to_tweet_id")
        answered = self._find(replies_to) if replies_to else None
        check_content(body, person, answered)
        if replies_to:
            check_reply(self.rules, person, answered)
        if body.get("community_id", "") not in {"", *self.rules.communities}:
            raise forbidden()
        files = self.files.attach(body["media"]["media_ids"], person.id) if "media" in body else []
        post = Post(
            id=self.next_id(),
            author=person,
            text=normalised(body.get("text", "")).strip(),
            made_at=self.now(),
            files=files,
            alt_texts=tuple(file.alt_text for file in files),
            answers=replies_to,
            about=about(self.rules, body, self.now()),
        )
        check_copies(self.rules, post, self.written)
        self._pay(cost_of(post, answered))
        self.written.append(post)
        return said({"id": post.id, "text": wrapped(post)[0], "edit_history_post_ids": [post.id]}, 201)

    def describe(self, request: httpx.Request, person: Person) -> httpx.Response:
        response = self.files.describe(request, person.id)
        self._pay(COSTS["metadata"])
        return response

    def _visible(self, lag: float = 0) -> list[Post]:
        posts = [post for post in self.written if post.id not in self.taken_down]
        return [post for post in posts if not lag or (self.now() - post.made_at).total_seconds() >= lag]

    def _find(self, number: str, lag: float = 0) -> Post | None:
        return next((post for post in self._visible(lag) if post.id == number), None)

    def delete(self, request: httpx.Request, person: Person) -> httpx.Response:
        query_of(request, {})
        number = request.url.path.rpartition("/")[2]
        post = self._find(number)
        if post is None:
            raise missing("tweet", number)
        if post.author.id != person.id:
            raise forbidden("You are not authorized to delete this Tweet.")
        self.taken_down.add(number)
        return said({"deleted": True})

    def show(self, request: httpx.Request, person: Person) -> httpx.Response:
        """Of what is gone it tells with status 200."""
        number = request.url.path.rpartition("/")[2]
        post = self._find(number, self.lists.lag_seconds)
        if post is None:
            return httpx.Response(200, json={"errors": [not_found("tweet", number)]})
        return self.lists.one(request, post)

    def timeline(self, request: httpx.Request, person: Person) -> httpx.Response:
        whose = request.url.path.split("/")[3]
        posts = [post for post in self._visible(self.lists.lag_seconds) if post.author.id == whose]
        response = self.lists.timeline(request, posts)
        self._pay(COSTS["owned_read"] * response.json()["meta"]["result_count"])
        return response


def operation_of(request: httpx.Request) -> str | None:
    if request.url.scheme != "https" or request.url.host != "api.x.com":
        return None
    if request.method == "POST" and request.url.path == "/2/oauth2/revoke":
        return "revoke"
    if request.method == "POST" and request.url.path == "/2/oauth2/token":
        return "refresh" if b"grant_type=refresh_token" in request.content else "token"
    routes = (
        name for method, path, name, _ in ROUTES if method == request.method and regex.fullmatch(path, request.url.path)
    )
    return next(routes, None)
