"""Posts that answer posts: a reply names its parent and the thread's first post, each by URI and CID."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from punctual.atproto.addresses import place_of, post_uri
from punctual.atproto.sessions import xrpc
from punctual.providers.base import Grant, Outgoing, Provider, Published, answer
from punctual.providers.outcomes import Reconnect, Rejected, RetryLater

_APART = timedelta(milliseconds=1)


def about(cid: Any, record: Any) -> dict[str, str]:
    """What a reply to this record needs to know of it, for `Published.extra`; nothing where that cannot be read."""
    if not isinstance(cid, str) or not isinstance(record, Mapping):
        return {}
    known = {"cid": cid, "created_at": str(record.get("createdAt", ""))}
    match record.get("reply"):
        case {"root": {"uri": str(uri), "cid": str(root_cid)}}:
            known |= {"root_uri": uri, "root_cid": root_cid}
    return known


def shown(found: Mapping[str, Any]) -> Published:
    """The post in an answer of `getRecord`."""
    extra = about(found.get("cid"), found.get("value"))
    uri = _uri(str(found.get("uri")))
    if not extra or not uri or not uri.startswith("at://did:"):
        raise RetryLater("The server's answer could not be read.", code="unreadable_answer")
    return Published(platform_id=uri, url="", extra=extra)


def known_uri(live: Published) -> str | None:
    """A person who settled a post may have given its web address only."""
    return _uri(live.platform_id) or _uri(live.url)


def reply_ref(parent: Published) -> dict[str, dict[str, str]]:
    """The root is the parent's own: the app hides a reply that names another.

    https://github.com/bluesky-social/atproto/blob/d6296a1/packages/bsky/src/data-plane/server/indexing/plugins/post.ts#L603
    """
    itself = {"uri": parent.platform_id, "cid": parent.extra["cid"]}
    if "root_uri" not in parent.extra:
        return {"root": itself, "parent": itself}
    return {"root": {"uri": parent.extra["root_uri"], "cid": parent.extra["root_cid"]}, "parent": itself}


def created_at(post: Outgoing, parent: Published | None, now: datetime) -> datetime:
    """The due time, or now where that has passed: the app sorts by it, and would show a late post to nobody.

    Parts that come together differ by a millisecond each, and none is older than its parent, whatever the clocks say.
    https://github.com/bluesky-social/atproto/blob/d6296a1/packages/bsky/src/data-plane/server/indexing/plugins/post.ts#L103
    """
    own = max(post.due_at, now) + post.part * _APART
    before = _moment(parent.extra.get("created_at", "")) if parent else None
    return max(own, before + _APART) if before else own


class Answering:
    """What posts answer, asked of the server that keeps the account."""

    def __init__(self, provider: Provider):
        self._provider = provider

    def answered(self, post: Outgoing, grant: Grant) -> Published | None:
        """What the post is a reply to, with all that a reply must say of it."""
        if post.parent is None:
            gone = "The post to be answered (reply_to) is not on Bluesky; it may have been deleted."
            return self._live(post.settings.reply_to, grant, gone) if post.settings.reply_to else None
        if "cid" in post.parent.extra:
            return post.parent
        gone = "The post that this one continues is not on Bluesky; it may have been deleted."
        uri = known_uri(post.parent)
        if uri is None:
            raise Rejected(gone, code="reply_to_gone")
        return self._live(uri, grant, gone)

    def _live(self, uri: str, grant: Grant, gone: str) -> Published:
        """Asked without the grant: no answer about somebody's post says that ours is dead."""
        url = xrpc(grant.server, "com.atproto.repo.getRecord")
        try:
            found = answer(self._provider.call("GET", url, params=place_of(uri)))
        except (Rejected, Reconnect) as error:
            if error.status is None:
                raise
            raise Rejected(
                gone, code="reply_to_gone", status=error.status, platform_code=error.platform_code
            ) from error
        return shown(found)


def _uri(given: str) -> str | None:
    try:
        return post_uri(given)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    """A record that somebody else's program wrote may say anything."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
