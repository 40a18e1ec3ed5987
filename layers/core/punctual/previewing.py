"""What readers of each channel would see of a post that is not stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from punctual import drafted
from punctual.clock import Now
from punctual.composing import Composed, Composing
from punctual.drafts import Trial
from punctual.measuring import Measured, measured
from punctual.problems import Fault, Invalid
from punctual.providers.base import Shown


@dataclass(frozen=True, kw_only=True)
class Preview:
    composed: Composed
    parts: Sequence[tuple[Measured, Shown]]


class Previewing:
    def __init__(self, composing: Composing, now: Now):
        self._composing = composing
        self._now = now

    def preview(self, workspace_id: str, draft: Trial) -> tuple[list[Preview], list[Fault]]:
        """With what keeps it from going out. Raises Invalid: a target is none, so that there is nothing to show."""
        composed, wrong = self._composing.compose(drafted.as_post(workspace_id, draft, self._now()))
        if wrong:
            raise Invalid(wrong)
        broken = dict.fromkeys(fault for each in composed for fault in each.faults)
        return [_previewed(each) for each in composed], list(broken)


def _previewed(composed: Composed) -> Preview:
    show, account = composed.provider.preview, composed.channel.account
    parts = [(each, show(each.part.text, composed.checked, account)) for each in measured(composed)]
    return Preview(composed=composed, parts=parts)
