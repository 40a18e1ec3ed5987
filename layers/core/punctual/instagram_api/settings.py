"""What a post may say beside its caption and its files.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
"""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from punctual.providers.base import Fields


def _bare(name: object) -> object:
    return name.removeprefix("@") if isinstance(name, str) else name


Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9._]{1,30}$"), BeforeValidator(_bare)]


class UserTag(Fields):
    """A person who is to be seen in a picture or a video."""

    username: Username = Field(description="Whose account it is; it must be public.", examples=["natgeo"])
    file: int = Field(1, ge=1, le=10, description="In which of the post's files, counted from 1.")
    x: float | None = Field(
        None,
        ge=0,
        le=1,
        description="How far from the left of a picture, as a part of its width; the middle, if not said.",
    )
    y: float | None = Field(None, ge=0, le=1, description="How far from its top, as a part of its height.")

    @model_validator(mode="after")
    def _is_a_place(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError("A place in a picture needs both x and y.")
        return self


class Settings(Fields):
    """What is left out is as the account itself has it."""

    post_type: Literal["post", "story"] = Field(
        "post",
        description="A post: one picture, one video (a reel), or a carousel of 2 to 10. A story: one file, for a day.",
    )
    collaborators: tuple[Username, ...] = Field(
        (), max_length=3, description="Accounts that are asked to show the post as theirs, too. Not of a story."
    )
    user_tags: tuple[UserTag, ...] = Field((), max_length=20, description="Who is to be seen in which file.")
    location_id: str | None = Field(
        None,
        pattern=r"^[0-9]{1,30}$",
        description="The id of a Facebook page that has a place on the map. Not of a story.",
        examples=["7640348500"],
    )
    trial_reel: Literal["MANUAL", "SS_PERFORMANCE"] | None = Field(
        None,
        description=(
            "Show a reel to people first who do not follow the account. It becomes a reel like others when a person "
            "shares it (MANUAL), or by itself if it does well (SS_PERFORMANCE). Needs exactly one video."
        ),
    )
    share_to_feed: bool | None = Field(
        None, description="Whether a reel may stand among the account's posts, too; Instagram may decide otherwise."
    )
    audio_name: str | None = Field(
        None, min_length=1, max_length=100, description="What a reel's own sound is called; it can be named once."
    )

    @model_validator(mode="after")
    def _fits_a_story(self) -> Self:
        left = [name for name in _NOT_OF_STORIES if getattr(self, name) not in (None, ())]
        if self.post_type == "story" and left:
            raise ValueError(f"A story has none of these: {', '.join(left)}.")
        return self


_NOT_OF_STORIES = ("collaborators", "location_id", "trial_reel", "share_to_feed", "audio_name")
