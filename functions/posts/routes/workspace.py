"""What concerns all of a workspace's posts: how punctual they were, and pausing."""

from aws_lambda_powertools.event_handler import Response

from edge import http
from edge.operations import Call, Operations
from posts import deployment
from posts.answer_types import TimelinessAnswer, WorkspacePause
from posts.answers import day_answer
from posts.requests import TimelinessQuery
from punctual import clock
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
