"""What the routes work with, built once a process and only when first used."""

from functools import cache

from edge import connections, parts
from edge.environment import HoldsGrants
from edge.operations import Call
from punctual.connecting import Connecting
from punctual.providers import Providers


class OauthEnvironment(HoldsGrants):
    apps_path: str
    public_url: str = ""


@cache
def environment() -> OauthEnvironment:
    return OauthEnvironment.read()


@cache
def connecting() -> Connecting:
    return connections.connecting(environment(), environment().apps_path)


@cache
def providers() -> Providers:
    return parts.providers(environment())


def own_url(call: Call) -> str:
    return call.own_url(environment().public_url)
