"""A workspace's media: rows, files, and uploads in parts that are under way.

Forms and parts that were signed before the keys ended can still be used for an hour, and whoever works on a file may be
at it for a quarter of one. So where there were media, the workspace's row stays that long, and one more round comes.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import objects
from punctual.media import library
from punctual.removing.process import Remove, Step
from punctual.tables import Table

_ROWS = ("media", "rendition#", "use#")
"""`media` also begins what is counted of them."""


def media(table: Table, s3: Any, bucket: str) -> Step:
    """`s3` is a boto3 client. Rows first: who finds none writes no file. Uploads before files: they end as such."""

    def step(workspace_id: str) -> Iterator[Remove]:
        for prefix in _ROWS:
            for row in table.every(KeyCondition("pk").eq(workspace_id) & KeyCondition("sk").begins_with(prefix)):
                yield partial(table.delete, {"pk": row["pk"], "sk": row["sk"]})
        folder = f"{library.PREFIX}{workspace_id}/"
        for name, upload_id in objects.uploads(s3, bucket, folder):
            yield partial(objects.abort, s3, bucket, name, upload_id)
        for found in objects.names(s3, bucket, folder):
            yield partial(objects.remove, s3, bucket, found)

    return step
