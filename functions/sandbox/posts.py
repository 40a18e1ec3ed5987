"""Posts: one transaction writes the post, its line on both timelines, and what protects it from going out twice."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import regex
from boto3.dynamodb.conditions import Attr, ConditionBase
from boto3.dynamodb.conditions import Key as Named
from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict, Field
from ulid import ULID

from punctual.clock import to_text
from punctual.tables import ConditionFailed, Item, Table
from sandbox.accounts import Account
from sandbox.attaching import Attached
from sandbox.errors import Refusal
from sandbox.network import Call

MAX_TEXT = 500
KEPT_SECONDS = 7 * 24 * 3600
_TRIES = 8
_JOB = "job-"


class Post(BaseModel):
    """`visible_from` is when the write lands; `searchable_from` is None for a post that no search shows.

    `in_job` says that whoever made it was told so: until it lands, its job answers for it.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    text: str = Field(repr=False)
    in_reply_to: str | None = None
    media: tuple[Attached, ...] = ()
    account_id: str
    handle: str = Field(repr=False)
    arrived_at: str
    visible_from: str
    searchable_from: str | None = None
    in_job: bool = False
    expires_at: int

    @property
    def job(self) -> str:
        return f"{_JOB}{self.id}"

    def has_landed(self, at: datetime) -> bool:
        return self.visible_from <= to_text(at)

    def is_same(self, other: "Post") -> bool:
        """Whether this is what the other says and carries, by the same account and in answer to the same post."""
        ours, theirs = ((one.account_id, one.text, one.in_reply_to, one.media) for one in (self, other))
        return ours == theirs

    def shown(self, base: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "url": f"{base}/posts/{self.id}",
            "text": self.text,
            "in_reply_to": self.in_reply_to,
            "media": [each.shown(base) for each in self.media],
            "account": self.account_id,
            "handle": self.handle,
            "arrived_at": self.arrived_at,
        }


def check(text: str, has_media: bool) -> None:
    if not text.strip() and not has_media:
        raise Refusal(422, "text_empty", "A post needs text, or something to show.")
    if len(regex.findall(r"\X", text)) > MAX_TEXT:
        raise Refusal(422, "text_too_long", f"A post has at most {MAX_TEXT} characters.")


def new(
    call: Call,
    account: Account,
    text: str,
    *,
    post_id: str = "",
    in_reply_to: str | None = None,
    media: tuple[Attached, ...] = (),
    late: int = 0,
    in_job: bool = False,
    search_lag: int = 0,
    hidden: bool = False,
) -> Post:
    visible_from = call.arrived_at + timedelta(seconds=late)
    return Post(
        id=post_id or str(ULID()).lower(),
        text=text,
        in_reply_to=in_reply_to,
        media=media,
        account_id=account.id,
        handle=account.handle,
        arrived_at=to_text(call.arrived_at),
        visible_from=to_text(visible_from),
        searchable_from=None if hidden else to_text(visible_from + timedelta(seconds=search_lag)),
        in_job=in_job,
        expires_at=int(call.arrived_at.timestamp()) + KEPT_SECONDS,
    )


def store(call: Call, post: Post, guard: Sequence[Item] = ()) -> None:
    """Raises ConditionFailed if the id is taken or the guard's own condition fails."""
    item = post.model_dump()
    line = f"{post.arrived_at}#{post.id}"
    operations = [
        call.table.putting({**item, **_post_key(post.id)}, Attr("pk").not_exists()),
        call.table.putting({**item, "pk": "timeline", "sk": line}),
        call.table.putting({**item, "pk": f"account#{post.account_id}", "sk": line}),
        *guard,
    ]
    for attempt in range(_TRIES):
        try:
            call.table.client.transact_write_items(TransactItems=operations)
            return
        except ClientError as error:
            reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
            if "ConditionalCheckFailed" in reasons:
                raise ConditionFailed from error
            if "TransactionConflict" not in reasons or attempt == _TRIES - 1:
                raise
            call.network.sleep(0.02 * 2**attempt)


def remove(table: Table, post: Post) -> None:
    """What is gone may be made again: nothing here remembers it."""
    line = f"{post.arrived_at}#{post.id}"
    lines = ({"pk": "timeline", "sk": line}, {"pk": f"account#{post.account_id}", "sk": line})
    for key in (*lines, _post_key(post.id)):  # the post last: while it is there, it can be removed again
        table.delete(key)


def get(table: Table, post_id: str) -> Post | None:
    """The post, also while its write has not landed yet."""
    found = table.get(_post_key(post_id))
    return Post.model_validate(found) if found else None


def landed(table: Table, post_id: str, at: datetime) -> Post | None:
    found = get(table, post_id)
    return found if found and found.has_landed(at) else None


def of_job(table: Table, job: str) -> Post | None:
    """The post that a job makes or has made."""
    found = get(table, job.removeprefix(_JOB)) if job.startswith(_JOB) else None
    return found if found and found.in_job else None


def search(table: Table, account_id: str, *, text: str, since: str, at: datetime) -> list[Post]:
    """An account's own posts with exactly this text that arrived at `since` or later, newest first."""
    mine = Named("pk").eq(f"account#{account_id}") & Named("sk").gte(since)
    found = [post for post in _lines(table, mine) if post.text == text]
    return [post for post in found if post.searchable_from and post.searchable_from <= to_text(at)]


def timeline(table: Table, *, account_id: str = "", limit: int, at: datetime) -> list[Post]:
    found = []
    for post in _lines(table, Named("pk").eq(f"account#{account_id}" if account_id else "timeline")):
        if post.has_landed(at):
            found.append(post)
        if len(found) == limit:
            break
    return found


def latest(table: Table, account_id: str, *, after: str, most: int) -> list[Post]:
    """An account's newest posts that arrived later than `after`, landed or not, newest first."""
    later = Named("pk").eq(f"account#{account_id}") & Named("sk").gt(f"{after}~")
    return list(islice(_lines(table, later, limit=most), most))


def _lines(table: Table, condition: ConditionBase, limit: int | None = None) -> Iterator[Post]:
    start: Any = None
    while True:
        page = table.query(condition, start=start, forward=False, limit=limit)
        yield from (Post.model_validate(item) for item in page.items)
        start = page.next_key
        if not start:
            return


def _post_key(post_id: str) -> dict[str, str]:
    return {"pk": f"post#{post_id}", "sk": "post"}
