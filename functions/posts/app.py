"""/v1/posts: write, read, list, change, cancel, delete, publish now; what became of their deliveries, how punctually;
and pausing."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from edge import http
from edge.logs import logger
from posts import deployment
from posts.answers import attempt_answer, day_answer, post_answer, summary_answer
from posts.requests import ListQuery, Resolve, TimelinessQuery
from punctual import clock
from punctual.clock import to_text
from punctual.drafts import NewPost, PostChange
from punctual.listing import Filter, Listing

log = logger("posts")
app = http.resolver(log)


@app.post("/v1/posts")
def create() -> Response[str]:
    caller = http.caller(app, "write")
    draft = http.parsed(NewPost, http.body(app))
    written = deployment.writing().create(caller.workspace_id, draft)
    return http.answer(202 if draft.schedule else 201, post_answer(written))


@app.get("/v1/posts")
def list_posts() -> Response[str]:
    caller = http.caller(app, "read")
    query = http.parsed_query(ListQuery, app)
    wanted = Filter(from_at=query.from_at, to_at=query.to_at, status=query.status, channel_id=query.channel_id)
    listing = Listing(deployment.posts(), deployment.deliveries())
    posts, cursor = listing.page(caller.workspace_id, wanted, query.limit, query.cursor)
    return http.answer(200, {"data": [summary_answer(post) for post in posts], "next_cursor": cursor})


@app.get("/v1/posts/<post_id>")
def get(post_id: str) -> Response[str]:
    caller = http.caller(app, "read")
    return http.answer(200, _post(caller, post_id))


@app.patch("/v1/posts/<post_id>")
def change(post_id: str) -> Response[str]:
    caller = http.caller(app, "write")
    given = http.parsed(PostChange, http.body(app))
    return http.answer(200, post_answer(deployment.writing().edit(caller.workspace_id, post_id, given)))


@app.delete("/v1/posts/<post_id>")
def delete(post_id: str) -> Response[str]:
    caller = http.caller(app, "write")
    deployment.writing().delete(caller.workspace_id, post_id)
    return http.answer(200, {"id": post_id, "deleted": True})


@app.post("/v1/posts/<post_id>/cancel")
def cancel(post_id: str) -> Response[str]:
    caller = http.caller(app, "write")
    return http.answer(200, post_answer(deployment.writing().cancel(caller.workspace_id, post_id)))


@app.post("/v1/posts/<post_id>/publish")
def publish(post_id: str) -> Response[str]:
    caller = http.caller(app, "write")
    return http.answer(202, post_answer(deployment.writing().publish(caller.workspace_id, post_id)))


@app.get("/v1/posts/<post_id>/attempts")
def list_attempts(post_id: str) -> Response[str]:
    caller = http.caller(app, "read")
    post = deployment.writing().get(caller.workspace_id, post_id).post
    found = sorted(deployment.attempts().of_post(post.id), key=lambda attempt: (attempt.started_at, attempt.id))
    return http.answer(200, {"data": [attempt_answer(attempt) for attempt in found], "next_cursor": None})


@app.post("/v1/posts/<post_id>/deliveries/<delivery_id>/retry")
def retry(post_id: str, delivery_id: str) -> Response[str]:
    caller = http.caller(app, "write")
    deployment.resolving().retry(caller.workspace_id, post_id, delivery_id)
    return http.answer(202, _post(caller, post_id))


@app.post("/v1/posts/<post_id>/deliveries/<delivery_id>/resolve")
def resolve(post_id: str, delivery_id: str) -> Response[str]:
    caller = http.caller(app, "write")
    given = http.parsed(Resolve, http.body(app))
    deployment.resolving().resolve(caller.workspace_id, post_id, delivery_id, given.resolution())
    return http.answer(200, _post(caller, post_id))


@app.get("/v1/metrics/timeliness")
def timeliness() -> Response[str]:
    caller = http.caller(app, "read")
    query = http.parsed_query(TimelinessQuery, app)
    since, until = query.span(clock.now())
    days = deployment.timeliness().report(caller.workspace_id, since, until, query.provider)
    return http.answer(200, {"data": [day_answer(day) for day in days], "next_cursor": None})


@app.post("/v1/workspace/pause")
def pause() -> Response[str]:
    caller = http.caller(app, "admin")
    paused_at = deployment.pauses().pause(caller.workspace_id)
    return http.answer(200, {"id": caller.workspace_id, "paused_at": to_text(paused_at)})


@app.post("/v1/workspace/resume")
def resume() -> Response[str]:
    caller = http.caller(app, "admin")
    deployment.pauses().resume(caller.workspace_id)
    return http.answer(200, {"id": caller.workspace_id, "paused_at": None})


def _post(caller: http.Caller, post_id: str) -> dict[str, Any]:
    return post_answer(deployment.writing().get(caller.workspace_id, post_id))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
