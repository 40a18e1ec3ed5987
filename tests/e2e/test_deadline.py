"""An invocation's deadline kills its process, on the laptop as on Lambda: what sleeps past it does nothing more."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local import browsing
from local.stack import Stack

SLOW_SECONDS = 12


@pytest.fixture
def hurried(stack: Stack) -> Iterator[None]:
    """The sandbox with four seconds to live."""
    functions = stack.aws("lambda")
    name = stack.resources["SandboxFunction"]
    before = functions.get_function_configuration(FunctionName=name)["Timeout"]
    functions.update_function_configuration(FunctionName=name, Timeout=4)
    yield
    functions.update_function_configuration(FunctionName=name, Timeout=before)


def texts(api: httpx.Client) -> list[str]:
    posts: list[dict[str, Any]] = api.get("/sandbox/api/timeline").raise_for_status().json()["posts"]
    return [post["text"] for post in posts]


def test_a_worker_that_sleeps_past_its_deadline_writes_nothing_when_it_would_have_woken(
    stack: Stack, hurried: None
) -> None:
    text = f"[sandbox:slow={SLOW_SECONDS}] too slow"
    with stack.client(stack.create_key()) as api:
        started = api.post("/v1/oauth/sandbox/start", json={}).raise_for_status().json()
        browsing.connect(started["authorization_url"], handle="slow")
        (channel,) = api.get("/v1/channels").json()["data"]
        target = {"channel_id": channel["id"], "settings": {"protection": "none"}}
        post = api.post("/v1/posts", json={"text": text, "schedule": "now", "targets": [target]}).json()
        time.sleep(SLOW_SECONDS + 6)
        (delivery,) = api.get(f"/v1/posts/{post['id']}").json()["deliveries"]
        assert delivery["error"]["code"] == "server_error", "the gateway said so when the worker died"
        assert text not in texts(api)
