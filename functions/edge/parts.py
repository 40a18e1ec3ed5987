"""Stores and the parts made of them, each as a function's environment says."""

from datetime import timedelta
from functools import partial

from pydantic import SecretStr

from edge import clients
from edge.environment import HoldsGrants, KnowsGrantsKey, LimitsMedia, Retention, ServesMedia, UsesProviders
from punctual import clock
from punctual.alerts import Alerts
from punctual.channels import Channels
from punctual.deliveries import Deliveries
from punctual.grants.grants import Grants
from punctual.guarded_http import GuardedHttp
from punctual.media.addresses import Addresses, CloudFrontAddresses, S3Addresses
from punctual.media.storage import GIGABYTE, Limits, Storage
from punctual.posts import Posts
from punctual.providers import Providers
from punctual.refreshing import Refreshing
from punctual.sealing import Vault
from punctual.tables import Table


def vault(env: KnowsGrantsKey) -> Vault:
    retired = [arn for arn in env.retired_grants_keys.split(",") if arn]
    return Vault(clients.client("kms"), env.grants_key, retired)


def http(env: UsesProviders) -> GuardedHttp:
    return GuardedHttp(allow_private=env.allow_private_networks)


def providers(env: UsesProviders) -> Providers:
    versions = dict(each.split("=", 1) for each in env.api_versions.split(",") if each)
    return Providers(http(env), clock.now, sandbox=env.enable_sandbox, api_versions=versions)


def storage(table: Table, env: LimitsMedia) -> Storage:
    limits = Limits(
        bytes=env.media_gigabytes_per_workspace * GIGABYTE or None, files_a_day=env.media_files_per_day or None
    )
    return Storage(table, limits, clock.now)


def addresses(env: ServesMedia) -> Addresses:
    if env.media_domain:
        return CloudFrontAddresses(
            domain=env.media_domain, key_id=env.media_key_id, private_key=partial(_media_key, env), now=clock.now
        )
    return S3Addresses(
        sts=clients.client("sts"),
        s3_of=clients.s3_with,
        role=env.media_reader_role,
        bucket=env.media_bucket,
        now=clock.now,
    )


def _media_key(env: ServesMedia) -> SecretStr:
    answer = clients.client("ssm").get_parameter(Name=env.media_key_parameter, WithDecryption=True)
    return SecretStr(answer["Parameter"]["Value"])


def posts(table: Table, deliveries: Deliveries) -> Posts:
    days = Retention.read().post_retention_days
    return Posts(table, deliveries, clock.now, timedelta(days=days) if days else None)


def channels(name: str) -> Channels:
    return Channels(clients.table(name), clock.now)


def grants(env: HoldsGrants) -> Grants:
    return Grants(clients.table(env.grants_table), vault(env), clock.now, timedelta(days=env.expiry_warning_days))


def refreshing(env: HoldsGrants, alerts: Alerts | None = None) -> Refreshing:
    return Refreshing(grants(env), channels(env.work_table), providers(env), clock.now, alerts)
