"""What the small Instagram of Facebook Login may answer, where there is such a call here, and the end of tokens."""

from collections.abc import Mapping

from tests.contract.failure import Failure
from tests.contract.instagram import failures as instagram
from tests.contract.meta.refusals import HANDLING, KNOWN, SEEN, failure

ELSEWHERE = frozenset({"accounts", "account", "page", "rupload", "token", "exchange", "delete"})
EXPIRED = "Error validating access token: Session has expired"
REMOVED = "Error validating access token: The user has not authorized the application"
OWN: Mapping[str, Failure] = {
    "token_expired_when_refreshed": failure("refresh", 190, 463, means="reconnect", source=HANDLING, message=EXPIRED),
    "app_removed_when_refreshed": failure("refresh", 190, 458, means="reconnect", source=HANDLING, message=REMOVED),
    "token_expired_when_looked_at": failure("me", 190, 463, means="reconnect", source=HANDLING, message=EXPIRED),
    "token_expired_under_a_comment": failure("comment", 190, 463, means="reconnect", source=HANDLING, message=EXPIRED),
    "no_professional_account": failure(
        "create_container", 100, means="rejected", source=SEEN, message="The user is not an Instagram Business"
    ),
    "unavailable_when_refreshed": failure("refresh", 2, means="retry", source=HANDLING, status=503),
    "bad_gateway_under_a_comment": Failure(
        operation="comment", status=502, means="unknown", source=KNOWN, body="<html>Bad Gateway</html>"
    ),
}
SHARED = {name: each for name, each in instagram.FAILURES.items() if each.operation not in ELSEWHERE}
FAILURES: Mapping[str, Failure] = {**SHARED, **OWN}
