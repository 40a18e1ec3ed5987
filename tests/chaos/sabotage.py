"""Punctual with one rule taken out, from outside: what the storm must notice.

no_fence            writes are not conditional on the fence
no_sending          no mark before the irreversible call
blind_retry         an unknown outcome is taken for "try again later"
trust_empty_search  a search that finds nothing is taken for a proof
attempt_key         the idempotency key belongs to the attempt
send_nothing        publishing says that it was done, and does nothing
told_apart          what was told is noted after its events are appended, and not with them
records_skipped     a record of the stream is dropped now and then
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from punctual.deliveries import Deliveries, Delivery
from punctual.events.telling import Telling
from punctual.events.told import ToldOf
from punctual.providers import Providers
from punctual.providers.base import Grant, Outgoing, Provider, Published
from punctual.providers.outcomes import OutcomeUnknown, RetryLater
from punctual.tables import Table

_count = itertools.count()


class Unfenced(Deliveries):
    def claim(self, seen: Delivery, *given: Any, **changes: Any) -> Delivery:
        return super().claim(self._as_it_is(seen), *given, **changes)

    def write(self, held: Delivery, **changes: Any) -> Delivery:
        return super().write(self._as_it_is(held), **changes)

    def _as_it_is(self, seen: Delivery) -> Delivery:
        current = self.get(seen.post_id, seen.id) or seen
        return replace(seen, fence=current.fence, status=current.status, rev=current.rev, sending_at=current.sending_at)


class Unmarked(Deliveries):
    """The worker believes that it has written its mark."""

    def write(self, held: Delivery, **changes: Any) -> Delivery:
        marks = {name: changes[name] for name in ("sending_at", "first_sent_at", "first_sent_by") if name in changes}
        written = super().write(held, **{**changes, **dict.fromkeys(marks)})
        return replace(written, **marks)


class ToldApart(Telling):
    def _append(self, workspace_id: str, told: ToldOf, chunk: Any) -> None:
        latest = {step.told.subject: step.told for step in chunk}
        self._feed.append(workspace_id, [draft for step in chunk for draft in step.drafts])
        for each in latest.values():
            self._feed.append(workspace_id, [], [told.writing(each)])
            told.wrote(each)


class Skipping(Telling):
    def tell(self, changes: Sequence[Any], **more: Any) -> list[str]:
        return super().tell([each for each in changes if next(_count) % 50], **more)


class Changed:
    """The providers, each with its verbs changed by `change`."""

    def __init__(self, change: Callable[[Any], None], real: Providers):
        self._real = real
        self._change = change

    def get(self, provider_id: str) -> Provider:
        provider = self._real.get(provider_id)
        self._change(provider)
        return provider

    def ids(self) -> list[str]:
        return self._real.ids()


@dataclass(frozen=True)
class Sabotage:
    name: str = ""
    stores: Callable[[Table], Deliveries] = Deliveries
    change: Callable[[Any], None] | None = None
    telling: Callable[..., Telling] = Telling

    @property
    def is_about_events(self) -> bool:
        """As is none at all; what else breaks is seen without them, and sooner."""
        return not self.name or self.telling is not Telling

    def deliveries(self, table: Table) -> Deliveries:
        return self.stores(table)

    def providers(self, real: Providers) -> Any:
        return Changed(self.change, real) if self.change else real


def _blind_retry(provider: Any) -> None:
    provider.publish = partial(_publish_blindly, provider.publish)


def _publish_blindly(publish: Callable[..., Published], post: Outgoing, grant: Grant) -> Published:
    try:
        return publish(post, grant)
    except OutcomeUnknown as error:
        raise RetryLater(error.sentence, code=error.code, status=error.status) from error


def _trust_empty_search(provider: Any) -> None:
    is_proof = provider.absence_is_proof
    provider.absence_is_proof = lambda post: (
        is_proof(post)
        or post.settings.protection
        in (
            "search",
            "duplicate_rejection",
        )
    )


def _attempt_key(provider: Any) -> None:
    call = provider.call

    def called(*given: Any, headers: Mapping[str, str] | None = None, **more: Any) -> Any:
        sent = dict(headers or {})
        if "Idempotency-Key" in sent:
            sent["Idempotency-Key"] += f".{next(_count)}"
        return call(*given, headers=sent, **more)

    provider.call = called


def _send_nothing(provider: Any) -> None:
    def published(*_: Any) -> Published:
        return Published(platform_id=f"nothing-{next(_count)}", url="https://nothing.example/")

    provider.publish = published


HONEST = Sabotage()
ALL = {
    each.name: each
    for each in (
        Sabotage("no_fence", stores=Unfenced),
        Sabotage("no_sending", stores=Unmarked),
        Sabotage("blind_retry", change=_blind_retry),
        Sabotage("trust_empty_search", change=_trust_empty_search),
        Sabotage("attempt_key", change=_attempt_key),
        Sabotage("send_nothing", change=_send_nothing),
        Sabotage("told_apart", telling=ToldApart),
        Sabotage("records_skipped", telling=Skipping),
    )
}
