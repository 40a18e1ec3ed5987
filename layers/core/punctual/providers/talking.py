"""How providers talk to platforms: one way out, whose answers are sorted into the outcomes of `outcomes.py`."""

import copy
import re
import time
from collections.abc import Callable, Generator, Mapping
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Self

import httpx
from pydantic import SecretStr

from punctual.clock import Now
from punctual.guarded_http import AddressRefused, GuardedHttp, request_for
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Rejected, RetryLater, Unauthorized
from punctual.providers.terms import Grant, Spec

_REMAINING = ("RateLimit-Remaining", "X-RateLimit-Remaining")
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_SECONDS = re.compile(r"[0-9]+(\.[0-9]*)?")
_LONGEST_WAIT = timedelta(days=366)


class Talking:
    """What a provider says and hears; overridden where a platform speaks its own way."""

    spec: ClassVar[Spec]

    def __init__(self, http: GuardedHttp, now: Now):
        self.http = http
        self.now = now
        self._chosen_version = ""
        self.note_limit: Callable[[datetime], None] = _ignore

    def noting(self, limit: Callable[[datetime], None]) -> Self:
        """The same provider, which tells `limit` until when a platform's answer asks us to wait."""
        other = copy.copy(self)
        other.note_limit = limit
        return other

    def speak(self, api_version: str | None) -> None:
        """That version of the platform's API; None: the Spec's."""
        self._chosen_version = api_version or ""

    @property
    def api_version(self) -> str:
        """Of the platform's API: the stack's own choice, or the Spec's."""
        return self._chosen_version or (self.spec.api_version.name if self.spec.api_version else "")

    def api_version_ends_on(self) -> date | None:
        """From that day the platform answers to this version no more, as far as is known."""
        spoken = self.spec.api_version
        return spoken.ends_on if spoken and spoken.name == self.api_version else None

    def headers(self) -> dict[str, str]:
        """Of every request, beside what each says itself: a User-Agent that the platform wants, an API version."""
        return {}

    def call(
        self,
        method: str,
        url: str,
        *,
        grant: Grant | None = None,
        irreversible: bool = False,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        seconds: float | None = None,
        **content: Any,
    ) -> httpx.Response:
        """One request and its successful (2xx) answer; `content` is httpx's `params`, `json`, `data`, `content`,
        `files`.

        Files and iterators are read as they are sent. Where `auth` is asked for another proof, a file as `content` is
        sent again from its start; any other is RetryLater, and the next try has the proof.

        Raises a ProviderError. `irreversible` marks the publishing call: whatever leaves its outcome open then
        becomes OutcomeUnknown instead of RetryLater. `auth` is for calls that no grant proves; `seconds` the call's
        total deadline, if not the Spec's.
        """
        sent = {"Accept": "application/json", "User-Agent": "Punctual", **self.headers(), **(headers or {})}
        request = request_for(method, url, sent, **content)
        auth = auth or (self.auth(grant) if grant else httpx.Auth())
        try:
            response = exchange(self.http, request, auth, seconds or self.spec.call_seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise RetryLater(f"{self.spec.name} could not be reached.", code="unreachable") from error
        except AddressRefused as error:
            raise Rejected(f"The server's address was refused: {error}.", code="address_refused") from error
        except httpx.TransportError as error:
            raise self._broken_off(irreversible) from error
        if until := self.limited_until(response):
            self.note_limit(until)
        if self.failed(response):
            raise self.error(response, irreversible)
        return response

    def auth(self, grant: Grant) -> httpx.Auth:
        """What proves that a call may use the grant."""
        return Bearer(grant.access_token)

    def failed(self, response: httpx.Response) -> bool:
        """Platforms that answer 200 with an error inside override it."""
        return not response.is_success

    def limited_until(self, response: httpx.Response) -> datetime | None:
        """When the platform takes the account's next call, where this answer says that it takes none now."""
        used_up = any(response.headers.get(name) == "0" for name in _REMAINING)
        seconds = self._wait(response) if used_up or response.status_code == 429 else None
        return self.now() + timedelta(seconds=seconds) if seconds else None

    def error(self, response: httpx.Response, irreversible: bool) -> ProviderError:
        """An unsuccessful answer as an outcome. Providers override it for the codes their platform documents."""
        status = response.status_code
        name = self.spec.name
        code = self.platform_code(response)
        if status == 429:
            return RetryLater(
                f"{name} asked us to slow down.",
                code="rate_limited",
                status=429,
                retry_after=self._wait(response),
            )
        if status == 401:
            return Unauthorized(
                f"{name} no longer accepts this connection.", code="unauthorized", status=401, platform_code=code
            )
        if 400 <= status < 500:
            return Rejected(
                f"{name} refused the request (HTTP {status}).", code="refused", status=status, platform_code=code
            )
        if irreversible:
            return OutcomeUnknown(f"{name} answered HTTP {status}.", code="server_error", status=status)
        return RetryLater(f"{name} answered HTTP {status}.", code="server_error", status=status)

    def platform_code(self, response: httpx.Response) -> str | None:
        """The platform's own error code, where it is a code: a sentence may hold what the user wrote."""
        try:
            error = response.json().get("error")
        except (ValueError, AttributeError):
            return None
        code = error.get("code") if isinstance(error, dict) else error
        is_code = isinstance(code, str | int) and not isinstance(code, bool) and _CODE.fullmatch(str(code))
        return str(code) if is_code else None

    def retry_after(self, response: httpx.Response) -> float | None:
        """Seconds, from `Retry-After` in either of its forms. Platforms with their own headers override it."""
        given = response.headers.get("Retry-After", "")
        if _SECONDS.fullmatch(given):
            return float(given)
        try:
            return max(0.0, (parsedate_to_datetime(given) - self.now()).total_seconds())
        except (ValueError, TypeError, OverflowError):
            return None

    def _wait(self, response: httpx.Response) -> float | None:
        """A server may ask for more time than there is."""
        seconds = self.retry_after(response)
        return None if seconds is None else min(seconds, _LONGEST_WAIT.total_seconds())

    def _broken_off(self, irreversible: bool) -> ProviderError:
        if irreversible:
            return OutcomeUnknown(f"The connection to {self.spec.name} broke off.", code="broken_off")
        return RetryLater(f"The connection to {self.spec.name} broke off.", code="broken_off")


def answer(response: httpx.Response, irreversible: bool = False) -> dict[str, Any]:
    """A JSON object out of a successful answer; anything else means that the outcome cannot be read."""
    try:
        found = response.json()
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    problem = OutcomeUnknown if irreversible else RetryLater
    raise problem("The platform's answer could not be read.", code="unreadable_answer", status=response.status_code)


class Bearer(httpx.Auth):
    def __init__(self, token: SecretStr):
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request


def exchange(http: GuardedHttp, request: httpx.Request, auth: httpx.Auth, seconds: float) -> httpx.Response:
    """The last answer. One that only asks `auth` for another proof is no answer: the request is sent again with it,
    inside the same deadline. Raises BodyBroken for a body that cannot be read again (`request_for`)."""
    ends = time.monotonic() + seconds
    flow = auth.sync_auth_flow(request)
    asked = next(flow)
    while True:
        response = http.send(asked, seconds=max(0.0, ends - time.monotonic()))
        try:
            asked = flow.send(response)
        except StopIteration:
            return response


def _ignore(until: datetime) -> None:
    """Outside of publishing nobody remembers limits."""
