"""The API, called at random by its document, on the real handlers; the same each time. `make fuzz` is the long form."""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.contract.bluesky.far_side import APP_PASSWORD, FarSide
from tests.document.holding import committed
from tests.document.scenes import known_at_bluesky
from tests.fuzz.running import Plan, Prepare, run
from tests.fuzz.supply import Supply
from tests.fuzz.watching import NOT_BY_CHANCE, OPERATIONS, Watch
from tests.fuzz.writes import NotedWrites
from tests.fuzz.wsgi import application
from tests.integration.api import gateway
from tests.integration.api.deployed import BASE, Deployed, forget
from tests.integration.api.tenant import Tenant
from tests.integration.api.uploading import posted

LARGE = (
    *("create_post", "change_post", "validate_post", "preview_post", "split_text", "create_batch", "duplicate_post"),
    *(
        "list_posts",
        "list_channels",
        "get_timeliness",
        "retry_channel",
        "resolve_delivery",
        "create_media",
        "list_media",
    ),
    *("export_audit", "list_events", "list_sends", "resend_events", "change_webhook"),
)
"""The coverage phase has up to 400 calls for each of them."""
CASES = int(os.environ.get("FUZZ_CASES", "0"))
"""For an operation, from `make fuzz`, which then spares none."""
COVERS = bool(CASES) or os.environ.get("FUZZ") == "all"
"""Whether each operation gets what its document says of each parameter, some thousand calls: `make calls`, and CI."""
SCOPES = ("read", "write", "admin")
SHORT = Plan(
    seed=1,
    examples=CASES or 5,
    phases=("examples", "coverage", "fuzzing") if COVERS else ("examples", "fuzzing"),
    spared=() if CASES else LARGE,
    checks={"ignored_auth": {"enabled": False}},  # asks again in a way that its own WSGI transport refuses
)
REFUSED = replace(SHORT, examples=2, phases=("fuzzing",))


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateway, "_held", lambda _, answer: answer)  # Watch holds answers, and says all at once
        yield Deployed(patch)
    forget()


@pytest.fixture(scope="module")
def owner(deployed: Deployed) -> Tenant:
    return deployed.tenant(scopes=SCOPES)


def test_no_call_leaves_the_document_and_no_refused_one_stores_anything(deployed: Deployed, owner: Tenant) -> None:
    known_at_bluesky(deployed, owner)
    supply = Supply(
        owner,
        deployed.client,
        deployed.table("WorkTable"),
        partial(posted, deployed),
        credentials=bluesky(deployed),
    )
    watch = fuzzed(deployed, SHORT, SCOPES, owner.key, supply.prepare)
    assert watch.calls > 300
    assert watch.compared > 200
    assert len(watch.succeeded) > 40
    if COVERS:
        assert OPERATIONS.keys() - watch.succeeded - NOT_BY_CHANCE == set()


@pytest.mark.parametrize("scopes", [("read",), ("write",)])
def test_a_key_opens_what_its_scopes_name(deployed: Deployed, owner: Tenant, scopes: tuple[str, ...]) -> None:
    watch = fuzzed(deployed, REFUSED, scopes, owner.with_scopes(*scopes).key, None)
    assert watch.calls > 30


def test_nothing_is_open_without_a_key_but_what_says_so(deployed: Deployed) -> None:
    assert fuzzed(deployed, REFUSED, None, None, None).calls > 30


def fuzzed(
    deployed: Deployed, plan: Plan, scopes: tuple[str, ...] | None, key: str | None, prepare: Prepare | None
) -> Watch:
    """Fails on whatever schemathesis or Watch finds."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with pytest.MonkeyPatch.context() as patch:
        writes = NotedWrites(deployed.wire._client)
        patch.setattr(deployed.wire, "_client", writes)
        watch = Watch(committed(), writes, scopes)
        found = run(plan, watch, prepare, headers, app=application(deployed.gateway.answer, BASE))
    assert [*watch.faults(), *found] == []
    return watch


def bluesky(deployed: Deployed) -> dict[str, Any]:
    side = FarSide(deployed.clock.now)
    deployed.hosts |= dict.fromkeys(side.hosts, side.answer)
    credentials = {"identifier": "alice.example", "app_password": APP_PASSWORD, "server": side.entrance}
    return {"provider": "bluesky", "credentials": credentials}
