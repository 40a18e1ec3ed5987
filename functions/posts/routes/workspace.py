"""What concerns all of a workspace: how punctual its posts were, pausing, deleting."""

from aws_lambda_powertools.event_handler import Response

from edge import http
from edge.operations import Call, Operations
from posts import deployment
from posts.answer_types import TimelinessAnswer, WorkspacePause, WorkspaceRemoval
from posts.answers import day_answer
from posts.requests import RemovalQuery, TimelinessQuery
from punctual import clock, removals
from punctual.clock import to_text

operations = Operations("Workspace")


@operations.route(
    "GET /v1/metrics/timeliness",
    name="get_timeliness",
    scope="read",
    query=TimelinessQuery,
    answers={200: TimelinessAnswer},
)
def timeliness(call: Call) -> Response[str]:
    """See how late posts went out, by day and provider."""
    query = call.query(TimelinessQuery)
    since, until = query.span(clock.now())
    days = deployment.timeliness().report(call.workspace_id, since, until, query.provider)
    report: TimelinessAnswer = {"data": [day_answer(day) for day in days], "next_cursor": None}
    return http.answer(200, report)


@operations.route(
    "POST /v1/workspace/pause",
    name="pause_workspace",
    scope="admin",
    answers={200: WorkspacePause},
    problems=("not_found",),
)
def pause(call: Call) -> Response[str]:
    """Pause: nothing of the workspace is published until it is resumed."""
    paused_at = deployment.pauses().pause(call.workspace_id)
    paused: WorkspacePause = {"id": call.workspace_id, "paused_at": to_text(paused_at)}
    return http.answer(200, paused)


@operations.route(
    "POST /v1/workspace/resume",
    name="resume_workspace",
    scope="admin",
    answers={200: WorkspacePause},
    problems=("not_found",),
)
def resume(call: Call) -> Response[str]:
    """Resume: what is still wanted goes out."""
    deployment.pauses().resume(call.workspace_id)
    resumed: WorkspacePause = {"id": call.workspace_id, "paused_at": None}
    return http.answer(200, resumed)


@operations.route(
    "DELETE /v1/workspace", name="delete_workspace", scope="admin", query=RemovalQuery, answers={202: WorkspaceRemoval}
)
def delete(call: Call) -> Response[str]:
    """Delete the workspace for good, with all that is stored of it.

    From now on nothing of it is published. Its keys stop working, this one too; connections are ended at their
    platforms as far as those confirm it; then channels, posts, schedules and files go, which takes some minutes. What
    was published stays published. Asked again while the key works, it goes on.
    """
    call.query(RemovalQuery).must_name(call.workspace_id)
    begun_at = removals.request(deployment.removals(), deployment.removal_queue(), call.workspace_id)
    removal: WorkspaceRemoval = {"id": call.workspace_id, "deleting_at": to_text(begun_at)}
    return http.answer(202, removal)
