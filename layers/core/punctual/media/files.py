"""A media's files: in the bucket, and while one is worked on, on the function's own disk."""

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from botocore.exceptions import ClientError

from punctual import objects
from punctual.media.library import Media
from punctual.media.refusals import Refused

_NOT_THERE = frozenset({"404", "NoSuchKey"})


class Files:
    """`s3` is a boto3 client. Whatever is large goes from disk to the bucket in pieces, several at a time."""

    def __init__(self, s3: Any, bucket: str):
        self._s3 = s3
        self._bucket = bucket

    def size(self, name: str) -> int | None:
        """None: it is not there."""
        try:
            return int(self._s3.head_object(Bucket=self._bucket, Key=name)["ContentLength"])
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                return None
            raise

    def fetch(self, name: str, target: Path) -> None:
        """As it was when this began: one that changes meanwhile fails. Raises Refused where it is not there."""
        try:
            self._s3.download_file(Bucket=self._bucket, Key=name, Filename=str(target))
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                raise missing() from error
            raise

    def keep(self, source: Path, name: str, type: str) -> None:  # noqa: A002 - MIME's word
        """The same once more does no harm."""
        given = {"ContentType": type}
        self._s3.upload_file(Filename=str(source), Bucket=self._bucket, Key=name, ExtraArgs=given)

    def drop(self, name: str) -> None:
        self._s3.delete_object(Bucket=self._bucket, Key=name)

    def end_parts(self, media: Media) -> None:
        """Of an upload that nobody joined."""
        if media.upload_id:
            objects.abort(self._s3, self._bucket, media.received, media.upload_id)

    def empty(self, folder: str) -> None:
        """Whoever wrote into it."""
        for found in objects.names(self._s3, self._bucket, folder):
            objects.remove(self._s3, self._bucket, found)


class Bench:
    """A folder for one media's files."""

    def __init__(self, files: Files, folder: Path):
        self._files = files
        self._folder = folder
        self.received, self.cleaned, self.original, self.made = (
            folder / name for name in ("received", "cleaned", "original", "made")
        )

    def fetch(self, media: Media) -> Path:
        """The original, unless it is here already. Raises Refused where it is not there, or does not fit."""
        if not self.original.exists():
            self.make_room(media.facts.bytes if media.facts else 0)
            self._files.fetch(media.original, self.original)
        return self.original

    def make_room(self, size: int) -> None:
        """Raises Refused where there is none."""
        free = shutil.disk_usage(self._folder).free
        if size > free:
            raise Refused("too_large", f"The file has {size:,} bytes, and there is room to work on {free:,}.")


@contextmanager
def bench(files: Files, disk: Path | None = None) -> Iterator[Bench]:
    """What dead workers left is removed first: a function's disk outlives its process, and a lock does not."""
    disk = disk or Path(tempfile.gettempdir())
    with (disk / "punctual-media.lock").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        for left in disk.glob("punctual-media-*"):
            _remove_unless_in_use(left)
        folder = Path(tempfile.mkdtemp(prefix="punctual-media-", dir=disk))
        mine = (folder / "lock").open("w")
        fcntl.flock(mine, fcntl.LOCK_EX)
    try:
        yield Bench(files, folder)
    finally:
        shutil.rmtree(folder)
        mine.close()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def missing() -> Refused:
    return Refused("empty", "There is no file.")


def _remove_unless_in_use(folder: Path) -> None:
    try:
        with _opened(folder) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    except BlockingIOError:
        return


def _opened(folder: Path) -> TextIO:
    return (folder / "lock").open("w")
