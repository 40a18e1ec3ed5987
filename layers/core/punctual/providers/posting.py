"""The words that providers and the core share: a part of a delivery to send, what came of it, how it will look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from punctual.providers.media import Attachment
from punctual.providers.terms import Account

PartKind: TypeAlias = Literal["post", "thread", "comment"]
"""What a part of a delivery is: the post itself, a reply that goes on with it, or a first comment under it."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One delivery, as `prepare`, `publish` and `find` see it.

    `key` is the same in every attempt at this part and revision of the delivery. `prepared` is what `prepare` has kept
    so far for this part. `due_at` is the part's own time.
    """

    delivery_id: str
    key: str
    text: str = field(repr=False)
    settings: Any
    due_at: datetime
    account: Account
    media: tuple[Attachment, ...] = ()
    """What this part carries, in order."""
    prepared: Mapping[str, Any] = field(default_factory=dict, repr=False)
    first_sent_at: datetime | None = None
    kind: PartKind = "post"
    part: int = 0
    root: "Published | None" = None
    """The delivery's first part, live already; None for that part itself."""
    parent: "Published | None" = None
    """What this part answers: the part before it in the thread, or the root for a first comment."""
    taken: frozenset[str] = frozenset()
    """Platform ids that other deliveries of this channel have: `find` by search must not take one of them."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """`extra` is what a provider needs to answer to this part later; nothing secret."""

    platform_id: str
    url: str
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One rule that a draft breaks. `field` is where in the target: `text`, or `settings/…`."""

    field: str
    rule: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Entity:
    """What readers can click, in Unicode code points of the text as shown. `url` is None where only the platform
    knows it."""

    kind: Literal["link", "mention", "hashtag"]
    start: int
    end: int
    url: str | None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A part as the platform's own site shows it. At `folds_at` its lists cut it short; None: they do not."""

    text: str = field(repr=False)
    entities: tuple[Entity, ...] = ()
    folds_at: int | None = None
    content_warning: str | None = None


class Keep(Protocol):
    """Stores results of `prepare` before its next step; raises if this worker no longer holds the delivery."""

    def __call__(self, **results: Any) -> None: ...

    def yield_if_late(self, seconds: float | None = None) -> None:
        """Between two steps: raises Unfinished where this worker has no time left for another one, which may take so
        long, or as long as a call of the Spec's. `prepare` is then called again, with what was kept."""
        ...
