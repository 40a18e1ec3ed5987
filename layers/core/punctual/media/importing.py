"""Files that are imported: from their URL into the bucket, read as they come, and looked into by somebody else.

A message may come twice, late or never: the row's clock brings the next one. Every try is counted before its work, and
says until when it may be at it; whoever finds such a row leaves it. What a try that died left of an upload in parts,
the next one ends. One that is over in the middle of its last write is begun anew: the same object is written once more.
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from punctual.clock import Now
from punctual.guarded_http import AddressRefused, GuardedHttp
from punctual.media.fetching import NotNow, Room, check, verdict
from punctual.media.library import Library, Media, Refusal
from punctual.media.refusals import Refused
from punctual.media.storage import Storage
from punctual.media.storing import Storing
from punctual.messages import MediaMessage, Queue
from punctual.problems import Problem
from punctual.tables import ConditionFailed, Item

LEASE = timedelta(seconds=960)
"""A worker that died is taken for alive until then: longer than the function may run."""
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20))
"""Before the next tries; after the last try it is refused."""
_PICKED_UP = timedelta(minutes=1)
_ROUNDS = 10
_PAUSE_SECONDS = 0.05
_FAULTS = (BotoCoreError, ClientError)
"""Of AWS, not of the host: the try does not count."""
log = logging.getLogger(__name__)

Outcome: TypeAlias = Literal["gone", "left", "waits", "refused", "probing"]
"""`left`: to somebody else, or to its time."""


class Importing:
    def __init__(
        self, *, library: Library, storage: Storage, storing: Storing, http: GuardedHttp, probing: Queue, now: Now
    ):
        self._library = library
        self._storage = storage
        self._storing = storing
        self._http = http
        self._probing = probing
        self._now = now

    def advance(self, message: MediaMessage, until: datetime) -> Outcome:
        """Nothing is read from the host after `until`. Faults of AWS raise; the row's clock brings another message."""
        media = self._library.get(message.workspace_id, message.media_id)
        if media is None:
            return "gone"
        if media.status != "importing" or (media.busy_until and media.busy_until > self._now()):
            return "left"
        try:
            return self._try(self._begin(media), until)
        except ConditionFailed:
            log.info("imported or ended by somebody else", extra={"media_id": media.id})
            return "left"

    def _begin(self, seen: Media) -> Media:
        if seen.upload_id:
            self._storing.end(seen, seen.upload_id)
        until = (self._now() + LEASE).replace(microsecond=0)
        return self._library.change(
            seen, tries=seen.tries + 1, upload_id=None, busy_until=until, next_at=until, is_news=False
        )

    def _try(self, begun: Media, until: datetime) -> Outcome:
        try:
            if begun.tries > len(WAITS) + 1:
                raise Refused("url_failed", "Fetching it was begun several times, and never came to an end.")
            size = self._fetch(begun, until)
            self._arrive(begun, size)
        except Refused as refused:
            return self._refuse(begun, refused)
        except NotNow as reason:
            return self._wait(begun, reason)
        except _FAULTS:
            self._give_back(begun)
            raise
        return "probing"

    def _fetch(self, begun: Media, until: datetime) -> int:
        """Raises Refused, NotNow."""
        room = Room(free=self._storage.room(begun.workspace_id))
        if room.bytes <= 0:
            raise room.refusal()
        seconds = (until - self._now()).total_seconds()
        try:
            with self._http.download(begun.source_url or "", max_bytes=room.bytes, seconds=seconds) as answer:
                check(answer)
                size = self._storing.store(
                    begun, answer, lambda upload_id: self._held(begun, upload_id=upload_id, is_news=False)
                )
        except (AddressRefused, httpx.TooManyRedirects, httpx.TransportError) as error:
            raise verdict(error, room) from error
        if not size:
            raise Refused("empty", "What the host sent is empty.")
        return size

    def _arrive(self, begun: Media, size: int) -> None:
        """It counts from now on. Raises Refused where others took the room meanwhile."""
        self._held(
            begun,
            lambda seen: self._storage.growing(seen, size),
            status="probing",
            bytes_held=size,
            source_url=None,
            next_at=self._now() + _PICKED_UP,
            **_IDLE,
        )
        self._tell(begun)

    def _refuse(self, begun: Media, refused: Refused) -> Outcome:
        """Its files, if there are any, whoever tends it takes away."""
        refusal = Refusal(code=refused.code, message=refused.message)
        self._held(begun, status="refused", refusal=refusal, source_url=None, next_at=self._now(), **_IDLE)
        self._tell(begun)
        log.info("import refused", extra={"media_id": begun.id, "code": refused.code})
        return "refused"

    def _wait(self, begun: Media, reason: NotNow) -> Outcome:
        if begun.tries > len(WAITS):
            return self._refuse(begun, Refused("url_failed", f"{reason.reason} It was tried {begun.tries} times."))
        until = self._now() + max(WAITS[begun.tries - 1], timedelta(seconds=reason.after))
        self._held(begun, busy_until=until, next_at=until, upload_id=None, is_news=False)
        log.info("import waits", extra={"media_id": begun.id, "tries": begun.tries})
        return "waits"

    def _give_back(self, begun: Media) -> None:
        until = self._now() + WAITS[0]
        self._held(begun, tries=begun.tries - 1, busy_until=until, next_at=until, is_news=False)

    def _tell(self, media: Media) -> None:
        self._probing.send(MediaMessage(workspace_id=media.workspace_id, media_id=media.id))

    def _held(self, begun: Media, beside: Callable[[Media], Sequence[Item]] = lambda _: (), **changes: Any) -> Media:
        """The row with these changes, though somebody gave it another name meanwhile. Raises ConditionFailed where it
        is not under our lease any more, and Refused where there is no room for what is beside."""
        for pause in range(_ROUNDS):
            seen = self._library.get(begun.workspace_id, begun.id)
            if seen is None or (seen.status, seen.busy_until) != ("importing", begun.busy_until):
                break
            try:
                return self._library.change(seen, beside=beside(seen), **changes)
            except ConditionFailed:
                if size := changes.get("bytes_held"):
                    self._check_room(seen, size)
            time.sleep(random.uniform(0, _PAUSE_SECONDS) * (pause + 1))  # noqa: S311 - all media count in one row
        raise ConditionFailed

    def _check_room(self, seen: Media, size: int) -> None:
        try:
            self._storage.check(seen.workspace_id, size, is_new=False)
        except Problem as full:
            raise Refused("storage_full", full.detail) from full


_IDLE: dict[str, Any] = {"tries": 0, "busy_until": None, "upload_id": None}
