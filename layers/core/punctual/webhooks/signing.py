"""The request that carries an event, signed after Standard Webhooks by its own library.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from standardwebhooks import Webhook as Signer

from punctual.events.envelope import envelope
from punctual.events.event import Event
from punctual.webhooks.endpoints import Webhook


@dataclass(frozen=True, kw_only=True)
class Signed:
    """What goes out: exactly these bytes were signed."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def signed(webhook: Webhook, event: Event, at: datetime) -> Signed:
    """With a signature for each secret that signs then, the newest first."""
    body = json.dumps(envelope(event), separators=(",", ":"))
    signatures = [Signer(each.secret.get_secret_value()).sign(event.id, at, body) for each in webhook.signing(at)]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Punctual",
        "webhook-id": event.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Signed(url=webhook.url, headers=headers, body=body.encode())
