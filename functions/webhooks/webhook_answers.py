"""What is answered about webhooks. A secret is in the answer that makes it, and in no other."""

from datetime import datetime

from typing_extensions import TypedDict

from edge.answers import ChannelId, EventId, Time, WebhookId
from punctual.clock import to_text
from punctual.webhooks.calling import Outcome
from punctual.webhooks.endpoints import DisabledReason, Webhook, WebhookStatus
from punctual.webhooks.lanes import Lane
from punctual.webhooks.resending import Range
from punctual.webhooks.sends import Send, SendState, Try


class SecretAnswer(TypedDict):
    """When a secret signs; never the secret itself."""

    created_at: Time
    ends_at: Time | None
    """Until when it signs beside the new one; null: it is the newest."""


class SkippedAnswer(TypedDict):
    """Events that were gone from the feed before they could be sent."""

    from_sequence: int
    to_sequence: int
    at: Time


class ProgressAnswer(TypedDict):
    """How far the endpoint was served."""

    sequence: int
    """Of the last event that was looked at. What failed to be sent is tried again beside what is new."""
    last_success_at: Time | None
    failing_since: Time | None
    """The first failure after the last success. After three days the webhook is disabled."""
    resting_until: Time | None
    """It failed several times in a row, and is left alone until then."""
    skipped: SkippedAnswer | None
    """The last that were."""


class EndpointAnswer(TypedDict):
    """An endpoint of yours that events are sent to, signed after Standard Webhooks."""

    id: WebhookId
    url: str
    description: str
    event_types: list[str]
    """Empty: all."""
    channel_ids: list[ChannelId]
    """Empty: whatever it is about."""
    status: WebhookStatus
    disabled_reason: DisabledReason | None
    """`by_request`; `gone`: it answered 410; `failing`: nothing could be sent for three days."""
    secrets: list[SecretAnswer]
    """Those that sign now, the newest first."""
    created_at: Time
    updated_at: Time


class WebhookAnswer(EndpointAnswer):
    """A webhook, and how far it was served."""

    progress: ProgressAnswer | None


class SecretWebhookAnswer(EndpointAnswer):
    """A webhook with its new secret."""

    secret: str | None
    """`whsec_…`, shown by this answer only. The same request under its Idempotency-Key is answered it again for a day;
    null once it was rotated."""


class WebhookPage(TypedDict):
    data: list[WebhookAnswer]
    next_cursor: str | None


class DeletedWebhook(TypedDict):
    id: WebhookId
    deleted: bool


class TryAnswer(TypedDict):
    """One call of the endpoint, and what came of it."""

    at: Time
    code: str
    """`delivered`; `status_<n>` of an answer that is no 2xx; `redirected`: no redirect is followed; `timeout`,
    `connection_failed`, `connection_broken`, `tls_failed`, `address_refused`, `answer_too_large`."""
    status: int | None
    """HTTP's; null: there was no answer."""
    duration_ms: int


class SendAnswer(TypedDict):
    """One event to one webhook, with its tries."""

    event_id: EventId
    event_type: str
    sequence: int
    state: SendState
    """`failing` is tried again by itself, `failed` only if it is asked for."""
    created_at: Time
    next_try_at: Time | None
    tries: list[TryAnswer]
    """The last fifteen, oldest first."""


class SendPage(TypedDict):
    data: list[SendAnswer]
    next_cursor: str | None


class RangeAnswer(TypedDict):
    from_sequence: int
    to_sequence: int


class ResendAnswer(TypedDict):
    data: list[RangeAnswer]
    """What will be sent, in the feed's own numbers; empty where all of it is still to be sent for the first time."""


def webhook_answer(webhook: Webhook, lane: Lane | None, now: datetime) -> WebhookAnswer:
    return {**endpoint_answer(webhook, now), "progress": _progress(lane) if lane else None}


def endpoint_answer(webhook: Webhook, now: datetime) -> EndpointAnswer:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "description": webhook.description,
        "event_types": list(webhook.event_types),
        "channel_ids": list(webhook.channel_ids),
        "status": webhook.status,
        "disabled_reason": webhook.disabled_reason,
        "secrets": [
            {"created_at": to_text(each.created_at), "ends_at": _text(each.ends_at)} for each in webhook.signing(now)
        ],
        "created_at": to_text(webhook.created_at),
        "updated_at": to_text(webhook.updated_at),
    }


def _progress(lane: Lane) -> ProgressAnswer:
    skipped: SkippedAnswer | None = None
    if lane.skipped:
        skipped = {
            "from_sequence": lane.skipped.first,
            "to_sequence": lane.skipped.last,
            "at": to_text(lane.skipped.at),
        }
    return {
        "sequence": lane.position,
        "last_success_at": _text(lane.succeeded_at),
        "failing_since": _text(lane.failing_since),
        "resting_until": _text(lane.resting_until),
        "skipped": skipped,
    }


def send_answer(send: Send) -> SendAnswer:
    return {
        "event_id": send.event_id,
        "event_type": send.event_type,
        "sequence": send.sequence,
        "state": send.state,
        "created_at": to_text(send.created_at),
        "next_try_at": _text(send.next_try_at),
        "tries": [try_answer(each) for each in send.tries],
    }


def try_answer(tried: Try) -> TryAnswer:
    return {
        "at": to_text(tried.at),
        "code": tried.code,
        "status": tried.status,
        "duration_ms": tried.duration_ms,
    }


def test_answer(outcome: Outcome) -> TryAnswer:
    return try_answer(outcome.tried)


def resend_answer(ranges: list[Range]) -> ResendAnswer:
    return {"data": [{"from_sequence": each.first, "to_sequence": each.last} for each in ranges]}


def _text(at: datetime | None) -> str | None:
    return to_text(at) if at else None
