"""People who look after the stack: reconnect what died, retry and resolve, pause for a while, lose a channel."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from random import Random

from punctual.channels import Channel, Channels
from punctual.deliveries import Delivery
from punctual.resolving import Resolution
from punctual.states import DeliveryStatus
from punctual.tables import Table
from tests.chaos import invariants
from tests.chaos.hosts import Host
from tests.chaos.people import People
from tests.chaos.restoring import Restoring
from tests.chaos.stage import Process

_SURE_AFTER = timedelta(seconds=150)
RETRIABLE = (DeliveryStatus.ERROR, DeliveryStatus.MISSED, DeliveryStatus.PARTIAL)


@dataclass
class Tending:
    people: People
    restoring: Restoring

    def __post_init__(self) -> None:
        self.town = self.people.town
        self.process = Process("tending")
        self.is_over = False
        self._channels = Channels(Table(self.town.dynamodb, "WorkTable"), self.town.stage.now)

    def begin(self, rng: Random, seconds: float) -> None:
        self.rng = rng
        stage = self.town.stage
        stage.every(rng.uniform(40, 150), self.reconnect, self.process)
        if rng.random() < 0.5:
            stage.every(rng.uniform(60, 300), self._settle, self.process)
        while rng.random() < 0.3:
            workspace_id = rng.choice((*self.people.workspaces, ""))
            at, lasts = rng.uniform(0, seconds), rng.uniform(30, 500)
            self.people.ask(self.pause, workspace_id, seconds=at)
            self.people.ask(self.resume, workspace_id, seconds=at + lasts)
        if rng.random() < 0.1 and not self.restoring.begins_at:
            self.people.ask(self._disconnect, rng.choice(self.people.channels), seconds=rng.uniform(300, seconds))

    def mend(self) -> None:
        """Nothing stays paused, not even by someone whose request was on its way."""
        self.is_over = True
        for workspace_id in (*self.people.workspaces, ""):
            self.people.ask(self.resume, workspace_id)

    def reconnect(self) -> None:
        for workspace_id in self.people.workspaces:
            for channel in self._channels.of_workspace(workspace_id):
                if channel.status == "reconnect_required":
                    handle = self.town.ledger.handles[channel.id]
                    self.people.ask(self.people.connect, workspace_id, handle)

    def _settle(self) -> None:
        if self.restoring.holds(self.town.stage.now()):
            return
        for delivery in invariants.deliveries(self.town):
            if delivery.status in RETRIABLE and self.rng.random() < 0.3:
                self.people.ask(self.retry, delivery, about=delivery.id)
            elif delivery.status is DeliveryStatus.UNCONFIRMED and self.rng.random() < 0.5:
                self.resolve(delivery)

    def retry(self, delivery: Delivery, host: Host) -> None:
        self.town.ledger.note("retries", delivery.id)
        host.resolving.retry(delivery.workspace_id, delivery.post_id, delivery.id)

    def resolve(self, delivery: Delivery) -> None:
        """As somebody who looks at the account does, once nothing can be on its way any more."""
        sent_at = delivery.sending_at
        serial = invariants.serial_of(delivery)
        is_early = sent_at is None or self.town.stage.now() - sent_at < _SURE_AFTER
        if is_early or self.town.ledger.owners[serial] > 1 or self.town.wires.in_flight.get(delivery.id):
            return
        found = Resolution(outcome="not_published")
        wanted = invariants.texts_of(delivery)[delivery.part]
        for shown in invariants.shown_of(self.town, delivery):
            if shown.text == wanted:
                if shown.visible_from > self.town.stage.now():
                    return
                found = replace(found, outcome="published", platform_id=shown.id, url="https://seen.example/")
        self.town.ledger.mark(delivery.id, "resolved")
        self.people.ask(partial(self._settled, delivery, found), about=delivery.id)

    def _settled(self, delivery: Delivery, found: Resolution, host: Host) -> None:
        self.town.ledger.note(f"resolves: {found.outcome}", delivery.id)
        host.resolving.resolve(delivery.workspace_id, delivery.post_id, delivery.id, found)

    def pause(self, workspace_id: str, host: Host) -> None:
        if self.is_over:
            return
        self.town.ledger.note(f"pauses {workspace_id or 'the stack'}", "")
        if workspace_id:
            host.pauses.pause(workspace_id)
        else:
            host.pauses.pause_stack()

    def resume(self, workspace_id: str, host: Host) -> None:
        self.town.ledger.note(f"resumes {workspace_id or 'the stack'}", "")
        if workspace_id:
            host.pauses.resume(workspace_id)
        else:
            host.pauses.resume_stack()

    def _disconnect(self, channel: Channel, host: Host) -> None:
        self.town.ledger.mark(channel.id, "deleted")
        self.town.ledger.note("deletes the channel", channel.id)
        current = host.channels.get(channel.workspace_id, channel.id)
        if current:
            host.disconnecting.disconnect(current, "cancel", host.now() + timedelta(seconds=15))
