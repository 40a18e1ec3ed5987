"""One signed event that is sent at once, to see what an endpoint says to it. It stands in no feed and no log."""

from punctual import acting
from punctual.clock import Now
from punctual.events.event import Event, new_id
from punctual.webhooks.calling import Outcome, Send
from punctual.webhooks.endpoints import Webhook

TYPE = "webhook.test"


def send_test(webhook: Webhook, call: Send, now: Now) -> Outcome:
    """Also to one that is disabled."""
    at = now()
    event = Event(
        type=TYPE,
        timestamp=at,
        data={"webhook_id": webhook.id, "status": webhook.status, "reason": webhook.disabled_reason},
        actor=acting.current(),
        id=new_id(0, at),
        workspace_id=webhook.workspace_id,
        sequence=0,
        appended_at=at,
    )
    return call(webhook, event)
