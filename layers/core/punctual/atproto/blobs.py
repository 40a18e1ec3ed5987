"""Blobs: what records refer to by content, and a server holds for a while before one does. https://atproto.com/specs/blob"""

from collections.abc import Mapping
from typing import Any

from punctual.atproto.sessions import xrpc
from punctual.providers.base import Grant, Outgoing, Provider, answer
from punctual.providers.feeding import Part, Upload, forgetting
from punctual.providers.media import Attachment
from punctual.providers.outcomes import Rejected, RetryLater, Unprepared

# No record referred to it in time; this one is not written then.
# https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/actor-store/blob/transactor.ts
_GONE = "BlobNotFound"
_TIMES = 3
"""That the media of one part are uploaded anew."""


class PictureUpload(Upload):
    """In one piece, two megabytes at most: another proof of the grant may have to be sent with the same bytes.

    Its id is the blob, as a record refers to it.
    """

    def __init__(self, attachment: Attachment, provider: Provider, grant: Grant):
        super().__init__(attachment)
        self._provider = provider
        self._grant = grant

    def send(self, handle: Mapping[str, Any], part: Part) -> Any:
        response = self._provider.call(
            "POST",
            xrpc(self._grant.server, "com.atproto.repo.uploadBlob"),
            grant=self._grant,
            headers={"Content-Type": self.attachment.type},
            content=part.read(),
        )
        return read_blob(answer(response).get("blob"))


def read_blob(given: Any) -> dict[str, Any]:
    """As a record refers to it. Its type is the server's word: it may have found another than ours."""
    match given:
        case {"ref": {"$link": str(cid)}, "mimeType": str(kind), "size": int(size)}:
            return {"$type": "blob", "ref": {"$link": cid}, "mimeType": kind, "size": size}
    raise RetryLater("The server's answer could not be read.", code="unreadable_answer")


def again(post: Outgoing, refusal: Rejected) -> Unprepared | None:
    """Of a record that was refused since its blobs are gone; None: it was for something else.

    Its key stays what it was, so that whatever comes of the next try is the same post.
    """
    times = int(post.prepared.get("again") or 0) + 1
    if refusal.platform_code != _GONE or times > _TIMES:
        return None
    sentence = "The account's server let go of the post's media: they are uploaded anew."
    return Unprepared(
        sentence,
        code="media_expired",
        status=refusal.status,
        platform_code=_GONE,
        kept={**forgetting(post), "record": None, "again": times},
    )
