"""How pytest-xdist spreads the tests: most by themselves, the end-to-end ones on one worker, which starts one stack.

Its own `--dist loadgroup` does this by renaming the tests, which pytest 9 no longer lets it do (pytest-xdist 3.8.0).
"""

import logging
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# A busy machine is no fault of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


_PLATFORMS = {path.stem for path in (Path(__file__).parent / "integration" / "platforms").glob("*.py")}
"""What each needs of its far side is found out once, by whoever plays its flows."""


class Together(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        """Tests of one answer share what is costly to make: the deployed stack, a server, or a file's tables."""
        if nodeid.startswith(("tests/bluesky_oauth/", "tests/e2e/")):
            return "a real Bluesky server"  # whose installation takes two minutes: one worker waits for it, not all
        if nodeid.startswith("tests/integration/platforms/"):
            words = nodeid.rpartition("[")[2].rstrip("]").split("-")
            return next((f"flows of {word}" for word in words if word in _PLATFORMS), nodeid)
        if nodeid.startswith("tests/oidc/"):
            return "tests/oidc/"
        return nodeid.split("::")[0] if nodeid.startswith("tests/integration/api/") else nodeid


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stack's first: while it is deployed, the Bluesky server is installed."""
    items.sort(key=lambda item: item.nodeid.startswith("tests/bluesky_oauth/"))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: who has the servers' tests mostly waits."""
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return Together(config, log)


@pytest.fixture(autouse=True)
def _heard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that ran before in this process has given the core's logs handlers of its own: see edge/logs.py."""
    if "caplog" in request.fixturenames:
        monkeypatch.setattr(logging.getLogger("punctual"), "propagate", True)
