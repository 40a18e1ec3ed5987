"""What the check itself notices, on a contract of its own."""

from typing import Any

import httpx
import pytest

from tests.contract.openapi_requests import OpenApiRequests

CONTRACT: dict[str, Any] = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://api.example/v1"}],
    "paths": {
        "/pins/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "post": {
                "parameters": [{"$ref": "#/components/parameters/Version"}, {"$ref": "#/components/parameters/Fields"}],
                "requestBody": {"$ref": "#/components/requestBodies/Pin"},
            },
        },
        "/pins/mine": {"get": {"security": [{"oauth": []}]}},
    },
    "components": {
        "parameters": {
            "Version": {"name": "X-Version", "in": "header", "required": True, "schema": {"type": "integer"}},
            "Fields": {"name": "fields[]", "in": "query", "schema": {"type": "array", "items": {"enum": ["a", "b"]}}},
        },
        "requestBodies": {
            "Pin": {
                "required": True,
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Pin"}},
                    "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/Pin"}},
                },
            }
        },
        "schemas": {
            "Named": {"properties": {"name": {"type": "string"}}},
            "Pin": {
                "allOf": [{"$ref": "#/components/schemas/Named"}],
                "properties": {"size": {"type": "integer"}, "wide": {"type": "boolean"}},
                "required": ["size"],
            },
        },
    },
}
PIN = "https://api.example/v1/pins/7"


def post(url: str = PIN, **content: Any) -> list[str]:
    headers = {"X-Version": "3", **content.pop("headers", {})}
    return OpenApiRequests(CONTRACT).violations(httpx.Request("POST", url, headers=headers, **content))


def test_a_request_of_the_contract_is_allowed_as_json_and_as_a_form():
    assert post(json={"size": 1, "name": "x", "wide": True}) == []
    assert post(data={"size": "1", "name": "x", "wide": "true"}) == []
    assert post(f"{PIN}?fields[]=a&fields[]=b", json={"size": 1}) == []


@pytest.mark.parametrize(
    ("violations", "problem"),
    [
        (lambda: post("https://api.example/v1/pin/7", json={"size": 1}), "is not in the contract"),
        (lambda: post(f"{PIN}/more", json={"size": 1}), "is not in the contract"),
        (lambda: post("https://api.example/v1/pins/mine", json={}), "is not in the contract"),
        (lambda: post(json={"size": 1}, headers={"X-Versoin": "3"}), "header: x-versoin is unknown"),
        (lambda: post(json={"size": 1, "nome": "x"}), "body: $ breaks unevaluatedProperties"),
        (lambda: post(json={"size": "1"}), "body: $.size breaks type"),
        (lambda: post(data={"size": "one"}), "body: $.size breaks type"),
        (lambda: post(data={"size": ["1", "2"]}), "body: $.size breaks type"),
        (lambda: post(content=b"x", headers={"Content-Type": "text/plain"}), "body: text/plain is not taken here"),
        (lambda: post(), "body: missing"),
        (lambda: post(f"{PIN}?fields[]=c", json={"size": 1}), "query fields: $[0] breaks enum"),
        (lambda: post(json={"size": 1}, headers={"X-Version": "three"}), "header x-version: $ breaks type"),
    ],
)
def test_a_request_outside_the_contract_is_noticed(violations, problem):
    assert any(problem in violation for violation in violations())


def test_a_header_that_the_contract_requires_is_missed():
    violations = OpenApiRequests(CONTRACT).violations(httpx.Request("POST", PIN, json={"size": 1}))
    assert violations == ["header: x-version is missing"]


def test_credentials_that_the_contract_requires_are_missed():
    check = OpenApiRequests(CONTRACT)
    url = "https://api.example/v1/pins/mine"
    assert check.violations(httpx.Request("GET", url)) == ["header: authorization is missing"]
    assert check.violations(httpx.Request("GET", url, headers={"Authorization": "Bearer t"})) == []


def test_a_body_where_none_is_taken_is_noticed():
    request = httpx.Request("GET", "https://api.example/v1/pins/mine", json={}, headers={"Authorization": "Bearer t"})
    assert OpenApiRequests(CONTRACT).violations(request) == ["body: application/json is not taken here"]


def test_a_form_passes_for_json_only_where_the_platform_is_known_to_take_it():
    schema = {"properties": {"uris": {"type": "array", "items": {"type": "string"}}}}
    body = {"content": {"application/json": {"schema": schema}}}
    document = {"paths": {"/apps": {"post": {"requestBody": body}}}}
    request = httpx.Request("POST", "https://api.example/apps", data={"uris": "https://x.example"})
    assert OpenApiRequests(document).violations(request) == [
        "body: application/x-www-form-urlencoded is not taken here"
    ]
    assert OpenApiRequests(document, forms_are_json=True).violations(request) == []


def test_a_list_in_one_value_is_held_to_its_schema_value_by_value():
    schema = {"type": "array", "items": {"enum": ["id", "name"]}}
    listed = {"name": "fields", "in": "query", "explode": False, "schema": schema}
    check = OpenApiRequests({"paths": {"/me": {"get": {"parameters": [listed]}}}})
    assert check.violations(httpx.Request("GET", "https://api.example/me?fields=id,name")) == []
    assert check.violations(httpx.Request("GET", "https://api.example/me?fields=id,age")) == [
        "query fields: $[1] breaks enum"
    ]
