"""Whether a post or comment is there, by LinkedIn's own lists: those who may read them are few.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from punctual.linkedin_api import little
from punctual.linkedin_api.media import Rest
from punctual.linkedin_api.posts import POST, carried, contents_kept, encoded, named_comment, named_post
from punctual.providers.base import Grant, answer
from punctual.providers.finding import is_free, is_since
from punctual.providers.outcomes import OutcomeUnknown, Rejected
from punctual.providers.posting import Outgoing, Published

NAMED = "named_by_linkedin"
"""In `post.prepared`: the post that LinkedIn named when it called ours a duplicate."""


def post_of(provider: Rest, post: Outgoing, grant: Grant, author: str) -> Published | None:
    """The one post of the author, made since our first call, with the very text and files; two are no evidence.

    First the one that LinkedIn itself named: it may be ours, or one that was deleted. Raises OutcomeUnknown.
    """
    named = post.prepared.get(NAMED)
    if named and post.first_sent_at:
        seen = _named(provider, str(named), grant)
        if ours := [*_ours(seen, post, author, named_since(post, post.first_sent_at))]:
            return named_post(ours[0])
    found = {*_ours(_latest(provider, grant, author), post, author, post.first_sent_at)}
    return named_post(found.pop()) if len(found) == 1 else None


def named_since(post: Outgoing, sent_at: datetime) -> datetime:
    """From when on a post that LinkedIn itself calls the same may be ours: also of an earlier try that nobody could
    account for, and that a person had sent again."""
    return min(post.first_sent_at or sent_at, post.due_at)


def comment_of(provider: Rest, post: Outgoing, grant: Grant, actor: str, on: str) -> Published | None:
    """Likewise, under our own post."""
    elements = _elements(provider, f"socialActions/{encoded(on)}/comments", grant)
    found = []
    for each in elements:
        said = each.get("message")
        text = said.get("text") if isinstance(said, Mapping) else None
        created = each.get("created")
        made_at = _moment(created.get("time")) if isinstance(created, Mapping) else None
        comment = named_comment(str(each.get("commentUrn") or each.get("id") or ""), on)
        is_ours = each.get("actor") == actor and text == post.text and is_since(made_at, post.first_sent_at)
        if comment and is_ours and is_free(comment.platform_id, post):
            found.append(comment)
    return found[0] if len(found) == 1 else None


def _ours(elements: Iterable[Mapping[str, Any]], post: Outgoing, author: str, since: datetime | None) -> Iterator[str]:
    text, files = little.plain(little.escaped(post.text)), contents_kept(post)
    for each in elements:
        made_at = _moment(each.get("createdAt") or each.get("publishedAt"))
        is_ours = (
            each.get("author") == author
            and little.plain(str(each.get("commentary") or "")) == text
            and list(carried(each.get("content"))) == files
            and is_since(made_at, since)
        )
        urn = str(each.get("id"))
        if is_ours and POST.fullmatch(urn) and is_free(urn, post):
            yield urn


def _named(provider: Rest, urn: str, grant: Grant) -> Iterator[Mapping[str, Any]]:
    try:
        yield answer(provider.rest("GET", f"posts/{encoded(urn)}", grant))
    except Rejected as error:
        if error.status != 404:  # of a post that was deleted: https://github.com/ComposioHQ/composio/issues/2710
            raise _not_readable(error) from error


def _latest(provider: Rest, grant: Grant, author: str) -> list[Mapping[str, Any]]:
    query = f"q=author&author={encoded(author)}&count=10&sortBy=LAST_MODIFIED"
    return _elements(provider, f"posts?{query}", grant, headers={"X-RestLi-Method": "FINDER"})


def _elements(provider: Rest, path: str, grant: Grant, **more: Any) -> list[Mapping[str, Any]]:
    try:
        found = answer(provider.rest("GET", path, grant, **more)).get("elements")
    except Rejected as error:
        raise _not_readable(error) from error
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _not_readable(error: Rejected) -> OutcomeUnknown:
    """Also a 400: "Member permissions must be used when using member as author"."""
    sentence = "LinkedIn does not let this app see what is on the account."
    return OutcomeUnknown(sentence, code="not_readable", status=error.status, platform_code=error.platform_code)


def _moment(milliseconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
