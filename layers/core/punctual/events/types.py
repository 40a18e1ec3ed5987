"""All types of events there are. A type is never renamed, and what its data holds only grows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from punctual.events.data import (
    CalendarData,
    ChannelData,
    DeliveryData,
    GoneDeliveryData,
    GonePostData,
    KeyData,
    MediaData,
    PartData,
    PostData,
    RiskyPostData,
    WebhookData,
    WorkspaceData,
)


@dataclass(frozen=True, kw_only=True)
class EventType:
    name: str
    description: str
    """One sentence or two, for users."""
    data: type
    """A TypedDict."""


_TAKEN: Mapping[type, Mapping[str, str]] = {
    PostData: {
        "post.drafted": "A post is a draft now: it was written as one, or its time was taken away.",
        "post.scheduled": "A post is to go out at its time.",
        "post.updated": "A post was edited, and its status is what it was.",
        "post.publishing": "The first of a post's deliveries is being published.",
        "post.completed": "A post went out on all its channels.",
        "post.partial": "A post went out, but not on all its channels, or not whole.",
        "post.unconfirmed": "A post may have gone out, and the platform does not say.",
        "post.held": "A post waits for a channel that must be connected again.",
        "post.error": "A post was refused by the platform.",
        "post.missed": "A post could not go out while it was still wanted; nothing of it is live.",
        "post.cancelled": "A post was cancelled before it went out.",
        "post.risk_cleared": "What might have kept a post from going out was mended, as looking again has shown.",
    },
    RiskyPostData: {
        "post.at_risk": "Something may keep a post from going out, and there is time to mend it; or it is another "
        "thing now.",
    },
    GonePostData: {
        "post.deleted": "A post was deleted on request.",
        "post.expired": "A post that was over was deleted because it had been kept for its time.",
    },
    DeliveryData: {
        "delivery.drafted": "A delivery belongs to a draft.",
        "delivery.scheduled": "A delivery is to go out at its time, or is tried again.",
        "delivery.ready": "All that can be done before its time is done.",
        "delivery.publishing": "A delivery is being published.",
        "delivery.completed": "A delivery went out.",
        "delivery.error": "The platform refused a delivery; nothing is on the timeline.",
        "delivery.unconfirmed": "A delivery may be live: the platform does not say. It is looked for, and a person may "
        "resolve it.",
        "delivery.partial": "The first parts of a thread are live, and the rest will not follow by itself.",
        "delivery.held": "A delivery waits for its channel to be connected again.",
        "delivery.missed": "It got too late for a delivery; nothing is on the timeline.",
        "delivery.cancelled": "A delivery was cancelled before it went out.",
    },
    PartData: {
        "delivery.part_published": "A part of a delivery is live. The last part is told as `delivery.completed`.",
        "delivery.publication_deleted": "A part that was live was deleted on its platform, on request.",
    },
    GoneDeliveryData: {
        "delivery.removed": "An edit of its post took a delivery's channel away. Not told where the whole post went.",
    },
    ChannelData: {
        "channel.connected": "An account was connected for the first time.",
        "channel.reconnected": "An account was connected again.",
        "channel.disconnected": "A channel works no more: its grant ended, or it was disconnected on request.",
        "channel.token_expiring": "A channel must be connected again soon.",
        "channel.updated": "A channel's settings were changed, or its health: a permission is missing, or its grant "
        "cannot be renewed, or can be again.",
        "channel.deleted": "A channel was deleted.",
    },
    MediaData: {
        "media.created": "A file was announced, to be uploaded or imported.",
        "media.ready": "A file can be published.",
        "media.refused": "A file is none that can be published, or it did not come.",
        "media.updated": "A file's name or alternative text was changed.",
        "media.expired": "A file that no post had needed for long was deleted.",
        "media.deleted": "A file was deleted on request.",
    },
    WorkspaceData: {
        "workspace.paused": "Publishing is paused for the workspace. A pause of the whole stack is not told.",
        "workspace.resumed": "Publishing goes on.",
    },
    CalendarData: {
        "calendar.created": "A calendar feed was made.",
        "calendar.revoked": "A calendar feed was revoked.",
    },
    KeyData: {
        "key.created": "An API key was made, by itself or to take another's place.",
        "key.rotated": "Another API key takes this one's place, which works until `expires_at`.",
        "key.revoked": "An API key was revoked, and works no more.",
    },
    WebhookData: {
        "webhook.created": "A webhook was made.",
        "webhook.updated": "A webhook was changed.",
        "webhook.enabled": "A webhook that was disabled is sent to again.",
        "webhook.disabled": "A webhook is sent to no more: its `reason` says why.",
        "webhook.secret_rotated": "A webhook has a new secret.",
        "webhook.deleted": "A webhook was deleted.",
        "webhook.test": "Sent when asked for, to its webhook only: no feed has it.",
    },
}


def _all() -> Iterator[EventType]:
    for data, types in _TAKEN.items():
        for name, description in types.items():
            yield EventType(name=name, description=description, data=data)


EVENT_TYPES: Mapping[str, EventType] = {each.name: each for each in _all()}
NEVER_IN_FEED = frozenset({"webhook.test"})
