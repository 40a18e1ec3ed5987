"""What Threads' own codes mean. Its documents list none: each is as people report it, and may be code or subcode."""

from collections.abc import Mapping

from punctual.meta.graph import is_gone
from punctual.meta.meanings import BLOCKED, FULL_SECONDS, MEANINGS, Meaning, either
from punctual.providers.outcomes import ProviderError

_FILE = Meaning(verdict="rejected", code="media_refused", sentence="{name} could not fetch, or does not take, a file.")
# "The requested resource does not exist", code 24, with "Media Not Found", subcode 4279009: of a container that is not
# ready as of one that is gone. https://github.com/fbsamples/threads_api/issues/70
_GONE = Meaning(
    verdict="rejected",
    code="refused",
    sentence="{name} does not have what this post is about, or does not show it to this connection.",
)
_RESTRICTED = Meaning(
    verdict="rejected",
    code="blocked",
    sentence="{name} restricts this account: its owner must sign in there and do what it asks.",
)
_FULL = Meaning(
    verdict="later",
    code="cap_reached",
    sentence="{name} takes no more posts of this account today.",
    seconds=FULL_SECONDS,
)


OF_THREADS: Mapping[str, Meaning] = {
    **MEANINGS,
    "24": _GONE,
    **either(_GONE, 4279009),
    **either(BLOCKED, 2207051),
    **either(_RESTRICTED, 4279013),
    # "The media could not be fetched from this URI", with code 1: https://github.com/gitroomhq/postiz-app/issues/1364
    "/2207052": _FILE,
    # Instagram's, whose way of publishing this is: of Threads nobody tells what files that are too large, or of another
    # format, and a full day are called.
    **dict.fromkeys(("/2207004", "/2207005", "/2207026"), _FILE),
    **either(_FULL, 2207042),
}


def is_missing(error: ProviderError) -> bool:
    said = error.platform_code or ""
    return is_gone(error) or said in ("24", "4279009") or said.endswith("/4279009")
