"""First comments: what Instagram says of them is believed only where nothing can have been written."""

from typing import Any

import httpx
import pytest

from punctual.instagram_api.settings import Settings
from punctual.providers.base import Account, Outgoing, Published
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Rejected, RetryLater, Unauthorized
from tests.unit.test_every_provider import GRANT, NOW, provider

ROOT = Published(platform_id="99", url="https://www.instagram.com/p/CAr/")
COMMENT = Outgoing(
    delivery_id="dlv_1",
    key="dlv_1.1.1",
    text="First",
    settings=Settings(),
    due_at=NOW,
    account=Account(id="17", handle="@kim"),
    first_sent_at=NOW,
    kind="comment",
    part=1,
    root=ROOT,
    parent=ROOT,
    taken=frozenset({"taken"}),
)


def answering(status: int, body: Any) -> Any:
    return provider("instagram", lambda _: httpx.Response(status, json=body))


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (100, OutcomeUnknown),
        (12345, OutcomeUnknown),
        (1, OutcomeUnknown),
        (368, OutcomeUnknown),
        (10, Rejected),
        (80002, RetryLater),
        (190, Unauthorized),
    ],
)
def test_a_refusal_of_a_comment(code: int, outcome: type[ProviderError]) -> None:
    with pytest.raises(ProviderError) as raised:
        answering(400, {"error": {"code": code}}).publish(COMMENT, GRANT)
    assert type(raised.value) is outcome
    assert raised.value.platform_code == str(code)


def test_one_that_was_made_is_known_by_its_id_and_its_posts_address() -> None:
    found = answering(200, {"id": "7"}).publish(COMMENT, GRANT)
    assert found == Published(platform_id="7", url=ROOT.url, extra={"kind": "comment"})


def row(number: str = "7", **changed: str) -> dict[str, str]:
    return {"id": number, "text": "First", "timestamp": "2026-11-22T16:00:02+0000", "username": "kim", **changed}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row()], "7"),
        ([row(text=" First\n")], "7"),
        ([{"id": "7", "text": "First", "timestamp": "2026-11-22T16:00:02+0000"}], "7"),
        ([row(), row("8", text="Second")], "7"),
        ([row(), row("8", username="lee")], "7"),
        ([row(), row("taken")], "7"),
        ([row(), row("8", timestamp="2026-11-22T15:00:00+0000")], "7"),
        ([row(), row("8")], None),
        ([row(text="Second")], None),
        ([row(username="lee")], None),
        ([], None),
    ],
)
def test_one_whose_answer_was_lost_is_the_only_one_that_it_can_be(rows: list[Any], found: str | None) -> None:
    came = answering(200, {"data": rows}).find(COMMENT, GRANT)
    assert (came and came.platform_id) == found
    assert not answering(200, {}).absence_is_proof(COMMENT)
