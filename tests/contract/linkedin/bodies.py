"""JSON Schemas of what is sent to LinkedIn, closed: the platform publishes none, only tables and samples.

Each from its page below https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/: posts-api,
post-api-schema, multiimage-post-api, poll-post-api, images-api, videos-api, documents-api, comments-api.
"""

from typing import Any

Schema = dict[str, Any]


def closed(required: Schema, optional: Schema | None = None, **more: Any) -> Schema:
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False, **more}


def urn(*kinds: str) -> Schema:
    return {"type": "string", "pattern": rf"^urn:li:({'|'.join(kinds)}):[A-Za-z0-9_-]+$"}


def text(longest: int, shortest: int = 1) -> Schema:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


BOOLEAN: Schema = {"type": "boolean"}
NOTHING: Schema = {"type": "array", "maxItems": 0}
ACTOR = urn("person", "organization")
POST = urn("share", "ugcPost")
COMMENT: Schema = {"type": "string", "pattern": r"^urn:li:comment:\(urn:li:(activity|share|ugcPost):[0-9]+,[0-9]+\)$"}
ALT_TEXT = text(4086)
TITLE = text(400)  # of articles; that other media have the same limit is a guess

IMAGE = closed({"id": urn("image")}, {"altText": ALT_TEXT, "title": TITLE})
VIDEO = closed({"id": urn("video")}, {"title": TITLE})
DOCUMENT = closed({"id": urn("document"), "title": TITLE})


def _of_kind(kind: str, then: Schema, otherwise: Schema) -> Schema:
    return {"if": {"properties": {"id": {"pattern": f"^urn:li:{kind}:"}}}, "then": then, "else": otherwise}


MEDIA = _of_kind("document", DOCUMENT, _of_kind("video", VIDEO, IMAGE))
MULTI_IMAGE = closed(
    {
        "images": {
            "type": "array",
            "minItems": 2,
            "maxItems": 20,
            "items": closed({"id": urn("image")}, {"altText": ALT_TEXT}),
        }
    }
)
ARTICLE = closed(
    {"source": {"type": "string", "pattern": "^https?://[^ ]+$"}, "title": TITLE},
    {"description": text(4086, 0), "thumbnail": urn("image"), "thumbnailAltText": ALT_TEXT},
)
POLL = closed(
    {
        "question": text(140),
        "options": {"type": "array", "minItems": 2, "maxItems": 4, "items": closed({"text": text(30)})},
        "settings": closed(
            {"duration": {"enum": ["ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS"]}},
            {"voteSelectionType": {"enum": ["SINGLE_VOTE"]}, "isVoterVisibleToAuthor": BOOLEAN},
        ),
    }
)
CONTENT: Schema = closed(
    {}, {"media": MEDIA, "multiImage": MULTI_IMAGE, "article": ARTICLE, "poll": POLL}, minProperties=1, maxProperties=1
)
CREATE_POST = closed(
    {
        "author": ACTOR,
        "commentary": {"type": "string"},
        "visibility": {"enum": ["PUBLIC", "CONNECTIONS", "LOGGED_IN"]},
        "distribution": closed(
            {"feedDistribution": {"enum": ["MAIN_FEED"]}},
            {"targetEntities": NOTHING, "thirdPartyDistributionChannels": NOTHING},
        ),
        "lifecycleState": {"enum": ["PUBLISHED"]},
    },
    {"content": CONTENT, "isReshareDisabledByAuthor": BOOLEAN, "reshareContext": closed({"parent": POST})},
    dependentSchemas={"reshareContext": {"not": {"required": ["content"]}}},
)
CREATE_COMMENT = closed(
    {
        "actor": ACTOR,
        "object": urn("activity", "share", "ugcPost"),
        "message": closed({"text": text(1250)}, {"attributes": NOTHING}),
    },
    {"parentComment": COMMENT},
)
BEGIN_IMAGE = closed({"initializeUploadRequest": closed({"owner": ACTOR})})
BEGIN_DOCUMENT = BEGIN_IMAGE
BEGIN_VIDEO = closed(
    {
        "initializeUploadRequest": closed(
            {"owner": ACTOR, "fileSizeBytes": {"type": "integer", "minimum": 1, "maximum": 500_000_000}},
            {"uploadCaptions": {"const": False}, "uploadThumbnail": {"const": False}},
        )
    }
)
FINISH_VIDEO = closed(
    {
        "finalizeUploadRequest": closed(
            {
                "video": urn("video"),
                "uploadToken": {"type": "string"},
                "uploadedPartIds": {"type": "array", "minItems": 1, "items": text(4000)},
            }
        )
    }
)
_APP = {"client_id": text(200), "client_secret": text(200)}
TOKEN: Schema = {
    "if": {"type": "object", "properties": {"grant_type": {"const": "refresh_token"}}, "required": ["grant_type"]},
    "then": closed({"grant_type": {"const": "refresh_token"}, "refresh_token": text(4000), **_APP}),
    "else": closed(
        {"grant_type": {"const": "authorization_code"}, "code": text(4000), "redirect_uri": text(2000), **_APP}
    ),
}
REVOKE = closed({"token": text(4000), **_APP})
