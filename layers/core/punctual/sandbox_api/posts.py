"""What a post says to the sandbox, and what the sandbox says of it."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from punctual.providers import feeding
from punctual.providers.outcomes import OutcomeUnknown, Rejected
from punctual.providers.posting import Outgoing, Published
from punctual.providers.talking import Talking, answer
from punctual.providers.terms import Grant, Option

KEY_WINDOW_SECONDS = 3600
_KEY_WINDOW = re.compile(r"\[sandbox:(?:publish\.)?key_window=(\d{1,4})\]")


def play(post: Outgoing) -> dict[str, str]:
    """Who posts, and, for the failures that the text scripts, what; the sandbox recognises no post by it."""
    return {"Sandbox-Account": post.account.id, "Sandbox-Play": post.key}


def content(post: Outgoing, ids: Sequence[str]) -> dict[str, Any]:
    """`ids` are those of files that were uploaded."""
    answered = parent(post)
    answers = {"in_reply_to": answered} if answered else {}
    shown = {"media": _media(post, ids)} if post.media else {}
    return {"text": post.text, "protection": post.settings.protection, **answers, **shown}


def parent(post: Outgoing) -> str | None:
    """The part before this one, or what the post itself shall answer."""
    found: str | None = post.parent.platform_id if post.parent else post.settings.reply_to
    return found


def key_window_seconds(post: Outgoing) -> int:
    """As the text's own script has it: this one provider may read it, being part of the same toy."""
    if post.settings.protection != "key":
        return 0
    scripted = _KEY_WINDOW.findall(post.text)
    return int(scripted[-1]) if scripted else KEY_WINDOW_SECONDS


def chosen_id(post: Outgoing) -> str:
    return f"own-{hashlib.sha256(post.key.encode()).hexdigest()[:40]}"


def published(shown: Any) -> Published:
    platform_id, url = (shown.get("id"), shown.get("url")) if isinstance(shown, dict) else (None, None)
    if isinstance(platform_id, str) and platform_id and isinstance(url, str):
        return Published(platform_id=platform_id, url=url)
    raise OutcomeUnknown("The sandbox's answer names no post.", code="unreadable_answer")


def carries(shown: Any, post: Outgoing) -> bool:
    """Whether a post that a search found has the files that `prepare` kept, whatever became of ours since."""
    files = shown.get("media", []) if isinstance(shown, dict) else []
    wanted, name = (post.prepared["sums"], "sha256") if "sums" in post.prepared else (feeding.uploaded(post), "id")
    return [each.get(name) for each in files] == list(wanted)


def _media(post: Outgoing, ids: Sequence[str]) -> list[dict[str, Any]]:
    """By id, or by an address that is good from now on."""
    is_fetched = post.settings.media_by == "url"
    names = [{"url": each.content.url()} for each in post.media] if is_fetched else [{"id": each} for each in ids]
    about = [{"alt_text": each.alt_text, "cover_ms": each.cover_ms} for each in post.media]
    return [{**name, **said} for name, said in zip(names, about, strict=True)]


def delete(talk: Talking, published: Published, grant: Grant) -> None:
    try:
        talk.call("DELETE", f"{grant.server}/api/posts/{published.platform_id}", grant=grant)
    except Rejected as error:
        if error.platform_code != "no_such_post":
            raise


def teams(talk: Talking, query: str, grant: Grant) -> tuple[Option, ...]:
    found = answer(talk.call("GET", f"{grant.server}/api/me", grant=grant)).get("teams", ())
    return tuple(Option(value=each["id"], label=each["handle"]) for each in found if query in each["handle"])
