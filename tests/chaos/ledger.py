"""What was asked for, what was done to it, and in which order: what the checks and a person need to judge a storm."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tests.chaos.stage import Stage

NAME = re.compile(r"~(\d+)\.(\d+)\.(\d+)~")


@dataclass(frozen=True)
class Name:
    """What a part's text begins with: which post, which edit of it, which part."""

    serial: int
    edit: int
    part: int

    def __str__(self) -> str:
        return f"~{self.serial}.{self.edit}.{self.part}~"


def name_of(text: str) -> Name:
    found = NAME.match(text)
    assert found, f"not a text of the storm's: {text!r}"
    return Name(*map(int, found.groups()))


@dataclass(frozen=True)
class Shown:
    """A post that the far side took, seen or not yet seen by readers."""

    id: str
    handle: str
    name: Name
    text: str
    arrived_at: datetime
    visible_from: datetime
    in_reply_to: str | None


@dataclass(frozen=True)
class Line:
    at: datetime
    about: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S.%f} {self.where:<12} {self.what}"


@dataclass
class Ledger:
    """`marks` are reasons why a post (by its id or its serial number's text), a delivery or a channel need not end
    COMPLETED."""

    stage: Stage
    lines: list[Line] = field(default_factory=list)
    marks: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    accepted: dict[str, int] = field(default_factory=dict)
    """Posts that a user was told are accepted, with their serial numbers."""
    shown: list[Shown] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    """What was seen to be wrong at once, and when."""
    handles: dict[str, str] = field(default_factory=dict)
    """Of the channels."""
    owners: Counter[int] = field(default_factory=Counter)
    """How many posts say the same, by serial number: more than one for twins."""
    is_restored: bool = False
    """Whether the table was lost and restored meanwhile: then much is uncertain, and none of it may be doubled."""
    hot: set[str] = field(default_factory=set)
    """Deliveries whose call is being made, or whose outcome is unknown: where it hurts most."""
    times: Counter[tuple[int, str, int]] = field(default_factory=Counter)

    def take(self, shown: Shown) -> None:
        """The far side has made a post, seen by readers or not yet."""
        name = shown.name
        self.shown.append(shown)
        self.note(f"sandbox: MADE {name} of {shown.handle}, id {shown.id}")
        key = (name.serial, shown.handle, name.part)
        self.times[key] += 1
        if self.times[key] > self.owners[name.serial]:
            actor = self.stage.current
            self.breaks("doubled", actor.about if actor else "")

    def note(self, what: str, about: str | None = None) -> None:
        actor = self.stage.current
        about = about if about is not None else (actor.about if actor else "")
        self.lines.append(Line(self.stage.now(), about, actor.process.name if actor else "", what))

    def mark(self, about: str, *reasons: str) -> None:
        self.marks[about].update(reasons)

    def mark_mine(self, reason: str) -> None:
        """On whatever the actor whose turn it is works on."""
        if self.stage.current and self.stage.current.about:
            self.marks[self.stage.current.about].add(reason)

    def breaks(self, rule: str, about: str = "") -> None:
        self.note(f"BROKEN: {rule}", about)
        self.broken.append((rule, about))

    def story(self, about: Iterable[str]) -> list[Line]:
        wanted = set(about)
        return [line for line in self.lines if line.about in wanted or not line.about]
