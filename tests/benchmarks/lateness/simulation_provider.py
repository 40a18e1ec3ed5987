"""A platform that takes its time and never fails: what is measured is when we call it."""

from random import Random
from typing import Any

from punctual.clock import Now
from punctual.providers import Providers
from punctual.providers.base import Fields, Grant, Keep, Outgoing, Provider, Published, Spec
from punctual.providers.outcomes import Processing
from tests.benchmarks.lateness import simulation_figures as figures
from tests.benchmarks.lateness.simulation_aws import Machine

LONG_LEAD_SECONDS = 480


class Work(Fields):
    """How long `prepare` takes: in the function, and at the platform, which is asked about by message."""

    upload_seconds: float = 0.0
    platform_seconds: float = 0.0


class SimulatedProvider(Provider):
    spec = Spec(
        id="simulated",
        name="Simulated",
        docs_url="https://platform.example/",
        connect=("credentials",),
        max_text=500,
        counted_in="characters",
        settings=Work,
    )

    def __init__(self, machine: Machine, now: Now):
        super().__init__(None, now)  # type: ignore[arg-type]  # it calls nobody
        self._machine = machine
        self.calls: list[tuple[str, float]] = []
        """Each delivery whose publishing call began, and when, in seconds of the line of time."""

    def lead_seconds(self, text: str, settings: Any) -> int:
        return LONG_LEAD_SECONDS if settings.platform_seconds else 0

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        work, done = post.settings, post.prepared
        if work.upload_seconds and "uploaded" not in done:
            self._machine.sleep(work.upload_seconds)
            keep(uploaded=True)
        if work.platform_seconds:
            began = done.get("began") or self.now().timestamp()
            if self.now().timestamp() < began + work.platform_seconds:
                raise Processing(kept={"began": began})

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        self.calls.append((post.delivery_id, self._machine.timeline.at))
        self._machine.compute(figures.PLATFORM_CPU)
        self._machine.sleep(figures.PLATFORM.draw(self._machine.random))
        return Published(platform_id=post.delivery_id, url=f"https://platform.example/{post.delivery_id}")


class OnlySimulated(Providers):
    """The registry, with nothing else in it."""

    def __init__(self, provider: SimulatedProvider):
        self._provider = provider

    def ids(self) -> list[str]:
        return [self._provider.spec.id]

    def get(self, provider_id: str) -> Provider:
        return self._provider


def kind_of_work(random: Random) -> dict[str, float]:
    """60 % texts, 30 % with pictures, 5 % with a video that we send, 5 % with one that the platform works on."""
    share = random.random()
    if share < 0.6:
        return {}
    if share < 0.9:
        return {"upload_seconds": figures.UPLOAD.draw(random)}
    if share < 0.95:
        return {"upload_seconds": figures.VIDEO.draw(random)}
    return {"platform_seconds": figures.TRANSCODING.draw(random)}
