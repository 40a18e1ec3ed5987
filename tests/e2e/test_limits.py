"""Requests are counted by the deployed functions, under their own roles, on a table that is not the tests' own."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest

from local.stack import Stack
from punctual.buckets import Buckets
from punctual.providers.base import Rate
from punctual.tables import Table

PAGE = {"Origin": "https://app.example"}


def test_every_answer_to_a_key_says_what_is_left(api: httpx.Client, workspace: str, stack: Stack) -> None:
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: api.get("/v1/me"), range(20)))
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"].startswith('"key";q=20000;w=20')
        # How much the tests before have taken, and time has given back, is the machine's affair.
        assert re.fullmatch(r'"key";r=1\d{4};t=1, "workspace";r=9\d{4};t=1', answer.headers["ratelimit"])
    counted = stack.aws("dynamodb").scan(TableName=stack.resources["LimitsTable"])["Items"]
    assert workspace in {item["pk"]["S"] for item in counted}


def test_a_bucket_is_filled_and_emptied_as_on_the_tests_own_table(stack: Stack) -> None:
    session = stack.acting_as("CatalogueFunction")
    client = session.resource("dynamodb", endpoint_url=stack.endpoint_url).meta.client
    buckets = Buckets(Table(client, stack.resources["LimitsTable"]))
    rates = {"one": Rate(per_second=1, burst=2), "both": Rate(per_second=2, burst=3)}
    key = {"pk": "ws_limits", "sk": "2026-11-22"}
    found = [buckets.take_each(key, rates, datetime(2026, 11, 22, tzinfo=UTC)) for _ in range(3)]
    assert [(levels["one"].left, levels["both"].left) for levels in found] == [(1, 2), (0, 1), (0, 1)]
    assert [levels["one"].wait for levels in found] == [0, 0, pytest.approx(1)]


def test_a_page_in_a_browser_may_read_the_limits(api: httpx.Client) -> None:
    answer = api.get("/v1/me", headers=PAGE)
    assert "RateLimit" in answer.headers["access-control-expose-headers"]
