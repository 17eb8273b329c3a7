from pathlib import Path

import pytest
from world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty world; the test fills it."""
    return World(tmp_path / "dataset")
