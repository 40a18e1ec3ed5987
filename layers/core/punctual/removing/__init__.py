"""Deleting a workspace: all that is stored of it, everywhere, and its own row last."""

from punctual.removing.media import media
from punctual.removing.objects import objects
from punctual.removing.process import AFTER, LINGERS, QUIET, Removing, Step
from punctual.removing.revoking import Revoking
from punctual.removing.rows import counted, grants, keys, posts, recorded, rest
from punctual.removing.told import told, webhooks

__all__ = [
    "AFTER",
    "LINGERS",
    "QUIET",
    "Removing",
    "Revoking",
    "Step",
    "counted",
    "grants",
    "keys",
    "media",
    "objects",
    "posts",
    "recorded",
    "rest",
    "told",
    "webhooks",
]
