"""Connecting by credentials, where a platform has no OAuth or offers both."""

from collections.abc import Mapping
from typing import Any

from punctual.channels import Channel
from punctual.connecting.asked import fields
from punctual.connecting.registrations import Registrations, unavailable
from punctual.logins import Logins
from punctual.problems import BadRequest, Fault, Invalid
from punctual.providers.outcomes import OutcomeUnknown, Reconnect, Rejected, RetryLater


class SigningIn:
    def __init__(self, registrations: Registrations, logins: Logins):
        self._registrations = registrations
        self._logins = logins

    def login(self, workspace_id: str, provider_id: str, credentials: Mapping[str, Any]) -> list[Channel]:
        """They are used once and never stored."""
        provider = self._registrations.provider(provider_id)
        if "credentials" not in provider.spec.connect:
            raise BadRequest("wrong_connection", f"{provider.spec.name} is connected by OAuth: use its start call.")
        given = fields(provider.spec.credentials, credentials, (), prefix="/credentials")
        try:
            login = provider.login(given)
        except (Rejected, Reconnect) as error:
            raise Invalid([Fault(param="/credentials", rule=error.code, message=error.sentence)]) from error
        except (RetryLater, OutcomeUnknown) as error:
            raise unavailable(error) from error
        return self._logins.store(workspace_id, provider, login, None)
