"""For scenes with a few posts: a writer whose next post is as it was told."""

from dataclasses import dataclass
from typing import Any

from punctual.channels import Channel
from tests.chaos.ledger import Name
from tests.chaos.people import Asked, People


@dataclass
class Writer(People):
    """Whose next post is written as a rule says."""

    protection: str = "key"
    script: str = ""
    parts: int = 0
    patience: int = 14_400

    def words(self, asked: Asked, part: int) -> str:
        return f"{Name(asked.serial, asked.edit, part)} {self.script}"

    def _draft(self, asked: Asked) -> dict[str, Any]:
        return {
            "text": self.words(asked, 0),
            "targets": [self._target(channel) for channel in asked.channels],
            "max_delay_seconds": self.patience,
            "thread": [{"text": self.words(asked, part + 1)} for part in range(self.parts)],
        }

    def _target(self, channel: Channel) -> dict[str, Any]:
        return {"channel_id": channel.id, "settings": {"protection": self.protection}}
