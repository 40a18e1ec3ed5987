"""/v1/events, /v1/audit and /v1/webhooks: what happened, who did it, and where word of it goes."""

from typing import Any

from edge import serving
from edge.logs import logger
from webhooks.routes import audit, events, sending, webhooks

routes = (events, audit, webhooks, sending)
app = serving.resolver(logger("webhooks"), *(each.operations for each in routes))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
