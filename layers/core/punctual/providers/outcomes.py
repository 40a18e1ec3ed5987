"""What a platform's answer means for us, sorted by what to do next.

    ProviderError
    ├── Rejected        a documented refusal: never retried, the user is told
    │   └── ScopesMissing   the person, or the platform, gave less than was asked for
    ├── Reconnect       the platform calls the grant dead
    │   └── Unauthorized    a plain 401: worth one refresh and one retry before it is believed
    ├── RetryLater      nothing happened there, try again after `retry_after` seconds
    │   ├── Unfinished      all went well, and there is more to do than this worker has time for
    │   └── Unprepared      what was prepared is not there any more: prepare it anew
    ├── Processing      the platform took it and is at work on it: ask again after `retry_after` seconds
    └── OutcomeUnknown  it may have happened: look, never send again blindly

`sentence` is for the user and never holds a token, a caption or a response body.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class ProviderError(Exception):
    def __init__(self, sentence: str, *, code: str, status: int | None = None, platform_code: str | None = None):
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.status = status
        self.platform_code = platform_code


class Rejected(ProviderError):
    """The platform refused this content or this action; nothing is on the timeline."""


class ScopesMissing(Rejected):
    """A consent without all that the provider needs; `missing` are the scopes' own names."""

    def __init__(self, name: str, missing: Sequence[str]):
        sentence = f"{name} did not give these permissions: {', '.join(missing)}. Allow all that it asks you for."
        super().__init__(sentence, code="scopes_missing")
        self.missing = tuple(missing)


class Reconnect(ProviderError):
    """The grant is dead: only the person can mend it, by connecting again."""


class Unauthorized(Reconnect):
    """401 without a code that says why: the access token may just be stale."""


class RetryLater(ProviderError):
    """Never sent, or refused before anything happened."""

    def __init__(
        self,
        sentence: str,
        *,
        code: str,
        status: int | None = None,
        platform_code: str | None = None,
        retry_after: float | None = None,
    ):
        super().__init__(sentence, code=code, status=status, platform_code=platform_code)
        self.retry_after = retry_after


class Unfinished(RetryLater):
    """From `prepare`: what was done is kept, and the next worker goes on at once. It counts as no try."""

    def __init__(self) -> None:
        super().__init__("There is more to upload.", code="unfinished", retry_after=0)


class Unprepared(RetryLater):
    """From `publish`, refused: the platform has let go of what `prepare` made. It runs again before the next try, with
    `kept` added to `post.prepared`, where None stands for what is to be forgotten."""

    def __init__(
        self,
        sentence: str,
        *,
        code: str,
        kept: Mapping[str, Any],
        status: int | None = None,
        platform_code: str | None = None,
    ):
        super().__init__(sentence, code=code, status=status, platform_code=platform_code)
        self.kept = dict(kept)


class Processing(ProviderError):
    """Accepted and not done. From `prepare`: not ready to be published. From `publish` and `find`: not live yet.

    `kept` is added to `post.prepared`: what the platform must be asked about. The core asks again by message, at most
    `Spec.max_polls` times and for `Spec.max_poll_seconds`.
    """

    def __init__(
        self,
        sentence: str = "The platform is still working on it.",
        *,
        code: str | None = None,
        retry_after: float | None = None,
        kept: Mapping[str, Any] | None = None,
    ):
        super().__init__(sentence, code="processing")
        self.code = code or self.code
        self.retry_after = retry_after
        self.kept = dict(kept or {})


class OutcomeUnknown(ProviderError):
    """The call was started and no answer says how it ended."""
