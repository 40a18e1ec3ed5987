from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.integration.api.deployed import Deployed, forget
from tests.integration.api.tenant import Tenant


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    """One for a whole file, since moto is slow. Its clock only goes on."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        with mock_aws():
            yield Deployed(patch)
    forget()


@pytest.fixture
def tenant(deployed: Deployed) -> Tenant:
    """The only one, in tables that were emptied for it."""
    deployed.empty()
    return deployed.tenant()
