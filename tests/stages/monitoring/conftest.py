"""Fixtures of the monitoring tests: a story to tell, and the stage run over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.record.judgement import Engine
from panhuo.ground.record.outcome import Outcome
from stages.monitoring.small_book import Story, judged


@pytest.fixture
def story(tmp_path: Path) -> Callable[..., Story]:
    """Makes an empty story: `story(as_of)`."""
    made = 0

    def make(as_of: str = "2025-06-30") -> Story:
        nonlocal made
        made += 1
        return Story(tmp_path / f"book{made}", as_of)

    return make


@pytest.fixture(scope="session")
def run() -> Callable[..., dict[str, Outcome]]:
    """Runs monitoring up to the outcomes wanted: `run(snapshot, "classes", adopt={...})` -> outcomes by name."""

    def take(
        snapshot: Snapshot,
        *wanted: str,
        adopt: dict[str, list[str]] | None = None,
        engine: Engine = "plain",
        given: dict[str, Outcome] | None = None,
    ) -> dict[str, Outcome]:
        from panhuo.stages.monitoring import THINGS

        by_name = {thing.name: thing for thing in THINGS}
        need: set[str] = set()
        stack = list(wanted or by_name)
        while stack:
            name = stack.pop()
            if name not in need:
                need.add(name)
                stack += [n.rstrip("?") for n in by_name[name].needs if n.rstrip("?") in by_name]
        outcomes: dict[str, Outcome] = dict(given or {})
        for thing in THINGS:
            if thing.name in need:
                outcomes[thing.name] = judged(thing, snapshot, outcomes, adopt or {}, engine)
        return outcomes

    return take
