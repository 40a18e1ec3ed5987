"""A process dies before or after any one of its calls, in whatever it does: publisher, API, sweeper, refresher.

`make test` takes every nineteenth of the points, `make fuzz` all of them.
"""

import logging
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

import pytest

from tests.chaos import invariants
from tests.chaos.hosts import Host
from tests.chaos.people import PROTECTIONS, Asked
from tests.chaos.restoring import Restoring
from tests.chaos.scenes import Writer
from tests.chaos.stage import Stage
from tests.chaos.tending import Tending
from tests.chaos.town import Naming, Town
from tests.chaos.weather import Weather

STRIDE = 1 if os.environ.get("FUZZ_EXAMPLES") else 37


@dataclass
class Fate(Weather):
    """Ends the process that makes the call number `at`; whatever only asks the index is passed over."""

    at: int = 0
    when: str = "before"
    calls: int = 0
    is_met: bool = False
    counts_from_now: bool = False

    def pick(self, group: str, operation: str = "", *, is_hot: bool = False) -> str | None:
        if not self.counts_from_now or operation == "query":
            return None
        self.calls += 1
        if self.calls != self.at:
            return None
        self.is_met = True
        return f"die_{self.when}"


class Scene:
    """One post on a small stage."""

    def __init__(self, fate: Fate, protection: str, script: str, parts: int):
        self.stage, self.fate = fate.stage, fate
        self.town = Town(fate.rng, fate.stage, fate, batch=1)
        self.people = Writer(self.town, protection=protection, script=script, parts=parts)
        self.tending = Tending(self.people, Restoring(self.people))
        self.tending.rng = fate.rng

    def begin(self) -> None:
        self.town.request(self._connect, "")
        self.stage.run(seconds=2)
        self.town.open()
        self.stage.every(130, self.tending.reconnect, self.tending.process)

    def write(self, due_in: float) -> Asked:
        asked = self.people.new(self.people.channels, due_in)
        self.people.ask(self.people.write, asked)
        self.stage.run(seconds=1)
        return asked

    def settle(self) -> None:
        for _ in range(10):
            self.stage.run(minutes=20)
            if not any(invariants.goes_on(self.town, each) for each in invariants.deliveries(self.town)):
                return

    def _connect(self, host: Host) -> None:
        host.pauses.know_table()
        workspace_id = host.workspaces.create("Workspace").id
        self.people.workspaces.append(workspace_id)
        channel = self.people.connect(workspace_id, "ada", host, lifetime="300")
        self.people.channels += [channel] if channel else []


def publishing(scene: Scene) -> None:
    scene.fate.counts_from_now = True
    scene.write(200)


def looking(scene: Scene) -> None:
    scene.write(70)
    scene.stage.run(seconds=72)
    scene.fate.counts_from_now = True


def editing(scene: Scene, kind: str) -> None:
    asked = scene.write(300)
    scene.stage.run(seconds=100)
    scene.fate.counts_from_now = True
    scene.people.ask(scene.people.change, asked, kind, about=asked.post_id)


def deciding(scene: Scene, verb: str) -> None:
    asked = scene.write(300)
    scene.stage.run(seconds=100)
    scene.fate.counts_from_now = True
    scene.people.ask(getattr(scene.people, verb), asked, about=asked.post_id)


SCENES = [(f"{name}-thread", publishing, name, "", 2) for name in PROTECTIONS]
SCENES += [(f"{name}-looked-for", looking, name, "[sandbox:error_after]", 0) for name in PROTECTIONS]
SCENES += [
    ("revoked", publishing, "handle", "[sandbox:prepare.revoked]", 0),
    ("job", publishing, "key", "[sandbox:publishing=100]", 0),
    ("edit-text", partial(editing, kind="text"), "key", "", 0),
    ("edit-time", partial(editing, kind="time"), "handle", "", 0),
    ("edit-draft", partial(editing, kind="draft"), "key", "", 0),
    ("cancel", partial(deciding, verb="cancel"), "handle", "", 0),
    ("publish-now", partial(deciding, verb="publish"), "chosen_id", "", 1),
]


@pytest.mark.parametrize(
    ("act", "protection", "script", "parts"), [each[1:] for each in SCENES], ids=[each[0] for each in SCENES]
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_any_call_loses_nothing_and_doubles_nothing(
    act: Callable[[Scene], None], protection: str, script: str, parts: int, when: str
) -> None:
    at = Random(f"{protection}{script}{parts}{when}").randint(1, STRIDE)
    while _is_met(act, protection, script, parts, at, when):
        at += STRIDE
    assert at > STRIDE, "hardly anything was done"


def _is_met(act: Callable[[Scene], None], protection: str, script: str, parts: int, at: int, when: str) -> bool:
    """Whether that many calls were made at all; what must hold holds."""
    logging.disable(logging.CRITICAL)
    random.seed(at)
    stage = Stage()
    fate = Fate(Random(at), stage, at=at, when=when)
    scene = Scene(fate, protection, script, parts)
    try:
        with Naming(scene.town):
            scene.begin()
            act(scene)
            scene.settle()
        found = invariants.violations(scene.town, at)
        assert not found, "\n".join((f"died {when} call {at}", found[0].rule, found[0].about, found[0].story))
        return fate.is_met
    finally:
        stage.close()
        logging.disable(logging.NOTSET)
