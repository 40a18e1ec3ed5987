"""Accounts: whatever handle a person types at the consent page is theirs; no account is stored."""

import hashlib
import re
from dataclasses import dataclass, field

from sandbox.errors import Refusal

_HANDLE = re.compile(r"[a-z0-9_]{1,30}")
_ID = re.compile(r"acct-[0-9a-f]{16}")


@dataclass(frozen=True, kw_only=True)
class Account:
    handle: str = field(repr=False)

    @property
    def id(self) -> str:
        return f"acct-{hashlib.sha256(self.handle.encode()).hexdigest()[:16]}"


def team(owner: str, number: int) -> Account:
    """One of those that the person may post as, too."""
    return Account(handle=f"{owner[:20]}_team_{number}")


def typed(handle: str) -> Account:
    name = handle.strip().removeprefix("@").lower()
    if not _HANDLE.fullmatch(name):
        raise Refusal(400, "bad_handle", "A handle is 1 to 30 letters, digits or underscores.")
    return Account(handle=name)


def id_of(account: str) -> str:
    """The id of an account named by id or by handle."""
    return account if _ID.fullmatch(account) else typed(account).id
