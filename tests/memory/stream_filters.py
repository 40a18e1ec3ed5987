"""Which records of a stream a function is given: its event source's filters, as the template has them.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

Record = Mapping[str, Any]


def passing(event_source: Mapping[str, Any]) -> Callable[[Record], bool]:
    """`event_source` has a DynamoDB event's properties. A record passes that fits one of the patterns."""
    patterns = [json.loads(each["Pattern"]) for each in event_source["FilterCriteria"]["Filters"]]
    return lambda record: any(_fits(record, pattern) for pattern in patterns)


def _fits(value: Any, pattern: Any) -> bool:
    if isinstance(pattern, Mapping):
        return all(_fits((value or {}).get(name), inner) for name, inner in pattern.items())
    return any(map(partial(_is_met, value), pattern))


def _is_met(value: Any, rule: Any) -> bool:
    if not isinstance(rule, Mapping):
        return bool(value == rule)
    ((kind, wanted),) = rule.items()
    assert kind == "prefix", f"{kind} is not known here"
    return isinstance(value, str) and value.startswith(wanted)
