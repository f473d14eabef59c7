"""Outcomes an organisation's runs made: which, with what root, at which place of its log.

Invariant: an outcome stands here in the transaction that logged it; its rows lie in the run's results and can be
computed again from batch, inputs and day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from panhuo.ground.book.folder import Book
from panhuo_server.store.acting import current, cursor


@dataclass(frozen=True)
class KnownOutcome:
    """One outcome of one run."""

    run: str
    name: str
    root: str
    as_of: date
    sequence: int
    rows: int
    position: int


def add(run: str, night: Any, sequence: int, entries: Mapping[str, int]) -> None:
    """Adds a night's outcomes; those that stand already stay as they are."""
    org = current().org
    rows = [
        (org, run, name, outcome.root.hex(), night.snapshot.as_of, sequence, len(outcome), entries[name])
        for name, outcome in night.outcomes.items()
    ]
    with cursor() as c:
        c.executemany(
            "insert into outcomes (org_id, run_id, name, root, as_of, sequence, row_count, log_position)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (org_id, run_id, name) do nothing",
            rows,
        )


def keep_inputs(book: Book) -> None:
    """Keeps the inputs a run left in the cached book (rule files, models, phrase books), each by its hash."""
    org = current().org
    with cursor() as c:
        c.execute("select sha256 from inputs where org_id = acting_org()")
        have = {row[0] for row in c.fetchall()}
        new = [p for p in sorted((book.folder / "inputs").glob("*")) if len(p.name) == 64 and p.name not in have]
        c.executemany(
            "insert into inputs (org_id, sha256, content) values (%s, %s, %s) on conflict do nothing",
            [(org, path.name, book.read_input(path.name)) for path in new],
        )


def of_run(run: str) -> list[KnownOutcome]:
    """The outcomes of a run of the acting organisation, in order of their names."""
    with cursor() as c:
        c.execute(
            "select run_id, name, root, as_of, sequence, row_count, log_position from outcomes"
            " where org_id = acting_org() and run_id = %s order by name",
            [run],
        )
        return [KnownOutcome(*row) for row in c.fetchall()]


def input_kept(digest: str) -> bytes | None:
    """An input a run of the acting organisation left (a rule file, a model, an adoption), by its hash."""
    with cursor() as c:
        c.execute("select content from inputs where org_id = acting_org() and sha256 = %s", [digest])
        row = c.fetchone()
    return bytes(row[0]) if row else None


@dataclass(frozen=True)
class KnownRun:
    """One run: its day, the last batch it read, how many outcomes it made and the place of the last in the log."""

    run: str
    as_of: date
    sequence: int
    outcomes: int
    position: int


def runs() -> list[KnownRun]:
    """The runs of the acting organisation, the one on the latest facts first, of two on the same the fuller one."""
    with cursor() as c:
        c.execute(
            "select run_id, max(as_of), max(sequence), count(*), max(log_position) from outcomes"
            " where org_id = acting_org() group by run_id order by 3 desc, 2 desc, 4 desc, 1 desc"
        )
        return [KnownRun(*row) for row in c.fetchall()]


def last_batch() -> int:
    """The last batch the acting organisation sealed; 0 before the first."""
    with cursor() as c:
        c.execute("select coalesce(max(sequence), 0) from batches where org_id = acting_org()")
        return int(c.fetchone()[0])
