"""Posts and replies, as containers.

https://developers.facebook.com/documentation/threads/posts and …/retrieve-and-manage-replies/create-replies
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from punctual.meta.containers import Containers, Words
from punctual.providers.finding import moment
from punctual.providers.media import Attachment
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Rejected, RetryLater
from punctual.threads_api.codes import is_missing
from punctual.threads_api.settings import Settings

_PARENT_SHOWS_WITHIN = timedelta(minutes=1)
"""Ours: what was published a moment ago may not be there yet for the call that answers it."""
# https://developers.facebook.com/documentation/threads/troubleshooting; those that are not here (FAILED_…, UNKNOWN) may
# pass by themselves.
_WRONG = {
    "INVALID_ASPEC_RATIO": "its shape",
    "INVALID_ASPECT_RATIO": "its shape",
    "INVALID_BIT_RATE": "its bit rate",
    "INVALID_DURATION": "its length",
    "INVALID_FRAME_RATE": "its frame rate",
    "INVALID_AUDIO_CHANNELS": "the channels of its sound",
    "INVALID_AUDIO_CHANNEL_LAYOUT": "the channels of its sound",
}


class PostContainers(Containers):
    words = Words(
        create="threads",
        publish="threads_publish",
        listed="threads",
        status="status",
        why="error_message",
        text="text",
    )

    @property
    def settings(self) -> Settings:
        found: Settings = self.post.settings
        return found

    @property
    def answers(self) -> str | None:
        """The id of the post that this one is a reply to."""
        if self.post.part == 0:
            return self.settings.reply_to
        return self.post.parent.platform_id if self.post.parent else None

    # What containers are made of

    def children(self) -> Sequence[Mapping[str, str]]:
        files = self.post.media
        return [{"is_carousel_item": "true", **_file(each)} for each in files] if len(files) > 1 else ()

    def whole(self, children: Sequence[str]) -> Mapping[str, str]:
        return {**self._kind(children), **dict(self._about())}

    def _kind(self, children: Sequence[str]) -> dict[str, str]:
        hidden = {"is_spoiler_media": "true"} if self.settings.is_spoiler else {}
        if children:
            return {"media_type": "CAROUSEL", "children": ",".join(children), **hidden}
        if self.post.media:
            return {**_file(self.post.media[0]), **hidden}
        return {"media_type": "TEXT", **(dict(_attached(self.settings)) if self.post.part == 0 else {})}

    def _about(self) -> Iterator[tuple[str, str]]:
        asked = self.settings
        of_the_post = {
            "reply_control": asked.reply_control,
            "topic_tag": asked.topic_tag,
            "quote_post_id": asked.quote_post_id,
            "location_id": asked.location_id,
        }
        said = {"text": self.post.text, "reply_to_id": self.answers, **(of_the_post if self.post.part == 0 else {})}
        return ((name, value) for name, value in said.items() if value)

    def make(self, fields: Mapping[str, str]) -> str:
        try:
            return super().make(fields)
        except Rejected as error:
            if "reply_to_id" in fields and is_missing(error):
                raise self._answers_nothing() from error
            raise

    def _answers_nothing(self) -> ProviderError:
        made_at = moment(self.post.parent.extra.get("made_at")) if self.post.parent else None
        if made_at and self.provider.now() - made_at < _PARENT_SHOWS_WITHIN:
            sentence = "Threads does not show the post that this one answers yet."
            return RetryLater(sentence, code="parent_not_shown", retry_after=5)
        sentence = "The post that this one answers is gone, or this account may not answer it."
        return Rejected(sentence, code="parent_gone")

    # What they say

    def refusal(self, why: str) -> Rejected | None:
        wrong = _WRONG.get(why)
        if wrong is None:
            return None
        return Rejected(f"Threads does not take the video: {wrong} is not right.", code="media_refused")

    def is_about_container(self, error: ProviderError) -> bool:
        return is_missing(error)

    def is_gone(self, error: ProviderError) -> bool:
        return is_missing(error)

    def listed(self) -> dict[str, Any]:
        """Replies are listed apart, and known by what they answer, too. For them a permission is needed that the person
        may not have given."""
        if self.answers is None:
            return super().listed()
        fields = "id,text,timestamp,permalink,replied_to"
        try:
            found = self.provider.read("me/replies", self.grant, fields=fields, limit="25")
        except Rejected as error:
            sentence = "It is live, and Threads does not say under which id."
            raise OutcomeUnknown(sentence, code="no_answer", platform_code=error.platform_code) from error
        rows = found.get("data")
        return {"data": [each for each in rows if self._may_be(each)] if isinstance(rows, list) else None}

    def _may_be(self, row: Any) -> bool:
        answered = row.get("replied_to") if isinstance(row, dict) else None
        return not isinstance(answered, dict) or str(answered.get("id")) == self.answers

    def says(self, text: str) -> bool:
        """ "The text is also configured in the app without the hash sign": documentation/threads/posts#topic-tags"""
        return _plain(text) == _plain(self.post.text)


def _file(file: Attachment) -> dict[str, str]:
    is_video = file.kind == "video"
    kind = "VIDEO" if is_video else "IMAGE"
    described = {"alt_text": file.alt_text} if file.alt_text else {}
    return {"media_type": kind, "video_url" if is_video else "image_url": file.content.url(), **described}


def _attached(asked: Settings) -> Iterator[tuple[str, str]]:
    """What only posts without files may have."""
    if asked.link:
        yield "link_attachment", asked.link
    if asked.poll:
        yield "poll_attachment", json.dumps(dict(zip(_OPTIONS, asked.poll.options, strict=False)))
    if asked.gif:
        yield "gif_attachment", json.dumps({"gif_id": asked.gif, "provider": "GIPHY"})
    if asked.long_text:
        yield "text_attachment", json.dumps({"plaintext": asked.long_text})
    if asked.is_ghost:
        yield "is_ghost_post", "true"


_OPTIONS = ("option_a", "option_b", "option_c", "option_d")


def _plain(text: str) -> str:
    return " ".join(text.replace("#", "").split())
