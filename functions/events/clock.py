"""What the events function does every minute."""

from datetime import timedelta
from typing import Any

from events import deployment
from punctual import clock
from punctual.events import repairs

WORKS_FOR = timedelta(seconds=40)
"""Then the next minute goes on: a page that was begun ends within the function's own time."""


def tick() -> dict[str, Any]:
    """What was done, counted."""
    lanes = deployment.waking().wake_due()
    repair = deployment.repairing().go_on(clock.now() + WORKS_FOR)
    return {"lanes": lanes, **({"repair": repairs.figures(repair)} if repair else {})}


def ask_for_repair() -> dict[str, Any]:
    """By a person. While one is at work: how far it is."""
    if deployment.repairs().get().phase is None:
        deployment.repairs().note_loss(clock.now())
    return repairs.figures(deployment.repairs().get())
