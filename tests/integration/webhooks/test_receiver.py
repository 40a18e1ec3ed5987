"""The receiver that README.md shows, run as it stands there, and sent to as the sender sends."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from punctual import clock
from punctual.events.event import Event
from punctual.guarded_http import GuardedHttp
from punctual.webhooks import secrets
from punctual.webhooks.calling import Calling
from punctual.webhooks.endpoints import NewWebhook, Webhook
from punctual.webhooks.signing import signed
from tests.integration.webhooks.hooks import Hooks
from tests.template import ROOT

MOST_LINES = 15


@dataclass
class Receiver:
    hooks: Hooks
    webhook: Webhook
    process: "subprocess.Popen[str]"

    def printed(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()

    def post(self, event: Event, webhook: Webhook | None = None, **headers: str) -> int:
        sent = signed(webhook or self.webhook, event, clock.now())
        with httpx.Client(trust_env=False) as client:
            return client.post(sent.url, content=sent.body, headers={**sent.headers, **headers}).status_code


def block() -> str:
    (found,) = re.findall(r"```python\n(.+?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    hooks = Hooks(runs_clock=False)
    webhook = hooks.endpoints.create(hooks.workspace_id, NewWebhook(url=f"http://127.0.0.1:{port}/hook"))
    script = tmp_path_factory.mktemp("receiver") / "receiver.py"
    script.write_text(block().replace("8000", str(port)))
    with _running(script, webhook.secrets[0].secret.get_secret_value()) as process:
        try:
            _listening(port)
            yield Receiver(hooks, webhook, process)
        finally:
            process.kill()


def _running(script: Path, secret: str) -> "subprocess.Popen[str]":
    given, pipe, nowhere = {"WEBHOOK_SECRET": secret}, subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen([sys.executable, script], env=given, stdout=pipe, stderr=nowhere, text=True)  # noqa: S603


def _listening(port: int) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < end, "the receiver does not listen"
            time.sleep(0.05)
        else:
            return


def test_it_has_fifteen_lines() -> None:
    assert len([line for line in block().splitlines() if line.strip()]) <= MOST_LINES


def test_it_prints_what_the_sender_sends(receiver: Receiver) -> None:
    (event,) = receiver.hooks.tell("post.completed", wakes=False)
    call = Calling(GuardedHttp(allow_private=True), clock.now)
    assert call(receiver.webhook, event).tried.status == 204
    assert receiver.printed() == f"{event.sequence} post.completed {{'post_id': 'post_x'}}\n"


def test_it_takes_what_a_new_secret_signs_too_while_its_own_still_signs(receiver: Receiver) -> None:
    (event,) = receiver.hooks.tell("post.updated", wakes=False)
    both = secrets.rotated(receiver.webhook.secrets, secrets.new(clock.now()), timedelta(hours=1))
    assert receiver.post(event, replace(receiver.webhook, secrets=both)) == 204
    assert "post.updated" in receiver.printed()
    assert receiver.post(event, replace(receiver.webhook, secrets=both[:1])) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1,AAA"},
        {"webhook-signature": "nonsense"},
        {"webhook-signature": ""},
        {"webhook-timestamp": "1700000000"},
        {"webhook-timestamp": "today"},
        {"webhook-id": "evt_another"},
    ],
    ids=str,
)
def test_it_refuses_what_we_did_not_sign(receiver: Receiver, headers: dict[str, str]) -> None:
    (event,) = receiver.hooks.tell("post.held", wakes=False)
    assert receiver.post(event, **headers) == 401
    assert receiver.post(event) == 204
    assert "post.held" in receiver.printed(), "and nothing was printed for what was refused"
