"""The engine of durable work, running in the test's own process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

PATIENCE = 240  # seconds any one wait may last on a slow machine; nothing is measured with it


@pytest.fixture(autouse=True)
def _nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    # The queue does one thing after the other: what a test leaves in it would hold up the next one's.
    yield
    if "engine" in request.fixturenames:
        request.getfixturevalue("emptied")("ENQUEUED", "DELAYED")


@pytest.fixture(scope="module")  # it works off what later modules ask for, and only one may live in a process
def engine(server: Any, emptied: Callable[..., None]) -> Iterator[Any]:
    """DBOS, working off the queue."""
    from dbos import DBOS

    from panhuo_server.flows.engine import prepare
    from panhuo_server.flows.launching import launch

    prepare(server)
    emptied()  # tests before it asked for work that nobody was to do
    yield launch(server, polling_seconds=0.1)
    DBOS.destroy()


@pytest.fixture
def come(engine: Any) -> Callable[[Callable[[], Any]], Any]:
    """Waits until something is so, and returns it."""

    def wait(there: Callable[[], Any]) -> Any:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if found := there():
                return found
            time.sleep(0.1)
        raise AssertionError("it did not come in time")

    return wait


@pytest.fixture
def ended(come: Callable[[Callable[[], Any]], Any]) -> Callable[[str], Any]:
    """The last status of a workflow."""
    from dbos import DBOS

    def status(workflow: str) -> Any:
        found = DBOS.get_workflow_status(workflow)
        last = ("SUCCESS", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")
        return found if found is not None and found.status in last else None

    return lambda workflow: come(lambda: status(workflow))
