"""Every error of X that is documented, or was shown by those who met it, and what it means."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from tests.contract.failure import Failure, Meaning
from tests.contract.x.side_answers import DUPLICATE, NOT_PERMITTED, PROBLEMS

ERRORS = "https://docs.x.com/x-api/fundamentals/response-codes-and-errors"
LIMITS = "https://docs.x.com/x-api/fundamentals/rate-limits"
CODES = "https://github.com/plhery/node-twitter-api-v2/blob/902b701/src/types/errors.types.ts"
RULES = "https://docs.x.com/x-api/posts/manage-tweets/integrate"
CONTRACT = "https://github.com/xdevplatform/docs/blob/2871328/openapi.json"
TWITTER_PROBLEMS = "https://api.twitter.com/2/problems"


def failure(
    operation: str, status: int, means: Meaning, source: str, body: Any, headers: Mapping[str, str] | None = None
) -> Failure:
    return Failure(operation=operation, status=status, means=means, source=source, body=body, headers=headers or {})


def about(title: str, status: int, detail: str, kind: str = "", base: str = PROBLEMS, **more: Any) -> dict[str, Any]:
    return {
        "title": title,
        "detail": detail,
        "type": f"{base}/{kind}" if kind else "about:blank",
        "status": status,
        **more,
    }


def code(number: int, message: str) -> dict[str, Any]:
    return {"errors": [{"code": number, "message": message}]}


def oauth(error: str, why: str) -> dict[str, Any]:
    return {"error": error, "error_description": why}


UNAUTHORIZED = about("Unauthorized", 401, "Unauthorized")
UNSUPPORTED = about(
    "Unsupported Authentication",
    403,
    "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported authentication types are"
    " [OAuth 1.0a User Context, OAuth 2.0 User Context].",
    "unsupported-authentication",
    TWITTER_PROBLEMS,
)
FORBIDDEN = about("Forbidden", 403, NOT_PERMITTED)
INVALID = about("Invalid Request", 400, "One or more parameters to your request was invalid.", "invalid-request")
MEDIA_INVALID = {
    **INVALID,
    "errors": [{"parameters": {"media.media_ids": ["1880028106020515840"]}, "message": "Your media IDs are invalid."}],
}
RATE = about("Too Many Requests", 429, "Too Many Requests", "rate-limit-exceeded")
CAPPED = about(
    "UsageCapExceeded",
    429,
    "Usage cap exceeded: Monthly product cap",
    "usage-capped",
    period="Monthly",
    scope="Product",
)
CREDITS = {
    "account_id": 2244994945,
    "title": "CreditsDepleted",
    "detail": "Your enrolled account [2244994945] does not have any credits to fulfill this request.",
    "type": f"{TWITTER_PROBLEMS}/credits",
}
ENROLLED = about(
    "Client Forbidden",
    403,
    "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a Twitter"
    " developer App that is attached to a Project.",
    "client-forbidden",
    reason="client-not-enrolled",
    required_enrollment="Appropriate Level of API Access",
)
GONE = about("Not Found Error", 404, "Could not find media with id: [1880028106020515840].", "resource-not-found")
OTHERS = about(
    "Authorization Error", 403, "Sorry, you are not authorized.", "not-authorized-for-resource", resource_type="tweet"
)
INTERNAL = about("Internal Error", 500, "Internal error", "internal-error")
OVERLOADED = about("Service Unavailable", 503, "Service Unavailable")
BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
SPENT = {"x-rate-limit-remaining": "0"}
SPENT_TODAY = {"x-app-limit-24hour-limit": "10000", "x-app-limit-24hour-remaining": "0"}
USER_SPENT_TODAY = {"x-user-limit-24hour-limit": "100", "x-user-limit-24hour-remaining": "0"}
REFUSED_REPLY = about(
    "Forbidden",
    403,
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author"
    " of the post you are replying to.",
)
DELETED_PARENT = about("Forbidden", 403, "You attempted to reply to a Tweet that is deleted or not visible to you.")
CREDITS_SEEN = "https://github.com/tryethernal/ethernal/issues/1326"
MEDIA_SEEN = "https://github.com/plhery/node-twitter-api-v2/issues/375"
DUPLICATE_SEEN = "https://github.com/akrherz/iembot/issues/163"
UNSUPPORTED_SEEN = "https://github.com/xdevplatform/bookmarks-search/issues/10"
CODE_SEEN = "https://github.com/plhery/node-twitter-api-v2/issues/496"
FAMILY_SEEN = "https://github.com/trypostit/trypost/issues/126"
CLIENT_SEEN = "https://github.com/unasuke/omniauth-twitter2/issues/4"

SIGNING_IN = {
    "code_invalid": failure(
        "token",
        400,
        "rejected",
        CODE_SEEN,
        oauth("invalid_request", "Value passed for the authorization code was invalid."),
    ),
    "client_unknown": failure(
        "token", 401, "rejected", CLIENT_SEEN, oauth("unauthorized_client", "Missing valid authorization header")
    ),
    "refresh_client_unknown": failure(
        "refresh", 401, "rejected", CLIENT_SEEN, oauth("unauthorized_client", "Missing valid authorization header")
    ),
    "refresh_dead": failure(
        "refresh", 400, "reconnect", FAMILY_SEEN, oauth("invalid_request", "Value passed for the token was invalid.")
    ),
    # The token may have been rotated all the same, and a second use of it would end the family.
    "refresh_internal": failure("refresh", 500, "unknown", ERRORS, INTERNAL),
    "refresh_overloaded": failure("refresh", 503, "unknown", ERRORS, OVERLOADED),
}
PUBLISHING = {
    "publish_unauthorized": failure("publish", 401, "unauthorized", ERRORS, UNAUTHORIZED),
    "publish_token_expired": failure("publish", 401, "unauthorized", CODES, code(89, "Invalid or expired token.")),
    "publish_unsupported": failure("publish", 403, "reconnect", UNSUPPORTED_SEEN, UNSUPPORTED),
    "publish_duplicate": failure("publish", 403, "duplicate", DUPLICATE_SEEN, about("Forbidden", 403, DUPLICATE)),
    "publish_duplicate_code": failure("publish", 403, "duplicate", CODES, code(187, "Status is a duplicate.")),
    "publish_not_permitted": failure("publish", 403, "rejected", ERRORS, FORBIDDEN),
    "publish_not_summoned": failure("publish", 403, "rejected", RULES, REFUSED_REPLY),
    "publish_replies_restricted": failure(
        "publish",
        403,
        "rejected",
        CODES,
        code(433, "The original Tweet author restricted who can reply to this Tweet."),
    ),
    "publish_parent_deleted": failure("publish", 403, "rejected", CODES, DELETED_PARENT),
    "publish_invalid": failure("publish", 400, "rejected", ERRORS, INVALID),
    "publish_media_invalid": failure("publish", 400, "rejected", MEDIA_SEEN, MEDIA_INVALID),
    "publish_media_code": failure("publish", 400, "rejected", CODES, code(324, "The validation of media ids failed.")),
    "publish_rate_limit": failure("publish", 429, "retry", ERRORS, RATE, SPENT),
    "publish_rate_code": failure("publish", 429, "retry", LIMITS, code(88, "Rate limit exceeded"), SPENT),
    "publish_app_day": failure("publish", 429, "retry", LIMITS, RATE, SPENT_TODAY),
    "publish_user_day": failure("publish", 429, "retry", CODES, RATE, USER_SPENT_TODAY),
    "publish_capped": failure("publish", 429, "rejected", ERRORS, CAPPED),
    "publish_credits": failure("publish", 402, "rejected", CREDITS_SEEN, CREDITS),
    "publish_not_enrolled": failure("publish", 403, "rejected", ERRORS, ENROLLED),
    "publish_not_authorized": failure("publish", 403, "rejected", ERRORS, OTHERS),
    "publish_suspended": failure("publish", 403, "rejected", CODES, code(64, "Your account is suspended.")),
    "publish_locked": failure(
        "publish",
        403,
        "rejected",
        CODES,
        code(326, "To protect our users from spam, this account is temporarily locked."),
    ),
    "publish_internal": failure("publish", 500, "unknown", CONTRACT, INTERNAL),
    "publish_bad_gateway": failure("publish", 502, "unknown", ERRORS, BAD_GATEWAY),
    "publish_overloaded": failure("publish", 503, "unknown", ERRORS, OVERLOADED),
    "publish_over_capacity": failure("publish", 503, "unknown", CODES, code(130, "Over capacity")),
    "publish_timeout": failure(
        "publish", 504, "unknown", ERRORS, BAD_GATEWAY.replace("502 Bad Gateway", "504 Timeout")
    ),
    # Neither an id nor a refusal by status: https://docs.x.com/x-api/fundamentals/response-codes-and-errors#partial-errors
    "publish_partial": failure("publish", 200, "unknown", ERRORS, {"errors": [OTHERS]}),
}
Row: TypeAlias = tuple[str, int, Meaning, str, Any, Mapping[str, str]]
WHILE_READING: tuple[Row, ...] = (
    ("unauthorized", 401, "unauthorized", ERRORS, UNAUTHORIZED, {}),
    ("unsupported", 403, "reconnect", UNSUPPORTED_SEEN, UNSUPPORTED, {}),
    ("not_enrolled", 403, "rejected", ERRORS, ENROLLED, {}),
    ("credits", 402, "rejected", CREDITS_SEEN, CREDITS, {}),
    ("rate_limit", 429, "retry", LIMITS, code(88, "Rate limit exceeded"), SPENT),
    ("capped", 429, "rejected", ERRORS, CAPPED, {}),
    ("internal", 500, "retry", CONTRACT, INTERNAL, {}),
    ("overloaded", 503, "retry", ERRORS, OVERLOADED, {}),
)
WHILE_UPLOADING: tuple[Row, ...] = (
    ("invalid", 400, "rejected", ERRORS, INVALID, {}),
    ("unauthorized", 401, "unauthorized", ERRORS, UNAUTHORIZED, {}),
    ("unsupported", 403, "reconnect", UNSUPPORTED_SEEN, UNSUPPORTED, {}),
    ("credits", 402, "rejected", CREDITS_SEEN, CREDITS, {}),
    ("not_permitted", 403, "rejected", ERRORS, FORBIDDEN, {}),
    ("rate_limit", 429, "retry", LIMITS, code(88, "Rate limit exceeded"), SPENT),
    ("internal", 500, "retry", CONTRACT, INTERNAL, {}),
    ("bad_gateway", 502, "retry", ERRORS, BAD_GATEWAY, {}),
    ("overloaded", 503, "retry", ERRORS, OVERLOADED, {}),
    ("timeout", 504, "retry", ERRORS, about("Gateway Timeout", 504, "Gateway Timeout"), {}),
)
UPLOADS = ("upload", "upload_begin", "upload_part", "upload_finish", "upload_status", "alt_text")


def of_each(operations: tuple[str, ...], rows: tuple[Row, ...]) -> dict[str, Failure]:
    """What goes wrong alike, whichever is called; each may be called again without harm."""
    return {f"{operation}_{row[0]}": failure(operation, *row[1:]) for operation in operations for row in rows}


DELETING = {
    "delete_unauthorized": failure("delete", 401, "unauthorized", ERRORS, UNAUTHORIZED),
    "delete_not_authorized": failure("delete", 403, "rejected", ERRORS, OTHERS),
    "delete_gone": failure("delete", 404, "rejected", ERRORS, {**GONE, "detail": "Could not find tweet."}),
    "delete_rate_limit": failure("delete", 429, "retry", LIMITS, code(88, "Rate limit exceeded"), SPENT),
    "delete_overloaded": failure("delete", 503, "retry", ERRORS, OVERLOADED),
}
FAILURES: Mapping[str, Failure] = {
    **SIGNING_IN,
    **PUBLISHING,
    **of_each(("me", "list", "show"), WHILE_READING),
    **of_each(UPLOADS, WHILE_UPLOADING),
    **DELETING,
}
