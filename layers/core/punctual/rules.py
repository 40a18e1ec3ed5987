"""The rules that requests may break, by the names under which faults and warnings tell them.

A name is never renamed: clients decide by it. Those of one platform begin with its provider's id. pydantic's own names
change with pydantic, and are told as ours.
"""

from collections.abc import Mapping

RULES: Mapping[str, str] = {
    "required": "It must be given.",
    "unknown": "There is no member or parameter of this name.",
    "type": "Its JSON type is another one: the message says which is wanted.",
    "format": "It cannot be read as what it should be: a number, a time with an offset, an IANA zone.",
    "value": "Its value is not allowed: the message says what is.",
    "choice": "It must be one of the values that the message names.",
    "pattern": "It must look as the message says.",
    "min_length": "It is too short, or has too few members.",
    "max_length": "It is too long, or has too many members.",
    "minimum": "The number is too small.",
    "maximum": "The number is too large.",
    "text.required": "Every target and part needs a text, its own, its provider's or the post's, or else media.",
    "media.exists": "The media must be one of the workspace's, and not deleted.",
    "media.ready": "The file must have been looked into; the message says why it was refused, or what it waits for.",
    "media.fits": "A copy for a platform was tried before, and could not be made; the message says why.",
    "media.too_many": "One post, with its targets and labels, may name so many media only.",
    "cover.exactly_one": "A video's cover is a frame of its own or a picture, not both.",
    "cover.of_video": "Only a video has a cover.",
    "cover.within_video": "The video must be longer than the time of the frame that stands for it.",
    "cover.is_picture": "What stands for a video must be a picture that does not move.",
    "targets.required": "A post that shall go out needs a target.",
    "target.unique": "A channel may be a target once.",
    "targets.too_large": "With a copy for each target, the post does not fit into one transaction.",
    "targets.too_many_changed": "One change may touch so many targets and labels only.",
    "post.too_large": "As stored, a post may have 360,000 bytes.",
    "channel.exists": "The channel must be one of the workspace's.",
    "channel.provider": "The channel must be one of the provider that is connected.",
    "account.held": "The account must be one that the login holds.",
    "channel.max_in_one_second": "A channel takes at most ten posts at one second.",
    "channel.min_gap": "A warning: another post of this channel is nearer than the gap that the channel asks for.",
    "channel.limited": "A warning: the platform asked this account to wait.",
    "channel.quota_used": "A warning: the account has made, or is to make, all that the platform takes for now.",
    "channel.grant_ends": "A warning: before the post is due, the channel must be connected again.",
    "channel.refresh_failing": "A warning: the connection cannot be renewed for now, and ends before the post is due.",
    "channel.scopes_missing": "A warning: the platform took away permissions that posting needs.",
    "channel.api_version_ends": "A warning: by then the platform takes this version of its API away.",
    "channel.reconnect_required": "A warning: the channel must be connected again; until then its posts are held.",
    "duplicate_post": "Another post says the same on this channel within 24 hours: see the problem of that code.",
    "provider.available": "The provider must be switched on in this stack.",
    "provider.exists": "The provider must be one of GET /v1/providers.",
    "timing.exactly_one": 'A post has one of scheduled_at, schedule: "now" and draft: true.',
    "time.rfc3339": "Times are RFC 3339 text with an offset: 2027-01-31T09:00:00+01:00.",
    "time.range": "Times lie between the years 1970 and 2199.",
    "scheduled_at.future": "The time must not have passed.",
    "span.length": "A report covers at most 31 days, from before to.",
    "workspace.confirmed": "To be deleted, the workspace must be named by its own id.",
    "event.type": "The type must be one of those that the document lists under webhooks, or a kind of them: post.*.",
    "media.one_source": "A media is given content_type and bytes, to be uploaded, or a url, to be imported.",
    "media.content_type": "The type must be one that Punctual takes: the message names them.",
    "media.drawing": "Drawings that can hold scripts (SVG) are not taken: export them as PNG.",
    "media.url": "Files are imported from https addresses on public hosts.",
    "event.cursor": "A cursor of events is the id of one, evt_…, as the feed answered it.",
    "event.exists": "The event must be one of the workspace's, and still be kept.",
    "webhook.url": "Events are sent to https URLs on public hosts, without a user name, password or port.",
    "webhook.max_in_workspace": "A workspace has at most 20 webhooks.",
    "return_url.registered": "The return URL must be one that the workspace registered.",
}

PROVIDER_RULES: Mapping[str, str] = {
    "text.max_length": "The text is longer than the platform takes, as the platform counts.",
    "thread.max_parts": "The thread has more posts than the platform, or Punctual there, takes.",
    "first_comment.unsupported": "The platform has no first comments.",
    "media.unsupported": "Punctual sends no media to the platform.",
    "media.required": "The platform has no posts of text alone.",
    "media.max_items": "The platform takes fewer files in one post.",
    "media.max_images": "The platform takes fewer pictures in one post.",
    "media.max_animations": "The platform takes fewer animations in one post.",
    "media.max_videos": "The platform takes fewer videos in one post.",
    "media.max_documents": "The platform takes fewer documents in one post.",
    "media.mixed": "The platform takes files of one kind only in one post.",
    "alt_text.max_length": "The description is longer than the platform takes.",
    "alt_text.unsupported": "A warning: the platform has no descriptions of media.",
    "cover.unsupported": "A warning: the platform chooses itself what stands for a video.",
}
"""After the provider's id and a full stop: `mastodon.text.max_length`."""

FILE_RULES: Mapping[str, str] = {
    "unsupported": "The platform takes no such media, nor what could be made of it.",
    "type": "The platform takes other types, and none of them could be made of it.",
    "orientation": "The picture is turned by what is written beside it, which platforms may not read.",
    "codec": "The platform takes videos of other codecs; TranscodeVideo makes them.",
    "audio_codec": "The platform takes sound of other codecs.",
    "max_bytes": "The file has more bytes than the platform takes.",
    "max_width": "It has more pixels in width than the platform takes.",
    "max_height": "It has more pixels in height than the platform takes.",
    "max_pixels": "It has more pixels than the platform takes.",
    "max_frames": "It has more frames than the platform takes.",
    "max_pages": "It has more pages than the platform takes.",
    "max_seconds": "It lasts longer than the platform takes.",
    "max_frame_rate": "It has more frames a second than the platform takes.",
    "max_bit_rate": "It has more bits a second than the platform takes.",
    "max_ratio": "It is wider, for its height, than the platform takes.",
    "min_ratio": "It is narrower, for its height, than the platform takes.",
    "min_width": "It has fewer pixels in width than the platform takes.",
    "min_height": "It has fewer pixels in height than the platform takes.",
    "min_seconds": "It is shorter than the platform takes.",
    "min_frame_rate": "It has fewer frames a second than the platform takes.",
}
"""After the provider's id and the file's kind, `image`, `animation`, `video` or `document`: `bluesky.image.max_bytes`.
They also say why a file is converted. Each provider's numbers are its MediaRules: GET /v1/providers."""

_OF_PYDANTIC = {
    "missing": "required",
    "extra_forbidden": "unknown",
    "literal_error": "choice",
    "enum": "choice",
    "union_tag_invalid": "choice",
    "string_pattern_mismatch": "pattern",
    "string_too_short": "min_length",
    "string_too_long": "max_length",
    "too_short": "min_length",
    "too_long": "max_length",
    "bytes_too_short": "min_length",
    "bytes_too_long": "max_length",
    "url_too_long": "max_length",
    "greater_than": "minimum",
    "greater_than_equal": "minimum",
    "less_than": "maximum",
    "less_than_equal": "maximum",
    "string_unicode": "format",
    "json_invalid": "format",
    "zoneinfo_str": "format",
    "int_from_float": "type",
}
_BY_ENDING = {"_type": "type", "_parsing": "format"}
_BY_BEGINNING = {"datetime_": "format", "date_": "format", "time_": "format", "timezone_": "format", "url_": "format"}


def of_pydantic(kind: str) -> str:
    """Names with a full stop are ours already, given by a validator."""
    if "." in kind:
        return kind
    ending = next((rule for end, rule in _BY_ENDING.items() if kind.endswith(end)), None)
    beginning = next((rule for start, rule in _BY_BEGINNING.items() if kind.startswith(start)), None)
    return _OF_PYDANTIC.get(kind) or ending or beginning or "value"
