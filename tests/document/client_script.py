"""A customer's program: writes a post, looks at it, and cancels it if nobody else has changed it."""

from datetime import datetime

from punctual_client import AuthenticatedClient
from punctual_client.api.posts import cancel_post, create_post, get_post
from punctual_client.models import NewPost, PostAnswer, ProblemAnswer, TargetDraft


class RefusedError(Exception):
    """The API said no; its argument is the problem's code."""


def written_and_cancelled(
    client: AuthenticatedClient, channel_id: str, text: str, at: datetime, key: str
) -> tuple[PostAnswer, PostAnswer, PostAnswer]:
    body = NewPost(text=text, scheduled_at=at, targets=[TargetDraft(channel_id=channel_id)])
    written = post(create_post.sync(client=client, body=body, idempotency_key=key))
    seen = get_post.sync_detailed(written.id, client=client)
    cancelled = cancel_post.sync(written.id, client=client, if_match=seen.headers["ETag"])
    return written, post(seen.parsed), post(cancelled)


def post(answer: object) -> PostAnswer:
    if isinstance(answer, ProblemAnswer):
        raise RefusedError(answer.code)
    if not isinstance(answer, PostAnswer):
        raise RefusedError("something else")
    return answer
