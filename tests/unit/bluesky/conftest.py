import pytest

from tests.contract.bluesky.oauth_session import OAuthSession
from tests.contract.bluesky.session import Session


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def consented() -> OAuthSession:
    return OAuthSession()
