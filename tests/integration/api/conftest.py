from collections.abc import Iterator

import pytest

from tests.integration.api.deployed import Deployed, forget
from tests.integration.api.listening import lines
from tests.integration.api.tenant import Tenant

__all__ = ["lines"]


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    """One for a whole file. Its clock only goes on."""
    with pytest.MonkeyPatch.context() as patch:
        yield Deployed(patch)
    forget()


@pytest.fixture
def tenant(deployed: Deployed) -> Tenant:
    """The only one, in tables that were emptied for it."""
    deployed.empty()
    return deployed.tenant()
