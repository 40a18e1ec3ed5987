"""Every documented failure of every platform, when it happens: it ends as meant, and tells no secret."""

from typing import Any

import pytest

from tests.contract.failure import Failure
from tests.integration.platforms.every import FAILURES, live_on, where, withdraw
from tests.integration.platforms.playing import never_twice, playing
from tests.integration.platforms.stage import Case, Platform, Stage, as_text, secrets_in

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


@pytest.mark.parametrize(("platform", "name"), FAILURES)
def test_a_documented_failure_ends_as_its_platform_means_it(
    platform: Platform, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    failure: Failure = platform.side.FAILURES[name]  # type: ignore[attr-defined]
    occasion, case = where(platform, failure.operation)
    if occasion is None:
        assert failure.operation in platform.unused, f"{failure.operation} is never met: say why in the platform's file"
        return
    with playing(platform) as stage:
        told = _OCCASIONS[occasion](stage, failure, case)
        assert not secrets_in(stage.side, told + "".join(capfd.readouterr()))


def publishing(stage: Stage, failure: Failure, case: Case | None, means: str = "") -> str:
    assert case
    planned = plan(stage, failure)
    delivery = stage.settled(stage.post(case))
    never_twice(stage, case)
    assert_met(stage, planned)
    assert _is_as_meant(delivery, means or failure.means), delivery
    return as_text([delivery["error"], stage.tenant.api.get(f"/v1/channels/{stage.channel}").json()])


def looking(stage: Stage, failure: Failure, case: Case | None) -> str:
    """A post whose answer got lost: what fails then says nothing of it."""
    stage.side.loses_answer_of |= set(stage.side.PUBLISHING)
    return publishing(stage, failure, case, "looked")


def connecting(stage: Stage, failure: Failure, case: Case | None) -> str:
    """Another account, or the same again: nothing of it is stored, and it can be begun anew."""
    before = stage.tenant.api.get("/v1/channels").json()
    planned = plan(stage, failure)
    connection, page = stage.connection()
    assert_met(stage, planned)
    assert page.status_code != 500
    if connection["status"] != "connected":  # what can be done without is done without
        assert connection["error"]["code"] != "internal_error"
        assert stage.tenant.api.get("/v1/channels").json() == before
    stage.side.fail_next.clear()
    stage.connect()
    return as_text([connection, page.text])


def deleting(stage: Stage, failure: Failure, case: Case | None) -> str:
    post = stage.post(stage.platform.cases[0])
    delivery = stage.settled(post)
    planned = plan(stage, failure)
    answer = withdraw(stage, post["id"], delivery["id"])
    assert_met(stage, planned)
    codes = {"reconnect": "reconnect_required", "retry": "platform_unavailable", "rejected": "platform_refused"}
    assert answer.status_code == 200 or answer.json()["code"] == codes.get(failure.means, "platform_unavailable")
    return answer.text


def refreshing(stage: Stage, failure: Failure, case: Case | None) -> str:
    planned = plan(stage, failure)
    live_on(stage)
    assert_met(stage, planned)
    channel = stage.tenant.api.get(f"/v1/channels/{stage.channel}").json()
    if failure.means in ("reconnect", "retry"):
        assert channel["status"] == ("reconnect_required" if failure.means == "reconnect" else "active"), channel
    return as_text(channel)


def disconnecting(stage: Stage, failure: Failure, case: Case | None) -> str:
    planned = plan(stage, failure)
    gone = stage.tenant.api.delete(f"/v1/channels/{stage.channel}")
    assert_met(stage, planned)
    assert gone.json()["deleted"]
    return gone.text


_OCCASIONS = {
    "connecting": connecting,
    "publishing": publishing,
    "looking": looking,
    "deleting": deleting,
    "refreshing": refreshing,
    "disconnecting": disconnecting,
}


def plan(stage: Stage, failure: Failure) -> list[tuple[str, Failure]]:
    planned = [(failure.operation, failure)] * (_AGAIN if failure.means in _LASTING else 1)
    stage.side.fail_next += planned
    return planned


def assert_met(stage: Stage, planned: list[tuple[str, Failure]]) -> None:
    assert len(stage.side.fail_next) < len(planned), "it never happened"


def _is_as_meant(delivery: dict[str, Any], means: str) -> bool:
    if means == "retry" and delivery["status"] == "MISSED":  # the platform asked for a longer wait than a post has
        return bool(delivery["error"]["cause"]["code"] == "rate_limited")
    return delivery["status"] in _ENDS[means]
