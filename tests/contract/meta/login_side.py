"""Facebook Login: the dialog, tokens of people and of their pages, and what ends them.

https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
A page's token that was got with a long-lived token of a person has no end; one got with a short-lived one ends with it.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from punctual.meta.signed_requests import FIELD, signed
from tests.contract.meta.graph_side import VERSION, Call, GraphSide, Route, Token, listed
from tests.contract.meta.params import picked
from tests.contract.meta.refusals import Refused, missing

CODE_LASTS = timedelta(minutes=10)
SHORT = timedelta(hours=2)
LONG = timedelta(seconds=5183944)
ALL_TASKS = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")
SCOPES = {
    *("public_profile", "email", "business_management", "publish_video"),
    *("pages_show_list", "pages_read_engagement", "pages_read_user_content", "pages_manage_posts"),
    *("pages_manage_engagement", "pages_manage_metadata"),
    *("instagram_basic", "instagram_content_publish", "instagram_manage_comments", "instagram_manage_insights"),
}
DIALOG = {
    *("client_id", "redirect_uri", "state", "scope", "response_type", "auth_type", "config_id", "return_scopes"),
    *("display", "code_challenge", "code_challenge_method", "override_default_response_type"),
}
PAGE_FIELDS = ("access_token", "category", "category_list", "name", "id", "tasks")


@dataclass
class Page:
    """`instagram` is the professional account that is linked to it. `in_business`: a business manager owns it."""

    id: str
    name: str
    username: str | None = None
    tasks: tuple[str, ...] = ALL_TASKS
    instagram: dict[str, Any] | None = None
    in_business: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Code:
    scopes: frozenset[str]
    redirect_uri: str
    made_at: datetime
    is_used: bool = False


class LoginSide(GraphSide):
    """`declined` are scopes that the person takes away in the dialog, `chosen` the pages that they let the app see."""

    HOSTS = ("graph.facebook.com", "www.facebook.com")
    LOGIN = frozenset({"token", "exchange", "debug_token", "me", "accounts", "permissions", "revoke", "page"})

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes] | None = None):
        super().__init__(now, fetch)
        self.person = {"id": "10224837465564738", "name": "Kim Doe"}
        self.pages: dict[str, Page] = {}
        self.codes: dict[str, Code] = {}
        self.consents: list[str] = []
        self.declined: set[str] = set()
        self.chosen: set[str] | None = None
        self.granted: frozenset[str] = frozenset()
        self.routes += [
            Route(_token_call, "GET", "oauth/access_token", self.token, is_open=True),
            Route("debug_token", "GET", "debug_token", self.debug_token),
            Route("me", "GET", "me", self.me),
            Route("accounts", "GET", "(?P<node>me|[0-9]+)/accounts", self.accounts),
            Route("permissions", "GET", "(?P<node>me|[0-9]+)/permissions", self.permissions),
            Route("revoke", "DELETE", "(?P<node>me|[0-9]+)/permissions", self.revoke),
        ]

    def consent(self, authorization_url: str, *, denies: bool = False) -> dict[str, str]:
        """The query of the callback that the person's browser is sent to (which has the fragment `_=_` as well)."""
        self.consents.append(authorization_url)
        url = urlsplit(authorization_url)
        asked = dict(parse_qsl(url.query, strict_parsing=True))
        assert (url.scheme, url.netloc) == ("https", "www.facebook.com"), "the dialog is at www.facebook.com"
        assert VERSION.sub("", url.path) == "/dialog/oauth"
        assert asked["client_id"] == self.app["client_id"], "PLATFORM__INVALID_APP_ID"
        assert asked["redirect_uri"] == self.redirect_uri, "URL blocked: this redirect URI is not white-listed"
        assert asked.get("response_type", "code") == "code"
        assert asked.keys() <= DIALOG, f"not of the dialog: {asked.keys() - DIALOG}"
        assert asked.get("state"), "no state"
        wanted = set(asked.get("scope", "").split(",")) - {""}
        assert wanted <= SCOPES, f"Invalid Scopes: {wanted - SCOPES}"
        own = dict(parse_qsl(urlsplit(asked["redirect_uri"]).query))
        if denies:
            denial = {"error": "access_denied", "error_code": "200", "error_description": "Permissions error"}
            return {**own, **denial, "error_reason": "user_denied", "state": asked["state"]}
        self.granted = frozenset({"public_profile"} | (wanted - self.declined))
        code = f"AQ{secrets.token_urlsafe(60)}"
        self.codes[code] = Code(self.granted, asked["redirect_uri"], self.now())
        return {**own, "code": code, "state": asked["state"]}

    def token(self, call: Call) -> dict[str, Any]:
        params = call.params
        if params.needed("client_id") != self.app["client_id"]:
            raise Refused(101, "Error validating application. Cannot get application info due to a system error.")
        if params.text("client_secret") != self.app["client_secret"]:
            raise Refused(1, "Error validating client secret.")
        if params.text("grant_type") == "fb_exchange_token":
            return self.exchanged(params.needed("fb_exchange_token"))
        code = self.codes.get(params.needed("code"))
        if code is None:
            raise Refused(100, "Invalid verification code format.")
        if code.redirect_uri != params.needed("redirect_uri"):
            raise Refused(
                100, "Error validating verification code. Please make sure your redirect_uri is the same", 36008
            )
        if code.is_used:
            raise Refused(100, "This authorization code has been used.", 36009)
        if code.made_at + CODE_LASTS <= self.now():
            raise Refused(100, "This authorization code has expired.", 36007)
        code.is_used = True
        return _given(self.mint("user", self.person["id"], code.scopes, SHORT), SHORT)

    def exchanged(self, value: str) -> dict[str, Any]:
        old = self.tokens.get(value)
        if old is None or old.kind != "user":
            raise Refused(190, "Invalid OAuth access token - Cannot parse access token")
        if died := self.death_of(old):
            raise Refused(190, died[1], died[0])
        return _given(self.mint("user", old.profile, old.scopes, LONG, is_long=True), LONG)

    def me(self, call: Call) -> dict[str, Any]:
        if call.caller.kind == "page":
            return self.page_shown(self.pages[call.caller.profile], call)
        picture = {"data": {"url": f"https://platform-lookaside.fbsbx.com/{self.person['id']}", "is_silhouette": False}}
        return picked({**self.person, "picture": picture, "email": None}, call.params.text("fields"), "User", ("name",))

    def accounts(self, call: Call) -> dict[str, Any]:
        self.person_of(call, "get")
        fields = call.params.text("fields") or ",".join(PAGE_FIELDS)
        return listed([self.account(page, call, fields) for page in self.pages_of(call.caller)], call)

    def account(self, page: Page, call: Call, fields: str) -> dict[str, Any]:
        node = {**self.page_node(page, call.caller), "access_token": self.page_token(page, call.caller).value}
        return picked(node, fields, "Page", PAGE_FIELDS)

    def pages_of(self, token: Token) -> list[Page]:
        """What the person let the app see, and has a role on; of a business manager's only with its scope."""
        if "pages_show_list" not in token.scopes:
            return []
        seen = [page for page in self.pages.values() if self.chosen is None or page.id in self.chosen]
        return [page for page in seen if page.tasks and (not page.in_business or "business_management" in token.scopes)]

    def page_token(self, page: Page, caller: Token) -> Token:
        """The same one again while it lives: it is of the page, the person and what they granted."""
        wanted = ("page", page.id, caller.is_long, caller.scopes, None if caller.is_long else caller.expires_at)
        for token in self.tokens.values():
            own = (token.kind, token.profile, token.is_long, token.scopes, token.expires_at)
            if own == wanted and not token.death:
                return token
        lasts = None if caller.is_long or caller.expires_at is None else caller.expires_at - self.now()
        return self.mint("page", page.id, caller.scopes, lasts, is_long=caller.is_long)

    def page_node(self, page: Page, token: Token) -> dict[str, Any]:
        sees = "instagram_basic" in token.scopes
        picture = {"data": {"url": f"https://scontent.xx.fbcdn.net/{page.id}.jpg", "is_silhouette": False}}
        return {
            "id": page.id,
            "name": page.name,
            "username": page.username,
            "category": "Brand",
            "category_list": [{"id": "2201", "name": "Brand"}],
            "link": f"https://www.facebook.com/{page.username or page.id}",
            "picture": picture,
            "tasks": list(page.tasks),
            "instagram_business_account": page.instagram if sees else None,
            "connected_instagram_account": page.instagram if sees else None,
            **dict.fromkeys(("about", "description", "fan_count", "followers_count", "verification_status", "website")),
            **page.about,
        }

    def page_shown(self, page: Page, call: Call) -> dict[str, Any]:
        node = {**self.page_node(page, call.caller), "tasks": None}
        if call.caller.kind == "user":
            node["access_token"] = self.page_token(page, call.caller).value
        else:
            node["access_token"] = call.caller.value
        return picked(node, call.params.text("fields"), "Page", ("name",))

    def page_asked(self, call: Call, verb: str) -> Page:
        """The page that a call names, by its number or as `me`; the caller's own, or one of the person's."""
        name = call.caller.profile if call.ids["node"] == "me" else call.ids["node"]
        page = self.pages.get(name)
        if page is None or (call.caller.kind == "page" and call.caller.profile != page.id):
            raise missing(name, verb)
        if call.caller.kind == "user" and page not in self.pages_of(call.caller):
            raise missing(name, verb)
        return page

    def permissions(self, call: Call) -> dict[str, Any]:
        self.person_of(call, "get")
        granted = [{"permission": scope, "status": "granted"} for scope in sorted(call.caller.scopes)]
        return {"data": [*granted, *({"permission": scope, "status": "declined"} for scope in sorted(self.declined))]}

    def revoke(self, call: Call) -> dict[str, Any]:
        """Of one permission, or of all: then the app is gone, and every token with it. By the person's token or the
        app's own: https://developers.facebook.com/docs/graph-api/reference/user/permissions"""
        if (call.caller.kind, call.ids["node"]) != ("app", self.person["id"]):
            self.person_of(call, "delete")
        if scope := call.params.text("permission"):
            for token in self.tokens.values():
                token.scopes -= {scope}
        else:
            self.remove_app()
        return {"success": True}

    def person_of(self, call: Call, verb: str) -> None:
        """With a page's token, `me` is the page, which has neither accounts nor permissions."""
        if call.caller.kind != "user" or call.ids["node"] not in ("me", self.person["id"]):
            raise missing(call.ids["node"], verb)

    def debug_token(self, call: Call) -> dict[str, Any]:
        if call.caller.kind != "app":
            raise Refused(
                100, "You must provide an app access token, or a user access token that is an owner of the app"
            )
        token = self.tokens.get(call.params.needed("input_token"))
        if token is None:
            wrong = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
            return {"data": {"error": wrong, "is_valid": False, "scopes": []}}
        died = self.death_of(token)
        about: dict[str, Any] = {
            "app_id": self.app["client_id"],
            "type": token.kind.upper(),
            "application": "Punctual",
            "data_access_expires_at": int((token.made_at + timedelta(days=90)).timestamp()),
            "expires_at": int(token.expires_at.timestamp()) if token.expires_at else 0,
            "is_valid": not died,
            "issued_at": int(token.made_at.timestamp()),
            "scopes": sorted(token.scopes),
            "granular_scopes": [{"scope": scope} for scope in sorted(token.scopes)],
            "user_id": self.person["id"],
        }
        if token.kind == "page":
            about["profile_id"] = token.profile
        if died:
            about["error"] = {"code": 190, "message": died[1], "subcode": died[0]}
        return {"data": about}

    def change_password(self) -> None:
        self._end(460, "The session has been invalidated because the user changed their password")

    def remove_app(self) -> None:
        self._end(458, f"The user has not authorized application {self.app['client_id']}.")

    def need_checkpoint(self) -> None:
        self._end(459, "The session is invalid because the user is in a checkpoint.")

    def lose_role(self, page_id: str) -> None:
        self.pages[page_id].tasks = ()
        self._end(492, "The user must be an administrator of the page.", page_id)

    def _end(self, subcode: int, message: str, profile: str = "") -> None:
        for token in self.tokens.values():
            if token.profile == profile or not profile:
                token.death = token.death or (subcode, f"Error validating access token: {message}")

    def notice(self) -> dict[str, str]:
        """The form that the platform sends when a person removes the app, or wants their data deleted."""
        payload = {"user_id": self.person["id"], "issued_at": int(self.now().timestamp())}
        return {FIELD: signed(payload, self.app["client_secret"])}


def _given(token: Token, lasts: timedelta) -> dict[str, Any]:
    return {"access_token": token.value, "token_type": "bearer", "expires_in": int(lasts.total_seconds())}


def _token_call(call: Call) -> str:
    return "exchange" if call.params.text("grant_type") == "fb_exchange_token" else "token"
