"""A long text as a thread that every named channel takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from punctual.channels import Channels
from punctual.composing import usual_settings
from punctual.problems import Fault, Invalid
from punctual.providers import Providers, UnknownProvider
from punctual.providers.base import Account, Provider

Numbering: TypeAlias = Literal["1/n"]

_NOBODY = Account(id="", handle="")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the parts are to fit. Without a channel: as the platform itself says."""

    provider: Provider
    account: Account = _NOBODY
    channel_id: str | None = None

    @property
    def max_length(self) -> int:
        return self.provider.max_text(self.account)

    def takes(self, text: str) -> bool:
        broken = self.provider.check(text, usual_settings(self.provider), self.account)
        return not any(each.field == "text" for each in broken)

    def length(self, text: str) -> int:
        return self.provider.length(text, usual_settings(self.provider), self.account)


@dataclass(frozen=True, kw_only=True)
class Split:
    parts: Sequence[str] = field(repr=False)
    places: Sequence[Place]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    text: str = field(repr=False)
    channel_ids: Sequence[str] = ()
    providers: Sequence[str] = ()
    numbering: Numbering | None = None
    language: str = "en"


class Splitting:
    def __init__(self, channels: Channels, providers: Providers):
        self._channels = channels
        self._providers = providers

    def split(self, workspace_id: str, wanted: Wanted) -> Split:
        """Raises Invalid."""
        from punctual.cutting import Cutter  # with `regex` and its patterns: nothing else here needs them

        channels = [self._channel(workspace_id, place, name) for place, name in enumerate(wanted.channel_ids)]
        found = [*channels, *(self._provider(place, name) for place, name in enumerate(wanted.providers))]
        places = [each for each in found if isinstance(each, Place)]
        if wrong := [each for each in found if isinstance(each, Fault)]:
            raise Invalid(wrong)
        cutter = Cutter(
            fits=lambda text: all(place.takes(text) for place in places),
            max_parts=min(place.provider.spec.max_parts for place in places),
            is_numbered=wanted.numbering is not None,
            language=wanted.language,
        )
        return Split(parts=cutter.cut(wanted.text), places=places)

    def _channel(self, workspace_id: str, place: int, channel_id: str) -> Place | Fault:
        channel = self._channels.get(workspace_id, channel_id)
        pointer = f"/channel_ids/{place}"
        if channel is None:
            return Fault(param=pointer, rule="channel.exists", message="The workspace has no such channel.")
        try:
            provider = self._providers.get(channel.provider)
        except UnknownProvider:
            message = "This channel's provider is not available any more."
            return Fault(param=pointer, rule="provider.available", message=message)
        return Place(provider=provider, account=channel.account, channel_id=channel.id)

    def _provider(self, place: int, name: str) -> Place | Fault:
        try:
            return Place(provider=self._providers.get(name))
        except UnknownProvider:
            message = "There is no such provider; GET /v1/providers lists them."
            return Fault(param=f"/providers/{place}", rule="provider.exists", message=message)
