"""How media come: declared and uploaded, or fetched from where they are; then looked at by somebody else."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeAlias

from punctual.clock import Now
from punctual.idempotency import Taken
from punctual.media.library import Library, Media
from punctual.media.storage import Storage
from punctual.media.uploads import FORM_BYTES, FORM_LASTS, PARTS_LAST, PartThere, PartUrl, Uploads, part_count, whole
from punctual.messages import MediaMessage, Queue
from punctual.problems import Conflict, Fault, Invalid, NotFound, Problem
from punctual.tables import ConditionFailed, Item

LATE = timedelta(minutes=15)
"""An upload that was begun in time may end so much later."""
_PICKED_UP = timedelta(minutes=1)
"""By then the message has come, or the sweep sends another one."""
_ROUNDS = 10
_PAUSE_SECONDS = 0.05
_MOST_NAMED = 100

Recording: TypeAlias = Callable[[Media], Item]
"""An operation to be made in the transaction that creates; where it fails, `Taken`."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What will be uploaded, as its owner says."""

    type: str
    bytes: int
    sha256: str | None = None
    file_name: str | None = field(default=None, repr=False)
    alt_text: str = field(default="", repr=False)
    in_parts: bool = False

    @property
    def comes_in_parts(self) -> bool:
        return self.in_parts or self.bytes > FORM_BYTES


class Receiving:
    def __init__(
        self, *, library: Library, storage: Storage, uploads: Uploads, probing: Queue, importing: Queue, now: Now
    ):
        self._library = library
        self._storage = storage
        self._uploads = uploads
        self._probing = probing
        self._importing = importing
        self._now = now

    def get(self, workspace_id: str, media_id: str) -> Media:
        """Raises NotFound."""
        found = self._library.get(workspace_id, media_id)
        if found is None or found.status == "deleted":
            raise NotFound("not_found", "The workspace has no such media.")
        return found

    def declare(self, workspace_id: str, declared: Declared, recording: Recording | None = None) -> Media:
        """Room is kept for it from now on. Raises Problem, Taken."""
        lasts = PARTS_LAST if declared.comes_in_parts else FORM_LASTS
        new = self._library.new(
            workspace_id,
            status="uploading",
            file_name=declared.file_name,
            alt_text=declared.alt_text,
            declared_type=declared.type,
            declared_bytes=declared.bytes,
            declared_sha256=declared.sha256,
            bytes_held=declared.bytes,
            next_at=self._now() + lasts + LATE,
        )
        return self._admit(new, recording, self._uploads.begin_parts if declared.comes_in_parts else None)

    def fetch(
        self, workspace_id: str, url: str, *, file_name: str | None, alt_text: str, recording: Recording | None = None
    ) -> Media:
        """How large it is, whoever fetches it will see. Raises Problem, Taken."""
        new = self._library.new(
            workspace_id,
            status="importing",
            file_name=file_name,
            alt_text=alt_text,
            source_url=url,
            next_at=self._now() + _PICKED_UP,
        )
        made = self._admit(new, recording, None)
        self._importing.send(MediaMessage(workspace_id=workspace_id, media_id=made.id))
        return made

    def part_urls(self, workspace_id: str, media_id: str, numbers: Sequence[int]) -> list[PartUrl]:
        """Raises Problem."""
        media = self._in_parts(workspace_id, media_id)
        last = part_count(media)
        message = f"The parts of this upload are numbered from 1 to {last}."
        wrong = [
            Fault(param=f"/numbers/{place}", rule="maximum", message=message)
            for place, number in enumerate(numbers)
            if number > last
        ]
        if wrong:
            raise Invalid(wrong)
        return self._uploads.part_urls(media, numbers)

    def parts_there(self, workspace_id: str, media_id: str) -> tuple[Media, list[PartThere], list[int]]:
        """Those that arrived in full, and the numbers that are missing. Raises Problem."""
        media = self._in_parts(workspace_id, media_id)
        parts = self._uploads.parts_there(media)
        if parts is None:
            raise Conflict("not_uploading", "Its parts are joined already. Complete it.")
        return media, *whole(media, parts)

    def complete(self, workspace_id: str, media_id: str) -> Media:
        """It is all there, and is looked at now; again: as it is by then. Raises Problem."""
        for _ in range(_ROUNDS):
            media = self.get(workspace_id, media_id)
            if media.status in ("probing", "ready"):
                return media
            if media.status != "uploading":
                raise _not_uploading(media)
            self._must_be_there(media)
            try:
                changed = self._library.change(
                    media, status="probing", tries=0, upload_id=None, next_at=self._now() + _PICKED_UP
                )
            except ConditionFailed:
                continue
            self._probing.send(MediaMessage(workspace_id=workspace_id, media_id=media_id))
            return changed
        raise _contended()

    def describe(self, workspace_id: str, media_id: str, **given: Any) -> Media:
        """With another name or alt text. Raises Problem."""
        for _ in range(_ROUNDS):
            media = self.get(workspace_id, media_id)
            try:
                return self._library.change(media, **given) if given else media
            except ConditionFailed:
                continue
        raise _contended()

    def _admit(self, new: Media, recording: Recording | None, begin_parts: Callable[[Media], str] | None) -> Media:
        """Stored, if the workspace's limits let it in; others may count at the same moment."""
        self._storage.check(new.workspace_id, new.bytes_held, is_new=True)
        media = replace(new, upload_id=begin_parts(new)) if begin_parts else new
        try:
            return self._stored(media, recording)
        except (Taken, Problem):  # else it may be stored
            if media.upload_id:
                self._uploads.end_parts(media)
            raise

    def _stored(self, media: Media, recording: Recording | None) -> Media:
        record = [recording(media)] if recording else []
        for pause in range(_ROUNDS):
            counts = self._storage.admitting(media.workspace_id, media.bytes_held)
            try:
                return self._library.store(media, beside=[*record, *counts])
            except ConditionFailed as error:
                if record and 1 in error.failed:
                    raise Taken() from error
            time.sleep(random.uniform(0, _PAUSE_SECONDS) * (pause + 1))  # noqa: S311 - all uploads count in one row
            self._storage.check(media.workspace_id, media.bytes_held, is_new=True)
        raise _contended()

    def _in_parts(self, workspace_id: str, media_id: str) -> Media:
        media = self.get(workspace_id, media_id)
        if media.status != "uploading":
            raise _not_uploading(media)
        if media.upload_id is None:
            raise Conflict("not_in_parts", "This file is uploaded with one form, not in parts.")
        return media

    def _must_be_there(self, media: Media) -> None:
        """Raises Conflict."""
        if media.upload_id:
            parts = self._uploads.parts_there(media)
            if parts is not None:
                full, missing = whole(media, parts)
                if missing:
                    raise _incomplete(f"{len(missing)} of {part_count(media)} parts are missing.", missing)
                self._uploads.join(media, full)
        size = self._uploads.size(media)
        if size is None:
            raise _incomplete("The file has not arrived.")
        if size != media.declared_bytes:
            raise _incomplete(f"{size:,} bytes have arrived, and {media.declared_bytes:,} were declared.")


def _incomplete(detail: str, missing: Sequence[int] = ()) -> Conflict:
    more = {"missing_parts": list(missing[:_MOST_NAMED])} if missing else {}
    return Conflict("upload_incomplete", detail, more=more)


def _not_uploading(media: Media) -> Conflict:
    reason = {
        "importing": "It is imported from its URL: there is nothing to upload.",
        "refused": f"It was refused: {media.refusal.message if media.refusal else 'see its refusal.'}",
        "expired": "It expired, and its file is gone.",
    }.get(media.status, f"It is {media.status}: its file has arrived.")
    return Conflict("not_uploading", reason)


def _contended() -> Conflict:
    return Conflict("changed_meanwhile", "Others changed the same at this moment. Send it again.")
