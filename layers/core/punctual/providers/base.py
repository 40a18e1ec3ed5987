"""What a provider is: a frozen `Spec` of facts, and the verbs that need the platform.

A provider is one module in this folder that sets `PROVIDER` to a subclass of `Provider`; nothing else names it.
Verbs talk to the platform only through `call`, which sorts every answer into the four outcomes of `outcomes.py`.
"""

import copy
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Self

import httpx

from punctual.clock import Now
from punctual.guarded_http import AddressRefused, GuardedHttp
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Rejected, RetryLater, Unauthorized
from punctual.providers.terms import (
    Account,
    App,
    Callback,
    Cap,
    ClientId,
    ClientIdAndSecret,
    Consent,
    Fields,
    Grant,
    Keep,
    Login,
    Outgoing,
    PartKind,
    Published,
    Rate,
    Shown,
    Spec,
    Violation,
)

__all__ = [
    "Account",
    "App",
    "Callback",
    "Cap",
    "ClientId",
    "ClientIdAndSecret",
    "Consent",
    "Fields",
    "Grant",
    "Keep",
    "Login",
    "Outgoing",
    "PartKind",
    "Provider",
    "Published",
    "Rate",
    "Shown",
    "Spec",
    "Violation",
    "answer",
]

_REMAINING = ("RateLimit-Remaining", "X-RateLimit-Remaining")
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class Provider:
    """Base of all providers; what it does not implement, the platform does not offer."""

    spec: ClassVar[Spec]

    def __init__(self, http: GuardedHttp, now: Now):
        self.http = http
        self.now = now
        self.note_limit: Callable[[datetime], None] = _ignore

    def noting(self, limit: Callable[[datetime], None]) -> Self:
        """The same provider, which tells `limit` until when a platform's answer asks us to wait."""
        other = copy.copy(self)
        other.note_limit = limit
        return other

    # Connecting

    def server(self, fields: Any, own_url: str) -> str:
        """The origin to talk to, from the connect fields; `own_url` is Punctual's public address."""
        return ""

    def app(self, fields: Any) -> App:
        """The registration that `Spec.app_fields` describe."""
        return App(**dict(fields))

    def register_app(self, server: str, redirect_uri: str) -> App | None:
        """A new registration at that server, where the platform lets programs register; else None."""
        return None

    def issuer(self, server: str) -> str | None:
        """What `iss` of a callback must be (RFC 9207), where the platform sends it; else None."""
        return None

    def authorization_url(self, consent: Consent) -> str:
        raise NotImplementedError

    def authenticate(self, callback: Callback) -> Login:
        raise NotImplementedError

    def login(self, fields: Any) -> Login:
        """For providers that connect by credentials. Rejected or Unauthorized: the credentials are wrong."""
        raise NotImplementedError

    def refresh(self, grant: Grant, app: App | None) -> Grant:
        raise NotImplementedError

    def can_refresh(self, grant: Grant) -> bool:
        """Whether it holds what `refresh` takes. A grant that does not is used to its end, and then given up."""
        return False

    def refresh_at(self, grant: Grant, obtained_at: datetime) -> datetime | None:
        """When to refresh it, where the platform has a rule of its own; None: as its life is long."""
        return None

    def missing_scopes(self, grant: Grant) -> tuple[str, ...]:
        """Of the scopes that are needed, those that the grant does not have."""
        return ()

    def revoke(self, grant: Grant, app: App | None) -> None:
        """End the grant at the platform, where it can be ended."""

    # Publishing

    def check(self, text: str, settings: Any, account: Account) -> list[Violation]:
        """Every rule that this content breaks; no network."""
        limit = self.max_text(account)
        length = self.length(text, settings, account)
        if length <= limit:
            return []
        message = f"{self.spec.name} takes at most {limit} {self.spec.counted_in}; this text has {length}."
        return [Violation(field="text", rule=f"{self.spec.id}.text.max_length", message=message)]

    def max_text(self, account: Account) -> int:
        return account.limits.get("max_text", self.spec.max_text)

    def length(self, text: str, settings: Any, account: Account) -> int:
        """In `Spec.counted_in`, as the account's server counts."""
        return len(text)

    def preview(self, text: str, settings: Any, account: Account) -> Shown:
        """The text as readers will see it, as far as that is known without asking the platform; takes any text."""
        from punctual.providers.text import links  # with `regex`, which most functions need not import

        return links(text)

    def caps(self, account: Account) -> tuple[Cap, ...]:
        """How many posts the account may make."""
        return self.spec.caps

    def lead_seconds(self, text: str, settings: Any) -> int:
        """How long before T this content's `prepare` must start."""
        return self.spec.lead_seconds

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        """Everything before T that no reader can see. May run again after a crash: skip what `post.prepared` has.

        Raises Processing while the platform is at work; later parts are prepared once what they answer is live.
        """

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        """The one irreversible call, made with `self.call(…, irreversible=True)` and nothing before or after it.

        Raises Processing where the platform has accepted it for good and `find` will tell when it is live.
        """
        raise NotImplementedError

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        """What the platform itself says of a call whose answer we missed; see `Spec.absence_is_proof`.

        Raises OutcomeUnknown where it cannot say, also because `post.prepared` is empty: after a restore it may be.
        """
        return None

    def key_window_seconds(self, post: Outgoing) -> int:
        return self.spec.key_window_seconds

    def absence_is_proof(self, post: Outgoing) -> bool:
        return self.spec.absence_is_proof

    # Talking

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
        **content: Any,
    ) -> httpx.Response:
        """One request and its successful (2xx) answer; `content` is httpx's `params`, `json`, `data`, `content`.

        Raises a ProviderError. `irreversible` marks the publishing call: whatever leaves its outcome open then
        becomes OutcomeUnknown instead of RetryLater.
        """
        sent = {"Accept": "application/json", "User-Agent": "Punctual", **self.headers(), **(headers or {})}
        if grant:
            sent["Authorization"] = f"Bearer {grant.access_token.get_secret_value()}"
        request = httpx.Request(method, url, headers=sent, **content)
        try:
            response = self.http.send(request, seconds=self.spec.call_seconds)
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

    def failed(self, response: httpx.Response) -> bool:
        """Platforms that answer 200 with an error inside override it."""
        return not response.is_success

    def limited_until(self, response: httpx.Response) -> datetime | None:
        """When the platform takes the account's next call, where this answer says that it takes none now."""
        used_up = any(response.headers.get(name) == "0" for name in _REMAINING)
        seconds = self.retry_after(response) if used_up or response.status_code == 429 else None
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
                retry_after=self.retry_after(response),
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
        if given.replace(".", "", 1).isdigit():
            return float(given)
        try:
            return max(0.0, (parsedate_to_datetime(given) - self.now()).total_seconds())
        except (ValueError, TypeError):
            return None

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


def _ignore(until: datetime) -> None:
    """Outside of publishing nobody remembers limits."""
