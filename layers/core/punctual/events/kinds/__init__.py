"""What of an item's change is worth an event, kind by kind.

Each kind is a module of its own; `of` finds it by the item's key. A kind says which few facts of an item matter, and
which events lead from the facts that were told last to those that are: the same, whether the stream told the change or
the table was read after many.
"""

from punctual.events.kinds.calendars import CALENDARS
from punctual.events.kinds.channels import CHANNELS
from punctual.events.kinds.deliveries import DELIVERIES
from punctual.events.kinds.kind import Kind, Said, text
from punctual.events.kinds.media import MEDIA
from punctual.events.kinds.posts import POSTS
from punctual.events.kinds.workspaces import WORKSPACES
from punctual.tables import Item

ALL: tuple[Kind, ...] = (POSTS, DELIVERIES, CHANNELS, MEDIA, WORKSPACES, CALENDARS)


def of(key: Item) -> Kind | None:
    return next((kind for kind in ALL if kind.has(str(key["pk"]), str(key["sk"]))), None)


def named(name: str) -> Kind | None:
    return next((kind for kind in ALL if kind.name == name), None)


__all__ = ["ALL", "Kind", "Said", "named", "of", "text"]
