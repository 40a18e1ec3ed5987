"""One storm: some fifty deliveries through whatever its seed brings; then calm, until everything is settled."""

import logging
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random

from punctual.channels import Channel
from tests.chaos import invariants
from tests.chaos.invariants import Violation
from tests.chaos.people import EDITS, Asked, People
from tests.chaos.restoring import Restoring
from tests.chaos.sabotage import ALL, HONEST, Sabotage
from tests.chaos.stage import Process, Stage
from tests.chaos.tending import Tending
from tests.chaos.town import Naming, Town
from tests.chaos.weather import drawn

DELIVERIES = 60
_LASTS = 2400
_RESTORED, _TWINS = 0.12, 0.1
_CALM_SECONDS = 1800
_MOST_ROUNDS = 16


@dataclass
class Report:
    seed: int
    deliveries: int = 0
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Deliveries by class of protection and last state."""
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)


class Storm:
    def __init__(self, seed: int, deliveries: int = DELIVERIES, sabotage: Sabotage = HONEST):
        self.seed = seed
        self.rng = Random(seed)
        self.stage = Stage()
        self.wanted = deliveries
        self.weather = drawn(self.rng, self.stage)
        batch, concurrency = self.rng.choice((1, 3, 10)), self.rng.choice((5, 20, 50))
        self.town = Town(self.rng, self.stage, self.weather, sabotage, batch, concurrency)
        self.people = People(self.town, eagerness=self.rng.choice((0.0, 0.2, 0.5)))
        self.restoring = Restoring(self.people)
        self.tending = Tending(self.people, self.restoring)
        self._storms = Process("storm")

    def run(self) -> Report:
        before = random.getstate()
        random.seed(self.seed)
        try:
            with Naming(self.town):
                self._set_up()
                self._rage()
                self._calm_down()
                self._catch_up()
                return self._report()
        finally:
            self.stage.close()
            random.setstate(before)

    def _set_up(self) -> None:
        if self.town.sabotage.is_about_events:
            self.town.follow()
        self.weather.is_calm = True
        self.town.request(self._found, "")
        self.stage.run(minutes=1)
        assert self.people.channels, "nothing is connected"
        self.weather.is_calm = False

    def _found(self, host: "invariants.Host") -> None:
        host.pauses.know_table()
        for number in range(self.rng.choice((1, 2))):
            workspace_id = host.workspaces.create(f"Workspace {number}").id
            self.people.workspaces.append(workspace_id)
            for place in range(self.rng.randint(2, 5)):
                channel = self.people.connect(workspace_id, f"w{number}c{place}", host)
                self.people.channels += [channel] if channel else []

    def _rage(self) -> None:
        self.town.open()
        if self.town.follower:
            self.town.follower.begin(_LASTS)
        planned = 0
        while planned < self.wanted:
            planned += self._plan_post()
        if self.rng.random() < _RESTORED:
            self.restoring.begin(self.rng, _LASTS)
        self.tending.begin(self.rng, _LASTS)
        self._plan_outages()
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            frost = partial(self.stage.freeze, self.rng.choice((20, 90, 400)))
            self.stage.plan(self.rng.uniform(60, _LASTS), frost, self._storms)
        self.stage.run(seconds=_LASTS)

    def _plan_outages(self) -> None:
        while self.weather.rates and self.rng.random() < 0.3:
            start = self.stage.now() + timedelta(seconds=self.rng.uniform(0, _LASTS))
            self.weather.outages.append((start, start + timedelta(seconds=self.rng.choice((3, 20, 70)))))

    def _plan_post(self) -> int:
        """One post, planned: when it is written, when it is due, what its author does to it. How many deliveries."""
        rng, people = self.rng, self.people
        at = rng.uniform(0, _LASTS * 0.6)
        due_in = rng.choice((rng.uniform(5, 60), rng.uniform(60, 400), 600 - at % 600))
        twin = self._twin()
        if twin:
            asked = people.new(twin.channels, at + due_in, text=twin.text, serial=twin.serial)
            asked.due_at = max(asked.due_at, twin.due_at + timedelta(seconds=rng.uniform(-60, 60)))
        else:
            asked = people.new(self._channels(), at + due_in)
        how = rng.random()
        write = partial(people.write, now=how < 0.1, draft=0.1 <= how < 0.14)
        people.ask(write, asked, seconds=at)
        if not asked.text:
            self._plan_changes(asked, at, due_in)
        return len(asked.channels)

    def _twin(self) -> Asked | None:
        """Some posts say the very same as another one, on the same channels."""
        if self.rng.random() > _TWINS:
            return None
        plain = [each for each in self.people.asked if each.text]
        if plain and self.rng.random() < 0.8:
            return self.rng.choice(plain)
        first = self.people.new(self._channels(), self.rng.uniform(60, _LASTS * 0.6))
        first.text = self.people.words(first, 0)
        self.people.ask(self.people.write, first)
        return first

    def _channels(self) -> list[Channel]:
        workspace_id = self.rng.choice(self.people.workspaces)
        mine = [each for each in self.people.channels if each.workspace_id == workspace_id]
        return self.rng.sample(mine, min(self.rng.choice((1, 1, 1, 2, 3)), len(mine)))

    def _plan_changes(self, asked: Asked, at: float, due_in: float) -> None:
        rng = self.rng
        while rng.random() < 0.3:
            moment = at + rng.choice((rng.uniform(1, due_in), due_in + rng.uniform(-3, 3), due_in + rng.uniform(0, 90)))
            kind = rng.choice((*EDITS, "text", "time", "cancel", "publish"))
            self.stage.plan(max(moment, 0), partial(self._change, asked, kind), self._storms)

    def _change(self, asked: Asked, kind: str) -> None:
        people = self.people
        if not asked.post_id or self.restoring.holds(self.stage.now()):
            return
        if kind == "cancel":
            people.ask(people.cancel, asked, about=asked.post_id)
            people.ask(people.delete, asked, about=asked.post_id, seconds=self.rng.uniform(1, 200))
        elif kind == "publish":
            people.ask(people.publish, asked, about=asked.post_id)
        else:
            people.ask(people.change, asked, kind, about=asked.post_id)

    def _calm_down(self) -> None:
        self.weather.is_calm = True
        self.tending.mend()
        for _ in range(_MOST_ROUNDS):
            self.stage.run(seconds=_CALM_SECONDS)
            if self.town.ledger.broken or not any(
                invariants.goes_on(self.town, each) for each in invariants.deliveries(self.town)
            ):
                return

    def _catch_up(self) -> None:
        """With the stream: what still waits is told, as far as it can be."""
        for _ in range(_MOST_ROUNDS):
            if not self.town.follower or not self.town.follower.is_behind:
                return
            self.stage.run(seconds=60)

    def _report(self) -> Report:
        found = invariants.deliveries(self.town)
        report = Report(self.seed, len(found), faults=Counter(self.weather.counts))
        for delivery in found:
            report.states[str(delivery.settings.get("protection", "key")), delivery.status.value] += 1
        judge = invariants.standing if self.town.ledger.broken else invariants.violations
        report.violations = judge(self.town, self.seed)
        return report


def run(seed: int, sabotage: str | None = None) -> Report:
    """What it would log is in its stories."""
    logging.disable(logging.CRITICAL)
    try:
        return Storm(seed, sabotage=ALL[sabotage] if sabotage else HONEST).run()
    finally:
        logging.disable(logging.NOTSET)
