"""Kernels 1b and 1c: yearly rates of a loan book, 37 irregular flows a loan, beside pyxirr.

1b: the rates of flows that are there already (whole fen, real dates). 1c: from loan terms to rates; the peers make
the schedule with numpy (the loop of bench/schedules.py) or nothing but the schedule kernel, then call pyxirr.

Invariant: every rate is compared with pyxirr's before anything is timed: at most 1e-9 apart. pyxirr has one thread
and gets arrays and dates ready-made; the ratio with one thread of ours is told beside, not judged.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import Contender, Ratio, compare, run, skipped
from panhuo.tools.finance.quotes import quoted_rates
from panhuo.tools.finance.repayment_styles import Loans, schedules
from panhuo.tools.finance.xirr import solve_range, xirr_of_book
from schedules import PERIODS, book, with_numpy

SAMPLE = 20_000
FLOWS = PERIODS + 1


def flows_of(loans: Loans) -> tuple[Any, Any, Any]:
    """(days int32, amounts int64 fen, offsets) of a book: what is paid out, then every row."""
    plan = schedules(loans)
    rows = (len(loans), PERIODS)
    days = np.empty((len(loans), FLOWS), np.int32)
    amounts = np.empty((len(loans), FLOWS), np.int64)
    days[:, 0], days[:, 1:] = loans.start, plan.due.reshape(rows)
    amounts[:, 0] = loans.principal_fen
    amounts[:, 1:] = -(plan.principal_fen + plan.interest_fen).reshape(rows)
    return days.ravel(), amounts.ravel(), np.arange(len(loans) + 1, dtype=np.int64) * FLOWS


def part_of(loans: Loans, count: int) -> Loans:
    """The first `count` loans."""
    return Loans(**{name: getattr(loans, name)[:count] for name in Loans.__dataclass_fields__})


def main(count: int = 200_000, rounds: int = 5) -> list[Ratio]:
    """Checks agreement with pyxirr, times in alternating order, returns the ratios."""
    if importlib.util.find_spec("pyxirr") is None:
        skipped("1b XIRR", "pyxirr", "not installed (the extra bench brings it)")
        return []
    import pyxirr

    loans = book(count)
    days, amounts, offsets = flows_of(loans)
    rates, statuses = xirr_of_book(days, amounts, offsets)
    assert not statuses.any(), "a loan without a unique rate"
    sample = min(SAMPLE, count)
    dates = [days[case * FLOWS : (case + 1) * FLOWS].astype("datetime64[D]") for case in range(sample)]
    money = [amounts[case * FLOWS : (case + 1) * FLOWS].astype(np.float64) for case in range(sample)]
    theirs = np.array([pyxirr.xirr(date, amount) for date, amount in zip(dates, money, strict=True)])
    assert np.abs(theirs - rates[:sample]).max() <= 1e-9, "1b: rates differ from pyxirr"
    quoted, _ = quoted_rates(loans)
    assert np.abs(quoted - rates).max() <= 1e-10, "1c: quotes differ from schedule and root in turn"
    print(f"1b, 1c: {sample:,} rates within {np.abs(theirs - rates[:sample]).max():.1e} of pyxirr")

    def one_thread() -> None:
        solve_range(days, amounts, offsets, 365.0, rates, statuses, 0, count)

    def pyxirr_alone() -> None:
        for date, amount in zip(dates, money, strict=True):
            pyxirr.xirr(date, amount)

    few = part_of(loans, sample)
    rows = (sample, PERIODS)
    buffers = (np.empty(rows, np.int32), np.empty(rows), np.empty(rows))

    def numpy_and_pyxirr() -> None:
        with_numpy(few, *buffers)
        due, principal, interest = buffers
        start = few.start[:, None].astype(np.int64)
        when = np.concatenate([start, due], axis=1).astype("datetime64[D]")
        paid = np.concatenate([-few.principal_fen[:, None].astype(np.float64), principal + interest], axis=1)
        for case in range(sample):
            pyxirr.xirr(when[case], paid[case])

    ratios = compare(
        "1b XIRR, 37 flows",
        Contender("panhuo", lambda: xirr_of_book(days, amounts, offsets), count),
        [Contender("pyxirr", pyxirr_alone, sample), Contender("(ours, one thread)", one_thread, count)],
        {"pyxirr": 12.0},
        unit="loan",
        rounds=rounds,
    )
    return ratios + compare(
        "1c quote book: schedule + rate",
        Contender("panhuo", lambda: quoted_rates(loans), count),
        [Contender("numpy schedule + pyxirr", numpy_and_pyxirr, sample)],
        {"numpy schedule + pyxirr": 20.0},
        unit="loan",
        rounds=rounds,
    )


if __name__ == "__main__":
    run(main)
