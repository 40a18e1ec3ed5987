"""Every way in which Instagram refuses that is known, and what its documents say that it means.

Codes and subcodes: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes,
all with HTTP 400. Of a publishing call, what the platform calls its own fault leaves open whether the media went out.
"""

from collections.abc import Mapping
from functools import partial

from tests.contract.failure import Failure
from tests.contract.meta.refusals import HANDLING, KNOWN, RATES, SEEN, failure

ERROR_CODES = "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes"
_listed = partial(failure, source=ERROR_CODES)

TOKENS: Mapping[str, Failure] = {
    "token_dead": failure("publish", 190, means="reconnect", message="Error validating access token"),
    "token_dead_when_created": failure(
        "create_container", 190, means="reconnect", message="Error validating access token"
    ),
    "session_invalidated": failure("publish", 190, 460, means="reconnect", message="The session has been invalidated"),
    "app_not_installed": failure("create_container", 190, 458, means="reconnect", message="not authorized"),
    "token_expired": failure("container_status", 190, 463, means="reconnect", message="Session has expired"),
    "object_missing": failure(
        "create_container", 100, 33, means="reconnect", source=SEEN, type="GraphMethodException", message="Unsupported"
    ),
}

PASSING: Mapping[str, Failure] = {
    "download_timeout": _listed("create_container", -2, 2207003, means="retry", message="It takes too long"),
    "server_error": _listed("create_container", -1, 2207001, means="retry", message="Instagram server error"),
    "server_error_when_published": _listed("publish", -1, 2207001, means="unknown", message="Instagram server error"),
    "container_not_found_yet": _listed(
        "publish", 24, 2207008, means="retry", message="The media builder does not exist"
    ),
    "not_ready": _listed("publish", 9007, 2207027, means="retry", message="The media is not ready for publishing"),
    "unknown_error": failure("create_container", 1, means="retry", source=SEEN, message="An unknown error occurred"),
    "unknown_error_when_published": failure("publish", 1, means="unknown", source=HANDLING, message="An unknown error"),
    "service_when_published": failure("publish", 2, means="unknown", source=HANDLING, message="Service unavailable"),
    "service_when_asked": failure("container_status", 2, means="retry", source=HANDLING, message="Service unavailable"),
    "transient_when_asked": failure("container_status", 100, means="retry", source=SEEN, is_transient=True),
    "upload_failed": failure("create_container", -1, 2207082, means="retry", source=SEEN),
    "bad_gateway": Failure(
        operation="publish", status=502, means="unknown", source=KNOWN, body="<html>Bad Gateway</html>"
    ),
    "internal_error": failure("publish", 1, means="unknown", source=KNOWN, status=500, message="An unexpected error"),
    "unavailable_when_asked": failure("container_status", 2, means="retry", source=KNOWN, status=503),
}

REBUILT: Mapping[str, Failure] = {
    "media_expired": _listed("publish", -2, 2207020, means="retry", message="The media has expired"),
    "create_failed": _listed("create_container", -1, 2207032, means="retry", message="Create media fail"),
    "upload_unknown": _listed("publish", -1, 2207053, means="retry", message="unknown upload error"),
    "media_not_found": _listed("publish", 24, 2207006, means="retry", message="The media cannot be found"),
}

LIMITS: Mapping[str, Failure] = {
    "daily_limit": _listed("publish", 9, 2207042, means="retry", message="You reached maximum number of posts"),
    "app_limit": failure(
        "create_container", 4, means="retry", source=RATES, message="Application request limit reached"
    ),
    "user_limit": failure("accounts", 17, means="retry", source=RATES, message="User request limit reached"),
    "custom_limit": failure("publish", 613, means="retry", source=RATES, message="Calls have exceeded the rate limit"),
    "use_case_limit": failure("publish", 80002, means="retry", source=RATES, message="There have been too many calls"),
    "use_case_limit_when_asked": failure(
        "container_status", 80002, means="retry", source=RATES, message="too many calls"
    ),
}

ACCOUNT: Mapping[str, Failure] = {
    "spam": _listed("publish", 4, 2207051, means="rejected", message="We restrict certain activity"),
    "restricted": _listed("publish", 25, 2207050, means="rejected", message="The Instagram account is restricted."),
    "permission_missing": failure(
        "create_container", 10, means="rejected", message="Application does not have permission"
    ),
    "permission_of_comments": failure("comment", 200, means="rejected", message="Permissions error"),
}

MEDIA: Mapping[str, Failure] = {
    "image_too_large": _listed("create_container", 36000, 2207004, means="rejected", message="The image is too large"),
    "image_format": _listed("create_container", 36001, 2207005, means="rejected", message="The image format"),
    "image_aspect": _listed("create_container", 36003, 2207009, means="rejected", message="The submitted image"),
    "video_format": _listed("create_container", 352, 2207026, means="rejected", message="The video format"),
    "not_fetched": _listed(
        "create_container", 9004, 2207052, means="rejected", message="The media could not be fetched"
    ),
    "video_not_fetched": failure("create_container", 100, 2207077, means="rejected", source=SEEN),
    "thumbnail_offset": _listed("create_container", 1, 2207057, means="rejected", message="Thumbnail offset"),
}

INPUT: Mapping[str, Failure] = {
    "caption_too_long": _listed("create_container", 36004, 2207010, means="rejected", message="The submitted caption"),
    "carousel": _listed(
        "create_container", 100, 2207028, means="rejected", message="Your post won't work as a carousel."
    ),
    "media_type": _listed("create_container", 100, 2207023, means="rejected", message="The media type is unknown."),
    "product_positions": _listed("create_container", 100, 2207035, means="rejected", message="Product tag positions"),
    "no_product_positions": _listed(
        "create_container", 100, 2207036, means="rejected", message="Product tag positions"
    ),
    "product_unknown": _listed("create_container", 100, 2207037, means="rejected", message="We couldn't add all"),
    "too_many_tags": _listed("create_container", 100, 2207040, means="rejected", message="Cannot use more tags"),
    "trial_reels": failure("create_container", 100, 2207081, means="rejected", source=SEEN),
    "collaborators": failure("create_container", 100, means="rejected", source=SEEN, message="Param collaborators"),
}

FAILURES: Mapping[str, Failure] = {**TOKENS, **PASSING, **REBUILT, **LIMITS, **ACCOUNT, **MEDIA, **INPUT}
