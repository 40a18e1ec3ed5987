"""Posts as iCalendar, read back by the library as calendar apps would read them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from punctual.calendars.feeds import Shown
from punctual.calendars.rendering import LASTS, SUMMARY_CHARACTERS, rendered
from punctual.posts import Post
from punctual.states import PostStatus

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
ODD = ("\n", "\r\n", "\x00", "\x1b", "\x85", "\u2028", "\ud83d", "\u202e", "\\", "\\n", ";", ",", ":", '"')
PIECES = st.sampled_from([*ODD, "BEGIN:VEVENT", "END:VCALENDAR\r\n", "שלום ", "👩‍👩‍👧", "é" * 40, "a" * 10_000])
TEXTS = st.one_of(st.text(max_size=100), st.lists(PIECES, max_size=12).map("".join))


def post(text: str = "Good morning.", **more: Any) -> Post:
    given = {"id": "post_01KJ0000000000000000000001", "status": PostStatus.SCHEDULED, "providers": ("x", "bluesky")}
    at = {"created_at": NOW, "updated_at": NOW, "due_at": NOW + timedelta(hours=1)}
    return Post(workspace_id="ws_x", text=text, targets=(), **{**at, **given, **more})


def text_of(*posts: Post, name: str = "Acme", shows_text: bool = True) -> str:
    timed = tuple((each.due_at or NOW, each) for each in posts)
    return rendered(Shown(name=name, shows_text=shows_text, posts=timed, etag='"x"'))


def events(text: str) -> list[Any]:
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def event(*posts: Post, **more: Any) -> Any:
    (found,) = events(text_of(*posts, **more))
    return found


def test_a_post_is_an_event_at_its_time() -> None:
    found = event(post(version=7, rev=2))
    assert found["UID"] == "post_01KJ0000000000000000000001"
    assert found["DTSTART"].dt == NOW + timedelta(hours=1)
    assert found["DTSTART"].to_ical() == b"20261126T103000Z"
    assert found["DURATION"].dt == LASTS
    assert found["DTSTAMP"].dt == found["LAST-MODIFIED"].dt == NOW
    assert (found["SEQUENCE"], found["STATUS"], found["TRANSP"]) == (7, "CONFIRMED", "TRANSPARENT")
    assert found["SUMMARY"] == "Scheduled: Good morning."
    assert found["DESCRIPTION"] == "Post on bluesky, x\npost_01KJ0000000000000000000001"
    assert found["CATEGORIES"].cats == ["bluesky", "x"]


def test_the_calendar_says_what_it_is_called_and_how_often_to_look() -> None:
    text = text_of(name="Acme\r\nBEGIN:VEVENT")
    assert events(text) == []
    lines = text.split("\r\n")
    assert (lines[0], lines[-2]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert {"VERSION:2.0", "METHOD:PUBLISH", "PRODID:-//Punctual//Calendar//EN"} < set(lines)
    assert {"NAME:Acme BEGIN:VEVENT", "X-WR-CALNAME:Acme BEGIN:VEVENT"} < set(lines)
    assert {"REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"} < set(lines)


def test_its_name_is_text_as_icalendar_writes_it() -> None:
    text = text_of(name="Acme; one, two\\n")
    assert {"NAME:Acme\\; one\\, two\\\\n", "X-WR-CALNAME:Acme\\; one\\, two\\\\n"} < set(text.split("\r\n"))


@pytest.mark.parametrize("status", PostStatus)
def test_every_state_has_its_words_and_a_status_of_icalendar(status: PostStatus) -> None:
    found = event(post(status=status))
    words, _, said = str(found["SUMMARY"]).partition(": ")
    assert re.fullmatch("[A-Z][a-z]+( [a-z]+)?", words)
    assert said == "Good morning."
    expected = {PostStatus.DRAFT: "TENTATIVE", PostStatus.CANCELLED: "CANCELLED"}
    assert found["STATUS"] == expected.get(status, "CONFIRMED")


def test_words_of_states_are_all_different() -> None:
    assert len({str(event(post(status=status))["SUMMARY"]) for status in PostStatus}) == len(PostStatus)


def test_a_hidden_text_is_nowhere() -> None:
    text = text_of(post("A secret plan"), shows_text=False)
    assert "secret" not in text
    assert events(text)[0]["SUMMARY"] == "Scheduled: Post on bluesky, x"


def test_a_draft_without_a_channel_is_a_post() -> None:
    found = event(post(status=PostStatus.DRAFT, providers=()), shows_text=False)
    assert (found["SUMMARY"], found["STATUS"]) == ("Draft: Post", "TENTATIVE")
    assert "CATEGORIES" not in found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" * SUMMARY_CHARACTERS, "a" * SUMMARY_CHARACTERS),
        ("a" * (SUMMARY_CHARACTERS + 1), "a" * SUMMARY_CHARACTERS + "…"),
        ("👩‍👩‍👧" * 81, "👩‍👩‍👧" * 80 + "…"),
        ("é" * 10_000, "é" * 80 + "…"),
        ("One\n\n\ttwo\r\nthree", "One two three"),
        ("a\x00b\x1b[31m\x7f\x85c", "ab[31m c"),
        ("half \ud83d of one", "half \ufffd of one"),
        ('back\\n slash; comma, colon: "quote"', 'back\\n slash; comma, colon: "quote"'),
        ("שלום \u202eolleh", "שלום \u202eolleh"),
        ("", ""),
        ("  \n ", ""),
        ("e" + "\u0301" * 5000, "e" + "\u0301" * 999),
    ],
)
def test_a_text_is_shown_by_its_beginning_in_one_line(text: str, shown: str) -> None:
    assert str(event(post(text))["SUMMARY"]) == f"Scheduled: {shown}"


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(TEXTS, max_size=3), name=TEXTS)
def test_whatever_was_written_the_same_posts_are_read_and_nothing_else(texts: list[str], name: str) -> None:
    posts = [post(text, id=f"post_{place}") for place, text in enumerate(texts)]
    text = text_of(*posts, name=name)
    assert [str(each["UID"]) for each in events(text)] == [each.id for each in posts]
    for line in text.encode().split(b"\r\n"):
        assert len(line) <= 75
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)
    again = icalendar.Calendar.from_ical(text)
    assert again.to_ical().decode() == text
    assert not [each for each in again.walk() if each.errors]
