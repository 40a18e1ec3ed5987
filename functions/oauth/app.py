"""Connecting channels by OAuth: for programs, in the person's browser, the apps that it takes, what platforms call."""

from typing import Any

from edge import serving
from edge.logs import logger
from oauth.routes import browser, clients, connections, hosted, links, notices, workspace_apps

routes = (connections, browser, links, hosted, clients, notices, workspace_apps)
app = serving.resolver(logger("oauth"), *(each.operations for each in routes))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
