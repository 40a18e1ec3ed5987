"""What else a workspace has in the bucket: what was exported."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from punctual import exports
from punctual.objects import names, remove
from punctual.removing.process import Remove, Step


def objects(s3: Any, bucket: str) -> Step:
    """`s3` is a boto3 client."""

    def step(workspace_id: str) -> Iterator[Remove]:
        for found in names(s3, bucket, f"{exports.PREFIX}{workspace_id}/"):
            yield partial(remove, s3, bucket, found)

    return step
