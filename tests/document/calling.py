"""The document's operations as calls, with the ids of its examples or others in their place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from local.openapi.examples import named
from tests.document.holding import committed


@dataclass(frozen=True, kw_only=True)
class Call:
    """One operation with its example."""

    name: str
    method: str
    path: str
    has_id: bool
    operation: dict[str, Any]

    def send(self, client: httpx.Client, real: Mapping[str, str]) -> httpx.Response:
        example = named(self.name)
        body = None if example.request is None else filled(json.dumps(example.request), real)
        headers = {"Content-Type": self.content_type} if body else {}
        if body and self.content_type != "application/json":
            body = urlencode(json.loads(body), doseq=True)
        query = {name: filled(str(value), real) for name, value in (example.query or {}).items()}
        return client.request(self.method, filled(self.path, real), params=query, content=body, headers=headers)

    @property
    def content_type(self) -> str:
        """Of what it is sent."""
        (kind,) = self.operation["requestBody"]["content"]
        return str(kind)


def filled(text: str, real: Mapping[str, str]) -> str:
    for placeholder, value in real.items():
        text = text.replace(placeholder, value)
    return text


def calls() -> list[Call]:
    found = []
    for path, methods in committed().given["paths"].items():
        for method, operation in methods.items():
            parameters = [each for each in operation.get("parameters", ()) if each.get("in") == "path"]
            given = {f"{{{each['name']}}}": each["example"] for each in parameters}
            found.append(
                Call(
                    name=operation["operationId"],
                    method=method.upper(),
                    path=filled(path, given),
                    operation=operation,
                    has_id=any(each["name"].endswith("_id") for each in parameters),
                )
            )
    return found
