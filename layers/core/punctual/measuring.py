"""How long each part of what a channel would get is, as its platform counts."""

from collections.abc import Iterator
from dataclasses import dataclass

from punctual.attaching import Carried
from punctual.composing import Composed
from punctual.parts import FollowUp
from punctual.providers.base import Cost


@dataclass(frozen=True, kw_only=True)
class Measured:
    part: FollowUp
    length: int
    max_length: int
    counted_in: str
    carried: tuple[Carried, ...] = ()
    """What its media would be."""
    cost: Cost | None = None
    """What the platform asks for it."""


def all_parts(composed: Composed) -> tuple[FollowUp, ...]:
    """In the order in which they go out."""
    return (FollowUp(kind="post", text=composed.text), *composed.follow_ups)


def measured(composed: Composed) -> Iterator[Measured]:
    """Nothing where the platform needs settings to count, and those given are wrong."""
    provider, account = composed.provider, composed.channel.account
    if composed.checked is None:
        return
    for part, carried in zip(all_parts(composed), composed.carried, strict=True):
        length = provider.length(part.text, composed.checked, account)
        limit = provider.max_text(account, part.kind)
        counted_in = provider.spec.counted_in
        yield Measured(
            part=part,
            length=length,
            max_length=limit,
            counted_in=counted_in,
            carried=carried,
            cost=provider.cost(part.text, composed.checked, account, part.kind),
        )
