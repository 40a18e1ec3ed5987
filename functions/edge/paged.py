"""What every list takes."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LONGEST_PAGE = 100


class Paged(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = 50
    cursor: Annotated[str | None, Field(min_length=1, max_length=500)] = None
    """The page before's `next_cursor`, with the same filters and order."""
