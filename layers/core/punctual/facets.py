"""Facets: what posts are found by beside their time, status and channel. One sparse index serves them all.

An item of the post carries one entry: the post itself its `external_id`, a delivery its provider (the first one of
each provider), and a label an item of its own.
"""

from typing import Literal, TypeAlias

from punctual.tables import Item

Facet: TypeAlias = Literal["external_id", "label", "provider"]
INDEX = "by_facet"
NONE: Item = {"facet": None, "facet_order": None}


def entry(workspace_id: str, facet: Facet, value: str, order: str) -> Item:
    """Index attributes; `order` is `<time>#<post id>`."""
    return {"facet": name(workspace_id, facet, value), "facet_order": order}


def name(workspace_id: str, facet: Facet, value: str) -> str:
    return f"{workspace_id}#{facet}#{value}"
