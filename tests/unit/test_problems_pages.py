"""The pages that say what codes mean are what the registries say, and their limits are those that are held."""

import re
from pathlib import Path

import pytest

from edge import http, limits
from edge.serving import MAX_PATH
from local.error_pages import PAGES, markdown, page
from posts.requests import ListQuery
from posts.routes.batches import MAX_BATCH_BYTES
from punctual.outcome_codes import OUTCOME_CODES
from punctual.problem_types import PROBLEM_TYPES
from punctual.rules import RULES
from punctual.spacing import MAX_IN_ONE_SECOND
from tests.template import template


@pytest.mark.parametrize(("path", "text"), list(zip(PAGES, (markdown(), page()), strict=True)))
def test_a_page_is_what_the_registries_say(path: Path, text: str) -> None:
    assert path.read_text() == text, "run `make docs`"


@pytest.mark.parametrize("text", [markdown(), page()], ids=["markdown", "page"])
def test_every_code_and_rule_has_one_place_of_its_own(text: str) -> None:
    anchors = re.findall(r'id="([^"]+)"', text)
    assert len(anchors) == len(set(anchors))
    wanted = {*PROBLEM_TYPES, *(f"outcome-{code}" for code in OUTCOME_CODES), *(f"rule-{rule}" for rule in RULES)}
    assert wanted <= set(anchors)


def row(beginning: str) -> str:
    (found,) = (line for line in markdown().splitlines() if line.startswith(f"| {beginning}"))
    return found


@pytest.mark.parametrize(
    ("what", "parameter"),
    [("requests of one key", "KeyRequestsPerMinute"), ("requests of all keys", "WorkspaceRequestsPerMinute")],
)
def test_the_documented_limits_of_requests_are_the_templates(what: str, parameter: str) -> None:
    per_minute = template()["Parameters"][parameter]["Default"]
    assert f"`{parameter}`: {per_minute:,}; {limits.rate_of(per_minute).burst:,} of them at once" in row(what)


def test_the_other_documented_limits_are_those_that_are_held() -> None:
    throttle = template()["Resources"]["Api"]["Properties"]["DefaultRouteSettings"]
    stack = (throttle["ThrottlingRateLimit"], throttle["ThrottlingBurstLimit"])
    (longest,) = (
        limit.max_length for limit in ListQuery.model_fields["cursor"].metadata if hasattr(limit, "max_length")
    )
    assert "{} a second, {} at once".format(*stack) in row("requests of a stack")
    assert f"{http.MAX_BODY_BYTES // 1024} KB; {MAX_BATCH_BYTES // 1024**2} MB" in row("body")
    assert f"| {MAX_IN_ONE_SECOND} |" in row("posts of one channel")
    assert f"| {MAX_PATH} characters" in row("path")
    assert f"at most {longest} |" in row("query")
