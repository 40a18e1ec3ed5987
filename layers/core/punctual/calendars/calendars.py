"""Calendars. A link's token is `ws_….cal_….SECRET.ics`: its ids lead to the item, which holds the secret's hash.

A revoked one is kept for a while, so that lists say what became of it.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import acting, ids, paging
from punctual.clock import Moment, Now, to_text
from punctual.paging import Row, Rows
from punctual.problems import Conflict
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table, transact

MOST = 20
"""Of a workspace, those that were revoked not counted."""
REMEMBERED = timedelta(days=30)
"""After it was revoked."""
_SECRET_BYTES = 24
_ROUNDS = 20
_PREFIX = "calendar#"
_ULID = "[0-9A-Z]{26}"
_ID = re.compile(f"cal_{_ULID}")
_TOKEN = re.compile(
    rf"(?P<workspace_id>ws_{_ULID})\.(?P<calendar_id>cal_{_ULID})\.(?P<secret>[A-Za-z0-9_-]{{32}})\.ics"
)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    id: str
    workspace_id: str
    secret_hash: str = field(repr=False)
    created_at: Moment
    updated_at: Moment
    description: str | None = field(default=None, repr=False)
    """What apps call it; None: as the workspace is called."""
    channel_ids: tuple[str, ...] = ()
    """It shows posts that are for any of them; empty: all posts."""
    shows_text: bool = True
    """Whether it shows how posts begin."""
    revoked_at: Moment | None = None
    expires_epoch: int | None = None


_STORED = Stored(Calendar)


class Calendars:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def create(
        self, workspace_id: str, *, description: str | None, channel_ids: tuple[str, ...], shows_text: bool
    ) -> tuple[Calendar, str]:
        """With its link's token, which nobody can read again. Raises Conflict."""
        calendar_id, secret, now = ids.new("cal"), secrets.token_urlsafe(_SECRET_BYTES), self._now()
        made = Calendar(
            id=calendar_id,
            workspace_id=workspace_id,
            secret_hash=_digest(secret),
            created_at=now,
            updated_at=now,
            description=description,
            channel_ids=channel_ids,
            shows_text=shows_text,
        )
        item = {**key(workspace_id, calendar_id), **_STORED.item(made), **acting.mark()}
        counted = Change(add={"held": 1})
        is_room = Attr("held").not_exists() | Attr("held").lt(MOST)
        for _ in range(_ROUNDS):
            count = self._table.updating(_count_key(workspace_id), counted, is_room)
            try:
                transact(self._table.client, [count, self._table.putting(item, Attr("pk").not_exists())])
            except ConditionFailed:
                self._check_room(workspace_id)
                continue  # another one was made, or revoked, at the same moment
            return made, f"{workspace_id}.{calendar_id}.{secret}.ics"
        raise TimeoutError("the workspace's calendars are being changed by too many at once")

    def get(self, workspace_id: str, calendar_id: str) -> Calendar | None:
        item = self._table.get(key(workspace_id, calendar_id)) if _ID.fullmatch(calendar_id) else None
        return self._there(_STORED.read(item)) if item else None

    def of_token(self, token: str) -> Calendar | None:
        """None as well where it was revoked. What has not a token's form costs no read."""
        given = _TOKEN.fullmatch(token)
        found = self.get(given["workspace_id"], given["calendar_id"]) if given else None
        if given is None or found is None or not hmac.compare_digest(found.secret_hash, _digest(given["secret"])):
            return None
        return None if found.revoked_at else found

    def page(self, workspace_id: str, limit: int, cursor: str | None) -> tuple[list[Calendar], str | None]:
        """In the order in which they were made, and the next page's cursor. Raises BadRequest."""
        name = paging.list_name("calendars", workspace_id)
        theirs = KeyCondition("pk").eq(workspace_id) & KeyCondition("sk").begins_with(_PREFIX)
        start = key(workspace_id, *paging.place_in(name, cursor, _ID)) if cursor else None

        def read(after: Item | None) -> Rows[Calendar]:
            page = self._table.query(theirs, limit=limit, start=after)
            calendars = [_STORED.read(item) for item in page.items]
            return [Row(key=key(workspace_id, each.id), found=self._there(each)) for each in calendars], page.next_key

        found, following = paging.filled(read, limit, start)
        return found, paging.cursor_of(name, following["sk"].removeprefix(_PREFIX)) if following else None

    def revoke(self, workspace_id: str, calendar_id: str) -> Calendar | None:
        """The calendar as it is then, also where it was revoked before; None where there is none."""
        for _ in range(_ROUNDS):
            seen = self.get(workspace_id, calendar_id)
            if seen is None or seen.revoked_at:
                return seen
            now = self._now()
            changed = {
                "revoked_at": to_text(now),
                "updated_at": to_text(now),
                "expires_epoch": int((now + REMEMBERED).timestamp()),
                **acting.mark(),
            }
            open_still = Attr("pk").exists() & Attr("revoked_at").not_exists()
            operations = [
                self._table.updating(key(workspace_id, calendar_id), Change(set=changed), open_still),
                self._table.updating(_count_key(workspace_id), Change(add={"held": -1})),
            ]
            try:
                transact(self._table.client, operations)
            except ConditionFailed:
                continue
        raise TimeoutError("the workspace's calendars are being changed by too many at once")

    def _check_room(self, workspace_id: str) -> None:
        count = self._table.get(_count_key(workspace_id))
        if count and int(count["held"]) >= MOST:
            detail = f"A workspace has at most {MOST} calendars. Revoke one that is not needed."
            raise Conflict("too_many_calendars", detail)

    def _there(self, calendar: Calendar) -> Calendar | None:
        """DynamoDB may take days to delete what has expired."""
        expired = calendar.expires_epoch is not None and calendar.expires_epoch <= self._now().timestamp()
        return None if expired else calendar


def key(workspace_id: str, calendar_id: str) -> Item:
    return {"pk": workspace_id, "sk": f"{_PREFIX}{calendar_id}"}


def _count_key(workspace_id: str) -> Item:
    return {"pk": workspace_id, "sk": "calendars"}


def _digest(secret: str) -> str:
    """As slow as one hash: the secret is 192 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
