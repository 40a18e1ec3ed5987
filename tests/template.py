"""template.yaml as data, for tests on it and for tables made from it."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent


class _Loader(yaml.SafeLoader):
    """CloudFormation's short forms become their long ones: `!Ref X` is {"Ref": "X"}."""


def _long_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _long_form)


@cache
def template() -> dict[str, Any]:
    return yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)  # noqa: S506 - a SafeLoader


def resources(kind: str) -> dict[str, dict[str, Any]]:
    return {name: found for name, found in template()["Resources"].items() if found["Type"] == kind}


def create_tables(dynamodb: Any) -> dict[str, str]:
    """Every table of the template in `dynamodb`; logical id → name."""
    names = {}
    for logical_id, found in resources("AWS::DynamoDB::Table").items():
        wanted = {key: found["Properties"][key] for key in _CREATE if key in found["Properties"]}
        dynamodb.create_table(TableName=logical_id, **wanted)
        names[logical_id] = logical_id
    return names


_CREATE = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
