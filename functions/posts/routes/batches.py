"""Many at once: a hundred posts in one call, another try for all that failed on a channel."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import cast

from aws_lambda_powertools.event_handler import Response

from edge import http, once
from edge.operations import Call, Operations
from posts import deployment
from posts.answer_types import BatchAnswer, CreatedAnswer, PostAnswer, ProblemAnswer, RetriedAnswer, RetriedPage
from posts.answers import post_answer
from posts.requests import Batch, RetryAll
from punctual import clock, ids
from punctual.drafts import NewPost
from punctual.idempotency import Answer, Request
from punctual.problems import Problem
from punctual.retrying import Retried
from punctual.writing import Recording, Written

operations = Operations("Posts")
MAX_BATCH_BYTES = 1024 * 1024
_SIDE_BY_SIDE = 8
"""Each waits for DynamoDB and the Scheduler, one after the other some 0.1 s; API Gateway waits 30 s for all."""


@operations.route(
    "POST /v1/posts/batch",
    name="create_batch",
    scope="write",
    body=Batch,
    answers={207: BatchAnswer},
    takes_idempotency_key=True,
    max_body_bytes=MAX_BATCH_BYTES,
)
def create_batch(call: Call) -> Response[str]:
    """Write up to a hundred posts.

    Each stands for itself: `data` has, in the order of `posts`, the status and the answer that each would have got
    alone. Under one Idempotency-Key those that were made are answered as before, and the others are tried again.
    """
    call.body(Batch)
    asked = once.asked(call)
    places = range(len(call.json["posts"]))
    post_ids = [ids.new("post") for _ in places]  # in order, for posts of one channel at one second keep theirs
    if asked:
        deployment.idempotency().check([asked.part(place) for place in places])
    request_id = http.request_id(call.app)
    deployment.writing()

    def one(place: int) -> CreatedAnswer:
        try:
            said = _one(call, place, post_ids[place], asked.part(place) if asked else None)
        except Problem as problem:
            told = problem.body(request_id)
            return {
                "status": problem.status,
                "post": None,
                "problem": cast("ProblemAnswer", told),
                "replayed": False,
            }
        return said

    contexts = [copy_context() for _ in places]  # in which it is known whose request this is
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        found: BatchAnswer = {"data": list(pool.map(lambda place: contexts[place].run(one, place), places))}
    headers = {once.REPLAYED: "true"} if all(each["replayed"] for each in found["data"]) else {}
    return http.answer(207, found, headers=headers)


def _one(call: Call, place: int, post_id: str, asked: Request | None) -> CreatedAnswer:
    draft = http.parsed(NewPost, call.json["posts"][place])
    status = 202 if draft.schedule else 201

    def create(recording: Recording | None) -> Written:
        return deployment.writing().create(call.workspace_id, draft, recording, post_id)

    said, is_replayed = once.made(deployment.idempotency(), asked, create, _answering(status))
    post = cast("PostAnswer", said.body)
    return {"status": said.status, "post": post, "problem": None, "replayed": is_replayed}


def _answering(status: int) -> Callable[[Written], Answer]:
    return lambda written: Answer(status=status, body=post_answer(written))


@operations.route(
    "POST /v1/posts/retry",
    name="retry_channel",
    scope="write",
    body=RetryAll,
    answers={207: RetriedPage},
    problems=("invalid_cursor", "not_found"),
)
def retry_channel(call: Call) -> Response[str]:
    """Try all that failed on a channel again, at once.

    Takes the deliveries that were due since `since` and are in ERROR, MISSED or PARTIAL, oldest first, up to a
    hundred; `next_cursor` tells that there are more. What is live is not sent again.
    """
    given = call.body(RetryAll)
    until = given.until or clock.now()
    tried, cursor = deployment.retrying().retry_channel(
        call.workspace_id, given.channel_id, given.since, until, given.cursor
    )
    request_id = http.request_id(call.app)
    page: RetriedPage = {"data": [_retried(each, request_id) for each in tried], "next_cursor": cursor}
    return http.answer(207, page)


def _retried(each: Retried, request_id: str) -> RetriedAnswer:
    problem = each.problem
    return {
        "post_id": each.post_id,
        "delivery_id": each.delivery_id,
        "status": problem.status if problem else 202,
        "problem": cast("ProblemAnswer", problem.body(request_id)) if problem else None,
    }
