"""Attribute values. Stored: str, Decimal, bytes, bool, None, list, dict, frozenset, never changed in place."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import DYNAMODB_CONTEXT, Binary
from botocore.exceptions import ParamValidationError

from tests.memory.refusals import ItemRefused, invalid

MISSING = type("Missing", (), {})()
MAX_ITEM_BYTES = 400 * 1024
_PLAIN = frozenset({str, bool, type(None)})
_SCALAR = frozenset({str, bool, type(None), Decimal})
_LETTERS = {str: "S", Decimal: "N", bytes: "B", bool: "BOOL", type(None): "NULL", list: "L", dict: "M"}


def stored(value: Any) -> Any:
    """A caller's value as stored. What boto3 cannot serialize raises TypeError, as it does there."""
    kind = value.__class__
    if kind in _PLAIN:
        return value
    if isinstance(value, int | Decimal):
        return _number(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes | bytearray | Binary):
        return bytes(value)  # type: ignore[arg-type]  # the stubs forget Binary.__bytes__
    if isinstance(value, Mapping):
        return stored_item(value)
    if isinstance(value, list | tuple):
        return [stored(inner) for inner in value]
    if isinstance(value, AbstractSet):
        return _stored_set(value)
    if isinstance(value, float):
        raise TypeError("Float types are not supported. Use Decimal types instead.")
    raise TypeError(f'Unsupported type "{type(value)}" for value "{value}"')


def stored_item(item: Mapping[str, Any]) -> dict[str, Any]:
    for name in item:
        if not isinstance(name, str):
            raise ParamValidationError(report=f"an attribute's name is no string: {name!r}")
    return {name: value if value.__class__ in _PLAIN else stored(value) for name, value in item.items()}


def given_back(value: Any) -> Any:
    """A stored value as boto3's resource answers it, sharing nothing that can change."""
    kind = value.__class__
    if kind in _SCALAR:
        return value
    if kind is bytes:
        return Binary(value)
    if kind is dict:
        return item_given_back(value)
    inner = [given_back(one) for one in value]
    return inner if kind is list else set(inner)


def item_given_back(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if value.__class__ in _SCALAR else given_back(value) for name, value in item.items()}


def letter(value: Any) -> str:
    if value.__class__ is frozenset:
        return _LETTERS[next(iter(value)).__class__] + "S"
    return _LETTERS[value.__class__]


def equal(left: Any, right: Any) -> bool:
    """Of one type and value: to Python True equals 1, to DynamoDB it does not."""
    kind = left.__class__
    if kind is not right.__class__ or left is MISSING:
        return False
    if kind is dict:
        return left.keys() == right.keys() and all(equal(value, right[name]) for name, value in left.items())
    if kind is list:
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)


def size(value: Any) -> int:
    """Bytes, as AWS counts them: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
    kind = value.__class__
    if kind is str:
        return len(value) if value.isascii() else len(value.encode())
    if kind is Decimal:
        return (len(value.as_tuple().digits) + 1) // 2 + 1 + value.is_signed()
    if kind is bytes:
        return len(value)
    if kind is dict:
        return 3 + len(value) + item_size(value)
    if kind is list:
        return 3 + len(value) + sum(map(size, value))
    return sum(map(size, value)) if kind is frozenset else 1


def item_size(item: Mapping[str, Any]) -> int:
    total = 0
    for name, value in item.items():
        total += len(name) if name.isascii() else size(name)
        total += len(value) if value.__class__ is str and value.isascii() else size(value)
    return total


def checked_size(item: Mapping[str, Any], refusal: str) -> int:
    found = item_size(item)
    if found > MAX_ITEM_BYTES:
        raise ItemRefused(refusal)
    return found


def _number(value: int | Decimal) -> Decimal:
    number = DYNAMODB_CONTEXT.create_decimal(value)
    if not number.is_finite():
        raise TypeError("Infinity and NaN not supported")
    return plain(number)


def plain(number: Decimal) -> Decimal:
    """Without trailing zeros and exponent, as DynamoDB answers it."""
    if number.as_tuple().exponent == 0:
        return number
    short = number.normalize(DYNAMODB_CONTEXT)
    return short if int(short.as_tuple().exponent) <= 0 else Decimal(f"{short:f}")


def _stored_set(members: Iterable[Any]) -> frozenset[Any]:
    found = frozenset(map(stored, members))
    kinds = {member.__class__ for member in found}
    if not found:
        raise invalid("One or more parameter values were invalid: An number set  may not be empty")
    if len(kinds) > 1 or not kinds <= {str, Decimal, bytes}:
        raise TypeError(f'Unsupported type "{set}" for value "{members}"')
    return found
