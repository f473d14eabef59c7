"""Fixtures every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Where a change is judged the same examples are drawn every time, so that it is the change that passes or fails; on a
# developer's machine they are new each time, which is how faults are found.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Reference data that no one here wrote; tests that need it skip where it is not at hand."""
    folder = Path(os.environ.get("PANHUO_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "README.md").exists():
        pytest.skip(f"reference data not at hand (looked in {folder.name}; set PANHUO_SHARED_DATA)")
    return folder


@pytest.fixture(autouse=True, scope="session")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Keys and other private state of the tests never meet the user's own.
    os.environ["PANHUO_HOME"] = str(tmp_path_factory.mktemp("panhuo-home"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says where the browser tests left pictures of the console."""
    shots = ROOT / "build" / "screenshots"
    if shots.is_dir():
        count = sum(1 for _ in shots.rglob("*.jpg"))
        terminalreporter.write_line(f"{count} pictures of the console are in {shots.relative_to(ROOT)}")
