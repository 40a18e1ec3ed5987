"""How platforms that have no provider yet want the generic client; with one, tests/contract/lifecycle says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.unit.oauth2 import kinds
from tests.unit.oauth2.platform import Plain

ACCESS = {"access_token": "access-1", "token_type": "bearer"}
PAIR = {**ACCESS, "refresh_token": "refresh-1"}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One request: all of its fields, in the form, or in the query of a GET; of its headers, those that are named."""

    url: str
    fields: Mapping[str, str]
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Platform:
    name: str
    source: str
    facts: Mapping[str, Any]
    exchange: tuple[tuple[Sent, Any], ...]
    """Requests and answers."""
    refresh: tuple[Sent, Any] | None
    kind: type[Plain] = Plain
    asked: Mapping[str, str] = field(default_factory=dict)
    """What must be in the consent page's query, beside what it always has."""
    seconds: int | None = None
    """The life of what `exchange` gives, and how long it can be renewed."""
    renewable_seconds: int | None = None
    rotates: bool = True
    dead: Any = field(default_factory=lambda: {"error": "invalid_grant"})


CODE = {
    "grant_type": "authorization_code",
    "code": "code-1",
    "redirect_uri": "https://punctual.example/v1/oauth/plain/callback",
}
VERIFIER = {"code_verifier": "verifier-1"}
BODY = {"client_id": "an app", "client_secret": "a:secret&more"}
BASIC = {"Authorization": "Basic YW4rYXBwOmElM0FzZWNyZXQlMjZtb3Jl"}
AGAIN = {"grant_type": "refresh_token", "refresh_token": "refresh-0"}
BY_BODY = {"token_auth": "client_secret_post"}
BY_BASIC = {"token_auth": "client_secret_basic"}
NO_PKCE = {"pkce": False}
COMMAS = {"scope_separator": ","}
KEY = {"client_key": "an app", "client_secret": "a:secret&more"}
TIKTOK = "https://open.tiktokapis.com/v2/oauth/token/"
GOOGLE, PINTEREST = "https://oauth2.googleapis.com/token", "https://api.pinterest.com/v5/oauth/token"
REDDIT, DISCORD = "https://www.reddit.com/api/v1/access_token", "https://discord.com/api/oauth2/token"
SLACK, TUMBLR = "https://slack.com/api/oauth.v2.access", "https://api.tumblr.com/v2/oauth2/token"
TWITCH = "https://id.twitch.tv/oauth2/token"


def plain(name: str, source: str, url: str, proof: Mapping[str, str], answer: Any, **about: Any) -> Platform:
    """Both requests as the RFC has them."""
    verifier = VERIFIER if about["facts"].get("pkce", True) else {}
    headers = about.pop("headers", {}) | (BASIC if not proof else {})
    return Platform(
        name=name,
        source=source,
        exchange=((Sent(url=url, fields={**CODE, **verifier, **proof}, headers=headers), answer),),
        refresh=(Sent(url=url, fields={**AGAIN, **proof}, headers=headers), answer),
        **about,
    )


PLATFORMS = [
    plain(
        "TikTok",
        "https://developers.tiktok.com/doc/oauth-user-access-token-management",
        TIKTOK,
        KEY,
        {
            **PAIR,
            "token_type": "Bearer",
            "open_id": "1",
            "scope": "read,write",
            "expires_in": 7200,
            "refresh_expires_in": 15_552_000,
        },
        facts={**NO_PKCE, **BY_BODY, **COMMAS, "client_id_param": "client_key"},
        asked={"client_key": "an app", "scope": "read,write,stats"},
        seconds=7200,
        renewable_seconds=15_552_000,
    ),
    plain(
        "YouTube",
        "https://developers.google.com/identity/protocols/oauth2/web-server",
        GOOGLE,
        BODY,
        {**ACCESS, "expires_in": 3599, "scope": "read write"},
        facts=BY_BODY,
        kind=kinds.Google,
        asked={"access_type": "offline", "prompt": "consent"},
        seconds=3599,
        rotates=False,
    ),
    plain(
        "Pinterest",
        "https://developers.pinterest.com/docs/api/v5/oauth-token",
        PINTEREST,
        {},
        {**PAIR, "expires_in": 2_592_000, "refresh_token_expires_in": 5_184_000, "scope": "read,write"},
        facts={**NO_PKCE, **BY_BASIC, **COMMAS},
        seconds=2_592_000,
        renewable_seconds=5_184_000,
    ),
    plain(
        "Reddit",
        "https://github.com/reddit-archive/reddit/wiki/OAuth2",
        REDDIT,
        {},
        {**ACCESS, "expires_in": 3600, "scope": "read write"},
        facts={**NO_PKCE, **BY_BASIC},
        kind=kinds.Reddit,
        headers={"User-Agent": "web:punctual:v1 (by /u/someone)"},
        asked={"duration": "permanent"},
        seconds=3600,
        rotates=False,
    ),
    plain(
        "Discord",
        "https://docs.discord.com/developers/topics/oauth2",
        DISCORD,
        {},
        {**PAIR, "expires_in": 604_800, "scope": "read write"},
        facts=BY_BASIC,
        seconds=604_800,
    ),
    plain(
        "Slack",
        "https://docs.slack.dev/authentication/using-token-rotation",
        SLACK,
        {},
        {"ok": True, **PAIR, "token_type": "bot", "expires_in": 43_200, "scope": "read,write"},
        facts={
            **BY_BASIC,
            **COMMAS,
            "token_type": "bot",
            "dead_grant_codes": ("invalid_refresh_token", "token_revoked"),
        },
        seconds=43_200,
        dead={"ok": False, "error": "invalid_refresh_token"},
    ),
    plain(
        "Tumblr",
        "https://github.com/tumblr/docs/blob/master/api.md",
        TUMBLR,
        BODY,
        {**PAIR, "expires_in": 2520, "scope": "read write"},
        facts={**NO_PKCE, **BY_BODY},
        seconds=2520,
    ),
    plain(
        "Twitch",
        "https://dev.twitch.tv/docs/authentication/refresh-tokens",
        TWITCH,
        BODY,
        {**PAIR, "expires_in": 14_124, "scope": ["read", "write"]},
        facts={**NO_PKCE, **BY_BODY},
        seconds=14_124,
    ),
]
