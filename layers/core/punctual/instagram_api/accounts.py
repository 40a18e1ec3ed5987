"""Accounts, as either login tells of them."""

from collections.abc import Mapping
from typing import Any

from punctual.providers.base import Account
from punctual.providers.outcomes import RetryLater


def account_of(told: Mapping[str, Any], account_id: str) -> Account:
    username = told.get("username")
    if not isinstance(username, str) or not username:
        raise RetryLater("Instagram's answer could not be read.", code="unreadable_answer")
    return Account(
        id=account_id,
        handle=f"@{username}",
        name=str(told.get("name") or "")[:200],
        url=f"https://www.instagram.com/{username}/",
    )
