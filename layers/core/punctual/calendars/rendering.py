"""Posts as iCalendar: https://www.rfc-editor.org/rfc/rfc5545, with properties of RFC 7986 and those that apps read."""

import re
from datetime import datetime, timedelta

import icalendar
import regex

from punctual.calendars.feeds import Shown
from punctual.posts import Post
from punctual.states import PostStatus

REFRESHED_EACH = timedelta(hours=1)
"""What apps are asked to do; most look when they like."""
LASTS = timedelta(minutes=15)
"""A post has a time and no length; apps draw an event without one as a line that nobody can read or touch."""
SUMMARY_CHARACTERS = 80
_READ_CHARACTERS = 1000
"""Of a text, to find as many graphemes: one may have any length."""
_WORDS = {
    PostStatus.DRAFT: "Draft",
    PostStatus.SCHEDULED: "Scheduled",
    PostStatus.PUBLISHING: "Publishing",
    PostStatus.COMPLETED: "Published",
    PostStatus.PARTIAL: "Partly published",
    PostStatus.UNCONFIRMED: "Unconfirmed",
    PostStatus.HELD: "On hold",
    PostStatus.ERROR: "Failed",
    PostStatus.MISSED: "Missed",
    PostStatus.CANCELLED: "Cancelled",
}
_STATUSES = {PostStatus.DRAFT: "TENTATIVE", PostStatus.CANCELLED: "CANCELLED"}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HALF = re.compile(r"[\ud800-\udfff]")
_BEGINNING = regex.compile(rf"\X{{{SUMMARY_CHARACTERS}}}")


def rendered(shown: Shown) -> str:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Punctual//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, icalendar.vText(_line(shown.name)))
    calendar.add("refresh-interval", REFRESHED_EACH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(REFRESHED_EACH).to_ical().decode())
    for due_at, post in shown.posts:
        calendar.add_component(_event(due_at, post, shows_text=shown.shows_text))
    return calendar.to_ical().decode()


def _event(due_at: datetime, post: Post, *, shows_text: bool) -> icalendar.Event:
    """`version` counts every change of a post, its state's too: apps that go by SEQUENCE pass over none."""
    event = icalendar.Event()
    event.add("uid", post.id)
    event.add("dtstamp", post.updated_at)
    event.add("last-modified", post.updated_at)
    event.add("sequence", post.version)
    event.add("dtstart", due_at)
    event.add("duration", LASTS)
    event.add("status", _STATUSES.get(post.status, "CONFIRMED"))
    event.add("transp", "TRANSPARENT")
    event.add("summary", f"{_WORDS[post.status]}: {_beginning(post.text) if shows_text else _kind(post)}")
    event.add("description", f"{_kind(post)}\n{post.id}")
    if post.providers:
        event.add("categories", sorted(set(post.providers)))
    return event


def _beginning(text: str) -> str:
    line = _line(text[:_READ_CHARACTERS])
    found = _BEGINNING.match(line)
    return f"{found[0].rstrip()}…" if found and (found[0] != line or len(text) > _READ_CHARACTERS) else line


def _kind(post: Post) -> str:
    return f"Post on {', '.join(sorted(set(post.providers)))}" if post.providers else "Post"


def _line(text: str) -> str:
    """As one line of characters that iCalendar and UTF-8 have."""
    return _HALF.sub("\ufffd", _CONTROLS.sub("", " ".join(text.split())))
