"""When a send is tried again, and how long a lane rests that fails."""

import random
from collections.abc import Callable
from datetime import timedelta

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After the first failure, and so on; after the last it is given up, some three days later.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability"""
JITTER = 0.2
"""At most so much is added: what failed together does not come back together."""
LONGEST_ASKED = timedelta(hours=24)
"""A Retry-After is heeded up to here."""
RESTS_AFTER = 3
"""Failures in a row."""
GIVES_UP_AFTER = timedelta(days=3)
"""Without one success, where something was to be sent: then the endpoint is disabled."""
_FIRST_REST = timedelta(seconds=30)
_LONGEST_REST = timedelta(hours=1)

Chance = Callable[[], float]
"""From 0 up to 1."""


def before_retry(failures: int, asked: timedelta | None, chance: Chance = random.random) -> timedelta | None:
    """After that many failures; None: it is given up. `asked` is what the endpoint asked for."""
    if failures > len(RETRIES):
        return None
    return max(_jittered(RETRIES[failures - 1], chance), asked or timedelta(0))


def rest(rests: int, asked: timedelta | None, chance: Chance = random.random) -> timedelta:
    """The first, and each longer than the one before: `rests` is how many there were in a row."""
    longer = min(_FIRST_REST * 2 ** min(rests, 10), _LONGEST_REST)
    return max(_jittered(longer, chance), asked or timedelta(0))


def _jittered(span: timedelta, chance: Chance) -> timedelta:
    return span * (1 + JITTER * chance())
