"""Media that nobody wants any more: refused while a post needs one, else gone for the API at once.

Its files go later, by `tending`: a request that saw the media before has ended then, and read uses tell whether one of
them made a post of it.
"""

from collections.abc import Iterator
from datetime import timedelta

from punctual.clock import Now
from punctual.deliveries import Deliveries
from punctual.media.library import Library, Media
from punctual.media.storage import Storage
from punctual.media.uploads import Uploads
from punctual.media.uses import Uses
from punctual.posts import Post, Posts
from punctual.problems import Conflict
from punctual.states import ENDED, TERMINAL, PostStatus
from punctual.tables import ConditionFailed

LINGERS = timedelta(seconds=90)
"""Longer than any request may run."""
_ROUNDS = 10
_TOGETHER = 25
"""Posts that are read at once: one may have 360 KB."""
_MOST_NAMED = 20


class Discarding:
    def __init__(
        self,
        *,
        library: Library,
        storage: Storage,
        uploads: Uploads,
        uses: Uses,
        posts: Posts,
        deliveries: Deliveries,
        now: Now,
    ):
        self._library = library
        self._storage = storage
        self._uploads = uploads
        self._uses = uses
        self._posts = posts
        self._deliveries = deliveries
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
                next_at=self._now() + LINGERS,
            )
        except ConditionFailed:
            return False
        return True

    def _must_be_free(self, media: Media) -> None:
        """Raises Conflict."""
        named = list(self._needing(media))
        if named:
            told = ", ".join(named[:_MOST_NAMED])
            more = " and others" if len(named) > _MOST_NAMED else ""
            detail = f"These posts need it: {told}{more}."
            raise Conflict("media_in_use", detail, more={"post_ids": named[:_MOST_NAMED]})

    def _needing(self, media: Media) -> Iterator[str]:
        """One more than are named, at most."""
        using = self._uses.of(media.workspace_id, media.id)
        found = 0
        for start in range(0, len(using), _TOGETHER):
            for post in sorted(self._posts.get_all(using[start : start + _TOGETHER]), key=lambda post: post.id):
                if self._needs_media(post):
                    found += 1
                    yield post.id
                if found > _MOST_NAMED:
                    return

    def _needs_media(self, post: Post) -> bool:
        """One that went out in part may have deliveries that are held, or looked for."""
        if post.status is PostStatus.PARTIAL:
            return any(status not in TERMINAL for status, _ in self._deliveries.states(post.id))
        return post.status not in ENDED
