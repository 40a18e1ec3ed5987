"""Every way in which Facebook refuses that is known, and what its documents say that it means.

`feed` stands for all that publishes. Codes 1 and 2 leave it open there whether a post was made. Subcodes that others
have seen without their code are under 100, or under 1 where they are called passing.
"""

from collections.abc import Mapping

from tests.contract.failure import Failure
from tests.contract.meta.refusals import KNOWN, RATES, SEEN, failure

PAST = "Error validating access token"

TOKENS: Mapping[str, Failure] = {
    "token_without_subcode": failure("feed", 190, means="reconnect", message=f"{PAST}."),
    "api_session": failure("feed", 102, means="reconnect", message="Session key invalid or no longer valid"),
    "app_not_installed": failure("feed", 190, 458, means="reconnect", message=f"{PAST}: not authorized"),
    "checkpoint": failure("feed", 190, 459, means="reconnect", message=f"{PAST}: the user is in a checkpoint"),
    "password_changed": failure("feed", 190, 460, means="reconnect", message=f"{PAST}: the password was changed"),
    "token_expired": failure("feed", 190, 463, means="reconnect", message=f"{PAST}: Session has expired"),
    "user_unconfirmed": failure("feed", 190, 464, means="reconnect", source=KNOWN, message=f"{PAST}: not confirmed"),
    "token_invalid": failure("feed", 190, 467, means="reconnect", message=f"{PAST}: invalid"),
    "no_role_on_page": failure("feed", 190, 492, means="reconnect", source=KNOWN, message=f"{PAST}: no administrator"),
    "token_dead_when_asked": failure("page", 190, 463, means="reconnect", message=f"{PAST}: Session has expired"),
    "exchange_of_an_expired_token": failure("exchange", 190, 463, means="reconnect", message=f"{PAST}: expired"),
}

PERMISSIONS: Mapping[str, Failure] = {
    "no_capability": failure("feed", 3, means="rejected", message="Application does not have the capability"),
    "permission_denied": failure("feed", 10, means="rejected", message="Application does not have permission"),
    "permission_missing": failure("feed", 200, means="rejected", message="Permissions error"),
    "permission_of_comments": failure("comment", 200, means="rejected", message="Permissions error"),
    "permission_last": failure("feed", 299, means="rejected", message="Permissions error"),
    "page_authorization": failure("feed", 100, 1404078, means="rejected", source=SEEN),
    "identity_confirmation": failure("feed", 100, 4854002, means="rejected", source=SEEN),
}

PASSING: Mapping[str, Failure] = {
    "api_unknown": failure("feed", 1, means="unknown", message="An unknown error occurred"),
    "api_service": failure("feed", 2, means="unknown", message="Service temporarily unavailable"),
    "api_unknown_when_asked": failure("page", 1, means="retry", message="An unknown error occurred"),
    "api_service_when_asked": failure("page", 2, means="retry", message="Service temporarily unavailable"),
    "api_service_when_staged": failure(
        "photo_unpublished", 2, means="retry", message="Service temporarily unavailable"
    ),
    "transient": failure("page", 100, means="retry", is_transient=True, source=SEEN),
    "transient_when_posted": failure("feed", 100, means="unknown", is_transient=True, source=SEEN),
    "temporarily_unavailable": failure("photo_unpublished", 1, 1363047, means="retry", source=SEEN),
    "temporarily_unavailable_too": failure("photo_unpublished", 1, 1609010, means="retry", source=SEEN),
    "internal_error": failure("feed", 1, means="unknown", status=500, message="An unexpected error has occurred"),
    "bad_gateway": Failure(
        operation="feed", status=502, means="unknown", source=KNOWN, body="<html>Bad Gateway</html>"
    ),
    "unavailable_when_asked": failure("page", 2, means="retry", status=503, message="Service temporarily unavailable"),
}

RATES_OF: Mapping[str, Failure] = {
    "app_limit": failure("feed", 4, means="retry", source=RATES, message="Application request limit reached"),
    "user_limit": failure("accounts", 17, means="retry", source=RATES, message="User request limit reached"),
    "page_limit": failure("feed", 32, means="retry", source=RATES, message="Page request limit reached"),
    "custom_limit": failure("feed", 613, means="retry", source=RATES, message="Calls have exceeded the rate limit"),
    "application_limit": failure("feed", 341, means="retry", message="Application limit reached"),
    "page_use_case": failure("feed", 80001, means="retry", source=RATES, message="There have been too many calls"),
    "posting_too_fast": failure("feed", 100, 1390008, means="retry", source=SEEN),
}

POLICY: Mapping[str, Failure] = {
    "blocked": failure("feed", 368, means="rejected", message="The action attempted has been deemed abusive"),
    **{
        f"policy_{subcode}": failure("feed", 100, subcode, means="rejected", source=SEEN)
        for subcode in (1346003, 1404102, 1404112, 1404006)
    },
}

DUPLICATES: Mapping[str, Failure] = {
    "duplicate": failure("feed", 506, means="duplicate", message="Duplicate posts cannot be published consecutively"),
    "photos_already_posted": failure("feed", 100, 1366051, means="duplicate", source=SEEN),
}

CONTENT: Mapping[str, Failure] = {
    "link_not_scraped": failure("feed", 100, 1609005, means="rejected", message="Error scraping the link"),
    "link_to_facebook": failure("feed", 100, 1609008, means="rejected", source=SEEN),
    "link_invalid": failure("feed", 100, 2061006, means="rejected", source=SEEN),
    "photo_size_or_type": failure("photo_unpublished", 100, 1366046, means="rejected", source=SEEN),
    "file_invalid": failure("photo_unpublished", 324, 2069019, means="rejected", source=SEEN),
    "file_missing": failure("photo_unpublished", 324, means="rejected", source=KNOWN, message="Requires upload file"),
    "video_format": failure("video", 352, means="rejected", source=KNOWN, message="Sorry, the format is not supported"),
    "bad_parameter": failure("feed", 100, means="rejected", message="Invalid parameter"),
    "gone": failure("delete", 100, 33, means="rejected", source=KNOWN, type="GraphMethodException"),
}

FAILURES: Mapping[str, Failure] = {**TOKENS, **PERMISSIONS, **PASSING, **RATES_OF, **POLICY, **DUPLICATES, **CONTENT}
