"""Why X refuses: https://docs.x.com/x-api/fundamentals/response-codes-and-errors

A problem names its kind by the last part of `type`; `about:blank` leaves it to `detail`. Some answers have the codes of
version 1.1 instead: https://github.com/plhery/node-twitter-api-v2/blob/902b701/src/types/errors.types.ts
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

_KIND = re.compile(r"https://api\.(?:x|twitter)\.com/2/problems/([a-z-]{1,64})")
_DUPLICATE = "duplicate content"
# The token endpoint has `invalid_request` for a token or code that is dead, and for a request that is wrong:
# https://github.com/plhery/node-twitter-api-v2/issues/496 and https://github.com/trypostit/trypost/issues/126
_SPENT = ("Value passed for the token was invalid.", "Value passed for the authorization code was invalid.")


@dataclass(frozen=True, kw_only=True)
class Problem:
    kind: str = ""
    codes: tuple[int, ...] = ()
    parameters: frozenset[str] = frozenset()
    """Names of what X calls invalid."""
    is_duplicate: bool = False
    """There is no code for it: https://github.com/plhery/node-twitter-api-v2/issues/469 (1.1 had 187)."""
    is_spent: bool = False
    """A code, or a refresh token, that is good no more."""

    @property
    def names_media(self) -> bool:
        """https://github.com/abraham/twitteroauth/issues/1222, and 324 of version 1.1"""
        return 324 in self.codes or any("media_ids" in name for name in self.parameters)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    code: str
    sentence: str = field(repr=False)


_OWN = Refusal(code="refused", sentence="X refused what was sent: look at the text, its media and the settings.")
REFUSALS: Mapping[str | int, Refusal] = {
    "invalid-request": _OWN,
    "client-forbidden": Refusal(
        code="app_not_enrolled",
        sentence="X says that the app has no access to this: it is not enrolled, or too low a plan.",
    ),
    # 429 by its status, but no limit that passes soon: https://github.com/xdevplatform/xdk/issues/25
    "usage-capped": Refusal(
        code="credits_used_up", sentence="The app's plan, credits or spending limit at X are used up."
    ),
    # https://github.com/akrherz/iembot/issues/156
    "user-suspended": Refusal(code="account_suspended", sentence="X has suspended this account."),
    "resource-not-found": Refusal(code="parent_gone", sentence="A post that this one answers or quotes is gone."),
    "not-authorized-for-resource": Refusal(
        code="reply_refused", sentence="X does not let this account answer, or quote, that post."
    ),
    # With 402: https://github.com/tryethernal/ethernal/issues/1326
    "credits": Refusal(code="credits_used_up", sentence="The app's credits at X are used up."),
    402: Refusal(code="credits_used_up", sentence="The app's credits at X are used up."),
    403: Refusal(
        code="refused", sentence="X does not let this account post this: look at the text, its media and the settings."
    ),
    64: Refusal(code="account_suspended", sentence="X has suspended this account."),
    326: Refusal(code="account_locked", sentence="X has locked this account until its owner signs in there."),
    385: Refusal(code="parent_gone", sentence="A post that this one answers is gone, or not to be seen."),
    433: Refusal(code="reply_refused", sentence="The author of that post does not take replies of this account."),
    186: Refusal(code="refused", sentence="X finds the text too long."),
}


def read(response: httpx.Response) -> Problem:
    """Nothing of what is said in words is kept: it may quote the post."""
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return Problem()
    listed = found.get("errors")
    errors = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    every = [found, *errors]
    codes = tuple(each["code"] for each in errors if type(each.get("code")) is int)
    is_spent = found.get("error") == "invalid_request" and str(found.get("error_description")) in _SPENT
    return Problem(
        kind=next((kind for each in every if (kind := _kind(each.get("type")))), ""),
        codes=codes,
        parameters=frozenset(name for each in errors for name in _names(each.get("parameters"))),
        is_duplicate=187 in codes or any(_DUPLICATE in str(each.get("detail")).lower() for each in every),
        is_spent=is_spent,
    )


def refusal(problem: Problem, status: int) -> Refusal | None:
    """What is known of it."""
    names: tuple[str | int, ...] = (problem.kind, *problem.codes, *((status,) if status in (402, 403) else ()))
    return next((REFUSALS[name] for name in names if name in REFUSALS), None)


def _kind(given: Any) -> str:
    found = _KIND.fullmatch(given) if isinstance(given, str) else None
    return found[1] if found else ""


def _names(parameters: Any) -> list[str]:
    return [str(name) for name in parameters] if isinstance(parameters, dict) else []
