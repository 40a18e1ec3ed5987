from pathlib import Path

import pytest

from tests.integration.media.keeping import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def slow_house(tmp_path: Path) -> House:
    """For months: its sweeper runs by the hour."""
    return House(tmp_path, sweep_seconds=3600)
