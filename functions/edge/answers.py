"""Answers that more than one function gives."""

from typing import Any

from punctual.channels import Channel
from punctual.clock import to_text


def channel_answer(channel: Channel) -> dict[str, Any]:
    account = channel.account
    return {
        "id": channel.id,
        "provider": channel.provider,
        "status": channel.status,
        "account": {
            "id": account.id,
            "handle": account.handle,
            "name": account.name,
            "url": account.url,
            "server": account.server,
        },
        "created_at": to_text(channel.created_at),
        "updated_at": to_text(channel.updated_at),
    }
