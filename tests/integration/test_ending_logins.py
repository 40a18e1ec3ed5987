"""Pages of one person: what they gave to the app ends at the platform with the last of them, and not before."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from punctual.apps.deployment import DeploymentApps
from punctual.channels import Channel
from punctual.connecting.logins import Logins
from punctual.departing import Departing
from punctual.departures import Departures
from punctual.guarded_http import GuardedHttp
from punctual.meta.signed_requests import FIELD, signed
from punctual.providers import Providers
from punctual.providers.base import Account, App, Grant, Login
from punctual.removals import Removals
from punctual.removing.revoking import Revoking
from punctual.workspaces import Workspaces
from tests.integration.world import World

APP = App(client_id="app", client_secret=SecretStr("secret"))


async def somewhere_public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


class Person:
    """Who manages pages; `ended` is what the platform was asked to end."""

    def __init__(self, world: World):
        self.world = world
        self.ended: list[str] = []
        http = GuardedHttp(transport=httpx.MockTransport(self._answer), resolve=somewhere_public)
        self.providers = Providers(http, world.clock.now, sandbox=True)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.ended.append(f"{request.method} {request.url.path}")
        return httpx.Response(200, json={"success": True})

    def connect(
        self, *page_ids: str, workspace_id: str = "", user_id: str = "1001", by: str = "facebook"
    ) -> list[Channel]:
        accounts = tuple(Account(id=page_id, handle=f"@{page_id}") for page_id in page_ids)
        whole = Grant(access_token=SecretStr("person"), extra={"user_id": user_id, "app_id": "app"})
        grants = {each.id: replace(whole, access_token=SecretStr(f"page-{each.id}")) for each in accounts}
        login = Login(grant=whole, accounts=accounts, grants=grants, id=user_id)
        logins = Logins(self.world.channels, self.world.grants)
        provider = self.providers.get(by)
        return logins.store(workspace_id or self.world.workspace_id, provider, login, APP)

    def disconnect(self, channel: Channel) -> bool:
        ends = self.world.clock.now() + timedelta(seconds=15)
        return self.world.disconnecting(providers=self.providers).disconnect(channel, "cancel", ends).revoked


def test_the_last_page_ends_what_the_person_gave(world: World) -> None:
    person = Person(world)
    first, second = person.connect("102", "103")
    assert not person.disconnect(first)
    assert person.ended == []
    assert person.disconnect(second)
    assert person.ended == ["DELETE /v25.0/1001/permissions"]


def test_a_page_of_another_workspace_keeps_it(world: World) -> None:
    person = Person(world)
    other = Workspaces(world.work, world.clock.now).create("Another").id
    (mine,), (theirs,) = person.connect("102"), person.connect("103", workspace_id=other)
    assert not person.disconnect(mine)
    assert person.disconnect(theirs)


def test_an_account_of_another_provider_by_the_same_login_keeps_it(world: World) -> None:
    person = Person(world)
    (page,), (account,) = person.connect("102"), person.connect("201", by="instagram")
    assert not person.disconnect(page)
    assert person.disconnect(account)


@pytest.mark.parametrize("told", ["facebook", "instagram"])
def test_a_person_who_removes_the_app_leaves_at_every_provider_of_its_login(world: World, told: str) -> None:
    """Meta has one address of an app to send its notice to."""
    person = Person(world)
    (page,), (account,) = person.connect("102"), person.connect("201", by="instagram")
    (other,) = person.connect("103", user_id="1002")
    payload = {"user_id": "1001", "issued_at": int(world.clock.now().timestamp())}
    form = {FIELD: signed(payload, "secret")}
    departing = Departing(
        table=world.grants_table,
        grants=world.grants,
        channels=world.channels,
        refreshing=world.refreshing,
        departures=Departures(world.grants_table, world.clock.now),
        apps=DeploymentApps(lambda: None, "", world.clock.now),
        providers=person.providers,
    )
    departing.deauthorize(told, form)
    grants = [world.grants.get(each.grant_id or "") for each in (page, account, other)]
    assert [each.dead for each in grants if each] == [True, True, False]


def test_another_persons_page_and_one_whose_grant_is_dead_keep_nothing(world: World) -> None:
    person = Person(world)
    mine, dead = person.connect("102", "103")
    person.connect("104", user_id="1002")
    stored = world.grants.get(dead.grant_id or "")
    assert stored
    world.refreshing.end(stored)
    assert person.disconnect(mine)
    assert person.ended == ["DELETE /v25.0/1001/permissions"]


def test_a_workspace_that_is_removed_ends_it_with_its_last_grant(world: World) -> None:
    person = Person(world)
    channels = person.connect("102", "103")
    revoking = Revoking(world.grants, person.providers, Removals(world.work, world.clock.now))
    for channel in channels:
        revoking.end(world.workspace_id, channel.grant_id or "")
        assert world.grants.get(channel.grant_id or "") is None
    assert person.ended == ["DELETE /v25.0/1001/permissions"]
