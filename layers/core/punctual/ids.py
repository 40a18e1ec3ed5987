"""Prefixed ULIDs: `post_01K…`; made at random, ordered by the millisecond they were made in."""

from typing import Literal, TypeAlias

from ulid import ULID

Prefix: TypeAlias = Literal[
    "ws", "chn", "post", "dlv", "att", "key", "grt", "exp", "con", "lnk", "req", "med", "whk", "cal"
]
PERSON_PREFIX = "prs_"
"""People are known by their issuer: their ids are made of what it calls them."""


def new(prefix: Prefix) -> str:
    return f"{prefix}_{ULID()}"
