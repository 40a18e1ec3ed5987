"""What a workspace has in the bucket, each kind under a prefix that ends in its id."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from punctual import exports
from punctual.removing.process import Remove, Step

PREFIXES = ("", exports.PREFIX)
"""Media, and what was exported."""


class NotRemoved(Exception):
    """S3 took the request and kept some of its objects."""


def objects(s3: Any, bucket: str) -> Step:
    """`s3` is a boto3 client."""

    def step(workspace_id: str) -> Iterator[Remove]:
        for prefix in PREFIXES:
            for names in _pages(s3, bucket, f"{prefix}{workspace_id}/"):
                yield partial(_remove, s3, bucket, names)

    return step


def _pages(s3: Any, bucket: str, prefix: str) -> Iterator[Sequence[str]]:
    """By up to a thousand, which is also what one deletion takes."""
    more: dict[str, str] = {}
    while True:
        page = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, **more)
        names = [each["Key"] for each in page.get("Contents", [])]
        if names:
            yield names
        if not page.get("IsTruncated"):
            return
        more = {"ContinuationToken": page["NextContinuationToken"]}


def _remove(s3: Any, bucket: str, names: Sequence[str]) -> None:
    given = {"Objects": [{"Key": name} for name in names], "Quiet": True}
    answer = s3.delete_objects(Bucket=bucket, Delete=given)
    if answer.get("Errors"):
        raise NotRemoved(f"{len(answer['Errors'])} of {len(names)} objects were kept")
