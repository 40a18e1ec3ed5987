"""schemathesis, run over the whole document by one caller."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis import Case
from schemathesis.engine import events, from_schema
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

from tests.document.holding import committed
from tests.fuzz.watching import OPERATIONS, Watch

_OFTEN_REFUSED = ["2xx", "3xx", "400", "401", "403", "404", "409", "412", "413", "422", "502"]
"""Of valid requests: the schema cannot say that a cursor is of another list, or a text too long for a platform."""
_CHECKS: dict[str, Any] = {
    "positive_data_acceptance": {"expected-statuses": _OFTEN_REFUSED},
    "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "409", "412", "413", "422", "502"]},
    "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "502"]},
    "unsupported_method": {"enabled": False},  # API Gateway answers 404, and Watch holds that it does
}
_LENIENT = ("validate_post", "preview_post")
"""What is wrong with a post is their answer."""
Prepare = Callable[[Case, str, random.Random], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    seed: int
    examples: int
    phases: tuple[str, ...]
    compared: float = 1.0
    """The share of calls around which all that is stored is compared."""
    spared: tuple[str, ...] = ()
    """Operations that the coverage phase leaves out."""
    checks: Mapping[str, Any] = field(default_factory=dict)


def run(plan: Plan, watch: Watch, prepare: Prepare | None, headers: Mapping[str, str], **where: Any) -> list[str]:
    """What schemathesis found. `where` is `app`, or `base_url`."""
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(committed().given)), config=_config(plan, headers))
    for name, value in where.items():
        setattr(schema if name == "app" else schema.config, name, value)
    schema.hook("after_call")(lambda _, case, response: watch.after(case, response))
    with _preparing(plan, watch, prepare):
        return _findings(list(from_schema(schema).execute()))


def _config(plan: Plan, headers: Mapping[str, str]) -> schemathesis.Config:
    phases = {name: {"enabled": name in plan.phases} for name in ("examples", "coverage", "fuzzing", "stateful")}
    lenient = [
        {"include-operation-id": name, "checks": {"negative_data_rejection": {"enabled": False}}} for name in _LENIENT
    ]
    spared = [{"include-operation-id": name, "phases": {"coverage": {"enabled": False}}} for name in plan.spared]
    return schemathesis.Config.from_dict(
        {
            "seed": plan.seed,
            "continue-on-failure": True,
            "headers": dict(headers),
            "generation": {
                "max-examples": plan.examples,
                "deterministic": True,
                "no-shrink": True,
                "database": "none",
                "with-security-parameters": bool(headers),  # else it makes up keys for who has none
            },
            "phases": phases,
            "checks": {**_CHECKS, **plan.checks},
            "operations": [*lenient, *spared],
        }
    )


@contextmanager
def _preparing(plan: Plan, watch: Watch, prepare: Prepare | None) -> Iterator[None]:
    """`before_call` is every schema's hook: there is none of one schema. Each operation has a chance of its own, so
    that one more changes nothing for the others."""
    chances = {label: random.Random(f"{plan.seed} {label}") for label in OPERATIONS}

    def before_call(context: Any, case: Case, kwargs: dict[str, Any]) -> None:
        chance = chances[case.operation.label]
        if prepare and case.method == case.operation.method.upper():
            prepare(case, OPERATIONS[case.operation.label].name, chance)
        watch.before(comparing=chance.random() < plan.compared)

    schemathesis.hook(before_call)
    try:
        yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(before_call)


def _findings(seen: list[events.EngineEvent]) -> list[str]:
    found: dict[str, list[str]] = defaultdict(list)
    for event in seen:
        if isinstance(event, events.ScenarioFinished):
            for case_id, checks in event.recorder.checks.items():
                for check in checks:
                    if check.failure_info:
                        failure = check.failure_info.failure
                        case = event.recorder.cases[case_id].value
                        found[f"{failure.operation}: {failure.title}: {failure.message}"].append(_shown(case))
        elif isinstance(event, events.NonFatalError):
            found[f"{event.label}: {event.value}"].append("")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return [f"{what} ({len(where)} times, first {where[0]})" for what, where in sorted(found.items())]


def _shown(case: Case) -> str:
    return f"{case.method} {case.formatted_path} {dict(case.query or {})} {str(case.body)[:500]}"
