"""One real Bluesky server for this folder, which reads our client's document; see tests/e2e/pds."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.bluesky_oauth.site import HOST, Site, certify, serving
from tests.bluesky_oauth.stage import Stage
from tests.e2e.pds.server import Pds, required
from tests.integration.api.deployed import forget

LAPTOP = "http://localhost:4566"


@pytest.fixture(scope="session")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certify(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def pds(certified: tuple[Path, Path]) -> Iterator[Pds]:
    with required(loopback_names=(HOST,), trusts=certified[0]) as server:
        yield server


@pytest.fixture
def site(certified: tuple[Path, Path]) -> Iterator[Site]:
    with serving(*certified) as found:
        yield found


@pytest.fixture
def online(pds: Pds, site: Site) -> Iterator[Stage]:
    """Punctual where the server can read what it is: a confidential client."""
    with pytest.MonkeyPatch.context() as patch, httpx.Client(trust_env=False, timeout=30) as wire:
        stage = Stage(patch, pds, site.url, wire)
        site.answer = stage.deployed.gateway.answer
        yield stage
    forget()


@pytest.fixture
def laptop(pds: Pds) -> Iterator[Stage]:
    """Punctual on loopback: a public client."""
    with pytest.MonkeyPatch.context() as patch, httpx.Client(trust_env=False, timeout=30) as wire:
        yield Stage(patch, pds, LAPTOP, wire)
    forget()
