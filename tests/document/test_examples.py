"""Every example of the document works: the real handlers, given real ids, answer it as the document shows."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from local.openapi.examples import FOLDER, named
from tests.document.calling import Call, calls
from tests.document.holding import committed
from tests.document.scenes import scene
from tests.integration.api.deployed import Deployed

CALLS = calls()
SCOPES = ("read", "write", "admin")


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_an_example_is_answered_as_it_shows(deployed: Deployed, call: Call) -> None:
    deployed.empty()
    tenant = deployed.tenant(scopes=SCOPES)
    answer = call.send(tenant.api, scene(call.name, deployed, tenant))
    assert answer.status_code == named(call.name).status < 400, answer.text
    shown = named(call.name).body
    if shown is not None and call.name != "get_openapi":
        assert shape(answer.json()) == shape(shown), f"run `make openapi-examples ONLY={call.name}`"


def shape(value: Any) -> Any:
    """Names and kinds, whatever the values: null stands for anything."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return type(value).__name__


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_every_operation_has_an_example(call: Call) -> None:
    missing = f"write local/openapi/examples/{call.name}.json (status, request, query), then `make openapi-examples`"
    assert (FOLDER / f"{call.name}.json").exists(), missing
    assert named(call.name).request is not None or "requestBody" not in call.operation, missing
    answer = call.operation["responses"][str(named(call.name).status)]
    shown = answer.get("content", {}).get("application/json")
    assert shown is None or "example" in shown, f"run `make openapi-examples ONLY={call.name}`"


def test_no_example_is_left_of_an_operation_that_is_no_more() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} <= {call.name for call in CALLS}


@pytest.mark.parametrize("call", [call for call in CALLS if named(call.name).request], ids=lambda call: call.name)
def test_an_examples_request_is_what_its_schema_allows(call: Call) -> None:
    schema = call.operation["requestBody"]["content"][call.content_type]["schema"]
    whole = {**schema, "components": committed().given["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(named(call.name).request)
