"""What the events function does every minute."""

from events import deployment


def tick() -> dict[str, int]:
    """What was done, counted."""
    return {"lanes": deployment.waking().wake_due()}
