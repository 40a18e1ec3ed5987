"""Every request that the provider sends, of every kind of post, is one that the collection allows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Account, App, Callback, Consent, Grant, Outgoing, Published
from punctual.providers.media import MediaKind
from punctual.providers.threads import Threads
from punctual.threads_api.settings import Settings
from tests.attachments import attachment
from tests.contract.threads.requests import violations
from tests.kept import Kept

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
GRANT = Grant(access_token=SecretStr("token"))
ACCOUNT = Account(id="26214418571538390", handle="@kim")
APP = App(client_id="1234", client_secret=SecretStr("secret"))
BACK = "https://punctual.example/v1/oauth/threads/callback"
ROOT = Published(platform_id="18087046831459321", url="")
ALL_SETTINGS = {
    "reply_control": "followers_only",
    "topic_tag": "#Cats",
    "quote_post_id": "18087046831459001",
    "location_id": "7640348500",
    "is_spoiler": True,
}


@dataclass
class Plain:
    """Says yes to all that it is asked; it keeps no state and knows no limits."""

    text: str = ""
    sent: list[httpx.Request] = field(default_factory=list)
    live: bool = False

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return httpx.Response(200, json=self.said(request.url.path.removeprefix("/v1.0/").lstrip("/")))

    def said(self, path: str) -> dict[str, Any]:
        if path.endswith("access_token"):
            return {"access_token": "token", "token_type": "bearer", "expires_in": 5_183_944}
        if path.endswith("threads_publishing_limit"):
            return {"data": [{"quota_usage": 1, "config": {"quota_total": 250, "quota_duration": 86_400}}]}
        if path in ("me/replies", "location_search") or (path.endswith("/threads") and self.sent[-1].method == "GET"):
            return {"data": [{"id": "18", "text": self.text, "timestamp": "2026-11-22T16:00:01+0000", "name": "Here"}]}
        return {
            "id": f"17{len(self.sent)}",
            "username": "kim",
            "status": "PUBLISHED" if self.live else "FINISHED",
            "permalink": "https://www.threads.com/@kim/post/D",
        }

    def provider(self) -> Threads:
        http = GuardedHttp(transport=httpx.MockTransport(self.respond), resolve=_somewhere_public)
        return Threads(http, lambda: NOW)

    def made(self) -> Iterator[dict[str, str]]:
        """What the containers are made of."""
        for one in self.sent:
            if one.method == "POST" and one.url.path.endswith("/threads"):
                yield dict(parse_qsl(one.content.decode()))


async def _somewhere_public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def part(*media: MediaKind, **changed: Any) -> Outgoing:
    about: dict[str, Any] = {
        "delivery_id": "dlv_1",
        "key": "dlv_1.1",
        "text": "Hi",
        "settings": Settings(),
        "due_at": NOW,
        "account": ACCOUNT,
        "first_sent_at": NOW,
        "media": tuple(attachment(kind=kind, alt_text="A cat") for kind in media),
    }
    return Outgoing(**{**about, **changed})


def gone_through(post: Outgoing) -> Plain:
    """Prepared, published and looked for."""
    side = Plain(post.text)
    kept = Kept()
    side.provider().prepare(post, GRANT, kept)
    prepared = replace(post, prepared=kept.results)
    side.provider().publish(prepared, GRANT)
    side.live = True
    assert side.provider().find(prepared, GRANT) == Published(platform_id="18", url="")
    return side


def test_every_request_of_a_login_is_in_the_collection() -> None:
    side = Plain()
    provider = side.provider()
    consent = Consent(app=APP, redirect_uri=BACK, state="s", code_challenge="c")
    asked = urlsplit(provider.authorization_url(consent))
    assert f"{asked.scheme}://{asked.netloc}{asked.path}" == "https://www.threads.com/oauth/authorize"
    assert dict(parse_qsl(asked.query)) == {
        "response_type": "code",
        "client_id": "1234",
        "redirect_uri": BACK,
        "state": "s",
        "scope": (
            "threads_basic,threads_content_publish,threads_manage_replies,threads_read_replies,threads_delete,"
            "threads_location_tagging"
        ),
    }
    back = Callback(app=APP, redirect_uri=BACK, code="code", code_verifier=SecretStr("verifier"))
    login = provider.authenticate(back)
    provider.refresh(login.grant, APP)
    provider.permalink(ROOT, GRANT, ACCOUNT)
    assert [each.value for each in provider.options("locations", "Menlo Park", GRANT, ACCOUNT)] == ["18"]
    provider.delete(ROOT, GRANT, ACCOUNT)
    assert [f"{one.method} {one.url.path}" for one in side.sent] == [
        "POST /oauth/access_token",
        "GET /access_token",
        "GET /v1.0/me",
        f"GET /v1.0/{login.accounts[0].id}/threads_publishing_limit",
        "GET /refresh_access_token",
        "GET /v1.0/18087046831459321",
        "GET /v1.0/location_search",
        "DELETE /v1.0/18087046831459321",
    ]
    assert [violations(_as_asked(one)) for one in side.sent] == [[] for _ in side.sent]


POSTS: dict[str, tuple[Outgoing, list[dict[str, str]]]] = {
    "text": (part(), [{"media_type": "TEXT", "text": "Hi"}]),
    "everything at once": (
        part("image", settings=Settings.model_validate(ALL_SETTINGS)),
        [
            {
                "media_type": "IMAGE",
                "text": "Hi",
                "alt_text": "A cat",
                "is_spoiler_media": "true",
                "reply_control": "followers_only",
                "topic_tag": "Cats",
                "quote_post_id": "18087046831459001",
                "location_id": "7640348500",
            }
        ],
    ),
    "link": (
        part(settings=Settings(link="https://example.com/a", long_text="Long")),
        [
            {
                "media_type": "TEXT",
                "text": "Hi",
                "link_attachment": "https://example.com/a",
                "text_attachment": '{"plaintext": "Long"}',
            }
        ],
    ),
    "poll": (
        part(settings=Settings.model_validate({"poll": {"options": ["Yes", "No", "Perhaps"]}})),
        [
            {
                "media_type": "TEXT",
                "text": "Hi",
                "poll_attachment": '{"option_a": "Yes", "option_b": "No", "option_c": "Perhaps"}',
            }
        ],
    ),
    "gif": (
        part(settings=Settings(gif="3o7btP")),
        [{"media_type": "TEXT", "text": "Hi", "gif_attachment": '{"gif_id": "3o7btP", "provider": "GIPHY"}'}],
    ),
    "ghost": (part(settings=Settings(is_ghost=True)), [{"media_type": "TEXT", "text": "Hi", "is_ghost_post": "true"}]),
    "image": (part("image", text=""), [{"media_type": "IMAGE", "alt_text": "A cat"}]),
    "video": (part("video"), [{"media_type": "VIDEO", "text": "Hi", "alt_text": "A cat"}]),
    "images": (
        part("image", "video", settings=Settings(topic_tag="Cats")),
        [
            {"media_type": "IMAGE", "alt_text": "A cat", "is_carousel_item": "true"},
            {"media_type": "VIDEO", "alt_text": "A cat", "is_carousel_item": "true"},
            {"media_type": "CAROUSEL", "children": "172,173", "text": "Hi", "topic_tag": "Cats"},
        ],
    ),
    "an answer to another post": (
        part(settings=Settings(reply_to="18087046831459001")),
        [{"media_type": "TEXT", "text": "Hi", "reply_to_id": "18087046831459001"}],
    ),
    "a thread's second part, which has no settings but one": (
        part("image", kind="thread", part=1, root=ROOT, parent=ROOT, settings=Settings.model_validate(ALL_SETTINGS)),
        [
            {
                "media_type": "IMAGE",
                "text": "Hi",
                "alt_text": "A cat",
                "is_spoiler_media": "true",
                "reply_to_id": ROOT.platform_id,
            }
        ],
    ),
    "a first comment": (
        part(kind="comment", part=1, root=ROOT, parent=ROOT, settings=Settings(link="https://example.com/a")),
        [{"media_type": "TEXT", "text": "Hi", "reply_to_id": ROOT.platform_id}],
    ),
}


@pytest.mark.parametrize("name", POSTS)
def test_every_request_of_a_post_is_in_the_collection(name: str) -> None:
    post, wanted = POSTS[name]
    side = gone_through(post)
    assert [violations(_as_asked(one)) for one in side.sent] == [[] for _ in side.sent]
    without = [
        {key: value for key, value in each.items() if key not in ("image_url", "video_url")} for each in side.made()
    ]
    assert without == wanted


def test_every_type_that_is_promised_is_among_them() -> None:
    assert set(Threads.spec.post_types) <= set(POSTS)


def test_each_file_is_fetched_from_its_signed_address() -> None:
    side = gone_through(part("image", "video"))
    files = [each.get("image_url") or each.get("video_url") for each in side.made()]
    assert files == [each.content.url() for each in part("image", "video").media] + [None]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"caption": "Hi"}, "parameter caption is unknown"),
        ({"reply_to_id": "the one before"}, "parameter reply_to_id: no number"),
        ({"is_spoiler_media": "yes"}, "parameter is_spoiler_media: neither true nor false"),
        ({"poll_attachment": json.dumps(["Yes", "No"])}, "parameter poll_attachment: no JSON object"),
        ({"media_type": "REELS"}, "parameter media_type: not one that there is"),
    ],
)
def test_a_request_of_ours_that_is_changed_is_noticed(changed: dict[str, str], problem: str) -> None:
    side = gone_through(part("image"))
    request = next(one for one in side.sent if one.method == "POST" and one.url.path.endswith("/threads"))
    fields = {**dict(parse_qsl(request.content.decode())), **changed}
    other = httpx.Request("POST", _as_asked(request).url, headers=_headers(request), content=urlencode(fields).encode())
    assert violations(other) == [problem]


def _as_asked(request: httpx.Request) -> httpx.Request:
    """By the host's name: what is sent goes to an address that was looked up before."""
    url = request.url.copy_with(host=request.headers["Host"])
    return httpx.Request(request.method, url, headers=_headers(request), content=request.content)


def _headers(request: httpx.Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name.lower() not in ("host", "content-length")}
