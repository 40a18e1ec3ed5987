"""Graph, the API that Facebook, Instagram and Threads are reached by. https://developers.facebook.com/docs/graph-api

What one of them has beside it is its provider's: a host, and what its own codes mean (`meanings`).
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import httpx

from punctual.meta import usage
from punctual.meta.meanings import MEANINGS, Meaning, fault
from punctual.meta.signed_requests import SignedRequests
from punctual.providers.base import App, Callback, Grant, answer
from punctual.providers.oauth2 import OAuth2Provider
from punctual.providers.outcomes import (
    OutcomeUnknown,
    ProviderError,
    Reconnect,
    Rejected,
    RetryLater,
    ScopesMissing,
    Unauthorized,
)

_ID = re.compile(r"(?!\.+$)[A-Za-z0-9_:.-]{1,200}")
# Expired, and used before: https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow (the
# subcodes stand in no table there, and are as people report them).
_SPENT_CODES = frozenset({"100/36007", "100/36009"})
_DEAD_TOKENS = frozenset({"102", "190"})
_LONGEST_ADDRESS = 2000
_AGED = timedelta(hours=25)
"""Tokens are renewed from 24 hours on; Meta's clock may differ from ours."""
_MISSING = "33"
"""The subcode of 100 that says that there is no such object, or none that this token may see."""


class GraphProvider(SignedRequests, OAuth2Provider):
    """Errors, limits and addresses. Its people never see a message of the platform's: it may quote their post."""

    host: ClassVar[str]
    """With its scheme."""
    meanings: ClassVar[Mapping[str, Meaning]] = MEANINGS

    sites: ClassVar[tuple[str, ...]]
    """Where readers find what is posted: hosts, and all below them."""

    # Talking

    def shown_at(self, found: Mapping[str, Any]) -> str:
        """The address of a post, from an answer: nothing but one on the platform's own site is passed on."""
        given = str(found.get("permalink") or "")
        try:
            url = httpx.URL(given)
            host = url.host
        except (httpx.InvalidURL, UnicodeError):  # of a name that says to be Punycode, and is not
            return ""
        is_own = any(host == site or host.endswith(f".{site}") for site in self.sites)
        return given if url.scheme == "https" and is_own and len(given) <= _LONGEST_ADDRESS else ""

    def at(self, path: str) -> str:
        """The address of an object or an edge, in the API's version."""
        return f"{self.host}/{self.api_version}/{path}"

    def read(self, path: str, grant: Grant, **params: str) -> dict[str, Any]:
        return answer(self.call("GET", self.at(path), grant=grant, params=params))

    def failed(self, response: httpx.Response) -> bool:
        """An error with status 200 is one too: it names no object."""
        return super().failed(response) or fault(response) is not None

    def platform_code(self, response: httpx.Response) -> str | None:
        """`code/subcode`."""
        found = fault(response)
        return found.text if found else super().platform_code(response)

    def retry_after(self, response: httpx.Response) -> float | None:
        given = super().retry_after(response)
        return usage.wait(response.headers) if given is None else given

    def limited_until(self, response: httpx.Response) -> datetime | None:
        seconds = usage.wait(response.headers)
        return self.now() + timedelta(seconds=seconds) if seconds else super().limited_until(response)

    def error(self, response: httpx.Response, irreversible: bool) -> ProviderError:
        found = fault(response)
        meaning = found.meaning(self.meanings) if found else None
        if found is None or response.status_code >= 500:
            return super().error(response, irreversible)
        if meaning:
            return self._meant(meaning, response, irreversible)
        if response.is_success:
            return OutcomeUnknown(
                f"{self.spec.name} answered with a success that is an error ({found.text}).",
                code="unreadable_answer",
                status=response.status_code,
                platform_code=found.text,
            )
        return super().error(response, irreversible)

    def _meant(self, meaning: Meaning, response: httpx.Response, irreversible: bool) -> ProviderError:
        sentence = meaning.sentence.format(name=self.spec.name)
        about: dict[str, Any] = {
            "code": meaning.code,
            "status": response.status_code,
            "platform_code": self.platform_code(response),
        }
        match meaning.verdict:
            case "rejected":
                return Rejected(sentence, **about)
            case "reconnect":
                return Reconnect(sentence, **about)
            case "unauthorized":
                return Unauthorized(sentence, **about)
            case "open" if irreversible:
                return OutcomeUnknown(sentence, **about)
            case "open" if meaning.code == "duplicate":
                return Rejected(sentence, **about)
        return RetryLater(sentence, retry_after=self._wait(response) or meaning.seconds, **about)

    # The life of a grant

    def exchange(self, callback: Callback) -> Grant:
        """A code becomes a token of an hour or two, and that one a token of sixty days."""
        short = super().exchange(callback)
        if missing := self.missing_scopes(short):
            raise ScopesMissing(self.spec.name, missing)
        return self.lasting(short, callback.app)

    def lasting(self, short: Grant, app: App) -> Grant:
        """Facebook's way. https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived"""
        fields = {"grant_type": "fb_exchange_token", "fb_exchange_token": short.access_token.get_secret_value()}
        return self.token(fields, app, server=short.server, previous=short)

    def token_error(self, error: ProviderError) -> ProviderError:
        code = error.platform_code or ""
        if code in _SPENT_CODES or code.partition("/")[0] in _DEAD_TOKENS:
            sentence = f"{self.spec.name} ended this connection."
            return Reconnect(sentence, code="grant_dead", status=error.status, platform_code=code)
        return super().token_error(error)


class SelfRenewing(GraphProvider):
    """Instagram's own login, and Threads: the token that lasts is its own refresh token, and no app is asked for.

    https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
    """

    token_prefix: ClassVar[str]
    """`ig` or `th`."""

    def lasting(self, short: Grant, app: App) -> Grant:
        secret = {"client_secret": app.client_secret.get_secret_value()} if app.client_secret else {}
        return self._longer("exchange_token", "access_token", short, secret)

    def can_refresh(self, grant: Grant) -> bool:
        return True

    def refresh_at(self, grant: Grant, obtained_at: datetime) -> datetime | None:
        """At half of its life: what is expired cannot be renewed, and what is younger than a day neither."""
        if grant.expires_at is None:
            return None
        return max(obtained_at + _AGED, obtained_at + (grant.expires_at - obtained_at) / 2)

    def refresh(self, grant: Grant, app: App | None) -> Grant:
        return self._longer("refresh_token", "refresh_access_token", grant, {})

    def _longer(self, kind: str, path: str, grant: Grant, proof: Mapping[str, str]) -> Grant:
        """These addresses have no version."""
        token = {"access_token": grant.access_token.get_secret_value()}
        fields = {"grant_type": f"{self.token_prefix}_{kind}", **proof, **token}
        url = f"{self.host}/{path}"
        return self.token(fields, None, server=grant.server, previous=grant, url=url, method="GET")


def id_of(found: Mapping[str, Any], name: str = "id", *, irreversible: bool = False) -> str:
    """The id in a successful answer, fit to stand in an address. Raises RetryLater, or OutcomeUnknown."""
    value = found.get(name)
    if is_id(value):
        return str(value)
    problem = OutcomeUnknown if irreversible else RetryLater
    raise problem("The platform's answer names nothing.", code="unreadable_answer")


def is_id(value: Any) -> bool:
    """Whether it can stand in an address, and leads nowhere else there."""
    return isinstance(value, str | int) and not isinstance(value, bool) and bool(_ID.fullmatch(str(value)))


def is_gone(error: ProviderError) -> bool:
    """Whether the object of a call is not there (any more), or is hidden from this token: Graph tells no difference."""
    code, _, subcode = (error.platform_code or "").partition("/")
    return isinstance(error, Rejected) and (error.status == 404 or (code, subcode) == ("100", _MISSING))
