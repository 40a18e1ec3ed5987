"""Posts, reels, carousels and stories, as containers.

https://developers.facebook.com/docs/instagram-platform/content-publishing
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from punctual.instagram_api.codes import OF_INSTAGRAM, is_of_container, is_without_container
from punctual.instagram_api.settings import Settings, UserTag
from punctual.meta import graph
from punctual.meta.containers import Containers, Words
from punctual.providers.media import Attachment
from punctual.providers.outcomes import ProviderError, Reconnect, Rejected

_SUBCODE = re.compile(r"\b22[0-9]{5}\b")


class PostContainers(Containers):
    words = Words(
        create="media", publish="media_publish", listed="media", status="status_code", why="status", text="caption"
    )

    @property
    def settings(self) -> Settings:
        found: Settings = self.post.settings
        return found

    # What containers are made of

    def children(self) -> Sequence[Mapping[str, str]]:
        files = self.post.media
        return [self._item(place, each) for place, each in enumerate(files)] if len(files) > 1 else ()

    def whole(self, children: Sequence[str]) -> Mapping[str, str]:
        self._check_tags()
        if children:
            return {"media_type": "CAROUSEL", "children": ",".join(children), **self._about()}
        file = self.post.media[0]
        if self.settings.post_type == "story":
            return {"media_type": "STORIES", **_address(file), **self._tags(0, file)}
        if file.kind == "image":
            return {**_address(file), **_described(file), **self._tags(0, file), **self._about()}
        # Since July 2023 every single video is a reel.
        return {"media_type": "REELS", **_address(file), **self._tags(0, file), **self._about(), **self._reel(file)}

    def make(self, fields: Mapping[str, str]) -> str:
        try:
            return super().make(fields)
        except Rejected as error:
            if not graph.is_gone(error):
                raise
            sentence = f"{self.name} does not show this account to the connection any more."
            raise Reconnect(
                sentence, code="permission_missing", status=error.status, platform_code=error.platform_code
            ) from error

    def _item(self, place: int, file: Attachment) -> dict[str, str]:
        kind = {"media_type": "VIDEO", **_frame(file)} if file.kind == "video" else _described(file)
        return {"is_carousel_item": "true", **_address(file), **kind, **self._tags(place, file)}

    def _about(self) -> dict[str, str]:
        asked = self.settings
        names = json.dumps(asked.collaborators) if asked.collaborators else None
        about = {"caption": self.post.text or None, "collaborators": names, "location_id": asked.location_id}
        return {name: value for name, value in about.items() if value is not None}

    def _reel(self, file: Attachment) -> dict[str, str]:
        """With a picture for it, a frame's time is not heeded."""
        asked = self.settings
        about = {"cover_url": file.cover.content.url()} if file.cover else _frame(file)
        if asked.share_to_feed is not None:
            about["share_to_feed"] = json.dumps(asked.share_to_feed)
        if asked.audio_name:
            about["audio_name"] = asked.audio_name
        if asked.trial_reel:
            about["trial_params"] = json.dumps({"graduation_strategy": asked.trial_reel})
        return about

    def _tags(self, place: int, file: Attachment) -> dict[str, str]:
        mine = [each for each in self.settings.user_tags if each.file == place + 1]
        is_story = self.settings.post_type == "story"
        return {"user_tags": json.dumps([dict(_tag(each, file, is_story)) for each in mine])} if mine else {}

    def _check_tags(self) -> None:
        count = len(self.post.media)
        if any(each.file > count for each in self.settings.user_tags):
            raise Rejected(f"A tag is for a file that this post does not have: it has {count}.", code="refused")

    # What they say

    def refusal(self, why: str) -> Rejected | None:
        """`status` of one that failed holds a subcode of the errors."""
        found = _SUBCODE.search(why)
        meaning = OF_INSTAGRAM.get(f"/{found[0]}") if found else None
        if found is None or meaning is None or meaning.verdict != "rejected":
            return None
        sentence = meaning.sentence.format(name=self.name)
        return Rejected(sentence, code=meaning.code, platform_code=found[0])

    def is_about_container(self, error: ProviderError) -> bool:
        return is_of_container(error)

    def is_gone(self, error: ProviderError) -> bool:
        return is_without_container(error)

    def listed_at(self) -> str:
        return "stories" if self.settings.post_type == "story" else self.words.listed

    def says(self, text: str) -> bool:
        """ "Captions don't include the @ symbol unless the app user is also able to perform admin-equivalent tasks":
        https://developers.facebook.com/docs/instagram-platform/reference/instagram-media"""
        return self.settings.post_type == "story" or _plain(text) == _plain(self.post.text)


def _tag(tag: UserTag, file: Attachment, is_story: bool) -> Iterator[tuple[str, str | float]]:
    """Places are for pictures, which need one, and for stories."""
    yield "username", tag.username
    if tag.x is not None and tag.y is not None and (file.kind == "image" or is_story):
        yield from (("x", tag.x), ("y", tag.y))
    elif file.kind == "image" and not is_story:
        yield from (("x", 0.5), ("y", 0.5))


def _address(file: Attachment) -> dict[str, str]:
    return {"video_url" if file.kind == "video" else "image_url": file.content.url()}


def _described(file: Attachment) -> dict[str, str]:
    return {"alt_text": file.alt_text} if file.alt_text else {}


def _frame(file: Attachment) -> dict[str, str]:
    return {} if file.cover_ms is None else {"thumb_offset": str(file.cover_ms)}


def _plain(text: str) -> str:
    return " ".join(text.replace("@", "").split())
