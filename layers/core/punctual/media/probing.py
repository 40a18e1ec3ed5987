"""Looking into what was received: what it is, or why it is refused.

What was looked into becomes `original`, written by nobody else; what was received is left as it is until the row says
`ready`, so that a worker that dies anywhere leaves a media that the next one probes from the start.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from punctual.media.ending import FORGET_AFTER
from punctual.media.facts import Facts
from punctual.media.files import Bench, missing, sha256
from punctual.media.library import Media
from punctual.media.recipes import thumbnail
from punctual.media.refusals import Refused
from punctual.media.tools import Tools
from punctual.tables import ConditionFailed
from punctual.workshop.running import WorkshopClosed

LEASE = timedelta(seconds=960)
"""A worker that died is taken for alive until then: longer than the function may run."""
TRIES = 3
_WRITES = 8
Result = TypeVar("Result")
FAULTS = (BotoCoreError, ClientError, Boto3Error, WorkshopClosed)
"""Of AWS or of ours, not of the file: the try does not count."""


class Probing:
    def __init__(self, tools: Tools):
        self._tools = tools

    def begin(self, seen: Media) -> Media:
        """One more try. Raises Refused after too many, and ConditionFailed where somebody else began."""
        if seen.tries >= TRIES:
            raise worn_out()
        until = (self._tools.now() + LEASE).replace(microsecond=0)
        return self._tools.library.change(seen, tries=seen.tries + 1, busy_until=until, next_at=until, is_news=False)

    def give_back(self, begun: Media) -> None:
        """A try that did not count. Raises ConditionFailed where it is not under our lease any more."""
        tries, now = begun.tries - 1, self._tools.now()
        self.held(
            begun,
            lambda seen: self._tools.library.change(seen, is_news=False, tries=tries, busy_until=None, next_at=now),
        )

    def held(self, begun: Media, write: Callable[[Media], Result]) -> Result:
        """What `write` makes of the row as it is: somebody may give it another name meanwhile. Raises ConditionFailed
        where it is not under our lease any more."""
        for _ in range(_WRITES):
            seen = self._tools.library.get(begun.workspace_id, begun.id)
            if seen is None or (seen.status, seen.busy_until) != ("probing", begun.busy_until):
                break
            try:
                return write(seen)
            except ConditionFailed:
                continue
        raise ConditionFailed

    def look(self, begun: Media, bench: Bench) -> Media:
        """Ready, with its original on the bench. Raises Refused, FAULTS, and ConditionFailed where it is not under our
        lease any more."""
        self._fetch(begun, bench)
        facts = self._tools.workshop.probe(bench.received, begun.declared_type)
        if facts.has_location:
            facts = self._clean(bench, facts)
        else:
            bench.received.replace(bench.original)
        self.held(begun, lambda _: self._tools.files.keep(bench.original, begun.original, facts.type))
        if small := thumbnail(facts.kind, facts.duration_ms):
            self._tools.renditions.ask(begun.workspace_id, begun.id, small)
        ready = self.held(begun, partial(self._ready, facts=facts))
        self._tools.files.drop(ready.received)
        return ready

    def _ready(self, seen: Media, facts: Facts) -> Media:
        return self._tools.library.change(
            seen,
            beside=self._tools.storage.counting(seen, facts.bytes),
            status="ready",
            facts=facts,
            bytes_held=facts.bytes,
            upload_id=None,
            source_url=None,
            tries=0,
            busy_until=None,
            next_at=self._tools.now() + FORGET_AFTER,
        )

    def _fetch(self, media: Media, bench: Bench) -> None:
        size = self._tools.files.size(media.received)
        if size is None:
            raise missing()
        if media.declared_bytes not in (None, size):
            raise Refused("bytes_mismatch", f"{media.declared_bytes:,} bytes were declared, and {size:,} came.")
        bench.make_room(size)
        self._tools.files.fetch(media.received, bench.received)
        if media.declared_sha256 not in (None, sha256(bench.received)):
            raise Refused("checksum_mismatch", "The content is not what its SHA-256 says.")

    def _clean(self, bench: Bench, facts: Facts) -> Facts:
        """Of the original without where it was taken."""
        bench.make_room(facts.bytes)
        self._tools.workshop.clean(bench.received, bench.cleaned, facts)
        found = self._tools.workshop.probe(bench.cleaned, facts.type)
        if found.has_location:
            raise Refused("unreadable", "Where it was taken could not be taken out of it.")
        bench.received.unlink()
        bench.cleaned.replace(bench.original)
        return found


def worn_out() -> Refused:
    return Refused("too_costly", f"Reading it was begun {TRIES} times, and never came to an end.")
