"""Accounts of the real server, connected through the provider alone."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Login, Outgoing
from punctual.providers.bluesky import Bluesky, Credentials
from tests.contract.bluesky.session import outgoing, prepare
from tests.e2e.pds.server import Pds

NEW_HANDLES = (f"user{number}.test" for number in count())


def make_provider() -> Bluesky:
    return Bluesky(GuardedHttp(allow_private=True), lambda: datetime.now(UTC))


def connect(pds: Pds, provider: Bluesky, handle: str) -> Login:
    identifier, app_password, _ = pds.make_account(handle)
    return provider.login(Credentials(identifier=f"@{identifier}", app_password=app_password, server=pds.url))


def prepared(provider: Bluesky, login: Login, text: str, **changed: Any) -> Outgoing:
    due_at = datetime.now(UTC) + timedelta(minutes=5)
    post = outgoing(text, login.accounts[0], **{"due_at": due_at, **changed})
    return prepare(provider, post, login.grant)
