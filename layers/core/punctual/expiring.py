"""Posts whose time is over. DynamoDB deletes the post's own row by itself; what belongs to it follows."""

from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import posts
from punctual.tables import Table


def clear(table: Table, post_id: str) -> int:
    """How many rows were left. Nothing is, where the post is there: then it was not its row that expired."""
    rows = [{"pk": row["pk"], "sk": row["sk"]} for row in table.every(KeyCondition("pk").eq(post_id))]
    if posts.key(post_id) in rows:
        return 0
    for row in rows:
        table.delete(row)
    return len(rows)
