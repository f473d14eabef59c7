"""Kernel 1a: schedules of a loan book, 36 monthly rows a loan, in whole fen, beside what a user would pick today.

Invariant: before anything is timed, every contender's rows are compared with ours: at most one fen a posting apart
where it can do the same thing (numpy), and named where it cannot (numpy-financial, QuantLib and amortization know
neither the mix of methods nor the month-end rule, so each is given the part of the job it can do: equal instalments).

Book: equal instalments, equal principal, bullet, and monthly interest with quarterly principal by turns; act/360 and
act/365 by turns; month-end rule; interest rounded half up, the residue in the last row.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from harness import Contender, Ratio, compare, run, skipped
from panhuo.ground.values.dates import days_from_civil, to_date
from panhuo.ground.values.day_counts import A360, A365, E30360
from panhuo.tools.finance.repayment_styles import (
    ANNUITY,
    BULLET,
    EQUAL_PRINCIPAL,
    Loans,
    Schedules,
    schedules,
)

PERIODS = 36
KERNEL = "1a schedules"
SLICE = 100_000


def book(count: int, seed: int = 20261122) -> Loans:
    """A reproducible book of `count` loans of 36 months."""
    random = np.random.default_rng(seed)
    first, last = days_from_civil(2018, 1, 1), days_from_civil(2024, 1, 1)
    start = random.integers(first, last, count).astype("datetime64[D]")
    turn = np.arange(count) % 4
    return Loans.of(
        principal_fen=random.integers(10**6, 10**9, count),
        rate_ppm=random.integers(30_000, 180_000, count),
        start=start.astype(np.int64),
        maturity=due_days(start, PERIODS),
        style=np.array([ANNUITY, EQUAL_PRINCIPAL, BULLET, EQUAL_PRINCIPAL])[turn],
        day_count=np.array([A360, A365])[np.arange(count) // 4 % 2],
        principal_months=np.where(turn == 3, 3, 1),
    )


def due_days(start: Any, months: int) -> Any:
    """Day numbers `months` later, on the month's last day where it has no such day."""
    month = start.astype("datetime64[M]")
    day = start - month.astype("datetime64[D]")
    target = month + months
    following = (target + 1).astype("datetime64[D]").astype(np.int64)
    return np.minimum(target.astype("datetime64[D]").astype(np.int64) + day.astype(np.int64), following - 1)


def with_numpy(loans: Loans, due: Any, principal: Any, interest: Any) -> None:
    """The careful numpy loop: over periods, on slices that stay in the cache, in float64 fen, buffers given."""
    for begin in range(0, len(loans), SLICE):
        part = slice(begin, min(begin + SLICE, len(loans)))
        start = loans.start[part].astype("datetime64[D]")
        amount = loans.principal_fen[part].astype(np.float64)
        rate = loans.rate_ppm[part] / 1e6
        yearly = rate / np.where(loans.day_count[part] == A360, 360.0, 365.0)
        annuity = loans.style[part] == ANNUITY
        bullet = loans.style[part] == BULLET
        every = loans.principal_months[part]
        monthly = rate / 12
        growth = (1 + monthly) ** PERIODS
        level = np.floor(amount * monthly * growth / (growth - 1) + 0.5)
        equal = np.floor(amount / (PERIODS // every) + 0.5)
        month = start.astype("datetime64[M]")
        day = (start - month.astype("datetime64[D]")).astype(np.int64)
        balance = amount.copy()
        previous = start.astype(np.int64)
        for period in range(1, PERIODS + 1):
            target = month + period
            first_day = target.astype("datetime64[D]").astype(np.int64)
            next_first = (target + 1).astype("datetime64[D]").astype(np.int64)
            now = np.minimum(first_day + day, next_first - 1)
            accrued = np.floor(balance * yearly * (now - previous) + 0.5)
            if period == PERIODS:
                redeemed = balance
            else:
                redeemed = np.where(annuity, level - accrued, np.where(period % every == 0, equal, 0.0))
                redeemed = np.where(bullet, 0.0, np.minimum(np.maximum(redeemed, 0.0), balance))
            due[part, period - 1] = now
            principal[part, period - 1] = redeemed
            interest[part, period - 1] = accrued
            balance = balance - redeemed
            previous = now


def check_numpy(loans: Loans, ours: Schedules, due: Any, principal: Any, interest: Any) -> None:
    """Same due days; each posting within a fen of the other's for every row so far."""
    rows = (len(loans), PERIODS)
    assert np.array_equal(ours.due.reshape(rows), due)
    apart = np.abs(ours.interest_fen.reshape(rows) - interest)
    apart_principal = np.abs(ours.principal_fen.reshape(rows) - principal)
    assert apart.max() <= 1, f"interest {apart.max()} fen apart"
    assert apart_principal[:, :-1].max() <= 1, f"principal {apart_principal[:, :-1].max()} fen apart"
    print(
        f"{KERNEL}: numpy agrees on {rows[0] * rows[1]:,} rows; {np.mean(apart > 0):.2e} of the interest is a fen apart"
    )


def instalments(count: int) -> Loans:
    """Equal instalments on equal months (30E/360, no month's end): the part of the job every peer can do."""
    loans = book(count)
    start = loans.start.astype("datetime64[D]")
    start = np.minimum(start, start.astype("datetime64[M]").astype("datetime64[D]") + 27)
    return Loans.of(
        loans.principal_fen, loans.rate_ppm, start.astype(np.int64), due_days(start, PERIODS), ANNUITY, E30360
    )


def check_instalments(name: str, loans: Loans, interest: Any) -> None:
    """A peer's interest (loans by periods, in fen) is within a fen of ours in every row."""
    ours = schedules(loans).interest_fen.reshape(len(loans), PERIODS)
    apart = np.abs(ours - interest).max()
    assert apart <= 1.01, f"{name}: interest {apart} fen apart"
    print(f"{KERNEL}: {name} agrees within {apart:.2f} fen on {ours.size:,} rows of equal instalments")


def numpy_financial_job(loans: Loans) -> Callable[[], Any] | None:
    """ipmt and ppmt of equal instalments on equal months: all it can do."""
    if importlib.util.find_spec("numpy_financial") is None:
        return None
    import numpy_financial

    rate, amount = loans.rate_ppm / 1e6 / 12, -loans.principal_fen.astype(np.float64)
    payments = np.arange(1, PERIODS + 1)[:, None]
    check_instalments("numpy-financial", loans, numpy_financial.ipmt(rate, payments, PERIODS, amount).T)

    def job() -> Any:
        for begin in range(0, len(loans), SLICE):
            part = slice(begin, begin + SLICE)
            numpy_financial.ipmt(rate[part], payments, PERIODS, amount[part])
            numpy_financial.ppmt(rate[part], payments, PERIODS, amount[part])

    return job


def quantlib_job(loans: Loans) -> Callable[[], Any] | None:
    """AmortizingFixedRateBond per loan with its cash flows read out."""
    if importlib.util.find_spec("QuantLib") is None:
        return None
    import QuantLib

    def job() -> list[Any]:
        flows = []
        for loan in range(len(loans)):
            day = to_date(int(loans.start[loan]))
            start = QuantLib.Date(day.day, day.month, day.year)
            tenor = QuantLib.Period(PERIODS, QuantLib.Months)
            monthly = QuantLib.Period(QuantLib.Monthly)
            plan = QuantLib.Schedule(
                start, start + tenor, monthly, QuantLib.NullCalendar(), QuantLib.Unadjusted, QuantLib.Unadjusted,
                QuantLib.DateGeneration.Forward, False,
            )  # fmt: skip
            rate, amount = loans.rate_ppm[loan] / 1e6, float(loans.principal_fen[loan])
            notionals = QuantLib.sinkingNotionals(tenor, QuantLib.Monthly, rate, amount)
            counting = QuantLib.Actual360() if loans.day_count[loan] == A360 else QuantLib.Actual365Fixed()
            bond = QuantLib.AmortizingFixedRateBond(0, list(notionals), plan, [rate], counting)
            flows.append(
                [(flow.date(), flow.amount(), QuantLib.as_coupon(flow) is not None) for flow in bond.cashflows()]
            )
        return flows

    check_quantlib(loans, job())
    return job


def check_quantlib(loans: Loans, flows: list[Any]) -> None:
    """The principal comes back whole and the first interest is ours to a fen (its later balances are planned ahead)."""
    ours = schedules(loans)
    for loan, found in enumerate(flows):
        paid = sum(amount for _, amount, is_interest in found if not is_interest)
        first = next(amount for _, amount, is_interest in found if is_interest)
        assert abs(paid - loans.principal_fen[loan]) < 1, f"QuantLib repays {paid}"
        assert abs(first - ours.rows(loan)[0][2]) <= 1, f"QuantLib's first interest is {first}"
    print(f"{KERNEL}: QuantLib agrees on principal and first interest of {len(flows)} loans")


def amortization_job(loans: Loans) -> Callable[[], Any] | None:
    """The package amortization: equal instalments on equal months, loan by loan."""
    if importlib.util.find_spec("amortization") is None:
        return None
    from amortization.schedule import amortization_schedule

    def job() -> list[Any]:
        return [
            list(amortization_schedule(loans.principal_fen[loan] / 100, loans.rate_ppm[loan] / 1e6, PERIODS))
            for loan in range(len(loans))
        ]

    check_instalments("amortization", loans, np.array([[row.interest * 100 for row in rows] for rows in job()]))
    return job


def main(count: int = 1_000_000, rounds: int = 5) -> list[Ratio]:
    """Checks agreement, times in alternating order, returns the ratios."""
    loans = book(count)
    ours = schedules(loans)
    assert len(ours.due) == count * PERIODS
    rows = (count, PERIODS)
    buffers = (np.empty(rows, np.int32), np.empty(rows), np.empty(rows))
    with_numpy(loans, *buffers)
    check_numpy(loans, ours, *buffers)

    def reused() -> None:
        schedules(loans, reuse=ours)

    peers = [Contender("numpy loop over periods", lambda: with_numpy(loans, *buffers), count)]
    must = {"numpy loop over periods": 8.0, "QuantLib": 400.0, "amortization": 400.0}
    sample = min(count, SLICE)
    for name, job, units in (
        ("numpy-financial", numpy_financial_job(instalments(sample)), sample),
        ("QuantLib", quantlib_job(book(300)), 300),
        ("amortization", amortization_job(instalments(300)), 300),
    ):
        if job is None:
            skipped(KERNEL, name, "not installed (the extra bench brings it)")
        else:
            peers.append(Contender(name, job, units))
    return compare(KERNEL, Contender("panhuo, buffers reused", reused, count), peers, must, unit="loan", rounds=rounds)


if __name__ == "__main__":
    run(main)
