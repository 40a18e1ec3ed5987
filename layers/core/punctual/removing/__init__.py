"""Deleting a workspace: all that is stored of it, everywhere, and its own row last."""

from punctual.removing.objects import objects
from punctual.removing.process import AFTER, QUIET, Removing, Step
from punctual.removing.revoking import Revoking
from punctual.removing.rows import counted, grants, keys, posts, recorded, rest

__all__ = [
    "AFTER",
    "QUIET",
    "Removing",
    "Revoking",
    "Step",
    "counted",
    "grants",
    "keys",
    "objects",
    "posts",
    "recorded",
    "rest",
]
