"""The platforms whose flows are played, each from its module in this folder, and what is tried with each."""

import os
import random
from collections.abc import Mapping, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, TypeAlias

import httpx
import pytest

from tests.integration.platforms.stage import Case, Platform, Stage

Occasion: TypeAlias = Literal["connecting", "publishing", "looking", "deleting", "refreshing", "disconnecting"]
_FEW = 2
_FAILURES = 6
_SHARED = {"stage", "every", "playing"}


def _platforms() -> list[Platform]:
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    found = [name for name in names if name not in _SHARED and not name.startswith("test_")]
    return [import_module(f"tests.integration.platforms.{name}").PLATFORM for name in found]


PLATFORMS = _platforms()
CASES = [
    pytest.param(platform, case, id=f"{platform.provider}-{case.name or case.kind}")
    for platform in PLATFORMS
    for case in platform.cases
]
WHOLE = os.environ.get("FLOWS") == "all"
"""Whether each case is broken at each of its calls, and each failure is played: `make flows`. Else the richest case of
each platform is broken at a random few, and a random few of the failures are played."""


def _richest(platform: Platform) -> Case:
    return max(platform.cases, key=lambda case: (bool(case.files) + bool(case.more), len(case.files)))


BROKEN = [each for each in CASES if WHOLE or each.values[1] is _richest(each.values[0])]


def some(every: Sequence[Any], seed: str) -> Sequence[Any]:
    """All of them, or few: others for each seed."""
    return every if WHOLE or len(every) <= _FEW else sorted(random.Random(seed).sample(every, _FEW))


@cache
def operations(provider: str, place: int, *, is_looking: bool = False) -> tuple[str, ...]:
    """Those of the far side that the platform's case needs when all goes well; or those that it needs beside them where
    the answers to publishing got lost."""
    platform = next(each for each in PLATFORMS if each.provider == provider)
    with pytest.MonkeyPatch.context() as patch:
        stage = Stage(patch, platform)
        stage.connect()
        stage.called.clear()
        if is_looking:
            stage.side.loses_answer_of |= set(stage.side.PUBLISHING)
        stage.settled(stage.post(platform.cases[place]))
        met = set(stage.called)
    return tuple(sorted(met - set(operations(provider, place)) if is_looking else met))


@cache
def around(provider: str) -> Mapping[str, Occasion]:
    """When each operation is needed that publishing does not need."""
    platform = next(each for each in PLATFORMS if each.provider == provider)
    found: dict[str, Occasion] = {}
    with pytest.MonkeyPatch.context() as patch:
        stage = Stage(patch, platform)

        def note(occasion: Occasion) -> None:
            for operation in stage.called:
                found.setdefault(operation, occasion)
            stage.called.clear()

        stage.connect()
        note("connecting")
        delivery = stage.settled(post := stage.post(platform.cases[0]))
        stage.called.clear()
        withdraw(stage, post["id"], delivery["id"])
        note("deleting")
        live_on(stage)
        note("refreshing")
        stage.tenant.api.delete(f"/v1/channels/{stage.channel}")
        note("disconnecting")
    return found


def withdraw(stage: Stage, post_id: str, delivery_id: str) -> httpx.Response:
    return stage.tenant.api.delete(f"/v1/posts/{post_id}/deliveries/{delivery_id}/publication")


def live_on(stage: Stage) -> None:
    """Through a whole life of the longest tokens that are renewed."""
    stage.clock.every(24 * 3600, partial(stage.deployed.invoke, "TokenRefresherFunction", {}))
    stage.run(days=50)


def where(platform: Platform, operation: str) -> tuple[Occasion | None, Case | None]:
    """When it is needed, and for which case first; None: never."""
    others = around(platform.provider)
    if operation in others and operation not in operations(platform.provider, 0):
        return others[operation], None
    for is_looking in (False, True):
        for place, case in enumerate(platform.cases):
            if operation in operations(platform.provider, place, is_looking=is_looking):
                return "looking" if is_looking else "publishing", case
    return None, None


def _named(platform: Platform) -> Sequence[str]:
    """Its failures: all, or a random few."""
    every = [name for name in platform.side.FAILURES if name not in platform.not_played]  # type: ignore[attr-defined]
    return every if WHOLE else sorted(random.Random(platform.provider).sample(every, _FAILURES))


FAILURES = [
    pytest.param(platform, name, id=f"{platform.provider}-{name}")
    for platform in PLATFORMS
    for name in _named(platform)
]
