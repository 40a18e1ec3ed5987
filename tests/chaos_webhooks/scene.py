"""One run: events are told by writers at work side by side, most of them within an hour and the rest over the days in
which an endpoint may fail; then calm, and a look at what everybody has."""

import logging
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from unittest.mock import patch

from boto3.dynamodb.conditions import Attr

from punctual.events.event import Draft, Event
from punctual.tables import ConditionFailed
from punctual.webhooks.endpoints import NewWebhook, Webhook
from tests.chaos.stage import Process, Stage
from tests.chaos_webhooks import receivers
from tests.chaos_webhooks.receivers import Behaviour, Receiver
from tests.chaos_webhooks.sabotage import HONEST, Sabotage
from tests.chaos_webhooks.square import CONCURRENCY, WORKSPACE, Hands, Rates, Square, weather
from tests.integration.moved_clock import START, Killed

TYPES = ("post.scheduled", "post.completed", "delivery.completed", "delivery.error", "channel.updated", "media.ready")
CHANNELS = ("chn_a", "chn_b", "chn_c")
_BUSY, _LONG = timedelta(minutes=50), timedelta(days=3, hours=18)
_WRITERS = 4
MOST_LAG = timedelta(minutes=10)
"""Of endpoints that answer: a dead sender's message comes again after 75 s, and may meet another death."""


@dataclass
class Kind:
    behave: Behaviour
    wanted: NewWebhook | None = None
    ends: str | None = None
    """Why it is disabled, if it is; the others get everything."""
    is_healthy: bool = False
    rotates: bool = False


KINDS = {
    "good": Kind(receivers.good, is_healthy=True),
    "rotating": Kind(receivers.good, is_healthy=True, rotates=True),
    "picky": Kind(receivers.good, NewWebhook(url="", event_types=("delivery.*", "post.completed")), is_healthy=True),
    "local": Kind(receivers.good, NewWebhook(url="", channel_ids=("chn_b",)), is_healthy=True),
    "flaky": Kind(receivers.flaky),
    "flaky2": Kind(receivers.flaky, NewWebhook(url="", event_types=("post.*",))),
    "slow": Kind(receivers.slow),
    "slow2": Kind(receivers.slow, NewWebhook(url="", event_types=("channel.*",))),
    "limiting": Kind(receivers.limiting),
    "garbling": Kind(receivers.garbling),
    "dying": Kind(receivers.dying(START)),
    "hanging": Kind(receivers.hanging, ends="failing"),
    "hanging2": Kind(receivers.hanging, ends="failing"),
    "redirecting": Kind(receivers.redirecting, ends="failing"),
    "gone": Kind(receivers.gone, ends="gone"),
}


@dataclass
class Report:
    seed: int
    violations: list[str] = field(default_factory=list)
    events: int = 0
    lag: list[float] = field(default_factory=list)
    """Of healthy endpoints, in seconds of moved time, sorted."""
    sent: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def lag_at(self, share: float) -> float:
        return self.lag[int(share * (len(self.lag) - 1))]


class Scene:
    def __init__(self, seed: int, events: int, *, healthy_only: bool, clock: int, sabotage: Sabotage):
        self.rng = Random(seed)
        self.stage = Stage()
        self.square = Square(
            self.rng, self.stage, weather(events), sabotage.concurrency or CONCURRENCY, sabotage.draining
        )
        self.kinds = {name: kind for name, kind in KINDS.items() if kind.is_healthy or not healthy_only}
        self.webhooks: dict[str, Webhook] = {}
        self.report = Report(seed)
        self._events = events
        self._clock = clock
        self._told = 0
        self._is_calm = False
        self._sizes: list[int] = []
        self._people = Process("people")

    def run(self) -> Report:
        try:
            self.stage.plan(0, self._open, self._people)
            self.stage.run(seconds=1)
            self._plan()
            self.stage.run(seconds=_LONG.total_seconds())
            self.square.rates, self._is_calm = Rates(), True
            self.stage.run(hours=100)  # the last retry of one that failed at the end comes up to 76 hours later
            self.stage.plan(0, self._judge, self._people)
            self.stage.run(seconds=10)
        finally:
            self.stage.close()
        return self.report

    def _open(self) -> None:
        for name, kind in self.kinds.items():
            wanted = kind.wanted or NewWebhook(url="")
            url = f"https://{name}.example/hook"
            made = self.square.calm.endpoints.create(
                WORKSPACE, NewWebhook(url=url, event_types=wanted.event_types, channel_ids=wanted.channel_ids)
            )
            self.webhooks[name] = made
            own = Random(self.rng.random())
            receiver = Receiver(name, kind.behave, self.stage, own, secret=made.secrets[0].secret.get_secret_value())
            self.square.receivers[name] = receiver
        self.square.calm.waking.wake(WORKSPACE)

    def _plan(self) -> None:
        at = sorted(self._moments())
        for place in range(_WRITERS):
            for seconds in at[place::_WRITERS]:
                self.square.plan(seconds, partial(self._tell, self._drafts()), "writer")
        self.stage.every(self._clock, self._tick, Process("clock"))
        for name, kind in self.kinds.items():
            if kind.rotates:
                self.stage.every(3 * 3600 + self._clock * 4, partial(self._rotate, name), Process("people"))

    def _moments(self) -> Iterator[float]:
        """Nine of ten within the busy time. Later ones come in pairs: the second while the first is being sent, and
        then none for long."""
        left = self._events
        while left > 0:
            is_busy = self.rng.random() < 0.9
            at = self.rng.uniform(1, (_BUSY if is_busy else _LONG).total_seconds())
            for later in (0.0,) if is_busy else (0.0, self.rng.uniform(0.05, 0.5)):
                size = min(left, self.rng.choice((1, 1, 2, 4)))
                self._sizes.append(size)
                left -= size
                yield at + later

    def _drafts(self) -> list[tuple[str, str, str]]:
        found = []
        for _ in range(self._sizes.pop() or 1):
            self._told += 1
            found.append((self.rng.choice(TYPES), self.rng.choice(CHANNELS), f"post_{self._told}"))
        return found

    def _tell(self, wanted: list[tuple[str, str, str]]) -> None:
        """As the events function: what fails comes again, and what was told is told no more."""
        try:
            self._append(self.square.faulty(), wanted)
        except Exception:  # noqa: BLE001
            self.square.plan(2, partial(self._tell, wanted), "writer")
        except Killed:
            self.square.plan(30, partial(self._tell, wanted), "writer")
            raise

    def _append(self, hands: Hands, wanted: list[tuple[str, str, str]]) -> None:
        now = self.stage.now()
        drafts = [
            Draft(type=type_, timestamp=now, data={"post_id": post_id, "channel_id": channel_id})
            for type_, channel_id, post_id in wanted
        ]
        mark = {"pk": f"told#{WORKSPACE}", "sk": wanted[0][2]}
        try:
            hands.feed.append(WORKSPACE, drafts, [hands.table.putting(mark, Attr("pk").not_exists())])
        except ConditionFailed:
            if hands.table.get(mark) is None:
                raise
        hands.waking.wake(WORKSPACE)

    def _tick(self) -> None:
        def tick() -> None:
            try:
                self.square.faulty().waking.wake_due()
            except Exception as fault:  # noqa: BLE001 - it runs again
                self.square.counts[f"clock: {type(fault).__name__}"] += 1

        self.square.plan(0, tick, "clock", 55)

    def _rotate(self, name: str) -> None:
        if self._is_calm:
            return
        made = self.square.calm.endpoints.rotate(WORKSPACE, self.webhooks[name].id, timedelta(hours=1))
        self.square.calm.waking.wake(WORKSPACE)
        if made:
            new = made.secrets[0].secret.get_secret_value()
            learns = partial(setattr, self.square.receivers[name], "secret", new)
            self.stage.plan(self.rng.uniform(0, 3000), learns, Process("people"))

    # What must hold

    def _judge(self) -> None:
        events = self._feed()
        self._judge_feed(events)
        for name, kind in self.kinds.items():
            self._judge_endpoint(name, kind, events)
        self.report.events = len(events)
        self.report.lag.sort()
        self.report.counts = self.square.counts

    def _feed(self) -> list[Event]:
        events: list[Event] = []
        while found := self.square.calm.feed.read(WORKSPACE, events[-1].id if events else None, 500).events:
            events += found
        return events

    def _judge_feed(self, events: list[Event]) -> None:
        if [event.sequence for event in events] != list(range(1, len(events) + 1)):
            self._violated("the feed has a gap")
        told = Counter(event.data["post_id"] for event in events if "post_id" in event.data)
        if len(told) != self._told or set(told.values()) != {1}:
            self._violated(f"{self._told} were told, and the feed has {len(told)}, at most {max(told.values())} times")
        if len({event.id for event in events}) != len(events):
            self._violated("an id came twice")

    def _judge_endpoint(self, name: str, kind: Kind, events: list[Event]) -> None:
        hands, receiver, made = self.square.calm, self.square.receivers[name], self.webhooks[name]
        webhook, lane = hands.endpoints.get(WORKSPACE, made.id), hands.lanes.get(made.id)
        assert webhook
        assert lane
        if receiver.wrong:
            self._violated(f"{name}: {len(receiver.wrong)} requests did not verify: {receiver.wrong[0]}")
        if webhook.disabled_reason != kind.ends:
            self._violated(f"{name} is {webhook.status}, {webhook.disabled_reason}, not {kind.ends}")
        said = [event.data.get("reason") for event in _ends(events, made)]
        if said != ([kind.ends] if kind.ends else []):
            self._violated(f"{name}: the feed says {said}")
        self.report.sent[name] = f"{len(receiver.took)} of {receiver.calls} calls, {receiver.doubled} doubled"
        if kind.ends and said:
            self._judge_end(name, kind, events)
        if kind.ends:
            return
        first = next(e.sequence for e in events if e.data.get("webhook_id") == made.id)
        wanted = [event for event in events if event.sequence >= first and made.wants(event)]
        missing = [event.sequence for event in wanted if event.sequence not in receiver.took]
        if missing:
            self._violated(f"{name} misses {len(missing)} of {len(wanted)} events, the first is {missing[0]}")
        if lane.position != len(events) or hands.sends.retries(made.id, 1):
            self._violated(f"{name} stands at {lane.position} of {len(events)}, with retries")
        if kind.is_healthy:
            self._judge_lag(name, wanted, receiver)

    def _judge_end(self, name: str, kind: Kind, events: list[Event]) -> None:
        end = _ends(events, self.webhooks[name])[0]
        last = self.square.receivers[name].last_called_at
        if last and last > end.timestamp + timedelta(seconds=1):
            self._violated(f"{name} was called after its end")
        if kind.ends == "failing" and end.timestamp - START < timedelta(days=3):
            self._violated(f"{name} was ended too soon")

    def _judge_lag(self, name: str, wanted: list[Event], receiver: Receiver) -> None:
        had = [(receiver.took[event.sequence], event) for event in wanted if event.sequence in receiver.took]
        lag = [(at - event.appended_at).total_seconds() for at, event in had]
        self.report.lag += lag
        if lag and max(lag) > MOST_LAG.total_seconds():
            self._violated(f"{name} had an event {max(lag):.0f} s late")

    def new_id(self, prefix: str) -> str:
        """The same for the same seed: a lane's id says when it is looked at."""
        return f"{prefix}_{self.rng.getrandbits(128):026X}"

    def _violated(self, what: str) -> None:
        self.report.violations.append(what)


def _ends(events: list[Event], webhook: Webhook) -> list[Event]:
    return [each for each in events if each.type == "webhook.disabled" and each.data["webhook_id"] == webhook.id]


@contextmanager
def _quiet(scene: Scene, sabotage: Sabotage, seed: int) -> Iterator[None]:
    before = random.getstate()
    random.seed(seed)
    logging.disable(logging.CRITICAL)
    try:
        with (
            patch("standardwebhooks.webhooks.datetime", scene.square.moved_datetime()),
            patch("punctual.ids.new", scene.new_id),
            sabotage.patched(),
        ):
            yield
    finally:
        logging.disable(logging.NOTSET)
        random.setstate(before)


def run(seed: int, events: int, *, healthy_only: bool = False, clock: int = 60, sabotage: Sabotage = HONEST) -> Report:
    """`clock` is how many seconds pass between the looks of the minute clock."""
    scene = Scene(seed, events, healthy_only=healthy_only, clock=clock, sabotage=sabotage)
    with _quiet(scene, sabotage, seed):
        return scene.run()
