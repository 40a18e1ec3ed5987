"""What the end-to-end tests share: the deployed local stack and a real Bluesky server, one of each."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.stack import Stack, running
from tests.e2e.pds.server import Pds, install, required

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """What the Bluesky server needs is fetched meanwhile, where a test will want it: both take two minutes."""
    if any("pds" in getattr(item, "fixturenames", ()) for item in request.session.items):
        threading.Thread(target=install, daemon=True).start()
    with running() as found:
        yield found


@pytest.fixture(scope="session")
def pds() -> Iterator[Pds]:
    with required() as server:
        yield server


@pytest.fixture(scope="session")
def workspace(stack: Stack) -> str:
    return stack.create_workspace("e2e")


@pytest.fixture(scope="session")
def api(stack: Stack, workspace: str) -> Iterator[httpx.Client]:
    with stack.client(stack.create_key(workspace)) as client:
        yield client
