"""What a calendar's link shows: the posts nearest to now, whatever their states.

However many posts there are, one look costs two reads of items and a bounded part of one index.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from punctual import VERSION, indexes, posts
from punctual.calendars.calendars import Calendar, Calendars
from punctual.clock import Now, to_text
from punctual.posts import Post, Posts
from punctual.problems import NotFound
from punctual.tables import Item
from punctual.workspaces import Workspace, Workspaces

BEHIND = timedelta(days=30)
AHEAD = timedelta(days=366)
MOST_POSTS = 1000
MOST_PAGES = 3
"""Of the index, each way in time; a page has at most 1 MB."""

Timed: TypeAlias = tuple[datetime, Post]


@dataclass(frozen=True, kw_only=True)
class Opened:
    calendar: Calendar
    workspace: Workspace


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What one look is answered; `etag` changes with anything that is shown."""

    name: str
    shows_text: bool
    posts: tuple[Timed, ...]
    """In the order of their times."""
    etag: str


class Feeds:
    def __init__(self, workspaces: Workspaces, calendars: Calendars, posts: Posts, now: Now):
        self._workspaces = workspaces
        self._calendars = calendars
        self._posts = posts
        self._now = now

    def open(self, token: str) -> Opened:
        """Whoever guesses learns nothing: whatever is wrong, it is the same. Raises NotFound."""
        calendar = self._calendars.of_token(token)
        workspace = self._workspaces.get(calendar.workspace_id) if calendar else None
        if calendar is None or workspace is None or workspace.deleting_at:
            raise NotFound("not_found", "There is no such calendar. Ask whoever gave you the link for a new one.")
        return Opened(calendar=calendar, workspace=workspace)

    def show(self, opened: Opened) -> Shown:
        calendar = opened.calendar
        now = self._now()
        ahead = self._read(calendar, now, now + AHEAD, is_ahead=True)
        behind = self._read(calendar, now - BEHIND, now, is_ahead=False)
        nearest = sorted([*ahead, *behind], key=lambda timed: abs(timed[0] - now))[:MOST_POSTS]
        found = tuple(sorted(nearest, key=lambda timed: (timed[0], timed[1].id)))
        name = calendar.description or opened.workspace.name
        return Shown(name=name, shows_text=calendar.shows_text, posts=found, etag=_etag(calendar, name, found))

    def _read(self, calendar: Calendar, start: datetime, end: datetime, *, is_ahead: bool) -> list[Timed]:
        """From now on outwards; times are of [start, end)."""
        entries = indexes.of_workspace(calendar.workspace_id)
        span = (to_text(start), to_text(end))
        found: list[Timed] = []
        after: Item | None = None
        for _ in range(MOST_PAGES):
            page = self._posts.entries(entries, span, MOST_POSTS, after, oldest_first=is_ahead)
            read = (self._posts.there(posts.read(item)) for item in page.items)
            found += [(post.due_at, post) for post in read if post and post.due_at and _is_for(calendar, post)]
            after = page.next_key
            if after is None or len(found) >= MOST_POSTS:
                break
        return found


def _is_for(calendar: Calendar, post: Post) -> bool:
    return not calendar.channel_ids or any(target.channel_id in calendar.channel_ids for target in post.targets)


def _etag(calendar: Calendar, name: str, found: tuple[Timed, ...]) -> str:
    """Of what the answer is made from, so that one that has not changed need not be made."""
    shown = [(post.id, post.version, to_text(post.updated_at)) for _, post in found]
    whole = json.dumps([VERSION, calendar.id, calendar.shows_text, name, shown])
    return f'"{hashlib.sha256(whole.encode()).hexdigest()[:32]}"'
