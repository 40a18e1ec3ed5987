"""Videos as Facebook works on them: https://developers.facebook.com/docs/video-api/guides/reels-publishing

Its answer to publishing one is that it began; whether it is live, the video itself tells.
"""

import re
from collections.abc import Generator, Mapping
from typing import Any

import httpx

from punctual.providers.base import Grant, Outgoing, Published
from punctual.providers.outcomes import OutcomeUnknown, Processing

EDGES: Mapping[str, str] = {"reel": "video_reels", "story": "video_stories"}
FIELDS = "status,post_id,published,permalink_url"
_SITE = "https://www.facebook.com"
_ADDRESS = re.compile(r"https://([a-z0-9-]+\.)*facebook\.com/[!-~]{0,2000}")


class _OAuth(httpx.Auth):
    """What uploads want in place of `Bearer`."""

    def __init__(self, grant: Grant):
        self._grant = grant

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"OAuth {self._grant.access_token.get_secret_value()}"
        yield request


def by_oauth(grant: Grant) -> httpx.Auth:
    return _OAuth(grant)


def bytes_there(video: Mapping[str, Any]) -> int:
    """Of an upload."""
    phase = _phase(video, "uploading_phase")
    given = phase.get("bytes_transferred", phase.get("bytes_transfered"))  # the second is how its guide spells it
    return given if type(given) is int and given >= 0 else 0


def outcome(video: Mapping[str, Any], video_id: str, post: Outgoing) -> Published | None:
    """What a video says of itself; None: nobody has published it.

    Raises Processing, also where it failed: what is `kept` then makes the next try a refusal. Facebook may be at work
    on a video that nobody has finished, so that it may leave open what a lost answer was.
    """
    accepted = "accepted" in post.prepared
    state, work = (_phase(video, name).get("status") for name in ("publishing_phase", "processing_phase"))
    if _is_live(video, accepted):
        return Published(platform_id=post_id(video, video_id, post), url=link(video))
    if "error" in (state, work, _status(video).get("video_status")):
        if "failed" in post.prepared:
            return None
        raise Processing("Facebook could not make anything of the video.", retry_after=1, kept={"failed": True})
    if state == work == "not_started" and not accepted:
        return None
    if accepted or "in_progress" in (state, work):
        raise Processing("Facebook is still working on the video.")
    raise OutcomeUnknown("Facebook does not say whether the video is published.", code="no_answer")


def _is_live(video: Mapping[str, Any], accepted: bool) -> bool:
    """Videos of the feed may have no phases: one that was taken and is ready is live, unless it says otherwise."""
    publishing, told = _phase(video, "publishing_phase"), video.get("published")
    if publishing.get("status") == "complete":
        return publishing.get("publish_status") in (None, "published")  # not a draft, nor for later
    is_ready = _status(video).get("video_status") == "ready"
    return is_ready and (told is True or (accepted and told is None and "status" not in publishing))


def post_id(found: Mapping[str, Any], video_id: str, post: Outgoing) -> str:
    """Of the page's post about a video, in the form that comments need; of a story as it is told."""
    given = str(found.get("post_id") or "")
    if not given.replace("_", "").isalnum():
        return video_id
    return given if "_" in given or post.settings.post_type == "story" else f"{post.account.id}_{given}"


def link(found: Mapping[str, Any]) -> str:
    """Of a post, comment or video, whose address is but a path; nothing but an address at Facebook."""
    given = str(found.get("permalink_url") or "")
    whole = f"{_SITE}{given}" if given.startswith("/") else given
    return whole if _ADDRESS.fullmatch(whole) else ""


def _phase(video: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = _status(video).get(name)
    return found if isinstance(found, dict) else {}


def _status(video: Mapping[str, Any]) -> Mapping[str, Any]:
    found = video.get("status")
    return found if isinstance(found, dict) else {}
