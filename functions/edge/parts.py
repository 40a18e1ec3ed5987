"""Clients and stores, built once a process and only when first used; one botocore session for all."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from edge.environment import HoldsGrants, UsesProviders
from edge.quiet import quiet_libraries
from punctual import clock
from punctual.channels import Channels
from punctual.grants import Grants
from punctual.guarded_http import GuardedHttp
from punctual.messages import Queue
from punctual.providers import Providers
from punctual.refreshing import Refreshing
from punctual.sealing import Vault
from punctual.tables import Table

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4})


@cache
def session() -> boto3.session.Session:
    quiet_libraries()
    return boto3.session.Session()


@cache
def client(service: str) -> Any:
    return session().client(service, config=_CONFIG)  # type: ignore[call-overload]  # the name is a variable


@cache
def dynamodb() -> Any:
    """The client that speaks native Python types."""
    return session().resource("dynamodb", config=_CONFIG).meta.client


def table(name: str) -> Table:
    return Table(dynamodb(), name)


def queue(url: str) -> Queue:
    return Queue(client("sqs"), url)


def vault(env: HoldsGrants) -> Vault:
    return Vault(client("kms"), env.grants_key)


def providers(env: UsesProviders) -> Providers:
    http = GuardedHttp(allow_private=env.allow_private_networks)
    return Providers(http, clock.now, sandbox=env.enable_sandbox)


def channels(name: str) -> Channels:
    return Channels(table(name), clock.now)


def grants(env: HoldsGrants) -> Grants:
    return Grants(table(env.grants_table), vault(env), clock.now)


def refreshing(env: HoldsGrants) -> Refreshing:
    return Refreshing(grants(env), channels(env.work_table), providers(env), clock.now)
