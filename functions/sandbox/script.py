"""Failures that a post's own text asks for, played call by call.

`[sandbox:rate_limit=2][sandbox:error_after]` reads: the first two calls are rate limited, the third is carried
out and answered with 500, the rest go through. app.py lists the directives.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from punctual.tables import Table
from sandbox import grants
from sandbox.errors import AnswerLost, Refusal, unauthorized
from sandbox.network import Call

Stage: TypeAlias = Literal["prepare", "publish", "find"]

_DIRECTIVE = re.compile(r"\[sandbox:([^\]]*)\]")
_FORM = re.compile(r"(?:(prepare|publish|find)\.)?([a-z_]+)(?:=(\d{1,4}))?")
_COUNTED = frozenset({"rate_limit", "error_before", "error_after", "cut", "stale_token", "revoked", "refuse"})
_TIMED = frozenset({"slow", "hang", "late"})
_ALWAYS = 1_000_000
_LONGEST_SLEEP = 22
_REMEMBERED = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happens to the next `calls` calls."""

    name: str
    calls: int = 1
    seconds: int = 0


@dataclass(frozen=True, kw_only=True)
class Script:
    steps: tuple[Step, ...] = ()
    search_lag: int = 0

    def step(self, call: int) -> Step | None:
        """What happens to call number `call`, counted from 1."""
        for step in self.steps:
            if call <= step.calls:
                return step
            call -= step.calls
        return None


def read(text: str, stage: Stage) -> Script:
    """The part of the text's script that is about one stage."""
    steps = []
    search_lag = 0
    for directive in _DIRECTIVE.findall(text):
        form = _FORM.fullmatch(directive)
        name, number = (form[2], form[3]) if form else ("", None)
        if name not in _COUNTED | _TIMED | {"search_lag"} or (number is None and name not in _COUNTED):
            raise Refusal(422, "unknown_directive", "The text holds a [sandbox:…] directive that is not known.")
        if form and (form[1] or "publish") == stage:
            search_lag = int(number or 0) if name == "search_lag" else search_lag
            steps += [] if name == "search_lag" else [_step(name, number)]
    return Script(steps=tuple(steps), search_lag=search_lag)


def next_step(table: Table, script: Script, *, account_id: str, play: str, at: datetime) -> Step | None:
    """The step this call meets. `play` names one playing of the script; its calls are counted in the table."""
    if not script.steps:
        return None
    counted = table.client.update_item(
        TableName=table.name,
        Key={"pk": f"play#{account_id}#{grants.digest(play)}", "sk": "play"},
        UpdateExpression="SET expires_at = :until ADD calls :one",
        ExpressionAttributeValues={":one": 1, ":until": int((at + _REMEMBERED).timestamp())},
        ReturnValues="ALL_NEW",
    )
    return script.step(int(counted["Attributes"]["calls"]))


def before(call: Call, step: Step | None, holder: grants.Holder) -> None:
    """Refuses the call before anything of it is done, or lets it pass."""
    match step.name if step else None:
        case "slow":
            _sleep(call, step)
        case "rate_limit":
            raise Refusal(429, "rate_limited", "Too many requests.", {"Retry-After": "2"})
        case "error_before":
            raise Refusal(500, "internal_error", "Something went wrong.")
        case "refuse":
            raise Refusal(422, "refused", "The network does not take this post.")
        case "stale_token":
            raise unauthorized("invalid_token", "The access token is not accepted.")
        case "revoked":
            grants.revoke(call.table, holder.grant_id, call.now())
            raise unauthorized("grant_revoked", "The connection was ended.")


def after(call: Call, step: Step | None) -> None:
    """Spoils the answer to a call that was carried out, or lets it pass."""
    match step.name if step else None:
        case "hang":
            _sleep(call, step)
        case "error_after":
            raise Refusal(500, "internal_error", "Something went wrong.")
        case "late":
            raise Refusal(504, "gateway_timeout", "The network took too long.")
        case "cut":
            raise AnswerLost


def _step(name: str, number: str | None) -> Step:
    if name in _TIMED:
        return Step(name=name, seconds=int(number or 0))
    everything = name == "refuse" and number is None
    return Step(name=name, calls=_ALWAYS if everything else int(number or 1))


def _sleep(call: Call, step: Step | None) -> None:
    call.network.sleep(min(step.seconds if step else 0, _LONGEST_SLEEP))
