"""Posts as LinkedIn takes them: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

import httpx
import regex

from punctual.linkedin_api import little
from punctual.linkedin_api.settings import PageSettings, Poll
from punctual.providers.feeding import uploaded
from punctual.providers.media import Attachment
from punctual.providers.outcomes import OutcomeUnknown
from punctual.providers.posting import Outgoing, Published

_UNTITLED = "Document"
"""What a document is called where its post says nothing: it must have a title."""
NUMBER = regex.compile(r"[0-9]{1,20}")
POST = regex.compile(r"urn:li:(?:share|ugcPost):[0-9]{1,20}")
_COMMENT = regex.compile(r"(?P<on>urn:li:comment:\([A-Za-z0-9:]{1,100},)?(?P<number>[0-9]{1,20})(?(on)\))")


def encoded(urn: str) -> str:
    """As it stands in a path or query: every colon and bracket of an URN is percent-encoded."""
    return quote(urn, safe="")


def fields(post: Outgoing, author: str) -> dict[str, Any]:
    """The body of the call that makes it."""
    settings: PageSettings = post.settings
    content = contents(post)
    return {
        "author": author,
        "commentary": little.escaped(post.text),
        "visibility": settings.visibility,
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        **({"content": content} if content else {}),
        **({"reshareContext": {"parent": settings.reshare_of}} if settings.reshare_of else {}),
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": settings.reshare_disabled,
    }


def contents(post: Outgoing) -> dict[str, Any]:
    """What it carries beside its text."""
    settings: PageSettings = post.settings
    urns: list[str] = uploaded(post)
    if settings.article:
        return {"article": {**settings.article.model_dump(exclude_none=True), **_thumbnail(urns)}}
    if settings.poll:
        return {"poll": _poll(settings.poll)}
    files = [_file(urn, each, settings) for urn, each in zip(urns, post.media, strict=True)]
    if len(files) > 1:
        return {"multiImage": {"images": files}}
    return {"media": files[0]} if files else {}


def contents_kept(post: Outgoing) -> list[str]:
    """What `carried` says of it. `find` is called without media: the names of the files are kept."""
    settings: PageSettings = post.settings
    if settings.article:
        return [settings.article.source]
    return [settings.poll.question] if settings.poll else list(uploaded(post))


def comment(post: Outgoing, author: str, on: str) -> dict[str, Any]:
    """Its text is no little text: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/comments-api"""
    return {"actor": author, "object": on, "message": {"text": post.text}}


def published(response: httpx.Response) -> Published:
    """The answer has no body; the id is in a header. Raises OutcomeUnknown."""
    named = POST.fullmatch(unquote(response.headers.get("x-restli-id", "")))
    if not named:
        raise OutcomeUnknown("LinkedIn's answer names no post.", code="unreadable_answer", status=response.status_code)
    return named_post(named.group())


def named_post(urn: str) -> Published:
    return Published(platform_id=urn, url=f"https://www.linkedin.com/feed/update/{urn}/")


def published_comment(response: httpx.Response, on: str) -> Published:
    """Its id is in a header or in the body. Raises OutcomeUnknown."""
    try:
        body = response.json()
    except ValueError:
        body = None
    told = body if isinstance(body, dict) else {}
    for given in (told.get("commentUrn"), response.headers.get("x-restli-id"), told.get("id")):
        if found := named_comment(unquote(str(given or "")), on):
            return found
    raise OutcomeUnknown("LinkedIn's answer names no comment.", code="unreadable_answer", status=response.status_code)


def named_comment(name: str, on: str) -> Published | None:
    """By its URN or its number; None: it is neither. `extra` is what deleting it needs."""
    found = _COMMENT.fullmatch(name)
    if found is None:
        return None
    urn = name if found["on"] else f"urn:li:comment:({on},{name})"
    url = f"https://www.linkedin.com/feed/update/{on}/?commentUrn={encoded(urn)}"
    return Published(platform_id=urn, url=url, extra={"on": on, "comment": found["number"]})


def carried(content: Any) -> Sequence[str]:
    """What a post carries, by LinkedIn's names: to tell two posts of one text apart."""
    found = content if isinstance(content, Mapping) else {}
    one, many, article, poll = (_object(found.get(name)) for name in ("media", "multiImage", "article", "poll"))
    images = many.get("images")
    files = [one, *(map(_object, images) if isinstance(images, list) else ())]
    names = [each.get("id") for each in files] + [article.get("source"), poll.get("question")]
    return [str(each) for each in names if each]


def _object(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _thumbnail(urns: Sequence[str]) -> dict[str, str]:
    return {"thumbnail": urns[0]} if urns else {}


def _poll(poll: Poll) -> dict[str, Any]:
    return {
        "question": poll.question,
        "options": [{"text": option} for option in poll.options],
        "settings": {"duration": poll.duration},
    }


def _file(urn: str, attachment: Attachment, settings: PageSettings) -> dict[str, str]:
    if attachment.kind in ("image", "animation"):
        return {"id": urn, **({"altText": attachment.alt_text} if attachment.alt_text else {})}
    title = settings.title or (_UNTITLED if attachment.kind == "document" else None)
    return {"id": urn, **({"title": title} if title else {})}
