"""The version of a platform's API that this stack speaks: seen in the catalogue, on channels, on posts."""

import json
from dataclasses import replace
from datetime import date

import pytest

from punctual.providers import sandbox
from punctual.providers.base import ApiVersion
from tests.integration.api.deployed import Deployed

DATED = ApiVersion(name="202601", ends_on=date(2026, 12, 24))


class Dated(sandbox.PROVIDER):
    spec = replace(sandbox.PROVIDER.spec, api_version=DATED)


@pytest.fixture(autouse=True)
def dated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "PROVIDER", Dated)


def test_its_end_is_told_everywhere_in_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = Deployed(monkeypatch)
    tenant = deployed.tenant()
    channel = tenant.connect("ada")
    spoken = tenant.api.get("/v1/providers/sandbox").json()["api_version"]
    assert spoken == {"name": "202601", "ends_on": "2026-12-24"}
    health = tenant.api.get(f"/v1/channels/{channel}/health").json()
    assert (health["verdict"], [each["code"] for each in health["problems"]]) == ("attention", ["api_version_ends"])
    late = {"text": "Late", "targets": [{"channel_id": channel}], "scheduled_at": "2026-12-25T00:00:00Z"}
    warned = tenant.api.post("/v1/posts/validate", json=late).json()
    assert [each["rule"] for each in warned["warnings"]] == ["channel.api_version_ends"]
    assert warned["valid"]
    tenant.posted("Hello", channel, in_minutes=5)
    deployed.clock.run(minutes=10)
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"ApiVersionEnding"' in line]
    assert {tuple(one["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]) for one in written} == {
        ("provider",), ("function",),
    }  # fmt: skip


def test_the_stack_may_speak_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    deployed = Deployed(monkeypatch, ApiVersions="sandbox=202611,linkedin=202612")
    tenant = deployed.tenant()
    channel = tenant.connect("ada")
    spoken = tenant.api.get("/v1/providers/sandbox").json()["api_version"]
    assert spoken == {"name": "202611", "ends_on": None}
    assert tenant.api.get(f"/v1/channels/{channel}/health").json()["verdict"] == "healthy"
