"""Punctual's core over tables in memory, on the real clock, with the real server as its only platform."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from punctual.apps.finding import PlatformApps
from punctual.channels import Channel, Channels
from punctual.clock import now
from punctual.connecting import Connecting, wanted
from punctual.deliveries import Deliveries
from punctual.disconnecting import Disconnecting
from punctual.grants.grants import Grants
from punctual.posts import Posts
from punctual.providers.base import Grant
from punctual.refreshing import Refreshing
from punctual.sealing import Vault
from punctual.tables import Table
from punctual.workspaces import Workspaces
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.kms import MemoryKms
from tests.oidc.clients import OWN_URL, OidcProviders
from tests.oidc.person import Person, person
from tests.oidc.server import OidcServer
from tests.template import create_tables


@dataclass(frozen=True)
class Callback:
    """What the platform sent the browser back with, and what the browser's cookie holds."""

    query: dict[str, str]
    browser: str


class World:
    def __init__(self, server: OidcServer):
        self.server = server
        dynamodb: Any = MemoryDynamoDB()
        names = create_tables(dynamodb)
        work, grants = (Table(dynamodb, names[name]) for name in ("WorkTable", "GrantsTable"))
        vault = Vault(MemoryKms("key"), "key")
        self.grants_table = grants
        self.providers = OidcProviders(now)
        self.channels = Channels(work, now)
        self.grants = Grants(grants, vault, now)
        self.refreshing = Refreshing(self.grants, self.channels, self.providers, now)
        workspaces = Workspaces(work, now)
        self.connecting = Connecting(
            table=grants,
            vault=vault,
            now=now,
            workspaces=workspaces,
            channels=self.channels,
            grants=self.grants,
            apps=PlatformApps(grants, vault),
            providers=self.providers,
        )
        deliveries = Deliveries(work)
        self.disconnecting = Disconnecting(
            client=dynamodb,
            channels=self.channels,
            grants=self.grants,
            providers=self.providers,
            deliveries=deliveries,
            posts=Posts(work, deliveries, now),
            now=now,
        )
        self.workspace_id = workspaces.create("Test", ()).id

    def sent_to(self, name: str, who: Person) -> str:
        """The platform's page, as the browser is sent there; our cookie is kept."""
        started = self.connecting.start(self.workspace_id, name, wanted({"server": self.server.url}), OWN_URL)
        ticket = dict(parse_qsl(urlsplit(started.authorization_url).query))["ticket"]
        sending = self.connecting.authorize(name, ticket, who.secret)
        who.secret = sending.browser
        return sending.url

    def consented(self, name: str, who: Person) -> Callback:
        query = who.follow(self.sent_to(name, who))
        assert who.secret
        return Callback(query, who.secret)

    def connect(self, name: str, **cookies: str) -> Channel:
        with person(**cookies) as who:
            back = self.consented(name, who)
        ending = self.connecting.callback(name, back.query, back.browser)
        assert ending.error is None, ending
        return ending.channels[0]

    def grant_of(self, channel: Channel) -> Grant:
        current = self.channels.get(self.workspace_id, channel.id)
        stored = self.grants.get(current.grant_id) if current and current.grant_id else None
        assert stored
        return self.grants.open(stored)[0]

    def is_bare(self) -> bool:
        """Whether no channel and no grant is stored."""
        grants = self.grants_table.client.scan(TableName=self.grants_table.name)["Items"]
        has_grant = any(item["sk"] == "grant" for item in grants)
        return not has_grant and not list(self.channels.of_workspace(self.workspace_id))


@contextmanager
def two_people() -> Iterator[tuple[Person, Person]]:
    """Who connects, and who is up to something."""
    with person("victim") as victim, person("attacker") as attacker:
        yield victim, attacker
