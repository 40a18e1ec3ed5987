"""What a post on a page may be, beside its text and files: https://developers.facebook.com/docs/pages-api/posts"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from punctual.providers.base import Fields

MAX_TITLE = 255
"""Ours: no length is documented."""


class Settings(Fields):
    """What a post becomes on the page, and what it has beside its text."""

    post_type: Literal["post", "reel", "story"] = Field(
        "post",
        description="A post may have up to ten pictures or a video, a reel is one video, a story one picture or video.",
    )
    link: str | None = Field(
        None,
        max_length=2000,
        pattern=r"^https?://[!-~]+$",
        description="Shown below the text with its preview. Only for posts without media.",
        examples=["https://example.com/news"],
    )
    title: str | None = Field(
        None, min_length=1, max_length=MAX_TITLE, description="Of a video or a reel; other posts have none."
    )
    place: str | None = Field(
        None,
        pattern=r"^[0-9]{1,30}$",
        description="The id of a place's page, for posts without media or with pictures, and for reels.",
    )
    countries: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")], ...] = Field(
        (), max_length=25, description="Only people in these countries see it: ISO 3166 codes.", examples=[["DE", "AT"]]
    )
