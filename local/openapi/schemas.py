"""Types as JSON Schema, by pydantic, with the docstrings under their names as descriptions."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from local.openapi.docstrings import described

REFERENCE = "#/components/schemas/{model}"
Mode = Literal["validation", "serialization"]
Key = tuple[str, str]


class _Described(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        """Null is what null means, never what omitting means: clients would send it."""
        found = super().default_schema(schema)
        if found.get("default", "") is None:
            del found["default"]
        return found

    def dict_schema(self, schema: Any) -> JsonSchemaValue:
        """pydantic says what fitting names hold, and lets others pass."""
        found = super().dict_schema(schema)
        if "patternProperties" in found:
            ((pattern, values),) = found.pop("patternProperties").items()
            found |= {"propertyNames": {"pattern": pattern}, "additionalProperties": values}
        return found

    def typed_dict_schema(self, schema: Any) -> JsonSchemaValue:
        return _with_descriptions(super().typed_dict_schema(schema), schema.get("cls"))

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        return _with_descriptions(super().model_schema(schema), schema["cls"])


class Schemas:
    """`of(("create_post", "body"))` is a type's schema; `components` are those that it and others refer to."""

    def __init__(self, wanted: Mapping[Key, tuple[Mode, Any]]):
        inputs: Sequence[tuple[Key, JsonSchemaMode, TypeAdapter[Any]]] = [
            (key, mode, TypeAdapter(kind)) for key, (mode, kind) in wanted.items()
        ]
        found, rest = TypeAdapter.json_schemas(inputs, ref_template=REFERENCE, schema_generator=_Described)
        self._found = {key: schema for (key, _), schema in found.items()}
        self.components: dict[str, Any] = rest.get("$defs", {})

    def of(self, key: Key) -> dict[str, Any]:
        return self._found[key]

    def resolved(self, key: Key) -> dict[str, Any]:
        """What it refers to, where it is a reference."""
        found = self._found[key]
        name = found.get("$ref", "").rpartition("/")[2]
        return dict(self.components[name]) if name else found


def _with_descriptions(schema: JsonSchemaValue, kind: Any) -> JsonSchemaValue:
    if kind is None:
        return schema
    aliases = (
        {name: field.alias or name for name, field in kind.model_fields.items()} if issubclass(kind, BaseModel) else {}
    )
    for name, text in described(kind).items():
        about = schema.get("properties", {}).get(aliases.get(name, name))
        if about is not None:
            about.setdefault("description", text)
    return schema
