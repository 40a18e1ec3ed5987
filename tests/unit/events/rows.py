"""Rows of the work table, as their stores write them, with a marked secret wherever a person may have written one."""

from datetime import UTC, datetime
from typing import Any

from punctual import channels, deliveries, posts, workspaces
from punctual.channels import Channel
from punctual.deliveries import Delivery
from punctual.media import library
from punctual.media.facts import Facts
from punctual.media.library import Media, Refusal
from punctual.media.wanting import Attached, Wanted
from punctual.parts import FollowUp, LivePart
from punctual.posts import AtRisk, Post, Target, Variation
from punctual.providers.base import Account
from punctual.states import DeliveryStatus, PostStatus
from punctual.stored import Stored
from punctual.tables import Item
from punctual.workspaces import Workspace

SECRET = "marked_as_secret"
AT = datetime(2027, 1, 31, 9, tzinfo=UTC)
_ULID = "01K0000000000000000000000"
WORKSPACE, POST, CHANNEL = f"ws_{_ULID}A", f"post_{_ULID}A", f"chn_{_ULID}A"
DELIVERY, MEDIA, CALENDAR = f"dlv_{_ULID}A", f"med_{_ULID}A", f"cal_{_ULID}A"
MARK = f"key_{_ULID}A/request/1"

_VARIATION: dict[str, Any] = {"text": SECRET, "settings": {"secret": SECRET}}
_FOLLOW_UP = FollowUp(kind="thread", text=SECRET)
_WANTED = Wanted(id=MEDIA, alt_text=SECRET)
_CHANNELS, _MEDIA_ROWS, _WORKSPACES = Stored(Channel), Stored(Media), Stored(Workspace)


def post(status: str = "SCHEDULED", *, rev: int = 1, risks: tuple[str, ...] = (), **more: Any) -> Item:
    found = Post(
        id=POST,
        workspace_id=WORKSPACE,
        status=PostStatus(status),
        text=SECRET,
        targets=(Target(channel_id=CHANNEL, **_VARIATION),),
        created_at=AT,
        updated_at=AT,
        due_at=AT,
        thread=(_FOLLOW_UP,),
        first_comment=_FOLLOW_UP,
        media=(_WANTED,),
        overrides={"sandbox": Variation(**_VARIATION)},
        labels=(SECRET,),
        external_id="order-1",
        metadata={"secret": SECRET},
        providers=("sandbox",),
        rev=rev,
        at_risk=tuple(AtRisk(delivery_id=DELIVERY, channel_id=CHANNEL, code=code, message=SECRET) for code in risks),
    )
    return {**posts.as_item(found), **more}


def delivery(
    status: str = "SCHEDULED", *, live: int = 0, deleted: tuple[int, ...] = (), rev: int = 1, **more: Any
) -> Item:
    parts = tuple(
        LivePart(
            platform_id=f"platform-{place}",
            url=SECRET,
            live_at=AT,
            extra={"secret": SECRET},
            deleted_at=AT if place in deleted else None,
        )
        for place in range(live)
    )
    found = Delivery(
        id=DELIVERY,
        post_id=POST,
        workspace_id=WORKSPACE,
        channel_id=CHANNEL,
        provider="sandbox",
        status=DeliveryStatus(status),
        rev=rev,
        due_at=AT,
        max_delay_seconds=60,
        text=SECRET,
        settings={"secret": SECRET},
        attached=(Attached(media_id=MEDIA, alt_text=SECRET),),
        follow_ups=(_FOLLOW_UP, _FOLLOW_UP),
        live=parts,
        prepared={"secret": SECRET},
        fingerprint=SECRET,
        platform_id="platform-0" if live else None,
        url=SECRET if live else None,
        lateness_ms=12 if live else None,
        completed_at=AT if status == "COMPLETED" else None,
        error={"code": "rejected", "message": SECRET, "cause": {"message": SECRET}} if status == "ERROR" else None,
    )
    return {**deliveries.as_item(found), **more}


def channel(status: Any = "active", *, grant_id: str | None = "grt_1", **more: Any) -> Item:
    found = Channel(
        id=CHANNEL,
        workspace_id=WORKSPACE,
        provider="sandbox",
        account=Account(id=SECRET, handle=SECRET, name=SECRET, url=SECRET, server=SECRET),
        status=status,
        created_at=AT,
        updated_at=AT,
        grant_id=grant_id,
        external_id="customer-1",
        status_reason=None if status == "active" else "grant_revoked",
        grant_ends_at=AT,
    )
    return {**channels.key(WORKSPACE, CHANNEL), **_CHANNELS.item(found), **more}


def media(status: Any = "uploading", *, updated_at: datetime = AT, **more: Any) -> Item:
    found = Media(
        id=MEDIA,
        workspace_id=WORKSPACE,
        status=status,
        created_at=AT,
        updated_at=updated_at,
        file_name=SECRET,
        alt_text=SECRET,
        declared_type=SECRET,
        declared_bytes=None if status == "importing" else 3,
        source_url=SECRET,
        upload_id=SECRET,
        facts=Facts(kind="image", type="image/png", bytes=3, sha256=SECRET) if status == "ready" else None,
        refusal=Refusal(code="empty", message=SECRET) if status == "refused" else None,
    )
    return {**library.key(WORKSPACE, MEDIA), **_MEDIA_ROWS.item(found), **more}


def workspace(**more: Any) -> Item:
    found = Workspace(id=WORKSPACE, name=SECRET, created_at=AT, return_urls=(SECRET,))
    return {**workspaces.key(WORKSPACE), **_WORKSPACES.item(found), **more}


def calendar(**more: Any) -> Item:
    key = {"pk": WORKSPACE, "sk": f"calendar#{CALENDAR}"}
    return {**key, "id": CALENDAR, "workspace_id": WORKSPACE, "secret_hash": SECRET, "name": SECRET, **more}
