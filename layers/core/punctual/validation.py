"""pydantic's errors as faults of a request: where (JSON pointer), which rule, and a sentence without the input."""

from pydantic import ValidationError

from punctual.problems import Fault
from punctual.rules import of_pydantic


def faults(error: ValidationError, prefix: str = "") -> list[Fault]:
    found = []
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        pointer = "".join(f"/{_escaped(part)}" for part in each["loc"])
        message = each["msg"].removeprefix("Value error, ")
        found.append(Fault(param=f"{prefix}{pointer}", rule=of_pydantic(each["type"]), message=message))
    return found


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
