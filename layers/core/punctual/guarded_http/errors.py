"""What can go wrong on the way out, beside httpx's own errors."""

import httpx


class AddressRefused(Exception):
    """The URL is not one that Punctual will call: its scheme, its form, or an address it resolves to."""


class AnswerTooLarge(httpx.TransportError):
    """The answer is larger than it may be; what it said is unknown."""


class AnswerBroken(httpx.TransportError):
    """The answer is not encoded as it says; what it said is unknown."""


class BodyBroken(httpx.TransportError):
    """The request's body is not what was announced, could not be read, or was begun before: it was not sent whole."""


class DeadlinePassed(httpx.TimeoutException):
    """The whole call took longer than it may; the socket was closed, how it ended is unknown."""
