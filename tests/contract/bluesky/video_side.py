"""A small video service, by app.bsky.video.* of the lexicons: parts, jobs that take a few looks, and the finished blob,
which it stores on the account's server with the token that it was given."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

import httpx

from tests.contract.bluesky.blobs import Blobs, failed

HOST = "video.bsky.app"
STATES = ("JOB_STATE_CREATED", "JOB_STATE_ENCODING", "JOB_STATE_SCANNING", "JOB_STATE_UPLOADING")


class VideoSide:
    """A job takes `looks` of them; `fails_with` is the failureCode of each."""

    part_bytes = 10

    def __init__(self, now: Callable[[], datetime], blobs: Blobs, did: str, server: str):
        self.now = now
        self.blobs = blobs
        self.did = did
        self.audience = f"did:web:{server.removeprefix('https://')}"
        self.uploads: dict[str, dict[str, Any]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.parts_sent: list[int] = []
        self.about: dict[str, Any] = {}
        self.looks = 0
        self.fails_with = ""
        self.answers_next: list[httpx.Response] = []

    def token(self, **claims: str) -> str:
        return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")

    def answer(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.removeprefix("/xrpc/app.bsky.video.")
        if method != "getJobStatus" and not self._is_proved(request):
            return failed(401, "InvalidToken")
        if self.answers_next:
            return self.answers_next.pop(0)
        answered: httpx.Response = getattr(self, f"_{method}")(request)
        return answered

    def _is_proved(self, request: httpx.Request) -> bool:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        claims = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        wanted = {"iss": self.did, "aud": self.audience, "lxm": "com.atproto.repo.uploadBlob"}
        return claims.items() >= wanted.items() and int(claims["exp"]) > self.now().timestamp()

    def _startUpload(self, request: httpx.Request) -> httpx.Response:  # noqa: N802 - the method's own name
        given = json.loads(request.content)
        if given["mimeType"] != "video/mp4":
            return failed(400, "UnsupportedContentType")
        job = f"upload-{len(self.uploads)}"
        count = -(-given["sizeBytes"] // self.part_bytes)
        self.uploads[job] = {
            "size": given["sizeBytes"],
            "count": count,
            "parts": {},
            "state": "created",
        }
        self.about = given
        return httpx.Response(200, json=self._plan(job))

    def _plan(self, job: str) -> dict[str, Any]:
        expires = self.now().isoformat()
        return {
            "jobId": job,
            "partSizeBytes": self.part_bytes,
            "partCount": self.uploads[job]["count"],
            "expiresAt": expires,
        }

    def _uploadPart(self, request: httpx.Request) -> httpx.Response:  # noqa: N802
        upload = self.uploads.get(request.url.params["jobId"])
        number = int(request.url.params["partNumber"])
        if refusal := self._refusal(upload):
            return refusal
        assert upload
        expected = min(self.part_bytes, upload["size"] - (number - 1) * self.part_bytes)
        if not 1 <= number <= upload["count"]:
            return failed(400, "InvalidPartNumber")
        if int(request.headers["Content-Length"]) != expected or len(request.content) != expected:
            return failed(400, "PartSizeMismatch")
        self.parts_sent.append(number)
        upload["parts"][number] = request.content
        return httpx.Response(200, json={"partNumber": number, "sizeBytes": expected})

    def _refusal(self, upload: dict[str, Any] | None) -> httpx.Response | None:
        if upload is None:
            return failed(404, "UploadNotFound")
        codes = {"completed": "UploadAlreadyCompleted", "expired": "UploadExpired", "aborted": "UploadAborted"}
        return failed(400, codes[upload["state"]]) if upload["state"] in codes else None

    def _getUploadStatus(self, request: httpx.Request) -> httpx.Response:  # noqa: N802
        job = request.url.params["jobId"]
        if job not in self.uploads:
            return failed(404, "UploadNotFound")
        upload = self.uploads[job]
        parts = sorted(upload["parts"]) if upload["state"] == "created" else []
        found = {**self._plan(job), "receivedParts": parts, "state": upload["state"]}
        return httpx.Response(200, json=found)

    def _finishUpload(self, request: httpx.Request) -> httpx.Response:  # noqa: N802
        """Again and again the same; another's job, where the very file is here already."""
        job = json.loads(request.content)["jobId"]
        upload = self.uploads.get(job)
        if upload is None or upload["state"] != "completed":
            if refusal := self._refusal(upload):
                return refusal
            assert upload
            if len(upload["parts"]) < upload["count"]:
                return failed(400, "MissingParts")
        whole = b"".join(upload["parts"][number] for number in sorted(upload["parts"]))
        made = f"job-{sha256(whole).hexdigest()[:12]}"
        upload["state"] = "completed"
        self.jobs.setdefault(made, {"data": whole, "left": self.looks})
        return httpx.Response(200, json={"completedJobId": made, "jobStatus": self._status(made)})

    def _getJobStatus(self, request: httpx.Request) -> httpx.Response:  # noqa: N802
        job = self.jobs.get(request.url.params["jobId"])
        if job is None:
            return failed(400, "InvalidRequest")
        job["left"] = max(0, job["left"] - 1)
        return httpx.Response(200, json={"jobStatus": self._status(request.url.params["jobId"])})

    def _status(self, name: str) -> dict[str, Any]:
        job = self.jobs[name]
        known = {"jobId": name, "did": self.did}
        if job["left"]:
            return {**known, "state": STATES[-job["left"] % len(STATES)], "progress": 40}
        if self.fails_with:
            return {**known, "state": "JOB_STATE_FAILED", "error": "a sentence", "failureCode": self.fails_with}
        return {**known, "state": "JOB_STATE_COMPLETED", "blob": self.blobs.store(job["data"], "video/mp4")}
