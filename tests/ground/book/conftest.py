"""A small book for tests of sealing and snapshots."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from panhuo.ground.book.batch import seal
from panhuo.ground.book.folder import Book


def parties(*rows: dict) -> pa.Table:
    return pa.Table.from_pylist([{"effective_on": date(2024, 1, 1), "kind": "company", **row} for row in rows])


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = Book.create(tmp_path / "book", made_by="test")
    rows = parties({"id": "P1", "name": "甲公司"}, {"id": "P2", "name": "乙公司"}, {"id": "P10", "name": "丙商行"})
    seal(made, {"parties": rows}, observed_until=date(2024, 12, 31))
    return made
