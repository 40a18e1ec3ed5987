"""What the codes of Graph's errors mean: `{"error": {"code", "error_subcode", "is_transient", "message", …}}`.

https://developers.facebook.com/docs/graph-api/guides/error-handling; the codes of limits are those of
https://developers.facebook.com/docs/graph-api/overview/rate-limiting. A platform adds its own to `MEANINGS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import httpx

FULL_SECONDS = 900.0
"""Ours: quotas are of the last 24 hours, and nothing says when the next post falls out of them."""

Verdict: TypeAlias = Literal["rejected", "reconnect", "unauthorized", "later", "open"]
"""`later`: refused before anything happened. `open`: it says nothing of what happened, so that an irreversible call's
outcome is unknown; any other call is refused, as `duplicate`s are, or tried again."""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """`sentence` may hold `{name}`, the platform's. `seconds`: how long to wait, where no header says it."""

    verdict: Verdict
    code: str
    sentence: str
    seconds: float | None = None


LIMITED = Meaning(verdict="later", code="rate_limited", sentence="{name} asked us to slow down.")
PASSING = Meaning(verdict="open", code="server_error", sentence="{name} had a problem of its own.")
STALE = Meaning(verdict="unauthorized", code="unauthorized", sentence="{name} no longer accepts this connection.")
DEAD = Meaning(verdict="reconnect", code="grant_dead", sentence="{name} ended this connection.")
CHECKPOINT = Meaning(
    verdict="reconnect",
    code="grant_dead",
    sentence="{name} wants this account's owner to sign in there and do what it asks; then connect again.",
)
FORBIDDEN = Meaning(
    verdict="rejected",
    code="permission_missing",
    sentence="{name} says that this connection, or the person behind it, may not do this.",
)
BLOCKED = Meaning(
    verdict="rejected",
    code="blocked",
    sentence="{name} keeps this account from posting for now, or takes this content for abuse.",
)
INVALID = Meaning(verdict="rejected", code="refused", sentence="{name} refused a value of this post.")

MEANINGS: Mapping[str, Meaning] = {
    **dict.fromkeys(("1", "2"), PASSING),
    # Of the app, of a user, of a page, "application limit reached", custom; and those of business use cases.
    **dict.fromkeys(("4", "17", "32", "341", "613", *map(str, range(80_000, 80_015))), LIMITED),
    **dict.fromkeys(("3", "10", *map(str, range(200, 300))), FORBIDDEN),
    "100": INVALID,
    "100/33": Meaning(
        verdict="rejected",
        code="refused",
        sentence="{name} has no such object, or does not show it to this connection.",
    ),
    # A session that is over, and a token that is: worth one refresh, where there is none the grant is dead.
    **dict.fromkeys(("102", "190"), STALE),
    # App not installed, password changed, expired, invalid, and no role on the page any more.
    **dict.fromkeys(("190/458", "190/460", "190/463", "190/467", "190/492"), DEAD),
    **dict.fromkeys(("190/459", "190/464"), CHECKPOINT),
    "368": BLOCKED,
}
"""By `code/subcode`; `/subcode` whatever the code; `code` whatever the subcode. The first of these that is there."""


def either(meaning: Meaning, *codes: int) -> dict[str, Meaning]:
    """As code and as subcode: people report many of them as either."""
    return {key: meaning for code in codes for key in (str(code), f"/{code}")}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The envelope of an error, as far as it can be passed on."""

    code: int
    subcode: int | None = None
    is_transient: bool = False

    @property
    def text(self) -> str:
        return str(self.code) if self.subcode is None else f"{self.code}/{self.subcode}"

    def meaning(self, meanings: Mapping[str, Meaning]) -> Meaning | None:
        by_subcode = () if self.subcode is None else (self.text, f"/{self.subcode}")
        own = next((meanings[key] for key in by_subcode if key in meanings), None)
        general = meanings.get(str(self.code))
        if self.is_transient and (general is None or general.verdict == "rejected"):
            general = PASSING
        return own or general


def fault(response: httpx.Response) -> Fault | None:
    """None: no envelope of Graph's. Instagram's token endpoint has one without `error` around it:
    https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login"""
    try:
        found = response.json()
    except ValueError:
        return None
    inner = found.get("error") if isinstance(found, dict) and "error_type" not in found else found
    if not isinstance(inner, dict):
        return None
    code, is_transient = _number(inner.get("code")), inner.get("is_transient") is True
    if code is None:
        return None
    return Fault(code=code, subcode=_number(inner.get("error_subcode")), is_transient=is_transient)


def _number(value: Any) -> int | None:
    return value if type(value) is int and abs(value) < 10**12 else None
