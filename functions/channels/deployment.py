"""What the routes of channels share, as this function's environment says."""

from functools import cache

from edge import parts
from edge.environment import HoldsGrants
from punctual.channels import Channel, Channels
from punctual.problems import NotFound


@cache
def channels() -> Channels:
    return parts.channels(HoldsGrants.read().work_table)


def channel(workspace_id: str, channel_id: str) -> Channel:
    """Raises NotFound."""
    found = channels().get(workspace_id, channel_id)
    if found is None:
        raise unknown()
    return found


def unknown() -> NotFound:
    return NotFound("not_found", "The workspace has no such channel.")
