"""What an account posted lately: https://docs.x.com/x-api/users/get-posts"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from punctual.providers.outcomes import Rejected, RetryLater
from punctual.providers.posting import Outgoing
from punctual.providers.talking import answer
from punctual.x_api.posts import timeline

_PAGES = 5
# The contract (version 2.167) calls them posts, every example of the documentation tweets; where X refuses or passes
# over the one name, it is asked by the other: https://github.com/xdevplatform/docs/blob/2871328/openapi.json
_FIELDS: tuple[Mapping[str, str], ...] = (
    {"post.fields": "created_at,text,note_post,entities,attachments,conversation_id", "expansions": "referenced_posts"},
    {"tweet.fields": "created_at,text,note_tweet,entities,attachments,conversation_id,referenced_tweets"},
)

Ask = Callable[..., httpx.Response]


def recent(post: Outgoing, ask: Ask) -> list[Mapping[str, Any]]:
    """The account's posts since the first call, newest first. Raises ProviderError."""
    for fields in _FIELDS:
        try:
            shown = list(_pages({**timeline(post), **fields}, ask))
        except Rejected as error:
            if error.status != 400:
                raise
            continue
        if all(each.get("created_at") for each in shown):
            return shown
    raise _unreadable()


def _pages(query: dict[str, str], ask: Ask) -> Iterator[Mapping[str, Any]]:
    for _ in range(_PAGES):
        page = answer(ask(params=query))
        posts, about = page.get("data", []), page.get("meta")
        if not isinstance(posts, list) or not isinstance(about, dict):  # only errors, with a success
            raise _unreadable()
        yield from (each for each in posts if isinstance(each, dict))
        if not isinstance(about.get("next_token"), str):
            return
        query = {**query, "pagination_token": about["next_token"]}


def _unreadable() -> RetryLater:
    return RetryLater("X's answer could not be read.", code="unreadable_answer")
