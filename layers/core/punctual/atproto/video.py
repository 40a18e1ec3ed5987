"""Videos go in parts to a service that makes them playable, and then gives the account's server the blob."""

from collections.abc import Mapping, Sequence
from itertools import count, takewhile
from typing import Any

from punctual.atproto.blobs import read_blob
from punctual.atproto.video_service import VideoService, refused, unreadable
from punctual.providers.feeding import Part, Upload, UploadLost
from punctual.providers.media import Attachment
from punctual.providers.outcomes import Processing

_LARGEST_PART = 64 * 1024 * 1024
"""What may be sent within one call; it is read as it is sent."""
# https://github.com/bluesky-social/atproto/blob/d6296a1/lexicons/app/bsky/video/defs.json (failureCode)
_THE_FILE = frozenset({"validation_failure", "encoding_failure", "pds_upload_unsupported_blob_size"})
_NOT_THE_FILE = "pds_upload_failure"
"""The account's server did not take what was made of it: our token may have run out by then."""


class VideoUpload(Upload):
    """Its id is the job that makes the video, and at last the blob."""

    is_processed = True

    def __init__(self, attachment: Attachment, service: VideoService):
        super().__init__(attachment)
        self._service = service

    def begin(self) -> Mapping[str, Any]:
        mine = self.attachment
        about = {"sizeBytes": mine.bytes, "mimeType": mine.type, "name": "video.mp4"}
        about |= {"width": mine.width, "height": mine.height}
        if mine.duration_ms is not None:
            about["durationMs"] = mine.duration_ms
        match self._service.do("startUpload", json=about):
            case {"jobId": str(job), "partSizeBytes": int(size)} if 0 < size <= _LARGEST_PART:
                return {"job": job, "size": size}
        raise unreadable()

    def end_of(self, handle: Mapping[str, Any], start: int) -> int:
        size: int = handle["size"]
        return start + size

    def received(self, handle: Mapping[str, Any]) -> int:
        """All of it, where the upload is over, one way or the other: `finish` is told which."""
        status = self._service.do("getUploadStatus", verb="GET", params={"jobId": handle["job"]})
        if status.get("state") != "created":
            return self.attachment.bytes
        there = {number for number in status.get("receivedParts") or () if isinstance(number, int)}
        return sum(1 for _ in takewhile(there.__contains__, count(1))) * int(handle["size"])

    def send(self, handle: Mapping[str, Any], part: Part) -> Any:
        self._service.do(
            "uploadPart",
            params={"jobId": handle["job"], "partNumber": str(part.start // handle["size"] + 1)},
            headers={"Content-Type": "application/octet-stream"},
            content=part.file(),
        )

    def finish(self, handle: Mapping[str, Any], results: Sequence[Any]) -> Any:
        """Another job than it was begun as, where the service has the same file already."""
        job = self._service.do("finishUpload", json={"jobId": handle["job"]}).get("completedJobId")
        if not isinstance(job, str):
            raise unreadable()
        return job

    def settled(self, media_id: Any) -> Any:
        match self._service.read("getJobStatus", jobId=media_id).get("jobStatus"):
            case {"state": "JOB_STATE_COMPLETED", **said}:
                return read_blob(said.get("blob"))
            case {"state": "JOB_STATE_FAILED", **said}:
                code = said.get("failureCode")
                if code == _NOT_THE_FILE:
                    raise UploadLost()
                sentence = "Bluesky could not make this video playable."
                raise refused(sentence, str(code) if code in _THE_FILE else None)
        raise Processing("Bluesky is still working on the video.")
