"""The all-in annual rate of a loan under three laws: European APRC, United States Regulation Z, China.

Invariant: each convention is the rule of its law, worked on the flows as given; a result names the convention, the
method and what was derived (unit period, number of roots), so that a rate is never shown without its label. Rates are
fractions: 0.05 is 5 %.

* ``eu``: Directive 2008/48/EC and 2014/17/EU annex I, UK FCA CONC App 1: the yearly effective rate that equates
  advances and payments, time in years of 365.25 days unless the case says otherwise.
* ``us-reg-z``: 12 CFR 1026 appendix J, the actuarial method by unit periods (`unit_period.py`).
* ``cn``: 中国人民银行公告〔2021〕第3号 and the disclosure rules of 2026-08-01 (DSC-02, DSC-04): compound (IRR) yearly
  effective rate over 365 days, twelve times the monthly IRR, and the simple method, each labelled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.dates import add_months, months_between
from panhuo.tools.finance.unit_period import UnitPeriod, UnitTimes, unit_times
from panhuo.tools.finance.xirr import NEAREST_OF_SEVERAL, STATUS_WORDS, UNIQUE, xirr

CONVENTIONS = ("eu", "us-reg-z", "cn")
EUROPEAN_YEAR = 365.25
CHINESE_YEAR = 365.0


@dataclass(frozen=True)
class AnnualRate:
    """An annual rate with its label; `rate` is NaN when there is none, and `status` says why.

    `details` holds what else the convention makes known, as plain JSON values.
    """

    rate: float
    convention: str
    method: str
    status: str
    roots: int
    details: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """``{"apr", "convention", "method", "status", "roots", ...}``; ``apr`` is null when there is no rate."""
        return {
            "apr": None if math.isnan(self.rate) else self.rate,
            "convention": self.convention,
            "method": self.method,
            "status": self.status,
            "roots": self.roots,
            **self.details,
        }


def annual_rate(
    days: Sequence[float],
    amounts: Sequence[float],
    convention: str,
    *,
    year_days: float | None = None,
    unit_period: UnitPeriod | None = None,
    principal_repaid: Sequence[float] | None = None,
) -> AnnualRate:
    """The annual rate of dated flows under `convention`.

    Args:
        days: day numbers (days since 1970-01-01 for dated flows; any origin for ``eu``). amounts: signed, advances of
            one sign and payments of the other, fees as payments on their day (or netted from the advance).
        convention: ``eu``, ``us-reg-z`` or ``cn``.
        year_days: ``eu`` and ``cn`` only, another length of the year.
        unit_period: ``us-reg-z`` only, when the contract names it; else derived by appendix J (b)(4).
        principal_repaid: ``cn`` only, the principal part of every flow (0 for advances), for the simple method.

    Raises:
        InvalidInput: unknown convention, fewer than two flows, flows of one sign only, days that are no dates where
            the convention needs dates.
    """
    _check(days, amounts)
    if convention == "eu":
        return european_rate(days, amounts, EUROPEAN_YEAR if year_days is None else year_days)
    if convention == "us-reg-z":
        return regulation_z_rate(unit_times(_whole_days(days), amounts, unit_period), amounts)
    if convention == "cn":
        return chinese_rate(days, amounts, CHINESE_YEAR if year_days is None else year_days, principal_repaid)
    raise InvalidInput(
        f"unknown convention {convention!r}",
        where="convention",
        remedy=f"one of {', '.join(CONVENTIONS)}",
        code="invalid-input/convention",
    )


def european_rate(days: Sequence[float], amounts: Sequence[float], year_days: float = EUROPEAN_YEAR) -> AnnualRate:
    """APRC: X with sum(amount / (1 + X) ** (days / year_days)) = 0 (Directive 2008/48/EC annex I part I)."""
    found = xirr(days, amounts, year_days)
    return AnnualRate(found.rate, "eu", "effective yearly", found.words, found.roots, {"year_days": year_days})


def regulation_z_rate(times: UnitTimes, amounts: Sequence[float]) -> AnnualRate:
    """Appendix J (b)(8): unit-period rate i with sum(amount / ((1 + e i)(1 + i) ** q)) = 0, times periods a year.

    `times` holds the full unit periods q and the fraction e of each flow, measured from the start of the term.
    """
    start = xirr([full + part for full, part in zip(times.full, times.part, strict=True)], amounts, 1.0)
    rate, status = start.rate, start.status
    if status in (UNIQUE, NEAREST_OF_SEVERAL):
        rate = _unit_period_root(times, amounts, start.rate)
        if math.isnan(rate):
            status = 4
    details = {
        "unit_period": times.unit.words,
        "unit_periods_a_year": times.a_year,
        "unit_period_rate": None if math.isnan(rate) else rate,
    }
    return AnnualRate(
        rate * times.a_year, "us-reg-z", "actuarial, by unit periods", STATUS_WORDS[status], start.roots, details
    )


def chinese_rate(
    days: Sequence[float],
    amounts: Sequence[float],
    year_days: float = CHINESE_YEAR,
    principal_repaid: Sequence[float] | None = None,
) -> AnnualRate:
    """Yearly cost by 公告〔2021〕第3号: `rate` is the compound (IRR) effective one; the others stand in `details`.

    ``twelve_times_monthly`` takes whole months between flows where all dates allow it, else days / 365 x 12.
    ``simple`` is fees and interest over the principal in use: sum(cost) / sum(balance x days / 365). Without
    `principal_repaid` each payment first covers the simple interest of its interval, then principal.
    """
    found = xirr(days, amounts, year_days)
    months = _whole_months(days)
    if months is None:
        monthly = xirr([day * 12.0 / year_days for day in days], amounts, 1.0)
    else:
        monthly = xirr(months, amounts, 1.0)
    simple = _simple_rate(days, amounts, year_days, principal_repaid)
    details = {
        "effective_yearly": None if math.isnan(found.rate) else found.rate,
        "twelve_times_monthly": None if math.isnan(monthly.rate) else 12 * monthly.rate,
        "monthly_basis": "days" if months is None else "whole months",
        "simple": None if math.isnan(simple) else simple,
        "year_days": year_days,
    }
    return AnnualRate(found.rate, "cn", "compound (IRR), effective yearly", found.words, found.roots, details)


def _check(days: Sequence[float], amounts: Sequence[float]) -> None:
    if len(days) != len(amounts) or len(days) < 2:
        raise InvalidInput("at least two flows are needed, each with a day and an amount", code="invalid-input/flows")
    if not all(map(math.isfinite, days)) or not all(map(math.isfinite, amounts)):
        raise InvalidInput("days and amounts must be finite numbers", code="invalid-input/flows")
    if not (any(amount > 0 for amount in amounts) and any(amount < 0 for amount in amounts)):
        raise InvalidInput(
            "flows of one sign have no rate",
            remedy="give advances and payments opposite signs",
            code="invalid-input/flows",
        )


def _whole_days(days: Sequence[float]) -> list[int]:
    if any(day != int(day) for day in days):
        raise InvalidInput(
            "Regulation Z counts months on the calendar: days must be dates",
            remedy="give dates, or full and fractional unit periods with periods_a_year",
            code="invalid-input/dates-needed",
        )
    return [int(day) for day in days]


def _whole_months(days: Sequence[float]) -> list[int] | None:
    if any(day != int(day) for day in days):
        return None
    origin = int(min(days))
    months = []
    for day in days:
        count = months_between(origin, int(day))
        if add_months(origin, count) != int(day):
            return None
        months.append(count)
    return months


def _unit_period_root(times: UnitTimes, amounts: Sequence[float], start: float) -> float:
    # Newton from the root of the same equation with fractions as exponents, which is a few basis points away at most.
    rate = start
    for _ in range(100):
        value = 0.0
        slope = 0.0
        for full, part, amount in zip(times.full, times.part, amounts, strict=True):
            odd = 1.0 + part * rate
            term = amount / (odd * (1.0 + rate) ** full)
            value += term
            slope -= term * (full / (1.0 + rate) + part / odd)
        if slope == 0.0:
            return math.nan
        step = value / slope
        while not (rate - step > -1.0 and all(1.0 + part * (rate - step) > 0.0 for part in times.part)):
            step *= 0.5
        rate -= step
        if abs(step) <= 1e-14 * (1.0 + abs(rate)):
            return rate
    return math.nan


def _simple_rate(
    days: Sequence[float], amounts: Sequence[float], year_days: float, principal_repaid: Sequence[float] | None
) -> float:
    order = sorted(range(len(days)), key=lambda position: days[position])
    sign = 1.0 if amounts[order[0]] > 0 else -1.0
    flows = [(days[position], sign * amounts[position]) for position in order]
    if principal_repaid is not None:
        if len(principal_repaid) != len(days):
            raise InvalidInput("principal_repaid needs one figure a flow", code="invalid-input/flows")
        repaid = [abs(principal_repaid[position]) for position in order]
        cost = -sum(amount for _, amount in flows)
        balance = 0.0
        in_use = 0.0
        last = flows[0][0]
        for (day, amount), part in zip(flows, repaid, strict=True):
            in_use += balance * (day - last) / year_days
            last = day
            balance += amount if amount > 0 else -part
        return cost / in_use if in_use > 0 else math.nan

    def balance_left(rate: float) -> float:
        balance = 0.0
        last = flows[0][0]
        for day, amount in flows:
            balance += balance * rate * (day - last) / year_days + amount
            last = day
        return balance

    low, high = -0.9, 1.0
    if balance_left(low) > 0:
        return math.nan
    while balance_left(high) < 0:
        high *= 2
        if high > 1e9:
            return math.nan
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if balance_left(middle) < 0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
