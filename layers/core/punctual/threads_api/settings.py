"""What a post may say beside its text and its files.

https://developers.facebook.com/documentation/threads/reference/publishing

Left out, because Meta's own collection of requests does not have it yet: reply approvals, countries, shares to
Instagram. And spoilers in the text, because no document says in what their places are counted.
"""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from punctual.providers.base import Fields

# https://developers.facebook.com/documentation/threads/create-posts/polls
MAX_OPTION = 25
# https://developers.facebook.com/documentation/threads/create-posts/text-attachments
MAX_LONG_TEXT = 10_000

PostId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,30}$")]


def _bare(topic: object) -> object:
    return topic.strip().removeprefix("#") if isinstance(topic, str) else topic


class Poll(Fields):
    """Of two to four answers; the question is the post's text."""

    options: tuple[Annotated[str, StringConstraints(pattern=r"\S", max_length=MAX_OPTION)], ...] = Field(
        min_length=2, max_length=4, description="What can be chosen."
    )


class Settings(Fields):
    """Of the post itself: what goes on with it, and its first comment, have none but `is_spoiler`."""

    reply_control: (
        Literal["everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only"] | None
    ) = Field(None, description="Who may reply; everyone, if not said.")
    topic_tag: Annotated[str, StringConstraints(pattern=r"^[^.&]{1,50}$"), BeforeValidator(_bare)] | None = Field(
        None,
        description="The one topic that the post is shown under; without periods and ampersands.",
        examples=["Photography"],
    )
    link: str | None = Field(
        None,
        max_length=2000,
        pattern=r"^https?://[!-~]+$",
        description="Shown below the text with its preview; if not said, the first link of the text is.",
        examples=["https://example.com/news"],
    )
    poll: Poll | None = Field(None, description="Make it a poll.")
    gif: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,100}$",
        description="The id that GIPHY has for a moving picture, to be shown below the text.",
        examples=["3o7btPCcdNniyf0ArS"],
    )
    long_text: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_LONG_TEXT,
        description="A text of up to 10,000 characters, which is shown below the post's own and opens when it is read.",
    )
    is_ghost: bool = Field(False, description="The post goes by itself after 24 hours. Text alone.")
    is_spoiler: bool = Field(False, description="Pictures and videos are hidden until a reader wants to see them.")
    quote_post_id: PostId | None = Field(None, description="The id of the post that this one quotes.")
    reply_to: PostId | None = Field(
        None, description="The id of the post that this one answers, in a thread that the account began."
    )
    location_id: PostId | None = Field(None, description="The id of a place, as the option `locations` has it.")

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Self:
        """Some of it is documented, that a GIF stands alone is ours."""
        given = [name for name in ("poll", "gif", "link", "long_text") if getattr(self, name) is not None]
        if len(given) > 1 and given != ["link", "long_text"]:
            raise ValueError(f"A post cannot have these together: {', '.join(given)}.")
        return self

    @model_validator(mode="after")
    def _ghosts_are_bare(self) -> Self:
        """https://developers.facebook.com/documentation/threads/create-posts/ghost-posts"""
        left = [name for name, value in self if name != "is_ghost" and value not in (None, False)]
        if self.is_ghost and left:
            raise ValueError(f"A ghost post has none of these: {', '.join(left)}.")
        return self

    @property
    def is_text_only(self) -> bool:
        """Whether the post has something that only posts without files may have."""
        return self.is_ghost or any((self.poll, self.gif, self.link, self.long_text))
