"""Endpoints: every change is there with its event, or neither is; secrets take over from one another."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook as Verifier

from punctual.acting import Actor, acting
from punctual.problems import Invalid
from punctual.webhooks import endpoints
from punctual.webhooks.secrets import LONGEST_OVERLAP
from tests.integration.webhooks.hooks import Hooks
from tests.memory.faults import Faulty, conflict

SOMEBODY = Actor(key_id="key_x", request_id="req_x")


@pytest.fixture
def hooks() -> Hooks:
    return Hooks(runs_clock=False)


def test_whatever_is_done_to_an_endpoint_is_told_with_who_did_it_and_never_its_url(hooks: Hooks) -> None:
    with acting(SOMEBODY):
        made = hooks.webhook("good")
        hooks.endpoints.change(made.workspace_id, made.id, url="https://other.example/secret", description="mine")
        hooks.endpoints.rotate(made.workspace_id, made.id)
        hooks.endpoints.disable(made.workspace_id, made.id, "by_request")
        hooks.endpoints.enable(made.workspace_id, made.id)
        assert hooks.endpoints.delete(made.workspace_id, made.id)
    told = hooks.told()
    happened = ["created", "updated", "secret_rotated", "disabled", "enabled", "deleted"]
    assert [event.type for event in told] == [f"webhook.{each}" for each in happened]
    assert {event.actor for event in told} == {SOMEBODY}
    active = {"webhook_id": made.id, "status": "active", "reason": None}
    disabled = {"webhook_id": made.id, "status": "disabled", "reason": "by_request"}
    assert [event.data for event in told] == [active, active, active, disabled, active, active]


def test_what_changes_nothing_is_not_told(hooks: Hooks) -> None:
    made = hooks.webhook("good", event_types=("post.*",))
    hooks.endpoints.change(made.workspace_id, made.id, event_types=("post.*",))
    hooks.endpoints.enable(made.workspace_id, made.id)
    hooks.endpoints.disable(made.workspace_id, made.id, "gone")
    hooks.endpoints.disable(made.workspace_id, made.id, "by_request")
    assert [event.type for event in hooks.told()] == ["webhook.created", "webhook.disabled"]
    assert hooks.seen(made).disabled_reason == "gone"


def test_a_workspace_has_so_many_and_may_have_another_when_one_is_deleted(hooks: Hooks) -> None:
    made = [hooks.webhook(f"host{place}") for place in range(endpoints.MOST)]
    with pytest.raises(Invalid) as refused:
        hooks.webhook("more")
    assert refused.value.errors[0].rule == "webhook.max_in_workspace"
    assert hooks.endpoints.delete("ws_x", made[0].id)
    assert not hooks.endpoints.delete("ws_x", made[0].id)
    hooks.webhook("more")
    with pytest.raises(Invalid):
        hooks.webhook("too many")
    assert len(hooks.endpoints.of_workspace("ws_x")) == endpoints.MOST


def test_one_that_meets_another_transaction_is_made_all_the_same_and_once(hooks: Hooks) -> None:
    met = [conflict(2), conflict(4)]
    hooks.parts(
        Faulty(hooks.dynamodb, lambda name, _: met.pop() if met and name == "transact_write_items" else None), hooks.sqs
    )
    made = hooks.webhook("good")
    assert hooks.endpoints.of_workspace("ws_x") == [made]
    assert [event.type for event in hooks.told()] == ["webhook.created"]


def test_another_workspaces_endpoint_is_none(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    assert hooks.endpoints.get("ws_y", made.id) is None
    assert hooks.endpoints.change("ws_y", made.id, description="") is None
    assert hooks.endpoints.rotate("ws_y", made.id) is None
    assert not hooks.endpoints.delete("ws_y", made.id)


def test_a_secret_is_shown_by_nothing_that_is_printed(hooks: Hooks) -> None:
    made = hooks.webhook("good", description="the boss's")
    secret = made.secrets[0].secret.get_secret_value()
    assert secret.startswith("whsec_")
    assert not [each for each in (secret, "good.example", "boss") if each in repr(made) + repr(hooks.told())]


@pytest.mark.parametrize("hours", [0, 1, 720])
def test_the_secret_before_signs_until_the_overlap_ends(hooks: Hooks, hours: int) -> None:
    made = hooks.webhook("good")
    rotated = hooks.endpoints.rotate(made.workspace_id, made.id, timedelta(hours=hours))
    assert rotated
    now = hooks.clock.now()
    newest, before = rotated.secrets[0], made.secrets[0]
    assert newest.secret != before.secret
    last = now + timedelta(hours=hours) - timedelta(milliseconds=1)
    signing = [each.secret for each in rotated.signing(last)]
    assert signing == ([newest.secret, before.secret] if hours else [newest.secret])
    assert [each.secret for each in rotated.signing(now + timedelta(hours=hours))] == [newest.secret]


def test_of_three_secrets_the_oldest_ends_at_once(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    for _ in range(2):
        hooks.endpoints.rotate(made.workspace_id, made.id)
    signing = [each.secret for each in hooks.seen(made).signing(hooks.clock.now())]
    assert len(signing) == 2
    assert made.secrets[0].secret not in signing


def test_an_overlap_has_bounds(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    for wrong in (timedelta(seconds=-1), LONGEST_OVERLAP + timedelta(seconds=1)):
        with pytest.raises(ValueError, match="720"):
            hooks.endpoints.rotate(made.workspace_id, made.id, wrong)


def test_a_new_secret_is_one_that_the_specifications_library_takes(hooks: Hooks) -> None:
    secret = hooks.webhook("good").secrets[0].secret.get_secret_value()
    assert len(Verifier(secret)._whsecret) == 32


def test_only_what_a_person_may_choose_is_changed(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    with pytest.raises(TypeError):
        hooks.endpoints.change(made.workspace_id, made.id, status="disabled")


@pytest.mark.parametrize(
    ("wanted", "type_", "data", "is_wanted"),
    [
        ({}, "post.completed", {}, True),
        ({"event_types": ("post.completed",)}, "post.completed", {}, True),
        ({"event_types": ("post.completed",)}, "post.error", {}, False),
        ({"event_types": ("post.*",)}, "post.error", {}, True),
        ({"event_types": ("post.*",)}, "posting.error", {}, False),
        ({"event_types": ("channel.*", "post.error")}, "post.error", {}, True),
        ({"channel_ids": ("chn_a",)}, "post.error", {"channel_ids": ["chn_b", "chn_a"]}, True),
        ({"channel_ids": ("chn_a",)}, "delivery.error", {"channel_id": "chn_a"}, True),
        ({"channel_ids": ("chn_a", "chn_c")}, "delivery.error", {"channel_id": "chn_b"}, False),
        ({"channel_ids": ("chn_a",)}, "workspace.paused", {}, False),
        ({"channel_ids": ("chn_a",), "event_types": ("post.*",)}, "delivery.error", {"channel_id": "chn_a"}, False),
    ],
)
def test_an_endpoint_gets_what_it_asked_for(
    hooks: Hooks, wanted: dict[str, tuple[str, ...]], type_: str, data: dict[str, object], is_wanted: bool
) -> None:
    made = hooks.webhook("good", **wanted)
    (event,) = hooks.tell(type_, wakes=False, **data)
    assert made.wants(event) is is_wanted


def test_a_change_that_always_meets_another_is_given_up(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    hooks.parts(
        Faulty(hooks.dynamodb, lambda name, _: conflict(2) if name == "transact_write_items" else None), hooks.sqs
    )
    with pytest.raises(TimeoutError):
        hooks.endpoints.change(made.workspace_id, made.id, url="https://other.example/")
    assert hooks.seen(made) == made
