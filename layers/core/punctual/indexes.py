"""The indexes that find posts. All of them sort by `<time>#<post id>`, as `Post.listed_at` has it."""

from dataclasses import dataclass

from boto3.dynamodb.conditions import ConditionBase
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import facets
from punctual.facets import Facet
from punctual.states import PostStatus
from punctual.tables import Item


@dataclass(frozen=True, kw_only=True)
class Entries:
    """All that one value finds in an index."""

    index: str
    hash_key: str
    value: str
    range_key: str
    sk: str | None = None
    """Of each; None: deliveries', each with its own."""
    holds_posts: bool = False
    """Whether the index has the posts themselves, a moment old; else it has what names them."""

    def between(self, span: tuple[str, str]) -> ConditionBase:
        return KeyCondition(self.hash_key).eq(self.value) & KeyCondition(self.range_key).between(*span)

    def key(self, order: str, sk: str) -> Item:
        """Of a row, as a query goes on after it."""
        pk = order.partition("#")[2]
        return {"pk": pk, "sk": self.sk or sk, self.hash_key: self.value, self.range_key: order}

    def order(self, row: Item) -> str:
        return str(row[self.range_key])


def of_workspace(workspace_id: str) -> Entries:
    return Entries(
        index="by_time",
        hash_key="workspace_id",
        value=workspace_id,
        range_key="listed_at",
        sk="post",
        holds_posts=True,
    )


def of_status(workspace_id: str, status: PostStatus) -> Entries:
    value = f"{workspace_id}#{status.value}"
    return Entries(index="by_status", hash_key="workspace_status", value=value, range_key="listed_at", sk="post")


def of_channel(channel_id: str) -> Entries:
    return Entries(index="by_channel", hash_key="channel_id", value=channel_id, range_key="channel_order")


def of_facet(workspace_id: str, facet: Facet, value: str, sk: str | None) -> Entries:
    name = facets.name(workspace_id, facet, value)
    return Entries(index=facets.INDEX, hash_key="facet", value=name, range_key="facet_order", sk=sk)
