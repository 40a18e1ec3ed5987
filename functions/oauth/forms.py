"""Forms for what a provider's models ask for: plain inputs, made of the models' own schemas."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from pydantic import BaseModel

from punctual.problems import Invalid
from punctual.providers.base import Spec


@dataclass(frozen=True, kw_only=True)
class Field:
    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    example: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    value: str = ""
    wrong: str = ""


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way to connect one provider. `wrong` is what is no single field's."""

    provider: str
    name: str
    way: str
    fields: tuple[Field, ...]
    wrong: str = ""

    def corrected(self, given: Mapping[str, str], problem: Invalid) -> Self:
        """As it was sent, with what was wrong about it; secrets are to be typed again."""
        by_field = {fault.param.rpartition("/")[2]: fault.message for fault in problem.errors}
        fields = tuple(
            replace(
                field,
                wrong=by_field.pop(field.name, ""),
                value="" if field.kind == "password" else given.get(field.name, ""),
            )
            for field in self.fields
        )
        return replace(self, fields=fields, wrong=" ".join(by_field.values()))


def forms_of(spec: Spec) -> list[Form]:
    models = {"oauth": spec.connect_fields, "credentials": spec.credentials}
    return [Form(provider=spec.id, name=spec.name, way=way, fields=_fields(models[way])) for way in spec.connect]


def typed(form: Form, given: Mapping[str, str]) -> dict[str, Any]:
    """What the fields of a form hold; what was left empty was not given."""
    return {field.name: given[field.name] for field in form.fields if given.get(field.name)}


def _fields(model: type[BaseModel]) -> tuple[Field, ...]:
    schema = model.model_json_schema()
    required = schema.get("required", ())
    return tuple(_field(name, about, name in required) for name, about in schema.get("properties", {}).items())


def _field(name: str, about: Mapping[str, Any], required: bool) -> Field:
    """Of an optional one, the schema is the first of `anyOf`."""
    kind = {**about, **next(iter(about.get("anyOf", ())), {})}
    is_secret = kind.get("format") == "password" or kind.get("writeOnly", False)
    default = about.get("default")
    return Field(
        name=name,
        label=about.get("title", name),
        hint=about.get("description", ""),
        kind="password" if is_secret else "number" if kind.get("type") == "integer" else "text",
        example=str(next(iter(about.get("examples", ())), "")),
        required=required,
        choices=tuple(str(choice) for choice in kind.get("enum", ())),
        value=str(default) if isinstance(default, str | int) and not is_secret else "",
    )
