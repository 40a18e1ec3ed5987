"""A call that is asked for another proof once its body has gone."""

import io
from collections.abc import Generator
from datetime import UTC, datetime

import httpx
import pytest

from punctual.guarded_http import GuardedHttp
from punctual.providers.outcomes import RetryLater
from punctual.providers.talking import Talking
from tests.unit.guarded.far_side import leading_to
from tests.unit.oauth2.platform import Plain


class AskedTwice(httpx.Auth):
    """As DPoP is, where a server's nonce is new."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Proof"] = "first"
        response = yield request
        if response.status_code == 401:
            request.headers["Proof"] = "second"
            yield request


class Far:
    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes]] = []

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.headers["Proof"], request.content))
        return httpx.Response(401 if request.headers["Proof"] == "first" else 200, json={})

    def talking(self) -> Talking:
        http = GuardedHttp(transport=httpx.MockTransport(self.respond), resolve=leading_to("93.184.215.14"))
        return Plain(http, lambda: datetime(2026, 11, 26, tzinfo=UTC))


def test_a_file_goes_again_from_its_start() -> None:
    far = Far()
    far.talking().call("POST", "https://far.example/", auth=AskedTwice(), content=io.BytesIO(b"picture"))
    assert far.asked == [("first", b"picture"), ("second", b"picture")]


@pytest.mark.parametrize("content", [{"content": iter([b"picture"])}, {"files": {"file": io.BytesIO(b"picture")}}])
def test_anything_else_is_left_to_the_next_try_which_has_the_proof(content: dict[str, object]) -> None:
    far = Far()
    with pytest.raises(RetryLater):
        far.talking().call("POST", "https://far.example/", auth=AskedTwice(), **content)
    assert [proof for proof, _ in far.asked] == ["first"]
