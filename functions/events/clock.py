"""What the events function does every minute."""


def tick() -> dict[str, int]:
    """What was done, counted."""
    return {}
