"""What `make reseal` asks for, tells, and ends with."""

import json
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from local.addressing import Named
from local.problems import LocalError
from local.resealing import reseal, verdict


class Lambda:
    def __init__(self, *answers: dict[str, Any]):
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def invoke(self, **given: Any) -> dict[str, Any]:
        self.asked.append(json.loads(given["Payload"]))
        return {"Payload": BytesIO(json.dumps(self.answers.pop(0)).encode())}


def counted(resealed: int, failed: int = 0, after: Any = None) -> dict[str, Any]:
    return {"resealed": resealed, "current": 0, "moved": 0, "failed": failed, "after": after}


def stack(functions: Lambda) -> Named:
    found = {"StackResourceDetail": {"PhysicalResourceId": "the-resealer"}}
    cloudformation = SimpleNamespace(describe_stack_resource=lambda **_: found)
    aws: Any = SimpleNamespace(client=lambda service, **_: functions if service == "lambda" else cloudformation)
    return Named(name="punctual", aws=aws, endpoint_url=None)


def test_it_goes_on_until_the_end_of_the_table_and_tells_each_round(capsys: pytest.CaptureFixture[str]) -> None:
    functions = Lambda(counted(50, after={"pk": "grt_1", "sk": "grant"}), counted(7))
    total = reseal(stack(functions), everything=True)
    assert functions.asked == [
        {"everything": True, "after": None},
        {"everything": True, "after": {"pk": "grt_1", "sk": "grant"}},
    ]
    assert total["resealed"] == 57
    assert [line.partition(" ")[0] for line in capsys.readouterr().out.splitlines()] == ["50", "57"]


def test_what_could_not_be_opened_makes_it_fail_and_says_what_to_do() -> None:
    assert "retired key" in verdict(dict.fromkeys(("resealed", "current", "moved", "failed"), 0))
    with pytest.raises(LocalError, match="RetiredGrantsKeyArn"):
        verdict({**dict.fromkeys(("resealed", "current", "moved"), 0), "failed": 2})
