"""Types of events as users name them: `post.completed`, or `post.*` for all of a kind."""

from punctual.events.types import EVENT_TYPES

KINDS = frozenset(f"{name.partition('.')[0]}.*" for name in EVENT_TYPES)


def is_known(name: str) -> bool:
    return name in EVENT_TYPES or name in KINDS
