"""How containers of a small Instagram are made and filled: with what is fetched, or by an upload that can go on.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
https://developers.facebook.com/docs/instagram-platform/content-publishing/resumable-uploads
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.contract.instagram.containers import LASTS, Container, checked_caption, checked_image, described, kind_of
from tests.contract.meta.graph_side import VERSION, Call, Route
from tests.contract.meta.login_side import LoginSide
from tests.contract.meta.params import Params
from tests.contract.meta.refusals import Refused, missing
from tests.contract.meta.rupload import Arrival, demand_oauth_scheme, header, type_of


class Making(LoginSide):
    """`spoils`: what comes cannot be processed. `cut_keeps`: how many bytes arrive of an upload that is cut."""

    max_collaborators = 5
    video_milliseconds = 60_000
    """How long every video is that comes here."""

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes] | None = None):
        super().__init__(now, fetch)
        self.containers: dict[str, Container] = {}
        self.spoils = False
        self.cut_keeps = 0
        self.routes += [
            Route("create_container", "POST", "(?P<node>[0-9]+)/media", self.create),
            Route("rupload", "POST", "ig-api-upload/(?P<node>[0-9]+)", self.rupload, host=r"rupload\.facebook\.com"),
        ]

    def owner(self, call: Call, *scopes: str) -> str:
        """The account that a call names: its page's token, or the token of a person who has that page."""
        self.needs(call.caller, "instagram_basic", *scopes)
        return self.seen_account(call, call.ids["node"])

    def seen_account(self, call: Call, number: str) -> str:
        mine = self.pages_of(call.caller) if call.caller.kind == "user" else [self.pages[call.caller.profile]]
        if number not in {page.instagram["id"] for page in mine if page.instagram}:
            raise missing(number, call.request.method.lower())
        return number

    def create(self, call: Call) -> dict[str, Any]:
        owner, params = self.owner(call, "instagram_content_publish"), call.params
        kind, is_item = kind_of(params), params.flag("is_carousel_item", False)
        if is_item and kind not in ("image", "video"):
            raise Refused(100, "An item of a carousel is an image or a video")
        about = described(params, kind, is_item=is_item, max_collaborators=self.max_collaborators)
        container = Container(self.number(), owner, kind, self.now(), is_item=is_item, about=about)
        caption = checked_caption(params.text("caption"))
        container.caption = "" if is_item or kind == "story" else caption
        self.take_alt_text(container, params)
        self.fill(container, params, call)
        self.containers[container.id] = container
        if container.ready_at is None:
            version = VERSION.match(call.request.url.path)
            address = f"https://rupload.facebook.com/ig-api-upload{version[0] if version else ''}/{container.id}"
            return {"id": container.id, "uri": address}
        return {"id": container.id}

    def take_alt_text(self, container: Container, params: Params) -> None:
        if params.text("alt_text") and container.kind != "image":
            raise Refused(100, "Param alt_text is for images only")
        container.alt_text = params.text("alt_text")

    def fill(self, container: Container, params: Params, call: Call) -> None:
        if container.kind == "images":
            container.children = [self.child(each, container.owner) for each in params.things("children")]
            if not 2 <= len(container.children) <= 10:
                raise Refused(100, "Your post won't work as a carousel.", 2207028)
            self.begin_work(container)
        elif params.text("upload_type") == "resumable" and container.kind != "image":
            self.take_cover(container, params)
        elif container.kind == "image" or (container.kind == "story" and params.text("image_url")):
            content = self.fetched(params.needed("image_url"))
            self.fill_with(container, checked_image(content, is_framed=container.kind == "image"))
        else:
            self.take_cover(container, params)
            self.fill_with_video(container, params.needed("video_url"))

    def child(self, number: Any, owner: str) -> Container:
        child = self.containers.get(str(number))
        if child is None or child.owner != owner or not child.is_item or child.media_id:
            raise Refused(24, f"The media with {number} cannot be found", 2207006)
        if child.state(self.now()) == "EXPIRED":
            raise Refused(-2, "The media you are trying to access has expired. Please try to upload again.", 2207020)
        return child

    def fetched(self, url: str) -> bytes:
        try:
            return self.fetch(url)
        except LookupError:
            raise Refused(9004, "The media could not be fetched from this uri.", 2207052) from None

    def take_cover(self, container: Container, params: Params) -> None:
        offset = params.whole("thumb_offset")
        if offset is not None and not 0 <= offset < self.video_milliseconds:
            raise Refused(
                1, "Thumbnail offset must be greater than or equal to 0 and less than video duration", 2207057
            )
        if cover := params.text("cover_url"):
            container.about["cover"] = hashlib.sha256(self.fetched(cover)).hexdigest()
        elif offset is not None:
            container.about["thumb_offset"] = offset

    def fill_with_video(self, container: Container, url: str) -> None:
        """It is fetched after the answer: what goes wrong is told by the container's state."""
        try:
            content = self.fetch(url)
        except LookupError:
            container.error, content = 2207077, b""
        self.fill_with(container, content)

    def fill_with(self, container: Container, content: bytes) -> None:
        container.arrival = Arrival(len(content), bytearray(content))
        self.begin_work(container)

    def begin_work(self, container: Container) -> None:
        """A carousel is ready when all of its items are."""
        ready_at = self.now() + timedelta(seconds=self.processing_seconds)
        times = [child.ready_at or self.now() + LASTS for child in container.children]
        container.ready_at = max([ready_at, *times])
        is_video = container.kind in ("reel", "video")
        if self.spoils or (is_video and type_of(bytes(container.arrival.content)) not in (None, "video/mp4")):
            container.error = container.error or 2207026

    def rupload(self, call: Call) -> dict[str, Any]:
        demand_oauth_scheme(call.request)
        container = self.containers.get(call.ids["node"])
        if container is None or container.ready_at is not None:
            raise missing(call.ids["node"], "post")
        self.seen_account(call, container.owner)
        if url := call.request.headers.get("file_url"):
            self.fill_with_video(container, url)
        else:
            self.arrive(container, call, None)
        return {"success": container.arrival.is_whole, "message": "Upload successful."}

    def arrive(self, container: Container, call: Call, keeps: int | None) -> None:
        container.arrival.size = header(call.request, "file_size")
        container.arrival.take(header(call.request, "offset"), call.request.content[:keeps])
        if container.arrival.is_whole:
            self.begin_work(container)

    def cut(self, operation: str, call: Call) -> None:
        container = self.containers.get(call.ids.get("node", ""))
        if operation == "rupload" and container:
            self.arrive(container, call, self.cut_keeps)
