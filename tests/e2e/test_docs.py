"""The document's page through the gateway: a zipped part comes as bytes, and every part from where the page is."""

import re

import httpx

from local.stack import Stack


def test_the_page_and_all_its_parts_are_answered(stack: Stack) -> None:
    with httpx.Client(timeout=30, trust_env=False) as browser:
        page = browser.get(f"{stack.url}/docs")
        parts = re.findall(r'(?:src|href)="(docs/[^"]*)"', page.text)
        for part in parts:
            answer = browser.get(page.url.join(part))
            assert (answer.status_code, answer.headers["content-encoding"]) == (200, "gzip")
            assert answer.content == browser.get(page.url.join(part), headers={"Accept-Encoding": "identity"}).content
        document = browser.get(page.url.join("v1/openapi.json")).json()
    assert len(parts) == 3
    assert document["servers"] == [{"url": stack.url}]
