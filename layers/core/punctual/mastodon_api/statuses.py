"""Statuses as a server shows them: https://docs.joinmastodon.org/entities/Status/

Whoever runs the server wrote them, so nothing in them is taken for what it should be.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from punctual.mastodon_api.instances import runs_mastodon
from punctual.providers.feeding import uploaded
from punctual.providers.outcomes import Rejected
from punctual.providers.posting import Outgoing, Published
from punctual.providers.talking import Talking
from punctual.providers.terms import Grant

VISIBILITIES = ("public", "unlisted", "private", "direct")


def published(status: Mapping[str, Any]) -> Published:
    """`extra` is for the parts that answer it: when the server made it, and who sees it."""
    made_at, shown = moment(status.get("created_at")), status.get("visibility")
    extra = {"made_at": made_at.isoformat()} if made_at else {}
    if shown in VISIBILITIES:
        extra["visibility"] = str(shown)
    return Published(platform_id=str(status["id"]), url=link(status), extra=extra)


def delete(talk: Talking, published: Published, grant: Grant) -> None:
    """https://docs.joinmastodon.org/methods/statuses/#delete"""
    try:
        talk.call("DELETE", f"{grant.server}/api/v1/statuses/{published.platform_id}", grant=grant)
    except Rejected as error:
        if error.status != 404:
            raise


def answered(post: Outgoing) -> str | None:
    """The id of the status that this part answers."""
    reply_to: str | None = post.settings.reply_to
    return post.parent.platform_id if post.parent else reply_to


def fields(post: Outgoing) -> dict[str, Any]:
    """The body of the call that makes it. Later parts are seen by whom the first was."""
    sent = {"status": post.text, **post.settings.model_dump(exclude_none=True, exclude={"reply_to"})}
    if post.root and "visibility" in post.root.extra:
        sent.setdefault("visibility", post.root.extra["visibility"])
    if ids := uploaded(post):
        sent["media_ids"] = ids
    if answers := answered(post):
        sent["in_reply_to_id"] = answers
    return sent


def candidates(
    recent: httpx.Response, post: Outgoing, *, app: str, first: datetime, last: datetime
) -> Iterator[dict[str, Any]]:
    """The statuses of a timeline that may be this part, by all but their text."""
    wanted = fields(post)
    try:
        statuses = recent.json()
    except ValueError:
        statuses = None
    for status in statuses if isinstance(statuses, list) else ():
        if not isinstance(status, dict) or not status.get("id") or str(status["id"]) in post.taken:
            continue
        made_at = moment(status.get("created_at"))
        if made_at is None or not first <= made_at <= last:
            continue
        ours = (
            _made_by(status, app)
            and _carries(status, post)
            and str(status.get("in_reply_to_id") or "") == wanted.get("in_reply_to_id", "")
        )
        if ours and _seen_by(status, wanted.get("visibility")):
            yield status


def _made_by(status: Mapping[str, Any], app: str) -> bool:
    # Many servers do not say by which: https://docs.joinmastodon.org/entities/Status/#application
    told = status.get("application")
    return not isinstance(told, dict) or told.get("name") == app


def _carries(status: Mapping[str, Any], post: Outgoing) -> bool:
    """The very files of the post. Servers that are not Mastodon may call them otherwise once they are posted: there
    as many do, beside the same text; where there is no text, nothing else tells two posts apart."""
    files, wanted = status.get("media_attachments"), uploaded(post)
    found = [str(each.get("id")) for each in files if isinstance(each, dict)] if isinstance(files, list) else []
    if sorted(found) == sorted(wanted):
        return True
    is_told_by_text = bool(post.text.strip()) and not runs_mastodon(post.account.limits)
    return is_told_by_text and len(found) == len(wanted)


def _seen_by(status: Mapping[str, Any], asked: str | None) -> bool:
    shown = status.get("visibility")
    # A limited account's public posts are made unlisted:
    # https://github.com/mastodon/mastodon/blob/v4.3.0/app/services/post_status_service.rb
    return asked in (None, shown) or (asked, shown) == ("public", "unlisted")


def link(shown: Mapping[str, Any]) -> str:
    """Of a status or account; `url` may be null. Nothing but a web address."""
    found = (str(shown.get(name) or "") for name in ("url", "uri"))
    return next((address for address in found if address.startswith(("https://", "http://"))), "")


def moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromtimestamp(int(text), UTC) if str(text).isdigit() else datetime.fromisoformat(text)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def said(response: httpx.Response) -> str:
    """The sentence of an error."""
    try:
        sentence = response.json().get("error")
    except (ValueError, AttributeError):
        return ""
    return sentence if isinstance(sentence, str) else ""
