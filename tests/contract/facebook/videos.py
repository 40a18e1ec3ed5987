"""Videos of a small Facebook: by URL or a file's handle, reels and stories by a session and its end.

https://developers.facebook.com/docs/video-api/guides/publishing
https://developers.facebook.com/docs/video-api/guides/reels-publishing
https://developers.facebook.com/docs/page-stories-api
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.contract.facebook.records import Post, Video
from tests.contract.meta.graph_side import VERSION, Call, Route
from tests.contract.meta.login_side import LoginSide, Page
from tests.contract.meta.params import Params
from tests.contract.meta.refusals import Refused, missing
from tests.contract.meta.rupload import Arrival, demand_oauth_scheme, header, type_of

VIDEO_HOSTS = r"graph(-video)?\.facebook\.com"
TAKEN = {"application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"}
SESSION_LASTS = timedelta(days=1)


class Videos(LoginSide):
    """`cut_keeps`: how many bytes arrive of an upload that is cut. `spoils`: what comes cannot be processed."""

    reels_a_day = 30
    takes_finish_again = False
    """What a second `finish` is answered: the documents do not say. It shows nothing a second time either way."""

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes] | None = None):
        super().__init__(now, fetch)
        self.videos: dict[str, Video] = {}
        self.uploads: dict[str, tuple[Arrival, str, datetime]] = {}
        self.handles: dict[str, bytes] = {}
        self.cut_keeps = 0
        self.spoils = False
        self.routes += [
            Route(_video_call, "POST", "(?P<node>me|[0-9]+)/videos", self.add_video, host=VIDEO_HOSTS),
            Route("upload_begin", "POST", "(?P<app>[0-9]+)/uploads", self.begin_upload),
            Route("upload_part", "POST", "(?P<session>upload:[^/]+)", self.take_part),
            Route("upload_status", "GET", "(?P<session>upload:[^/]+)", self.upload_status),
            Route(_reel_call, "POST", "(?P<node>me|[0-9]+)/video_reels", self.reel),
            Route(_story_call, "POST", "(?P<node>me|[0-9]+)/video_stories", self.video_story),
            Route("rupload", "POST", "video-upload/(?P<video>[0-9]+)", self.rupload, host=r"rupload\.facebook\.com"),
        ]

    def publisher(self, call: Call) -> Page:
        """The page that a call publishes to: with its own token, of a person who may create content there."""
        if call.caller.kind != "page":
            raise Refused(190, "A page access token is required to request this resource.", 2069032)
        page = self.page_asked(call, "post")
        self.needs(call.caller, "pages_manage_posts", "pages_read_engagement")
        if "CREATE_CONTENT" not in page.tasks:
            raise Refused(200, "Permissions error: the task CREATE_CONTENT is needed")
        return page

    def publish(self, post: Post) -> Post:
        raise NotImplementedError

    def add_video(self, call: Call) -> dict[str, Any]:
        page, params = self.publisher(call), call.params
        content = self.video_content(params)
        if type_of(content) not in (None, "video/mp4"):
            raise Refused(352, "The video file you selected is in a format that we don't support.")
        video = self.new_video(page, "video", Arrival(len(content), bytearray(content)))
        video.title, video.text = params.text("title"), params.text("description")
        if not params.flag("published", True):
            video.state = "DRAFT"
        self.finish(video, params)
        return {"id": video.id}

    def video_content(self, params: Params) -> bytes:
        if url := params.text("file_url"):
            return self.fetched(url)
        if handle := params.text("fbuploader_video_file_chunk"):
            if handle not in self.handles:
                raise Refused(100, "Invalid file handle")
            return self.handles[handle]
        if "source" in params.files:
            return params.files["source"]
        raise Refused(324, "Requires upload file")

    def fetched(self, url: str) -> bytes:
        try:
            return self.fetch(url)
        except LookupError:
            raise Refused(324, "Missing or invalid file", 2069019) from None

    def new_video(self, page: Page, kind: str, arrival: Arrival) -> Video:
        video = Video(self.number(), page.id, kind, self.now(), arrival)
        self.videos[video.id] = video
        return video

    def finish(self, video: Video, params: Params) -> None:
        """The one commit: from now on it is worked on, and shown when that is done."""
        video.finished_at = self.now()
        video.ready_at = self.now() + timedelta(seconds=self.processing_seconds)
        video.is_spoiled = self.spoils
        visible_at: datetime | None = None if video.state == "DRAFT" or video.is_spoiled else video.ready_at
        about: dict[str, Any] = {"title": video.title} if video.title else {}
        if scheduled := self.scheduled(params, video.state == "SCHEDULED"):
            visible_at = scheduled
        about |= self.described(params)
        number = f"{video.page}_{self.number()}"
        post = Post(number, video.page, video.kind, video.text, self.now(), visible_at, (video.digest,), about=about)
        if video.kind == "story" and visible_at:
            post.ends_at = visible_at + timedelta(days=1)
        video.post = self.publish(post)

    def scheduled(self, params: Params, is_needed: bool = False) -> datetime | None:
        """Ten minutes to thirty days ahead: https://developers.facebook.com/docs/pages-api/posts"""
        moment = params.whole("scheduled_publish_time")
        if moment is None and not is_needed:
            return None
        when = datetime.fromtimestamp(moment or 0, self.now().tzinfo)
        if not timedelta(minutes=10) <= when - self.now() <= timedelta(days=30):
            raise Refused(100, "The specified scheduled publish time is invalid.")
        return when

    def described(self, params: Params) -> dict[str, Any]:
        raise NotImplementedError

    def begin_upload(self, call: Call) -> dict[str, Any]:
        if call.ids["app"] != self.app["client_id"]:
            raise missing(call.ids["app"], "post")
        params = call.params
        size = int(params.whole("file_length") or int(params.needed("file_length")))
        if params.needed("file_type") not in TAKEN:
            raise Refused(100, f"Param file_type must be one of {{{', '.join(sorted(TAKEN))}}}")
        session = f"upload:{secrets.token_urlsafe(40)}"
        self.uploads[session] = Arrival(size), params.text("file_name"), self.now()
        return {"id": session}

    def arriving(self, call: Call) -> Arrival:
        demand_oauth_scheme(call.request)
        arrival, _, began_at = self.uploads.get(call.ids["session"], (None, "", self.now()))
        if arrival is None or began_at + SESSION_LASTS <= self.now():
            raise missing(call.ids["session"], call.request.method.lower())
        return arrival

    def take_part(self, call: Call) -> dict[str, Any]:
        arrival = self.arriving(call)
        arrival.take(header(call.request, "file_offset"), call.request.content)
        if not arrival.is_whole:
            return {"id": call.ids["session"], "file_offset": len(arrival.content)}
        handle = f"2:{secrets.token_urlsafe(40)}"
        self.handles[handle] = bytes(arrival.content)
        return {"h": handle}

    def upload_status(self, call: Call) -> dict[str, Any]:
        return {"id": call.ids["session"], "file_offset": len(self.arriving(call).content)}

    def reel(self, call: Call) -> dict[str, Any]:
        return self.phase(call, "reel")

    def video_story(self, call: Call) -> dict[str, Any]:
        return self.phase(call, "story")

    def phase(self, call: Call, kind: str) -> dict[str, Any]:
        page, params = self.publisher(call), call.params
        if params.one_of("upload_phase", {"START", "FINISH"}) == "START":
            video = self.new_video(page, kind, Arrival())
            version = VERSION.match(call.request.url.path)
            address = f"https://rupload.facebook.com/video-upload{version[0] if version else ''}/{video.id}"
            return {"video_id": video.id, "upload_url": address}
        video = self.own_video(params.needed("video_id"), page, kind)
        if video.finished_at and self.takes_finish_again:
            return {"success": True}
        if video.finished_at or not video.arrival.is_whole:
            raise Refused(6000, "There was a problem uploading your video file.", 1363041)
        self.hold_to_quota(video)
        if kind == "reel":
            params.needed("video_state")
        video.state = params.one_of("video_state", {"PUBLISHED", "DRAFT", "SCHEDULED"}, "PUBLISHED")
        video.title, video.text = params.text("title"), params.text("description")
        self.finish(video, params)
        assert video.post is not None
        return {"success": True, "post_id": video.post.id} if kind == "story" else {"success": True}

    def own_video(self, number: str, page: Page, kind: str) -> Video:
        video = self.videos.get(number)
        if video is None or video.page != page.id or video.kind != kind:
            raise Refused(100, "Invalid parameter: video_id")
        return video

    def hold_to_quota(self, video: Video) -> None:
        """Thirty in any 24 hours; by which code it says so is not documented."""
        since = self.now() - timedelta(days=1)
        done = [each for each in self.videos.values() if each.finished_at and each.finished_at > since]
        if video.kind == "reel" and len([each for each in done if each.kind == "reel"]) >= self.reels_a_day:
            raise Refused(613, "Calls to this api have exceeded the rate limit.")

    def rupload(self, call: Call) -> dict[str, Any]:
        demand_oauth_scheme(call.request)
        video = self.videos.get(call.ids["video"])
        if video is None or call.caller.profile != video.page or video.finished_at:
            raise missing(call.ids["video"], "post")
        if url := call.request.headers.get("file_url"):
            content = self.fetched(url)
            video.arrival = Arrival(len(content), bytearray(content))
            return {"success": True}
        video.arrival.size = header(call.request, "file_size")
        video.arrival.take(header(call.request, "offset"), call.request.content)
        return {"success": video.arrival.is_whole}

    def cut(self, operation: str, call: Call) -> None:
        if operation == "rupload" and (video := self.videos.get(call.ids["video"])):
            video.arrival.size = header(call.request, "file_size")
            video.arrival.take(header(call.request, "offset"), call.request.content[: self.cut_keeps])
        if operation == "upload_part" and (found := self.uploads.get(call.ids["session"])):
            found[0].take(header(call.request, "file_offset"), call.request.content[: self.cut_keeps])


def _video_call(call: Call) -> str:
    return "video" if call.params.text("published") not in ("false", "0") else "video_unpublished"


def _reel_call(call: Call) -> str:
    return f"reel_{call.params.text('upload_phase').lower() or 'start'}"


def _story_call(call: Call) -> str:
    return f"video_story_{call.params.text('upload_phase').lower() or 'start'}"
