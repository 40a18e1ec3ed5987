"""What a calendar is answered as."""

from typing_extensions import TypedDict

from edge.answers import CalendarId, ChannelId, Time
from punctual.calendars.calendars import Calendar
from punctual.clock import to_text


class CalendarAnswer(TypedDict):
    """A feed of the workspace's posts for calendar apps."""

    id: CalendarId
    description: str | None
    channel_ids: list[ChannelId]
    shows_text: bool
    created_at: Time
    updated_at: Time
    revoked_at: Time | None
    """From then on its link opened nothing; thirty days later it is listed no more."""


class CreatedCalendar(CalendarAnswer):
    url: str
    """To be given to a calendar app, and to nobody else: whoever has it sees what the calendar shows."""


class CalendarPage(TypedDict):
    data: list[CalendarAnswer]
    next_cursor: str | None


def calendar_answer(calendar: Calendar) -> CalendarAnswer:
    return {
        "id": calendar.id,
        "description": calendar.description,
        "channel_ids": list(calendar.channel_ids),
        "shows_text": calendar.shows_text,
        "created_at": to_text(calendar.created_at),
        "updated_at": to_text(calendar.updated_at),
        "revoked_at": to_text(calendar.revoked_at) if calendar.revoked_at else None,
    }
