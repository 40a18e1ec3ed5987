"""Two posts of one channel at one second go out in the order they were written; the later one waits a while."""

from datetime import timedelta

from punctual.deliveries import Delivery
from punctual.publishing.job import Tools
from punctual.states import UNFINISHED

LONGEST_WAIT = timedelta(seconds=10)
_GLANCE_SECONDS = 0.25
_GLANCES = 8


def must_wait(tools: Tools, seen: Delivery) -> bool:
    """Whether the earlier post is still unfinished after we waited here for some two seconds."""
    if seen.after is None or seen.part:
        return False
    for glance in range(_GLANCES):
        if not _is_unfinished(tools, seen):
            return False
        if glance + 1 < _GLANCES:
            tools.sleep(_GLANCE_SECONDS)
    return True


def _is_unfinished(tools: Tools, seen: Delivery) -> bool:
    """One that is held, or that nobody knows the outcome of, keeps no other waiting."""
    if seen.after is None or tools.now() > seen.due_at + LONGEST_WAIT:
        return False
    earlier = tools.deliveries.get(*seen.after)
    same_time = earlier is not None and abs(earlier.due_at - seen.due_at) < timedelta(seconds=1)
    return same_time and earlier is not None and not earlier.live and earlier.status in UNFINISHED
