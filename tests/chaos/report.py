"""What came of many storms, as a table, and the stories of what went wrong."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from punctual.states import DeliveryStatus
from tests.chaos.people import PROTECTIONS
from tests.chaos.storm import Report
from tests.chaos.weather import KINDS

_TOLD = 3
"""Stories that are told in full; the others can be had by their seeds."""


@dataclass
class Total:
    deliveries: int = 0
    storms: int = 0
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    broken: list[Report] = field(default_factory=list)

    def add(self, report: Report) -> None:
        self.storms += 1
        self.deliveries += report.deliveries
        self.states += report.states
        self.faults += report.faults
        if report.violations:
            self.broken.append(report)

    @property
    def violations(self) -> int:
        return sum(len(report.violations) for report in self.broken)

    def count(self, word: str) -> int:
        return sum(each.rule.startswith(word) for report in self.broken for each in report.violations)

    def tell(self, say: Callable[[str], None]) -> None:
        self._states(say)
        self._faults(say)
        for report in self.broken[:_TOLD]:
            first = report.violations[0]
            say(f"\n--- storm {report.seed}: {len(report.violations)} violations; the first: {first.rule}")
            say(first.story)
        for report in self.broken:
            for violation in report.violations:
                say(f"seed {report.seed}: {violation.rule} {violation.about}")
        say(
            f"chaos: {self.deliveries} deliveries in {self.storms} storms, {sum(self.faults.values())} faults: "
            f"{self.count('lost')} lost, {self.count('doubled')} doubled, {self.violations} violations"
        )

    def _states(self, say: Callable[[str], None]) -> None:
        ends = [status for status in DeliveryStatus if any(self.states[name, status] for name in PROTECTIONS)]
        say("".join(f"{word:>20}" if place == 0 else f"{word:>13}" for place, word in enumerate(("", *ends))))
        for name in PROTECTIONS:
            say(f"{name:>20}" + "".join(f"{self.states[name, status]:>13}" for status in ends))

    def _faults(self, say: Callable[[str], None]) -> None:
        for group in (*KINDS, "events"):
            found = {
                name.partition(" ")[2]: count for name, count in self.faults.items() if name.startswith(f"{group} ")
            }
            say(f"{group:>20}  " + ", ".join(f"{name} {count}" for name, count in sorted(found.items())))
