"""What a client may get wrong: each a 4xx with a stable code, and nothing stored."""

import zoneinfo
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant


@pytest.fixture(scope="module")
def owner(deployed: Deployed) -> Tenant:
    """Nothing here may change anything, so all share one."""
    return deployed.tenant()


@pytest.fixture(scope="module")
def channels(owner: Tenant) -> list[str]:
    return [owner.connect(handle) for handle in ("ada", "bob", "cyd")]


@pytest.fixture
def unchanged(deployed: Deployed, owner: Tenant, channels: list[str]) -> Iterator[None]:
    before = deployed.contents()
    sent, schedules = len(deployed.queue.sent), dict(deployed.scheduler.schedules)
    yield
    assert deployed.contents() == before
    assert (len(deployed.queue.sent), deployed.scheduler.schedules) == (sent, schedules)


pytestmark = pytest.mark.usefixtures("unchanged")


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["detail"]
    assert found["request_id"]
    return found


def params(answer: httpx.Response) -> list[str]:
    """Where the faults are, of an answer that names them."""
    found = problem(answer, 422)
    assert found["code"] == "invalid_request"
    assert all(set(fault) == {"param", "rule", "message"} for fault in found["errors"])
    return [fault["param"] for fault in found["errors"]]


@pytest.mark.parametrize("provider", ["nosuch", "base", "__init__", "outcomes", "sandbox%00", "Sandbox"])
def test_an_unknown_provider_is_named_as_such_everywhere(owner: Tenant, provider: str) -> None:
    body = {"provider": provider, "credentials": {}}
    for answer in (
        owner.api.get(f"/v1/providers/{provider}"),
        owner.api.post(f"/v1/oauth/{provider}/start", json={}),
        owner.api.post("/v1/channels", json=body),
    ):
        assert problem(answer, 404)["code"] in ("unknown_provider", "no_such_route")


def test_a_past_time_is_refused(owner: Tenant, channels: list[str]) -> None:
    assert params(owner.post("Hello", channels[0], in_minutes=-1)) == ["/scheduled_at"]
    assert params(owner.post("Hello", channels[0], in_minutes=0)) == ["/scheduled_at"]


@pytest.mark.parametrize(
    "time",
    [
        "2027-01-01T10:00:00",
        "2027-01-01",
        "tomorrow",
        "",
        1_800_000_000,
        1_800_000_000_000,
        "1800000000",
        True,
        "9999-12-31T23:59:59-23:59",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:59",
        "2027-01-01T10:00:00+25:00",
    ],
)
def test_a_time_without_offset_or_out_of_the_calendar_is_refused(owner: Tenant, channels: list[str], time: Any) -> None:
    assert params(owner.post("Hello", channels[0], scheduled_at=time)) == ["/scheduled_at"]


@pytest.fixture
def no_zones_of_the_system() -> Iterator[None]:
    """As on Lambda, where only the tzdata package has them."""
    zoneinfo.reset_tzpath(())
    yield
    zoneinfo.reset_tzpath()


@pytest.mark.usefixtures("no_zones_of_the_system")
@pytest.mark.parametrize("zone", ["Mars/Base", "", "America", "../etc/passwd", "x" * 400, "Europe/Berlin\0"])
def test_a_zone_that_is_none_is_refused(owner: Tenant, channels: list[str], zone: str) -> None:
    assert params(owner.post("Hello", channels[0], timezone=zone)) == ["/timezone"]


def test_a_text_too_long_for_one_of_three_targets_names_exactly_that_target(owner: Tenant, channels: list[str]) -> None:
    targets: list[dict[str, Any]] = [{"channel_id": channel} for channel in channels]
    targets[1]["text"] = "x" * 501
    answer = owner.post("Hello", targets=targets)
    assert params(answer) == ["/targets/1/text"]
    (fault,) = answer.json()["errors"]
    assert fault["rule"] == "sandbox.text.max_length"
    assert "501" in fault["message"]
    assert answer.json()["detail"] == fault["message"]


def test_a_channel_of_another_workspace_is_as_unknown_as_none(
    deployed: Deployed, owner: Tenant, channels: list[str]
) -> None:
    owner.api.get("/v1/channels")
    for unknown in (channels[0].lower(), "chn_unknown", "workspace", "x" * 64):
        answer = owner.post("Hello", unknown)
        assert params(answer) == ["/targets/0/channel_id"]
        assert answer.json()["errors"][0]["rule"] == "channel.exists"


@pytest.mark.parametrize("body", ["{", "nonsense", "[1]", "3", '"text"', "[" * 200_000, '{"text": "\t"}', "\ufeff{}"])
def test_malformed_json_is_refused(owner: Tenant, body: str) -> None:
    for path in ("/v1/posts", "/v1/channels", "/v1/oauth/sandbox/start"):
        answer = owner.api.post(path, content=body.encode(), headers={"Content-Type": "application/json"})
        assert problem(answer, 400)["code"] == "malformed_json"


def test_unknown_fields_are_refused_wherever_they_stand(owner: Tenant, channels: list[str]) -> None:
    target = {"channel_id": channels[0], "settings": {"colour": "red"}}
    assert params(owner.post("Hello", channels[0], txt="Hello")) == ["/txt"]
    assert params(owner.post("Hello", targets=[{"channel_id": channels[0], "a/b~c": 1}])) == ["/targets/0/a~1b~0c"]
    assert params(owner.post("Hello", targets=[target])) == ["/targets/0/settings/colour"]
    assert params(owner.api.post("/v1/oauth/sandbox/start", json={"colour": "red"})) == ["/colour"]
    assert params(owner.api.post("/v1/channels", json={"provider": "bluesky"})) == ["/credentials"]
    credentials = {"identifier": "ada", "app_password": "secret-password", "colour": "red"}
    assert params(owner.api.post("/v1/channels", json={"provider": "bluesky", "credentials": credentials})) == [
        "/credentials/colour"
    ]


@pytest.mark.parametrize("extra", [{"text": "x" * 600_000}, {"settings": {"a": ["é" * 300_000]}}])
def test_an_oversized_body_is_refused(owner: Tenant, channels: list[str], extra: dict[str, Any]) -> None:
    answer = owner.api.post("/v1/posts", json={"draft": True, **extra})
    assert problem(answer, 413)["code"] == "body_too_large"


def test_a_body_that_is_allowed_never_makes_an_item_that_is_too_large_to_store(owner: Tenant) -> None:
    """Many targets, each with a text of its own: refused for a rule, not by the table."""
    targets = [{"channel_id": f"chn_{place}", "text": "x" * 12_000} for place in range(40)]
    answer = owner.api.post("/v1/posts", json={"draft": True, "targets": targets})
    assert problem(answer, 413)["code"] == "body_too_large"


@pytest.mark.parametrize(
    "address", ["10.0.0.5", "127.0.0.1", "169.254.169.254", "::1", "64:ff9b::a00:5", "192.168.1.1"]
)
def test_a_server_that_resolves_to_a_private_address_is_refused(
    deployed: Deployed, owner: Tenant, address: str
) -> None:
    deployed.addresses["inside.example"] = [address]
    before = len(deployed.requests)
    server = "https://inside.example"
    answer = owner.api.post("/v1/oauth/mastodon/start", json={"server": server})
    assert params(answer) == ["/server"]
    assert answer.json()["errors"][0]["rule"] == "address_refused"
    credentials = {"identifier": "ada.example", "app_password": "secret-password", "server": server}
    answer = owner.api.post("/v1/channels", json={"provider": "bluesky", "credentials": credentials})
    assert params(answer) == ["/credentials"]
    assert address not in answer.text
    assert len(deployed.requests) == before


@pytest.mark.parametrize(
    "server", ["http://inside.example", "https://user@inside.example", "https://x.example:8443", ""]
)
def test_a_server_that_is_no_plain_https_origin_is_refused(owner: Tenant, server: str) -> None:
    assert params(owner.api.post("/v1/oauth/mastodon/start", json={"server": server})) == ["/server"]


def test_all_faults_of_a_request_come_at_once(owner: Tenant, channels: list[str]) -> None:
    targets = [
        {"channel_id": channels[0], "text": "x" * 501},
        {"channel_id": "chn_unknown"},
        {"channel_id": channels[0]},
        {"channel_id": channels[1], "settings": {"protection": "hope", "colour": "red"}},
    ]
    answer = owner.post("Hello", targets=targets, in_minutes=-5)
    assert sorted(params(answer)) == [
        "/scheduled_at",
        "/targets/0/text",
        "/targets/1/channel_id",
        "/targets/2/channel_id",
        "/targets/3/settings/colour",
        "/targets/3/settings/protection",
    ]
    formal = owner.post("", targets=[{}], scheduled_at="soon", max_delay_seconds=-1, timezone="Mars", colour="red")
    assert sorted(params(formal)) == [
        "/colour",
        "/max_delay_seconds",
        "/scheduled_at",
        "/targets/0/channel_id",
        "/text",
        "/timezone",
    ]
    start = {"return_url": "https://evil.example", "colour": "red"}
    assert sorted(params(owner.api.post("/v1/oauth/sandbox/start", json=start))) == ["/colour", "/return_url"]


def test_exactly_one_timing_is_wanted(owner: Tenant, channels: list[str]) -> None:
    post = {"text": "Hello", "targets": [{"channel_id": channels[0]}]}
    for timing in ({}, {"draft": True, "schedule": "now"}, {"schedule": "now", "scheduled_at": owner.later(5)}):
        assert problem(owner.api.post("/v1/posts", json={**post, **timing}), 422)["code"] == "invalid_request"
    assert params(owner.api.post("/v1/posts", json={**post, "schedule": "later"})) == ["/schedule"]
    assert params(owner.api.post("/v1/posts", json={**post, "draft": False})) == ["/draft"]


def test_a_post_that_shall_go_out_needs_a_target_and_a_text(owner: Tenant, channels: list[str]) -> None:
    assert params(owner.post("Hello")) == ["/targets"]
    assert params(owner.post(None, channels[0])) == ["/targets/0/text"]
    assert params(owner.post(" ", channels[0])) == ["/targets/0/text"]


def test_more_targets_than_a_transaction_holds_are_refused(owner: Tenant) -> None:
    assert params(owner.post("Hello", *[f"chn_{place}" for place in range(41)])) == ["/targets"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "status=LATE", "from=2027-01-01", "to=x", "channel_id=", "colour=red"],
)
def test_a_list_refuses_queries_that_it_does_not_know(owner: Tenant, query: str) -> None:
    assert params(owner.api.get(f"/v1/posts?{query}")) == [query.partition("=")[0]]


def test_neither_captions_nor_passwords_come_back_in_a_refusal(owner: Tenant, channels: list[str]) -> None:
    caption = "a-caption-nobody-may-see " * 30
    assert "a-caption" not in owner.post(caption, channels[0], colour=caption).text
    assert "a-caption" not in owner.post(caption, channels[0]).text
    credentials = {"identifier": "ada.example", "app_password": ["hunter2"], "server": "hunter2 hunter2"}
    answer = owner.api.post("/v1/channels", json={"provider": "bluesky", "credentials": credentials})
    assert "hunter2" not in answer.text
