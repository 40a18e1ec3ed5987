"""The classes of duplicate protection: what each writes beside the post, and what it answers the second time."""

from collections.abc import Mapping
from typing import Literal, Protocol, TypeAlias

from boto3.dynamodb.conditions import Attr

from punctual.tables import Item, Table
from sandbox import containers, grants, posts, script
from sandbox.errors import Refusal

_KEY_WINDOW_SECONDS = 3600

Name: TypeAlias = Literal["key", "chosen_id", "handle", "duplicate_rejection", "search", "none"]


class Protection(Protocol):
    def guard(self, table: Table, post: posts.Post) -> list[Item]:
        """What the post's transaction must pass besides its own id being free."""
        ...

    def taken(self, table: Table, post: posts.Post) -> posts.Post:
        """The post that is already there and answers for this one; or Refusal."""
        ...


class Unprotected:
    def guard(self, table: Table, post: posts.Post) -> list[Item]:
        return []

    def taken(self, table: Table, post: posts.Post) -> posts.Post:
        raise Refusal(409, "id_taken", "Another post has this id.")


class ByKey:
    """An idempotency key, honoured from its first use for an hour, or for as long as the text's script says."""

    def __init__(self, key: str):
        self._key = key

    def guard(self, table: Table, post: posts.Post) -> list[Item]:
        arrived_at = post.expires_at - posts.KEPT_SECONDS
        chosen = script.read(post.text, "publish").key_window
        window = _KEY_WINDOW_SECONDS if chosen is None else chosen
        item = {**self._where(post), "post_id": post.id, "expires_at": arrived_at + window}
        return [table.putting(item, Attr("pk").not_exists() | Attr("expires_at").lte(arrived_at))]

    def taken(self, table: Table, post: posts.Post) -> posts.Post:
        used = table.get(self._where(post))
        first = posts.get(table, used["post_id"]) if used else None
        if first and first.is_same(post):
            return first
        raise Refusal(422, "key_reused", "This Idempotency-Key was used for another post.")

    def _where(self, post: posts.Post) -> dict[str, str]:
        return {"pk": f"key#{post.account_id}#{grants.digest(self._key)}", "sk": "key"}


class ByChosenId(Unprotected):
    """The same post under the same id changes nothing."""

    def taken(self, table: Table, post: posts.Post) -> posts.Post:
        first = posts.get(table, post.id)
        if first and first.is_same(post):
            return first
        return super().taken(table, post)


class ByHandle:
    """A container is published once; whoever tries again is told so, and can ask the container."""

    def __init__(self, container_id: str):
        self._container_id = container_id

    def guard(self, table: Table, post: posts.Post) -> list[Item]:
        return [containers.publishing(table, self._container_id, post.id)]

    def taken(self, table: Table, post: posts.Post) -> posts.Post:
        raise Refusal(409, "already_published", "This container was published before.")


class ByRefusingDuplicates:
    """Refuses the text of the account's last post, as far as that was posted under this class.

    The same text in answer to another post, or with other files, is another post.
    """

    def guard(self, table: Table, post: posts.Post) -> list[Item]:
        files = "".join(f"\n{each.id}" for each in post.media)
        text = grants.digest(f"{post.in_reply_to or ''}\n{post.text}{files}")
        item = {"pk": f"last#{post.account_id}", "sk": "last", "text_hash": text, "expires_at": post.expires_at}
        return [table.putting(item, Attr("pk").not_exists() | Attr("text_hash").ne(text))]

    def taken(self, table: Table, post: posts.Post) -> posts.Post:
        raise Refusal(409, "duplicate", "The last post has the same text.")


BY_TEXT: Mapping[str, Protection] = {
    "duplicate_rejection": ByRefusingDuplicates(),
    "search": Unprotected(),
    "none": Unprotected(),
}
"""The classes that need nothing from the client but the text."""
