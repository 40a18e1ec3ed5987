"""From what a delivery says of its media to the files that its platform gets."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from punctual.media.facts import Facts
from punctual.media.library import Library, Media
from punctual.media.renditions import Rendition, Renditions
from punctual.media.wanting import Attached
from punctual.providers.media import Attachment, Content
from punctual.providers.outcomes import Processing, Rejected

ContentOf: TypeAlias = Callable[[str, Facts], Content]
"""Of an object of the bucket, by its path."""
_AGAIN_AFTER = 5.0


class Shelf:
    """`asked` is told of media whose renditions are still to be made: a message may have been lost."""

    def __init__(
        self, library: Library, renditions: Renditions, content_of: ContentOf, asked: Callable[[str, str], None]
    ):
        self._library = library
        self._renditions = renditions
        self._content_of = content_of
        self._asked = asked

    def attachments(self, workspace_id: str, attached: Sequence[Attached]) -> tuple[Attachment, ...]:
        """Raises Processing while one is being made, and Rejected where one is gone or could not be made."""
        if not attached:
            return ()
        media = self._library.get_all(workspace_id, [media_id for each in attached for media_id in each.media_ids])
        made = self._renditions.get_all(workspace_id, [pair for each in attached for pair in each.renditions])
        return tuple(self._attachment(each, media, made) for each in attached)

    def _attachment(
        self, each: Attached, media: dict[str, Media], made: dict[tuple[str, str], Rendition]
    ) -> Attachment:
        path, facts = self._file(each.media_id, each.rendition, media, made)
        cover = None
        if each.cover_id:
            cover_path, shown = self._file(each.cover_id, each.cover_rendition, media, made)
            cover = self._made(each.cover_id, cover_path, shown)
        return self._made(each.media_id, path, facts, each, cover)

    def _file(
        self, media_id: str, rendition: str | None, media: dict[str, Media], made: dict[tuple[str, str], Rendition]
    ) -> tuple[str, Facts]:
        """Where the bucket has it, and what it is."""
        found = media.get(media_id)
        if found and found.may_be_put_back:
            raise Processing("It is being found out whether a file of this post is needed.", code="media_not_ready")
        if found is None or found.status != "ready" or found.facts is None:
            raise Rejected("A file of this post is not there any more.", code="media_gone")
        if rendition is None:
            return found.original, found.facts
        ready = made.get((media_id, rendition))
        if ready and ready.refusal:
            raise Rejected(f"A file could not be made fit: {ready.refusal.message}", code="media_unfit")
        if ready is None or ready.facts is None:
            self._asked(found.workspace_id, media_id)
            raise Processing(
                "A file is being made fit for the platform.", code="media_not_ready", retry_after=_AGAIN_AFTER
            )
        return ready.path, ready.facts

    def _made(
        self, media_id: str, path: str, facts: Facts, said: Attached | None = None, cover: Attachment | None = None
    ) -> Attachment:
        return Attachment(
            media_id=media_id,
            kind=facts.kind,
            type=facts.type,
            bytes=facts.bytes,
            width=facts.width,
            height=facts.height,
            duration_ms=facts.duration_ms,
            pages=facts.pages,
            alt_text=said.alt_text if said else "",
            cover_ms=said.cover_ms if said else None,
            cover=cover,
            sha256=facts.sha256,
            content=self._content_of(path, facts),
        )
