"""Whole flows of every platform that has a far side: connected, published, failing, recovering, never twice."""

from collections.abc import Iterator

import pytest

from punctual.providers import modules, provider_class
from tests.integration.platforms.every import BROKEN, CASES, PLATFORMS, operations, some, withdraw
from tests.integration.platforms.playing import never_twice, playing, texts
from tests.integration.platforms.stage import ALT_TEXT, FILES, Case, Platform, Stage, When

PLATFORM = pytest.mark.parametrize("platform", PLATFORMS, ids=lambda each: each.provider)
CASE = pytest.mark.parametrize(("platform", "case"), CASES)
BREAKING = pytest.mark.parametrize(("platform", "case"), BROKEN)


@pytest.fixture
def stage(platform: Platform) -> Iterator[Stage]:
    with playing(platform) as found:
        yield found


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


@PLATFORM
def test_what_was_published_is_deleted_where_the_platform_lets_programs_delete(
    stage: Stage, platform: Platform
) -> None:
    supports = stage.tenant.api.get(f"/v1/providers/{platform.provider}").json()["supports"]
    post = stage.post(platform.cases[0])
    delivery = stage.settled(post)
    answer = withdraw(stage, post["id"], delivery["id"])
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
