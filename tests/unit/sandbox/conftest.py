from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from punctual.providers.base import Login
from tests.unit.sandbox.far_side import PROTECTIONS, Far, far_side, table


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        environment.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        yield boto3.resource("dynamodb")


@pytest.fixture
def far(dynamodb: Any) -> Far:
    return far_side(table(dynamodb))


@pytest.fixture
def login(far: Far) -> Login:
    return far.login(lifetime="86400")


@pytest.fixture(params=PROTECTIONS)
def protection(request: pytest.FixtureRequest) -> str:
    return str(request.param)
