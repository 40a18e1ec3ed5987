"""What a platform tells by itself of a person who connected: that they removed our app, or want their data deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from punctual.providers.base import App, Provider


@dataclass(frozen=True, kw_only=True)
class Notice:
    """`login_id` is `Login.id` of whom it is about; `at`: when the platform said so."""

    login_id: str
    at: datetime


class SendsNotices(Provider):
    """To be inherited where the platform calls `/v1/oauth/{provider}/deauthorize` and the like."""

    def notice(self, form: Mapping[str, str]) -> Notice | None:
        """What the form says, not to be believed yet; None: it is no notice."""
        raise NotImplementedError

    def is_signed(self, form: Mapping[str, str], app: App) -> bool:
        """Whether the platform sent it to this app: whoever else has an app there knows that one's secret only."""
        raise NotImplementedError
