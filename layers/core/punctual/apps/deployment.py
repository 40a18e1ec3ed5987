"""Apps that whoever runs the stack has set for all of its workspaces: one parameter of SSM for each provider.

A value is kept for five minutes, so that connecting costs no call, and a new one is in use after that.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretStr, ValidationError

from punctual.clock import Now
from punctual.problems import BadRequest, NotReady
from punctual.providers.base import App, Provider
from punctual.validation import faults

log = logging.getLogger(__name__)

KEPT = timedelta(minutes=5)
MISSED = timedelta(minutes=1)
"""How long it is remembered that there is none: who has just set one waits no longer."""


@dataclass(frozen=True, kw_only=True)
class _Known:
    value: SecretStr | None
    until: datetime


class DeploymentApps:
    """`ssm` gives a boto3 client once one is needed: most connections need no app that is set. `path` is where the
    stack's parameters are; without one there are none."""

    def __init__(self, ssm: Callable[[], Any], path: str, now: Now):
        self._ssm = ssm
        self._path = path
        self._now = now
        self._known: dict[str, _Known] = {}

    def find(self, provider: Provider) -> App | None:
        """None where none is set. Raises NotReady where that cannot be known, BadRequest where what is set is none."""
        model = provider.spec.app_fields
        value = self._value(provider) if self._path and model else None
        if value is None or model is None:
            return None
        try:
            return provider.app(model.model_validate_json(value.get_secret_value()))
        except ValidationError as error:
            raise _unusable(provider, error) from None

    def _value(self, provider: Provider) -> SecretStr | None:
        name, now = provider.spec.id, self._now()
        known = self._known.get(name)
        if not known or known.until <= now:
            value = self._read(provider)
            known = self._known[name] = _Known(value=value, until=now + (KEPT if value else MISSED))
        return known.value

    def _read(self, provider: Provider) -> SecretStr | None:
        try:
            answer: Mapping[str, Any] = self._ssm().get_parameter(
                Name=parameter(self._path, provider.spec.id), WithDecryption=True
            )
        except (ClientError, BotoCoreError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
            if code == "ParameterNotFound":
                return None
            log.warning("app not read", extra={"provider": provider.spec.id, "code": code})
            detail = f"The stack's app for {provider.spec.name} could not be read from its parameters ({code})."
            raise NotReady("app_unreadable", detail) from error
        return SecretStr(answer["Parameter"]["Value"])


def parameter(path: str, provider_id: str) -> str:
    return f"{path}/{provider_id}"


def _unusable(provider: Provider, error: ValidationError) -> BadRequest:
    """From None: pydantic's error holds what it was given."""
    spec = provider.spec
    wrong = ", ".join(f"{each.param.strip('/') or 'the value'} ({each.rule})" for each in faults(error))
    log.error("app not usable", extra={"provider": spec.id, "wrong": wrong})
    detail = f"What is set as the stack's app for {spec.name} is none: {wrong}. Set it again: `{command(spec.id)}`."
    return BadRequest("app_unusable", detail)


def command(provider_id: str) -> str:
    return f"make app PROVIDER={provider_id}"
