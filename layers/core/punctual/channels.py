"""Channels: connected accounts. One account is one channel of a workspace, guarded by an item of its own."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from boto3.dynamodb.conditions import Attr, ConditionBase
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import acting, ids, leftovers, paging
from punctual.clock import Moment, Now, to_text
from punctual.grants.facts import NO_FACTS, GrantFacts, as_attributes
from punctual.paging import Row, Rows
from punctual.providers.base import Account
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table, transact

ChannelStatus: TypeAlias = Literal["active", "reconnect_required", "disconnected"]


@dataclass(frozen=True, kw_only=True)
class Channel(GrantFacts):
    id: str
    workspace_id: str
    provider: str
    account: Account
    status: ChannelStatus
    created_at: Moment
    updated_at: Moment
    limited_until: Moment | None = None
    """Until then the platform takes no more from this account, as it told us itself."""
    min_gap_seconds: int = 0
    """Posts nearer to one another than this get a warning; 0: none do."""
    grant_id: str | None = None
    """What the person last consented to; other channels of the same login may share it."""
    external_id: str | None = None
    """The customer's own name for whoever connected it."""
    status_changed_at: Moment | None = None
    status_reason: str | None = None
    """The code of what ended the connection; None while it is active."""


@dataclass(frozen=True, kw_only=True)
class Activated:
    """A channel as it is after a consent, and the grant that it had before, if it has another one now."""

    channel: Channel
    replaced: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChannelFilter:
    provider: str | None = None
    status: ChannelStatus | None = None
    external_id: str | None = None


_STORED = Stored(Channel)
_ACCOUNT = Stored(Account)
_ID = re.compile(r"chn_[0-9A-Z]{26}")


class Channels:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def get(self, workspace_id: str, channel_id: str) -> Channel | None:
        item = self._table.get(key(workspace_id, channel_id))
        return _STORED.read(item) if item else None

    def of_workspace(self, workspace_id: str) -> Iterator[Channel]:
        return (_STORED.read(item) for item in self._table.every(_all(workspace_id)))

    def of_accounts(self, workspace_id: str, provider: str, account_ids: Iterable[str]) -> dict[str, Channel]:
        """By the account's id; accounts that are not connected are left out."""
        guards = [_guard(workspace_id, provider, account_id) for account_id in dict.fromkeys(account_ids)]
        taken = self._table.get_all(guards)
        items = self._table.get_all([key(workspace_id, str(guard["channel_id"])) for guard in taken])
        return {channel.account.id: channel for channel in map(_STORED.read, items)}

    def page(
        self, workspace_id: str, wanted: ChannelFilter, limit: int, cursor: str | None
    ) -> tuple[list[Channel], str | None]:
        """In the order in which they were first connected, and the next page's cursor. Raises BadRequest.

        What the filter leaves out is read all the same, of at most `paging.MOST_READS` times `limit` channels a page.
        """
        name = paging.list_name("channels", workspace_id, wanted.provider, wanted.status, wanted.external_id)
        start = key(workspace_id, *paging.place_in(name, cursor, _ID)) if cursor else None

        def read(after: Item | None) -> Rows[Channel]:
            page = self._table.query(_all(workspace_id), limit=limit, start=after)
            return [_row(item, wanted) for item in page.items], page.next_key

        found, following = paging.filled(read, limit, start)
        return found, paging.cursor_of(name, following["sk"].removeprefix("channel#")) if following else None

    def claim(self, workspace_id: str, provider: str, account: Account) -> Channel:
        """The account's channel, made if it is new; it needs its grant stored and `activate` before it works."""
        guard = _guard(workspace_id, provider, account.id)
        while True:
            taken = self._table.get(guard)
            if taken:
                channel = self.get(workspace_id, str(taken["channel_id"]))
                if channel:
                    return channel
            now = self._now()
            made = Channel(
                id=ids.new("chn"),
                workspace_id=workspace_id,
                provider=provider,
                account=account,
                status="reconnect_required",
                created_at=now,
                updated_at=now,
            )
            try:
                self._put_new(made, guard)
            except ConditionFailed:
                continue
            return made

    def activate(
        self, channel: Channel, account: Account, grant_id: str, facts: GrantFacts = NO_FACTS
    ) -> Activated | None:
        """The channel with this grant and what the platform says of the account now; None if it was deleted.

        Of two consents at once the later one counts, in whichever order they get here.
        """
        seen: Channel | None = channel
        while seen is not None:
            if seen.grant_id and seen.grant_id > grant_id:
                return Activated(channel=seen)
            now = to_text(self._now())
            changed = {
                "status": "active",
                "status_reason": None,
                "grant_id": grant_id,
                **as_attributes(facts),
                "account": _ACCOUNT.item(account),
                "updated_at": now,
                **({"status_changed_at": now} if seen.status != "active" else {}),
                **acting.mark(),
            }
            try:
                found = self._change(seen, changed, seen.grant_id)
            except ConditionFailed:
                current = self.get(channel.workspace_id, channel.id)
                if current is None or current.grant_id != grant_id:
                    seen = current
                    continue
                found = current  # our own write, whose acknowledgement was lost
            replaced = seen.grant_id if seen.grant_id != grant_id else None
            return Activated(channel=found, replaced=replaced)
        return None

    def repeat(self, workspace_id: str, channel_id: str, grant_id: str, facts: GrantFacts) -> None:
        """What its grant has to say; nothing is changed where the channel has another one."""
        with suppress(ConditionFailed):
            where = key(workspace_id, channel_id)
            self._table.update(where, Change(set=as_attributes(facts)), Attr("grant_id").eq(grant_id))

    def require_reconnect(self, workspace_id: str, channel_id: str, grant_id: str | None, reason: str) -> None:
        """The grant is dead, `reason` being the code of why. A person who reconnected meanwhile gave another one, and
        nothing is changed then."""
        channel = self.get(workspace_id, channel_id)
        if channel is None or channel.status != "active" or channel.grant_id != grant_id:
            return
        now = to_text(self._now())
        changed = {
            "status": "reconnect_required",
            "status_changed_at": now,
            "status_reason": reason,
            "updated_at": now,
        }
        with suppress(ConditionFailed):
            self._change(channel, changed, grant_id)

    def disconnect(self, channel: Channel) -> bool:
        """Nothing more is begun on it. Whether it still has the grant that it had, or was disconnected before."""
        now = to_text(self._now())
        changed = {"status": "disconnected", "status_changed_at": now, "updated_at": now, **acting.mark()}
        if channel.status == "disconnected":
            return True
        try:
            self._change(channel, changed, channel.grant_id)
        except ConditionFailed:
            return False
        return True

    def configure(self, channel: Channel, min_gap_seconds: int) -> Channel | None:
        """None if it was deleted meanwhile."""
        return self._set(channel, {"min_gap_seconds": min_gap_seconds})

    def name(self, channel: Channel, external_id: str) -> Channel | None:
        """None if it was deleted meanwhile."""
        return self._set(channel, {"external_id": external_id})

    def limit(self, channel: Channel, until: datetime) -> None:
        """Remember what the platform said; an earlier end than the one known changes nothing."""
        text = to_text(until)
        later = Attr("limited_until").not_exists() | Attr("limited_until").lt(text)
        try:
            where = key(channel.workspace_id, channel.id)
            self._table.update(where, Change(set={"limited_until": text}), Attr("pk").exists() & later)
        except ConditionFailed:
            return

    def delete(self, channel: Channel) -> bool:
        """Whether it still was without a grant that works. Again, when the account has another channel: False, and that
        one keeps its guard."""
        guard = _guard(channel.workspace_id, channel.provider, channel.account.id)
        ended = Attr("status").ne("active")
        own = Attr("channel_id").not_exists() | Attr("channel_id").eq(channel.id)
        left = self._table.putting(leftovers.of_channel(channel.workspace_id, channel.id, self._now()))
        gone = self._table.deleting(key(channel.workspace_id, channel.id), ended)
        operations = [gone, self._table.deleting(guard, own), left]
        try:
            transact(self._table.client, operations)
        except ConditionFailed:
            return False
        return True

    def _put_new(self, channel: Channel, guard: Item) -> None:
        item = {**key(channel.workspace_id, channel.id), **_STORED.item(channel), **acting.mark()}
        taken = Attr("pk").not_exists()
        operations = [self._table.putting({**guard, "channel_id": channel.id}, taken), self._table.putting(item, taken)]
        transact(self._table.client, operations)

    def _set(self, channel: Channel, changed: Item) -> Channel | None:
        change = Change(set={**changed, "updated_at": to_text(self._now()), **acting.mark()})
        try:
            where = key(channel.workspace_id, channel.id)
            return _STORED.read(self._table.update(where, change, Attr("pk").exists()))
        except ConditionFailed:
            return None

    def _change(self, channel: Channel, changed: Item, grant_id: str | None) -> Channel:
        """Raises ConditionFailed where the channel has another grant than this one, or is gone."""
        named = Attr("grant_id").eq(grant_id) if grant_id else Attr("grant_id").not_exists()
        where = key(channel.workspace_id, channel.id)
        return _STORED.read(self._table.update(where, Change(set=changed), Attr("pk").exists() & named))


def key(workspace_id: str, channel_id: str) -> Item:
    return {"pk": workspace_id, "sk": f"channel#{channel_id}"}


def _all(workspace_id: str) -> ConditionBase:
    return KeyCondition("pk").eq(workspace_id) & KeyCondition("sk").begins_with("channel#")


def _row(item: Item, wanted: ChannelFilter) -> Row[Channel]:
    channel = _STORED.read(item)
    is_wanted = (
        wanted.provider in (None, channel.provider)
        and wanted.status in (None, channel.status)
        and wanted.external_id in (None, channel.external_id)
    )
    return Row(key=key(channel.workspace_id, channel.id), found=channel if is_wanted else None)


def _guard(workspace_id: str, provider: str, account_id: str) -> Item:
    return {"pk": workspace_id, "sk": f"account#{provider}#{account_id}"}
