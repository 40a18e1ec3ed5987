"""All of connecting, for those that do more than one thing of it."""

from punctual.channels import Channels
from punctual.clock import Now
from punctual.connecting.disconnecting import Disconnecting
from punctual.connecting.finishing import Finishing
from punctual.connecting.registrations import Registrations
from punctual.connecting.signing_in import SigningIn
from punctual.connecting.starting import Starting
from punctual.connecting.watching import Watching
from punctual.connection_secrets import ConnectionSecrets
from punctual.connections import Connections
from punctual.grants import Grants
from punctual.logins import Logins
from punctual.platform_apps import PlatformApps
from punctual.providers import Providers
from punctual.sealing import Vault
from punctual.tables import Table
from punctual.workspaces import Workspaces


class Connecting:
    """`table` is the one of grants."""

    def __init__(
        self,
        *,
        table: Table,
        vault: Vault,
        now: Now,
        workspaces: Workspaces,
        channels: Channels,
        grants: Grants,
        apps: PlatformApps,
        providers: Providers,
    ):
        connections = Connections(table, now)
        secrets = ConnectionSecrets(table, vault)
        registrations = Registrations(apps, providers)
        logins = Logins(channels, grants)
        starting = Starting(workspaces, connections, secrets, registrations)
        self.start = starting.start
        self.authorize = starting.authorize
        self.callback = Finishing(channels, connections, secrets, registrations, logins).callback
        self.client_metadata = registrations.client_metadata
        self.watch = Watching(connections, channels, now).watch
        self.login = SigningIn(registrations, logins).login
        self.disconnect = Disconnecting(channels, grants, registrations).disconnect
