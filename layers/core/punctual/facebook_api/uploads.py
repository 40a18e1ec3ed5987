"""Files on their way to a page: nobody sees them before a post names them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from punctual.facebook_api import videos
from punctual.meta.graph import GraphProvider, id_of, is_gone
from punctual.providers.base import Grant, Outgoing, answer
from punctual.providers.feeding import AttachmentFile, Part, Upload, UploadLost
from punctual.providers.media import SUFFIXES, Attachment
from punctual.providers.outcomes import Rejected, RetryLater

PART_BYTES = 256 * 1024 * 1024
"""Ours: both ways of uploading go on from any byte, so that what is larger than a worker's time is sent in parts."""
_PART_SECONDS = 40.0
_SESSION = re.compile(r"upload:[A-Za-z0-9_:=+/?&-]{1,2000}")
_LONGEST_HANDLE = 20_000


class PhotoUpload(Upload):
    """In one request, unpublished. https://developers.facebook.com/docs/graph-api/reference/page/photos"""

    part_seconds = _PART_SECONDS

    def __init__(self, attachment: Attachment, provider: GraphProvider, post: Outgoing, grant: Grant):
        super().__init__(attachment)
        self._provider = provider
        self._page_id = post.account.id
        self._grant = grant

    def send(self, handle: Mapping[str, Any], part: Part) -> Any:
        mine = self.attachment
        described = {"alt_text_custom": mine.alt_text} if mine.alt_text else {}
        given = self._provider.call(
            "POST",
            self._provider.at(f"{self._page_id}/photos"),
            grant=self._grant,
            seconds=self.part_seconds,
            data={"published": "false", **described},
            files={"source": (f"photo{SUFFIXES[mine.type]}", AttachmentFile(mine), mine.type)},
        )
        return id_of(answer(given))


class VideoUpload(Upload):
    """By the Resumable Upload API; posts call the file by a handle.
    https://developers.facebook.com/docs/graph-api/guides/upload"""

    part_seconds = _PART_SECONDS

    def __init__(self, attachment: Attachment, provider: GraphProvider, post: Outgoing, grant: Grant):
        super().__init__(attachment)
        self._provider = provider
        self._grant = grant

    def begin(self) -> Mapping[str, Any]:
        mine = self.attachment
        app_id = self._grant.extra.get("app_id")
        if not app_id:
            raise Rejected("This connection is of another kind: connect the page again.", code="not_prepared")
        about = {
            "file_name": f"video{SUFFIXES[mine.type]}",
            "file_length": str(mine.bytes),
            "file_type": mine.type,
        }
        url = self._provider.at(f"{app_id}/uploads")
        session = answer(self._provider.call("POST", url, grant=self._grant, data=about)).get("id")
        if not isinstance(session, str) or not _SESSION.fullmatch(session):
            raise _unreadable()
        return {"session": session}

    def end_of(self, handle: Mapping[str, Any], start: int) -> int:
        return start + PART_BYTES

    def received(self, handle: Mapping[str, Any]) -> int:
        offset = self._told("GET", handle, {}).get("file_offset")
        if type(offset) is not int or not 0 <= offset <= self.attachment.bytes:
            raise _unreadable()
        return offset

    def send(self, handle: Mapping[str, Any], part: Part) -> Any:
        found = self._told("POST", handle, {"file_offset": str(part.start)}, content=part.file())
        return found.get("h")

    def finish(self, handle: Mapping[str, Any], results: Sequence[Any]) -> Any:
        """It is told with the last part alone: where that answer was lost, the file is sent anew."""
        if not results or not isinstance(results[-1], str) or len(results[-1]) > _LONGEST_HANDLE:
            raise UploadLost()
        return results[-1]

    def _told(self, method: str, handle: Mapping[str, Any], headers: Mapping[str, str], **sent: Any) -> dict[str, Any]:
        url = self._provider.at(str(handle["session"]))
        try:
            response = self._provider.call(
                method, url, auth=videos.by_oauth(self._grant), headers=headers, seconds=self.part_seconds, **sent
            )
        except Rejected as error:
            if is_gone(error):
                raise UploadLost() from error
            raise
        return answer(response)


class ReelUpload(Upload):
    """Of reels, and of stories that are videos: what is uploaded is a video from the first, and has its id.
    https://developers.facebook.com/docs/video-api/guides/reels-publishing"""

    part_seconds = _PART_SECONDS

    def __init__(self, attachment: Attachment, provider: GraphProvider, post: Outgoing, grant: Grant):
        super().__init__(attachment)
        self._provider = provider
        self._edge = f"{post.account.id}/{videos.EDGES[post.settings.post_type]}"
        self._grant = grant

    def begin(self) -> Mapping[str, Any]:
        url = self._provider.at(self._edge)
        given = self._provider.call("POST", url, grant=self._grant, data={"upload_phase": "start"})
        return {"video_id": id_of(answer(given), "video_id")}

    def end_of(self, handle: Mapping[str, Any], start: int) -> int:
        return start + PART_BYTES

    def received(self, handle: Mapping[str, Any]) -> int:
        try:
            found = self._provider.read(str(handle["video_id"]), self._grant, fields="status")
        except Rejected as error:
            if is_gone(error):
                raise UploadLost() from error
            raise
        return min(videos.bytes_there(found), self.attachment.bytes)

    def send(self, handle: Mapping[str, Any], part: Part) -> None:
        self._provider.call(
            "POST",
            f"https://rupload.facebook.com/video-upload/{self._provider.api_version}/{handle['video_id']}",
            auth=videos.by_oauth(self._grant),
            headers={"offset": str(part.start), "file_size": str(self.attachment.bytes)},
            seconds=self.part_seconds,
            content=part.file(),
        )

    def finish(self, handle: Mapping[str, Any], results: Sequence[Any]) -> Any:
        return handle["video_id"]


def _unreadable() -> RetryLater:
    return RetryLater("Facebook's answer could not be read.", code="unreadable_answer")
