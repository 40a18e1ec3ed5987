"""Every problem that the API answers: its code, and what whoever meets it should do next.

A code is never renamed, and its meaning never changed: clients decide by it. docs/errors.md is written from this.
"""

from collections.abc import Mapping

from punctual.problem_type import ProblemType, conflict
from punctual.problem_types_of_connections import CONNECTIONS

DOCUMENTED_AT = "/docs/errors"
"""Problems' `type` points there: the same in every deployment, and answered by each at its own address."""


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
    "cursor_expired": ProblemType(
        status=410,
        title="Events after this one are gone",
        remediation="Read without after, from the oldest event that is kept, and compare what you have with what is.",
        param="after",
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
    "unknown_option": ProblemType(
        status=404,
        title="There are no such options",
        remediation="Look at options in GET /v1/providers/{provider}.",
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
    "idempotency_in_flight": conflict(
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
    "changed_meanwhile": conflict(
        "It was changed at the same moment",
        "Look at it again; if you still want the same, send it again.",
        retry_after=1,
    ),
    "duplicate_post": conflict(
        "This channel says the same already",
        "Look at the posts that duplicates names; change the text, or send allow_duplicate: true.",
    ),
}

_STATES = {
    "not_cancellable": conflict(
        "There is nothing to cancel",
        "Look at the post: what is published can be taken down on the platform only.",
    ),
    "not_editable": conflict(
        "The post cannot be changed any more",
        "Duplicate the post, and change the copy.",
    ),
    "not_deletable": conflict(
        "Only drafts and cancelled posts are deleted",
        "Cancel the post first: POST /v1/posts/{post_id}/cancel.",
    ),
    "already_publishing": conflict(
        "The post is being published right now",
        "Look at the post after Retry-After: it has gone out by then, or waits and can be changed.",
        retry_after=5,
    ),
    "already_published": conflict(
        "It went out",
        "There is nothing to try again; duplicate the post to publish it once more.",
    ),
    "outcome_unknown": conflict(
        "It may be live",
        "Look at the account on the platform, then resolve the delivery: published or not_published.",
    ),
    "not_published": conflict(
        "Nothing of it is known to be live",
        "Look at the delivery; one that is unconfirmed is resolved first.",
    ),
    "deletion_unsupported": conflict(
        "Punctual cannot delete it on this platform",
        "Delete it on the platform itself; GET /v1/providers says where Punctual can (supports.delete).",
    ),
    "channel_gone": conflict(
        "Its channel is not connected any more",
        "Delete it on the platform itself.",
    ),
    "platform_refused": conflict(
        "The platform refused",
        "Read the detail and platform_code; the platform's own site may say more.",
    ),
    "withdrawn": conflict("It was deleted on the platform", "Duplicate the post to publish it anew."),
    "cancelled": conflict("It was cancelled", "Duplicate the post to send it after all."),
    "is_draft": conflict("It is a draft", "Give the post a time, or publish it."),
    "reconnect_required": conflict(
        "Its channel must be reconnected",
        "Connect the channel again; what waits for it then goes out by itself.",
    ),
    "in_progress": conflict(
        "It is under way",
        "Look at the delivery after Retry-After, and decide again.",
        retry_after=120,
    ),
    "not_unconfirmed": conflict(
        "Only an unconfirmed delivery is resolved",
        "Look at the delivery: its outcome is known.",
    ),
}

_MEDIA = {
    "storage_full": conflict(
        "The workspace's media hold all that they may",
        "Delete media that are not needed, or have whoever runs the stack raise MediaGigabytesPerWorkspace.",
    ),
    "too_many_calendars": conflict(
        "The workspace has as many calendars as it may",
        "Revoke one that is not needed, then make the new one.",
    ),
    "too_many_files": ProblemType(
        status=429,
        title="Too many files for today",
        remediation="Wait for tomorrow (UTC), or have whoever runs the stack raise MediaFilesPerDay.",
        retryable=True,
    ),
    "upload_incomplete": conflict(
        "The file is not all there",
        "Upload what the detail names as missing, then complete it again.",
    ),
    "not_uploading": conflict(
        "The media waits for no upload",
        "Look at the media: its status says how it is. Declare another one for another file.",
    ),
    "not_in_parts": conflict(
        "The media is not uploaded in parts",
        "Upload it with the form that POST /v1/media answered, or declare it anew with multipart: true.",
    ),
    "media_in_use": conflict(
        "Posts need the media",
        "Take it out of the posts that the detail names, cancel or delete them, or wait until they are over.",
    ),
}

_WEBHOOKS = {
    "webhook_disabled": conflict(
        "The webhook is disabled",
        "Enable it with POST /v1/webhooks/{webhook_id}/enable, then ask again.",
    ),
    "resends_waiting": conflict(
        "Enough resends of this webhook are under way",
        "Wait until some have come to their end, or ask for one range instead of many events.",
        retry_after=30,
    ),
}

PROBLEM_TYPES: Mapping[str, ProblemType] = {**_REQUESTS, **_TWICE, **_STATES, **CONNECTIONS, **_MEDIA, **_WEBHOOKS}
