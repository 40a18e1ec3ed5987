"""What happens to a media between its upload and its end: each message does what the media's row says.

    uploading   past its deadline: refused
    importing   the importer's, whose queue gets the message
    probing     looked into: ready or refused
    ready       renditions that posts asked for are made; unused for long: expired
    refused, expired, deleted   ending.py

A message may come twice, late or never: the row's clock brings the next one. Every try is counted before its work, so
that a file that kills its workers ends refused. A step that met another state than it read leaves the rest to whoever
made that.

Events are changes of the row's `status`, as the table's stream shows them: probing → ready is media.ready, anything →
refused is media.refused, ready → expired is media.expired, anything → deleted is media.deleted. One that was expired
or deleted may be ready again a minute later, where a post was written at the same moment; then nothing was lost, and
its event is media.ready. `updated_at` is the time of such a change: what nobody is told of leaves it as it is.
"""

import logging
from datetime import datetime
from functools import partial
from typing import Literal, TypeAlias

from punctual import due
from punctual.media.ending import LOOK_AFTER, Ending
from punctual.media.library import Media, MediaStatus
from punctual.media.probing import FAULTS, Probing
from punctual.media.receiving import LATE
from punctual.media.refusals import Refused
from punctual.media.rendering import Rendering
from punctual.media.tools import Tools
from punctual.media.uploads import FORM_LASTS, PARTS_LAST
from punctual.messages import MediaMessage
from punctual.tables import ConditionFailed

log = logging.getLogger(__name__)

Outcome: TypeAlias = MediaStatus | Literal["gone", "left"]
"""The media's status then; `left`: to somebody else, or to its time."""


class Tending:
    def __init__(self, tools: Tools):
        self._tools = tools
        self._probing = Probing(tools)
        self._rendering = Rendering(tools)
        self._ending = Ending(tools)

    def advance(self, message: MediaMessage, until: datetime) -> Outcome:
        """Nothing is begun after `until`. Faults of AWS raise, and the message comes again."""
        media = self._tools.library.get(message.workspace_id, message.media_id)
        if media is None:
            self._ending.remove_leftovers(message.workspace_id, message.media_id)
            return "gone"
        try:
            self._step(media, until)
        except ConditionFailed:
            log.info("tended by somebody else", extra={"media_id": media.id})
            return "left"
        after = self._tools.library.get(message.workspace_id, message.media_id)
        return after.status if after else "gone"

    def _step(self, media: Media, until: datetime) -> None:
        match media.status:
            case "uploading":
                self._expire_upload(media)
            case "importing":
                self._tools.imports.send(MediaMessage(workspace_id=media.workspace_id, media_id=media.id))
            case "probing":
                self._probe(media, until)
            case "ready":
                self._tend(media, until)
            case _:
                self._ending.go_on(media)

    def _expire_upload(self, media: Media) -> None:
        if self._tools.now() >= deadline(media):
            self._ending.refuse(media, Refused("upload_expired", "The upload was not completed in time."))

    def _probe(self, media: Media, until: datetime) -> None:
        if media.busy_until and media.busy_until > self._tools.now():
            return
        try:
            begun = self._probing.begin(media)
        except Refused as refused:
            self._ending.refuse(media, refused)
            return
        with self._tools.bench() as bench:
            try:
                ready = self._probing.look(begun, bench)
            except Refused as refused:
                self._probing.held(begun, partial(self._ending.refuse, refused=refused))
                return
            except FAULTS:
                self._probing.give_back(begun)
                raise
            self._rendering.make(ready, self._rendering.waiting(ready), bench, until)

    def _tend(self, media: Media, until: datetime) -> None:
        if waiting := self._rendering.waiting(media):
            with self._tools.bench() as bench:
                self._rendering.make(media, waiting, bench, until)
        else:
            self._look_around(media)

    def _look_around(self, media: Media) -> None:
        """About once a day: whether it is needed, and that nothing was uploaded to it again."""
        now = self._tools.now()
        if media.next_at and media.next_at > now + 2 * due.SWEEP:
            return
        self._tools.files.drop(media.received)
        since = None if any(self._tools.needs.of(media, tidy=True)) else media.unused_since or now
        kept = self._tools.unused_for
        ends_at = since + kept if since and kept is not None else None
        if ends_at and ends_at <= now:
            self._ending.expire(media)
            return
        next_at = min(now + LOOK_AFTER, ends_at) if ends_at else now + LOOK_AFTER
        self._tools.library.change(media, unused_since=since, next_at=next_at, is_news=False)


def deadline(media: Media) -> datetime:
    """By then its upload was completed, or never will be."""
    return media.created_at + (PARTS_LAST if media.upload_id else FORM_LASTS) + LATE
