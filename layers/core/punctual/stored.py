"""Items of a table as objects and back: dataclasses inside, dicts only at DynamoDB."""

from typing import Annotated, Any, Generic, TypeAlias, TypeVar

from pydantic import PlainSerializer, SecretStr, TypeAdapter, ValidationError

Kind = TypeVar("Kind")
StoredSecret: TypeAlias = Annotated[SecretStr, PlainSerializer(SecretStr.get_secret_value, return_type=str)]
"""In a table that only those may read who need it; hidden in logs and errors like any other."""


class Unreadable(Exception):
    """A stored item is not what it should be. Says where and why, never what: it may hold a caption."""


class Stored(Generic[Kind]):
    def __init__(self, kind: type[Kind]):
        self._name = kind.__name__
        self._adapter = TypeAdapter(kind)

    def read(self, item: dict[str, Any]) -> Kind:
        """Attributes that the class does not know (keys, index keys) are passed over."""
        try:
            return self._adapter.validate_python(item)
        except ValidationError as error:
            wrong = [f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors(include_input=False)]
            raise Unreadable(f"stored {self._name}: {', '.join(wrong)}") from None

    def item(self, value: Kind) -> dict[str, Any]:
        """As JSON has it, without the fields that are None: sparse indexes stay sparse."""
        found: dict[str, Any] = self._adapter.dump_python(value, mode="json", exclude_none=True)
        return found
