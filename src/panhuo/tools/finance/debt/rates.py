"""Contract rates over time (fixed, stepped, LPR with repricing) and the days interest is settled.

Invariant: rates are exact ppm; the LPR of a day is the latest published on or before it; days come from the anchor,
never from the previous result, so month ends do not drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.dates import (
    add_months,
    civil_from_days,
    days_from_civil,
    days_in_month,
    parse_date,
    to_date,
)

_MONTHS_EACH = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_REPRICING_MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "anniversary": 12}


def rate_steps(rate: Any, start: int, until: int, year_days: int) -> tuple[tuple[int, int], ...]:
    """(from day, ppm a year) in order, from `start` on.

    Args:
        rate: ``0.05`` or ``"5%"``; ``{"annual": ...}``, ``{"monthly": ...}`` (x 12), ``{"daily": ...}`` (x year days);
            ``{"steps": [[date, rate], ...]}``; or ``{"lpr": "one_year" | "five_years", "basis_points": 100,
            "repricing": code of REPRICING, "series": [[date, rate], ...]}`` (series from the rule files when left out).
    """
    if not isinstance(rate, Mapping):
        return ((start, _ppm(rate)),)
    if "annual" in rate:
        return ((start, _ppm(rate["annual"])),)
    if "monthly" in rate:
        return ((start, _ppm(rate["monthly"], 12)),)
    if "daily" in rate:
        return ((start, _ppm(rate["daily"], year_days)),)
    if "steps" in rate:
        steps = sorted((_date(day), _ppm(value)) for day, value in rate["steps"])
        before = [step for step in steps if step[0] <= start]
        if not before:
            raise _refuse("the steps begin after the first day")
        return ((start, before[-1][1]), *(step for step in steps if start < step[0] <= until))
    if "lpr" in rate:
        return _lpr_steps(rate, start, until)
    raise _refuse("a rate is a number, annual, monthly, daily, steps or lpr")


def _lpr_steps(rate: Mapping[str, Any], start: int, until: int) -> tuple[tuple[int, int], ...]:
    spread = _ppm(Decimal(str(rate.get("basis_points", 0))) / 10_000)
    repricing = str(rate.get("repricing", "none"))
    days = [start]
    if repricing in _REPRICING_MONTHS:
        months = _REPRICING_MONTHS[repricing]
        days += _every(start, months, until)
    elif repricing == "first_of_january":
        year = civil_from_days(start)[0]
        days += [days_from_civil(later, 1, 1) for later in range(year + 1, civil_from_days(until)[0] + 1)]
    elif repricing != "none":
        raise _refuse(f"unknown repricing {repricing!r}")
    series = rate.get("series")
    published = sorted((_date(day), _ppm(value)) for day, value in series) if series else None
    tenor = str(rate["lpr"])
    steps: list[tuple[int, int]] = []
    for day in days:
        lpr = _published(published, day) if published else _from_rules(tenor, day)
        if not steps or steps[-1][1] != lpr + spread:
            steps.append((day, lpr + spread))
    return tuple(steps)


def _every(start: int, months: int, until: int) -> list[int]:
    days: list[int] = []
    count = 1
    while (day := add_months(start, count * months)) <= until:
        days.append(day)
        count += 1
    return days


def _published(series: list[tuple[int, int]], day: int) -> int:
    known = [rate for published, rate in series if published <= day]
    if not known:
        raise _refuse(f"no loan prime rate published by {to_date(day)}")
    return known[-1]


def _from_rules(tenor: str, day: int) -> int:
    from panhuo.ground.rules.prime_rate import loan_prime_rate

    if tenor not in ("one_year", "five_years"):
        raise _refuse(f"unknown tenor {tenor!r}: one_year or five_years")
    return loan_prime_rate(to_date(day), "one_year" if tenor == "one_year" else "five_years").rate


def settlement_days(due: Any, start: int, maturity: int, as_of: int) -> tuple[int, ...]:
    """Days on which interest falls due, from the first after `start` to `as_of`.

    Args:
        due: ``maturity`` (nothing before it; after it monthly on that day, for the posting of penalty interest),
            ``{"every": "month" | "quarter" | "half_year" | "year", "day": 21}`` (quarters end in March, June,
            September, December), or a list of dates, after the last of which it is as for ``maturity``.
    """
    if isinstance(due, list):
        listed = [_date(day) for day in due]
        return tuple(
            sorted(day for day in {*listed, *_every(max([maturity, *listed]), 1, as_of)} if start < day <= as_of)
        )
    if due in ("maturity", None):
        return tuple(_every(maturity, 1, as_of))
    if isinstance(due, str):
        due = {"every": due}
    if not isinstance(due, Mapping) or due.get("every") not in _MONTHS_EACH:
        raise _refuse("interest_due is maturity, a list of dates, or every month, quarter, half_year, year")
    step = _MONTHS_EACH[due["every"]]
    day_of_month = int(due.get("day", 21))
    if not 1 <= day_of_month <= 31:
        raise _refuse("the day interest falls due is 1 to 31")
    days: list[int] = []
    year, month, _ = civil_from_days(start)
    while True:
        if month % step == 0:
            day = days_from_civil(year, month, min(day_of_month, days_in_month(year, month)))
            if day > as_of:
                return tuple(days)
            if day > start:
                days.append(day)
        month += 1
        if month > 12:
            year, month = year + 1, 1


def _date(value: Any) -> int:
    try:
        return parse_date(str(value))
    except ValueError as error:
        raise _refuse(f"not a date: {value!r}") from error


def _ppm(value: Any, times: int = 1) -> int:
    text = str(value).strip()
    try:
        number = (Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)) * times * 1_000_000
        whole = int(number.to_integral_value())
    except (ArithmeticError, ValueError) as error:
        raise _refuse(f"not a rate: {value!r}") from error
    if number != whole:
        raise _refuse(f"finer than a millionth a year: {value!r}")
    return whole


def _refuse(what: str) -> InvalidInput:
    return InvalidInput(
        what, where="rate or interest_due", remedy="the shape is in docs/debt.md", code="invalid-input/debt"
    )
