"""First comments. https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-media/comments

They have no container, and nothing else that keeps one from being made twice: it is told of answers with status 400 to
comments that were made. So of what Instagram answers only what is said before anything is written is believed; the rest
is looked for.
"""

from collections.abc import Mapping
from typing import Any

from punctual.meta import lists
from punctual.meta.graph import GraphProvider, id_of
from punctual.providers.base import Grant, Outgoing, Published, answer
from punctual.providers.outcomes import OutcomeUnknown, Rejected, RetryLater

IS_COMMENT = {"kind": "comment"}
_BEFORE_WRITING = frozenset({"rate_limited", "permission_missing", "unreachable", "address_refused"})


def publish(provider: GraphProvider, post: Outgoing, grant: Grant) -> Published:
    url = provider.at(f"{_answered(post)}/comments")
    try:
        response = provider.call("POST", url, grant=grant, irreversible=True, data={"message": post.text})
    except (Rejected, RetryLater) as error:
        if error.code in _BEFORE_WRITING:
            raise
        about: dict[str, Any] = {"status": error.status, "platform_code": error.platform_code}
        sentence = f"{provider.spec.name} refused this comment, and may have made it all the same."
        raise OutcomeUnknown(sentence, code="no_answer", **about) from error
    return _published(id_of(answer(response, irreversible=True), irreversible=True), post)


def find(provider: GraphProvider, post: Outgoing, grant: Grant) -> Published | None:
    """The account's one comment with this text since our first call. That there is none proves nothing."""
    asked = {"fields": "id,text,timestamp,username", "limit": "50"}
    listed = lists.candidates(provider.read(f"{_answered(post)}/comments", grant, **asked), post)
    ours = [row for row in listed if _is_mine(row, post)]
    return _published(id_of(ours[0]), post) if len(ours) == 1 else None


def _is_mine(row: Mapping[str, Any], post: Outgoing) -> bool:
    by_me = row.get("username") in (None, post.account.handle.removeprefix("@"))
    return by_me and str(row.get("text") or "").split() == post.text.split()


def _answered(post: Outgoing) -> str:
    if post.root is None:
        raise RetryLater("The post that this comment is for is not known.", code="not_prepared")
    return post.root.platform_id


def _published(comment_id: str, post: Outgoing) -> Published:
    """A comment has no address of its own."""
    return Published(platform_id=comment_id, url=post.root.url if post.root else "", extra=IS_COMMENT)
