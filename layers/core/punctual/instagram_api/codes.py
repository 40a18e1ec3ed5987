"""What Instagram's own codes mean.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes

Those of product tags, 2207082 and the codes that stand before some subcodes are as people report them. So the subcode
decides.
"""

from collections.abc import Mapping

from punctual.meta.graph import is_gone
from punctual.meta.meanings import BLOCKED, FULL_SECONDS, MEANINGS, PASSING, Meaning
from punctual.providers.outcomes import ProviderError


def _refused(sentence: str) -> Meaning:
    return Meaning(verdict="rejected", code="refused", sentence=sentence)


def _file(sentence: str) -> Meaning:
    return Meaning(verdict="rejected", code="media_refused", sentence=sentence)


_NOT_MADE = Meaning(verdict="later", code="upload_lost", sentence="{name} could not take this post's files this time.")
_NOT_READY = Meaning(verdict="later", code="not_ready", sentence="{name} was not ready to publish this post.")
_EXPIRED = Meaning(verdict="later", code="media_expired", sentence="{name} let go of this post's files.")
_NOT_FETCHED = _file("{name} could not fetch a file of this post.")

OF_CONTAINERS: Mapping[str, Meaning] = {
    "/2207006": Meaning(
        verdict="rejected",
        code="media_expired",
        sentence="{name} does not have what was made for this post, or does not show it to this connection.",
    ),
    "/2207008": _NOT_READY,  # "Try again 1-2 times in the next 30 seconds to 2 minutes", then a new container
    "/2207020": _EXPIRED,
    "/2207027": _NOT_READY,
    "/2207032": _NOT_MADE,
    "/2207053": _NOT_MADE,
}
"""What is said of a container when it is published: it is asked how it is before it is tried again."""

OF_INSTAGRAM: Mapping[str, Meaning] = {
    **MEANINGS,
    **OF_CONTAINERS,
    "/2207001": PASSING,
    "/2207082": PASSING,
    "/2207003": Meaning(verdict="later", code="upload_lost", sentence="{name} took too long to fetch a file."),
    "/2207042": Meaning(
        verdict="later",
        code="cap_reached",
        sentence="{name} takes no more posts of this account today.",
        seconds=FULL_SECONDS,
    ),
    "/2207050": Meaning(
        verdict="rejected",
        code="blocked",
        sentence="{name} restricts this account: its owner must sign in there and do what it asks.",
    ),
    "/2207051": BLOCKED,
    "/2207004": _file("A picture is too large for {name}, which takes 8 MB."),
    "/2207005": _file("{name} takes no pictures of this format, but JPEG."),
    "/2207009": _file("{name} takes pictures from 4:5 to 1.91:1."),
    "/2207026": _file("{name} takes no videos of this format, but MP4 and MOV."),
    "/2207052": _NOT_FETCHED,
    "/2207077": _NOT_FETCHED,
    "/2207057": _file("The frame that stands for the video lies outside of it."),
    "/2207010": _refused("The caption is too long for {name}."),
    "/2207023": _refused("{name} does not know this kind of post."),
    "/2207028": _refused("{name} takes carousels of 2 to 10 files."),
    **dict.fromkeys((f"/{code}" for code in range(2_207_035, 2_207_041)), _refused("{name} refused a tag.")),
    "/2207081": _refused("{name} has no trial reels for this account."),
}


def is_of_container(error: ProviderError) -> bool:
    _, _, subcode = (error.platform_code or "").partition("/")
    return f"/{subcode}" in OF_CONTAINERS or is_gone(error)


def is_without_container(error: ProviderError) -> bool:
    return is_gone(error) or (error.platform_code or "").endswith(("/2207006", "/2207020"))
