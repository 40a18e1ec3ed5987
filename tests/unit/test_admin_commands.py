"""What `make pause`, `make resume` and `make redrive` ask for and say."""

import argparse
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from admin.actions import ACTIONS
from local import admin, redriving
from local.addressing import Named
from local.problems import LocalError

COMMANDS = ["workspace", "key", "keys", "revoke", "rotate", "pause", "resume", "state", "delete-workspace"]


def given(what: str, **more: str) -> argparse.Namespace:
    defaults = {"name": "Acme", "workspace": "ws_1", "key": "key_1", "scopes": "read,admin", "days": "", "hours": ""}
    defaults["confirm"] = "ws_1"
    return argparse.Namespace(what=what, **{**defaults, **more})


class Sqs:
    def __init__(self, waiting: int, in_hand: int = 0, refuses: str = ""):
        self.counts = {
            "ApproximateNumberOfMessages": str(waiting),
            "ApproximateNumberOfMessagesNotVisible": str(in_hand),
        }
        self.refuses = refuses
        self.moved: list[dict[str, Any]] = []

    def get_queue_attributes(self, **asked: Any) -> dict[str, Any]:
        return {"Attributes": {"QueueArn": f"arn:{asked['QueueUrl']}", **self.counts}}

    def start_message_move_task(self, **asked: Any) -> None:
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses}}, "StartMessageMoveTask")
        self.moved.append(asked)


def stack(sqs: Sqs, endpoint_url: str | None = None) -> Named:
    def client(service: str, **_: Any) -> Any:
        cloudformation = SimpleNamespace(
            describe_stack_resource=lambda **asked: {
                "StackResourceDetail": {"PhysicalResourceId": asked["LogicalResourceId"]}
            }
        )
        return sqs if service == "sqs" else cloudformation

    aws: Any = SimpleNamespace(client=client)
    return Named(name="punctual", aws=aws, endpoint_url=endpoint_url)


@pytest.mark.parametrize("workspace", ["", "ws_1"])
@pytest.mark.parametrize("what", COMMANDS)
def test_every_command_is_an_action_that_the_function_knows(what: str, workspace: str) -> None:
    if workspace or what not in ("key", "keys", "revoke", "rotate", "delete-workspace"):
        ACTIONS.validate_python(admin.action(given(what, workspace=workspace)))


def test_days_and_hours_are_told_where_they_are_given() -> None:
    key: Any = ACTIONS.validate_python(admin.action(given("key", days="90")))
    rotate: Any = ACTIONS.validate_python(admin.action(given("rotate", hours="0")))
    assert (key.expires_in_days, rotate.overlap_hours) == (90, 0)
    key, rotate = (ACTIONS.validate_python(admin.action(given(what))) for what in ("key", "rotate"))
    assert (key.expires_in_days, rotate.overlap_hours) == (None, 24)


def test_revoking_says_from_when_and_whether_there_was_such_a_key() -> None:
    assert "at the latest" in admin.sentences(given("revoke"), {"revoked": True})[0]
    assert "no such key" in admin.sentences(given("revoke"), {"revoked": False})[0]


@pytest.mark.parametrize("what", ["revoke", "rotate"])
def test_which_key_must_be_said(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["local.admin", what, "--workspace", "ws_1"])
    with pytest.raises(SystemExit, match=f"make {what} WORKSPACE=ws_1 KEY=key_…"):
        admin.main()


def test_pausing_says_of_whom_and_until_when() -> None:
    assert "by this stack until `make resume`" in admin.sentences(given("pause", workspace=""), {})[0]
    assert "for ws_1 until" in admin.sentences(given("pause"), {})[0]


def test_resuming_says_what_becomes_of_what_is_late_and_what_a_consent_means() -> None:
    (told,) = admin.sentences(given("resume", workspace=""), {"was_consent_after_restore": False})
    assert "MISSED" in told
    _, consent = admin.sentences(given("resume", workspace=""), {"was_consent_after_restore": True})
    assert "UNCONFIRMED" in consent


def test_redrive_moves_dead_letters_and_says_how_many() -> None:
    sqs = Sqs(waiting=3, in_hand=2)
    told = redriving.redrive(stack(sqs))
    assert sqs.moved == [{"SourceArn": "arn:PublishDeadLetterQueue", "DestinationArn": "arn:PublishQueue"}]
    assert "some 3 dead letters" in told
    assert "2 more in hand" in told


def test_redrive_of_nothing_moves_nothing() -> None:
    sqs = Sqs(waiting=0)
    assert redriving.redrive(stack(sqs)) == "No dead letter waits."
    assert sqs.moved == []


def test_an_emulator_that_cannot_move_says_so_and_aws_own_errors_stay() -> None:
    sqs = Sqs(waiting=1, refuses="InvalidAction")
    with pytest.raises(LocalError, match="cannot move messages"):
        redriving.redrive(stack(sqs, "http://localhost:4566"))
    with pytest.raises(ClientError):
        redriving.redrive(stack(sqs))
    with pytest.raises(ClientError):
        redriving.redrive(stack(Sqs(waiting=1, refuses="AccessDenied"), "http://localhost:4566"))
