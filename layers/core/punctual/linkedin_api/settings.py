"""What a post on LinkedIn may be, beside its text and files."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from punctual.providers.terms import Fields

# https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/poll-post-api; the two lengths are
# those of LinkedIn's own site.
MAX_QUESTION, MAX_OPTION = 140, 30


def web_address(value: str) -> str:
    if not value.startswith(("https://", "http://")) or any(each.isspace() for each in value):
        raise ValueError("Give a web address: https://…")
    return value


def said(value: str) -> str:
    if not value.strip():
        raise ValueError("Say something.")
    return value


class Article(Fields):
    """A link with its card. LinkedIn does not read the page: what the card says is said here. A picture of the post
    becomes its thumbnail."""

    source: Annotated[str, AfterValidator(web_address)] = Field(
        max_length=2000, description="The page's address.", examples=["https://example.com/news"]
    )
    title: Annotated[str, AfterValidator(said)] = Field(max_length=400, description="The card's title.")
    description: str | None = Field(None, max_length=4000, description="What the card says beside it.")


class Poll(Fields):
    """A question with two to four answers. It cannot be changed once it is live."""

    question: Annotated[str, AfterValidator(said)] = Field(max_length=MAX_QUESTION, description="What is asked.")
    options: tuple[Annotated[str, AfterValidator(said), Field(max_length=MAX_OPTION)], ...] = Field(
        min_length=2, max_length=4, description="What can be chosen."
    )
    duration: Literal["ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS"] = Field(
        "THREE_DAYS", description="How long votes are taken."
    )


class PageSettings(Fields):
    """Of the post; a first comment has none."""

    visibility: Literal["PUBLIC", "LOGGED_IN"] = Field(
        "PUBLIC", description="Who sees it: everybody, or members of LinkedIn."
    )
    reshare_disabled: bool = Field(False, description="Nobody may reshare it.")
    article: Article | None = Field(None, description="Make it a link with a card.")
    poll: Poll | None = Field(None, description="Make it a poll.")
    reshare_of: str | None = Field(
        None,
        pattern=r"^urn:li:(share|ugcPost):[0-9]{1,20}$",
        description="The post to reshare, as LinkedIn calls it.",
        examples=["urn:li:share:7141138937766391808"],
    )
    title: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="The title of a video or document; a document is else called that.",
    )

    @model_validator(mode="after")
    def one_at_a_time(self) -> Self:
        if sum(each is not None for each in (self.article, self.poll, self.reshare_of)) > 1:
            raise ValueError("A post is an article, a poll or a reshare: give one of them.")
        return self

    @property
    def is_text_enough(self) -> bool:
        """Whether it is something without a text of its own."""
        return self.article is not None or self.poll is not None or self.reshare_of is not None


class MemberSettings(PageSettings):
    """Of the post; a first comment has none."""

    visibility: Literal["PUBLIC", "LOGGED_IN", "CONNECTIONS"] = Field(  # type: ignore[assignment]
        "PUBLIC", description="Who sees it: everybody, members of LinkedIn, or connections only."
    )
