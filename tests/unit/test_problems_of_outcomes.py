"""Codes of outcomes, and rules: each that the source names is documented, each that is documented is named there."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from itertools import chain
from pathlib import Path
from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

from punctual.media.limits import LIMITS
from punctual.outcome_codes import OUTCOME_CODES, explained, remedy
from punctual.providers import modules, provider_class
from punctual.providers.media import DocumentRules, ImageRules, MediaKind, VideoRules
from punctual.risks import RISKS
from punctual.rules import FILE_RULES, PROVIDER_RULES, RULES, of_pydantic
from punctual.states import DeliveryStatus
from tests.template import ROOT
from tests.unit.test_architecture import imported
from tests.unit.test_problems import SOURCES, text, tree_of

CORE = ROOT / "layers" / "core" / "punctual"


def sources_of(name: str) -> list[Path]:
    """A provider's module, and the packages that hold how its platform speaks."""
    module = CORE / "providers" / f"{name}.py"
    named = {each.split(".")[1] for each in imported(module) if each.startswith("punctual.")} - {"providers"}
    return [module, *(path for package in sorted(named) for path in sorted((CORE / package).glob("*.py")))]


PROVIDERS = {name: CORE / "providers" / f"{name}.py" for name in modules()}
OWN = {name: sources_of(name) for name in PROVIDERS}
SHARED = [path for path in SOURCES if path not in {*chain(*OWN.values())} and "admin" not in path.parts]
FOREVER = (Path(__file__).parent / "outcome_codes.txt").read_text().split()
NOT_OF_OUTCOMES = {"invalid_request"}
"""Defaults of `code` elsewhere: problems have a registry of their own."""


def codes_in(path: Path) -> Iterator[str]:
    """`code="…"` in calls, `{"code": "…"}` and `{"error": "…"}` in what is stored, and defaults."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.keyword) and node.arg == "code":
            yield from texts(node.value)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if text(key) in ("code", "error"):
                    yield from texts(value)


def texts(node: ast.AST) -> Iterator[str]:
    """Of a constant, and of both ends of a choice."""
    choices = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
    yield from (found for choice in choices if (found := text(choice)))


def rules_in(path: Path) -> Iterator[str]:
    """`rule="…"`, `rule=f"{…}.text.max_length"`, a local name that is given one, and what validators raise."""
    tree = tree_of(path)
    of_media: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PydanticCustomError":
            yield from texts(node.args[0])
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Broken":
            of_media |= {*node.keywords}
            yield from (
                f"<provider>.{rule}" for each in node.keywords if each.arg == "rule" for rule in texts(each.value)
            )
        if node in of_media:
            continue
        is_named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "rule"
        if is_named or (isinstance(node, ast.keyword) and node.arg == "rule"):
            value = node.value  # type: ignore[attr-defined]
            if isinstance(value, ast.JoinedStr):
                yield "<provider>" + "".join(text(part) or "" for part in value.values)
            yield from texts(value)


OF_RISKS = {f"channel.{code}" for code in RISKS} - {
    f"channel.{code}" for code in ("deleted", "paused", "media_gone", "media_unfit")
}
"""What a post is warned of when it is written: `punctual.planning` names the rule by the risk."""
OF_COUNTS = {f"<provider>.media.max_{kind}s" for kind in get_args(MediaKind)}
OF_FILES = {f"<provider>.{kind}.{rule}" for kind in get_args(MediaKind) for rule in FILE_RULES}
COMPOSED = {"<provider>channel.", "<provider>."}
"""Put together of names that stand elsewhere."""


@cache
def shared_codes() -> set[str]:
    return {code for path in SHARED for code in codes_in(path)} - NOT_OF_OUTCOMES


@cache
def shared_rules() -> set[str]:
    return {rule for path in SHARED for rule in rules_in(path)} - COMPOSED - OF_FILES | OF_RISKS | OF_COUNTS


def test_the_scan_finds_what_it_should() -> None:
    assert {
        "unreachable",
        "dead_letter",
        "too_late",
        "access_denied",
        "platform_error",
        "outcome_unknown",
    } <= shared_codes()
    assert {"text.required", "<provider>.text.max_length", "span.length", "time.range"} <= shared_rules()


def test_every_outcomes_code_is_documented() -> None:
    assert shared_codes() - set(OUTCOME_CODES) - set(RISKS) == set(), "add it to punctual/outcome_codes.py"


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_providers_code_is_documented_and_named(name: str) -> None:
    own = provider_class(name).spec.remedies
    named = {code for path in OWN[name] for code in codes_in(path)}
    assert named - set(OUTCOME_CODES) - set(own) == set(), "add it to the Spec's remedies"
    assert set(own) - named == set(), "nobody says it"
    assert set(own) & set(OUTCOME_CODES) == set(), "all platforms have it"


def test_every_documented_code_is_named_somewhere() -> None:
    own = {code for path in chain(*OWN.values()) for code in codes_in(path)}
    assert set(OUTCOME_CODES) - shared_codes() - own == set()


def test_codes_of_outcomes_are_never_renamed_or_taken_away() -> None:
    """outcome_codes.txt only grows: clients decide by these."""
    own = {code for name in PROVIDERS for code in provider_class(name).spec.remedies}
    assert set(FOREVER) - set(OUTCOME_CODES) - own == set()
    assert set(OUTCOME_CODES) - set(FOREVER) == set(), "write it into tests/unit/outcome_codes.txt"


def test_every_remedy_is_a_sentence() -> None:
    every = [
        *OUTCOME_CODES.values(),
        *(each for name in PROVIDERS for each in provider_class(name).spec.remedies.values()),
    ]
    assert [each for each in every if not each.remediation.endswith(".") or len(each.remediation) > 120] == []


def test_an_error_says_what_to_do_and_keeps_what_it_had() -> None:
    error = {"code": "refused", "message": "No.", "status": 422, "platform_code": "text_empty"}
    found = explained(error, "mastodon", DeliveryStatus.ERROR)
    assert found == {**error, "retryable": False, "remediation": OUTCOME_CODES["refused"].remediation}


def test_a_providers_own_code_has_its_own_remedy() -> None:
    assert remedy("parent_gone", "mastodon") is provider_class("mastodon").spec.remedies["parent_gone"]
    assert remedy("parent_gone", "bluesky") == remedy("never_heard_of", "no_such_provider")
    assert not remedy("never_heard_of", "mastodon").retryable


def test_what_may_be_live_is_never_retryable_and_what_is_held_waits_for_its_channel() -> None:
    """Whatever brought it there: the API refuses to retry both."""
    error = {"code": "server_error", "message": "…"}
    assert explained(error, "mastodon", DeliveryStatus.ERROR)["retryable"]
    for status, word in ((DeliveryStatus.UNCONFIRMED, "resolve"), (DeliveryStatus.HELD, "Connect")):
        found = explained(error, "mastodon", status)
        assert not found["retryable"]
        assert word in found["remediation"]


def test_what_came_too_late_tells_what_had_kept_it() -> None:
    error = {"code": "too_late", "message": "…", "cause": {"code": "unreachable", "message": "…"}}
    found = explained(error, "mastodon", DeliveryStatus.MISSED)
    assert found["cause"]["remediation"] == OUTCOME_CODES["unreachable"].remediation
    assert found["remediation"] == OUTCOME_CODES["too_late"].remediation


def test_every_rule_is_documented() -> None:
    of_providers = {f"<provider>.{name}" for name in PROVIDER_RULES}
    assert shared_rules() - set(RULES) - of_providers == set(), "add it to punctual/rules.py"
    assert of_providers - shared_rules() == set()


def test_every_limit_of_media_is_a_documented_rule_and_every_such_rule_a_limit() -> None:
    assert set(FILE_RULES) == {*LIMITS, "unsupported", "type", "orientation", "codec", "audio_codec"}
    named = {each.name for rules in (ImageRules, VideoRules, DocumentRules) for each in fields(rules)}
    assert named - set(LIMITS) == {"types", "video_codecs", "audio_codecs"}


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_providers_rule_is_documented_and_named(name: str) -> None:
    """In its module, or, for two that speak alike, in the package that they share: `rule=f"{provider}.text.blank"`."""
    named = {rule.removeprefix(f"{name}.").removeprefix("<provider>.") for path in OWN[name] for rule in rules_in(path)}
    assert named == set(provider_class(name).spec.rules), "the Spec's rules"


def test_every_documented_rule_is_named_somewhere() -> None:
    pydantics = {of_pydantic(kind) for kind in get_args(ErrorType)}
    assert set(RULES) - shared_rules() - pydantics == set()


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_pydantics_names_are_told_as_ours(kind: str) -> None:
    assert of_pydantic(kind) in RULES
    assert kind not in RULES


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("missing", "required"),
        ("extra_forbidden", "unknown"),
        ("string_type", "type"),
        ("int_from_float", "type"),
        ("datetime_from_date_parsing", "format"),
        ("timezone_aware", "format"),
        ("tuple_type", "type"),
        ("too_long", "max_length"),
        ("value_error", "value"),
        ("timing.exactly_one", "timing.exactly_one"),
    ],
)
def test_a_rule_of_pydantic_is(kind: str, rule: str) -> None:
    assert of_pydantic(kind) == rule
