"""Nights beside one another: each works on its own engine, whatever else the process does."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.journey.night import Settings, run_night


@pytest.mark.slow
def test_nights_in_one_process_at_a_time_give_the_roots_of_one_alone(night: dict[str, Any]) -> None:
    book = Book(night["book"])

    def roots(_: int) -> dict[str, str]:
        made = run_night(Snapshot(book), Settings(engine="plain"))
        return {name: outcome.root.hex() for name, outcome in made.outcomes.items()}

    with ThreadPoolExecutor(4) as threads:
        first, *others = threads.map(roots, range(8))
    assert len(first) > 15
    assert all(other == first for other in others)


ALONE = """
import sys, ibis
from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.journey.night import Settings, run_night
run_night(Snapshot(Book(sys.argv[1])), Settings(engine="plain"))
print(ibis.options.default_backend)
"""


@pytest.mark.slow
def test_a_night_never_reads_on_the_engine_a_process_shares(night: dict[str, Any]) -> None:
    said = subprocess.run([sys.executable, "-c", ALONE, night["book"]], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "None", said.stdout
