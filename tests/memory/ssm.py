"""Parameter Store in memory: what local/apps.py and punctual.apps.deployment use of it."""

from dataclasses import dataclass
from typing import Any

from tests.memory.refusals import client_error

_PAGE = 10


@dataclass(frozen=True, kw_only=True)
class Parameter:
    value: str
    kind: str
    version: int


class MemorySsm:
    """`refuses`: the code of the error that every read is answered. `reads` counts them."""

    def __init__(self) -> None:
        self.parameters: dict[str, Parameter] = {}
        self.refuses = ""
        self.reads = 0

    def put_parameter(self, *, Name: str, Value: str, Type: str, Overwrite: bool = False) -> dict[str, Any]:  # noqa: N803 - boto3's names
        before = self.parameters.get(Name)
        if before and not Overwrite:
            raise client_error("PutParameter", "ParameterAlreadyExists", "The parameter already exists.")
        version = before.version + 1 if before else 1
        self.parameters[Name] = Parameter(value=Value, kind=Type, version=version)
        return {"Version": version}

    def get_parameter(self, *, Name: str, WithDecryption: bool = False) -> dict[str, Any]:  # noqa: N803
        self._read("GetParameter")
        if Name not in self.parameters:
            raise client_error("GetParameter", "ParameterNotFound", "")
        return {"Parameter": _shown(Name, self.parameters[Name], clear=WithDecryption)}

    def delete_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803
        if not self.parameters.pop(Name, None):
            raise client_error("DeleteParameter", "ParameterNotFound", "")
        return {}

    def get_parameters_by_path(self, *, Path: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        self._read("GetParametersByPath")
        below = sorted(name for name in self.parameters if name.rpartition("/")[0] == Path)
        start = int(NextToken)
        page = [_shown(name, self.parameters[name], clear=False) for name in below[start : start + _PAGE]]
        more = {"NextToken": str(start + _PAGE)} if start + _PAGE < len(below) else {}
        return {"Parameters": page, **more}

    def _read(self, operation: str) -> None:
        self.reads += 1
        if self.refuses:
            raise client_error(operation, self.refuses, "refused")


def _shown(name: str, found: Parameter, *, clear: bool) -> dict[str, Any]:
    value = found.value if clear or found.kind != "SecureString" else f"sealed:{hash(found.value)}"
    return {"Name": name, "Type": found.kind, "Value": value, "Version": found.version}
