"""What readers of a far side see: the measure of whether a post went out, once, and as it was meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Shown:
    """`kind` is a `PostType` of the providers' terms, or `comment`; `media` are SHA-256 of files, in hex."""

    id: str
    author: str
    kind: str
    text: str
    url: str
    made_at: datetime
    media: tuple[str, ...] = ()
    alt_texts: tuple[str, ...] = ()
    answers: str | None = None
    """The post that it answers."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """What was set beside the content: who may reply, collaborators, a poll's options."""
