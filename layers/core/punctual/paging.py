"""Pages of lists. A cursor is the last row's own place, so it survives inserts and deletes; and it names its list.

A list that filters what it reads makes at most `MOST_READS` queries for one page. A page may then be short, or empty,
and has a cursor all the same, as long as there may be more.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from punctual.problems import BadRequest
from punctual.tables import Item

ORDER = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#post_[0-9A-Z]{26}")
"""A time and the post that is due then: how most lists are ordered."""
MOST_READS = 5
MOST_BYTES = 3_400_000
"""Of one page, as it is answered: an answer may have 6 MB."""

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Row(Generic[Found]):
    """`key` is where a query goes on after it; `found` is None where it is passed over."""

    key: Item
    found: Found | None
    size: int = 0


Rows: TypeAlias = tuple[Sequence[Row[Found]], Item | None]
"""Some rows in order, and where to go on; None: they were the last."""


def filled(
    read: Callable[[Item | None], Rows[Found]], limit: int, start: Item | None
) -> tuple[list[Found], Item | None]:
    """The page after `start`, and where the next one begins."""
    found: list[Found] = []
    size, after = 0, start
    for _ in range(MOST_READS):
        rows, following = read(after)
        for place, row in enumerate(rows, 1):
            size += row.size if row.found is not None else 0
            if found and size > MOST_BYTES:
                return found, after
            after = row.key
            found += [row.found] if row.found is not None else []
            if len(found) == limit:
                return found, after if place < len(rows) else following
        after = following
        if after is None:
            break
    return found, after


def list_name(*filters: object) -> str:
    """For its cursors: two lists that find by other things, or in another order, have other names."""
    return hashlib.sha256(json.dumps(filters, default=str).encode()).hexdigest()[:16]


def cursor_of(name: str, *place: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([name, *place]).encode()).decode().rstrip("=")


def place_in(name: str, cursor: str, *shapes: re.Pattern[str]) -> list[str]:
    """Any place in the caller's own list may be asked for. Raises BadRequest for what is none."""
    try:
        given = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise invalid_cursor() from error
    if not isinstance(given, list) or len(given) != len(shapes) + 1 or given[0] != name:
        raise invalid_cursor()
    place = given[1:]
    if not all(isinstance(part, str) and shape.fullmatch(part) for part, shape in zip(place, shapes, strict=True)):
        raise invalid_cursor()
    return place


def invalid_cursor() -> BadRequest:
    detail = "This cursor is not one that this list answered. Ask for the first page, with the filters that you want."
    return BadRequest("invalid_cursor", detail)
