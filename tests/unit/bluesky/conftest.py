import pytest

from tests.contract.bluesky.session import Session


@pytest.fixture
def session() -> Session:
    return Session()
