"""What the child does with its order."""

import hashlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from punctual.media.facts import Facts
from punctual.workshop import cleaning, documents, images, rendering, sniffing, videos
from punctual.workshop.opening import bounded
from punctual.workshop.orders import Order

_BLOCK = 1 << 20


def answer(order: Order) -> dict[str, Any] | None:
    """Facts, or None of work that has none. Raises Refused, and what decoders raise."""
    with bounded():
        if order.work == "probe":
            return asdict(probe(order.source, order.declared_type))
        if order.work == "render":
            return asdict(_render(order))
        _clean(order)
        return None


def probe(path: Path, declared_type: str | None) -> Facts:
    mime = sniffing.sniff(path)
    sniffing.compare(mime, declared_type)
    return replace(_found(path, mime), bytes=path.stat().st_size, sha256=_sha256(path))


def _found(path: Path, mime: str) -> Facts:
    if mime.startswith("video/"):
        return videos.probe(path, mime)
    return documents.probe(path, mime) if mime == "application/pdf" else images.probe(path, mime)


def _clean(order: Order) -> None:
    mime = sniffing.sniff(order.source)
    if mime.startswith("video/"):
        videos.clean(order.source, order.made)
    else:
        cleaning.clean(order.source, mime, order.made)


def _render(order: Order) -> Facts:
    if order.recipe is None:
        raise ValueError("a rendition without a recipe")
    mime = sniffing.sniff(order.source)
    if mime.startswith("video/") or order.recipe.kind == "video":
        videos.render(order.source, order.recipe, order.made)
    else:
        rendering.render(order.source, mime, order.recipe, order.made)
    return probe(order.made, None)


def _sha256(path: Path) -> str:
    counted = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            counted.update(block)
    return counted.hexdigest()
