"""Posts whose time is over. DynamoDB deletes the post's own row by itself; what belongs to it follows."""

from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import posts
from punctual.attaching import media_ids_of
from punctual.media import uses
from punctual.tables import Item, Table, from_stream


def clear(table: Table, post_id: str, image: Item | None = None) -> int:
    """How many rows were left; `image` is the post's own as the stream tells it: no media is needed by it any more.
    Nothing is left where the post is there: then it was not its row that expired."""
    rows = [{"pk": row["pk"], "sk": row["sk"]} for row in table.every(KeyCondition("pk").eq(post_id))]
    if posts.key(post_id) in rows:
        return 0
    if image:
        post = posts.read(from_stream(image))
        rows += [uses.key(post.workspace_id, media_id, post_id) for media_id in media_ids_of(post)]
    for row in rows:
        table.delete(row)
    return len(rows)
