"""Having renditions made long before they are needed: asked for when a post is written."""

import logging
from collections.abc import Iterable
from typing import TypeAlias

from botocore.exceptions import BotoCoreError, ClientError

from punctual.media.recipes import Recipe
from punctual.media.renditions import Rendition, Renditions
from punctual.messages import MediaMessage, Queue

log = logging.getLogger(__name__)
Made: TypeAlias = dict[tuple[str, str], Rendition]
"""By media and recipe's key."""


class Asking:
    def __init__(self, renditions: Renditions, queue: Queue):
        self._renditions = renditions
        self._queue = queue

    def ask(self, workspace_id: str, needed: Iterable[tuple[str, Recipe]]) -> Made:
        """Once for each, however many posts and platforms want it; raises what DynamoDB raises."""
        once = {(media_id, recipe.key): recipe for media_id, recipe in needed}
        made = {
            (media_id, key): self._renditions.ask(workspace_id, media_id, recipe)
            for (media_id, key), recipe in once.items()
        }
        for media_id in dict.fromkeys(media_id for (media_id, _), each in made.items() if each.status == "pending"):
            self.remind(workspace_id, media_id)
        return made

    def known(self, workspace_id: str, needed: Iterable[tuple[str, Recipe]]) -> Made:
        """As `ask`, without asking: what nobody asked for yet, and what would be tried again, is left out."""
        wanted = [(media_id, recipe.key) for media_id, recipe in needed]
        found = self._renditions.get_all(workspace_id, wanted) if wanted else {}
        return {place: each for place, each in found.items() if not each.may_work_now}

    def remind(self, workspace_id: str, media_id: str) -> None:
        """That there is something to be made; never fails: the sweeper says so too."""
        try:
            self._queue.send(MediaMessage(workspace_id=workspace_id, media_id=media_id))
        except (ClientError, BotoCoreError) as error:
            log.warning("not told, the sweeper will", extra={"media_id": media_id, "error": type(error).__name__})
