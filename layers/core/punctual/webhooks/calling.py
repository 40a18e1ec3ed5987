"""One try: the call, and what came of it. What the endpoint answers beside its status is read up to a bound, and
thrown away."""

import re
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx

from punctual.clock import Now
from punctual.events.event import Event
from punctual.guarded_http import AddressRefused, AnswerTooLarge, GuardedHttp
from punctual.webhooks.delays import LONGEST_ASKED
from punctual.webhooks.endpoints import Webhook
from punctual.webhooks.sends import Try
from punctual.webhooks.signing import signed

SECONDS = 10.0
"""For all of it: the name, the connection, the answer."""
GONE = 410
_DELAYED_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    tried: Try
    retry_after: timedelta | None = None
    """What the endpoint asked for, as far as it is heeded."""

    @property
    def is_gone(self) -> bool:
        return self.tried.status == GONE


class Send(Protocol):
    def __call__(self, webhook: Webhook, event: Event) -> Outcome: ...


class Calling:
    def __init__(self, http: GuardedHttp, now: Now):
        self._http = http
        self._now = now

    def __call__(self, webhook: Webhook, event: Event) -> Outcome:
        at = self._now()
        request = signed(webhook, event, at)
        status, asked = None, None
        try:
            sent = httpx.Request("POST", request.url, headers=dict(request.headers), content=request.body)
            answer = self._http.send(sent, seconds=SECONDS)
        except (AddressRefused, httpx.InvalidURL, UnicodeError):
            code = "address_refused"
        except httpx.TransportError as error:
            code = _broken(error)
        else:
            status = answer.status_code
            code, asked = _meaning(status), _asked(answer, self._now())
        took = int((self._now() - at).total_seconds() * 1000)
        return Outcome(tried=Try(at=at, code=code, status=status, duration_ms=took), retry_after=asked)


def _meaning(status: int) -> str:
    if 200 <= status < 300:
        return "delivered"
    return "redirected" if 300 <= status < 400 else f"status_{status}"


def _broken(error: httpx.TransportError) -> str:
    if isinstance(error, AnswerTooLarge):
        return "answer_too_large"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return "tls_failed" if _is_tls(error) else "connection_failed"
    if isinstance(error.__cause__, ssl.SSLError):
        return "tls_failed"
    return "timeout" if isinstance(error, httpx.TimeoutException) else "connection_broken"


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _asked(answer: httpx.Response, now: datetime) -> timedelta | None:
    """https://www.rfc-editor.org/rfc/rfc9110#field.retry-after"""
    given = answer.headers.get("Retry-After", "")
    if answer.is_success or not given:
        return None
    if _DELAYED_SECONDS.fullmatch(given):
        return min(timedelta(seconds=int(given)), LONGEST_ASKED)
    try:
        asked = parsedate_to_datetime(given) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(asked, timedelta(0)), LONGEST_ASKED)
