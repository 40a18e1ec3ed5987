"""Logins that wait for the choice of their accounts: sealed beside their connection, and gone when it is made."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr, TypeAdapter

from punctual.connecting.connection_secrets import ConnectionSecrets
from punctual.connecting.connections import Connection
from punctual.providers.base import App, Login

_NAME = "login"


@dataclass(frozen=True, kw_only=True)
class KeptLogin:
    """With the registration that its tokens were given to."""

    login: Login
    app: App


_KEPT = TypeAdapter(KeptLogin)


class KeptLogins:
    """For `connections.TO_CHOOSE`, unless they are forgotten before."""

    def __init__(self, secrets: ConnectionSecrets):
        self._secrets = secrets

    def keep(self, connection: Connection, kept: KeptLogin) -> None:
        plain = json.dumps(_KEPT.dump_python(kept), default=_plain)
        self._secrets.keep(connection, _NAME, plain.encode())

    def get(self, connection: Connection) -> KeptLogin | None:
        plain = self._secrets.get(connection, _NAME)
        return _KEPT.validate_json(plain) if plain else None

    def forget(self, connection: Connection) -> None:
        self._secrets.forget(connection, _NAME)


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
