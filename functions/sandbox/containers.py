"""Containers: posts that nobody sees until they are published, once, by their handle."""

from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr
from pydantic import BaseModel, ConfigDict, Field
from ulid import ULID

from punctual.clock import to_text
from punctual.tables import Change, Item, Table
from sandbox import posts
from sandbox.attaching import Attached
from sandbox.errors import Refusal
from sandbox.network import Call

_VALID = timedelta(days=1)


class Container(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    account_id: str
    text: str = Field(repr=False)
    in_reply_to: str | None = None
    media: tuple[Attached, ...] = ()
    ready_at: str
    valid_until: str
    post_id: str = ""


def create(
    call: Call,
    account_id: str,
    text: str,
    *,
    in_reply_to: str | None = None,
    media: tuple[Attached, ...] = (),
    processing_seconds: int = 0,
) -> Container:
    now = call.now()
    made = Container(
        id=str(ULID()).lower(),
        account_id=account_id,
        text=text,
        in_reply_to=in_reply_to,
        media=media,
        ready_at=to_text(now + timedelta(seconds=processing_seconds)),
        valid_until=to_text(now + _VALID),
    )
    expires_at = int((now + _VALID).timestamp())
    call.table.put({**_key(made.id), **made.model_dump(exclude={"post_id"}), "expires_at": expires_at})
    return made


def get(table: Table, container_id: str, account_id: str, at: datetime) -> Container:
    item = table.get(_key(container_id))
    if not item or item["account_id"] != account_id or item["valid_until"] <= to_text(at):
        raise Refusal(404, "no_such_container", "There is no such container, or it has expired.")
    return Container.model_validate(item)


def check_ready(call: Call, container: Container) -> None:
    left = call.seconds_until(container.ready_at)
    if left:
        raise Refusal(409, "not_ready", "This container is still processing.", {"Retry-After": str(left)})


def publication(table: Table, container: Container) -> posts.Post | None:
    """The container's post, also while its write has not landed yet."""
    return posts.get(table, container.post_id) if container.post_id else None


def publishing(table: Table, container_id: str, post_id: str) -> Item:
    """The operation that only one publication of a container can pass."""
    return table.updating(_key(container_id), Change(set={"post_id": post_id}), Attr("post_id").not_exists())


def _key(container_id: str) -> dict[str, str]:
    return {"pk": f"container#{container_id}", "sk": "container"}
