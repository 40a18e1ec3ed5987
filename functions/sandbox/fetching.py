"""Files that a post names by their address: fetched by ranges, as platforms do that take no uploads."""

import hashlib
import re

import httpx

from punctual.guarded_http import AddressRefused
from sandbox import files
from sandbox.errors import Refusal
from sandbox.network import Call

MAX_BYTES = 64 * files.MEGABYTE
"""What a request has time for."""
_SECONDS = 10.0
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


def fetched(call: Call, account_id: str, url: str) -> files.File:
    """The same file under the same id, however often it is fetched. No redirect is followed; ranges must be there."""
    content, total, said = _range(call, url, 0)
    if total > MAX_BYTES:
        raise Refusal(422, "file_too_large", f"A file that is fetched has at most {MAX_BYTES} bytes.")
    parts, whole = [content], hashlib.sha256(content)
    while (got := len(parts) * call.network.part_bytes) < total:
        parts.append(_range(call, url, got)[0])
        whole.update(parts[-1])
    file_id = f"url-{hashlib.sha256(f'{account_id} {whole.hexdigest()}'.encode()).hexdigest()[:32]}"
    made = files.create(call, account_id, type=said, bytes=total, file_id=file_id)
    for number, part in enumerate(parts, start=1):
        files.put_part(call, made, number, part)
    return files.finish(call, made)


def _range(call: Call, url: str, start: int) -> tuple[bytes, int, str]:
    """A part, the file's size, and its type as the answer says it."""
    headers = {
        "Range": f"bytes={start}-{start + call.network.part_bytes - 1}",
        "Accept": "*/*",
        "User-Agent": "Sandbox",
    }
    try:
        answer = call.network.http().send(httpx.Request("GET", url, headers=headers), seconds=_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, AddressRefused):
        raise _unfetchable() from None
    where = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if answer.status_code != 206 or not where or int(where[1]) != start:
        raise _unfetchable()
    total = int(where[3])
    if len(answer.content) != min(call.network.part_bytes, total - start):
        raise _unfetchable()
    return answer.content, total, answer.headers.get("Content-Type", "")


def _unfetchable() -> Refusal:
    return Refusal(422, "media_unfetchable", "The file could not be fetched from the address given.")
