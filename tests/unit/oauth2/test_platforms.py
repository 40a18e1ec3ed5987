"""The generic client says what each platform documents, with facts alone or a small hook."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Grant
from punctual.providers.outcomes import Reconnect, RetryLater
from tests.unit.oauth2.platform import APP, NOW, Far, callback, consent, grant, somewhere_public
from tests.unit.oauth2.platforms import PLATFORMS, Platform, Sent


class Side:
    """Plays the answers, and compares what comes."""

    def __init__(self, platform: Platform, *calls: tuple[Sent, Any]):
        self.calls = list(calls)
        self.different: list[str] = []
        far = Far()
        url = platform.exchange[0][0].url
        self.provider = far.provider(platform.kind, token_url=url, **platform.facts)
        self.provider.http = GuardedHttp(transport=httpx.MockTransport(self.respond), resolve=somewhere_public)

    def respond(self, request: httpx.Request) -> httpx.Response:
        wanted, answer = self.calls.pop(0)
        url = f"https://{request.headers['Host']}{request.url.path}"
        fields = request.url.query.decode() if request.method == "GET" else request.content.decode()
        if (request.method, url) != (wanted.method, wanted.url):
            self.different.append(f"{request.method} {url}")
        if dict(parse_qsl(fields)) != wanted.fields:
            self.different.append(fields)
        self.different += [name for name, value in wanted.headers.items() if request.headers.get(name) != value]
        return httpx.Response(200, json=answer)


def life(given: Grant) -> tuple[timedelta | None, timedelta | None]:
    return given.expires_at and given.expires_at - NOW, given.renewable_until and given.renewable_until - NOW


def named(platforms: list[Platform]) -> list[Any]:
    return [pytest.param(one, id=one.name) for one in platforms]


@pytest.mark.parametrize("platform", named(PLATFORMS))
def test_a_code_is_asked_for_and_exchanged_as_it_documents(platform: Platform) -> None:
    side = Side(platform, *platform.exchange)
    asked = dict(parse_qsl(urlsplit(side.provider.authorization_url(consent())).query))
    assert asked.items() >= platform.asked.items()
    assert ("code_challenge" in asked) == platform.facts.get("pkce", True)
    given = side.provider.exchange(callback())
    assert (side.different, side.calls) == ([], [])
    assert given.access_token.get_secret_value() == "access-1"
    assert side.provider.missing_scopes(given) == ()
    renewable = timedelta(seconds=platform.renewable_seconds) if platform.renewable_seconds else None
    assert life(given) == (timedelta(seconds=platform.seconds or 0), renewable)


@pytest.mark.parametrize("platform", named([one for one in PLATFORMS if one.refresh]))
def test_a_grant_is_refreshed_as_it_documents(platform: Platform) -> None:
    assert platform.refresh
    side = Side(platform, platform.refresh)
    given = side.provider.refresh(grant(), APP)
    assert (side.different, side.calls) == ([], [])
    assert given.refresh_token
    assert given.refresh_token.get_secret_value() == ("refresh-1" if platform.rotates else "refresh-0")


@pytest.mark.parametrize("platform", named([one for one in PLATFORMS if one.refresh and one.dead]))
def test_what_it_calls_dead_is_dead_and_nothing_else_is(platform: Platform) -> None:
    assert platform.refresh
    request, _ = platform.refresh
    with pytest.raises(Reconnect):
        Side(platform, (request, platform.dead)).provider.refresh(grant(), APP)
    with pytest.raises(RetryLater):
        Side(platform, (request, {"error": "server_error"})).provider.refresh(grant(), APP)
