"""What a run found, for people: a table, and one line for each check."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tests.benchmarks.lateness.figures import Lateness, Tally
from tests.benchmarks.lateness.killing import Survived
from tests.benchmarks.lateness.rounds import Measured
from tests.benchmarks.lateness.sandbox import Arrival

OURS, THEIRS = "Punctual", "BullMQ"
WITHIN_MS = 1000
COMPARED = {1, 20}
"""Sizes that must be near BullMQ's; above them two cores and an emulator set the pace."""
NOTES = (
    "Arrival by the sandbox's stamp, milliseconds after the posts' time; percentiles by nearest rank. "
    "Punctual's posts go from the local stack on its emulator, under the sandbox's idempotency key (class `key`); "
    "BullMQ's go as plain POSTs under no protection (class `none`), with BullMQ's default settings. "
    "Machine and emulator set the pace: compare within this run."
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """`kept` is True also for what is only reported."""

    name: str
    kept: bool
    figures: str
    is_promise: bool = True

    def __str__(self) -> str:
        answer = ("yes" if self.kept else "NO") if self.is_promise else "as it is"
        return f"{self.name}: {answer} ({self.figures})"


@dataclass(frozen=True, kw_only=True)
class Report:
    """`measured` by side and size; `seen` by side."""

    measured: Mapping[tuple[str, int], Measured]
    seen: Mapping[str, Sequence[Arrival]]
    survived: Sequence[Survived]

    def lateness(self) -> dict[tuple[str, int], Lateness]:
        return {(name, size): each.lateness(self.seen[name]) for (name, size), each in self.measured.items()}

    def tallies(self) -> dict[tuple[str, int], Tally]:
        return {(name, size): each.tally(self.seen[name]) for (name, size), each in self.measured.items()}


def show(console: Console, report: Report) -> list[Check]:
    console.print()
    console.print(_table(report))
    console.print(NOTES, style="dim")
    if report.survived:
        console.print(_after_the_kill(report.survived))
    checks = [*arrival_checks(report.lateness(), report.tallies()), *kill_checks(report.survived)]
    console.print()
    for check in checks:
        console.print(str(check), style=None if check.kept else "bold red", soft_wrap=True)
    return checks


def arrival_checks(
    lateness: Mapping[tuple[str, int], Lateness], tallies: Mapping[tuple[str, int], Tally]
) -> Iterator[Check]:
    for name in dict.fromkeys(name for name, _ in lateness):
        mine = [found for (side, _), found in lateness.items() if side == name]
        early, count = sum(each.early for each in mine), sum(each.count for each in mine)
        yield Check(name=f"none early, {name}", kept=_kept(name, early == 0), figures=f"{early} of {count}",
                    is_promise=name == OURS)  # fmt: skip
        told = [each for (side, _), each in tallies.items() if side == name]
        lost, doubled = sum(each.lost for each in told), sum(each.doubled for each in told)
        yield Check(name=f"each post once, {name}", kept=_kept(name, all(each.each_once for each in told)),
                    figures=f"{lost} lost, {doubled} doubled", is_promise=name == OURS)  # fmt: skip
    for size in dict.fromkeys(size for name, size in lateness if name == THEIRS):
        ours, theirs = lateness[OURS, size].p99, lateness[THEIRS, size].p99
        is_promise = size in COMPARED
        yield Check(
            name=f"within 1 s of BullMQ at {size}",
            kept=not is_promise or ours - theirs <= WITHIN_MS,
            figures=f"p99 {ours:.0f} ms, BullMQ's {theirs:.0f} ms",
            is_promise=is_promise,
        )


def kill_checks(survived: Sequence[Survived]) -> Iterator[Check]:
    for each in survived:
        name, tally = each.side.name, each.tally
        yield Check(name=f"the kill met {name}'s calls under way", kept=each.cut > 0, figures=f"{each.cut} cut off")
        yield Check(
            name=f"after kill -9 nothing lost, nothing doubled, {name}",
            kept=_kept(name, tally.each_once and not each.unfinished),
            figures=f"{tally.lost} lost, {tally.doubled} doubled, of {tally.scheduled}; {each.unfinished} unfinished",
            is_promise=name == OURS,
        )


def _kept(name: str, promise: bool) -> bool:
    """BullMQ has promised nothing here."""
    return promise or name != OURS


def _table(report: Report) -> Table:
    table = Table("posts at one second", "system", title="Lateness at the sandbox, ms")
    for column in ("n", "p50", "p95", "p99", "worst", "early"):
        table.add_column(column, justify="right")
    for (name, size), each in report.lateness().items():
        figures = (each.p50, each.p95, each.p99, each.worst)
        table.add_row(
            str(size), name, str(each.count), *(f"{figure:.0f}" for figure in figures), f"{each.share_early:.0%}"
        )
    return table


def _after_the_kill(survived: Sequence[Survived]) -> Table:
    table = Table("system", title="After kill -9 of the workers in the middle of a run")
    for column in ("posts", "workers killed", "calls cut off", "lost", "doubled", "worst lateness, s"):
        table.add_column(column, justify="right")
    for each in survived:
        found = (each.tally.scheduled, each.killed, each.cut, each.tally.lost, each.tally.doubled)
        table.add_row(each.side.name, *map(str, found), f"{each.lateness.worst / 1000:.1f}")
    return table
