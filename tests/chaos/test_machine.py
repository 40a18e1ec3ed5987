"""A person and the stack, step by step: hypothesis looks for the steps, and the one fault, that break a promise.

make fuzz        many more examples, each time other ones
"""

import logging
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from punctual.deliveries import Delivery
from punctual.states import DeliveryStatus as S
from tests.chaos import invariants
from tests.chaos.hosts import Host
from tests.chaos.people import EDITS, PROTECTIONS
from tests.chaos.restoring import Restoring
from tests.chaos.scenes import Writer
from tests.chaos.stage import Stage
from tests.chaos.tending import RETRIABLE, Tending
from tests.chaos.town import Naming, Town
from tests.chaos.weather import KINDS, Weather

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
SCRIPTS = (
    "",
    "[sandbox:error_after]",
    "[sandbox:error_before]",
    "[sandbox:cut][sandbox:search_lag=300]",
    "[sandbox:late=20]",
    "[sandbox:hang=22]",
    "[sandbox:rate_limit=2]",
    "[sandbox:publishing=100]",
    "[sandbox:stale_token]",
    "[sandbox:revoked]",
    "[sandbox:refuse=1]",
    "[sandbox:error_after][sandbox:find.revoked]",
    "[sandbox:find.error_before=2][sandbox:cut]",
)
FAULTS = [(group, kind) for group in ("dynamodb", "kms", "sqs", "scheduler", "http") for kind in KINDS[group]]


@dataclass
class Told(Weather):
    """Meets the one fault it was told, at the nth call of its group from then on."""

    told: tuple[str, str] | None = None
    calls_left: int = 0

    def pick(self, group: str, operation: str = "", *, is_hot: bool = False) -> str | None:
        if not self.told or self.told[0] != group:
            return None
        self.calls_left -= 1
        if self.calls_left > 0:
            return None
        kind, self.told = self.told[1], None
        return self.counted(group, kind)


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        logging.disable(logging.CRITICAL)
        random.seed(0)
        rng, self.stage = Random(0), Stage()
        self.weather = Told(rng, self.stage)
        self.town = Town(rng, self.stage, self.weather)
        self.people = Writer(self.town)
        self.tending = Tending(self.people, Restoring(self.people))
        self.tending.rng = rng
        self.naming = Naming(self.town)
        self.naming.__enter__()

    @initialize()
    def connects(self) -> None:
        def found(host: Host) -> None:
            host.pauses.know_table()
            workspace_id = host.workspaces.create("Workspace").id
            self.people.workspaces.append(workspace_id)
            for handle in ("ada", "ben"):
                channel = self.people.connect(workspace_id, handle, host, lifetime="600")
                self.people.channels += [channel] if channel else []

        self._ask(found)
        self.stage.run(seconds=1)

    @rule(
        protection=st.sampled_from(PROTECTIONS),
        script=st.sampled_from(SCRIPTS),
        parts=st.sampled_from((0, 0, 0, 1, 2)),
        both=st.booleans(),
        due_in=st.sampled_from((5, 60, 200, 600)),
        patience=st.sampled_from((14_400, 14_400, 300)),
    )
    def writes(self, protection: str, script: str, parts: int, both: bool, due_in: int, patience: int) -> None:
        people = self.people
        people.protection, people.script, people.parts, people.patience = protection, script, parts, patience
        self._ask(partial(people.write, people.new(people.channels[: 2 if both else 1], due_in)))

    @precondition(lambda self: self.people.asked)
    @rule(which=st.integers(0, 5), kind=st.sampled_from((*EDITS, "cancel", "publish")))
    def changes(self, which: int, kind: str) -> None:
        asked = self.people.asked[which % len(self.people.asked)]
        if asked.post_id:
            verbs: dict[str, Callable[..., Any]] = {"cancel": self.people.cancel, "publish": self.people.publish}
            what = verbs.get(kind) or self.people.change
            self._ask(partial(what, asked, *(() if kind in verbs else (kind,))), asked.post_id)

    @precondition(lambda self: self._in(RETRIABLE))
    @rule(which=st.integers(0, 5))
    def retries(self, which: int) -> None:
        found = self._in(RETRIABLE)
        delivery = found[which % len(found)]
        self._ask(partial(self.tending.retry, delivery), delivery.id)

    @precondition(lambda self: self._in((S.UNCONFIRMED,)))
    @rule(which=st.integers(0, 5))
    def resolves(self, which: int) -> None:
        found = self._in((S.UNCONFIRMED,))
        self.tending.resolve(found[which % len(found)])
        self.stage.run(seconds=1)

    @rule(of_stack=st.booleans(), on=st.booleans())
    def pauses(self, of_stack: bool, on: bool) -> None:
        workspace_id = "" if of_stack else self.people.workspaces[0]
        self._ask(partial(self.tending.pause if on else self.tending.resume, workspace_id))

    @rule()
    def reconnects(self) -> None:
        self.tending.reconnect()
        self.stage.run(seconds=1)

    @rule()
    def sweeps(self) -> None:
        self.town.tick("sweeper", lambda host: host.sweeping.sweep(200))
        self.stage.run(seconds=1)

    @rule()
    def refreshes(self) -> None:
        self.town.tick("refresher", self.town.refresh)
        self.stage.run(seconds=1)

    @rule(seconds=st.sampled_from((0.2, 5, 30, 80, 300, 1000)))
    def time_passes(self, seconds: float) -> None:
        self.stage.run(seconds=seconds)

    @rule(fault=st.sampled_from(FAULTS), at=st.integers(1, 25))
    def meets(self, fault: tuple[str, str], at: int) -> None:
        self.weather.told, self.weather.calls_left = fault, at

    @invariant()
    def nothing_is_broken(self) -> None:
        found = invariants.standing(self.town)
        assert not found, "\n".join((found[0].rule, found[0].about, found[0].story))

    def teardown(self) -> None:
        try:
            self._settle()
            found = invariants.violations(self.town, 0)
            assert not found, "\n".join((found[0].rule, found[0].about, found[0].story))
        finally:
            self.naming.__exit__()
            self.stage.close()
            logging.disable(logging.NOTSET)

    def _settle(self) -> None:
        self.weather.told = None
        self.town.open()
        self.stage.every(60, self.tending.reconnect, self.tending.process)
        self.tending.mend()
        for _ in range(8):
            self.stage.run(seconds=1800)
            if not any(invariants.goes_on(self.town, each) for each in invariants.deliveries(self.town)):
                return

    def _ask(self, what: Callable[..., Any], about: str = "") -> None:
        self.people.ask(what, about=about)
        self.stage.run(seconds=1)

    def _in(self, states: tuple[S, ...]) -> list[Delivery]:
        return [each for each in invariants.deliveries(self.town) if each.status in states]


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=EXAMPLES or 20,
    stateful_step_count=40,
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    phases=(Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
