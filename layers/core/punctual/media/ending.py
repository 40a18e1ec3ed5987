"""The end of a media: refused, expired or deleted. Its files go, then what it held is given back, and its row last.

Nobody's list of its files is believed: all that is in its folder goes. It goes twice, since a form that was signed for
uploading is good for an hour, and a worker may be at it for a quarter of one: FORGET_AFTER is longer than both.
"""

from datetime import timedelta
from typing import Any

from punctual.media.library import Media, Refusal, folder
from punctual.media.refusals import Refused
from punctual.media.tools import Tools
from punctual.media.uses import SETTLES_AFTER

FORGET_AFTER = timedelta(minutes=70)
KEPT = timedelta(days=30)
"""The row of one whose files are gone: what became of it can still be read."""
LOOK_AFTER = timedelta(days=1)


class Ending:
    def __init__(self, tools: Tools):
        self._tools = tools

    def refuse(self, seen: Media, refused: Refused) -> None:
        """Raises ConditionFailed where it is not as it was seen."""
        refusal = Refusal(code=refused.code, message=refused.message)
        self.go_on(
            self._tools.library.change(seen, status="refused", refusal=refusal, next_at=self._tools.now(), **_IDLE)
        )

    def expire(self, seen: Media) -> None:
        """Raises ConditionFailed where it is not as it was seen."""
        self._tools.library.change(seen, status="expired", next_at=self._tools.now() + SETTLES_AFTER, **_IDLE)

    def go_on(self, media: Media) -> None:
        """With one that has ended. Raises ConditionFailed where it is not as it was seen."""
        if media.expires_epoch is None:
            self._clear(media)
        elif self._tools.now().timestamp() < media.expires_epoch - (KEPT - FORGET_AFTER).total_seconds():
            self.remove_leftovers(media.workspace_id, media.id)
        else:
            self._forget(media)

    def remove_leftovers(self, workspace_id: str, media_id: str) -> None:
        """Renditions that were asked for by who saw the media before, and files in its folder."""
        self._tools.files.empty(folder(workspace_id, media_id))
        for rendition in self._tools.renditions.of(workspace_id, media_id):
            self._tools.renditions.remove(rendition)

    def _clear(self, media: Media) -> None:
        """What can be put back is put back: a post that was written at the same moment needs it."""
        if media.status != "refused":
            if self._tools.now() < media.updated_at + SETTLES_AFTER:
                return
            if media.facts and any(self._tools.needs.of(media, tidy=True)):
                self._put_back(media, media.facts.bytes)
                return
        self._tools.files.end_parts(media)
        self.remove_leftovers(media.workspace_id, media.id)
        self._tools.library.change(
            media,
            beside=self._tools.storage.counting(media, 0),
            bytes_held=0,
            upload_id=None,
            source_url=None,
            next_at=self._tools.now() + FORGET_AFTER,
            expires_epoch=int((self._tools.now() + KEPT).timestamp()),
            is_news=False,
        )

    def _put_back(self, media: Media, size: int) -> None:
        """With all that it holds: who deleted it may have given that back already."""
        made = self._tools.renditions.of(media.workspace_id, media.id)
        held = size + sum(each.facts.bytes for each in made if each.facts)
        self._tools.library.change(
            media,
            beside=self._tools.storage.counting(media, held),
            status="ready",
            bytes_held=held,
            unused_since=None,
            next_at=self._tools.now() + LOOK_AFTER,
        )

    def _forget(self, media: Media) -> None:
        self.remove_leftovers(media.workspace_id, media.id)
        if media.status == "deleted":
            self._tools.library.remove(media)
        elif media.next_at:
            self._tools.library.change(media, next_at=None, is_news=False)


_IDLE: dict[str, Any] = {"tries": 0, "busy_until": None}
