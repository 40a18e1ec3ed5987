"""/v1/posts: write, read, list, change, cancel, delete, publish now."""

from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field

from edge import clients, http, parts
from edge.environment import UsesProviders
from edge.logs import logger
from posts.answers import post_answer, summary_answer
from punctual import clock
from punctual.composing import Composing
from punctual.deliveries import Deliveries
from punctual.drafts import NewPost, PostChange, Time
from punctual.listing import Filter, Listing
from punctual.posts import Posts
from punctual.scheduling import ScheduleTarget, Scheduling, Timing
from punctual.states import PostStatus
from punctual.writing import Writing

log = logger("posts")
app = http.resolver(log)


class PostsEnvironment(UsesProviders):
    work_table: str
    publish_queue_url: str
    publish_queue_arn: str
    schedule_group: str
    schedule_role_arn: str
    lead_seconds: int
    scheduler_precision_seconds: int


class ListQuery(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    from_at: Annotated[Time | None, Field(alias="from")] = None
    to_at: Annotated[Time | None, Field(alias="to")] = None
    status: PostStatus | None = None
    channel_id: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str | None, Field(min_length=1, max_length=500)] = None


@cache
def environment() -> PostsEnvironment:
    return PostsEnvironment.read()


@cache
def stores() -> tuple[Posts, Deliveries]:
    table = clients.table(environment().work_table)
    deliveries = Deliveries(table)
    return Posts(table, deliveries, clock.now), deliveries


@cache
def writing() -> Writing:
    env = environment()
    posts, deliveries = stores()
    return Writing(
        client=clients.dynamodb(),
        posts=posts,
        deliveries=deliveries,
        composing=Composing(parts.channels(env.work_table), parts.providers(env)),
        scheduling=scheduling(env),
        now=clock.now,
    )


def scheduling(env: PostsEnvironment) -> Scheduling:
    target = ScheduleTarget(group=env.schedule_group, queue_arn=env.publish_queue_arn, role_arn=env.schedule_role_arn)
    timing = Timing(lead_seconds=env.lead_seconds, precision_seconds=env.scheduler_precision_seconds)
    return Scheduling(clients.client("scheduler"), target, clients.queue(env.publish_queue_url), timing, clock.now)


@app.post("/v1/posts")
def create() -> Response[str]:
    caller = http.caller(app, "write")
    draft = http.parsed(NewPost, http.body(app))
    written = writing().create(caller.workspace_id, draft)
    return http.answer(202 if draft.schedule else 201, post_answer(written))


@app.get("/v1/posts")
def list_posts() -> Response[str]:
    caller = http.caller(app, "read")
    query = http.parsed_query(ListQuery, app)
    wanted = Filter(from_at=query.from_at, to_at=query.to_at, status=query.status, channel_id=query.channel_id)
    posts, cursor = Listing(*stores()).page(caller.workspace_id, wanted, query.limit, query.cursor)
    return http.answer(200, {"data": [summary_answer(post) for post in posts], "next_cursor": cursor})


@app.get("/v1/posts/<post_id>")
def get(post_id: str) -> Response[str]:
    caller = http.caller(app, "read")
    return http.answer(200, post_answer(writing().get(caller.workspace_id, post_id)))


@app.patch("/v1/posts/<post_id>")
def change(post_id: str) -> Response[str]:
    caller = http.caller(app, "write")
    given = http.parsed(PostChange, http.body(app))
    return http.answer(200, post_answer(writing().edit(caller.workspace_id, post_id, given)))


@app.delete("/v1/posts/<post_id>")
def delete(post_id: str) -> Response[str]:
    caller = http.caller(app, "write")
    writing().delete(caller.workspace_id, post_id)
    return http.answer(200, {"id": post_id, "deleted": True})


@app.post("/v1/posts/<post_id>/cancel")
def cancel(post_id: str) -> Response[str]:
    caller = http.caller(app, "write")
    return http.answer(200, post_answer(writing().cancel(caller.workspace_id, post_id)))


@app.post("/v1/posts/<post_id>/publish")
def publish(post_id: str) -> Response[str]:
    caller = http.caller(app, "write")
    return http.answer(202, post_answer(writing().publish(caller.workspace_id, post_id)))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
