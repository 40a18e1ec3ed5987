"""The document and its page, as a deployment serves them: complete, from itself alone."""

import json
import re

import httpx
import pytest

from punctual.states import DeliveryStatus
from tests.document.holding import FILE
from tests.integration.api.deployed import BASE, Deployed

LAMBDA_ANSWERS_AT_MOST = 6 * 1024 * 1024


@pytest.fixture
def browser(deployed: Deployed) -> httpx.Client:
    """Without a key."""
    return deployed.client()


@pytest.fixture
def parts(browser: httpx.Client) -> list[str]:
    """What the page loads."""
    return re.findall(r'(?:src|href)="(docs/[^"]*)"', browser.get("/docs").text)


def test_the_document_is_served_with_the_deployments_own_address(browser: httpx.Client) -> None:
    served = browser.get("/v1/openapi.json")
    assert served.headers["content-type"] == "application/json"
    assert served.json() == {**json.loads(FILE.read_text()), "servers": [{"url": BASE}]}


def test_the_page_loads_its_parts_from_the_deployment_alone(browser: httpx.Client, parts: list[str]) -> None:
    page = browser.get("/docs").text
    assert len(parts) == 3
    for part in parts:
        answer = browser.get(f"/{part}")
        assert answer.status_code == 200
        assert len(answer.text) > 100
        assert answer.headers["content-type"].startswith("text/css" if part.endswith(".css") else "text/javascript")
    assert not re.search(r"(?:src|href)=\"(?:\w+:)?//", page)
    assert re.findall(r"<script(?![^>]* src=)", page) == [], "the policy allows no script in the page itself"
    assert "v1/openapi.json" in browser.get("/docs/docs.js").text


def test_the_page_may_run_and_call_nothing_but_the_deployment(browser: httpx.Client) -> None:
    given = browser.get("/docs").headers["content-security-policy"].split("; ")
    policy = {name: values for name, *values in map(str.split, given)}
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["connect-src"] == ["'self'", BASE]
    assert policy["frame-ancestors"] == ["'none'"]


def test_parts_come_zipped_to_those_who_take_it_and_are_kept(browser: httpx.Client, parts: list[str]) -> None:
    for part in parts:
        plain = browser.get(f"/{part}", headers={"Accept-Encoding": "identity"})
        zipped = browser.get(f"/{part}", headers={"Accept-Encoding": "gzip, br"})
        assert ("content-encoding" in plain.headers, zipped.headers["content-encoding"]) == (False, "gzip")
        assert plain.content == zipped.content
        assert len(plain.content) < LAMBDA_ANSWERS_AT_MOST
        assert plain.headers["cache-control"].startswith("public, max-age=")


@pytest.mark.parametrize("name", ["app.py", "openapi.json", "..%2Fapp.py", "oauth2.py", "docs.html"])
def test_nothing_else_is_served_as_a_part_of_the_page(browser: httpx.Client, name: str) -> None:
    answer = browser.get(f"/docs/{name}")
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_the_document_says_how_to_begin_and_what_each_state_means() -> None:
    text = json.loads(FILE.read_text())["info"]["description"]
    assert "Connect, then post" in text
    assert [status for status in DeliveryStatus if status != "DRAFT" and f"`{status}`" not in text] == []
