"""What the published specification leaves out: values of enumerations, calls of no node, nodes that it has not."""

from dataclasses import dataclass, field
from typing import Any

_TIMES = ("day", "hour", "min", "month", "none", "year")
_UNPUBLISHED = (
    "ADS_POST",
    "DRAFT",
    "INLINE_CREATED",
    "PUBLISHED",
    "PUBLISH_PENDING",
    "SCHEDULED",
    "SCHEDULED_RECURRING",
)
_STATES, _PHASES = ("DRAFT", "PUBLISHED", "SCHEDULED"), ("FINISH", "START")
_ORDER, _FILTER = ("chronological", "reverse_chronological"), ("stream", "toplevel")

# api_specs/specs/enum_types.json of the repository and commit in sources.toml. Of others no call of ours makes use.
ENUMS: dict[str, tuple[str, ...]] = {
    "pagefeed_backdated_time_granularity_enum_param": _TIMES,
    "pagefeed_formatting_enum_param": ("MARKDOWN", "PLAINTEXT"),
    "pagefeed_target_surface_enum_param": ("STORY", "TIMELINE"),
    "pagefeed_unpublished_content_type_enum_param": _UNPUBLISHED,
    "pagefeed_with_enum_param": ("LOCATION",),
    "pagephotos_backdated_time_granularity_enum_param": _TIMES,
    "pagephotos_type_enum_param": ("profile", "tagged", "uploaded"),
    "pagephotos_unpublished_content_type_enum_param": _UNPUBLISHED,
    "pageposts_with_enum_param": ("LOCATION",),
    "pagepublished_posts_with_enum_param": ("LOCATION",),
    "pagestories_status_enum_param": ("ARCHIVED", "PUBLISHED"),
    "pagevideo_reels_upload_phase_enum_param": _PHASES,
    "pagevideo_reels_video_state_enum_param": _STATES,
    "pagevideo_stories_upload_phase_enum_param": _PHASES,
    "pagevideo_stories_video_state_enum_param": _STATES,
    "pagevideos_type_enum_param": ("TAGGED", "UPLOADED"),
    "pagevideos_unpublished_content_type_enum_param": _UNPUBLISHED,
    "pagevideos_upload_phase_enum_param": ("cancel", "finish", "start", "transfer"),
    "userpermissions_status_enum_param": ("declined", "expired", "granted"),
    **{f"{node}comments_filter_enum_param": _FILTER for node in ("pagepost", "post", "photo", "video", "comment")},
    **{f"{node}comments_order_enum_param": _ORDER for node in ("pagepost", "post", "photo", "video", "comment")},
    # https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
    "media_type": ("IMAGE", "VIDEO", "REELS", "STORIES", "CAROUSEL"),
    "upload_type": ("resumable",),
}
VALUES = {("media", "media_type"): "media_type", ("media", "upload_type"): "upload_type"}
"""Parameters that are a string to the specification, and an enumeration to the reference."""

EDGES: dict[str, list[dict[str, Any]]] = {
    # https://developers.facebook.com/docs/graph-api/reference/page/photos/: the file itself, instead of `url`
    "Page": [{"method": "POST", "endpoint": "photos", "params": [{"name": "source", "type": "file"}]}],
    # https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-container
    "IGContainer": [{"method": "GET", "name": "#get", "params": []}],
    # https://developers.facebook.com/docs/instagram-platform/content-publishing: `mediapublish` in the specification
    "IGUserForIGOnlyAPI": [
        {
            "method": "POST",
            "endpoint": "media_publish",
            "return": "IGMedia",
            "params": [{"name": "creation_id", "type": "unsigned int", "required": True}],
        }
    ],
}
FIELDS: dict[str, set[str]] = {
    "IGContainer": {"id", "status", "status_code", "copyright_check_status"},
    # https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/content_publishing_limit
    "ContentPublishingLimitResponse": {"config", "quota_usage", "quota_total", "quota_duration"},
    "Page": {"tasks"},  # https://developers.facebook.com/docs/pages-api/getting-started
    "User": {"permissions"},
    "Permission": {"permission", "status"},
    "Profile": {"id", "name"},
    "StoryAttachment": {"media_type", "type", "url", "title", "description", "target", "media", "subattachments"},
    "Stories": {"post_id", "status", "creation_time", "media_type", "media_id", "url"},
    "ProfilePictureSource": {"url", "is_silhouette", "height", "width", "cache_key"},
    "IGUserForIGOnlyAPI": {"id", "user_id"},
}


@dataclass(frozen=True)
class Call:
    """`path` is a pattern of what comes after the version; `needed` are parameters, `headers` what it takes as such."""

    method: str
    host: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    needed_headers: frozenset[str] = frozenset()
    needs_token: bool = True
    needs_version: bool = True
    takes_bytes: bool = False


def _texts(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "string")


_UPLOADED = frozenset({"offset", "file_size", "file_url"})
CALLS = (
    Call(  # https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
        "GET",
        "www.facebook.com",
        "dialog/oauth",
        _texts("client_id", "redirect_uri", "state", "scope", "response_type", "auth_type", "config_id"),
        needed=frozenset({"client_id", "redirect_uri", "state"}),
        needs_token=False,
    ),
    Call(
        "GET",
        "graph.facebook.com",
        "oauth/access_token",
        _texts("client_id", "client_secret", "redirect_uri", "code", "grant_type", "fb_exchange_token"),
        needed=frozenset({"client_id", "client_secret"}),
        needs_token=False,
    ),
    Call(  # https://developers.facebook.com/docs/graph-api/reference/debug_token
        "GET", "graph.facebook.com", "debug_token", _texts("input_token"), needed=frozenset({"input_token"})
    ),
    Call(  # https://developers.facebook.com/docs/graph-api/guides/upload
        "POST",
        "graph.facebook.com",
        r"\d+/uploads",
        {"file_name": "string", "file_length": "unsigned int", "file_type": "string"},
        needed=frozenset({"file_length", "file_type"}),
    ),
    Call(
        "POST",
        "graph.facebook.com",
        "upload:[^/]+",
        {"sig": "string"},  # a session's id has a query of its own
        headers=frozenset({"file_offset"}),
        needed_headers=frozenset({"file_offset"}),
        takes_bytes=True,
    ),
    Call("GET", "graph.facebook.com", "upload:[^/]+", {"sig": "string"}),
    Call(  # https://developers.facebook.com/docs/video-api/guides/reels-publishing
        "POST", "rupload.facebook.com", r"video-upload/\d+", headers=_UPLOADED, takes_bytes=True
    ),
    Call(  # https://developers.facebook.com/docs/instagram-platform/content-publishing/resumable-uploads
        "POST",
        "rupload.facebook.com",
        r"ig-api-upload/\d+",
        headers=_UPLOADED,
        takes_bytes=True,
        needs_version=False,
    ),
    Call(  # https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
        "GET",
        "www.instagram.com",
        "oauth/authorize",
        _texts("client_id", "redirect_uri", "response_type", "scope", "state", "force_reauth", "enable_fb_login"),
        needed=frozenset({"client_id", "redirect_uri", "response_type", "scope"}),
        needs_token=False,
        needs_version=False,
    ),
    Call(
        "POST",
        "api.instagram.com",
        "oauth/access_token",
        _texts("client_id", "client_secret", "grant_type", "redirect_uri", "code"),
        needed=frozenset({"client_id", "client_secret", "grant_type", "redirect_uri", "code"}),
        needs_token=False,
        needs_version=False,
    ),
)
