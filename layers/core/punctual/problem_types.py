"""Every problem that the API answers: its code, and what whoever meets it should do next.

A code is never renamed, and its meaning never changed: clients decide by it. docs/errors.md is written from this.
"""

from collections.abc import Mapping
from dataclasses import dataclass

DOCUMENTED_AT = "/docs/errors"
"""Problems' `type` points there: the same in every deployment, and answered by each at its own address."""


@dataclass(frozen=True, kw_only=True)
class ProblemType:
    status: int
    title: str
    remediation: str
    retryable: bool = False
    """Whether the same request, unchanged, may succeed later."""
    retry_after: int | None = None
    """Seconds, where they are known beforehand."""
    param: str | None = None
    """The header or query parameter at fault, where it is always the same one."""


def _conflict(title: str, remediation: str, **more: int) -> ProblemType:
    """`retry_after` makes it one of a moment."""
    return ProblemType(
        status=409, title=title, remediation=remediation, retryable=bool(more), retry_after=more.get("retry_after")
    )


def _connecting(title: str, remediation: str, status: int = 400) -> ProblemType:
    return ProblemType(status=status, title=title, remediation=remediation)


_REQUESTS = {
    "malformed_json": ProblemType(
        status=400,
        title="The body is not a JSON object",
        remediation="Send one JSON object in UTF-8, with the header Content-Type: application/json.",
    ),
    "body_too_large": ProblemType(
        status=413,
        title="The body is too large",
        remediation="Send less in one request; the detail says how many bytes this call takes.",
    ),
    "invalid_request": ProblemType(
        status=422,
        title="The request breaks rules",
        remediation="Correct everything that errors names, and send it again; nothing was stored.",
    ),
    "invalid_cursor": ProblemType(
        status=400,
        title="The cursor is not of this list",
        remediation="Start from the first page, and give the next_cursor back unchanged, with the same filters.",
        param="cursor",
    ),
    "missing_scope": ProblemType(
        status=403,
        title="The API key or token lacks a scope",
        remediation="Use one that has the scope which the detail names; whoever runs the stack makes keys.",
    ),
    "unknown_workspace": ProblemType(
        status=403,
        title="The token names a workspace that does not exist",
        remediation="Sign in again; if that does not help, whoever runs the issuer must correct the claim.",
    ),
    "workspace_deleting": ProblemType(
        status=409,
        title="The workspace is being deleted",
        remediation="Nothing: it will be gone in some minutes. Use another workspace.",
    ),
    "rate_limited": ProblemType(
        status=429,
        title="Too many requests",
        remediation="Wait as long as Retry-After says; RateLimit, on every answer, shows what is left.",
        retryable=True,
        retry_after=1,
    ),
    "no_such_route": ProblemType(
        status=404,
        title="There is nothing at this address",
        remediation="Compare method and path with GET /v1/openapi.json.",
    ),
    "not_found": ProblemType(
        status=404,
        title="There is no such thing in this workspace",
        remediation="Check the id, and that the key is of the workspace that owns it.",
    ),
    "unknown_provider": ProblemType(
        status=404,
        title="There is no such provider",
        remediation="Take an id from GET /v1/providers.",
    ),
    "internal_error": ProblemType(
        status=500,
        title="Something broke on our side",
        remediation="Send it again, with the same Idempotency-Key; if it stays, look for request_id in the logs.",
        retryable=True,
        retry_after=1,
    ),
}

_TWICE = {
    "invalid_idempotency_key": ProblemType(
        status=400,
        title="The Idempotency-Key cannot be used",
        remediation="Take 1 to 255 printable ASCII characters without spaces, such as a UUID.",
        param="Idempotency-Key",
    ),
    "idempotency_mismatch": ProblemType(
        status=422,
        title="The Idempotency-Key was used for another request",
        remediation="Take a new key for a new request, or repeat the first request exactly.",
        param="Idempotency-Key",
    ),
    "idempotency_in_flight": _conflict(
        "The first request with this Idempotency-Key is still running",
        "Send the same again after Retry-After; it is then answered as the first one was.",
        retry_after=1,
    ),
    "version_mismatch": ProblemType(
        status=412,
        title="The post was changed meanwhile",
        remediation="Get the post, decide again, and send its new ETag as If-Match.",
        param="If-Match",
    ),
    "changed_meanwhile": _conflict(
        "It was changed at the same moment",
        "Look at it again; if you still want the same, send it again.",
        retry_after=1,
    ),
    "duplicate_post": _conflict(
        "This channel says the same already",
        "Look at the posts that duplicates names; change the text, or send allow_duplicate: true.",
    ),
}

_STATES = {
    "not_cancellable": _conflict(
        "There is nothing to cancel",
        "Look at the post: what is published can be taken down on the platform only.",
    ),
    "not_editable": _conflict(
        "The post cannot be changed any more",
        "Duplicate the post, and change the copy.",
    ),
    "not_deletable": _conflict(
        "Only drafts and cancelled posts are deleted",
        "Cancel the post first: POST /v1/posts/{post_id}/cancel.",
    ),
    "already_publishing": _conflict(
        "The post is being published right now",
        "Look at the post after Retry-After: it has gone out by then, or waits and can be changed.",
        retry_after=5,
    ),
    "already_published": _conflict(
        "It went out",
        "There is nothing to try again; duplicate the post to publish it once more.",
    ),
    "outcome_unknown": _conflict(
        "It may be live",
        "Look at the account on the platform, then resolve the delivery: published or not_published.",
    ),
    "cancelled": _conflict("It was cancelled", "Duplicate the post to send it after all."),
    "is_draft": _conflict("It is a draft", "Give the post a time, or publish it."),
    "reconnect_required": _conflict(
        "Its channel must be reconnected",
        "Connect the channel again; what waits for it then goes out by itself.",
    ),
    "in_progress": _conflict(
        "It is under way",
        "Look at the delivery after Retry-After, and decide again.",
        retry_after=120,
    ),
    "not_unconfirmed": _conflict(
        "Only an unconfirmed delivery is resolved",
        "Look at the delivery: its outcome is known.",
    ),
}

_CONNECTIONS = {
    "wrong_connection": _connecting(
        "This provider is connected in another way",
        "Look at connect.method in GET /v1/providers/{provider}.",
    ),
    "app_missing": _connecting(
        "Nobody has set an app for this provider",
        "Register an app with the platform and set it, as the detail says: the workspace's own, or the stack's.",
    ),
    "app_not_taken": _connecting(
        "This provider takes no app",
        "Connect an account right away: Punctual needs no app there, or registers one itself.",
    ),
    "app_unreadable": ProblemType(
        status=503,
        title="The stack's app could not be read",
        remediation="Send it again; if it stays, whoever runs the stack looks at the log of the oauth function.",
        retryable=True,
        retry_after=10,
    ),
    "app_unusable": _connecting(
        "What is set as the stack's app is none",
        "Whoever runs the stack sets it again, as the detail says; a workspace can set its own meanwhile.",
    ),
    "platform_unavailable": ProblemType(
        status=502,
        title="The platform did not play along",
        remediation="Send it again later; nothing was stored.",
        retryable=True,
        retry_after=10,
    ),
    "notice_unreadable": _connecting(
        "This is no notice of the platform's", "Only the platform calls this, as its documents say."
    ),
    "notice_unsigned": _connecting(
        "The notice is not signed for an app that is known here",
        "Only the platform calls this; it signs with the secret of the app that the person connected with.",
        403,
    ),
    "state_unknown": _connecting("The connection is unknown or too old", "Start the connection again."),
    "state_used": _connecting("The connection was already finished", "Start the connection again, if it is missing."),
    "state_in_use": ProblemType(
        status=400,
        title="The connection is being finished",
        remediation="Reload the page in a moment.",
        retryable=True,
        retry_after=2,
    ),
    "state_of_other_provider": _connecting(
        "The connection was begun with another provider", "Start the connection again."
    ),
    "other_browser": _connecting(
        "The connection was begun in another browser", "Start it again, in the browser that will finish it.", 403
    ),
    "issuer_mismatch": _connecting(
        "The answer does not come from the platform that was asked", "Start the connection again."
    ),
    "other_account": _conflict(
        "It is another account than the channel's",
        "Sign in at the platform as the channel's account, or connect the other one without channel_id.",
    ),
    "link_unknown": ProblemType(
        status=404,
        title="The link is not known, or has expired",
        remediation="Ask whoever sent the link for a new one.",
    ),
    "link_used": _conflict("The link was used already", "Ask whoever sent the link for a new one."),
    "not_choosing": _conflict(
        "There is nothing to choose",
        "Look at the connection; if it expired, start another one.",
    ),
    "already_chosen": _conflict(
        "Other accounts were chosen",
        "Look at the connection; start another one for other accounts.",
    ),
    "choice_in_progress": _conflict(
        "The choice is being carried out",
        "Look at the connection after Retry-After.",
        retry_after=5,
    ),
    "callback_incomplete": _connecting("The platform sent neither a code nor an error", "Start the connection again."),
}

_MEDIA = {
    "storage_full": _conflict(
        "The workspace's media hold all that they may",
        "Delete media that are not needed, or have whoever runs the stack raise MediaGigabytesPerWorkspace.",
    ),
    "too_many_files": ProblemType(
        status=429,
        title="Too many files for today",
        remediation="Wait for tomorrow (UTC), or have whoever runs the stack raise MediaFilesPerDay.",
        retryable=True,
    ),
    "upload_incomplete": _conflict(
        "The file is not all there",
        "Upload what the detail names as missing, then complete it again.",
    ),
    "not_uploading": _conflict(
        "The media waits for no upload",
        "Look at the media: its status says how it is. Declare another one for another file.",
    ),
    "not_in_parts": _conflict(
        "The media is not uploaded in parts",
        "Upload it with the form that POST /v1/media answered, or declare it anew with multipart: true.",
    ),
    "media_in_use": _conflict(
        "Posts need the media",
        "Take it out of the posts that the detail names, cancel or delete them, or wait until they are over.",
    ),
}

PROBLEM_TYPES: Mapping[str, ProblemType] = {**_REQUESTS, **_TWICE, **_STATES, **_CONNECTIONS, **_MEDIA}
