"""Platforms that date their API: which version is spoken, and that its end is told in time."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from punctual.guarded_http import GuardedHttp
from punctual.providers import Providers, sandbox
from punctual.providers.base import ApiVersion
from punctual.risks import of_version

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
DATED = ApiVersion(name="202601", ends_on=date(2027, 1, 15))


class Dated(sandbox.PROVIDER):
    spec = replace(sandbox.PROVIDER.spec, api_version=DATED)


@pytest.fixture(autouse=True)
def dated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "PROVIDER", Dated)


def spoken(**versions: str) -> Dated:
    found = Providers(GuardedHttp(), lambda: NOW, sandbox=True, api_versions=versions).get("sandbox")
    assert isinstance(found, Dated)
    return found


def test_the_specs_version_is_spoken_unless_the_stack_names_another() -> None:
    assert spoken().api_version == "202601"
    assert spoken(other="202611").api_version == "202601"
    assert spoken(sandbox="202611").api_version == "202611"


def test_the_end_of_a_version_that_the_stack_chose_is_not_known() -> None:
    assert spoken().api_version_ends_on() == date(2027, 1, 15)
    assert spoken(sandbox="202611").api_version_ends_on() is None


def test_the_version_is_part_of_urls() -> None:
    assert spoken().url("https://graph.example/{version}/oauth", "") == "https://graph.example/202601/oauth"


@pytest.mark.parametrize(
    ("at", "is_told"),
    [(datetime(2027, 1, 14, 23, 59, tzinfo=UTC), False), (datetime(2027, 1, 15, tzinfo=UTC), True)],
)
def test_a_post_after_the_versions_end_is_at_risk(at: datetime, is_told: bool) -> None:
    found = [risk.code for risk in of_version(spoken(), at)]
    assert found == (["api_version_ends"] if is_told else [])


def test_nothing_is_at_risk_where_nothing_is_known() -> None:
    assert list(of_version(spoken(sandbox="202611"), datetime(2100, 1, 1, tzinfo=UTC))) == []
