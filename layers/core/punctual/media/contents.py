"""The bytes of a media's file, in the bucket: by ranges, so that nobody need hold it whole."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, IncompleteReadError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from punctual.media.addresses import Addresses
from punctual.media.facts import Facts
from punctual.patience import is_passing
from punctual.providers.outcomes import Rejected, RetryLater

_TRIES = 3
"""Of a range, beside those that boto3 makes before an answer begins."""
_GONE = frozenset({"NoSuchKey", "404"})
_REPLACED = frozenset({"PreconditionFailed", "412", "InvalidRange", "416"})


class FileGone(Rejected):
    def __init__(self, what: str):
        super().__init__(f"A file of this post {what}.", code="media_gone")


class Contents:
    """`s3` is a boto3 client."""

    def __init__(self, s3: Any, bucket: str, addresses: Addresses):
        self._s3 = s3
        self._bucket = bucket
        self._addresses = addresses

    def of(self, path: str, facts: Facts) -> "StoredContent":
        return StoredContent(self._s3, self._bucket, path, facts, self._addresses)


class StoredContent:
    """`Content`, of an object that must stay the one whose facts are known."""

    def __init__(self, s3: Any, bucket: str, path: str, facts: Facts, addresses: Addresses):
        self._s3 = s3
        self._object = {"Bucket": bucket, "Key": path}
        self._facts = facts
        self._addresses = addresses
        self._etag: str | None = None

    def read(self, start: int, length: int) -> bytes:
        """Raises RetryLater, or Rejected where the file is gone or another one."""
        end = min(start + length, self._facts.bytes)
        if start >= end:
            return b""
        again = Retrying(
            stop=stop_after_attempt(_TRIES),
            retry=retry_if_exception(_may_pass),
            wait=wait_random_exponential(multiplier=0.05, max=1),
            reraise=True,
        )
        try:
            return again(self._get, start, end)
        except (ClientError, BotoCoreError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
            if code in _GONE:
                raise FileGone("is not there any more") from error
            if code in _REPLACED:
                raise FileGone("was replaced by another one") from error
            raise RetryLater("A file of this post could not be read.", code="media_unreadable") from error

    def url(self) -> str:
        return self._addresses.of(self._object["Key"], self._facts.type)

    def _get(self, start: int, end: int) -> bytes:
        same = {"IfMatch": self._etag} if self._etag else {}
        answer = self._s3.get_object(**self._object, Range=f"bytes={start}-{end - 1}", **same)
        if answer["ContentRange"].rpartition("/")[2] != str(self._facts.bytes):
            raise FileGone("was replaced by another one")
        self._etag = answer["ETag"]
        found: bytes = answer["Body"].read()
        return found


def _may_pass(error: BaseException) -> bool:
    """Also where the answer broke off in its middle."""
    return is_passing(error) or isinstance(error, IncompleteReadError)
