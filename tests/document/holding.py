"""Holds answers to the committed document: status, content type, headers, problem code, body; nothing else in any."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.template import ROOT

_NAME = "urn:document"
_JSON = ("application/json", "application/problem+json")
FILE = ROOT / "functions" / "catalogue" / "openapi.json"


class Document:
    def __init__(self, given: dict[str, Any]):
        self.given = given
        closed = {"components": {"schemas": _closed(given["components"]["schemas"])}}
        self._registry: Registry[Any] = Registry().with_resource(_NAME, DRAFT202012.create_resource(closed))
        self._validators: dict[str, Draft202012Validator] = {}

    def violations(self, method: str, path: str, answer: httpx.Response) -> list[str]:
        """`path` is the route's. They quote names and no values."""
        operation = self.given["paths"].get(path, {}).get(method.lower())
        if operation is None:
            return ["the operation is not in the document: run `make openapi`"]
        if str(answer.status_code) not in operation["responses"]:
            return [f"{answer.status_code} is not documented{_code(answer)}"]
        response = self.resolved(operation["responses"][str(answer.status_code)])
        return [*self._headers(response, answer), *self._content(response, answer)]

    def resolved(self, given: dict[str, Any]) -> dict[str, Any]:
        found: Any = given
        if "$ref" in given:
            found = self.given
            for part in given["$ref"].removeprefix("#/").split("/"):
                found = found[part]
        return dict(found)

    def _headers(self, response: dict[str, Any], answer: httpx.Response) -> list[str]:
        documented = response.get("headers", {})
        missing = [name for name, header in documented.items() if self.resolved(header).get("required")]
        return [
            *(f"the header {name} is missing" for name in missing if name not in answer.headers),
            *(
                f"the header {name} is not documented for {answer.status_code}"
                for name in self.given["components"]["headers"]
                if name in answer.headers and name not in documented
            ),
        ]

    def _content(self, response: dict[str, Any], answer: httpx.Response) -> list[str]:
        content = response.get("content", {})
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if not answer.content and not content:
            return []
        if kind not in content:
            return [f"{kind or 'a body without a type'} is not documented for {answer.status_code}{_code(answer)}"]
        if kind not in _JSON:
            return []
        body = answer.json()
        found = [
            f"{error.json_path} breaks {error.validator}" for error in self._validator(content[kind]).iter_errors(body)
        ]
        if kind == "application/problem+json" and body.get("code") not in response["x-problem-codes"]:
            found.append(f"the code {body.get('code')} is not documented for {answer.status_code}")
        return found

    def _validator(self, media: dict[str, Any]) -> Draft202012Validator:
        schema = json.dumps(media["schema"])
        if schema not in self._validators:
            found = json.loads(schema.replace('"#/', f'"{_NAME}#/'))
            self._validators[schema] = Draft202012Validator(
                found, registry=self._registry, format_checker=FormatChecker()
            )
        return self._validators[schema]


@cache
def committed(path: Path = FILE) -> Document:
    return Document(json.loads(path.read_text()))


def _closed(schema: Any) -> Any:
    """The same, with nothing allowed that is not named."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _closed(each) for name, each in schema.items()}
    return {"additionalProperties": False, **found} if isinstance(schema.get("properties"), dict) else found


def _code(answer: httpx.Response) -> str:
    is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    return f" (code {answer.json().get('code')})" if is_problem else ""
