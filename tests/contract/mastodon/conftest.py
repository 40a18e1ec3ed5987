from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from punctual.providers.mastodon import Mastodon
from tests.contract.contracts import load
from tests.contract.mastodon.far_side import CompatibleSide, FarSide
from tests.contract.mastodon.session import Session, connect, http_to
from tests.contract.openapi_requests import OpenApiRequests


class Clock:
    def __init__(self):
        self.moment = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def far_side(clock: Clock) -> FarSide:
    return FarSide(clock)


@pytest.fixture
def compatible_side(clock: Clock) -> CompatibleSide:
    return CompatibleSide(clock)


@pytest.fixture
def provider_for(clock: Clock) -> Callable[[FarSide], Mastodon]:
    return lambda side: Mastodon(http_to(side.answer), clock)


@pytest.fixture
def session(far_side: FarSide, provider_for: Callable[[FarSide], Mastodon]) -> Session:
    return connect(provider_for(far_side), far_side)


@pytest.fixture
def compatible_session(compatible_side: CompatibleSide, provider_for: Callable[[FarSide], Mastodon]) -> Session:
    return connect(provider_for(compatible_side), compatible_side)


@pytest.fixture(scope="session")
def contract() -> OpenApiRequests:
    # The documentation has forms; its transcription writes them down as JSON: https://docs.joinmastodon.org/client/intro/
    return OpenApiRequests(load("mastodon", "mastodon/mastodon-openapi.json"), forms_are_json=True)
