"""From what a client wrote to what each channel would get, with every rule that it breaks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from punctual.channels import Channel, Channels
from punctual.posts import Target
from punctual.problems import Fault
from punctual.providers import Providers, UnknownProvider
from punctual.validation import faults


@dataclass(frozen=True, kw_only=True)
class Part:
    """One delivery's content, checked."""

    channel: Channel
    text: str = field(repr=False)
    settings: dict[str, Any] = field(repr=False)
    lead_seconds: int


class Composing:
    def __init__(self, channels: Channels, providers: Providers):
        self._channels = channels
        self._providers = providers

    def compose(self, workspace_id: str, text: str | None, targets: Sequence[Target]) -> tuple[list[Part], list[Fault]]:
        """The parts that can be made, and all faults of the rest."""
        parts: list[Part] = []
        found: list[Fault] = []
        seen: set[str] = set()
        for place, target in enumerate(targets):
            pointer = f"/targets/{place}"
            if target.channel_id in seen:
                message = "This channel is named twice."
                found.append(Fault(param=f"{pointer}/channel_id", rule="target.unique", message=message))
                continue
            seen.add(target.channel_id)
            part, wrong = self._part(workspace_id, text, target, pointer)
            found += wrong
            if part:
                parts.append(part)
        return parts, found

    def _part(
        self, workspace_id: str, text: str | None, target: Target, pointer: str
    ) -> tuple[Part | None, list[Fault]]:
        channel = self._channels.get(workspace_id, target.channel_id)
        if channel is None:
            message = "The workspace has no such channel."
            return None, [Fault(param=f"{pointer}/channel_id", rule="channel.exists", message=message)]
        try:
            provider = self._providers.get(channel.provider)
        except UnknownProvider:
            message = "This channel's provider is not available any more."
            return None, [Fault(param=f"{pointer}/channel_id", rule="provider.available", message=message)]
        own = target.text if target.text is not None else text
        if own is None:
            message = "Neither the post nor this target has a text."
            return None, [Fault(param=f"{pointer}/text", rule="text.required", message=message)]
        try:
            settings = provider.spec.settings.model_validate(target.settings)
        except ValidationError as error:
            return None, faults(error, f"{pointer}/settings")
        violations = provider.check(own, settings, channel.account)
        if violations:
            return None, [Fault(param=f"{pointer}/{v.field}", rule=v.rule, message=v.message) for v in violations]
        kept = settings.model_dump(mode="json", exclude_unset=True)
        return Part(channel=channel, text=own, settings=kept, lead_seconds=provider.spec.lead_seconds), []
