"""/v1/posts: write, read, list, change, delete."""

from collections.abc import Callable

from aws_lambda_powertools.event_handler import Response

from edge import http, once
from edge.operations import Call, Operations
from posts import deployment
from posts.answer_types import DeletedPost, PostAnswer, PostPage
from posts.answers import post_answer, summary_answer
from posts.requests import ListQuery
from punctual.drafts import NewPost, PostChange
from punctual.idempotency import Answer
from punctual.listing import Listing
from punctual.writing import Recording, Written

operations = Operations("Posts")


@operations.route(
    "POST /v1/posts",
    name="create_post",
    scope="write",
    body=NewPost,
    answers={201: PostAnswer, 202: PostAnswer},
    problems=("duplicate_post", "changed_meanwhile"),
    headers=("Location", "ETag"),
    takes_idempotency_key=True,
)
def create(call: Call) -> Response[str]:
    """Write a post.

    One request for many channels. It is due at `scheduled_at`, at once (`schedule: "now"`, answered 202: publishing
    never happens inside a request) or not yet (`draft: true`). Everything that is wrong with it is answered at once,
    and nothing is stored then; a draft may break the platforms' rules, and is answered them as `warnings`.
    """
    draft = call.body(NewPost)

    def create(recording: Recording | None) -> Written:
        return deployment.writing().create(call.workspace_id, draft, recording)

    return created(call, create, 202 if draft.schedule else 201)


@operations.route(
    "GET /v1/posts",
    name="list_posts",
    scope="read",
    query=ListQuery,
    answers={200: PostPage},
    problems=("invalid_cursor",),
)
def list_posts(call: Call) -> Response[str]:
    """List posts by time, oldest first or, with `order=desc`, latest first.

    Filters may be combined: a page may then be short, or empty, and there is more as long as `next_cursor` says so.
    `from` is inclusive, `to` is not; both may move from page to page, the other filters and the order may not.
    """
    query = call.query(ListQuery)
    listing, oldest_first = Listing(deployment.posts()), query.order == "asc"
    found = listing.page(call.workspace_id, query.wanted(), query.limit, query.cursor, oldest_first=oldest_first)
    posts, cursor = found
    page: PostPage = {"data": [summary_answer(post) for post in posts], "next_cursor": cursor}
    return http.answer(200, page)


@operations.route(
    "GET /v1/posts/{post_id}", name="get_post", scope="read", answers={200: PostAnswer}, headers=("ETag",)
)
def get(call: Call, post_id: str) -> Response[str]:
    """Look at a post and its deliveries."""
    return shown(200, deployment.writing().get(call.workspace_id, post_id))


@operations.route(
    "PATCH /v1/posts/{post_id}",
    name="change_post",
    scope="write",
    body=PostChange,
    answers={200: PostAnswer},
    problems=("already_publishing", "not_editable", "duplicate_post", "changed_meanwhile"),
    headers=("ETag",),
    takes_if_match=True,
)
def change(call: Call, post_id: str) -> Response[str]:
    """Change what has not gone out yet.

    What is omitted stays; null clears. `scheduled_at: null` makes the post a draft again.
    """
    given = call.body(PostChange)
    return shown(200, deployment.writing().edit(call.workspace_id, post_id, given, call.revs()))


@operations.route(
    "DELETE /v1/posts/{post_id}",
    name="delete_post",
    scope="write",
    answers={200: DeletedPost},
    problems=("not_deletable", "changed_meanwhile"),
    takes_if_match=True,
)
def delete(call: Call, post_id: str) -> Response[str]:
    """Delete a draft or a cancelled post."""
    deployment.writing().delete(call.workspace_id, post_id, call.revs())
    deleted: DeletedPost = {"id": post_id, "deleted": True}
    return http.answer(200, deleted)


def created(call: Call, create: Callable[[Recording | None], Written], status: int, **path: str) -> Response[str]:
    """Once for each Idempotency-Key."""

    def answer(written: Written) -> Answer:
        return Answer(status=status, body=post_answer(written))

    said, is_replayed = once.made(deployment.idempotency(), once.asked(call, **path), create, answer)
    headers = {"Location": f"/v1/posts/{said.body['id']}", "ETag": etag(said.body["rev"])}
    return once.replied(said, is_replayed, headers)


def shown(status: int, written: Written) -> Response[str]:
    return http.answer(status, post_answer(written), headers={"ETag": etag(written.post.rev)})


def etag(rev: int) -> str:
    """Of what its author wrote, not of how far it has come: only edits, cancel and publish change it."""
    return f'"{rev}"'
