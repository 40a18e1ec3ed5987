"""The providers of this build, found by listing this folder; each is imported when it is first used."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from punctual.clock import Now
from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Provider

_SHARED = frozenset(
    {
        "__init__",
        "base",
        "client_auth",
        "feeding",
        "finding",
        "loopback",
        "media",
        "notices",
        "oauth2",
        "outcomes",
        "posting",
        "talking",
        "terms",
        "text",
        "token_answers",
    }
)


class UnknownProvider(LookupError):
    """No provider of that name is in this build, or it is switched off."""


class Providers:
    """The registry a function works with; `sandbox` says whether providers made for tests may be used, `api_versions`
    which version of a platform's API is spoken, where it is not the Spec's.

    There is one of each, so that what a platform's answers tell for the next call is known then.
    """

    def __init__(self, http: GuardedHttp, now: Now, *, sandbox: bool, api_versions: Mapping[str, str] | None = None):
        self._http = http
        self._now = now
        self._sandbox = sandbox
        self._api_versions = api_versions or {}
        self._made: dict[str, Provider] = {}

    def ids(self) -> list[str]:
        return [name for name in modules() if self._sandbox or not provider_class(name).spec.only_for_tests]

    def get(self, provider_id: str) -> Provider:
        if provider_id not in modules():
            raise UnknownProvider(provider_id)
        found = provider_class(provider_id)
        if found.spec.only_for_tests and not self._sandbox:
            raise UnknownProvider(provider_id)
        if provider_id not in self._made:
            self._made[provider_id] = found(self._http, self._now)
            self._made[provider_id].speak(self._api_versions.get(provider_id))
        return self._made[provider_id]


@cache
def modules() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in _SHARED))


def provider_class(provider_id: str) -> type[Provider]:
    found: type[Provider] = import_module(f"{__name__}.{provider_id}").PROVIDER
    return found
