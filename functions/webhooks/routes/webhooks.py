"""/v1/webhooks: endpoints that events are sent to."""

from collections.abc import Callable
from datetime import timedelta

from aws_lambda_powertools.event_handler import Response

from edge import http, once
from edge.operations import Call, Operations
from punctual import clock
from punctual.idempotency import Answer
from punctual.webhooks.endpoints import Recording, Webhook
from webhooks import deployment
from webhooks.webhook_answers import (
    DeletedWebhook,
    SecretWebhookAnswer,
    WebhookAnswer,
    WebhookPage,
    endpoint_answer,
    webhook_answer,
)
from webhooks.webhook_requests import Rotation, WebhookChange, WebhookDraft, check

operations = Operations("Webhooks")


@operations.route(
    "POST /v1/webhooks",
    name="create_webhook",
    scope="write",
    body=WebhookDraft,
    answers={201: SecretWebhookAnswer},
    headers=("Location",),
    takes_idempotency_key=True,
)
def create(call: Call) -> Response[str]:
    """Make a webhook: have events sent to an address of yours.

    They come as `POST` requests, as this document has them under `webhooks`, signed after Standard Webhooks with the
    `secret` that is answered here and never again. Each is sent at least once, in no promised order: go by `id` and
    `sequence`. An answer of 2xx within ten seconds takes it; anything else is tried again for three days. A workspace
    has at most 20 webhooks. The key needs the scope `read` as well: what is sent could be read with it.
    """
    call.caller.needs("read")
    given = call.body(WebhookDraft)
    _check(call, given)

    def create(recording: Recording | None) -> Webhook:
        return deployment.endpoints().create(call.workspace_id, given.wanted(), recording)

    return _with_secret(call, create, 201)


@operations.route("GET /v1/webhooks", name="list_webhooks", scope="read", answers={200: WebhookPage})
def list_webhooks(call: Call) -> Response[str]:
    """List the workspace's webhooks, oldest first."""
    found = deployment.endpoints().of_workspace(call.workspace_id)
    lanes = deployment.lanes().get_all([each.id for each in found])
    data = [webhook_answer(each, lanes.get(each.id), clock.now()) for each in found]
    page: WebhookPage = {"data": data, "next_cursor": None}
    return http.answer(200, page)


@operations.route("GET /v1/webhooks/{webhook_id}", name="get_webhook", scope="read", answers={200: WebhookAnswer})
def get(call: Call, webhook_id: str) -> Response[str]:
    """Look at a webhook, and how far it was served."""
    return _shown(deployment.webhook(call.workspace_id, webhook_id))


@operations.route(
    "PATCH /v1/webhooks/{webhook_id}",
    name="change_webhook",
    scope="write",
    body=WebhookChange,
    answers={200: WebhookAnswer},
)
def change(call: Call, webhook_id: str) -> Response[str]:
    """Change where a webhook leads, or what it is sent. What is being sent at this moment goes where it went.

    The key needs the scope `read` as well: what is sent could be read with it.
    """
    call.caller.needs("read")
    given = call.body(WebhookChange)
    deployment.webhook(call.workspace_id, webhook_id)
    _check(call, given)
    return _changed(call, deployment.endpoints().change(call.workspace_id, webhook_id, **given.changes()))


@operations.route(
    "DELETE /v1/webhooks/{webhook_id}", name="delete_webhook", scope="write", answers={200: DeletedWebhook}
)
def delete(call: Call, webhook_id: str) -> Response[str]:
    """Delete a webhook, with the log of what it was sent."""
    if not deployment.endpoints().delete(call.workspace_id, webhook_id):
        raise deployment.unknown()
    deployment.wake(call.workspace_id, webhook_id)
    deployment.told(call.workspace_id)
    deleted: DeletedWebhook = {"id": webhook_id, "deleted": True}
    return http.answer(200, deleted)


@operations.route(
    "POST /v1/webhooks/{webhook_id}/secret",
    name="rotate_webhook_secret",
    scope="write",
    body=Rotation,
    answers={200: SecretWebhookAnswer},
    takes_idempotency_key=True,
)
def rotate(call: Call, webhook_id: str) -> Response[str]:
    """Give a webhook a new secret.

    The secret before signs beside it for `overlap_hours`, so that a receiver can take over the new one in between; any
    older one ends now. Give an Idempotency-Key: a request that is sent again without one rotates once more.
    """
    overlap = timedelta(hours=call.body(Rotation).overlap_hours)

    def rotate(recording: Recording | None) -> Webhook:
        return deployment.there(
            deployment.endpoints().rotate(call.workspace_id, webhook_id, overlap, recording),
        )

    return _with_secret(call, rotate, 200, webhook_id=webhook_id)


@operations.route(
    "POST /v1/webhooks/{webhook_id}/enable", name="enable_webhook", scope="write", answers={200: WebhookAnswer}
)
def enable(call: Call, webhook_id: str) -> Response[str]:
    """Send to a webhook again that was disabled.

    It goes on from now; what happened meanwhile, and what had failed, is sent if you ask for it: see `resend`.
    """
    return _changed(call, deployment.endpoints().enable(call.workspace_id, webhook_id))


@operations.route(
    "POST /v1/webhooks/{webhook_id}/disable", name="disable_webhook", scope="write", answers={200: WebhookAnswer}
)
def disable(call: Call, webhook_id: str) -> Response[str]:
    """Send nothing to a webhook any more, until it is enabled."""
    return _changed(call, deployment.endpoints().disable(call.workspace_id, webhook_id, "by_request"))


def _check(call: Call, given: WebhookDraft | WebhookChange) -> None:
    allow_private = deployment.environment().allow_private_networks
    check(given, call.workspace_id, deployment.channels(), allow_private=allow_private)


def _shown(webhook: Webhook) -> Response[str]:
    return http.answer(200, webhook_answer(webhook, deployment.lanes().get(webhook.id), clock.now()))


def _changed(call: Call, found: Webhook | None) -> Response[str]:
    webhook = deployment.there(found)
    deployment.told(call.workspace_id)
    return _shown(webhook)


def _with_secret(call: Call, create: Callable[[Recording | None], Webhook], status: int, **path: str) -> Response[str]:
    """The secret is in no record of the request: a replay reads it where it is kept, if it is still the same one."""

    def answer(webhook: Webhook) -> Answer:
        return Answer(status=status, body=endpoint_answer(webhook, clock.now()))

    said, is_replayed = once.made(deployment.idempotency(), once.asked(call, **path), create, answer)
    deployment.told(call.workspace_id)
    now = deployment.endpoints().get(call.workspace_id, said.body["id"])
    newest = now.secrets[0] if now else None
    is_same = newest is not None and clock.to_text(newest.created_at) == said.body["secrets"][0]["created_at"]
    secret = newest.secret.get_secret_value() if newest and is_same else None
    body: SecretWebhookAnswer = {**said.body, "secret": secret}  # type: ignore[typeddict-item]  # of our own record
    headers = {"Location": f"/v1/webhooks/{said.body['id']}"} if status == 201 else {}
    return once.replied(Answer(status=said.status, body=body), is_replayed, headers)
