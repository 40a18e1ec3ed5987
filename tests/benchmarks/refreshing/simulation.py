"""The refresher through an hour in which very many grants fall due, on a moved clock.

What is real: Refreshing, Renewing, Turns and the grants' store, every line, with the deployed function's own numbers.
What is not: AWS (delays from lateness/simulation_figures.py), the platforms, the processor and the clock.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from punctual.channels import Channels
from punctual.clock import Now
from punctual.grants.grants import Grants, key
from punctual.grants.stored import DueGrant
from punctual.refreshing import Refreshed, Refreshing
from punctual.sealing import Vault
from punctual.tables import Change, Table
from punctual.turns import Turns
from tests.benchmarks.lateness import simulation_figures as figures
from tests.benchmarks.lateness.simulation_aws import Environment, Machine, Timed
from tests.benchmarks.lateness.simulation_clock import START, Timeline
from tests.benchmarks.lateness.simulation_stack import seeded
from tests.benchmarks.refreshing.platforms import Far, Simulated
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.kms import MemoryKms
from tests.template import create_tables, template

LIMIT, WORKERS, LAST_START = 2000, 24, timedelta(seconds=25)
"""As functions/token_refresher/app.py has them."""
_SHORTEST, _LONGEST = 4650.0, 9000.0
"""Lives of tokens, seconds: between 75 and 80 % of them are an hour, from 3,500 s to 7,200 s."""
_BEFORE = 2
"""Of all grants, which were refreshed before: at its first a grant's channel is read, too."""
_MEMORY = int(template()["Globals"]["Function"]["MemorySize"])
_TIMEOUT = int(template()["Resources"]["TokenRefresherFunction"]["Properties"]["Timeout"])


@dataclass(frozen=True, kw_only=True)
class Setting:
    grants: int = 10_000
    failing: float = 0.2
    away: tuple[str, float, float] = ("", 0.0, 0.0)
    """A platform that answers nothing, from one second of the run to another."""
    workers: int = WORKERS
    seed: int = 1
    slack: float = 0.02


@dataclass(kw_only=True)
class Outcome:
    grants: int
    refreshed: int
    dead: int
    margins: dict[str, list[float]]
    """Provider → seconds that each token still had when its refresh was answered."""
    swept: Refreshed
    far: Counter[str]
    calls: Counter[str]
    run_seconds: list[float]
    """Of the runs that had something to do."""
    memory_megabytes: int = _MEMORY

    def share(self, part: float, provider: str | None = None) -> float:
        """The margin that `part` of the grants had at least; one that was never refreshed had none."""
        found = [each for name, some in self.margins.items() if provider in (None, name) for each in some]
        missing = self.grants - self.refreshed if provider is None else 0
        ordered = sorted([*found, *[float("-inf")] * missing], reverse=True)
        return ordered[max(0, -int(-part * len(ordered) // 1) - 1)]


@dataclass(kw_only=True)
class _Run:
    began: float
    ended: float = 0.0


class Stack:
    def __init__(self, setting: Setting, wrap: Callable[[str, object], object] = lambda _, client: client):
        self._setting = setting
        self.timeline = Timeline(setting.slack)
        self.machine = Machine(self.timeline, Random(setting.seed))
        now: Now = self.timeline.now
        memory = MemoryDynamoDB(clock=lambda: START.timestamp() + self.timeline.at)
        names = create_tables(memory)
        self.clients = {
            "dynamodb": Timed(wrap("dynamodb", memory), self.machine, figures.DYNAMODB),
            "kms": Timed(wrap("kms", MemoryKms("key")), self.machine, figures.KMS),
        }
        dynamodb, sleep = self.clients["dynamodb"], self.machine.sleep
        self._table = Table(dynamodb, names["GrantsTable"], sleep)
        self.grants = Grants(self._table, Vault(self.clients["kms"], "key"), now)
        self.far = Far(machine=self.machine, failing=setting.failing, is_away=self._is_away)
        self.providers = Simulated(self.far, now)
        channels = Channels(Table(dynamodb, names["WorkTable"], sleep), now)
        self.refreshing = Refreshing(self.grants, channels, self.providers, now, sleep=sleep)
        self.ids: dict[str, str] = {}
        """Grant → provider."""
        self.accounts: dict[str, str] = {}
        """Account → provider."""
        self.swept = Refreshed()
        self.runs: list[_Run] = []

    def connect(self) -> None:
        random = self.machine.random
        for number in range(self._setting.grants):
            provider, account = self.providers.any(random), f"account{number}"
            life = timedelta(seconds=random.uniform(_SHORTEST, _LONGEST))
            grant = provider.connect(account, life)
            name = provider.spec.id
            grant_id = self.grants.create("ws_simulated", provider, [f"chn_{number}"], grant, None)
            self._table.update(key(grant_id), Change(set={"version": _BEFORE}))
            self.ids[grant_id] = name
            self.accounts[account] = name

    def run(self) -> None:
        """Each minute, until the longest-lived token would have ended."""
        for minute in range(int(_LONGEST / 60) + 2):
            self.timeline.plan(minute * 60.0 + 7, lambda: self.timeline.work(self._run))
        self.timeline.run(_LONGEST + 180)
        self.timeline.close()

    def _run(self) -> None:
        """As functions/token_refresher/app.py has it."""
        environment = Environment(_MEMORY)
        self._enter(environment)
        run = _Run(began=self.timeline.at)
        until = self.timeline.now() + timedelta(seconds=_TIMEOUT) - LAST_START
        turns = self.refreshing.turns(LIMIT)
        environment.awake -= 1
        if len(turns):
            self.runs.append(run)
        for _ in range(min(self._setting.workers, len(turns))):
            self.timeline.work(lambda: self._work(turns, until, environment, run))

    def _work(self, turns: Turns[DueGrant], until: datetime, environment: Environment, run: _Run) -> None:
        self._enter(environment)
        found = self.refreshing.take_turns(turns, until)
        self.swept += found
        environment.awake -= 1
        run.ended = max(run.ended, self.timeline.at)

    def _enter(self, environment: Environment) -> None:
        worker = self.timeline.working
        assert worker is not None
        worker.environment = environment
        environment.awake += 1

    def _is_away(self, name: str) -> bool:
        away, since, until = self._setting.away
        return name == away and since <= self.timeline.at < until


def simulate(setting: Setting) -> Outcome:
    with seeded(setting.seed):
        stack = Stack(setting)
        stack.connect()
        before = _calls(stack)
        stack.run()
        calls = _calls(stack) - before
        stored = [stack.grants.get(grant_id) for grant_id in stack.ids]
    margins: dict[str, list[float]] = {}
    for account, margin in stack.far.margins.items():
        margins.setdefault(stack.accounts[account], []).append(margin)
    return Outcome(
        grants=setting.grants,
        refreshed=sum(1 for each in stored if each and each.version > _BEFORE),
        dead=sum(1 for each in stored if not each or each.dead),
        margins=margins,
        swept=stack.swept,
        far=stack.far.counts,
        calls=calls,
        run_seconds=[run.ended - run.began for run in stack.runs],
    )


def _calls(stack: Stack) -> Counter[str]:
    found: Counter[str] = Counter()
    for service, client in stack.clients.items():
        found.update({f"{service}.{name}": count for name, count in client.calls.items()})
    return found
