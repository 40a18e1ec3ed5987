"""What a post is on a page: the one call that makes it, and how it is known again."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from punctual.facebook_api import videos
from punctual.facebook_api.settings import Settings
from punctual.meta.graph import is_id
from punctual.meta.lists import objects
from punctual.providers.base import Outgoing, Published
from punctual.providers.feeding import forgetting, uploaded
from punctual.providers.finding import is_free, is_since, moment
from punctual.providers.outcomes import OutcomeUnknown, RetryLater, Unprepared

STAGED_FOR = timedelta(hours=12)
"""Ours: how long Facebook keeps what no post has named is not documented; a day is what is said of it."""
POST_FIELDS = "id,message,created_time,permalink_url,attachments"
OWN_FIELDS = "id,message,created_time,permalink_url,is_published"
COMMENT_FIELDS = "id,message,created_time,from,permalink_url"
STORY_FIELDS = "post_id,media_id,creation_time,url"

Carries: TypeAlias = Literal["images", "video", ""]


def carries(post: Outgoing) -> Carries:
    """What was prepared. Raises RetryLater where nothing was, and there are files."""
    if post.media and "carries" not in post.prepared:
        raise RetryLater("This post's files are not uploaded.", code="not_prepared")
    found: Carries = post.prepared.get("carries", "")
    return found


def video_of(post: Outgoing) -> str | None:
    """The video that can be asked about: from the first with reels and stories, once it is made with others."""
    accepted: str | None = post.prepared.get("video")
    if accepted or post.prepared.get("carries") != "video" or post.settings.post_type == "post":
        return accepted
    found: str = uploaded(post)[0]
    return found


def may_be_gone(post: Outgoing, now: datetime) -> bool:
    """Of what was uploaded long ago, such as for a post that was held for days."""
    uploaded_at = moment(post.prepared.get("uploaded_at"))
    return bool(post.media and uploaded_at and now - uploaded_at > STAGED_FOR)


def anew(post: Outgoing) -> Unprepared:
    sentence = "The files of this post were uploaded long ago: they are uploaded anew."
    kept = {**forgetting(post), "carries": None, "uploaded_at": None}
    return Unprepared(sentence, code="media_expired", kept=kept)


def call_of(post: Outgoing) -> tuple[str, dict[str, str]]:
    """The edge of the page, and the form that makes the post."""
    settings: Settings = post.settings
    files, kind = uploaded(post), carries(post)
    text = {"description": post.text} if kind == "video" else {"message": post.text}
    text = {name: value for name, value in text.items() if value.strip()}
    title = {"title": settings.title} if settings.title else {}
    place = {"place": settings.place} if settings.place else {}
    seen_in = {"targeting": _json({"geo_locations": {"countries": list(settings.countries)}})}
    seen_by = seen_in if settings.countries else {}
    match settings.post_type, kind:
        case "story", "images":
            return "photo_stories", {"photo_id": files[0]}
        case "story", _:
            return "video_stories", {"upload_phase": "finish", "video_id": files[0]}
        case "reel", _:
            finish = {"upload_phase": "finish", "video_id": files[0], "video_state": "PUBLISHED"}
            return "video_reels", {**finish, **text, **title, **place, **seen_by}
        case _, "video":
            return "videos", {"fbuploader_video_file_chunk": files[0], **text, **title, **seen_by}
    link = {"link": settings.link} if settings.link else {}
    attached = {"attached_media": _json([{"media_fbid": each} for each in files])} if files else {}
    return "feed", {**text, **link, **attached, **place, **seen_by}


def found_among(shown: Any, post: Outgoing) -> Published | None:
    """The one of a page's posts that is ours: made in its time, and with the very pictures, or else the very text."""
    ours = [one for one in _in_time(shown, post, "created_time") if _is_same(one, post)]
    return Published(platform_id=str(ours[0]["id"]), url=videos.link(ours[0])) if len(ours) == 1 else None


def shown_by_picture(shown: Mapping[str, Any], post: Outgoing) -> Published | None:
    """The post that a picture of ours names, if it is out."""
    ours = [one for one in _in_time([shown], post, "created_time") if one.get("is_published") is not False]
    return Published(platform_id=str(ours[0]["id"]), url=videos.link(ours[0])) if ours else None


def comment_among(shown: Any, post: Outgoing) -> Published | None:
    """Of the page itself, where Facebook says who made it."""
    ours = [
        one
        for one in _in_time(shown, post, "created_time")
        if _words(one.get("message")) == _words(post.text) and _author(one) in (None, post.account.id)
    ]
    return Published(platform_id=str(ours[0]["id"]), url=videos.link(ours[0])) if len(ours) == 1 else None


def story_among(shown: Any, post: Outgoing) -> Published | None:
    """The one that shows the picture which was uploaded for it."""
    photo = uploaded(post)[0] if carries(post) else None
    for one in objects(shown):
        told = str(one.get("post_id") or "")
        if photo and str(one.get("media_id")) == photo and is_id(told) and is_free(told, post):
            return Published(platform_id=told, url=videos.link({"permalink_url": one.get("url")}))
    return None


def _in_time(shown: Any, post: Outgoing, name: str) -> Iterator[Mapping[str, Any]]:
    """Not before our first call, and not another delivery's."""
    for one in objects(shown):
        is_ours = is_id(one.get("id")) and is_free(one.get("id"), post)
        if is_ours and is_since(moment(one.get(name)), post.first_sent_at):
            yield one


def _is_same(one: Mapping[str, Any], post: Outgoing) -> bool:
    """Pictures have ids, which no other post has. A post without any text is known by them alone."""
    kind = carries(post)
    if kind == "images":
        return set(uploaded(post)) <= set(_targets(one.get("attachments")))
    return bool(post.text.strip()) and _words(one.get("message")) == _words(post.text)


def _targets(attachments: Any) -> Iterator[str]:
    """The ids of what a post shows; an album has its pictures below it."""
    data = attachments.get("data") if isinstance(attachments, dict) else None
    for one in objects(data):
        target = one.get("target")
        if isinstance(target, dict) and target.get("id"):
            yield str(target["id"])
        below = one.get("subattachments")
        for inner in objects(below.get("data") if isinstance(below, dict) else None):
            yield from _targets({"data": [{"target": inner.get("target")}]})


def _author(one: Mapping[str, Any]) -> str | None:
    made_by = one.get("from")
    return str(made_by["id"]) if isinstance(made_by, dict) and made_by.get("id") else None


def _words(text: Any) -> list[str]:
    """Facebook may trim a text, or change its line breaks."""
    return str(text or "").split()


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def taken(given: Mapping[str, Any]) -> None:
    """Nothing, where a finishing call says that it succeeded. Raises OutcomeUnknown."""
    if given.get("success") is not True and not given.get("post_id"):
        raise OutcomeUnknown("Facebook's answer does not say that it took the video.", code="unreadable_answer")
