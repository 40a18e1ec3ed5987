"""Each documented way in which a call of LinkedIn fails, and what it means for what was asked.

After a 5xx to a call that publishes nobody knows; LinkedIn has no key that would make it safe to call again.
"""

from collections.abc import Mapping
from typing import Any

from tests.contract.failure import Failure, Meaning
from tests.contract.linkedin.logins import DEAD, MISMATCH
from tests.contract.linkedin.refusals import bad_request_body

_LEARN = "https://learn.microsoft.com/en-us/linkedin"
_ERRORS = f"{_LEARN}/shared/api-guide/concepts/error-handling"
_LIMITS = f"{_LEARN}/shared/api-guide/concepts/rate-limits"
_OAUTH = f"{_LEARN}/shared/authentication/authorization-code-flow"
_REFRESH = f"{_LEARN}/shared/authentication/programmatic-refresh-tokens"
_SHARES = f"{_LEARN}/marketing/community-management/shares"
_POSTS, _VIDEOS = f"{_SHARES}/posts-api", f"{_SHARES}/videos-api"
_VERSIONS = "https://github.com/n8n-io/n8n/issues/28967"
_DUPLICATE = "https://github.com/Arisamiga/Linkedin-RSS/issues/5"
_GHOST = "https://github.com/ComposioHQ/composio/issues/2710"
_TOO_LONG = "https://github.com/n8n-io/n8n/issues/22899"


def _failure(
    operation: str, status: int, code: str, message: str, means: Meaning, source: str = _ERRORS, **more: Any
) -> Failure:
    body = {"status": status, "code": code, "message": message, **more}
    return Failure(operation=operation, status=status, means=means, source=source, body=body)


def _oauth(status: int, error: str, description: str, means: Meaning, source: str = _OAUTH) -> Failure:
    body = {"error": error, "error_description": description}
    return Failure(operation="token", status=status, means=means, source=source, body=body)


def _content(status: int, message: str, code: str, description: str, means: Meaning, source: str) -> Failure:
    body = bad_request_body(status, message, code, description)
    return Failure(operation="publish", status=status, means=means, source=source, body=body)


def _same_as(number: int) -> tuple[str, str, str]:
    return f"Content is a duplicate of urn:li:share:{number}", "DUPLICATE_POST", "Duplicate post is detected"


def _tokens(operation: str, after: str) -> dict[str, Failure]:
    """A token that is refused may be one that was only just given, and not known everywhere yet."""
    told = {
        "invalid": (65600, "Invalid access token"),
        "revoked": (65601, "The token used in the request has been revoked by the user"),
        "expired": (65602, "The token used in the request has expired"),
    }
    return {
        f"{name}_token_{after}": _failure(
            operation, 401, f"{name.upper()}_ACCESS_TOKEN", message, "unauthorized", serviceErrorCode=number
        )
        for name, (number, message) in told.items()
    }


_THROTTLED = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
_NO_VERSION = "Requested version 20250401 is not active"
_FORBIDDEN = "Not enough permissions to access: "
_FIELD = "ERROR :: /author :: field is required but not found and has no default value"
_LENGTH = "ShareCommentary text length (3001 characters) exceeded the maximum allowed (3000 characters)"

FAILURES: Mapping[str, Failure] = {
    **_tokens("publish", "at_publish"),
    **_tokens("me", "at_me"),
    **_tokens("upload_begin", "at_upload"),
    **_tokens("comment", "at_comment"),
    "code_unknown": _oauth(
        401, "invalid_request", "Unable to retrieve access token: authorization code not found", "reconnect"
    ),
    "code_expired": _oauth(400, "invalid_redirect_uri", MISMATCH, "reconnect"),
    "refresh_token_dead": _oauth(400, "invalid_grant", DEAD, "reconnect", _REFRESH),
    "refresh_token_dead_by_its_other_name": _oauth(400, "invalid_request", DEAD, "reconnect", _REFRESH),
    "client_unknown": _oauth(401, "invalid_client", "Client authentication failed", "rejected"),
    "duplicate": _content(422, *_same_as(7141138937766391808), "duplicate", _DUPLICATE),
    "ghost_duplicate": _content(422, *_same_as(7431329065766260736), "duplicate", _GHOST),
    "text_too_long": _content(
        400,
        _LENGTH,
        "FIELD_ARRAY_SIZE_TOO_HIGH",
        "Size of array cannot be higher than the maxLength",
        "rejected",
        _TOO_LONG,
    ),
    "field_too_long": _failure(
        "publish", 400, "FIELD_LENGTH_TOO_LONG", "The length of a field is out of range", "rejected", _POSTS
    ),
    "field_missing": _failure("publish", 422, "UNPROCESSABLE_ENTITY", _FIELD, "rejected", _POSTS),
    "illegal_argument": _failure(
        "publish", 400, "ILLEGAL_ARGUMENT", "Syntax exception in path variables", "rejected", _ERRORS
    ),
    "media_not_ready": _failure(
        "publish", 400, "MEDIA_ASSET_WAITING_UPLOAD", "Media asset is waiting upload", "retry", _VIDEOS
    ),
    "media_spoilt": _failure(
        "publish", 400, "MEDIA_ASSET_PROCESSING_FAILED", "Media asset failed processing", "rejected", _VIDEOS
    ),
    "upload_url_expired": _failure(
        "upload_part", 400, "EXPIRED_UPLOAD_URL", "The Video upload URL is expired", "retry", _VIDEOS
    ),
    "version_sunset": _failure("publish", 426, "NONEXISTENT_VERSION", _NO_VERSION, "rejected", _VERSIONS),
    "version_sunset_at_upload": _failure(
        "upload_begin", 426, "NONEXISTENT_VERSION", _NO_VERSION, "rejected", _VERSIONS
    ),
    "no_permission": _failure(
        "publish", 403, "ACCESS_DENIED", f"{_FORBIDDEN}posts.CREATE", "rejected", serviceErrorCode=100
    ),
    "no_permission_to_comment": _failure(
        "comment", 403, "ACCESS_DENIED", f"{_FORBIDDEN}comments.CREATE", "rejected", serviceErrorCode=100
    ),
    "throttled": _failure("publish", 429, "TOO_MANY_REQUESTS", _THROTTLED, "retry", _LIMITS, serviceErrorCode=101),
    "throttled_at_upload": _failure(
        "upload_begin", 429, "TOO_MANY_REQUESTS", _THROTTLED, "retry", _LIMITS, serviceErrorCode=101
    ),
    "comment_without_an_activity": _failure(
        "comment", 500, "INTERNAL_SERVER_ERROR", "Unable to obtain activity", "unknown"
    ),
    "broken": _failure("publish", 500, "INTERNAL_SERVER_ERROR", "Internal Server Error", "unknown"),
    "unavailable": Failure(
        operation="publish", status=503, means="unknown", source=_ERRORS, body="Service Unavailable"
    ),
    "gateway_waited": _failure("publish", 504, "GATEWAY_TIMEOUT", "Gateway Timeout", "unknown"),
    "broken_at_upload": _failure("upload_begin", 500, "INTERNAL_SERVER_ERROR", "Internal Server Error", "retry"),
    "unavailable_at_part": Failure(
        operation="upload_part", status=503, means="retry", source=_ERRORS, body="Service Unavailable"
    ),
    "broken_at_finish": _failure("upload_finish", 500, "INTERNAL_SERVER_ERROR", "Internal Server Error", "retry"),
}
