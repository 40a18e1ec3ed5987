"""Exports of a workspace: asked for here, written by the exporter, fetched from the bucket."""

from aws_lambda_powertools.event_handler import Response

from edge import http
from edge.operations import Call, Operations
from posts import deployment
from posts.answer_types import ExportAnswer, ExportFileAnswer
from punctual.clock import to_text
from punctual.exports import Export
from punctual.messages import ExportMessage
from punctual.problems import NotFound

operations = Operations("Workspace")

URL_SECONDS = 3600


@operations.route(
    "POST /v1/workspace/exports",
    name="create_export",
    scope="admin",
    answers={202: ExportAnswer},
    headers=("Location",),
)
def create(call: Call) -> Response[str]:
    """Export the workspace: its posts with deliveries and attempts, its channels, its settings.

    It is written in the background, to files that are kept for some days; look at it until it is completed. Asked
    again while one is under way, that one is answered.
    """
    export = deployment.exports().begin(call.workspace_id, deployment.exports_kept())
    deployment.export_queue().send(ExportMessage(workspace_id=call.workspace_id, export_id=export.id))
    return http.answer(202, _answer(export), headers={"Location": f"/v1/workspace/exports/{export.id}"})


@operations.route(
    "GET /v1/workspace/exports/{export_id}", name="get_export", scope="admin", answers={200: ExportAnswer}
)
def get(call: Call, export_id: str) -> Response[str]:
    """Look at an export: how far it is and, once it is completed, where its files are."""
    export = deployment.exports().get(call.workspace_id, export_id)
    if export is None:
        raise NotFound("not_found", "The workspace has no such export; they are kept for some days.")
    return http.answer(200, _answer(export))


def _answer(export: Export) -> ExportAnswer:
    completed_at = export.completed_at
    counts = export.counts
    return {
        "id": export.id,
        "status": export.status,
        "created_at": to_text(export.created_at),
        "completed_at": to_text(completed_at) if completed_at else None,
        "expires_at": to_text(export.expires_at),
        "counts": {
            "channels": counts.channels,
            "media": counts.media,
            "posts": counts.posts,
            "deliveries": counts.deliveries,
            "attempts": counts.attempts,
            "events": counts.events,
            "unreadable": counts.unreadable,
        },
        "files": _files(export) if completed_at else [],
    }


def _files(export: Export) -> list[ExportFileAnswer]:
    """Whoever has a URL has the file, for an hour."""
    s3, bucket = deployment.bucket()
    return [
        {
            "name": file.name,
            "bytes": file.bytes,
            "sha256": file.sha256,
            "url": s3.generate_presigned_url(
                "get_object", Params={"Bucket": bucket, "Key": export.path(file.name)}, ExpiresIn=URL_SECONDS
            ),
        }
        for file in export.files
    ]
