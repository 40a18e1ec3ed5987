"""Two posts of one channel at one second go out in the order they were written, as far as punctuality allows."""

from datetime import timedelta

from punctual.deliveries import Delivery
from punctual.publishing.job import Tools
from punctual.states import UNFINISHED

LONGEST_WAIT = timedelta(seconds=1.5)
"""After T: the second that was asked for counts for more than the order."""
_GLANCE_SECONDS = 0.1


def wait_for_turn(tools: Tools, seen: Delivery) -> None:
    """Until the earlier post is through, or time is up. One that is held or unknown keeps no other waiting."""
    if seen.after is None or seen.part or seen.retried_at:
        return
    while tools.now() < seen.due_at + LONGEST_WAIT and _is_unfinished(tools, seen, seen.after):
        tools.sleep(_GLANCE_SECONDS)


def _is_unfinished(tools: Tools, seen: Delivery, after: tuple[str, str]) -> bool:
    earlier = tools.deliveries.get(*after)
    if earlier is None or earlier.live or earlier.status not in UNFINISHED:
        return False
    return abs(earlier.due_at - seen.due_at) < timedelta(seconds=1)
