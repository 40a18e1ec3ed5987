"""Posts as X takes them, and as it shows them: https://docs.x.com/x-api/posts/create-post"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any

from punctual.providers.base import Account, Outgoing
from punctual.providers.feeding import uploaded
from punctual.providers.finding import CLOCK_SKEW, is_free, is_since, moment
from punctual.x_api.links import links
from punctual.x_api.settings import Settings

ID = re.compile(r"[0-9]{1,19}")
_HANDLE = re.compile(r"@([A-Za-z0-9_]{1,20})")
_MENTIONS = re.compile(r"(?:@[A-Za-z0-9_]{1,20} )*")
_SHORT = re.compile(r"https://t\.co/[A-Za-z0-9]+")
_SCHEME = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)
_OF_MEDIA = re.compile(r"https://(?:x|twitter)\.com/\S+/status/[0-9]+/(?:photo|video)/[0-9]+")


def url(account: Account, post_id: str) -> str:
    """X leads from any name to the post; an account's name may have changed since it was connected."""
    name = _HANDLE.fullmatch(account.handle)
    return f"https://x.com/{name[1] if name else 'i/web'}/status/{post_id}"


def answered(post: Outgoing) -> str | None:
    """The id of the post that this part answers."""
    settings: Settings = post.settings
    return post.parent.platform_id if post.parent else settings.reply_to


def fields(post: Outgoing) -> dict[str, Any]:
    """The body of the call that makes it; `text` is sent where it is empty too."""
    settings: Settings = post.settings
    ids = uploaded(post)
    sent: dict[str, Any] = {"text": post.text}
    if ids:
        sent["media"] = {"media_ids": ids}
    if reply := answered(post):
        sent["reply"] = {"in_reply_to_tweet_id": reply}
    if post.part == 0:
        _add_first(sent, settings)
    if settings.made_with_ai and (ids or post.part == 0):
        sent["made_with_ai"] = True
    if settings.paid_partnership:
        sent["paid_partnership"] = True
    if settings.subscribers_only and post.kind != "comment":
        sent["for_super_followers_only"] = True
    return sent


def _add_first(sent: dict[str, Any], settings: Settings) -> None:
    """What only the post itself has."""
    if settings.tagged_user_ids and "media" in sent:
        sent["media"]["tagged_user_ids"] = list(settings.tagged_user_ids)
    if settings.exclude_reply_user_ids and "reply" in sent:
        sent["reply"]["exclude_reply_user_ids"] = list(settings.exclude_reply_user_ids)
    if settings.poll:
        sent["poll"] = settings.poll.model_dump(mode="json")
    if settings.place_id:
        sent["geo"] = {"place_id": settings.place_id}
    chosen = {
        "quote_tweet_id": settings.quote_post_id,
        "reply_settings": settings.reply_settings,
        "community_id": settings.community_id,
        "share_with_followers": settings.share_with_followers or None,
        "direct_message_deep_link": settings.direct_message_link,
    }
    sent.update({name: value for name, value in chosen.items() if value})


def timeline(post: Outgoing) -> dict[str, str]:
    """The query for what the account posted since the first call. X asks money for each post that it shows."""
    since = (post.first_sent_at or post.due_at) - CLOCK_SKEW
    return {
        "max_results": "100",
        "exclude": "retweets",
        "start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def candidates(shown: Iterable[Mapping[str, Any]], post: Outgoing) -> Iterator[str]:
    """Ids of those posts that are this part: by time, by text, by what they carry and by what they answer."""
    since = post.first_sent_at or post.due_at
    for each in shown:
        if not ID.fullmatch(str(each.get("id"))) or not is_free(each["id"], post):
            continue
        is_in_time = is_since(moment(each.get("created_at")), since)
        if is_in_time and _refers(each, post) and _carries(each, post) and _says(each, post):
            yield str(each["id"])


def _refers(shown: Mapping[str, Any], post: Outgoing) -> bool:
    """It answers what the part answers, and quotes what it quotes, or nothing."""
    listed = shown.get("referenced_posts") or shown.get("referenced_tweets") or ()
    referred = {str(each.get("type")): str(each.get("id")) for each in listed if isinstance(each, dict)}
    quoted = post.settings.quote_post_id if post.part == 0 else None
    is_alone = str(shown.get("conversation_id") or shown["id"]) == str(shown["id"])
    wanted = answered(post)
    return (
        referred.get("replied_to") == wanted
        and referred.get("quoted") in (None, quoted)
        and (is_alone if wanted is None else True)
    )


def _carries(shown: Mapping[str, Any], post: Outgoing) -> bool:
    """As many files; where there is no text to tell two posts apart, the very same. A key ends in the file's id."""
    attachments = shown.get("attachments")
    keys = attachments.get("media_keys") if isinstance(attachments, dict) else None
    found = sorted(str(key).rpartition("_")[2] for key in keys) if isinstance(keys, list) else []
    wanted = sorted(uploaded(post))
    return found == wanted or (bool(post.text.strip()) and len(found) == len(wanted))


def _says(shown: Mapping[str, Any], post: Outgoing) -> bool:
    """X shows links shortened, escapes &, < and >, adds the link of media, and to replies whom they mention."""
    long = shown.get("note_post") or shown.get("note_tweet")
    source = long if isinstance(long, dict) and long.get("text") else shown
    found, wanted = _plain(_expanded(source)), _plain(post.text)
    whole, end = f"{found} ", f"{wanted} ".lstrip()
    is_filled_in = whole.endswith(end) and _MENTIONS.fullmatch(whole.removesuffix(end))
    return found == wanted or bool(answered(post) and is_filled_in)


def _expanded(source: Mapping[str, Any]) -> str:
    entities = source.get("entities")
    listed = entities.get("urls") if isinstance(entities, dict) else None
    known = {str(each.get("url")): each for each in listed or () if isinstance(each, dict)}

    def long(match: re.Match[str]) -> str:
        entity = known.get(match.group(), {})
        expanded = str(entity.get("expanded_url") or match.group())
        return "" if entity.get("media_key") or _OF_MEDIA.fullmatch(expanded) else expanded

    return _SHORT.sub(long, html.unescape(str(source.get("text") or "")))


def _plain(text: str) -> str:
    """Without what X may write otherwise: spaces, and a link's scheme and last slash."""
    normal = unicodedata.normalize("NFC", text)
    said, at = "", 0
    for link in links(normal):
        said += normal[at : link.start] + _SCHEME.sub("", link.url).rstrip("/")
        at = link.end
    return " ".join((said + normal[at:]).split())
