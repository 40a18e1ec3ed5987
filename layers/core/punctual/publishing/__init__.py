"""Publishing: wake → prepare → hold → publish at T, and looking where the outcome is unknown.

    SCHEDULED   prepare under a lease, hand a delayed message over, write READY
    READY       wait for T, claim, mark `sending`, make the one irreversible call
    PUBLISHING  its worker is at it, or died: with the mark look, without it go on
    UNCONFIRMED look again, ever more seldom
    HELD        wait for the channel to be reconnected, until the post is too late

A message is only a nudge: what happens next is read from the delivery. Times that must hold, tested on the
template: invocation deadline < lease < queue visibility.
"""

from punctual.publishing.job import LEASE, Invocation, Meter, Tools
from punctual.publishing.worker import Publishing

__all__ = ["LEASE", "Invocation", "Meter", "Publishing", "Tools"]
