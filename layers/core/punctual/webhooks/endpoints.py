"""Endpoints: where a workspace wants its events sent, which of them, and what signs them.

Every change is one transaction with its event. The events name the endpoint, never its URL: that may hold a secret.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import acting, ids
from punctual.clock import Moment, Now
from punctual.events.event import Draft, Event
from punctual.events.feed import Feed
from punctual.idempotency import Taken
from punctual.problems import Fault, Invalid
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table
from punctual.webhooks import secrets
from punctual.webhooks.lanes import Lanes, Verdict
from punctual.webhooks.secrets import Secret

WebhookStatus: TypeAlias = Literal["active", "disabled"]
DisabledReason: TypeAlias = Literal["by_request"] | Verdict

MOST = 20
"""Of a workspace: each is a message, and a worker, whenever something happens there."""
_PREFIX = "webhook#"
_COUNT = "webhooks"
_TRIES = 8


@dataclass(frozen=True, kw_only=True)
class NewWebhook:
    url: str = field(repr=False)
    description: str = field(default="", repr=False)
    event_types: tuple[str, ...] = ()
    """Names of types, or `post.*` for all of a kind; none: all."""
    channel_ids: tuple[str, ...] = ()
    """Only what is about these; none: everything, also what is about no channel."""


@dataclass(frozen=True, kw_only=True)
class Webhook(NewWebhook):
    id: str
    workspace_id: str
    status: WebhookStatus = "active"
    disabled_reason: DisabledReason | None = None
    created_at: Moment
    updated_at: Moment
    version: int = 1
    secrets: tuple[Secret, ...]
    """Newest first."""

    def wants(self, event: Event) -> bool:
        return self._wants_type(event.type) and self._wants_channel(event)

    def _wants_type(self, name: str) -> bool:
        return not self.event_types or name in self.event_types or f"{name.partition('.')[0]}.*" in self.event_types

    def _wants_channel(self, event: Event) -> bool:
        about = {event.data.get("channel_id"), *event.data.get("channel_ids", ())}
        return not self.channel_ids or not about.isdisjoint(self.channel_ids)

    def signing(self, at: datetime) -> list[Secret]:
        return [each for each in self.secrets if each.signs_at(at)]


Recording: TypeAlias = Callable[[Webhook], Item]
"""For the transaction: what keeps the request, that made this, from doing so again."""

_STORED = Stored(Webhook)


class Endpoints:
    """`table` is the events' own."""

    def __init__(self, table: Table, feed: Feed, lanes: Lanes, now: Now):
        self._table = table
        self._feed = feed
        self._lanes = lanes
        self._now = now

    def create(self, workspace_id: str, wanted: NewWebhook, recording: Recording | None = None) -> Webhook:
        """Its secret is shown this once. The first event that it may get is that of its own making. Raises Invalid,
        Taken."""
        now = self._now()
        made = Webhook(
            **{name: getattr(wanted, name) for name in NewWebhook.__dataclass_fields__},
            id=ids.new("whk"),
            workspace_id=workspace_id,
            created_at=now,
            updated_at=now,
            secrets=(secrets.new(now),),
        )
        fits = Attr("count").not_exists() | Attr("count").lt(MOST)
        counting = self._table.updating(_count_key(workspace_id), Change(add={"count": 1}), fits)
        putting = self._table.putting(_item(made), Attr("pk").not_exists())
        for _ in range(_TRIES):
            starting = self._lanes.starting(made.id, workspace_id, self._feed.head(workspace_id).sequence)
            beside = [putting, starting, counting]
            try:
                self._append("created", made, beside, recording)
            except ConditionFailed:
                if len(self.of_workspace(workspace_id)) >= MOST:
                    raise _too_many() from None
                continue  # another one was being made or deleted
            return made
        raise TimeoutError("webhooks of this workspace are being changed by too many at once")

    def get(self, workspace_id: str, webhook_id: str) -> Webhook | None:
        item = self._table.get(_key(workspace_id, webhook_id))
        return _STORED.read(item) if item else None

    def of_workspace(self, workspace_id: str) -> list[Webhook]:
        """Oldest first."""
        mine = KeyCondition("pk").eq(workspace_id) & KeyCondition("sk").begins_with(_PREFIX)
        return [_STORED.read(item) for item in self._table.every(mine)]

    def change(self, workspace_id: str, webhook_id: str, **changes: Any) -> Webhook | None:
        """Of what NewWebhook has. As it is now; None: there is none. Nothing new is no event."""
        unknown = set(changes) - set(NewWebhook.__dataclass_fields__)
        if unknown:
            raise TypeError(f"no such attributes: {sorted(unknown)}")
        return self._change(workspace_id, webhook_id, "updated", lambda seen: replace(seen, **changes))

    def rotate(
        self,
        workspace_id: str,
        webhook_id: str,
        overlap: timedelta = secrets.OVERLAP,
        recording: Recording | None = None,
    ) -> Webhook | None:
        """With a new secret, shown this once; the one before signs too until the overlap ends. Raises Taken."""
        if not timedelta(0) <= overlap <= secrets.LONGEST_OVERLAP:
            raise ValueError("an overlap lasts from 0 to 720 hours")
        new = secrets.new(self._now())
        rotated = lambda seen: replace(seen, secrets=secrets.rotated(seen.secrets, new, overlap))  # noqa: E731
        return self._change(workspace_id, webhook_id, "secret_rotated", rotated, recording=recording)

    def disable(self, workspace_id: str, webhook_id: str, reason: DisabledReason) -> Webhook | None:
        """What was disabled before keeps its reason."""

        def disabled(seen: Webhook) -> Webhook:
            return seen if seen.status == "disabled" else replace(seen, status="disabled", disabled_reason=reason)

        return self._change(workspace_id, webhook_id, "disabled", disabled, lambda: [self._lanes.stopping(webhook_id)])

    def enable(self, workspace_id: str, webhook_id: str) -> Webhook | None:
        """From now on: what happened meanwhile is sent to who asks for it, and nothing that failed is tried again."""

        def enabled(seen: Webhook) -> Webhook:
            return seen if seen.status == "active" else replace(seen, status="active", disabled_reason=None)

        def starting() -> list[Item]:
            return [self._lanes.starting(webhook_id, workspace_id, self._feed.head(workspace_id).sequence)]

        return self._change(workspace_id, webhook_id, "enabled", enabled, starting)

    def delete(self, workspace_id: str, webhook_id: str) -> bool:
        """Whether there was one. Its log is left for whoever works off the lane's next message."""
        for _ in range(_TRIES):
            seen = self.get(workspace_id, webhook_id)
            if seen is None:
                return False
            operations = [
                self._table.deleting(_key(workspace_id, webhook_id), Attr("version").eq(seen.version)),
                self._lanes.deleting(webhook_id),
                self._table.updating(_count_key(workspace_id), Change(add={"count": -1})),
            ]
            try:
                self._feed.append(workspace_id, [self._draft("deleted", seen)], operations)
            except ConditionFailed:
                continue
            return True
        raise TimeoutError("this webhook is being changed by too many at once")

    def _change(
        self,
        workspace_id: str,
        webhook_id: str,
        happened: str,
        changed: Callable[[Webhook], Webhook],
        beside: Callable[[], Sequence[Item]] = lambda: (),
        recording: Recording | None = None,
    ) -> Webhook | None:
        for _ in range(_TRIES):
            seen = self.get(workspace_id, webhook_id)
            after = changed(seen) if seen else None
            if seen is None or after is None or after == seen:
                return seen
            after = replace(after, version=seen.version + 1, updated_at=self._now())
            putting = self._table.putting(_item(after), Attr("version").eq(seen.version))
            try:
                self._append(happened, after, [putting, *beside()], recording)
            except ConditionFailed:
                continue  # it was changed meanwhile, or its lane was
            return after
        raise TimeoutError("this webhook is being changed by too many at once")

    def _append(self, happened: str, webhook: Webhook, beside: Sequence[Item], recording: Recording | None) -> None:
        """Raises ConditionFailed, Taken."""
        recorded = [recording(webhook)] if recording else []
        try:
            self._feed.append(webhook.workspace_id, [self._draft(happened, webhook)], [*beside, *recorded])
        except ConditionFailed as error:
            if len(beside) in error.failed:
                raise Taken from error
            raise

    def _draft(self, happened: str, webhook: Webhook) -> Draft:
        data = {"webhook_id": webhook.id, "status": webhook.status, "reason": webhook.disabled_reason}
        return Draft(type=f"webhook.{happened}", timestamp=self._now(), data=data, actor=acting.current())


def _too_many() -> Invalid:
    message = f"A workspace has at most {MOST} webhooks. Delete one that is not needed."
    return Invalid([Fault(param="", rule="webhook.max_in_workspace", message=message)])


def _key(workspace_id: str, webhook_id: str) -> Item:
    return {"pk": workspace_id, "sk": f"{_PREFIX}{webhook_id}"}


def _count_key(workspace_id: str) -> Item:
    return {"pk": workspace_id, "sk": _COUNT}


def _item(webhook: Webhook) -> Item:
    return {**_key(webhook.workspace_id, webhook.id), **_STORED.item(webhook)}
