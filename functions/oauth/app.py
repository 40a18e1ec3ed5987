"""Connecting channels by OAuth: for programs, in the person's browser, and the apps that it takes."""

from typing import Any

from edge import serving
from edge.logs import logger
from oauth.routes import browser, connections, workspace_apps

app = serving.resolver(logger("oauth"), connections.operations, browser.operations, workspace_apps.operations)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
