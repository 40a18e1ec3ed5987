"""An answer by which a platform refuses, and what its documents say that it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import httpx

Meaning: TypeAlias = Literal["rejected", "reconnect", "unauthorized", "retry", "duplicate", "unknown"]
"""`duplicate`: the platform says that it has the post already; `unauthorized`: a token that may only be stale."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """`operation` is the far side's own name of the call that fails so; `source`: where the platform documents it."""

    operation: str
    status: int
    means: Meaning
    source: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def response(self) -> httpx.Response:
        if isinstance(self.body, str):
            return httpx.Response(self.status, headers=dict(self.headers), text=self.body)
        return httpx.Response(self.status, headers=dict(self.headers), json=self.body)
