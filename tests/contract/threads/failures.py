"""The errors that the documents of Threads name, and what they say that each means.

PZ: messages that Postiz met, DOC: https://developers.facebook.com/documentation/threads. Where no document has all of
an error, `source` says what is a guess.
"""

from collections.abc import Mapping

from tests.contract.failure import Failure, Meaning
from tests.contract.meta.graph_refusals import expired, too_many_calls
from tests.contract.meta.refusals import Refused
from tests.contract.threads.containers import missing, not_fetched, too_long
from tests.contract.threads.profile import used_up

ENVELOPE = "https://developers.facebook.com/docs/graph-api/guides/error-handling"
TWO_STEPS = "https://developers.facebook.com/documentation/threads/troubleshooting"
LEFT_OPEN = f"{ENVELOPE}; whether the post went out, the container's status tells: {TWO_STEPS}"
UNKNOWN = "An unknown error occurred"
TEMPORARY = "An unexpected error has occurred. Please retry your request later."


def failing(operation: str, refused: Refused, means: Meaning, source: str, **headers: str) -> Failure:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Failure(
        operation=operation, status=refused.status, body=refused.body, means=means, source=source, headers=named
    )


def broken(operation: str, means: Meaning, source: str) -> Failure:
    page = "<!DOCTYPE html><html><body>Sorry, something went wrong.</body></html>"
    return Failure(operation=operation, status=500, body=page, means=means, source=source)


FAILURES: Mapping[str, Failure] = {
    "token_expired_at_create": failing("create_container", expired(), "reconnect", ENVELOPE),
    "token_expired_at_publish": failing("publish", expired(), "reconnect", ENVELOPE),
    "token_expired_at_me": failing("me", expired(), "reconnect", ENVELOPE),
    "token_expired_at_refresh": failing("refresh", expired(), "reconnect", f"{ENVELOPE}; 190"),
    "activity_restricted": failing(
        "publish",
        Refused(4, "Application request limit reached", 2207051),
        "rejected",
        "PZ: 2207051; code 4 is that of Instagram's table, which Threads does not have",
    ),
    "user_restricted": failing(
        "publish",
        Refused(24, "The user is restricted", 4279013),
        "rejected",
        "PZ: 4279013; its code is a guess",
    ),
    "media_not_fetched": failing(
        "create_container", not_fetched(), "rejected", "https://github.com/gitroomhq/postiz-app/issues/1364"
    ),
    "text_too_long": failing("create_container", too_long(), "rejected", "PZ; code 100 as of every bad parameter"),
    "published_too_early": failing(
        "publish", missing("18058571375416420"), "retry", "https://github.com/fbsamples/threads_api/issues/70"
    ),
    "child_too_early": failing(
        "create_container",
        missing("18058571375416420"),
        "retry",
        "https://github.com/fbsamples/threads_api/issues/70 has it of publishing; of carousels it is a guess",
    ),
    "transient_at_create": failing("create_container", Refused(2, TEMPORARY, is_transient=True), "retry", ENVELOPE),
    "transient_at_publish": failing("publish", Refused(2, TEMPORARY, is_transient=True), "unknown", LEFT_OPEN),
    "unknown_error_at_create": failing("create_container", Refused(1, UNKNOWN, status=500), "retry", ENVELOPE),
    "unknown_error_at_publish": failing("publish", Refused(1, UNKNOWN, status=500), "unknown", LEFT_OPEN),
    "broken_at_create": broken("create_container", "retry", f"{TWO_STEPS}: nobody sees a container"),
    "broken_at_publish": broken("publish", "unknown", LEFT_OPEN),
    "quota_used_up": failing(
        "publish", used_up(), "retry", "DOC /overview: 250 posts in 24 hours; the error is Instagram's"
    ),
    "too_many_calls": failing(
        "create_container",
        too_many_calls(),
        "retry",
        "DOC /overview: rate limiting",
        X_App_Usage='{"call_count":100,"total_cputime":12,"total_time":9}',
    ),
}
