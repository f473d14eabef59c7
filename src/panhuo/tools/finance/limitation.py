"""时效: how long a right lives, as a fold over what happened to it.

Invariant: three calculations stay apart: interruption 中断 (the period restarts), suspension 中止 (it waits), guarantee
period 保证期间 (neither; see guarantee.py). A day is called safe only on evidence that the other side was reached:
newspaper notices and bare posting never move the safe day, whatever they are said to prove.

Sources: Civil Code arts. 188-195; 诉讼时效规定 (2020 text) arts. 8, 19; 民事诉讼法 (2023) art. 250.
Obstacles that ended before 2017-10-01 stood under 民法通则 139 (what was left ran on), which no rule file holds: they
are left out, which gives the earlier day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from panhuo.ground.record.errors import NotFound
from panhuo.ground.rules.periods import Period, end_of_period
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.rules.schedules import period
from panhuo.ground.values.calendars import Deadline, calendar_of

EPOCH = dt.date(1970, 1, 1)
PROCEEDINGS = frozenset({"suit", "payment_order", "enforcement_application", "bankruptcy_filing"})
UNSAFE_GRADES = frozenset({"c", "d"})
DEMANDS = frozenset({"signed_demand", "delivered_demand", "assignment_notice", "deduction"}) | PROCEEDINGS
GENERAL_RULES = 17_440  # 2017-10-01, 民法总则: three years, and six months after an obstacle instead of what was left
_LIMITATION = ("limitation_and_guarantee", "LIM-01")
_SUSPENSION = ("limitation_and_guarantee", "LIM-05")


def number_of(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def date_of(number: int) -> dt.date:
    """The day of a day number."""
    return EPOCH + dt.timedelta(days=number)


@dataclass(frozen=True)
class Event:
    """Something that interrupts or suspends a period.

    Attributes:
        kind: a code of ``limitation_kinds``.
        day: day number on which it reached the other side (for proceedings: was filed).
        grade: a, b, c or d; None where the paper is a court's own.
        ended: last day of a proceeding or an obstacle; None while it lasts.
        debt: of an act against a guarantor, the claim or drawdown it names; None where it names none.
    """

    kind: str
    day: int
    grade: str | None = None
    ended: int | None = None
    debt: str | None = None

    @property
    def safe(self) -> bool:
        """Whether it is proved: a court's own record, or a paper signed for (a) or shown delivered (b)."""
        if self.kind == "newspaper" or self.grade in UNSAFE_GRADES:
            return False
        return self.kind in PROCEEDINGS or self.grade is not None

    def text(self) -> str:
        """The event in one word, for the sealed subject: ``signed_demand@2024-03-05/a``."""
        ended = f"~{date_of(self.ended).isoformat()}" if self.ended is not None else ""
        return f"{self.kind}@{date_of(self.day).isoformat()}{ended}/{self.grade or '-'}"


@dataclass(frozen=True)
class Life:
    """Where a period stands.

    Attributes:
        last: last day number; None while a proceeding or an obstacle keeps it from running.
        from_day: the day it last started to run from.
        decided_by: the event that set it off, None for the due date.
        published: whether the holiday calendar was published for `last`.
        revived: whether the debtor's own act brought an expired right back.
    """

    last: int | None
    from_day: int
    decided_by: Event | None = None
    published: bool = True
    revived: bool = False


def rule_period(rule_set: str, rule_id: str, name: str, on: dt.date, as_of: dt.date) -> Period:
    """A rule's period in the version of `on`; before the first version recorded, the one in force on `as_of`.

    A book may be older than any version recorded: then the earliest one stands in.
    """
    first = min(version.effective_from for version in load_rule_set(rule_set).versions(rule_id))
    for day in (on, as_of):
        try:
            return period(rule_set, rule_id, name, on=day)
        except NotFound:
            continue
    return period(rule_set, rule_id, name, on=first)


def general_limitation(start: int, as_of: dt.date) -> Period:
    """The general limitation that applies to a period that starts to run on `start`.

    Three years under 民法总则 from 2017-10-01; a two-year period still running on that day became three
    (法释〔2018〕12号).
    """
    found = rule_period("limitation_and_guarantee", "LIM-01", "period", date_of(start), as_of)
    later = rule_period("limitation_and_guarantee", "LIM-01", "period", as_of, as_of)
    if found != later and end_of_period(start, found).days >= GENERAL_RULES:
        return later
    return found


def limitation(
    base: int, events: Sequence[Event], as_of: dt.date, *, length: Period | None = None, safe_only: bool = True
) -> Life:
    """Folds events over a limitation or enforcement period.

    Args:
        base: day number the period first runs from (the last day of performance); not counted itself.
        events: in any order; those later than `as_of` do not count, and an end later than `as_of` is not known to come.
        as_of: the day it is judged on.
        length: the period; None for the general limitation, which depends on the day it starts.
        safe_only: leave out events that are not proved.

    Returns:
        Where the period stands. A right that expired stays expired unless the debtor promised afterwards (art. 192).
        That paying a part afterwards brings the rest back is disputed: only `safe_only=False` counts it.
    """
    today = number_of(as_of)
    counted = [e for e in events if e.day <= today and (e.safe or not safe_only)]
    clock = _Clock(base, [e for e in counted if e.kind == "obstacle"], as_of, length)
    life = clock.life(base, None, False)

    # On one day proceedings come first: a suit filed on the day of a late promise was filed against an expired right.
    def order(event: Event) -> tuple[int, bool, str, int]:
        return event.day, event.kind not in PROCEEDINGS, event.kind, event.ended or today

    for event in sorted((e for e in counted if e.kind != "obstacle"), key=order):
        proceeding = event.kind in PROCEEDINGS
        pending = proceeding and (event.ended is None or event.ended > today)
        start = max(event.day, event.ended or event.day) if proceeding else event.day
        if event.day < base and not pending and (not proceeding or start < base):
            continue  # over before the period began to run
        expired = life.last is not None and event.day > max(life.last, life.from_day)
        if expired and event.kind != "promise" and (safe_only or event.kind != "part_payment"):
            continue
        if pending:
            return Life(None, event.day, event, True, life.revived)
        if start < life.from_day:
            continue  # within proceedings that ended later: the period restarts from their end, not from here
        life = clock.life(start, event, expired or life.revived)
    return life


class _Clock:
    """Last days of one right: its length, its holidays, the obstacles in its way, and the twenty years it ends by."""

    def __init__(self, base: int, obstacles: list[Event], as_of: dt.date, length: Period | None) -> None:
        self.as_of, self.today, self.length = as_of, number_of(as_of), length
        self.china = calendar_of("CN")
        self.obstacles = sorted(obstacles, key=lambda e: (e.day, e.ended or self.today))
        self.stop = end_of_period(base, rule_period(*_LIMITATION, "longest", as_of, as_of), self.china)
        self.window = rule_period(*_SUSPENSION, "window", as_of, as_of)
        self.tail = rule_period(*_SUSPENSION, "period", as_of, as_of)

    def life(self, start: int, event: Event | None, revived: bool) -> Life:
        """Where a period that runs from `start` stands, after art. 194."""
        last = self._capped(
            end_of_period(start, self.length or general_limitation(start, self.as_of), self.china), revived
        )
        decided = event
        for obstacle in self.obstacles:
            opens = _months_before(last.days, self.window.length)
            lasts = obstacle.ended is None or obstacle.ended > self.today
            until = self.today if lasts or obstacle.ended is None else obstacle.ended
            if obstacle.day > last.days or until <= opens or (not lasts and until < GENERAL_RULES):
                continue
            if lasts:
                if self.today <= self.stop.days or revived:
                    return Life(None, start, obstacle, True, revived)
                return Life(self.stop.days, start, obstacle, self.stop.published, revived)
            later = self._capped(end_of_period(until, self.tail, self.china), revived)
            if later.days > last.days:
                last, decided = later, obstacle
        return Life(last.days, start, decided, last.published, revived)

    def _capped(self, last: Deadline, revived: bool) -> Deadline:
        return last if revived or last.days <= self.stop.days else self.stop


def _months_before(day: int, months: int) -> int:
    return end_of_period(day, Period(-months, "months")).days
