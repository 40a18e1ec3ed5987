"""Posts that are made of containers, as Instagram's and Threads' are: made early, where nobody sees them, asked about
until they are ready, and published once.

https://developers.facebook.com/docs/instagram-platform/content-publishing

A container says itself whether it was published. So it is its post's handle: it is asked before anything is sent
again, and another takes its place only where it cannot have been published. What is kept of a part:

    children, children_ready   the containers of a carousel's items, and how many of them are ready
    container, is_ready        the post's own, and whether it can be published
    made_at                    when the first of them was made
    refusals, is_live          how often it was not, and whether it then said that it was published all the same
    made_anew                  how often all of them were

An id that gets lost on its way leaves an orphan, which ends by itself after a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

import httpx

from punctual.clock import to_text
from punctual.meta import graph, lists
from punctual.meta.graph import GraphProvider, id_of
from punctual.providers.base import Grant, Keep, Outgoing, Published, answer
from punctual.providers.finding import moment
from punctual.providers.outcomes import (
    OutcomeUnknown,
    Processing,
    ProviderError,
    Rejected,
    RetryLater,
    Unprepared,
)

_OF_CONTAINERS = ("children", "children_ready", "container", "made_at", "is_ready", "refusals")
_MADE_ANEW = 3
_REFUSALS = 5
"""After so many a container that calls itself ready is given up. Each try waits twice as long as the one before, so by
then whatever the last one set off has had longer than the Spec's settling time to show."""
_SOONEST = 5.0
_LISTED = "25"


class Status(StrEnum):
    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    PUBLISHED = "PUBLISHED"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a platform calls them: `create`, `publish` and `listed` are edges of the account, the others fields."""

    create: str
    publish: str
    listed: str
    status: str
    why: str
    text: str


class Containers:
    """One part of a delivery, in the dialect of its platform. All may raise any ProviderError."""

    words: ClassVar[Words]

    def __init__(self, provider: GraphProvider, post: Outgoing, grant: Grant):
        self.provider = provider
        self.post = post
        self.grant = grant
        self.name = provider.spec.name

    # What each platform has its own way

    def children(self) -> Sequence[Mapping[str, str]]:
        """What the items of a carousel are made of; none: the post's own container is all there is."""
        return ()

    def whole(self, children: Sequence[str]) -> Mapping[str, str]:
        """What the post's own container is made of, of those of its items."""
        raise NotImplementedError

    def refusal(self, why: str) -> Rejected | None:
        """What a container that failed says of the post; None: another may do better."""
        raise NotImplementedError

    def is_about_container(self, error: ProviderError) -> bool:
        """Whether nothing was published for a reason that the container itself is to be asked about."""
        raise NotImplementedError

    def is_gone(self, error: ProviderError) -> bool:
        """Whether there is no such container."""
        return graph.is_gone(error)

    def listed_at(self) -> str:
        """The edge that lists such posts once they are live."""
        return self.words.listed

    def says(self, text: str) -> bool:
        """Whether a post that is listed with this text may be ours."""
        return text == self.post.text

    # What all have alike

    def make(self, fields: Mapping[str, str]) -> str:
        return id_of(answer(self._post(self.words.create, fields)))

    def told(self, container: str) -> tuple[Status, str]:
        """How it is, and why it failed, if it did."""
        asked = f"{self.words.status},{self.words.why}"
        found = self.provider.read(container, self.grant, fields=asked)
        try:
            status = Status(str(found.get(self.words.status)))
        except ValueError:
            raise RetryLater(f"{self.name}'s answer could not be read.", code="unreadable_answer") from None
        return status, str(found.get(self.words.why) or "")

    def publish(self, container: str) -> str:
        response = self._post(self.words.publish, {"creation_id": container}, irreversible=True)
        return id_of(answer(response, irreversible=True), irreversible=True)

    def listed(self) -> dict[str, Any]:
        """The account's latest posts."""
        path = f"{self.post.account.id}/{self.listed_at()}"
        fields = f"id,{self.words.text},timestamp,permalink"
        return self.provider.read(path, self.grant, fields=fields, limit=_LISTED)

    def _post(self, edge: str, fields: Mapping[str, str], irreversible: bool = False) -> httpx.Response:
        url = self.provider.at(f"{self.post.account.id}/{edge}")
        return self.provider.call("POST", url, grant=self.grant, irreversible=irreversible, data=dict(fields))


def prepare(dialect: Containers, keep: Keep) -> None:
    """All up to a container that can be published. Raises ProviderError."""
    _Preparing(dialect, keep).run()


def publish(dialect: Containers) -> Published:
    """The irreversible call. Raises ProviderError: Unprepared where the container must be asked before the next try."""
    kept, name = dialect.post.prepared, dialect.name
    if not kept.get("container") or not kept.get("is_ready"):
        raise RetryLater("This post is not prepared.", code="not_prepared")
    if kept.get("is_live"):
        raise OutcomeUnknown(f"{name} says that this post is published already.", code="duplicate")
    try:
        return Published(platform_id=dialect.publish(kept["container"]), url="")
    except (Rejected, RetryLater) as error:
        if not dialect.is_about_container(error):
            raise
        raise Unprepared(
            error.sentence,
            code=error.code,
            status=error.status,
            platform_code=error.platform_code,
            kept={"is_ready": None, "refusals": kept.get("refusals", 0) + 1},
        ) from error


def find(dialect: Containers) -> Published | None:
    """What the container says of a call whose answer was missed. None is proof: it was not published.

    Raises Processing while the post is live and not listed; OutcomeUnknown where the container cannot say.
    """
    container = dialect.post.prepared.get("container")
    if not container:
        raise OutcomeUnknown("This post's container is not known.", code="no_container")
    try:
        status, _ = dialect.told(container)
    except Rejected as error:
        sentence = f"{dialect.name} does not say what became of this post."
        raise OutcomeUnknown(
            sentence, code="no_answer", status=error.status, platform_code=error.platform_code
        ) from error
    if status is Status.PUBLISHED:
        return _live(dialect)
    if status is Status.ERROR:  # "failed to complete the publishing process": not how far it came
        raise OutcomeUnknown(f"{dialect.name} failed while it published this post.", code="no_answer")
    return None  # ready, at work, or, of EXPIRED: "was not published within 24 hours"


def _live(dialect: Containers) -> Published:
    """It is live; which of those that are listed it is, no answer says: the only one with its text and time."""
    kept, text = dialect.post.prepared, dialect.words.text
    since = moment(kept.get("made_at")) if kept.get("is_live") else None
    listed = lists.candidates(dialect.listed(), dialect.post, since)
    ours = [row for row in listed if dialect.says(str(row.get(text) or ""))]
    if not ours:
        raise Processing(f"{dialect.name} has published it, and does not list it yet.")
    if len(ours) > 1:
        raise OutcomeUnknown("It is live, and several posts of the account could be it.", code="no_answer")
    return Published(platform_id=id_of(ours[0]), url=dialect.provider.shown_at(ours[0]))


class _Preparing:
    def __init__(self, dialect: Containers, keep: Keep):
        self._dialect = dialect
        self._keep = keep
        self._state = dict(dialect.post.prepared)

    def run(self) -> None:
        if self._state.get("is_ready"):
            return
        if not self._state.get("container"):
            children = self._children()
            self._keep.yield_if_late()
            self._note(container=self._whole(children), **self._since())
        self._keep.yield_if_late()
        is_live = self._await(self._state["container"]) is Status.PUBLISHED
        if not is_live and self._state.get("refusals", 0) >= _REFUSALS:
            raise self._anew("upload_lost")
        self._note(is_ready=True, **({"is_live": True} if is_live else {}))

    def _children(self) -> list[str]:
        """All are made first: the platform works on them at the same time."""
        made = list(self._state.get("children") or ())
        for fields in self._dialect.children()[len(made) :]:
            self._keep.yield_if_late()
            made = [*made, self._dialect.make(fields)]
            self._note(children=made, **self._since())
        for place in range(self._state.get("children_ready") or 0, len(made)):
            self._keep.yield_if_late()
            self._await(made[place])
            self._note(children_ready=place + 1)
        return made

    def _whole(self, children: Sequence[str]) -> str:
        try:
            return self._dialect.make(self._dialect.whole(children))
        except Rejected as error:
            if not children or not self._dialect.is_gone(error):
                raise
            raise self._anew("media_expired") from error

    def _await(self, container: str) -> Status:
        """FINISHED or PUBLISHED."""
        try:
            status, why = self._dialect.told(container)
        except Rejected as error:
            if not self._dialect.is_gone(error):
                raise
            raise self._anew("media_expired") from error
        match status:
            case Status.IN_PROGRESS:
                raise self._not_yet()
            case Status.ERROR:
                raise self._dialect.refusal(why) or self._anew("upload_lost")
            case Status.EXPIRED:
                raise self._anew("media_expired")
        return status

    def _not_yet(self) -> Processing:
        """Asked again once as much time has gone by as did so far: pictures take seconds, videos minutes."""
        provider = self._dialect.provider
        since = moment(self._state.get("made_at"))
        seconds = (provider.now() - since).total_seconds() if since else 0.0
        wait = min(max(seconds, _SOONEST), provider.spec.poll_seconds)
        return Processing(f"{self._dialect.name} is still working on this post's files.", retry_after=wait)

    def _anew(self, code: str) -> ProviderError:
        name, times = self._dialect.name, self._state.get("made_anew", 0)
        if times >= _MADE_ANEW:
            sentence = f"{name} could make nothing of this post's files, however often they were given to it."
            return Rejected(sentence, code="media_refused")
        kept = {**dict.fromkeys(_OF_CONTAINERS), "made_anew": times + 1}
        return Unprepared(f"{name} gave up what it had of this post: it is made anew.", code=code, kept=kept)

    def _since(self) -> dict[str, str]:
        """When the first of them was made."""
        return {} if self._state.get("made_at") else {"made_at": to_text(self._dialect.provider.now())}

    def _note(self, **results: Any) -> None:
        self._keep(**results)
        self._state.update(results)
