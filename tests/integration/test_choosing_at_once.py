"""Choices and links at the same moment, and what is left of them when whoever carried them out dies."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from punctual.apps.finding import PlatformApps
from punctual.channels import Channels
from punctual.connecting import Connecting, Ending
from punctual.connecting.starting import Wanted
from punctual.grants.grants import Grants
from punctual.problems import Conflict
from punctual.tables import Table
from tests.integration.workers import faulty, meanwhile
from tests.integration.world import BASE, Killed, World
from tests.memory.faults import Call


def stores_grant(name: str, kwargs: Mapping[str, Any]) -> bool:
    return name == "put_item" and str(kwargs["Item"]["pk"]).startswith("grt_")


def dies(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
    raise Killed


def dies_now() -> None:
    raise Killed


def over(world: World, client: Any) -> Connecting:
    """Connecting as it is, on a client that fails."""
    table = Table(client, world.names["GrantsTable"], world.clock.sleep)
    return Connecting(
        table=table,
        vault=world.vault,
        now=world.clock.now,
        workspaces=world.workspaces,
        channels=Channels(Table(client, world.names["WorkTable"], world.clock.sleep), world.clock.now),
        grants=Grants(table, world.vault, world.clock.now),
        apps=PlatformApps(table, world.vault),
        providers=world.providers,
    )


def came_back(world: World, asked: Wanted, **typed: str) -> tuple[str, Callable[[Connecting], Ending]]:
    """A connection's id, and its callback, not made yet."""
    started = world.connecting.start(world.workspace_id, "sandbox", asked, BASE)
    sending = world.connecting.authorize("sandbox", world.ticket(started.authorization_url), None)
    query = world.agreed(sending.url, **typed)
    return started.id, lambda connecting: connecting.callback("sandbox", query, sending.browser)


def to_choose(world: World, **asked: Any) -> tuple[str, list[str]]:
    connection_id, back = came_back(world, Wanted(fields={}, choose="api", **asked), teams="3")
    back(world.connecting)
    offered = world.connecting.watch(world.workspace_id, connection_id).offered
    return connection_id, [each.account.id for each in offered]


def refusal(world: World, connection_id: str, account_ids: list[str]) -> str:
    with pytest.raises(Conflict) as refused:
        world.connecting.choose(world.workspace_id, connection_id, account_ids)
    return refused.value.code


def connected(world: World) -> list[str]:
    return sorted(channel.account.id for channel in world.channels.of_workspace(world.workspace_id))


def test_while_a_choice_is_carried_out_the_same_one_waits_and_another_is_refused(world: World) -> None:
    connection_id, ids = to_choose(world)
    told: list[str] = []

    def others() -> None:
        told.extend(refusal(world, connection_id, chosen) for chosen in (ids[:2], ids[2:]))

    choosing = over(world, faulty(world, stores_grant, meanwhile(others)))
    choosing.choose(world.workspace_id, connection_id, ids[:2])
    assert told == ["choice_in_progress", "already_chosen"]
    assert connected(world) == sorted(ids[:2])
    world.connecting.choose(world.workspace_id, connection_id, ids[:2])


def test_a_choice_whose_worker_died_is_carried_out_when_it_is_made_again(world: World) -> None:
    connection_id, ids = to_choose(world)
    with pytest.raises(Killed):
        over(world, faulty(world, stores_grant, dies)).choose(world.workspace_id, connection_id, ids[:2])
    assert refusal(world, connection_id, ids[:2]) == "choice_in_progress"
    world.clock.sleep(61)
    assert refusal(world, connection_id, ids[2:]) == "already_chosen"
    world.connecting.choose(world.workspace_id, connection_id, ids[:2])
    assert world.connecting.watch(world.workspace_id, connection_id).status == "connected"
    assert connected(world) == sorted(ids[:2])


def test_a_grant_that_a_dead_worker_stored_is_not_refreshed_beside_the_one_that_channels_have(world: World) -> None:
    connection_id, back = came_back(world, Wanted(fields={}, choose="api"), teams="3", lifetime="3600")
    back(world.connecting)
    ids = [each.account.id for each in world.connecting.watch(world.workspace_id, connection_id).offered]
    with pytest.raises(Killed):
        over(world, faulty(world, stores_grant, meanwhile(dies_now, after=True))).choose(
            world.workspace_id, connection_id, ids[:2]
        )
    world.clock.sleep(61)
    world.connecting.choose(world.workspace_id, connection_id, ids[:2])
    world.run_refresher()
    world.clock.run(hours=3)
    assert {channel.status for channel in world.channels.of_workspace(world.workspace_id)} == {"active"}
    stored = world.dynamodb.scan(TableName=world.names["GrantsTable"])["Items"]
    grants = {item["pk"] for item in stored if item["sk"] == "grant"}
    assert grants == {channel.grant_id for channel in world.channels.of_workspace(world.workspace_id)}


def test_a_channel_that_is_deleted_at_that_moment_leaves_the_others_their_grant(world: World) -> None:
    connection_id, ids = to_choose(world)

    def deleted() -> None:
        (gone,) = (each for each in world.channels.of_workspace(world.workspace_id) if each.account.id == ids[0])
        world.channels.delete(gone)

    choosing = over(world, faulty(world, stores_grant, meanwhile(deleted)))
    with pytest.raises(Conflict) as refused:
        choosing.choose(world.workspace_id, connection_id, ids)
    assert refused.value.code == "changed_meanwhile"
    stored = list(world.channels.of_workspace(world.workspace_id))
    assert {(channel.account.id, channel.status) for channel in stored} == {(each, "active") for each in ids[1:]}
    grant = world.grants.get(stored[0].grant_id or "")
    assert grant
    assert set(grant.channel_ids) == {channel.id for channel in stored}


def test_of_two_connections_by_one_link_at_once_one_is_stored(world: World) -> None:
    link, _ = world.connecting.linking.create(
        world.workspace_id,
        providers=["sandbox"],
        return_url=None,
        lifetime=timedelta(days=1),
        external_id=None,
        channel_id=None,
    )
    asked = Wanted(fields={}, link_id=link.id)
    _, first = came_back(world, asked, handle="ada")
    _, second = came_back(world, asked, handle="bob")
    told: list[str | None] = []
    winning = over(world, faulty(world, stores_grant, meanwhile(lambda: told.append(second(world.connecting).error))))
    ending = first(winning)
    assert told == ["link_used"]
    assert [channel.account.handle for channel in ending.channels] == ["ada"]
    assert len(connected(world)) == 1


def refused_by_aws(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
    raise ClientError({"Error": {"Code": "ValidationException", "Message": "Item size"}}, "PutItem")


def test_a_link_is_given_back_where_storing_what_it_brought_fails(world: World) -> None:
    link, _ = world.connecting.linking.create(
        world.workspace_id,
        providers=["sandbox"],
        return_url=None,
        lifetime=timedelta(days=1),
        external_id=None,
        channel_id=None,
    )
    asked = Wanted(fields={}, link_id=link.id)
    _, first = came_back(world, asked, handle="ada")
    with pytest.raises(ClientError):
        first(over(world, faulty(world, stores_grant, refused_by_aws)))
    assert first(world.connecting).error == "interrupted"
    _, second = came_back(world, asked, handle="ada")
    assert second(world.connecting).error is None


def test_a_link_whose_worker_died_is_used_and_its_own_choice_goes_on(world: World) -> None:
    link, _ = world.connecting.linking.create(
        world.workspace_id,
        providers=["sandbox"],
        return_url=None,
        lifetime=timedelta(days=1),
        external_id="customer-7",
        channel_id=None,
    )
    connection_id, ids = to_choose(world, link_id=link.id, external_id="customer-7")
    with pytest.raises(Killed):
        over(world, faulty(world, stores_grant, dies)).choose(world.workspace_id, connection_id, ids[:1])
    _, other = came_back(world, Wanted(fields={}, link_id=link.id), handle="bob")
    assert other(world.connecting).error == "link_used"
    world.clock.sleep(61)
    world.connecting.choose(world.workspace_id, connection_id, ids[:1])
    (channel,) = world.channels.of_workspace(world.workspace_id)
    assert (channel.account.id, channel.external_id) == (ids[0], "customer-7")
    assert world.connecting.linking.get(world.workspace_id, link.id).channel_ids == (channel.id,)
