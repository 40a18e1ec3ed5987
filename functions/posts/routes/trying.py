"""/v1/posts/validate, preview and split: what would become of a post that nobody stores."""

from aws_lambda_powertools.event_handler import Response

from edge import http
from edge.operations import Call, Operations
from posts import deployment
from posts.requests import ToSplit
from posts.trial_answers import (
    PreviewAnswer,
    SplitAnswer,
    ValidationAnswer,
    preview_answer,
    split_answer,
    validation_answer,
)
from punctual.drafts import Trial

operations = Operations("Posts")


@operations.route(
    "POST /v1/posts/validate", name="validate_post", scope="read", body=Trial, answers={200: ValidationAnswer}
)
def validate(call: Call) -> Response[str]:
    """See everything that is wrong with a post, before it is written.

    Takes what `POST /v1/posts` takes, and stores nothing. Faults of form are among the `errors`, too. Without a time
    it is looked at as if it were to go out now.
    """
    return http.answer(200, validation_answer(deployment.validating().validate(call.workspace_id, call.json)))


@operations.route("POST /v1/posts/preview", name="preview_post", scope="read", body=Trial, answers={200: PreviewAnswer})
def preview(call: Call) -> Response[str]:
    """See a post as readers of each channel will.

    Takes what `POST /v1/posts` takes, and stores nothing. What breaks a platform's rules is shown all the same, and
    `errors` says so.
    """
    return http.answer(200, preview_answer(*deployment.previewing().preview(call.workspace_id, call.body(Trial))))


@operations.route("POST /v1/posts/split", name="split_text", scope="read", body=ToSplit, answers={200: SplitAnswer})
def split(call: Call) -> Response[str]:
    """Make a thread of a long text.

    Cut at paragraphs, sentences, words or characters, in this order, so that each part fits every channel named; a
    link is never cut unless it is too long for a part itself. Settings that count, such as a content warning, are not
    known here. A text that fits is one part.
    """
    return http.answer(200, split_answer(deployment.splitting().split(call.workspace_id, call.body(ToSplit).wanted())))
