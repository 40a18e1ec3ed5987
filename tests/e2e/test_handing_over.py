"""A workspace exported on the deployed stack, and its removal begun there: queues, bucket and policies are real."""

import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import httpx

from local.stack import Stack

PATIENCE_SECONDS = 25


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds, once it finds something."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError("it did not happen in time")


def test_an_export_is_written_and_fetched_by_its_urls(stack: Stack) -> None:
    workspace = stack.create_workspace("handed over")
    with stack.client(stack.create_key(workspace, scopes=("read", "write", "admin"))) as api:
        made = api.post("/v1/posts", json={"text": "Handed over", "targets": [], "draft": True})
        assert made.status_code == 201, made.text
        asked = api.post("/v1/workspace/exports")
        assert asked.status_code == 202, asked.text

        def completed() -> Any:
            found = api.get(asked.headers["location"]).json()
            return found if found["status"] == "completed" else None

        export = eventually(completed)
    assert export["counts"]["posts"] == 1
    files = {file["name"]: httpx.get(file["url"], trust_env=False) for file in export["files"]}
    (post,) = [json.loads(line) for line in gzip.decompress(files["posts-00001.jsonl.gz"].content).splitlines()]
    assert (post["id"], post["text"]) == (made.json()["id"], "Handed over")


def test_a_removal_begins_at_once_and_its_keys_stop_working(stack: Stack) -> None:
    """It goes on minutes later; that nothing is left then is shown under a moved clock."""
    workspace = stack.create_workspace("to be gone")
    secret = stack.create_key(workspace, scopes=("read", "admin"))
    keys = stack.aws("dynamodb")
    with stack.client(secret) as api:
        answer = api.request("DELETE", "/v1/workspace", params={"confirm": workspace})
    assert answer.status_code == 202, answer.text

    def revoked() -> bool:
        key = {"pk": {"S": f"key_{secret.split('_')[1]}"}}
        return "revoked_at" in keys.get_item(TableName=stack.resources["KeysTable"], Key=key)["Item"]

    assert eventually(revoked)
    row = keys.get_item(TableName=stack.resources["WorkTable"], Key={"pk": {"S": workspace}, "sk": {"S": "workspace"}})[
        "Item"
    ]
    assert "deleting_at" in row
