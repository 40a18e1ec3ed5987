"""Who acts: whoever's key a request came with, or the person who runs the stack. What a request writes carries a mark,
so that the change that the table's stream shows can say whose it was; what Punctual does by itself carries none.

An item keeps its mark until the next request that writes it: only a mark that is new says who made a change. So no two
writes have the same, though they are of one request.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from punctual.tables import Item

ATTRIBUTE = "acted"
REVISED = "revised"
"""Of a post: the mark of whoever wrote its present revision, whoever wrote it since."""
OPERATOR = "operator"
"""Stands for a key's id where whoever runs the stack asked, without one."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    key_id: str
    """`key_…`, `prs_…` of a person who came with a token, or `OPERATOR`."""
    request_id: str
    """Of the log and, for the operator's, of the invocation in CloudTrail."""


_ACTOR: ContextVar[Actor | None] = ContextVar("actor", default=None)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    token = _ACTOR.set(actor)
    try:
        yield
    finally:
        _ACTOR.reset(token)


@contextmanager
def acting_for(marked: str | None) -> Iterator[None]:
    """What goes on later, in a browser that has no key: for whoever began it, unless somebody acts."""
    if marked is None or current():
        yield
        return
    with acting(read(marked)):
        yield


def current() -> Actor | None:
    return _ACTOR.get()


def mark() -> Item:
    """Attributes for an item that is written; none where nobody acts."""
    actor = _ACTOR.get()
    return {ATTRIBUTE: f"{actor.key_id}/{actor.request_id}/{secrets.token_hex(3)}"} if actor else {}


def read(marked: str) -> Actor:
    """Whose mark it is. A request's id may be anything."""
    key_id, _, rest = marked.partition("/")
    request_id, _, _ = rest.rpartition("/")
    return Actor(key_id=key_id, request_id=request_id)
