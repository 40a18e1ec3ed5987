"""All of connecting, for those that do more than one thing of it."""

from punctual.apps.finding import PlatformApps
from punctual.channels import Channels
from punctual.clock import Now
from punctual.connecting.choosing import Choosing
from punctual.connecting.connect_links import ConnectLinks
from punctual.connecting.connection_secrets import ConnectionSecrets
from punctual.connecting.connections import Connections
from punctual.connecting.finishing import Finishing
from punctual.connecting.kept_logins import KeptLogins
from punctual.connecting.linking import Linking
from punctual.connecting.logins import Logins
from punctual.connecting.registrations import Registrations
from punctual.connecting.signing_in import SigningIn
from punctual.connecting.starting import Starting
from punctual.connecting.storing import Storing
from punctual.connecting.watching import Watching
from punctual.grants.grants import Grants
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
        secrets = ConnectionSecrets(table, vault, now)
        registrations = Registrations(apps, providers)
        links = ConnectLinks(table, now)
        logins = Logins(channels, grants)
        storing = Storing(registrations, channels, logins, links)
        choosing = Choosing(channels, connections, KeptLogins(secrets), storing)
        finishing = Finishing(channels, connections, secrets, registrations, storing, choosing)
        starting = Starting(workspaces, channels, connections, secrets, registrations)
        self.start = starting.start
        self.authorize = starting.authorize
        self.client_metadata = registrations.client_metadata
        signing_in = SigningIn(channels, registrations, storing)
        self.links = links
        self.linking = Linking(workspaces, channels, links, registrations, starting, signing_in, now)
        self.callback = finishing.callback
        self.choose = choosing.choose
        self.choose_in_browser = finishing.choose
        self.watch = Watching(connections, channels, choosing, now).watch
        self.login = signing_in.login
