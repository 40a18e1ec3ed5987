from datetime import UTC, datetime

import pytest

from punctual.providers.mastodon import Mastodon
from tests.contract.mastodon.session import http_to


@pytest.fixture
def mastodon() -> Mastodon:
    def unreachable(request):
        raise AssertionError("no network in a unit test")

    return Mastodon(http_to(unreachable), lambda: datetime(2026, 11, 22, 16, 0, tzinfo=UTC))
