"""Secrets of an endpoint, as Standard Webhooks has them. A new one takes over at once, and the one before it goes on
signing for a while, so that a receiver may come to know the new one in between."""

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import SecretStr

from punctual.clock import Moment
from punctual.stored import StoredSecret

OVERLAP = timedelta(hours=24)
"""How long the secret before signs beside a new one, if nobody says otherwise."""
LONGEST_OVERLAP = timedelta(hours=720)
_BYTES = 32
"""From 24 to 64:
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme"""


@dataclass(frozen=True, kw_only=True)
class Secret:
    secret: StoredSecret
    created_at: Moment
    ends_at: Moment | None = None
    """None: it is the newest."""

    def signs_at(self, at: datetime) -> bool:
        return self.ends_at is None or self.ends_at > at


def new(at: datetime) -> Secret:
    made = base64.b64encode(os.urandom(_BYTES)).decode()
    return Secret(secret=SecretStr(f"whsec_{made}"), created_at=at)


def rotated(secrets: Sequence[Secret], new: Secret, overlap: timedelta) -> tuple[Secret, ...]:
    """Newest first, two at most: what signed beside the newest before ends now."""
    at, before = new.created_at, secrets[0]
    return (new, replace(before, ends_at=at + overlap)) if overlap > timedelta(0) else (new,)
