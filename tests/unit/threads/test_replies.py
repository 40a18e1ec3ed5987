"""Parts that answer others, what a day takes, and what a person did not allow."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Account, Cap, Grant, Outgoing, Published
from punctual.providers.outcomes import ProviderError, Rejected, RetryLater, ScopesMissing
from punctual.providers.threads import Threads
from punctual.threads_api.posts import PostContainers
from punctual.threads_api.settings import Settings
from tests.kept import Kept

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
GRANT = Grant(access_token=SecretStr("token"))
ACCOUNT = Account(id="26214418571538390", handle="@kim")
GONE = {"error": {"code": 24, "error_subcode": 4279009, "message": "what the user wrote"}}
NOT_ALLOWED = {"error": {"code": 10, "message": "what the user wrote"}}

Answers = dict[str, tuple[int, dict[str, Any]]]


def provider(answers: Answers, sent: list[httpx.Request] | None = None, now: datetime = NOW) -> Threads:
    """By `METHOD edge`; what is not there is refused."""

    def respond(request: httpx.Request) -> httpx.Response:
        if sent is not None:
            sent.append(request)
        status, body = answers.get(f"{request.method} {request.url.path.rpartition('/')[2]}", (400, NOT_ALLOWED))
        return httpx.Response(status, json=body)

    return Threads(GuardedHttp(transport=httpx.MockTransport(respond), resolve=_somewhere_public), lambda: now)


async def _somewhere_public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def reply(**changed: Any) -> Outgoing:
    root = Published(platform_id="18", url="", extra={"made_at": "2026-11-22T15:59:50Z"})
    about: dict[str, Any] = {
        "delivery_id": "dlv_1",
        "key": "dlv_1.1.1",
        "text": "Hi",
        "settings": Settings(),
        "due_at": NOW,
        "account": ACCOUNT,
        "kind": "thread",
        "part": 1,
        "root": root,
        "parent": root,
    }
    return Outgoing(**{**about, **changed})


def raised(call: Callable[[], Any]) -> ProviderError:
    with pytest.raises(ProviderError) as found:
        call()
    return found.value


def quota(used: int, kind: str = "") -> dict[str, Any]:
    config = {"quota_total": 1000, "quota_duration": 86_400}
    return {"data": [{f"{kind}quota_usage": used, f"{kind}config": config}]}


def test_a_part_whose_parent_was_made_just_now_waits_for_it_to_show() -> None:
    """The parent's own answer says when that was."""
    made = provider({"POST threads_publish": (200, {"id": "18"})})
    root = made.publish(replace(reply(part=0, parent=None), prepared={"container": "17", "is_ready": True}), GRANT)
    assert root == Published(platform_id="18", url="", extra={"made_at": "2026-11-22T16:00:00.000Z"})
    soon = provider({"POST threads": (400, GONE)}, now=NOW + timedelta(seconds=59))
    error = raised(lambda: soon.prepare(reply(parent=root), GRANT, Kept()))
    assert isinstance(error, RetryLater)
    assert (error.code, error.retry_after) == ("parent_not_shown", 5)


def test_a_part_whose_parent_is_gone_is_refused() -> None:
    late = provider({"POST threads": (400, GONE)}, now=NOW + timedelta(minutes=2))
    error = raised(lambda: late.prepare(reply(), GRANT, Kept()))
    assert isinstance(error, Rejected)
    assert error.code == "parent_gone"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"code": 24}, "does not have"),
        ({"code": 4279009}, "does not have"),
        ({"code": 100, "error_subcode": 4279009}, "does not have"),
        ({"code": 100, "error_subcode": 33}, "has no such object"),
    ],
)
def test_what_is_gone_may_be_called_so_in_several_ways(error: dict[str, int], said: str) -> None:
    late = provider({"POST threads": (400, {"error": error})}, now=NOW + timedelta(minutes=2))
    assert raised(lambda: late.prepare(reply(), GRANT, Kept())).code == "parent_gone"
    alone = reply(kind="post", part=0, parent=None, root=None)
    assert said in raised(lambda: late.prepare(alone, GRANT, Kept())).sentence


@pytest.mark.parametrize(("shown", "is_ours"), [("A cat  today", True), ("A #cat today", True), ("A dog today", False)])
def test_a_post_is_known_by_its_text_without_the_sign_of_its_topic(shown: str, is_ours: bool) -> None:
    assert PostContainers(provider({}), reply(text="A #cat\ntoday"), GRANT).says(shown) is is_ours


def test_a_part_is_not_prepared_before_what_it_answers_is_live() -> None:
    sent: list[httpx.Request] = []
    error = raised(lambda: provider({}, sent).prepare(reply(parent=None, root=None), GRANT, Kept()))
    assert (type(error), error.code, sent) == (RetryLater, "not_prepared", [])


def test_a_reply_is_held_to_the_replies_of_a_day() -> None:
    sent: list[httpx.Request] = []
    full = provider({"GET threads_publishing_limit": (200, quota(1000, "reply_"))}, sent)
    error = raised(lambda: full.prepare(reply(), GRANT, Kept()))
    assert isinstance(error, RetryLater)
    assert (error.code, error.retry_after) == ("cap_reached", 900)
    assert [dict(one.url.params) for one in sent] == [{"fields": "reply_quota_usage,reply_config"}]


def test_an_answer_to_another_post_is_a_reply_from_the_first() -> None:
    full = provider({"GET threads_publishing_limit": (200, quota(1000, "reply_"))})
    first = reply(kind="post", part=0, parent=None, root=None, settings=Settings(reply_to="18"))
    assert raised(lambda: full.prepare(first, GRANT, Kept())).code == "cap_reached"


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("body", [{}, NOT_ALLOWED])
def test_a_quota_that_is_not_told_keeps_nothing_back(status: int, body: dict[str, Any]) -> None:
    made: Answers = {"POST threads": (200, {"id": "17"}), "GET 17": (200, {"status": "FINISHED"})}
    kept = Kept()
    provider({"GET threads_publishing_limit": (status, body), **made}).prepare(reply(), GRANT, kept)
    assert kept.results["is_ready"]


ME: Answers = {"GET me": (200, {"id": "7", "username": "kim", "name": "Kim"})}


def test_an_account_carries_its_quota_and_is_held_to_it() -> None:
    found = provider({**ME, "GET threads_publishing_limit": (200, quota(3))})
    (account,) = found.accounts(GRANT)
    assert account == Account(
        id="7",
        handle="@kim",
        name="Kim",
        url="https://www.threads.com/@kim",
        limits={"quota_total": 1000, "quota_seconds": 86_400},
    )
    assert found.caps(account) == (Cap(posts=1000, seconds=86_400),)
    assert found.caps(ACCOUNT) == (Cap(posts=250, seconds=86_400),)


def test_a_person_who_did_not_allow_posts_is_told_so() -> None:
    error = raised(lambda: provider({**ME, "GET threads_publishing_limit": (400, NOT_ALLOWED)}).accounts(GRANT))
    assert isinstance(error, ScopesMissing)
    assert error.missing == ("threads_content_publish",)


def test_places_are_what_is_looked_for() -> None:
    places = {"data": [{"id": 12345, "name": "HQ", "address": "1 Hacker Way", "city": "Menlo Park", "country": ""}, 1]}
    found = provider({"GET location_search": (200, places)})
    (place,) = found.options("locations", "Menlo", GRANT, ACCOUNT)
    assert (place.value, place.label, place.about) == ("12345", "HQ", "1 Hacker Way, Menlo Park")
    sent: list[httpx.Request] = []
    assert provider({}, sent).options("locations", " ", GRANT, ACCOUNT) == ()
    assert sent == []


def test_a_post_is_known_by_its_address() -> None:
    address = "https://www.threads.com/@kim/post/D"
    made = Published(platform_id="18", url="")
    assert provider({"GET 18": (200, {"permalink": address})}).permalink(made, GRANT, ACCOUNT) == address
    assert provider({"GET 18": (200, {"id": "18"})}).permalink(made, GRANT, ACCOUNT) == ""
