"""The look ahead: about an hour before its time, what can be known to keep a post from going out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from punctual import preflight
from punctual.channels import Channel
from punctual.drafts import PostChange
from punctual.media.library import Refusal, key
from punctual.posts import Post
from punctual.risks import RISKS
from punctual.states import DeliveryStatus
from punctual.tables import Change
from tests.integration.world import World
from tests.media.rows import HEIC, Rows
from tests.template import ROOT
from tests.unit.test_problems_of_outcomes import codes_in


@pytest.fixture
def world(aws: None) -> World:
    found = World()
    found.run_sweeper()
    return found


def stored(world: World, written: Any) -> Post:
    found = world.posts.get(written.post.id)
    assert found
    return found


def codes(world: World, written: Any) -> list[str]:
    return [each.code for each in stored(world, written).at_risk]


def end(world: World, channel: Channel) -> None:
    """Its grant, as the platform would."""
    world.grants.bury(world.grant(channel), "grant_dead")
    world.channels.require_reconnect(world.workspace_id, channel.id, channel.grant_id, "grant_dead")


def test_a_post_is_looked_at_once_about_an_hour_before_its_time(world: World) -> None:
    written = world.post("fine", world.connect("ada", lifetime="86400"), in_minutes=180)
    clock = stored(world, written).next_at
    assert clock
    ahead = written.post.due_at - clock
    assert timedelta(hours=1) <= ahead < timedelta(hours=1, minutes=10)
    world.clock.run(minutes=125)
    seen = stored(world, written)
    assert (seen.at_risk, seen.at_risk_since) == ((), None)
    assert seen.next_at == written.post.due_at + timedelta(seconds=65)
    world.clock.run(minutes=57)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED


def test_what_is_found_is_told_with_its_time_and_taken_back_when_a_person_has_reconnected(world: World) -> None:
    channel = world.connect("ada")
    written = world.post("later", channel, in_minutes=180)
    world.clock.run(minutes=60)
    end(world, channel)
    world.clock.run(minutes=62)
    found = stored(world, written)
    (risk,) = found.at_risk
    assert (risk.code, risk.channel_id) == ("reconnect_required", channel.id)
    assert risk.delivery_id == world.delivery(written).id
    since = found.at_risk_since
    world.clock.run(minutes=21)
    assert stored(world, written).at_risk_since == since, "the same finding is no new one"
    world.connect("ada")
    world.clock.run(minutes=11)
    assert (codes(world, written), stored(world, written).at_risk_since) == ([], None)
    world.clock.run(minutes=30)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED


def test_what_happens_within_the_hour_is_not_looked_for_unless_something_was_found(world: World) -> None:
    channel = world.connect("ada", lifetime="86400")
    written = world.post("later", channel, in_minutes=180)
    world.clock.run(minutes=125)
    end(world, channel)
    world.clock.run(minutes=30)
    assert codes(world, written) == []


def test_an_end_before_the_last_part_is_a_risk_for_the_post(world: World) -> None:
    channel = world.connect("ada", lifetime=str(3 * 3600 + 600), renewable="0")
    whole = world.post("whole", channel, in_minutes=180)
    threaded = world.post("first", channel, in_minutes=180, thread=[{"text": "second", "delay_seconds": 900}])
    late = world.post("late", channel, in_minutes=200)
    world.clock.run(minutes=145)
    assert [codes(world, each) for each in (whole, threaded, late)] == [[], ["grant_ends"], ["grant_ends"]]


def test_a_refresh_that_fails_is_a_risk_where_what_is_there_ends_before(world: World) -> None:
    channel = world.connect("ada", lifetime="86400")
    facts = {"refresh_failing_since": world.clock.now(), "grant_expires_at": world.clock.now() + timedelta(minutes=190)}
    early, late = (world.post(name, channel, in_minutes=minutes) for name, minutes in (("early", 185), ("late", 195)))
    stored_grant = world.grant(channel)
    world.channels.repeat(world.workspace_id, channel.id, stored_grant.id, replace(stored_grant.facts, **facts))
    world.clock.run(minutes=136)
    assert (codes(world, early), codes(world, late)) == ([], ["refresh_failing"])


def test_quotas_limits_pauses_and_lost_scopes_are_risks(world: World) -> None:
    full, limited = world.connect("full", daily_posts="1"), world.connect("limited", lifetime="86400")
    first = world.post("first", full, in_minutes=170)
    second = world.post("second", full, in_minutes=180)
    third = world.post("third", limited, in_minutes=180)
    world.channels.limit(limited, world.clock.now() + timedelta(minutes=181))
    grant = world.grant(limited)
    world.channels.repeat(world.workspace_id, limited.id, grant.id, replace(grant.facts, missing_scopes=("write",)))
    world.clock.run(minutes=122)
    assert (codes(world, first), codes(world, second)) == ([], ["quota_used"])
    assert codes(world, third) == ["scopes_missing", "limited"]
    world.pauses.pause(world.workspace_id)
    world.clock.run(minutes=11)
    assert "paused" in codes(world, third)


def test_a_channel_that_was_deleted_is_a_risk(world: World) -> None:
    channel = world.connect("ada")
    written = world.post("later", channel, in_minutes=180)
    end(world, channel)
    world.channels.delete(channel)
    world.clock.run(minutes=125)
    assert codes(world, written) == ["deleted"]


def test_a_change_forgets_what_was_found_and_is_looked_at_anew(world: World) -> None:
    channel = world.connect("ada")
    written = world.post("later", channel, in_minutes=180)
    end(world, channel)
    world.clock.run(minutes=122)
    assert codes(world, written) == ["reconnect_required"]
    later = (world.clock.now() + timedelta(hours=3)).isoformat()
    edited = world.writing.edit(world.workspace_id, written.post.id, PostChange.model_validate({"scheduled_at": later}))
    assert codes(world, written) == []
    assert [each.rule for each in edited.warnings] == ["channel.reconnect_required"], "who writes is told at once"
    world.clock.run(minutes=122)
    assert codes(world, written) == ["reconnect_required"]
    world.writing.cancel(world.workspace_id, written.post.id)
    assert codes(world, written) == []


def test_a_post_written_within_the_hour_has_no_look_and_its_writer_a_warning(world: World) -> None:
    channel = world.connect("ada")
    end(world, channel)
    written = world.post("soon", channel, in_minutes=50)
    assert [each.rule for each in written.warnings] == ["channel.reconnect_required"]
    assert stored(world, written).next_at == written.post.due_at + timedelta(seconds=65)


def test_what_was_at_risk_and_has_ended_is_so_no_more(world: World) -> None:
    channel = world.connect("ada")
    written = world.post("later", channel, in_minutes=180, max_delay_seconds=60)
    end(world, channel)
    world.clock.run(minutes=122)
    assert codes(world, written) == ["reconnect_required"]
    world.clock.run(minutes=65)
    assert (stored(world, written).status, codes(world, written)) == ("MISSED", [])


def test_a_run_takes_so_many_looks_only_and_the_rest_comes_soon(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "MOST_LOOKS", 1)
    channel = world.connect("ada", lifetime="86400")
    many = [world.post(str(number), channel, in_minutes=180 + number / 60) for number in range(20)]
    assert len(world.shards) < len(many)
    world.clock.sleep(125 * 60)
    runs = [world.sweeping.sweep(200, [shard]) for shard in world.shards]
    assert all(run.looked == 1 for run in runs)
    assert sum(run.looked + run.moved for run in runs) == len(many)
    world.clock.run(minutes=45)
    assert all(stored(world, each).next_at > each.post.due_at for each in many), "all were looked at in the end"


def test_no_delivery_waits_behind_media_that_nobody_tends(world: World) -> None:
    written = world.post("soon", world.connect("ada"), in_minutes=10)
    delivery = world.delivery(written)
    shard = world.work.get({"pk": delivery.post_id, "sk": f"delivery#{delivery.id}"})["due_shard"]  # type: ignore[index]
    for _ in range(7):
        media = world.library.create(world.workspace_id, status="probing", next_at=world.clock.now())
        world.work.update(key(world.workspace_id, media.id), Change(set={"due_shard": shard}))
    world.clock.sleep(9 * 60)
    swept = world.sweeping.sweep(2, [shard])
    assert (swept.woken, swept.media) == (1, 1)


def test_a_state_that_is_computed_before_takes_no_look_away(world: World) -> None:
    written = world.post("later", world.connect("ada"), in_minutes=180)
    before = stored(world, written).next_at
    world.posts.roll_up(written.post.id)
    assert stored(world, written).next_at == before


def test_an_edit_that_read_the_post_before_a_look_wins(world: World) -> None:
    channel = world.connect("ada")
    written = world.post("later", channel, in_minutes=180)
    seen = stored(world, written)
    assert world.posts.looked(seen, (), written.post.due_at) is True
    assert world.posts.looked(seen, (), written.post.due_at) is False, "its clock has moved"
    operations = world.posts.replacing(seen, seen)
    world.dynamodb.transact_write_items(TransactItems=operations)


def test_a_file_that_is_gone_or_could_not_be_made_fit_is_found(world: World) -> None:
    files, channel = Rows(world.work, world.workspace_id, world.clock.now), world.connect("ada", lifetime="86400")
    gone, unfit, fine, lost = files.ready(), files.ready(HEIC), files.ready(), files.ready()
    posts = [
        world.post("later", channel, in_minutes=180, media=[{"id": gone}]),
        world.post("later", channel, in_minutes=180, thread=[{"media": [{"id": unfit}]}]),
        world.post("later", channel, in_minutes=180, media=[{"id": fine}]),
        world.post("later", channel, in_minutes=180, media=[{"id": lost}]),
    ]
    world.work.delete(key(world.workspace_id, lost))
    seen = world.library.get(world.workspace_id, gone)
    assert seen
    world.library.change(seen, status="deleted")
    (pending,) = world.renditions.of(world.workspace_id, unfit)
    world.renditions.settle(pending, refusal=Refusal(code="cannot_fit", message="It stays too large."))
    world.clock.run(minutes=125)
    assert [codes(world, written) for written in posts] == [["media_gone"], ["media_unfit"], [], ["media_gone"]]
    (risk,) = stored(world, posts[1]).at_risk
    assert risk.message == "A file could not be made fit for the platform: It stays too large."


def test_every_risk_is_documented_and_named() -> None:
    named = {code for name in ("risks", "preflight") for code in codes_in(ROOT / f"layers/core/punctual/{name}.py")}
    assert named == set(RISKS)
    operating = (ROOT / "docs/operating.md").read_text()
    assert [code for code in RISKS if f"`{code}`" not in operating] == []
