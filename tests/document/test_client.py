"""The document makes a client that is typed throughout, and works."""

import importlib
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.document import client
from tests.integration.api.deployed import BASE, Deployed, forget


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("client")
    client.generate(made)
    return made


@pytest.fixture
def script(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return importlib.import_module("tests.document.client_script")


@pytest.fixture
def deployed() -> Iterator[Deployed]:
    with pytest.MonkeyPatch.context() as patch:
        yield Deployed(patch)
    forget()


def test_the_client_and_what_uses_it_are_typed_throughout(folder: Path) -> None:
    client.type_check(folder)


def test_a_script_with_the_client_schedules_a_post_reads_it_and_cancels_it(
    deployed: Deployed, script: ModuleType
) -> None:
    tenant = deployed.tenant()
    channel = tenant.connect()
    at = deployed.clock.now().replace(microsecond=0) + timedelta(days=1)
    api = client_of(deployed, tenant.key)
    written, seen, cancelled = script.written_and_cancelled(api, channel, "Hello", at, "one")
    assert (written.status, seen.status, cancelled.status) == ("SCHEDULED", "SCHEDULED", "CANCELLED")
    assert seen.id == written.id == cancelled.id
    assert seen.scheduled_at == at
    assert [delivery.channel_id for delivery in seen.deliveries] == [channel]
    (stored,) = tenant.api.get("/v1/posts").json()["data"]
    assert (stored["id"], stored["status"]) == (written.id, "CANCELLED")


def test_a_refusal_is_a_problem_with_its_code(deployed: Deployed, script: ModuleType) -> None:
    api = client_of(deployed, deployed.tenant().key)
    unknown = f"chn_{26 * '0'}"
    with pytest.raises(script.RefusedError, match="invalid_request"):
        script.written_and_cancelled(api, unknown, "Hello", deployed.clock.now() + timedelta(days=1), "two")


def client_of(deployed: Deployed, key: str) -> Any:
    """No network: its requests go to the handlers."""
    transport = httpx.MockTransport(deployed.gateway.answer)
    return importlib.import_module(client.NAME).AuthenticatedClient(
        base_url=BASE, token=key, raise_on_unexpected_status=True, httpx_args={"transport": transport}
    )
