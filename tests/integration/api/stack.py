"""template.yaml as CloudFormation would make it: conditions decided, each function's environment filled in."""

import re
from collections.abc import Mapping
from typing import Any

from tests.template import resources, template

FUNCTIONS = resources("AWS::Serverless::Function")


class Stack:
    """`physical` has what a Ref (`WorkTable`) or an attribute (`GrantsKey.Arn`) stands for; others get a name."""

    def __init__(self, parameters: Mapping[str, str], physical: Mapping[str, str]):
        defaults = {name: str(found.get("Default", "")) for name, found in template()["Parameters"].items()}
        self._parameters = {**defaults, **parameters}
        self._physical = physical

    def set(self, **parameters: str) -> None:
        """As a deploy with other parameters."""
        self._parameters |= parameters

    def variables(self, function: str) -> dict[str, str]:
        every = template()["Globals"]["Function"]["Environment"]["Variables"]
        own = FUNCTIONS[function]["Properties"].get("Environment", {}).get("Variables", {})
        return {name: self._value(value) for name, value in {**every, **own}.items()}

    def _value(self, value: Any) -> str:
        if not isinstance(value, dict):
            return str(value)
        ((kind, given),) = value.items()
        if kind == "Ref":
            return self._named(given)
        if kind == "Fn::GetAtt":
            return self._named(".".join(given))
        if kind == "Fn::Sub":
            return re.sub(r"\$\{([^}]+)\}", lambda match: self._named(match[1]), given)
        assert kind == "Fn::If", f"{kind} is not known here"
        condition, met, other = given
        return self._value(met if self._holds(template()["Conditions"][condition]) else other)

    def _holds(self, condition: Any) -> bool:
        ((kind, given),) = condition.items()
        if kind == "Fn::Not":
            return not self._holds(given[0])
        assert kind == "Fn::Equals", f"{kind} is not known here"
        return self._value(given[0]) == self._value(given[1])

    def _named(self, name: str) -> str:
        return self._parameters.get(name) or self._physical.get(name) or ("" if name in self._parameters else name)
