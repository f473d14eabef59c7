"""Days past due as they were a month and a year before: where roll rates, migration and the NPL bridge start.

Invariant: the facts known now, as of the earlier day, judged by the same function; no earlier run is needed, and a late
correction is seen on both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.record.judgement import Thing
from panhuo.ground.values.dates import add_months, from_date, to_date
from panhuo.stages.monitoring import days_past_due


def opening_day(as_of: date, months: int) -> date:
    """The day `months` before, month ends kept (30 June, one month: 31 May)."""
    return to_date(add_months(from_date(as_of), -months, True))


def earlier_snapshot(snapshot: Any, months: int) -> Snapshot:
    """The same batches as of the opening day."""
    return Snapshot(snapshot.book, opening_day(snapshot.as_of, months), snapshot.sequences)


def _gather(months: int) -> Callable[[Any], Any]:
    def gather(snapshot: Any) -> Any:
        # Run here and handed on as rows: the earlier snapshot has an engine of its own.
        rows = days_past_due.gather(earlier_snapshot(snapshot, months)).to_pyarrow()
        return days_past_due.SUBJECT.conform(rows)

    return gather


def _thing(name: str, months: int, zh: str, en: str) -> Thing:
    now = days_past_due.THING
    return replace(
        now,
        subject=replace(now.subject, name=name),
        verdict=replace(now.verdict, name=name),
        gather=_gather(months),
        reasons=(),
        zh=zh,
        en=en,
    )


MONTH = _thing("days_past_due_a_month_ago", 1, "一个月前的逾期天数与余额", "days past due and balances a month ago")
YEAR = _thing("days_past_due_a_year_ago", 12, "一年前的逾期天数与余额", "days past due and balances a year ago")
