"""A day of a workspace, in which everything happens that the table can say: begun before it, and within it."""

from punctual import posts
from tests.integration.api.filled import picture
from tests.integration.api.uploading import declared, uploaded
from tests.integration.events.watched import Watched

FAR = 60 * 24 * 30


class Day:
    """Made, it has what was there before; `live` runs 25 hours. Names say what becomes of each in them.

    Files are looked into by processes that take seconds."""

    def __init__(self, watched: Watched, *, has_media: bool = True):
        self.has_media = has_media
        self.watched, self.tenant = watched, watched.tenant
        self.ada, self.bob, self.cyd = (self.tenant.connect(name) for name in ("ada", "bob", "cyd"))
        self.published = self._post("Published", self.ada, in_minutes=60)
        self.edited = self._post("Edited", self.ada)
        self.cancelled = self._post("Cancelled", self.ada)
        self.narrowed = self._post("For both, then for one", self.ada, self.bob)
        self.deleted = str(self.tenant.drafted("Deleted", self.ada)["id"])
        self.expired = self._post("Expired", self.ada, in_minutes=1)
        self.untouched = self._post("Untouched", self.bob)
        self.media_deleted = str(declared(self.tenant)["id"])
        watched.run(minutes=10)

    def live(self) -> None:
        api = self.tenant.api
        self.made_and_published = self._post("Made and published", self.ada, self.bob, in_minutes=30)
        self.refused = self._post("[sandbox:refuse] No", self.ada, in_minutes=40)
        self.thread = self._post("A thread", self.ada, in_minutes=50, thread=[{"text": "And then"}])
        assert api.patch(f"/v1/posts/{self.edited}", json={"text": "Edited once"}).is_success
        assert api.patch(f"/v1/posts/{self.edited}", json={"text": "Edited twice"}).is_success
        assert api.post(f"/v1/posts/{self.cancelled}/cancel").is_success
        assert api.patch(f"/v1/posts/{self.narrowed}", json={"targets": [{"channel_id": self.bob}]}).is_success
        assert api.delete(f"/v1/posts/{self.deleted}").is_success
        self.watched.run(hours=2)
        self.watched.streaming.stream.expire(posts.key(self.expired))
        self.made_and_deleted = str(self.tenant.drafted("Made and deleted", self.ada)["id"])
        assert api.delete(f"/v1/posts/{self.made_and_deleted}").is_success
        self._channels()
        self._media()
        self.watched.run(hours=12)
        self.drafted = str(self.tenant.drafted("A draft", self.ada)["id"])
        self.later = self._post("Later", self.ada, in_minutes=60 * 11 + 23)
        self.watched.run(hours=11)

    def _channels(self) -> None:
        api = self.tenant.api
        assert api.delete(f"/v1/channels/{self.cyd}").is_success
        self.dan = self.tenant.connect("dan")
        self.eve = self.tenant.connect("eve")
        assert api.delete(f"/v1/channels/{self.eve}").is_success

    def _media(self) -> None:
        api = self.tenant.api
        if self.has_media:
            self.media_made = uploaded(self.watched.deployed, self.tenant, picture())
        self.media_refused = str(declared(self.tenant)["id"])
        assert api.delete(f"/v1/media/{self.media_deleted}").is_success
        assert api.post("/v1/workspace/pause").is_success
        assert api.post("/v1/workspace/resume").is_success
        assert api.post("/v1/workspace/pause").is_success
        self.watched.run(minutes=10)
        assert api.post("/v1/workspace/resume").is_success

    def _post(self, text: str, *channels: str, in_minutes: float = FAR, **more: object) -> str:
        return str(self.tenant.posted(text, *channels, in_minutes=in_minutes, **more)["id"])
