"""Calls to the service that takes videos for AT Protocol accounts, whichever server they are on.

It learns that server from the account's DID, and stores the finished video there itself, with a token that the server
gave us for it. https://docs.bsky.app/docs/tutorials/video
"""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import SecretStr

from punctual.atproto.sessions import xrpc
from punctual.providers.base import Grant, Provider, answer
from punctual.providers.feeding import UploadLost
from punctual.providers.outcomes import ProviderError, Reconnect, Rejected, RetryLater
from punctual.providers.talking import Bearer

ORIGIN = "https://video.bsky.app"
_TOKEN_LASTS = timedelta(minutes=30)
"""Until the video is made: the service uses it then, once more."""
_BUSY_FOR = 15.0

# https://github.com/bluesky-social/atproto/blob/d6296a1/lexicons/app/bsky/video/startUpload.json and its neighbours
_REFUSED = {
    "UnsupportedContentType": "Bluesky does not take this kind of video.",
    "VideoTooLarge": "Bluesky does not take a video of this size, or not today.",
    "VideoTooLong": "Bluesky does not take a video of this length.",
    "BadAspectRatio": "Bluesky does not take a video of this shape.",
    "DailyLimitExceeded": "Bluesky takes no more videos from this account today.",
    "UploadForbidden": "Bluesky does not let this account upload videos.",
    "UploadFailed": "Bluesky could not take this video.",
}
_BUSY = frozenset({"ServiceOverloaded", "TooManyOpenUploads", "UploadNotReady"})
# Of an upload that is gone on with: it is asked then how much of it is there.
_ASK_AGAIN = frozenset({"MissingParts", "UploadAlreadyCompleted"})
_LOST = frozenset({"UploadNotFound", "UploadExpired", "UploadAborted"})


class VideoService:
    """For one account. Its limits and refusals are not those of the account's own server."""

    def __init__(self, provider: Provider, origin: str, grant: Grant):
        self._at_home = provider
        self._provider = provider.noting(_ignore)
        self._origin = origin
        self._grant = grant

    def read(self, method: str, **params: str) -> dict[str, Any]:
        """What anybody may ask."""
        return self._call("GET", method, params=params)

    def do(self, method: str, verb: str = "POST", **content: Any) -> dict[str, Any]:
        """Raises UploadLost, or another ProviderError."""
        return self._call(verb, method, auth=self._token, **content)

    @cached_property
    def _token(self) -> Bearer:
        params = {
            "aud": f"did:web:{quote(urlsplit(self._grant.server).netloc, safe='')}",
            "lxm": "com.atproto.repo.uploadBlob",
            "exp": str(int((self._provider.now() + _TOKEN_LASTS).timestamp())),
        }
        url = xrpc(self._grant.server, "com.atproto.server.getServiceAuth")
        token = answer(self._at_home.call("GET", url, grant=self._grant, params=params)).get("token")
        if not isinstance(token, str):
            raise unreadable()
        return Bearer(SecretStr(token))

    def _call(self, verb: str, method: str, **content: Any) -> dict[str, Any]:
        try:
            return answer(self._provider.call(verb, xrpc(self._origin, f"app.bsky.video.{method}"), **content))
        except Reconnect as error:  # what it says of its token says nothing of the grant
            sentence = "Bluesky's video service did not take our proof."
            raise RetryLater(
                sentence, code="video_busy", status=error.status, platform_code=error.platform_code
            ) from error
        except Rejected as error:
            raise _sorted(error) from error


def refused(sentence: str, platform_code: str | None, status: int | None = None) -> Rejected:
    return Rejected(sentence, code="media_refused", status=status, platform_code=platform_code)


def unreadable() -> RetryLater:
    return RetryLater("The server's answer could not be read.", code="unreadable_answer")


def _sorted(error: Rejected) -> ProviderError:
    code = error.platform_code or ""
    if code in _LOST:
        return UploadLost()
    if code in _BUSY | _ASK_AGAIN:
        sentence = "Bluesky's video service is busy."
        return RetryLater(sentence, code="video_busy", status=error.status, platform_code=code, retry_after=_BUSY_FOR)
    return refused(_REFUSED.get(code, error.sentence), error.platform_code, error.status)


def _ignore(until: datetime) -> None:
    """Until then it takes no videos; the account may go on posting."""
