"""Idempotency-Key: made once, answered the same for a day; and never in the way of anybody else."""

import json
import string
import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import httpx
import pytest

from edge import once
from punctual.drafts import NewPost
from punctual.idempotency import Answer, Idempotency, Request
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_races import conflict
from tests.integration.world import World
from tests.memory.values import MAX_ITEM_BYTES, item_size

KEY = {"Idempotency-Key": "6f1c9a52-order-42"}


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


@pytest.fixture
def body(tenant: Tenant, channel: str) -> dict[str, Any]:
    return {"text": "Once", "targets": [{"channel_id": channel}], "scheduled_at": tenant.later(60)}


def create(tenant: Tenant, body: dict[str, Any], **headers: str) -> httpx.Response:
    return tenant.api.post("/v1/posts", json=body, headers={**KEY, **headers})


def is_replayed(answer: httpx.Response) -> bool:
    return answer.headers.get("Idempotent-Replayed") == "true"


def posts(tenant: Tenant) -> list[str]:
    return [post["id"] for post in tenant.api.get("/v1/posts").json()["data"]]


@pytest.mark.parametrize("timing", [{"schedule": "now"}, {"draft": True}, {}])
def test_the_same_request_again_is_answered_the_same_and_makes_nothing(
    deployed: Deployed, tenant: Tenant, body: dict[str, Any], timing: dict[str, Any]
) -> None:
    wanted = {**body, **timing, **({"scheduled_at": None} if timing else {})}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    first = create(tenant, wanted)
    assert first.status_code in (201, 202), first.text
    stored, schedules = deployed.contents(), dict(deployed.scheduler.schedules)
    again = create(tenant, dict(reversed(wanted.items())))
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert (is_replayed(first), is_replayed(again)) == (False, True)
    assert [again.headers[name] for name in ("etag", "location")] == [first.headers[n] for n in ("etag", "location")]
    assert (deployed.contents(), deployed.scheduler.schedules) == (stored, schedules)


def test_the_first_answer_is_kept_whatever_became_of_the_post(
    deployed: Deployed, tenant: Tenant, body: dict[str, Any]
) -> None:
    first = create(tenant, body).json()
    tenant.api.patch(f"/v1/posts/{first['id']}", json={"text": "Changed"})
    assert create(tenant, body).json() == first
    tenant.api.post(f"/v1/posts/{first['id']}/cancel")
    tenant.api.delete(f"/v1/posts/{first['id']}")
    assert create(tenant, body).json() == first
    assert posts(tenant) == []


def test_another_request_under_the_key_is_refused_and_stores_nothing(
    deployed: Deployed, tenant: Tenant, body: dict[str, Any]
) -> None:
    post = create(tenant, body).json()
    stored = deployed.contents()
    for other in (
        create(tenant, {**body, "text": "Other"}),
        tenant.api.post(f"/v1/posts/{post['id']}/duplicate", json={}, headers=KEY),
    ):
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert deployed.contents() == stored


def test_a_refused_request_leaves_its_key_free(tenant: Tenant, body: dict[str, Any]) -> None:
    assert create(tenant, {**body, "text": "x" * 5001}).status_code == 422
    assert create(tenant, body).status_code == 201


def test_a_key_is_forgotten_after_a_day(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    body = {"text": "Once", "targets": [{"channel_id": channel}], "draft": True}
    first = create(tenant, body).json()["id"]
    deployed.clock.run(hours=23, minutes=59)
    assert create(tenant, body).json()["id"] == first
    deployed.clock.run(minutes=2)
    assert create(tenant, body).json()["id"] != first


def test_workspaces_do_not_share_keys(deployed: Deployed, tenant: Tenant) -> None:
    body = {"text": "Once", "draft": True}
    first, other = create(tenant, body), create(deployed.tenant(), body)
    assert (other.status_code, is_replayed(other)) == (201, False)
    assert other.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "schlüssel"])
def test_a_key_that_is_none_is_refused(tenant: Tenant, body: dict[str, Any], key: str) -> None:
    answer = tenant.api.post("/v1/posts", json=body, headers=[("Idempotency-Key", key.encode())])
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")


def test_without_a_key_each_request_makes_a_post(tenant: Tenant) -> None:
    for _ in range(2):
        assert tenant.api.post("/v1/posts", json={"text": "Twice", "draft": True}).status_code == 201
    assert len(posts(tenant)) == 2


def test_a_request_that_comes_while_the_first_one_is_stored_is_answered_as_it(
    deployed: Deployed, tenant: Tenant, body: dict[str, Any]
) -> None:
    second = deployed.client(Authorization=f"Bearer {tenant.key}")
    told: list[Any] = []
    deployed.wire.before(
        "transact_write_items", lambda _: told.append(second.post("/v1/posts", json=body, headers=KEY))
    )
    answer = create(tenant, body)
    assert (answer.status_code, answer.json()) == (201, told[0].json())
    assert (is_replayed(answer), is_replayed(told[0])) == (True, False)
    assert len(posts(tenant)) == 1


def test_another_transaction_on_the_record_is_waited_for(
    deployed: Deployed, tenant: Tenant, body: dict[str, Any]
) -> None:
    def busy(request: dict[str, Any]) -> None:
        try:
            conflict(request)
        except Exception as error:
            error.response["CancellationReasons"].reverse()  # type: ignore[attr-defined]
            raise

    deployed.wire.before("transact_write_items", busy, times=3)
    answer = create(tenant, body)
    assert (answer.status_code, is_replayed(answer)) == (201, False)


def test_the_largest_answer_fits_into_its_record(deployed: Deployed, tenant: Tenant) -> None:
    """Forty channels, each with a thread of its own of letters as random as they come: as much as a post may hold."""
    rng = Random(1)

    def text() -> str:
        return "".join(rng.choice(string.ascii_letters + string.digits + "+/") for _ in range(500))

    channels = [tenant.connect(f"user{number}") for number in range(40)]
    targets = [
        {"channel_id": channel, "text": text(), "thread": [{"text": text()} for _ in range(13)]} for channel in channels
    ]
    body = {"posts": [{"targets": targets, "scheduled_at": tenant.later(60)}]}
    (first,) = tenant.api.post("/v1/posts/batch", json=body, headers=KEY).json()["data"]
    assert first["status"] == 201, first["problem"]["errors"]
    (record,) = [item for item in deployed.items("WorkTable") if item["pk"].startswith("idempotency#")]
    assert item_size(record) < MAX_ITEM_BYTES < item_size({"answer": json.dumps(first)})
    (again,) = tenant.api.post("/v1/posts/batch", json=body, headers=KEY).json()["data"]
    assert (again["replayed"], again["post"]) == (True, first["post"])


@pytest.mark.parametrize("is_guarded", [True, False])
def test_a_hundred_at_once_make_one_post_and_one_schedule(is_guarded: bool) -> None:
    """On one table, a hundred threads; and through the gateway: tests/e2e/test_idempotency.py."""
    world = World()
    channel = world.connect("ada")
    at = world.clock.now().replace(year=2030).isoformat()
    wanted = {"text": "Once", "targets": [{"channel_id": channel.id}], "scheduled_at": at}
    draft = NewPost.model_validate({**wanted, "allow_duplicate": not is_guarded})
    idempotency = Idempotency(world.work, world.clock.now)
    request = Request(workspace_id=world.workspace_id, key="k", content="the same")
    gate = threading.Barrier(100)

    def one(_: int) -> tuple[Answer, bool]:
        gate.wait()
        return once.made(
            idempotency,
            request,
            lambda recording: world.writing.create(world.workspace_id, draft, recording),
            lambda written: Answer(status=201, body={"id": written.post.id}),
        )

    with ThreadPoolExecutor(100) as pool:
        told = list(pool.map(one, range(100)))
    assert len({said.body["id"] for said, _ in told}) == 1
    assert [replayed for _, replayed in told].count(False) == 1
    assert len(world.scheduler.schedules) == 1
    rows = [key for key, row in world.dynamodb.tables["WorkTable"].rows.items() if row.item.get("sk") == "post"]
    assert len(rows) == 1
