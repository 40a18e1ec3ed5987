"""What is logged, heard as on Lambda at the most talkative level."""

import logging
from collections.abc import Iterator

import pytest

from edge.logs import logger

FUNCTION_LOGGERS = (
    "resealer",
    "oauth",
    "channels",
    "posts",
    "catalogue",
    "publisher",
    "sweeper",
    "token_refresher",
    "dead_letters",
    "media",
    "media_processor",
    "importer",
    "calendars",
    "events",
    "webhooks",
    "webhook_sender",
)


class Lines(logging.Handler):
    """Every record as its logger would print it, and as a careless formatter would: with all that it carries."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()} {vars(record)}")
        if record.exc_info:
            self.lines.append(logging.Formatter().formatException(record.exc_info))

    def leaks(self, secrets: set[str]) -> list[tuple[str, str]]:
        return [(secret, line) for line in self.lines for secret in secrets if secret in line]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """As on Lambda with LogLevel DEBUG, which sets the root's level before any of our code runs."""
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    logger("scan")
    found = Lines()
    heard = [root, logging.getLogger("punctual"), *(logging.getLogger(name) for name in FUNCTION_LOGGERS)]
    levels = [each.level for each in heard]
    for each in heard:
        each.addHandler(found)
        if each is not root:
            each.setLevel(logging.DEBUG)
    yield found
    for each, level in zip(heard, levels, strict=True):
        each.removeHandler(found)
        each.setLevel(level)
    root.setLevel(before)
