"""What a request gives a provider, as the provider's own model."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from punctual.problems import Fault, Invalid
from punctual.validation import faults


def fields(model: type[Any], given: Mapping[str, Any], wrong: Sequence[Fault], prefix: str = "") -> Any:
    """Raises Invalid, with what is wrong beside it (`wrong`) too."""
    try:
        found = model.model_validate(dict(given))
    except ValidationError as error:
        raise Invalid([*wrong, *faults(error, prefix)]) from error
    if wrong:
        raise Invalid(wrong)
    return found
