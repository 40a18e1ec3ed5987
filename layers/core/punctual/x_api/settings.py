"""What a post may choose on X: https://docs.x.com/x-api/posts/create-post"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from punctual.providers.terms import Fields

Id: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]{1,19}$", examples=["1346889436626259968"])]


class Poll(Fields):
    options: tuple[Annotated[str, Field(min_length=1, max_length=25)], ...] = Field(
        min_length=2, max_length=4, description="Two to four answers of at most 25 characters."
    )
    duration_minutes: int = Field(ge=5, le=10080, description="How long it is open: five minutes to seven days.")


class Settings(Fields):
    """Of the post itself; `made_with_ai`, `paid_partnership` and `subscribers_only` are of its thread too."""

    reply_settings: Literal["following", "mentionedUsers", "subscribers", "verified"] | None = Field(
        None,
        description="Who may reply; left out, everybody. following: whom the account follows; mentionedUsers: those "
        "mentioned; subscribers: who pays for the account; verified: accounts that X verified.",
    )
    poll: Poll | None = Field(None, description="A poll under the text; such a post carries no media and no quote.")
    community_id: Id | None = Field(
        None, description="The community to post to; the account must be its member. See the option `communities`."
    )
    share_with_followers: bool = Field(
        False, description="With `community_id`: show the post to the account's followers as well."
    )
    made_with_ai: bool = Field(False, description="Say that its media were made with AI.")
    paid_partnership: bool = Field(False, description="Say that it is paid promotion: X labels the post.")
    tagged_user_ids: tuple[Id, ...] = Field(
        (),
        max_length=10,
        description="Ids of accounts to tag in its pictures, ten at most. See the option `users`. X passes over those "
        "who do not let themselves be tagged.",
    )
    reply_to: Id | None = Field(
        None,
        description="Id of a post to answer. X's self-serve plans take it only if its author mentioned the account, or "
        "quoted a post of it.",
    )
    exclude_reply_user_ids: tuple[Id, ...] = Field(
        (), max_length=50, description="With `reply_to`: ids of accounts that the reply shall not mention by itself."
    )
    quote_post_id: Id | None = Field(
        None, description="Id of a post to quote. Since April 2026 X takes it of Enterprise apps only."
    )
    place_id: str | None = Field(
        None, pattern=r"^[0-9A-Za-z:_-]{1,64}$", description="X's id of a place; the account must have locations on."
    )
    subscribers_only: bool = Field(False, description="Show it to the account's paying subscribers only.")
    direct_message_link: str | None = Field(
        None,
        pattern=r"^https://(x|twitter)\.com/messages/compose\?recipient_id=[0-9]{1,19}$",
        description="A link under the post that opens a direct message to an account.",
        examples=["https://x.com/messages/compose?recipient_id=2244994945"],
    )
    long_post: bool = Field(
        False,
        description="Take texts up to 25,000 characters instead of 280. X takes them of accounts with a paid "
        "subscription; its API's documents name no limit, so it is refused where X has another.",
    )
