"""One invocation of the publisher, as far as its files go: the sandbox's provider prepares a post with a video, which
boto3 reads from S3 and our HTTP client sends on.

    python -m tests.benchmarks.uploading.worker FOLDER

FOLDER holds `job.json`, and what is kept of the upload (`kept.json`). Says in a line of JSON how it ended, and the most
memory that the process had.
"""

import json
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from pydantic import SecretStr

from edge import clients
from publisher import app as publisher
from punctual import clock
from punctual.guarded_http import GuardedHttp
from punctual.media.contents import Contents
from punctual.media.facts import Facts
from punctual.providers.base import Account, Grant, Outgoing
from punctual.providers.media import Attachment
from punctual.providers.outcomes import Unfinished
from punctual.providers.sandbox import PROVIDER, Settings
from tests.shelves import Addressed

_SECONDS = 40.0
"""That a worker begins parts for, of the publisher's 60."""


class Keeping:
    """`Keep`, in a file: what was written is there whenever the process dies."""

    def __init__(self, path: Path):
        self._path = path
        self._ends = time.monotonic() + _SECONDS
        self.prepared: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def __call__(self, **results: Any) -> None:
        self.prepared |= results
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(self.prepared))
        new.replace(self._path)

    def yield_if_late(self, seconds: float | None = None) -> None:
        if time.monotonic() > self._ends:
            raise Unfinished()


def main() -> None:
    folder = Path(sys.argv[1])
    job = json.loads((folder / "job.json").read_text())
    keep = Keeping(folder / "kept.json")
    s3 = boto3.client(
        "s3",
        endpoint_url=job["address"],
        region_name="eu-central-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=clients._CONFIG.merge(clients._OWN["s3"]),
    )
    size = job["bytes"]
    facts = Facts(kind="video", type="video/mp4", bytes=size, sha256="", width=1, height=1)
    content = Contents(s3, "media", Addressed()).of(str(size), facts)
    file = Attachment(media_id="med_1", kind="video", type="video/mp4", bytes=size, width=1, height=1, content=content)
    grant = Grant(access_token=SecretStr(job["token"]), server=f"{job['address']}/sandbox")
    post = Outgoing(
        delivery_id="dlv_1",
        key=job["key"],
        text=job["text"],
        settings=Settings(protection="handle"),
        due_at=datetime.now(UTC),
        account=Account(id=job["account"], handle="ada"),
        media=(file,),
        prepared=dict(keep.prepared),
    )
    ended = "done"
    try:
        PROVIDER(GuardedHttp(allow_private=True), clock.now).prepare(post, grant, keep)
    except Unfinished:
        ended = "unfinished"
    assert publisher.handler, "its modules are part of the memory that is measured"
    print(json.dumps({"ended": ended, "peak_kb": peak_kb()}))


def peak_kb() -> int:
    """Of this process alone: `getrusage` would also tell of whoever started it."""
    (found,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found)


if __name__ == "__main__":
    main()
