"""Media that nobody wants any more: refused while a post needs one, else gone for the API at once.

Its files go later, by `ending`: a request that saw the media before has ended then, and read uses tell whether one of
them made a post of it.
"""

from itertools import islice

from punctual.clock import Now
from punctual.media.library import Library, Media
from punctual.media.needs import Needs
from punctual.media.storage import Storage
from punctual.media.uploads import Uploads
from punctual.media.uses import SETTLES_AFTER
from punctual.problems import Conflict
from punctual.tables import ConditionFailed

_ROUNDS = 10
_MOST_NAMED = 20


class Discarding:
    def __init__(self, *, library: Library, storage: Storage, uploads: Uploads, needs: Needs, now: Now):
        self._library = library
        self._storage = storage
        self._uploads = uploads
        self._needs = needs
        self._now = now

    def delete(self, media: Media) -> None:
        """Raises Conflict."""
        for _ in range(_ROUNDS):
            self._must_be_free(media)
            if self._deleted(media):
                if media.upload_id:
                    self._uploads.end_parts(media)
                return
            current = self._library.get(media.workspace_id, media.id)
            if current is None or current.status == "deleted":
                return
            media = current
        raise Conflict("changed_meanwhile", "It was changed at the same moment. Send it again.")

    def _deleted(self, seen: Media) -> bool:
        """Whether it was as it was seen."""
        try:
            self._library.change(
                seen,
                beside=self._storage.counting(seen, 0),
                status="deleted",
                bytes_held=0,
                next_at=self._now() + SETTLES_AFTER,
            )
        except ConditionFailed:
            return False
        return True

    def _must_be_free(self, media: Media) -> None:
        """Raises Conflict."""
        named = list(islice(self._needs.of(media), _MOST_NAMED + 1))
        if named:
            told = ", ".join(named[:_MOST_NAMED])
            more = " and others" if len(named) > _MOST_NAMED else ""
            detail = f"These posts need it: {told}{more}."
            raise Conflict("media_in_use", detail, more={"post_ids": named[:_MOST_NAMED]})
