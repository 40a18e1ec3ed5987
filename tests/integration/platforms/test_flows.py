"""Whole flows of every platform that has a far side: connected, published, failing, recovering, never twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from punctual.providers import modules, provider_class
from tests.integration.platforms.every import BROKEN, CASES, FAILURES, PLATFORMS, operations, some, where
from tests.integration.platforms.stage import ALT_TEXT, FILES, Case, Platform, Stage, When, as_text, secrets_in

PLATFORM = pytest.mark.parametrize("platform", PLATFORMS, ids=lambda each: each.provider)
CASE = pytest.mark.parametrize(("platform", "case"), CASES)
BREAKING = pytest.mark.parametrize(("platform", "case"), BROKEN)


@contextmanager
def playing(platform: Platform) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        found = Stage(patch, platform)
        found.connect()
        yield found


@pytest.fixture
def stage(platform: Platform) -> Iterator[Stage]:
    with playing(platform) as found:
        yield found


def texts(case: Case) -> list[str]:
    """Of its parts, in order."""
    comment = case.more.get("first_comment")
    return [
        case.text,
        *(part["text"] for part in case.more.get("thread", ())),
        *([comment["text"]] if comment else []),
    ]


def never_twice(stage: Stage, case: Case) -> None:
    said = [(each.kind, each.text, each.media) for each in stage.shown()]
    assert len(said) == len(set(said)) <= len(texts(case)), said


@CASE
def test_a_post_goes_out_once_as_it_was_written(stage: Stage, platform: Platform, case: Case) -> None:
    post = stage.post(case)
    delivery = stage.settled(post)
    assert (delivery["status"], delivery["error"]) == ("COMPLETED", None)
    shown = stage.shown()
    assert len(shown) == len(texts(case))
    first = shown[0]
    assert first.kind == case.kind
    assert first.media == tuple(FILES[name].facts.sha256 for name in case.files)
    assert {name: first.about.get(name) for name in case.about} == dict(case.about)
    if case.shows_text:
        assert [each.text for each in shown] == texts(case)
    if case.shows_alt_texts:
        assert set(first.alt_texts) <= {ALT_TEXT}
        assert len(first.alt_texts) == len(case.files)
    assert [part["platform_id"] for part in delivery["parts"]] == [each.id for each in shown]
    assert delivery["url"] == first.url
    assert all(each.answers for each in shown[1:])
    assert delivery["lateness_ms"] <= 2000
    assert stage.violations() == []


@BREAKING
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_at_any_of_its_calls_makes_no_second_post(
    platform: Platform, case: Case, when: When
) -> None:
    with playing(platform) as stage:
        before = stage.calls
        assert stage.settled(stage.post(case))["status"] == "COMPLETED"
        calls = stage.calls - before
    for call in some(range(1, calls + 1), f"{platform.provider} {when}"):
        with playing(platform) as stage:
            post = stage.post(case)
            stage.dies_at(call, when)
            delivery = stage.settled(post)
            never_twice(stage, case)
            if delivery["status"] == "COMPLETED":
                assert len(stage.shown()) == len(texts(case)), call
            else:
                assert delivery["status"] in ("UNCONFIRMED", "PARTIAL"), (call, delivery)


@BREAKING
@pytest.mark.parametrize("what", ["loses_answer_of", "cuts"])
def test_an_answer_that_is_lost_anywhere_makes_no_second_post(platform: Platform, case: Case, what: str) -> None:
    needed = operations(platform.provider, platform.cases.index(case))
    for operation in some(needed, f"{platform.provider} {what}"):
        with playing(platform) as stage:
            getattr(stage.side, what).add(operation)
            delivery = stage.settled(stage.post(case))
            never_twice(stage, case)
            if delivery["status"] == "COMPLETED":
                assert len(stage.shown()) == len(texts(case)), operation
            else:
                assert operation in stage.side.PUBLISHING, (operation, delivery)
                assert delivery["status"] in ("UNCONFIRMED", "PARTIAL"), (operation, delivery)


@pytest.mark.parametrize(("platform", "name"), FAILURES)
def test_a_documented_failure_ends_as_its_platform_means_it(
    platform: Platform, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    failure = platform.side.FAILURES[name]  # type: ignore[attr-defined]
    case, is_looking = where(platform, failure.operation)
    if case is None:
        return  # of connecting, or of the far side alone: see the tests of the provider
    with playing(platform) as stage:
        planned = [(failure.operation, failure)] * (_AGAIN if failure.means in _LASTING else 1)
        stage.side.fail_next += planned
        if is_looking:
            stage.side.loses_answer_of |= set(stage.side.PUBLISHING)
        delivery = stage.settled(stage.post(case))
        never_twice(stage, case)
        assert len(stage.side.fail_next) < len(planned), "it never happened"
        assert _is_as_meant(delivery, "looked" if is_looking else failure.means), delivery
        told = as_text([delivery["error"], stage.tenant.api.get(f"/v1/channels/{stage.channel}").json()])
        assert not secrets_in(stage.side, told + "".join(capfd.readouterr()))


_LASTING = {"rejected", "reconnect"}
"""The other kinds happen once."""
_AGAIN = 30
_ENDS = {
    "rejected": {"ERROR", "PARTIAL"},
    "reconnect": {"HELD", "MISSED", "UNCONFIRMED"},
    "unauthorized": {"COMPLETED", "HELD", "MISSED"},
    "retry": {"COMPLETED"},
    "duplicate": {"COMPLETED", "UNCONFIRMED", "ERROR"},
    "unknown": {"COMPLETED", "UNCONFIRMED"},
    "looked": {"COMPLETED", "UNCONFIRMED"},
}


def _is_as_meant(delivery: dict[str, Any], means: str) -> bool:
    if means == "retry" and delivery["status"] == "MISSED":  # the platform asked for a longer wait than a post has
        return bool(delivery["error"]["cause"]["code"] == "rate_limited")
    return delivery["status"] in _ENDS[means]


@PLATFORM
def test_what_was_published_is_deleted_where_the_platform_lets_programs_delete(
    stage: Stage, platform: Platform
) -> None:
    supports = stage.tenant.api.get(f"/v1/providers/{platform.provider}").json()["supports"]
    post = stage.post(platform.cases[0])
    delivery = stage.settled(post)
    answer = stage.tenant.api.delete(f"/v1/posts/{post['id']}/deliveries/{delivery['id']}/publication")
    if supports["delete"] and platform.keeps_posts:
        assert answer.json()["code"] == "platform_refused"
        assert len(stage.shown()) == 1
    elif supports["delete"]:
        assert answer.status_code == 200, answer.text
        assert stage.shown() == []
        assert stage.violations() == []
    else:
        assert answer.json()["code"] == "deletion_unsupported"
        assert len(stage.shown()) == 1


@PLATFORM
def test_a_channel_lives_on_for_weeks_and_is_then_disconnected(stage: Stage, platform: Platform) -> None:
    stage.clock.every(3600, lambda: stage.deployed.invoke("TokenRefresherFunction", {}))
    for _ in range(3):
        stage.run(days=7)
        channel = stage.tenant.api.get(f"/v1/channels/{stage.channel}").json()
        assert channel["status"] == "active", channel
    post = stage.post(platform.cases[0])
    assert stage.settled(post)["status"] == "COMPLETED"
    gone = stage.tenant.api.delete(f"/v1/channels/{stage.channel}").json()
    assert gone["deleted"]
    assert stage.violations() == []


@PLATFORM
def test_every_type_of_post_is_played(platform: Platform) -> None:
    spec = provider_class(platform.provider).spec
    assert {case.type or case.kind for case in platform.cases} == set(spec.post_types)
    assert any("first_comment" in case.more for case in platform.cases) == spec.comments
    assert any("thread" in case.more for case in platform.cases) == (spec.max_parts > 1)


def test_every_platform_is_played() -> None:
    """Mastodon and Bluesky have far sides of other kinds, the sandbox is one itself; their flows are in tests/contract,
    tests/e2e and tests/chaos."""
    assert {platform.provider for platform in PLATFORMS} == set(modules()) - {"mastodon", "bluesky", "sandbox"}
