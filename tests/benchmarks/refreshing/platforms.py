"""Three platforms and their moods: what a refresh token is worth a second time, and the ways in which a call fails."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

from pydantic import SecretStr

from punctual.clock import Now
from punctual.providers import Providers
from punctual.providers.base import App, Grant, Provider, Spec
from punctual.providers.outcomes import Reconnect, RetryLater
from tests.benchmarks.lateness import simulation_figures as figures
from tests.benchmarks.lateness.simulation_aws import Machine
from tests.benchmarks.lateness.simulation_figures import Figure, quantiles

TOKEN_CALL = Figure(
    what="a token endpoint's answer, with name lookup and TLS",
    source="assumed; about 1 s in the mean",
    draw=quantiles({0: 150, 0.5: 800, 0.9: 1800, 0.99: 5000, 1: 15000}),
)
HANGS = 20.0
"""`Spec.call_seconds`: then our side gives up."""
NEXT_LIFE = timedelta(days=30)
"""Of what a refresh gives: nothing is due twice in one run."""
_TOKEN_LENGTH = 700
"""As of signed tokens that say much; it is what the stored item is long by."""
MOODS = ("unreachable", "hang", "rate_limited", "server_error", "broken_off")


@dataclass(kw_only=True)
class Far:
    """What all platforms of a run share. `failing` is the share of calls that fail, each mood alike."""

    machine: Machine
    failing: float
    is_away: Callable[[str], bool]
    """Whether that platform takes calls and answers none, now."""
    counts: Counter[str] = field(default_factory=Counter)
    margins: dict[str, float] = field(default_factory=dict)
    """Account → seconds that its token still had when its refresh was answered."""


class Platform(Provider):
    """`forgives`: a token that comes again gets the same answer again. `rotates`: else the old one goes on working."""

    forgives = False
    rotates = True

    def __init__(self, far: Far, now: Now):
        super().__init__(None, now)  # type: ignore[arg-type]  # it calls nobody
        self._far = far
        self._current: dict[str, str] = {}
        self._given: dict[str, Grant] = {}

    def connect(self, account: str, life: timedelta) -> Grant:
        self._current[account] = f"{account}.1"
        return self._grant(account, life)

    def can_refresh(self, grant: Grant) -> bool:
        return True

    def refresh(self, grant: Grant, app: App | None) -> Grant:
        account, mood = grant.extra["account"], self._mood()
        self._far.counts[f"calls answered with {mood or 'a grant'}"] += 1
        self._take_time(mood)
        if mood == "broken_off" and not self.spec.reuse_ends_grant:
            self._exchange(account, grant)
        if mood:
            asked = self._far.machine.random.uniform(5, 60) if mood == "rate_limited" else None
            raise RetryLater("No.", code="broken_off" if mood == "hang" else mood, retry_after=asked)
        found = self._exchange(account, grant)
        if grant.expires_at:
            self._far.margins.setdefault(account, (grant.expires_at - self.now()).total_seconds())
        return found

    def _exchange(self, account: str, grant: Grant) -> Grant:
        presented = grant.refresh_token.get_secret_value() if grant.refresh_token else ""
        if presented == self._current[account]:
            if self.rotates:
                number = int(presented.rpartition(".")[2]) + 1
                self._current[account] = f"{account}.{number}"
            self._given[presented] = self._grant(account, NEXT_LIFE)
        elif self.forgives:
            self._far.counts["used refresh tokens, forgiven"] += 1
        else:
            self._far.counts["used refresh tokens, family ended"] += 1
            raise Reconnect("No.", code="grant_dead")
        return self._given[presented]

    def _mood(self) -> str | None:
        if self._far.is_away(self.spec.id):
            return "hang"
        random = self._far.machine.random
        return random.choice(MOODS) if random.random() < self._far.failing else None

    def _take_time(self, mood: str | None) -> None:
        machine = self._far.machine
        machine.compute(figures.PLATFORM_CPU)
        if mood == "hang":
            machine.sleep(HANGS)
        elif mood == "unreachable":
            machine.sleep(machine.random.uniform(0.05, 5))
        else:
            machine.sleep(TOKEN_CALL.draw(machine.random))

    def _grant(self, account: str, life: timedelta) -> Grant:
        return Grant(
            access_token=SecretStr(account.ljust(_TOKEN_LENGTH, ".")),
            refresh_token=SecretStr(self._current[account]),
            expires_at=self.now() + life,
            server="https://platform.example",
            extra={"account": account},
        )


_SPEC = Spec(
    id="strict",
    name="Strict",
    docs_url="https://platform.example/",
    connect=("oauth",),
    max_text=500,
    counted_in="characters",
    reuse_ends_grant=True,
)


class Strict(Platform):
    """As X. A call that breaks off was not carried out here: where it was, the grant is lost, whatever one does."""

    spec = _SPEC


class Forgiving(Platform):
    """As Bluesky's sessions."""

    spec = replace(_SPEC, id="forgiving", reuse_ends_grant=False)
    forgives = True


class Steady(Platform):
    """As Google: one refresh token for ever."""

    spec = replace(_SPEC, id="steady", reuse_ends_grant=False)
    rotates = False


class Simulated(Providers):
    """The registry, with nothing else in it."""

    def __init__(self, far: Far, now: Now):
        self._all: dict[str, Platform] = {kind.spec.id: kind(far, now) for kind in (Strict, Forgiving, Steady)}

    def ids(self) -> list[str]:
        return list(self._all)

    def get(self, provider_id: str) -> Any:
        return self._all[provider_id]

    def any(self, random: Random) -> Platform:
        return self._all[random.choice(self.ids())]
