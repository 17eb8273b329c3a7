import os
from pathlib import Path

import pytest
from world import World


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """What is skipped lacks its judge: where judges have to be there, that is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("MXCENSUS_REQUIRE_INTEROP") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty world; the test fills it."""
    return World(tmp_path / "dataset")
