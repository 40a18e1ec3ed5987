"""Failures that a post's own text asks for, played call by call.

`[sandbox:rate_limit=2][sandbox:error_after]` reads: the first two calls are rate limited, the third is carried
out and answered with 500, the rest go through. app.py lists the directives.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from punctual.tables import Table
from sandbox import grants, limits
from sandbox.errors import AnswerLost, Refusal, unauthorized
from sandbox.network import Call

Stage: TypeAlias = Literal["prepare", "publish", "find", "upload"]

_DIRECTIVE = re.compile(r"\[sandbox:([^\]]*)\]")
_FORM = re.compile(r"(?:(prepare|publish|find|upload)\.)?([a-z_0-9]+)(?:=(\d{1,4}))?")
_REFUSED: Mapping[str, tuple[Any, ...]] = {
    "rate_limit": (429, "rate_limited", "Too many requests.", {"Retry-After": "2"}),
    "error_before": (500, "internal_error", "Something went wrong."),
    "error_200": (200, "refused_quietly", "The network does not take this post, and says so in a success."),
    "refuse": (422, "refused", "The network does not take this post."),
    "unready": (409, "not_ready", "Not now, whatever was said before."),
}
_COUNTED = frozenset({*_REFUSED, "error_after", "cut", "stale_token", "revoked"})
_TIMED = frozenset({"slow", "hang", "late", "publishing", "limit", "last"})
_STANDING = frozenset({"search_lag", "key_window", "processing"})
_PUBLISH_ALONE = frozenset({"search_lag", "key_window", "publishing", "unready"})
_UPLOAD_ALONE = frozenset({"processing"})
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
    key_window: int | None = None
    processing: int = 0

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
    standing = {}
    for directive in _DIRECTIVE.findall(text):
        played_on, name, number = _parsed(directive)
        if played_on != stage:
            continue
        if name in _STANDING:
            standing[name] = int(number or 0)
        else:
            steps.append(_step(name, number))
    return Script(steps=tuple(steps), **standing)


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
    if step is None:
        return
    if step.name in _REFUSED:
        raise Refusal(*_REFUSED[step.name])
    match step.name:
        case "slow":
            _sleep(call, step)
        case "limit":
            limits.begin(call, holder, step.seconds)
            limits.refuse(step.seconds)
        case "stale_token":
            raise unauthorized("invalid_token", "The access token is not accepted.")
        case "revoked":
            grants.revoke(call.table, holder.grant_id, call.now())
            raise unauthorized("grant_revoked", "The connection was ended.")


def after(call: Call, step: Step | None, holder: grants.Holder) -> None:
    """Spoils the answer to a call that was carried out, or adds to it, or lets it pass."""
    if step is None:
        return
    match step.name:
        case "hang":
            _sleep(call, step)
        case "last":
            limits.use_up(call, holder, step.seconds)
        case "error_after":
            raise Refusal(500, "internal_error", "Something went wrong.")
        case "late":
            raise Refusal(504, "gateway_timeout", "The network took too long.")
        case "cut":
            raise AnswerLost


def _parsed(directive: str) -> tuple[str, str, str | None]:
    """The stage, the name and the number of a directive that its stage knows."""
    form = _FORM.fullmatch(directive)
    stage, name, number = (form[1] or "publish", form[2], form[3]) if form else ("", "", None)
    is_known = name in _COUNTED or (name in _TIMED | _STANDING and number is not None)
    alone = {"publish": _PUBLISH_ALONE, "upload": _UPLOAD_ALONE}
    if not is_known or any(name in names and stage != where for where, names in alone.items()):
        raise Refusal(422, "unknown_directive", "The text holds a [sandbox:…] directive that is not known.")
    return stage, name, number


def _step(name: str, number: str | None) -> Step:
    if name in _TIMED:
        return Step(name=name, seconds=int(number or 0))
    everything = name == "refuse" and number is None
    return Step(name=name, calls=_ALWAYS if everything else int(number or 1))


def _sleep(call: Call, step: Step) -> None:
    call.network.sleep(min(step.seconds, _LONGEST_SLEEP))
