"""One organisation's part of the demonstration, in processes of its own: its book into the database, then two nights.

Invariant: it does what an import and a night of the server do, step by step; the parent's end is its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from panhuo.journey.report.words import Text

COMPARED = ("classes", "deadlines", "warnings", "provision_summary", "portfolio", "claim_values", "maximum_bids")
"""Outcomes of the earlier night: what pages compare with the last one."""

Tell = Callable[[Text], None]


def month_before(day: date) -> date:
    """The last day of the month before."""
    return day.replace(day=1) - timedelta(days=1)


def bring_in(book: Path, org: str, person: str, tell: Tell) -> int:
    """Imports the organisation's batches and fills its cached book; returns the last batch's number."""
    from panhuo_server.flows.nightly import fill
    from panhuo_server.store.acting import acting
    from panhuo_server.store.books import import_book

    with acting(org, person, "import"):
        taken = import_book(book)
    tell(
        Text(f"导入 {taken.facts:,} 条事实（{taken.batches} 批）", f"{taken.facts:,} facts in {taken.batches} batches")
    )
    return fill(org, person, False)


def run_night(org: str, person: str, sequence: int, day: date, only: tuple[str, ...], tell: Tell) -> None:
    """One night of the organisation."""
    from panhuo_server.flows.nightly import judge

    count = judge(org, person, False, f"{day}", sequence, day.isoformat(), list(only))
    tell(Text(f"{day} 之夜：{count} 项结果", f"the night of {day}: {count} outcomes"))


def _work(given: argparse.Namespace, tell: Tell) -> None:
    from panhuo.ground.book.folder import Book
    from panhuo_server.flows.reminding import remind

    last = Book(Path(given.book)).as_of
    if given.earlier:
        run_night(given.org, given.person, given.earlier, month_before(last), COMPARED, tell)
        return
    sequence = bring_in(Path(given.book), given.org, given.person, tell)
    # The earlier night in a process of its own: two cores judge two nights at once.
    command = [sys.executable, "-m", "panhuo_server.demonstration.nights", *sys.argv[1:], "--earlier", str(sequence)]
    earlier = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    run_night(given.org, given.person, sequence, last, (), tell)
    remind(given.org, given.person, False, f"{last}")
    if code := earlier.wait():
        sys.exit(code)


def main() -> None:
    """``python -m panhuo_server.demonstration.nights --data DIR --book DIR --org ORG --person ID --name NAME``."""
    from panhuo_server.serving import end_with_parent
    from panhuo_server.store.layout import FOLDER_VARIABLE
    from panhuo_server.store.postgres import ROLE_VARIABLE, WORKER_ROLE

    parser = argparse.ArgumentParser()
    for name in ("data", "book", "org", "person", "name"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--earlier", type=int, default=0)
    given = parser.parse_args()
    end_with_parent()
    os.environ[FOLDER_VARIABLE] = str(Path(given.data).resolve())
    os.environ[ROLE_VARIABLE] = WORKER_ROLE  # what time brings about, reminders too, is the worker's
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panhuo_server.settings")
    import django

    django.setup()
    from panhuo_server.demonstration.making import said

    def tell(text: Text) -> None:
        said(Text(f"{given.name}：{text.zh}", f"{given.name}: {text.en}"))

    _work(given, tell)
    from django.db import connections

    from panhuo_server.store.reading import close_connections

    connections.close_all()
    close_connections()
    sys.exit(0)


if __name__ == "__main__":
    main()
