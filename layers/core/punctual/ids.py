"""Prefixed ULIDs: `post_01K…`; made at random, ordered by the millisecond they were made in."""

from datetime import datetime
from typing import Literal, TypeAlias

from ulid import ULID

Prefix: TypeAlias = Literal[
    "ws", "chn", "post", "dlv", "att", "key", "grt", "exp", "con", "lnk", "req", "med", "whk", "cal"
]
PERSON_PREFIX = "prs_"
"""People are known by their issuer: their ids are made of what it calls them."""


def made_at(id_: str) -> datetime | None:
    """None for what is no id of ours."""
    try:
        return ULID.from_str(id_.partition("_")[2]).datetime
    except ValueError:
        return None


def new(prefix: Prefix) -> str:
    return f"{prefix}_{ULID()}"
