"""Making the renditions that posts asked for, one after the other, from an original that is fetched once."""

import logging
from datetime import datetime

from punctual.media.facts import Facts
from punctual.media.files import Bench
from punctual.media.library import Media, Refusal
from punctual.media.probing import FAULTS, LEASE, TRIES, worn_out
from punctual.media.refusals import Refused
from punctual.media.renditions import Rendition
from punctual.media.tools import Tools
from punctual.tables import ConditionFailed

log = logging.getLogger(__name__)
_COUNTS = 8
"""Times that a media's row is read again where somebody else wrote it at the same moment."""


class Rendering:
    def __init__(self, tools: Tools):
        self._tools = tools

    def waiting(self, media: Media) -> list[Rendition]:
        """Those that nobody is at."""
        now = self._tools.now()
        found = self._tools.renditions.of(media.workspace_id, media.id)
        return [
            each for each in found if each.status == "pending" and (each.busy_until is None or each.busy_until <= now)
        ]

    def make(self, media: Media, waiting: list[Rendition], bench: Bench, until: datetime) -> None:
        """None is begun after `until`: the others' clocks bring the next message. Raises FAULTS."""
        for rendition in waiting:
            if self._tools.now() >= until:
                return
            try:
                self._make(media, rendition, bench)
            except ConditionFailed:
                log.info("rendition made by somebody else", extra={"media_id": media.id})

    def _make(self, media: Media, seen: Rendition, bench: Bench) -> None:
        if seen.tries >= TRIES:
            self._tools.renditions.settle(seen, refusal=_refusal(worn_out()))
            return
        begun = self._tools.renditions.begin(seen, self._tools.now() + LEASE)
        try:
            facts = self._rendered(media, begun, bench)
        except Refused as refused:
            self._tools.renditions.settle(begun, refusal=_refusal(refused))
        except FAULTS:
            self._tools.renditions.give_back(begun)
            raise
        else:
            self._settle(begun, facts)

    def _rendered(self, media: Media, begun: Rendition, bench: Bench) -> Facts:
        """It is in the bucket."""
        assert media.facts, "it is ready"  # noqa: S101 - for the type checker
        original = bench.fetch(media)
        try:
            facts = self._tools.workshop.render(original, begun.recipe, media.facts, bench.made)
            self._tools.files.keep(bench.made, begun.path, facts.type)
        finally:
            bench.made.unlink(missing_ok=True)
        return facts

    def _settle(self, begun: Rendition, facts: Facts) -> None:
        """Together with what the media now holds. Where the media has ended, so has this: its folder is emptied."""
        place = (begun.media_id, begun.key)
        for _ in range(_COUNTS):
            media = self._tools.library.get(begun.workspace_id, begun.media_id)
            found = self._tools.renditions.get_all(begun.workspace_id, [place]).get(place)
            if media is None or media.status != "ready" or found is None or found.version != begun.version:
                return
            held = media.bytes_held + facts.bytes
            beside = [*self._tools.storage.counting(media, held), self._tools.renditions.settling(begun, facts=facts)]
            try:
                self._tools.library.change(media, beside=beside, bytes_held=held, is_news=False)
            except ConditionFailed:
                continue
            return
        log.warning("not settled, it is made once more", extra={"media_id": begun.media_id})


def _refusal(refused: Refused) -> Refusal:
    return Refusal(code=refused.code, message=refused.message)
