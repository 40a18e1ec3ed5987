"""Containers: posts that nobody sees until they are published, once, by their handle."""

from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr
from pydantic import BaseModel, ConfigDict, Field
from ulid import ULID

from punctual.clock import to_text
from punctual.tables import Change, Item, Table
from sandbox import posts
from sandbox.errors import Refusal

_VALID = timedelta(days=1)


class Container(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    account_id: str
    text: str = Field(repr=False)
    valid_until: str
    post_id: str = ""


def create(table: Table, account_id: str, text: str, at: datetime) -> Container:
    valid_until = at + _VALID
    made = Container(id=str(ULID()).lower(), account_id=account_id, text=text, valid_until=to_text(valid_until))
    table.put({**_key(made.id), **made.model_dump(exclude={"post_id"}), "expires_at": int(valid_until.timestamp())})
    return made


def get(table: Table, container_id: str, account_id: str, at: datetime) -> Container:
    item = table.get(_key(container_id))
    if not item or item["account_id"] != account_id or item["valid_until"] <= to_text(at):
        raise Refusal(404, "no_such_container", "There is no such container, or it has expired.")
    return Container.model_validate(item)


def publication(table: Table, container: Container, at: datetime) -> posts.Post | None:
    """The container's post, as soon as its write has landed."""
    return posts.landed(table, container.post_id, at) if container.post_id else None


def publishing(table: Table, container_id: str, post_id: str) -> Item:
    """The operation that only one publication of a container can pass."""
    return table.updating(_key(container_id), Change(set={"post_id": post_id}), Attr("post_id").not_exists())


def _key(container_id: str) -> dict[str, str]:
    return {"pk": f"container#{container_id}", "sk": "container"}
