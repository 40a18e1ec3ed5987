from collections.abc import Iterator

import pytest

from tests.oidc.server import OidcServer, required


@pytest.fixture(scope="session")
def server() -> Iterator[OidcServer]:
    with required() as running:
        yield running
