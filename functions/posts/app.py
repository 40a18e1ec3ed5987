"""/v1/posts and what belongs to them."""

from typing import Any

from edge import serving
from edge.logs import logger
from posts.routes import actions, batches, exports, posts, trying, workspace

app = serving.resolver(
    logger("posts"),
    posts.operations,
    actions.operations,
    batches.operations,
    trying.operations,
    workspace.operations,
    exports.operations,
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
