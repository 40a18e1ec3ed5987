"""Who acts: whoever's key a request came with. What a request writes carries a mark, so that the change that the
table's stream shows can say whose it was; what Punctual does by itself carries none.

An item keeps its mark until the next request that writes it: only a mark that is new says who made a change.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from punctual.tables import Item

ATTRIBUTE = "acted"


@dataclass(frozen=True, kw_only=True)
class Actor:
    key_id: str
    """`key_…`, or `prs_…` of a person who came with a token."""
    request_id: str


_ACTOR: ContextVar[Actor | None] = ContextVar("actor", default=None)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    token = _ACTOR.set(actor)
    try:
        yield
    finally:
        _ACTOR.reset(token)


def current() -> Actor | None:
    return _ACTOR.get()


def mark() -> Item:
    """Attributes for an item that is written; none where nobody acts."""
    actor = _ACTOR.get()
    return {ATTRIBUTE: f"{actor.key_id}/{actor.request_id}"} if actor else {}


def read(marked: str) -> Actor:
    key_id, _, request_id = marked.partition("/")
    return Actor(key_id=key_id, request_id=request_id)
