"""Codes of outcomes, and what to do about them: on deliveries and attempts, and of connections that failed.

What one platform alone says is in its provider's `Spec.remedies`. A code is never renamed: clients decide by it.
"""

from collections.abc import Mapping
from typing import Any

from punctual.providers import modules, provider_class
from punctual.providers.terms import Remedy
from punctual.states import DeliveryStatus

_BY_ITSELF = "Nothing: it is tried again by itself while the post is still wanted. Retry the delivery after that."
_LOOK = "Look at the account, then resolve the delivery: published or not_published."
_RECONNECT = "Connect the channel again; what waits for it then goes out by itself."


def _passing(remediation: str = _BY_ITSELF) -> Remedy:
    return Remedy(remediation=remediation, retryable=True)


def _lasting(remediation: str) -> Remedy:
    return Remedy(remediation=remediation)


_OF_PLATFORMS = {
    "refused": _lasting("Read the message and platform_code, change the post or the account, then retry the delivery."),
    "rate_limited": _passing(),
    "server_error": _passing(),
    "unreachable": _passing(),
    "broken_off": _passing(),
    "unreadable_answer": _passing(),
    "processing": _passing("Nothing: the platform is at work on it, and is asked again."),
    "processing_timeout": _passing("Look at the account; if nothing is there, retry the delivery."),
    "duplicate": _lasting("The platform has the same post already: look at the account before you post again."),
    "permission_missing": _lasting("Look at the person's role and the app's permissions there, then connect again."),
    "blocked": _lasting("Read what the platform tells the account's owner, and wait until it takes posts again."),
    "media_expired": _passing("Nothing: the platform let go of the post's files, and they are uploaded anew."),
    "media_refused": _lasting("Read the message: give the post a file that the platform takes, or wait for its limit."),
    "not_prepared": _passing(),
    "upload_lost": _passing(),
    "not_ready": _passing(),
    "no_answer": _lasting(_LOOK),
    "no_container": _lasting(_LOOK),
    "address_refused": _lasting("Connect an account whose server has a public address, by https."),
    "unauthorized": _lasting(_RECONNECT),
    "grant_dead": _lasting(_RECONNECT),
    "no_refresh_token": _lasting(_RECONNECT),
    "grant_expired": _lasting(_RECONNECT),
    "deauthorized": _lasting(_RECONNECT),
    "token_endpoint": _passing(),
    "app_incomplete": _lasting("Give the app all of its credentials: what it signs or proves itself with is missing."),
}

_OF_OURS = {
    "refresh_running": _passing(),
    "refresh_failed": _passing(),
    "no_time_left": _passing(),
    "unfinished": _passing("Nothing: its files are being uploaded, part by part."),
    "media_not_ready": _passing("Nothing: its media are being made fit for the platform; it goes out after that."),
    "media_unfit": _lasting("Read the message: no copy could be made. Write the post anew with another file."),
    "media_not_signed": _passing("Whoever runs the stack looks at make media-key, or at the role that reads media."),
    "media_unreadable": _passing(),
    "media_gone": _lasting("Upload the file again, and write the post anew with it."),
    "paused": _passing("Resume publishing: POST /v1/workspace/resume, or make resume for the whole stack."),
    "cap_reached": _passing("Nothing: it goes out when the platform takes the account's next post, if still wanted."),
    "provider_busy": _passing(),
    "channel_deleted": _lasting("Connect the account again, and write the post for the new channel."),
    "too_late": _passing("Retry the delivery to send it now, or give posts a longer max_delay_seconds."),
    "outcome_unknown": _lasting(_LOOK),
    "part_unknown": _lasting("Post the rest by hand: the platform's id of the part before it is not known."),
    "not_published": _passing("Retry the delivery to send it now."),
    "dead_letter": _passing("Look at the account; if nothing is there, retry the delivery. The logs say what failed."),
}

_OF_CONNECTING = {
    "access_denied": _lasting("Start the connection again, and agree to it on the platform's page."),
    "platform_error": _passing("Start the connection again."),
    "code_refused": _passing("Start the connection again, and finish it without a pause."),
    "scopes_missing": _lasting("Start the connection again, and allow all that the platform's page asks."),
    "interrupted": _passing("Start the connection again."),
    "no_accounts": _lasting("Make an account that can be posted to at the platform, then start the connection again."),
    "other_account": _lasting(
        "Sign in at the platform as the account that was asked for, and start the connection again."
    ),
    "link_used": _lasting("Make a new connect link, if another account shall be connected."),
    "connection_expired": _passing("Start the connection again, and send the person there at once."),
}

OUTCOME_CODES: Mapping[str, Remedy] = {**_OF_PLATFORMS, **_OF_OURS, **_OF_CONNECTING}
_UNKNOWN = Remedy(remediation="Read the message; it was written by another version of Punctual.")
_BY_STATUS = {
    DeliveryStatus.UNCONFIRMED: Remedy(remediation=_LOOK),
    DeliveryStatus.HELD: Remedy(remediation=_RECONNECT),
}
"""A delivery's state can say more than what brought it there."""


def remedy(code: str, provider: str) -> Remedy:
    if code in OUTCOME_CODES:
        return OUTCOME_CODES[code]
    own = provider_class(provider).spec.remedies if provider in modules() else {}
    return own.get(code, _UNKNOWN)


def explained(error: Mapping[str, Any], provider: str, status: DeliveryStatus) -> dict[str, Any]:
    """A delivery's error with what to do about it, and so its cause."""
    found = _BY_STATUS.get(status) or remedy(str(error.get("code")), provider)
    told = {**error, "retryable": found.retryable, "remediation": found.remediation}
    cause = error.get("cause")
    return {**told, "cause": explained(cause, provider, DeliveryStatus.ERROR)} if cause else told
