"""Posts: what the user wrote and when it is due. `rev` counts edits, `version` every write of the item."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from boto3.dynamodb.conditions import Attr, ConditionBase

from punctual import acting, facets, leftovers
from punctual.clock import Moment, Now, to_text
from punctual.deliveries import Deliveries
from punctual.due import GRACE, NO_CLOCK, SWEEP, clock
from punctual.indexes import Entries
from punctual.media.wanting import Wanted
from punctual.parts import FollowUp
from punctual.states import ENDED, PostStatus, roll_up
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Page, Table

DEFAULT_MAX_DELAY_SECONDS = 3600
LOOK_AHEAD = timedelta(hours=1)
_SPREAD_SECONDS = 600
_WRITTEN_JUST_NOW = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Variation:
    """What differs from the post, on a channel or on all of a provider; None is as the post has it."""

    text: str | None = field(default=None, repr=False)
    thread: tuple[FollowUp, ...] | None = None
    first_comment: FollowUp | None = None
    drops_first_comment: bool = False
    media: tuple[Wanted, ...] | None = None
    settings: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Target(Variation):
    """One channel of a post."""

    channel_id: str


@dataclass(frozen=True, kw_only=True)
class AtRisk:
    """What may keep one of its deliveries from going out; `code` is one of `punctual.risks`."""

    delivery_id: str
    channel_id: str
    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Post:
    id: str
    workspace_id: str
    status: PostStatus
    text: str = field(repr=False)
    targets: tuple[Target, ...]
    created_at: Moment
    updated_at: Moment
    due_at: Moment | None = None
    """T; None for a draft without a time."""
    timezone: str = "UTC"
    max_delay_seconds: int = DEFAULT_MAX_DELAY_SECONDS
    thread: tuple[FollowUp, ...] = ()
    first_comment: FollowUp | None = None
    media: tuple[Wanted, ...] = ()
    overrides: dict[str, Variation] = field(default_factory=dict)
    """By provider."""
    labels: tuple[str, ...] = ()
    external_id: str | None = None
    metadata: dict[str, str] = field(default_factory=dict, repr=False)
    allow_duplicate: bool = False
    providers: tuple[str, ...] = ()
    """Of the channels that it is for, as its deliveries have them."""
    rev: int = 1
    version: int = 1
    next_at: Moment | None = None
    expires_epoch: int | None = None
    """From then on it is gone, though DynamoDB may take days to delete it; None: it is kept."""
    at_risk: tuple[AtRisk, ...] = ()
    at_risk_since: Moment | None = None

    @property
    def listed_at(self) -> str:
        """Where lists have it: by its time, or for a draft without one by when it was written."""
        return f"{to_text(self.due_at or self.created_at)}#{self.id}"


_STORED = Stored(Post)
_AT_RISK = Stored(AtRisk)
_NO_RISK: Item = {"at_risk": None, "at_risk_since": None}


class Posts:
    """`kept`: how long after its end a post is, with all that belongs to it; None: for good."""

    def __init__(self, table: Table, deliveries: Deliveries, now: Now, kept: timedelta | None = None):
        self._table = table
        self._deliveries = deliveries
        self._now = now
        self._kept = kept

    def get(self, post_id: str) -> Post | None:
        item = self._table.get(key(post_id))
        return self.there(_STORED.read(item)) if item else None

    def get_all(self, post_ids: Sequence[str]) -> list[Post]:
        """Those that are there, in no order."""
        items = self._table.get_all([key(post_id) for post_id in post_ids])
        return [post for item in items if (post := self.there(_STORED.read(item)))]

    def there(self, post: Post) -> Post | None:
        """The post, unless its time is over."""
        return post if post.expires_epoch is None or post.expires_epoch > self._now().timestamp() else None

    def entries(
        self, entries: Entries, span: tuple[str, str], limit: int, start: Item | None, *, oldest_first: bool
    ) -> Page:
        """Items of an index, a moment old; `span` in `to_text` form."""
        condition = entries.between(span)
        return self._table.query(condition, index=entries.index, limit=limit, start=start, forward=oldest_first)

    def roll_up(self, post_id: str) -> PostStatus | None:
        """Recompute the stored state from the deliveries; None if the post is gone.

        Conditional on a version read before them: a slow reader must not overwrite what a later one saw.
        """
        while True:
            post = self.get(post_id)
            if post is None:
                return None
            if not post.next_at:
                return post.status
            states = self._deliveries.states(post_id)
            status = roll_up([status for status, _ in states])
            clocks = [clock_at for _, clock_at in states if clock_at]
            next_at = self._next_clock(post, status, clocks)
            changed = {
                "status": status.value,
                "workspace_status": f"{post.workspace_id}#{status.value}",
                "version": post.version + 1,
                **(clock(post_id, next_at) if next_at else {**NO_CLOCK, **self._expiry(status)}),
                **({} if status is PostStatus.SCHEDULED else _NO_RISK),
                **acting.mark(),
            }
            try:
                self._table.update(key(post_id), Change(set=changed), _unchanged(post))
            except ConditionFailed:
                continue
            return status

    def _next_clock(self, post: Post, status: PostStatus, clocks: Sequence[datetime]) -> datetime | None:
        """A look ahead that is to come stays."""
        now = self._now()
        if status is PostStatus.SCHEDULED and post.next_at and post.next_at > now:
            return post.next_at
        return max([now, *clocks]) + SWEEP if clocks else None

    def looked(self, seen: Post, found: tuple[AtRisk, ...], next_at: datetime) -> bool:
        """Keep what a look ahead found, and when to look again; False where the post was written since it was read.

        It leaves `version` alone: an edit that read the post before this wins, and forgets what was found.
        """
        since = seen.at_risk_since or self._now()
        risky = {"at_risk": [_AT_RISK.item(each) for each in found], "at_risk_since": to_text(since)}
        changed = Change(set={**clock(seen.id, next_at), **(risky if found else _NO_RISK)})
        as_read = Attr("next_at").eq(to_text(seen.next_at)) if seen.next_at else Attr("next_at").not_exists()
        try:
            self._table.update(key(seen.id), changed, _unchanged(seen) & as_read)
        except ConditionFailed:
            return False
        return True

    def putting(self, post: Post) -> list[Item]:
        """For a transaction, as all that follow."""
        labels = [self._table.putting(_label_row(post, label)) for label in post.labels]
        item = {**as_item(post), **acting.mark()}
        return [self._table.putting(item, Attr("pk").not_exists()), *labels]

    def replacing(self, seen: Post, post: Post) -> list[Item]:
        """The whole post anew, if nobody wrote it since `seen` was read."""
        kept = set(seen.labels) if seen.listed_at == post.listed_at else set()
        new = [self._table.putting(_label_row(post, label)) for label in post.labels if label not in kept]
        gone = [self._table.deleting(label_key(post.id, label)) for label in seen.labels if label not in post.labels]
        marked = acting.mark()
        revised = {acting.REVISED: marked[acting.ATTRIBUTE]} if marked else {}
        item = {**as_item(post), **({} if post.next_at else self._expiry(post.status)), **marked, **revised}
        return [self._table.putting(item, _unchanged(seen)), *new, *gone]

    def reopening(self, seen: Post) -> Item:
        """Where a settled delivery has something to do again."""
        changed = {"version": seen.version + 1, **clock(seen.id, self._now() + SWEEP), **acting.mark()}
        return self._table.updating(key(seen.id), Change(set=changed, remove=["expires_epoch"]), _unchanged(seen))

    def removing(self, seen: Post) -> list[Item]:
        labels = [self._table.deleting(label_key(seen.id, label)) for label in seen.labels]
        left = self._table.putting(leftovers.of_post(seen.workspace_id, seen.id, seen.rev, self._now()))
        return [self._table.deleting(key(seen.id), _unchanged(seen)), left, *labels]

    def _expiry(self, status: PostStatus) -> Item:
        """Of one that has nothing to do any more; what a person must still settle is kept."""
        if self._kept is None or status not in ENDED:
            return {}
        return {"expires_epoch": int((self._now() + self._kept).timestamp())}


def first_clock(post_id: str, due_at: datetime, now: datetime) -> datetime:
    """An hour before its time, while there is time to mend what is found; posts of one second are spread over the ten
    minutes before. Where that is too near, as `last_clock`: whoever wrote the post was warned just now."""
    spread = timedelta(seconds=crc32(post_id.encode()) % _SPREAD_SECONDS)
    ahead = due_at - LOOK_AHEAD - spread
    return ahead if ahead > now + _WRITTEN_JUST_NOW else last_clock(due_at, now)


def last_clock(due_at: datetime, now: datetime) -> datetime:
    """When its own state must have been computed, if nobody else did so."""
    return max(due_at, now) + SWEEP + GRACE


def read(item: Item) -> Post:
    """Raises Unreadable."""
    return _STORED.read(item)


def key(post_id: str) -> Item:
    return {"pk": post_id, "sk": "post"}


def as_item(post: Post) -> Item:
    item = _STORED.item(post)
    listed = {
        "listed_at": post.listed_at,
        "workspace_status": f"{post.workspace_id}#{post.status.value}",
    }
    if post.external_id:
        listed |= facets.entry(post.workspace_id, "external_id", post.external_id, post.listed_at)
    for name in ("at_risk", "media"):
        if not item[name]:
            del item[name]
    return {**key(post.id), **item, **listed, **(clock(post.id, post.next_at) if post.next_at else {})}


def label_key(post_id: str, label: str) -> dict[str, str]:
    return {"pk": post_id, "sk": f"label#{label}"}


def _label_row(post: Post, label: str) -> Item:
    return {**label_key(post.id, label), **facets.entry(post.workspace_id, "label", label, post.listed_at)}


def _unchanged(seen: Post) -> ConditionBase:
    return Attr("version").eq(seen.version)
