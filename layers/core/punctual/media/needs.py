"""Which posts still need a media: those that name it and have not ended. A draft needs its media, too."""

from collections.abc import Iterator

from punctual.deliveries import Deliveries
from punctual.media.library import Media
from punctual.media.uses import Uses
from punctual.posts import Post, Posts
from punctual.states import ENDED, TERMINAL, PostStatus


class Needs:
    def __init__(self, uses: Uses, posts: Posts, deliveries: Deliveries):
        self._uses = uses
        self._posts = posts
        self._deliveries = deliveries

    def of(self, media: Media, *, tidy: bool = False) -> Iterator[str]:
        """Posts' ids, the latest first. `tidy`: what posts that are gone left is removed on the way: none comes back,
        nor is its id given again."""
        for post_ids in self._uses.pages(media.workspace_id, media.id):
            found = {post.id: post for post in self._posts.get_all(post_ids)}
            yield from (post_id for post_id in post_ids if post_id in found and self._needs_media(found[post_id]))
            if tidy:
                self._uses.remove(media.workspace_id, media.id, [each for each in post_ids if each not in found])

    def _needs_media(self, post: Post) -> bool:
        """One that went out in part may have deliveries that are held, or looked for."""
        if post.status is PostStatus.PARTIAL:
            return any(status not in TERMINAL for status, _ in self._deliveries.states(post.id))
        return post.status not in ENDED
