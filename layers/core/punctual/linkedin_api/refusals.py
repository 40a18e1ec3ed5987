"""What LinkedIn refuses, and why: https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import regex

from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Rejected, RetryLater, Unauthorized
from punctual.providers.terms import Remedy

REMEDIES: Mapping[str, Remedy] = {
    "version_ended": Remedy(
        remediation="Whoever runs the stack updates it, or sets ApiVersions; then retry the delivery."
    ),
    "not_readable": Remedy(remediation="Look at the account, then resolve the delivery: published or not_published."),
}
# 65601 is also what a token just given may be told for a while: https://github.com/jclusso/omniauth-linkedin-openid/issues/6
# So none of them is believed before one refresh.
_DEAD_TOKENS = frozenset({"65600", "65601", "65602"})
_CODE = regex.compile(r"[A-Za-z0-9_.-]{1,64}")
_MEDIA_CODE = regex.compile(r"\bMEDIA_ASSET_[A-Z_]{1,40}\b")
_POST = regex.compile(r"urn:li:(?:share|ugcPost):[0-9]{1,20}")
_NOT_READY = frozenset({"MEDIA_ASSET_WAITING_UPLOAD", "MEDIA_ASSET_PROCESSING"})
_BROKEN_FILE = "MEDIA_ASSET_PROCESSING_FAILED"
DUPLICATE = "DUPLICATE_POST"
_ASKS_AGAIN_AFTER = 10.0
# https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
_DEAD_GRANT = "The provided authorization grant or refresh token is invalid, expired or revoked"


class DuplicateFound(OutcomeUnknown):
    """LinkedIn has this very post already, or had it a while ago; `urn` is its name for it, where it says one.

    Never given to the core, which goes by the names of the outcomes."""

    def __init__(self, urn: str | None):
        super().__init__("LinkedIn calls this post a duplicate.", code="duplicate", status=422, platform_code=DUPLICATE)
        self.urn = urn


def sorted_out(response: httpx.Response, irreversible: bool, name: str, version: str) -> ProviderError | None:
    """An answer that LinkedIn documents; None: it is like any other platform's."""
    status, codes = response.status_code, list(codes_of(response))
    if status == 426:  # https://github.com/n8n-io/n8n/issues/28967
        sentence = (
            f"LinkedIn no longer speaks the version of its API that this stack asks for ({version}). "
            "Whoever runs the stack must update it, or name a newer one (ApiVersions)."
        )
        return Rejected(sentence, code="version_ended", status=status, platform_code=_first(codes))
    if status == 401 and _DEAD_TOKENS & {*codes}:
        return Unauthorized(
            f"{name} no longer accepts this connection.",
            code="unauthorized",
            status=status,
            platform_code=_first(codes),
        )
    if irreversible and DUPLICATE in codes and status in (400, 409, 422):
        return DuplicateFound(_original(response))
    if status == 400 and _NOT_READY & {*codes}:
        sentence = "LinkedIn is still working on a file of this post."
        return RetryLater(
            sentence, code="not_ready", status=status, platform_code=_first(codes), retry_after=_ASKS_AGAIN_AFTER
        )
    if status == 400 and _BROKEN_FILE in codes:
        return Rejected(
            "LinkedIn could make nothing of a file of this post.",
            code="media_refused",
            status=status,
            platform_code=_BROKEN_FILE,
        )
    if status == 403:
        sentence = (
            "LinkedIn does not let this connection do this: the person's role, or the app's products, allow less."
        )
        return Rejected(sentence, code="permission_missing", status=status, platform_code=_first(codes))
    return None


def codes_of(response: httpx.Response) -> Iterator[str]:
    """The most telling first: of single inputs, then of all."""
    body = _body(response)
    details = body.get("errorDetails")
    inputs = details.get("inputErrors") if isinstance(details, Mapping) else None
    given = [each.get("code") for each in inputs if isinstance(each, Mapping)] if isinstance(inputs, list) else []
    yield from _MEDIA_CODE.findall(str(body.get("message")))
    yield from filter(_CODE.fullmatch, map(str, filter(None, (*given, body.get("code"), body.get("serviceErrorCode")))))


def code_of(response: httpx.Response) -> str | None:
    return _first(list(codes_of(response)))


def oauth_code(response: httpx.Response, code: str | None) -> str | None:
    """LinkedIn also calls a dead refresh token an `invalid_request`, in the very words that RFC 6749 has for
    `invalid_grant`; any other request that is wrong is ours to mend."""
    is_dead = str(_body(response).get("error_description")).startswith(_DEAD_GRANT)
    return "invalid_grant" if code == "invalid_request" and is_dead else code


def until_midnight(response: httpx.Response, now: datetime) -> float | None:
    """Its limits are those of a day, which ends at midnight UTC:
    https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/rate-limits

    What does not answer as its API does is a gateway that protects itself, for nobody knows how long."""
    if response.status_code != 429 or not ({"serviceErrorCode", "message", "code"} & {*_body(response)}):
        return None
    tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (tomorrow - now).total_seconds()


def made_at(urn: str) -> datetime | None:
    """When a post was made, by the upper 41 bits of its number: LinkedIn does not document it, and others rely on it.
    https://github.com/codingmatheus/linkedin-timestamp-extractor; None where that gives no sensible time."""
    try:
        found = datetime.fromtimestamp((int(urn.rpartition(":")[2]) >> 22) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.year >= 2010 else None


def _original(response: httpx.Response) -> str | None:
    """The post that it names is only in the sentence: https://github.com/Arisamiga/Linkedin-RSS/issues/5"""
    named = _POST.search(str(_body(response).get("message")))
    return named.group() if named else None


def _body(response: httpx.Response) -> Mapping[str, Any]:
    try:
        found = response.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _first(codes: list[str]) -> str | None:
    return codes[0] if codes else None
