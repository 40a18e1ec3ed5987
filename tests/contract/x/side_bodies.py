"""What the contract allows in bodies and queries: specs/x/openapi.json, version 2.167, written out by hand."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx
import regex

from tests.contract.multipart import parts_of
from tests.contract.x.side_answers import invalid, refuse

ID = "^[0-9]{1,19}$"
WHO_REPLIES = ("following", "mentionedUsers", "subscribers", "verified")
Complaint: TypeAlias = tuple[str, Any, str]


@dataclass(frozen=True)
class Rule:
    """Of one value. `fields`: of an object; what it does not name is refused unless `is_open`."""

    type: str
    pattern: str = ""
    among: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    of: "Rule | None" = None
    fields: Mapping[str, "Rule"] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    is_open: bool = False

    def complaints(self, at: str, value: Any) -> Iterator[Complaint]:
        if kind(value) != self.type:
            yield at, value, f"{at}: {kind(value)} found, {self.type} expected"
        elif self.type == "object":
            yield from self._of_fields(at, value)
        else:
            yield from self._of_value(at, value)

    def _of_fields(self, at: str, value: dict[str, Any]) -> Iterator[Complaint]:
        for name in self.required:
            if name not in value:
                yield f"{at}.{name}", "", f"{at}.{name}: is missing but it is required"
        for name, each in value.items():
            if name in self.fields:
                yield from self.fields[name].complaints(f"{at}.{name}", each)
            elif not self.is_open:
                undefined = "is not defined in the schema and the schema does not allow additional properties"
                yield f"{at}.{name}", each, f"{at}.{name}: {undefined}"

    def _of_value(self, at: str, value: Any) -> Iterator[Complaint]:
        size = value if self.type == "integer" else len(value) if self.type in ("string", "array") else 0
        if self.least is not None and size < self.least:
            yield at, value, f"{at}: must be at least {self.least}"
        if self.most is not None and size > self.most:
            yield at, value, f"{at}: must be at most {self.most}"
        if self.pattern and not regex.search(self.pattern, value):
            yield at, value, f"{at}: does not match the regex pattern {self.pattern}"
        if self.among and value not in self.among:
            yield at, value, f"{at}: does not have a value in the enumeration {list(self.among)}"
        if self.of:
            for number, each in enumerate(value):
                yield from self.of.complaints(f"{at}[{number}]", each)


def kind(value: Any) -> str:
    names = {bool: "boolean", str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "null")


TEXT, FLAG, WHOLE, NUMBER = Rule("string"), Rule("boolean"), Rule("integer"), Rule("string", pattern=ID)
ANYTHING = Rule("object", is_open=True)


def shape(*required: str, **fields: Rule) -> Rule:
    return Rule("object", fields=fields, required=required)


def loose(*required: str, **fields: Rule) -> Rule:
    return Rule("object", fields=fields, required=required, is_open=True)


SITE = shape("url", url=TEXT)
POST = shape(
    text=TEXT,
    card_uri=TEXT,
    community_id=NUMBER,
    direct_message_deep_link=TEXT,
    edit_options=shape("previous_post_id", previous_post_id=NUMBER),
    for_super_followers_only=FLAG,
    geo=shape("place_id", place_id=TEXT),
    made_with_ai=FLAG,
    media=shape(
        "media_ids",
        media_ids=Rule("array", least=1, most=4, of=NUMBER),
        tagged_user_ids=Rule("array", most=10, of=NUMBER),
        preview_media_id=NUMBER,
        description=TEXT,
        title=TEXT,
        embeddable=FLAG,
        call_to_actions=shape(
            app_install=shape(app_store_id=TEXT, ipad_app_store_id=TEXT, play_store_id=TEXT),
            visit_site=SITE,
            watch_now=SITE,
        ),
    ),
    nullcast=FLAG,
    paid_partnership=FLAG,
    poll=shape(
        "options",
        "duration_minutes",
        options=Rule("array", least=2, most=4, of=Rule("string", least=1, most=25)),
        duration_minutes=Rule("integer", least=5, most=10080),
        reply_settings=Rule("string", among=WHO_REPLIES),
    ),
    quote_tweet_id=NUMBER,
    reply=shape(
        "in_reply_to_tweet_id",
        in_reply_to_tweet_id=NUMBER,
        exclude_reply_user_ids=Rule("array", of=TEXT),
        auto_populate_reply_metadata=FLAG,
    ),
    reply_settings=Rule("string", among=WHO_REPLIES),
    share_with_followers=FLAG,
)
TYPES = (
    "video/mp4 video/webm video/mp2t video/quicktime text/srt text/vtt image/jpeg image/gif image/bmp image/png"
    " image/webp image/pjpeg image/tiff model/gltf-binary model/vnd.usdz+zip"
)
CATEGORIES = ("tweet_image", "tweet_video", "tweet_gif", "dm_image", "dm_video", "dm_gif", "subtitles")
BEGINNING = shape(
    additional_owners=Rule("array", of=NUMBER),
    media_category=Rule("string", among=("amplify_video", *CATEGORIES)),
    media_type=Rule("string", among=tuple(TYPES.split())),
    shared=FLAG,
    total_bytes=Rule("integer", least=0, most=17179869184),
)
UPLOAD = shape(
    "media", "media_category", media=TEXT, media_category=Rule("string", among=CATEGORIES), additional_owners=TEXT
)
SEGMENT = shape("media", "segment_index", media=TEXT, segment_index=Rule("integer", least=0, most=999))
METADATA = loose(
    "id",
    id=NUMBER,
    metadata=loose(
        alt_text=loose("text", text=Rule("string", most=1000)),
        allow_download_status=loose(allow_download=FLAG),
        sensitive_media_warning=ANYTHING,
        management_info=loose("managed", managed=FLAG),
        shared_info=loose("shared", shared=FLAG),
        upload_source=loose("upload_source", upload_source=TEXT),
    ),
)


def json_of(request: httpx.Request, rule: Rule) -> dict[str, Any]:
    if request.url.query:
        refuse([(name, value, f"The query parameter [{name}] is not one of []") for name, value in _query(request)])
    if request.headers.get("Content-Type", "").split(";")[0].strip() != "application/json":
        raise invalid(("Content-Type", request.headers.get("Content-Type", ""), "application/json expected"))
    try:
        sent = json.loads(request.content.decode("utf-8"))
    except ValueError:
        raise invalid(("body", "", "Invalid JSON")) from None
    refuse(list(rule.complaints("$", sent)))
    return sent


def form_of(request: httpx.Request, rule: Rule) -> dict[str, Any]:
    """Of several parts, or the same as JSON; `media` is kept as it came."""
    if request.headers.get("Content-Type", "").startswith("application/json"):
        return json_of(request, rule)
    if not request.headers.get("Content-Type", "").startswith("multipart/form-data"):
        raise invalid(("Content-Type", request.headers.get("Content-Type", ""), "multipart/form-data expected"))
    try:
        sent = {part.name: part.data for part in parts_of(request)}
    except ValueError:
        raise invalid(("body", "", "no multipart body")) from None
    named = {name: _read(name, value, rule) for name, value in sent.items()}
    refuse(list(rule.complaints("$", {**named, **({"media": ""} if "media" in named else {})})))
    return named


def _read(name: str, value: bytes, rule: Rule) -> Any:
    if name == "media":
        return value
    text = value.decode("utf-8", "replace")
    wanted = rule.fields.get(name, TEXT)
    return int(text) if wanted.type == "integer" and text.isdecimal() else text


def _query(request: httpx.Request) -> list[tuple[str, str]]:
    return list(request.url.params.multi_items())


def query_of(request: httpx.Request, rules: Mapping[str, Rule], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """By name; lists are split at commas, and hold nothing twice."""
    sent, complaints = _query(request), list[Complaint]()
    gone = [each for each in required if each not in dict(sent)]
    complaints += [(each, "", f"The `{each}` query parameter can not be empty") for each in gone]
    found: dict[str, Any] = {}
    for name, text in sent:
        rule = rules.get(name)
        if rule is None or name in found:
            complaints.append((name, text, f"The query parameter [{name}] is not one of [{','.join(rules)}]"))
            continue
        value = text.split(",") if rule.type == "array" else text
        found[name] = int(text) if rule.type == "integer" and text.isdecimal() else value
        complaints += rule.complaints(name, found[name])
        if isinstance(value, list) and len(set(value)) < len(value):
            complaints.append((name, text, f"{name}: the items in the array must be unique"))
    refuse(complaints)
    return found


def listed(*names: str) -> Rule:
    return Rule("array", least=1, of=Rule("string", among=names))
