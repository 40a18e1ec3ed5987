"""The client that is generated from the document, against the deployed stack."""

import importlib
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from local.stack import Stack
from tests.document import client
from tests.e2e.test_main_job import connect


def test_a_generated_client_schedules_a_post_reads_it_and_cancels_it(
    stack: Stack, workspace: str, api: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.generate(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    script = importlib.import_module("tests.document.client_script")
    channel = connect(api, handle="clara")["id"]
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    with importlib.import_module(client.NAME).AuthenticatedClient(
        base_url=stack.url, token=stack.create_key(workspace), timeout=httpx.Timeout(30)
    ) as generated:
        written, seen, cancelled = script.written_and_cancelled(generated, channel, "Generated", at, "generated")
    assert (written.status, seen.status, cancelled.status) == ("SCHEDULED", "SCHEDULED", "CANCELLED")
    assert (seen.id, seen.scheduled_at) == (written.id, at)
    assert api.get(f"/v1/posts/{written.id}").json()["status"] == "CANCELLED"
