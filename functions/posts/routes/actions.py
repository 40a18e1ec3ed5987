"""What is done to a post, and what was done for it: publish, cancel, retry, resolve; attempts."""

from aws_lambda_powertools.event_handler import Response

from edge import http
from edge.operations import Call, Operations
from edge.paged import Paged
from posts import deployment
from posts.answer_types import AttemptPage, PostAnswer
from posts.answers import attempt_answer
from posts.requests import Resolve
from posts.routes.posts import created, shown
from punctual.drafts import PostCopy
from punctual.writing import Recording, Written

operations = Operations("Posts")


@operations.route(
    "POST /v1/posts/{post_id}/cancel",
    name="cancel_post",
    scope="write",
    answers={200: PostAnswer},
    problems=("not_cancellable", "already_publishing"),
    headers=("ETag",),
    takes_if_match=True,
)
def cancel(call: Call, post_id: str) -> Response[str]:
    """Cancel what nobody can see yet; of a thread that has begun, the rest."""
    return shown(200, deployment.writing().cancel(call.workspace_id, post_id, call.revs()))


@operations.route(
    "POST /v1/posts/{post_id}/publish",
    name="publish_post",
    scope="write",
    answers={202: PostAnswer},
    problems=("not_editable", "already_publishing", "duplicate_post", "changed_meanwhile", "invalid_request"),
    headers=("ETag",),
    takes_if_match=True,
)
def publish(call: Call, post_id: str) -> Response[str]:
    """Publish a post at once, whatever its time was."""
    return shown(202, deployment.writing().publish(call.workspace_id, post_id, call.revs()))


@operations.route(
    "POST /v1/posts/{post_id}/duplicate",
    name="duplicate_post",
    scope="write",
    body=PostCopy,
    answers={201: PostAnswer, 202: PostAnswer},
    problems=("duplicate_post", "changed_meanwhile"),
    headers=("Location", "ETag"),
    takes_idempotency_key=True,
)
def duplicate(call: Call, post_id: str) -> Response[str]:
    """Write the same post once more, as a draft or with a time of its own.

    Its content, targets, labels and metadata are copied; `external_id` is not.
    """
    given = call.body(PostCopy)

    def create(recording: Recording | None) -> Written:
        return deployment.writing().duplicate(call.workspace_id, post_id, given, recording)

    return created(call, create, 202 if given.schedule else 201, post_id=post_id)


@operations.route(
    "GET /v1/posts/{post_id}/attempts",
    name="list_attempts",
    scope="read",
    query=Paged,
    answers={200: AttemptPage},
    problems=("invalid_cursor",),
)
def list_attempts(call: Call, post_id: str) -> Response[str]:
    """See what was tried, when, and what the platform said; kept for 90 days."""
    post = deployment.writing().get(call.workspace_id, post_id).post
    query = call.query(Paged)
    attempts, cursor = deployment.attempts().page(post.id, query.limit, query.cursor)
    page: AttemptPage = {"data": [attempt_answer(attempt) for attempt in attempts], "next_cursor": cursor}
    return http.answer(200, page)


@operations.route(
    "POST /v1/posts/{post_id}/deliveries/{delivery_id}/retry",
    name="retry_delivery",
    scope="write",
    answers={202: PostAnswer},
    problems=(
        "outcome_unknown",
        "already_published",
        "cancelled",
        "is_draft",
        "reconnect_required",
        "withdrawn",
        "in_progress",
        "changed_meanwhile",
    ),
    headers=("ETag",),
)
def retry(call: Call, post_id: str, delivery_id: str) -> Response[str]:
    """Try a failed delivery again, at once; what is live is not sent again."""
    deployment.resolving().retry(call.workspace_id, post_id, delivery_id)
    return shown(202, deployment.writing().get(call.workspace_id, post_id))


@operations.route(
    "POST /v1/posts/{post_id}/deliveries/{delivery_id}/resolve",
    name="resolve_delivery",
    scope="write",
    body=Resolve,
    answers={200: PostAnswer},
    problems=("not_unconfirmed", "in_progress", "changed_meanwhile"),
    headers=("ETag",),
)
def resolve(call: Call, post_id: str, delivery_id: str) -> Response[str]:
    """Settle an unconfirmed delivery: say whether the post is there."""
    given = call.body(Resolve)
    deployment.resolving().resolve(call.workspace_id, post_id, delivery_id, given.resolution())
    return shown(200, deployment.writing().get(call.workspace_id, post_id))
