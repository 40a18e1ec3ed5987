"""From what a client wrote to what each channel would get, with every rule that it breaks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from punctual.channels import Channel, Channels
from punctual.parts import FollowUp
from punctual.posts import Target
from punctual.problems import Fault
from punctual.providers import Providers, UnknownProvider
from punctual.providers.base import Account, Provider
from punctual.validation import faults


@dataclass(frozen=True, kw_only=True)
class Composed:
    """One delivery's content, checked."""

    channel: Channel
    text: str = field(repr=False)
    settings: dict[str, Any] = field(repr=False)
    lead_seconds: int


@dataclass(frozen=True, kw_only=True)
class Content:
    """What all targets of a post share."""

    text: str | None = field(repr=False)
    follow_ups: tuple[FollowUp, ...] = ()


class Composing:
    def __init__(self, channels: Channels, providers: Providers):
        self._channels = channels
        self._providers = providers

    def compose(
        self, workspace_id: str, content: Content, targets: Sequence[Target]
    ) -> tuple[list[Composed], list[Fault]]:
        """What can be made of it for each target, and all faults of the rest."""
        parts: list[Composed] = []
        found: list[Fault] = []
        seen: set[str] = set()
        for place, target in enumerate(targets):
            pointer = f"/targets/{place}"
            if target.channel_id in seen:
                message = "This channel is named twice."
                found.append(Fault(param=f"{pointer}/channel_id", rule="target.unique", message=message))
                continue
            seen.add(target.channel_id)
            part, wrong = self._part(workspace_id, content, target, pointer)
            found += wrong
            if part:
                parts.append(part)
        return parts, list(dict.fromkeys(found))  # targets share their thread, and so its faults

    def _part(
        self, workspace_id: str, content: Content, target: Target, pointer: str
    ) -> tuple[Composed | None, list[Fault]]:
        channel = self._channels.get(workspace_id, target.channel_id)
        if channel is None:
            message = "The workspace has no such channel."
            return None, [Fault(param=f"{pointer}/channel_id", rule="channel.exists", message=message)]
        try:
            provider = self._providers.get(channel.provider)
        except UnknownProvider:
            message = "This channel's provider is not available any more."
            return None, [Fault(param=f"{pointer}/channel_id", rule="provider.available", message=message)]
        own = target.text if target.text is not None else content.text
        if own is None:
            message = "Neither the post nor this target has a text."
            return None, [Fault(param=f"{pointer}/text", rule="text.required", message=message)]
        try:
            settings = provider.spec.settings.model_validate(target.settings)
        except ValidationError as error:
            return None, faults(error, f"{pointer}/settings")
        violations = provider.check(own, settings, channel.account)
        wrong = [Fault(param=f"{pointer}/{v.field}", rule=v.rule, message=v.message) for v in violations]
        wrong += _thread_faults(provider, content, settings, channel.account)
        if wrong:
            return None, wrong
        kept = settings.model_dump(mode="json", exclude_unset=True)
        lead_seconds = provider.lead_seconds(own, settings)
        return Composed(channel=channel, text=own, settings=kept, lead_seconds=lead_seconds), []


def _thread_faults(provider: Provider, content: Content, settings: Any, account: Account) -> list[Fault]:
    """What the platform has against the parts after the first; named as the post has them, not the target."""
    spec, found = provider.spec, []
    replies = [each for each in content.follow_ups if each.kind == "thread"]
    if len(replies) >= spec.max_parts and replies:
        message = f"{spec.name} takes threads of at most {spec.max_parts}; this one has {len(replies) + 1} posts."
        message = message if spec.max_parts > 1 else f"{spec.name} has no threads."
        found.append(Fault(param="/thread", rule=f"{spec.id}.thread.max_parts", message=message))
    if len(replies) < len(content.follow_ups) and not spec.comments:
        message = f"{spec.name} has no first comments."
        found.append(Fault(param="/first_comment", rule=f"{spec.id}.first_comment.unsupported", message=message))
    for place, part in enumerate(content.follow_ups):
        pointer = f"/thread/{place}" if part.kind == "thread" else "/first_comment"
        broken = [each for each in provider.check(part.text, settings, account) if each.field == "text"]
        found += [Fault(param=f"{pointer}/text", rule=each.rule, message=each.message) for each in broken]
    return found
