"""The receiver that docs/webhooks.md shows, run as it stands there."""

import re
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest

from punctual.guarded_http import GuardedHttp
from punctual.webhooks.calling import Calling
from punctual.webhooks.endpoints import Webhook
from punctual.webhooks.secrets import Secret, new
from punctual.webhooks.testing import send_test
from tests.template import ROOT


def test_the_documented_receiver_takes_what_is_signed_once_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/webhooks.md").read_text(), re.DOTALL)
    now = datetime.now(UTC)
    secret, other = new(now), new(now)
    monkeypatch.setenv("WEBHOOK_SECRET", secret.secret.get_secret_value())
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(code, "docs/webhooks.md", "exec"), names)  # noqa: S102 - it is ours
    with ThreadingHTTPServer(("127.0.0.1", 0), names["Receiver"]) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        call = Calling(GuardedHttp(allow_private=True), lambda: datetime.now(UTC))
        url = f"http://127.0.0.1:{server.server_port}/hook"

        def sent(signing: Secret) -> str:
            webhook = Webhook(
                id="whk_x", workspace_id="ws_x", url=url, created_at=now, updated_at=now, secrets=(signing,)
            )
            return send_test(webhook, call, lambda: now).tried.code

        assert [sent(secret), sent(other)] == ["delivered", "status_400"]
        assert httpx.post(url, content=b"{}").status_code == 400
        server.shutdown()
    assert capsys.readouterr().out == "0 webhook.test {'webhook_id': 'whk_x', 'status': 'active', 'reason': None}\n"
