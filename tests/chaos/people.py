"""What people ask of Punctual during a storm: all through the API's own parts, in processes that may die as well."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx

from punctual.channels import Channel
from punctual.clock import to_text
from punctual.connecting import wanted
from punctual.drafts import NewPost, PostChange
from punctual.problems import Problem
from tests.chaos.hosts import Host
from tests.chaos.ledger import Name
from tests.chaos.scripts import script
from tests.chaos.town import BASE, Town
from tests.sandbox_bridge import callback_query, consent

PROTECTIONS = ("key", "chosen_id", "handle", "duplicate_rejection", "search", "none")
_LIFETIMES = ("150", "300", "600", "86400")
_PATIENCE = (14_400, 14_400, 14_400, 14_400, 3600, 600, 60, 0)
COMMENT = 9
"""The number of a first comment among the parts, wherever it comes."""
EDITS = ("text", "time", "thread", "targets", "draft", "comment")


@dataclass
class Asked:
    """One post as its author has it in mind."""

    serial: int
    workspace_id: str
    channels: list[Channel]
    due_at: datetime
    post_id: str = ""
    edit: int = 0
    text: str = ""
    """Of a post that says the very same as another one; it is never edited."""


@dataclass
class People:
    town: Town
    eagerness: float = 0.35
    """How likely a part's text asks the sandbox for a failure."""
    workspaces: list[str] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def connect(self, workspace_id: str, handle: str, host: Host, lifetime: str = "") -> Channel | None:
        sending = host.connecting.authorize("sandbox", self._ticket(host, workspace_id), None)
        lifetime = lifetime or self.town.rng.choice(_LIFETIMES)
        with httpx.Client(transport=httpx.MockTransport(self.town.wires.directly)) as browser:
            back = consent(browser, sending.url, handle=handle, lifetime=lifetime)
        ending = host.connecting.callback("sandbox", callback_query(back), sending.browser)
        for channel in ending.channels:
            self.town.ledger.handles[channel.id] = handle
            self.town.ledger.note(f"connected {handle} until {lifetime} s", channel.id)
        return ending.channels[0] if ending.channels else None

    def write(self, asked: Asked, host: Host, *, now: bool = False, draft: bool = False) -> None:
        """A new post, whatever becomes of the answer."""
        ledger = self.town.ledger
        wanted = self._draft(asked)
        wanted |= {"schedule": "now"} if now else {"draft": True} if draft else {"scheduled_at": to_text(asked.due_at)}
        ledger.note(f"writes ~{asked.serial}~ {'now' if now else 'draft' if draft else to_text(asked.due_at)}")
        written = host.writing.create(asked.workspace_id, NewPost.model_validate(wanted))
        asked.post_id = written.post.id
        ledger.accepted[written.post.id] = asked.serial
        ledger.note(f"accepted ~{asked.serial}~", written.post.id)

    def change(self, asked: Asked, kind: str, host: Host) -> None:
        asked.edit += 1
        self.town.ledger.note(f"edits the {kind}", asked.post_id)
        change = PostChange.model_validate(self._change(asked, kind))
        host.writing.edit(asked.workspace_id, asked.post_id, change)
        self.town.ledger.note(f"edited the {kind}", asked.post_id)

    def cancel(self, asked: Asked, host: Host) -> None:
        self.town.ledger.mark(asked.post_id, "cancel")
        self.town.ledger.note("cancels", asked.post_id)
        host.writing.cancel(asked.workspace_id, asked.post_id)
        self.town.ledger.note("cancelled", asked.post_id)

    def delete(self, asked: Asked, host: Host) -> None:
        self.town.ledger.mark(asked.post_id, "deleted")
        host.writing.delete(asked.workspace_id, asked.post_id)
        self.town.ledger.note("deleted", asked.post_id)

    def publish(self, asked: Asked, host: Host) -> None:
        self.town.ledger.note("publishes now", asked.post_id)
        host.writing.publish(asked.workspace_id, asked.post_id)

    def safely(self, what: Callable[[Host], Any]) -> Callable[[Host], None]:
        """What goes wrong is told to the user, who may not know what came of it."""

        def done(host: Host) -> None:
            try:
                what(host)
            except Problem as problem:
                self.town.ledger.note(f"user is told {problem.code}")
            except Exception as fault:  # noqa: BLE001 - a 500
                self.town.ledger.note(f"user is told 500: {type(fault).__name__}")

        return done

    def ask(self, what: Callable[..., Any], *given: Any, seconds: float = 0.0, about: str = "") -> None:
        self.town.request(self.safely(partial(what, *given)), about, seconds)

    def new(self, channels: list[Channel], due_in: float, *, text: str = "", serial: int = 0) -> Asked:
        asked = Asked(
            serial=serial or len(self.asked) + 1,
            workspace_id=channels[0].workspace_id,
            channels=channels,
            due_at=self.town.stage.now() + timedelta(seconds=due_in),
            text=text,
        )
        self.asked.append(asked)
        self.town.ledger.owners[asked.serial] += 1
        return asked

    def words(self, asked: Asked, part: int) -> str:
        return f"{Name(asked.serial, asked.edit, part)} {script(self.town.rng, self.eagerness)}"

    def _ticket(self, host: Host, workspace_id: str) -> str:
        started = host.connecting.start(workspace_id, "sandbox", wanted({}), BASE)
        return started.authorization_url.partition("ticket=")[2]

    def _draft(self, asked: Asked) -> dict[str, Any]:
        rng = self.town.rng
        parts = 0 if asked.text else rng.choice((0, 0, 0, 0, 0, 1, 2, 3))
        found: dict[str, Any] = {
            "text": asked.text or self.words(asked, 0),
            "targets": [self._target(channel) for channel in asked.channels],
            "allow_duplicate": True,
            "max_delay_seconds": rng.choice(_PATIENCE),
            "thread": [self._part(asked, part + 1) for part in range(parts)],
        }
        if not asked.text and rng.random() < 0.1:
            found["first_comment"] = self._part(asked, COMMENT)
        return found

    def _change(self, asked: Asked, kind: str) -> dict[str, Any]:
        rng, now = self.town.rng, self.town.stage.now()
        match kind:
            case "time":
                return {"scheduled_at": to_text(now + timedelta(seconds=rng.uniform(5, 900)))}
            case "thread":
                return {"thread": [self._part(asked, part + 1) for part in range(rng.choice((0, 1, 2)))]}
            case "comment":
                return {"thread": None, "first_comment": self._part(asked, COMMENT)}
            case "targets":
                mine = [each for each in self.channels if each.workspace_id == asked.workspace_id]
                asked.channels = rng.sample(mine, rng.randint(1, min(3, len(mine))))
                return {"targets": [self._target(channel) for channel in asked.channels]}
            case "draft":
                return {"scheduled_at": None}
        return {"text": self.words(asked, 0)}

    def _target(self, channel: Channel) -> dict[str, Any]:
        protection = self.town.rng.choice(PROTECTIONS)
        settings: dict[str, Any] = {"protection": protection}
        if protection == "handle" and self.town.rng.random() < 0.2:
            settings["processing_seconds"] = self.town.rng.choice((5, 40, 200))
        return {"channel_id": channel.id, "settings": settings}

    def _part(self, asked: Asked, part: int) -> dict[str, Any]:
        return {"text": self.words(asked, part), "delay_seconds": self.town.rng.choice((0, 0, 0, 5, 90))}
