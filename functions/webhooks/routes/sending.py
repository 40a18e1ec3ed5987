"""What a webhook was sent, what it is to be sent once more, and a test of it."""

import re

from aws_lambda_powertools.event_handler import Response

from edge import http, limits
from edge.operations import Call, Operations
from punctual import clock, paging
from punctual.problems import Conflict, Fault, Invalid
from punctual.webhooks.endpoints import Webhook
from punctual.webhooks.resending import MOST, NotActive, Range, TooManyWaiting
from punctual.webhooks.testing import send_test
from webhooks import deployment
from webhooks.webhook_answers import ResendAnswer, SendPage, TryAnswer, resend_answer, send_answer, test_answer
from webhooks.webhook_requests import Resend, SendsQuery

operations = Operations("Webhooks")

TESTS_A_MINUTE = 30
"""Of a workspace: each calls whatever host was named, and keeps a function waiting for as long as that likes."""
_NUMBER = re.compile(r"[0-9]{1,12}")


@operations.route("POST /v1/webhooks/{webhook_id}/test", name="test_webhook", scope="write", answers={200: TryAnswer})
def test(call: Call, webhook_id: str) -> Response[str]:
    """Send a signed `webhook.test` at once, and see what the endpoint says.

    Also to one that is disabled. It is in no feed and no log, and not tried again. A workspace may ask for 30 a
    minute.
    """
    webhook = deployment.webhook(call.workspace_id, webhook_id)
    limits.hold(call.workspace_id, "webhook_tests", TESTS_A_MINUTE, "This workspace's webhooks may be tested")
    return http.answer(200, test_answer(send_test(webhook, deployment.calling(), clock.now)))


@operations.route(
    "GET /v1/webhooks/{webhook_id}/sends",
    name="list_sends",
    scope="read",
    query=SendsQuery,
    answers={200: SendPage},
    problems=("invalid_cursor",),
)
def list_sends(call: Call, webhook_id: str) -> Response[str]:
    """List what a webhook was sent, newest event first: each with its tries, for 30 days.

    With `state`, a page may be short, or empty, and there is more as long as `next_cursor` says so.
    """
    query = call.query(SendsQuery)
    webhook = deployment.webhook(call.workspace_id, webhook_id)
    name = paging.list_name("sends", webhook.id, query.state)
    before = int(paging.place_in(name, query.cursor, _NUMBER)[0]) if query.cursor else None
    found, following = deployment.sends().page(webhook.id, query.limit, before, query.state)
    cursor = None if following is None else paging.cursor_of(name, str(following))
    page: SendPage = {"data": [send_answer(each) for each in found], "next_cursor": cursor}
    return http.answer(200, page)


@operations.route(
    "POST /v1/webhooks/{webhook_id}/resend",
    name="resend_events",
    scope="write",
    body=Resend,
    answers={202: ResendAnswer},
    problems=("webhook_disabled", "resends_waiting"),
)
def resend(call: Call, webhook_id: str) -> Response[str]:
    """Have events sent to a webhook once more: some by their ids, or a range of the feed.

    Of a range, what the webhook wants now is sent, with the ids that the events have always had; what it has not come
    to yet is sent anyway, and not twice. The answer comes before the sending.
    """
    given = call.body(Resend)
    webhook = deployment.webhook(call.workspace_id, webhook_id)
    try:
        planned = _planned(webhook, given)
    except NotActive:
        raise Conflict(
            "webhook_disabled", "This webhook is disabled. Enable it, then have events sent again."
        ) from None
    except TooManyWaiting:
        detail = f"{MOST} resends of this webhook may be under way. Wait until some have come to their end."
        raise Conflict("resends_waiting", detail) from None
    deployment.wake(webhook.workspace_id, webhook.id)
    return http.answer(202, resend_answer(planned))


def _planned(webhook: Webhook, given: Resend) -> list[Range]:
    resends = deployment.resends()
    if given.event_ids:
        return _named(webhook, tuple(dict.fromkeys(given.event_ids)))
    if given.since:
        one = resends.ask_since(webhook, given.since, given.until, only_failed=given.only_failed)
    else:
        one = resends.ask(webhook, given.from_sequence or 1, given.to_sequence, only_failed=given.only_failed)
    return [one] if one else []


def _named(webhook: Webhook, event_ids: tuple[str, ...]) -> list[Range]:
    """All of them, or none. Raises Invalid, NotActive, TooManyWaiting."""
    unknown = [
        Fault(param=f"/event_ids/{place}", rule="event.exists", message="The workspace has no such event any more.")
        for place, event_id in enumerate(event_ids)
        if deployment.feed().get(webhook.workspace_id, event_id) is None
    ]
    if unknown:
        raise Invalid(unknown)
    if len(deployment.resends().waiting(webhook.id)) + len(event_ids) > MOST:
        raise TooManyWaiting
    asked = [deployment.resends().ask_one(webhook, event_id) for event_id in event_ids]
    return [each for each in asked if each]
