"""Connect links: a page of ours for somebody without a key, good for one successful connection.

The address holds `lnk_….SECRET`; the item holds the secret's hash. A link is taken by the connection that is about to
store its channels, so that of two at once one is; one that stores none gives it back.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from boto3.dynamodb.conditions import Attr, ConditionBase
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import acting, ids, paging
from punctual.clock import Moment, Now, to_text
from punctual.connecting.connections import digest
from punctual.paging import Row, Rows
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table

REMEMBERED = timedelta(days=30)
"""After its end."""
MOST_TRIES = 100

LinkStatus: TypeAlias = Literal["open", "used", "expired", "revoked"]


@dataclass(frozen=True, kw_only=True)
class ConnectLink:
    id: str
    workspace_id: str
    providers: tuple[str, ...]
    secret_hash: str
    created_at: Moment
    expires_at: Moment
    return_url: str | None = None
    external_id: str | None = None
    """The customer's own name for whoever connects; it goes to the channel."""
    channel_id: str | None = None
    """The channel that shall be connected again, and no other."""
    revoked_at: Moment | None = None
    acted: str | None = None
    """Whose request made it: `punctual.acting`."""
    taken_by: str | None = None
    """The connection that used it up, or is about to."""
    channel_ids: tuple[str, ...] = ()

    def status(self, now: datetime) -> LinkStatus:
        if self.taken_by:
            return "used"
        if self.revoked_at:
            return "revoked"
        return "open" if self.expires_at > now else "expired"


_STORED = Stored(ConnectLink)
_ID = re.compile(r"lnk_[0-9A-Z]{26}")


class ConnectLinks:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def create(self, lifetime: timedelta, **about: Any) -> tuple[ConnectLink, str]:
        """With its token. `about`: workspace_id, providers, return_url, external_id, channel_id."""
        now = self._now()
        link_id, secret = ids.new("lnk"), secrets.token_urlsafe(32)
        given = {**about, **acting.mark()}
        made = ConnectLink(id=link_id, secret_hash=digest(secret), created_at=now, expires_at=now + lifetime, **given)
        expires = int((made.expires_at + REMEMBERED).timestamp())
        self._table.put({**key(link_id), **_STORED.item(made), "expires_epoch": expires})
        return made, f"{link_id}.{secret}"

    def get(self, workspace_id: str, link_id: str) -> ConnectLink | None:
        found = self._read(link_id)
        return found if found and found.workspace_id == workspace_id else None

    def of_token(self, token: str) -> ConnectLink | None:
        """Whatever has become of it."""
        link_id, _, secret = token.partition(".")
        found = self._read(link_id)
        return found if found and hmac.compare_digest(found.secret_hash, digest(secret)) else None

    def page(self, workspace_id: str, limit: int, cursor: str | None) -> tuple[list[ConnectLink], str | None]:
        """In the order in which they were made, and the next page's cursor; a new one may take a moment to be listed.

        Raises BadRequest."""
        name = paging.list_name("connect_links", workspace_id)
        theirs = KeyCondition("workspace_id").eq(workspace_id) & KeyCondition("pk").begins_with("lnk_")
        start = _place(workspace_id, *paging.place_in(name, cursor, _ID)) if cursor else None

        def read(after: Item | None) -> Rows[ConnectLink]:
            page = self._table.query(theirs, index="by_workspace", limit=limit, start=after)
            rows = [Row(key=_place(workspace_id, item["pk"]), found=self._read(item["pk"])) for item in page.items]
            return rows, page.next_key

        found, following = paging.filled(read, limit, start)
        return found, paging.cursor_of(name, following["pk"]) if following else None

    def try_once(self, link: ConnectLink) -> bool:
        """Whether it may be tried again: each try may call a server of its holder's choice, and register there."""
        untried = Attr("tries").not_exists() | Attr("tries").lt(MOST_TRIES)
        try:
            self._table.update(key(link.id), Change(add={"tries": 1}), Attr("pk").exists() & untried)
        except ConditionFailed:
            return False
        return True

    def revoke(self, link: ConnectLink) -> None:
        """What it has connected stays."""
        self._change(link.id, {"revoked_at": to_text(self._now())}, Attr("revoked_at").not_exists())

    def take(self, link_id: str, connection_id: str) -> bool:
        """Whether it is this connection's now; our own write, whose acknowledgement was lost, is recognised."""
        free = Attr("taken_by").not_exists() & Attr("revoked_at").not_exists()
        alive = Attr("expires_at").gt(to_text(self._now()))
        own = Attr("taken_by").eq(connection_id)
        return self._change(link_id, {"taken_by": connection_id}, (free & alive) | own)

    def give_back(self, link_id: str, connection_id: str) -> None:
        self._change(link_id, {"taken_by": None}, Attr("taken_by").eq(connection_id))

    def settle(self, link_id: str, connection_id: str, channel_ids: tuple[str, ...]) -> None:
        self._change(link_id, {"channel_ids": list(channel_ids)}, Attr("taken_by").eq(connection_id))

    def _read(self, link_id: str) -> ConnectLink | None:
        item = self._table.get(key(link_id)) if _ID.fullmatch(link_id) else None
        found = _STORED.read(item) if item else None
        return found if found and found.expires_at + REMEMBERED > self._now() else None

    def _change(self, link_id: str, changed: dict[str, Any], condition: ConditionBase) -> bool:
        try:
            self._table.update(key(link_id), Change(set=changed), Attr("pk").exists() & condition)
        except ConditionFailed:
            return False
        return True


def key(link_id: str) -> dict[str, str]:
    return {"pk": link_id, "sk": "link"}


def _place(workspace_id: str, link_id: str) -> Item:
    """In the index by_workspace."""
    return {"workspace_id": workspace_id, **key(link_id)}
