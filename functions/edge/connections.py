"""Connecting channels: what the oauth and channels functions share."""

from edge import clients, parts
from edge.environment import HoldsGrants
from punctual import clock
from punctual.connecting import Connecting
from punctual.oauth_states import OAuthStates
from punctual.platform_apps import PlatformApps
from punctual.workspaces import Workspaces


def connecting(env: HoldsGrants) -> Connecting:
    grants_table = clients.table(env.grants_table)
    return Connecting(
        workspaces=Workspaces(clients.table(env.work_table), clock.now),
        channels=parts.channels(env.work_table),
        grants=parts.grants(env),
        states=OAuthStates(grants_table, clock.now),
        apps=PlatformApps(grants_table, parts.vault(env)),
        providers=parts.providers(env),
    )
