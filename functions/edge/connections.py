"""Connecting channels: what the oauth and channels functions share."""

from edge import clients, parts
from edge.environment import HoldsGrants
from punctual import clock
from punctual.apps.deployment import DeploymentApps
from punctual.apps.finding import PlatformApps
from punctual.connecting import Connecting
from punctual.workspaces import Workspaces


def connecting(env: HoldsGrants, apps_path: str = "") -> Connecting:
    """`apps_path`: where the stack's apps are set; who connects by OAuth needs it."""
    grants_table, vault = clients.table(env.grants_table), parts.vault(env)
    return Connecting(
        table=grants_table,
        vault=vault,
        now=clock.now,
        workspaces=Workspaces(clients.table(env.work_table), clock.now),
        channels=parts.channels(env.work_table),
        grants=parts.grants(env),
        apps=PlatformApps(grants_table, vault, deployment_apps(apps_path)),
        providers=parts.providers(env),
    )


def deployment_apps(path: str) -> DeploymentApps:
    return DeploymentApps(lambda: clients.client("ssm"), path, clock.now)
