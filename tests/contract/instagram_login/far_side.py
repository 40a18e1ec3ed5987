"""A small Instagram with its own login: what differs from the one of Facebook Login is the login, the hosts and scopes.

https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login and, of Meta's
business SDK, IG…ForIGOnlyAPI: no upload that goes on where it broke off, and nothing is deleted.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.contract.instagram.far_side import ACCOUNT, InstagramSide
from tests.contract.instagram_login.failures import FAILURES
from tests.contract.meta.graph_refusals import LoginRefused, bad_parameter, response_of
from tests.contract.meta.graph_side import Call, Route, Token
from tests.contract.meta.long_lived_tokens import LongLivedTokens, callback
from tests.contract.meta.params import picked
from tests.contract.meta.refusals import Refused, missing

API = r"graph\.instagram\.com"
NODE = "(?P<node>[0-9]+)"
OWNER = "(?P<node>me|[0-9]+)"
SCOPES = frozenset(
    {
        "instagram_business_basic",
        "instagram_business_content_publish",
        "instagram_business_manage_comments",
        "instagram_business_manage_insights",
        "instagram_business_manage_messages",
    }
)
LOGIN = frozenset({"token", "exchange", "refresh", "me"})
SHARED = frozenset({"create_container", "publish", "quota", "list", "stories", "comment", "comments"})
READING = frozenset({"account", "container_status", "media_status", "comment_status"})


class InstagramLoginSide(InstagramSide):
    """One app, one account. `wraps_in_data`: the first token comes in a list. `marks_code`: a code ends with `#_`.

    `denies_what_it_does`: calls that are carried out, and answered with 400, as others saw of comments.
    """

    HOSTS = ("www.instagram.com", "api.instagram.com", "graph.instagram.com")
    OPERATIONS = LOGIN | SHARED | READING | {"update"}
    FAILURES = FAILURES

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes] | None = None):
        super().__init__(now, fetch)
        self.logins = LongLivedTokens(now, self.app, prefix="IGAA", grant="ig")
        self.person = {"id": "24512345678901234", "name": "Kim"}
        self.account = {**self.profile(ACCOUNT, "kimsbakery"), "user_id": ACCOUNT, "account_type": "Business"}
        self.account["id"] = self.person["id"]
        self.accounts_here, self.pages = {ACCOUNT: self.account}, {}
        self.wraps_in_data = False
        self.marks_code = True
        self.denies_what_it_does: set[str] = set()
        shared = [route for route in self.routes if route.operation in SHARED]
        self.routes = [
            Route("token", "POST", "oauth/access_token", self.redeem, r"api\.instagram\.com", is_open=True),
            Route("exchange", "GET", "access_token", self.exchange, API, is_open=True),
            Route("refresh", "GET", "refresh_access_token", self.refresh, API, is_open=True),
            Route("me", "GET", "me", self.me, API),
            *(replace(route, host=API, path=route.path.replace(NODE, OWNER)) for route in shared),
            Route(self.kind_of_node, "GET", NODE, self.show, API),
            Route("update", "POST", NODE, self.update, API),
        ]

    def consent(self, authorization_url: str, *, denies: bool = False) -> dict[str, str]:
        """The query of the callback that the person's browser is sent to."""
        url = urlsplit(authorization_url)
        asked = dict(parse_qsl(url.query))
        assert f"{url.scheme}://{url.netloc}{url.path}" == "https://www.instagram.com/oauth/authorize"
        assert asked["redirect_uri"] == self.redirect_uri
        query = callback(self.logins, asked, SCOPES, needs="instagram_business_basic", denies=denies)
        if self.marks_code and "code" in query:
            query["code"] += "#_"
        return query

    def redeem(self, call: Call) -> dict[str, Any] | httpx.Response:
        """Which number `user_id` is here, the account's or the person's for this app, is left open: the latter."""
        if call.request.url.query:
            raise bad_parameter("The parameters are taken in a form")
        try:
            text, token = self.logins.redeem(call.params.given)
        except LoginRefused as refused:
            return response_of(refused)
        given = {"access_token": text, "user_id": self.person["id"], "permissions": ",".join(sorted(token.scopes))}
        return {"data": [given]} if self.wraps_in_data else given

    def exchange(self, call: Call) -> httpx.Response:
        return self.logins.exchange(call.params.given, self.bearer(call))

    def refresh(self, call: Call) -> dict[str, Any]:
        given = self.logins.refresh(call.params.given, self.bearer(call)).json()
        return {**given, "permissions": ",".join(sorted(self.logins.valid(given["access_token"]).scopes))}

    def bearer(self, call: Call) -> str:
        scheme, _, sent = call.request.headers.get("Authorization", "").partition(" ")
        value = call.params.text("access_token") or (sent if scheme == "Bearer" else "")
        if not value:
            raise Refused(104, "An access token is required to request this resource.")
        return value

    def authorized(self, call: Call) -> Token:
        """Calls are counted by account, as those with a page's token are."""
        value = self.bearer(call)
        found = self.logins.valid(value)
        return Token("page", ACCOUNT, found.scopes, found.made_at, found.expires_at, value=value)

    def needs(self, token: Token, *scopes: str) -> None:
        super().needs(token, *(scope.replace("instagram_", "instagram_business_", 1) for scope in scopes))

    def seen_account(self, call: Call, number: str) -> str:
        """By `me` or by `user_id`, which is not `id`."""
        if number not in ("me", ACCOUNT):
            raise missing(number, call.request.method.lower())
        return ACCOUNT

    def me(self, call: Call) -> dict[str, Any]:
        self.needs(call.caller, "instagram_basic")
        return picked(self.account, call.params.text("fields"), "User", ("id",))

    def create(self, call: Call) -> dict[str, Any]:
        if "upload_type" in call.params.given:
            raise bad_parameter("Param upload_type is not allowed")
        return super().create(call)

    def update(self, call: Call) -> dict[str, Any]:
        self.needs(call.caller, "instagram_basic", "instagram_manage_comments")
        media = self.media_under(call)
        call.params.needed("comment_enabled")
        media.about = {**media.about, "comment_enabled": call.params.flag("comment_enabled", True)}
        return {"success": True}

    def remove_app(self) -> None:
        self.logins.revoke_all()

    def carried_out(self, call: Call, route: Route) -> httpx.Response:
        response = super().carried_out(call, route)
        name = route.name(call)
        if name in self.denies_what_it_does and response.is_success:
            self.denies_what_it_does.discard(name)
            return response_of(Refused(1, "An unknown error occurred"))
        return response
