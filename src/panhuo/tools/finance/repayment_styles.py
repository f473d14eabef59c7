"""Repayment styles of Chinese lenders: many loans at once to rows of (due date, principal, interest) in whole fen.

Invariant: a loan's rows repay its principal exactly, the last row taking the residue; interest is the exact integer
numerator principal x rate x days over (year x 1,000,000), rounded half up once a row; nothing overflows int64 up to
10**13 fen. Rows depend on the loan alone, so any split of the columns gives the same bytes. One loan's rows are those
of the fold in `cash_flows` over `loan_contracts.contract_terms`, in the bank path.

Styles: interest by period with the principal at maturity (按月/按季结息，到期还本), both at maturity (利随本清),
equal principal (等额本金; every third month with monthly interest: 按月付息、按季还本), equal instalments (等额本息),
and rows as stated (自定义; draws and repayments of a revolving line, 循环贷/随借随还, are such rows).
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.dates import civil_from_days, days_from_civil, days_in_month
from panhuo.ground.values.day_counts import A360, A365, DAY_COUNTS, day_count_denominator, day_count_numerator
from panhuo.ground.values.jitable import jitable, register_all
from panhuo.ground.values.money import multiply_divide, multiply_divide_wide, posted
from panhuo.tools.finance.redemptions import annuity_redemption, level_payment, linear_redemption

register_all()

Integers = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]

BULLET, SINGLE, EQUAL_PRINCIPAL, ANNUITY = 0, 1, 2, 3

STYLES: tuple[tuple[str, str, str], ...] = (
    ("bullet", "按期付息、到期还本", "interest by period, principal at maturity"),
    ("single", "利随本清", "principal and interest at maturity"),
    ("equal_principal", "等额本金（可按季还本）", "equal principal, by month or quarter"),
    ("annuity", "等额本息", "equal instalments"),
)
"""(code, Chinese, English); the position is the number in the `style` column."""

LARGEST_PRINCIPAL = 10**13
LARGEST_RATE = 1_000_000
_MILLION = 1_000_000
_SAFE = 9.0e18
_BLOCK = 4_096
_MANY = 20_000
_one_parallel_call = Lock()
"""Few loans are written by the calling thread; many by all cores in blocks, one such call at a time (Numba's plainest
threading layer bears no more). Blocks never share a row, so both give the same bytes."""
_FIRST_YEAR, _LAST_YEAR = 1900, 2300
_MONTHS = np.array(
    [days_from_civil(year, month, 1) for year in range(_FIRST_YEAR, _LAST_YEAR) for month in range(1, 13)],
    dtype=np.int64,
)
"""Day number of the first of every month from 1900 to 2299: kernels look it up instead of computing it."""


@dataclass(frozen=True)
class Loans:
    """Loans in columns of one length.

    Attributes:
        principal_fen: amount lent, 0 to 10**13 fen.
        rate_ppm: yearly rate, 50_000 is 5 %, 0 to 1_000_000.
        start: day of the drawdown; interest runs from it.
        maturity: last due day, after the start.
        style: position in `STYLES`.
        day_count: position in `DAY_COUNTS` (A360 or A365 for nearly every loan).
        due_day: day of the month on which rows fall due (20 or 21 for many lenders); 0 the start's own day. In a
            shorter month the last day.
        interest_months: months from one row to the next; 1 or 3. With a stated due day quarters are calendar
            quarters (rows in March, June, September, December).
        principal_months: months from one redemption to the next, a multiple of `interest_months` (equal principal).
    """

    principal_fen: Integers
    rate_ppm: Integers
    start: Days
    maturity: Days
    style: npt.NDArray[np.int8]
    day_count: npt.NDArray[np.int8]
    due_day: npt.NDArray[np.int8]
    interest_months: npt.NDArray[np.int8]
    principal_months: npt.NDArray[np.int8]

    @classmethod
    def of(
        cls,
        principal_fen: Any,
        rate_ppm: Any,
        start: Any,
        maturity: Any,
        style: Any = BULLET,
        day_count: Any = A360,
        due_day: Any = 0,
        interest_months: Any = 1,
        principal_months: Any = 1,
    ) -> Loans:
        """Columns from arrays or single values, each spread to the length of the longest, and checked.

        Raises:
            InvalidInput: a value lies outside what its attribute allows; the row is named.
        """
        given = (principal_fen, rate_ppm, start, maturity, style, day_count, due_day, interest_months, principal_months)
        spread = np.broadcast_arrays(*(np.atleast_1d(np.asarray(column)) for column in given))
        kinds = (np.int64, np.int64, np.int32, np.int32, np.int8, np.int8, np.int8, np.int8, np.int8)
        columns = [np.ascontiguousarray(column, dtype=kind) for column, kind in zip(spread, kinds, strict=True)]
        for name, column, stated in zip(cls.__dataclass_fields__, columns, spread, strict=True):
            if not np.array_equal(column, stated):
                bad = int(np.argmax(column != stated))
                raise InvalidInput(f"{name} must be whole numbers that fit {column.dtype}", where=f"{name}, row {bad}")
        loans = cls(*columns)
        loans._check()
        return loans

    def __len__(self) -> int:
        return len(self.principal_fen)

    def _check(self) -> None:
        wrong = (
            ("principal_fen", (self.principal_fen < 0) | (self.principal_fen > LARGEST_PRINCIPAL), "0 to 10**13"),
            ("rate_ppm", (self.rate_ppm < 0) | (self.rate_ppm > LARGEST_RATE), "0 to 1_000_000"),
            ("start", self.start < _MONTHS[0], "1900 or later"),
            (
                "maturity",
                (self.maturity <= self.start) | (self.maturity >= _MONTHS[-2]),
                "after the start, before 2299",
            ),
            ("style", (self.style < 0) | (self.style >= len(STYLES)), "a position in STYLES"),
            ("day_count", (self.day_count < 0) | (self.day_count >= len(DAY_COUNTS)), "a position in DAY_COUNTS"),
            ("due_day", (self.due_day < 0) | (self.due_day > 31), "0 to 31"),
            ("interest_months", (self.interest_months < 1) | (self.interest_months > 12), "1 to 12"),
            (
                "principal_months",
                (self.principal_months < 1) | (self.principal_months % np.maximum(self.interest_months, 1) != 0),
                "a multiple of interest_months",
            ),
        )
        for name, bad, allowed in wrong:
            if bad.any():
                raise InvalidInput(
                    f"{name} must be {allowed}", where=f"{name}, row {int(np.argmax(bad))}", remedy="correct the column"
                )


@dataclass(frozen=True)
class Schedules:
    """Rows of all loans one after another: loan i has rows ``offsets[i]`` to ``offsets[i + 1]``."""

    offsets: Integers
    due: Days
    principal_fen: Integers
    interest_fen: Integers

    def rows(self, loan: int) -> list[tuple[int, int, int]]:
        """(due day, principal fen, interest fen) of one loan."""
        place = slice(int(self.offsets[loan]), int(self.offsets[loan + 1]))
        columns = (self.due[place], self.principal_fen[place], self.interest_fen[place])
        return [(int(due), int(principal), int(interest)) for due, principal, interest in zip(*columns, strict=True)]


@jitable
def period_interest(outstanding: int, rate_ppm: int, convention: int, start: int, end: int) -> int:
    """Fen of interest from one day to another, rounded half up; any day count, up to 10**13 fen."""
    denominator = day_count_denominator(convention) * _MILLION
    weight = rate_ppm * day_count_numerator(convention, start, end)
    if denominator < 3_000_000_000:
        whole, rest = multiply_divide(outstanding, weight, denominator)
    else:
        years = weight // denominator
        whole, rest = multiply_divide_wide(outstanding, weight - years * denominator, denominator)
        whole += outstanding * years
    return posted(whole, rest, denominator)


@jitable
def fits_in_one_product(principal: int, rate_ppm: int, convention: int, days: int) -> bool:
    """Whether principal x rate x days stays within int64, so that one product and one division are exact."""
    return (convention in (A360, A365)) and float(principal) * float(rate_ppm) * float(days) < _SAFE


@jitable
def first_row_month(start: int, due_day: int, interest_months: int) -> tuple[int, int, int]:
    """(year, month, day of month) of the first row after the start, before the maturity cuts it off."""
    year, month, day = civil_from_days(start)
    step = interest_months
    if due_day > 0:
        step = 0
        if day >= min(due_day, days_in_month(year, month)):
            step = 1
        ahead = (month + step) % interest_months
        if ahead != 0:
            step += interest_months - ahead
        day = due_day
    whole = year * 12 + month - 1 + step
    year = whole // 12
    return year, whole - year * 12 + 1, day


@jitable
def count_rows(start: int, maturity: int, style: int, due_day: int, interest_months: int) -> int:
    """How many rows a loan has: its due days before the maturity, and the maturity."""
    if style == SINGLE:
        return 1
    year, month, day = first_row_month(start, due_day, interest_months)
    last_year, last_month, last_day = civil_from_days(maturity)
    months = (last_year - year) * 12 + last_month - month
    if months < 0:
        return 1
    rows = months // interest_months
    if months - rows * interest_months > 0 or min(day, days_in_month(last_year, last_month)) < last_day:
        rows += 1
    return rows + 1


@jitable
def count_redemptions(rows: int, interest_months: int, principal_months: int) -> int:
    """How many rows redeem principal: every so many rows, and the last."""
    every = principal_months // interest_months
    return (rows - 1) // every + 1


@njit(cache=True)
def _count(start: Any, maturity: Any, style: Any, due_day: Any, interest_months: Any, counts: Any) -> None:
    for loan in range(len(start)):
        counts[loan] = count_rows(start[loan], maturity[loan], style[loan], due_day[loan], interest_months[loan])


@jitable
def write_rows(
    principal: int,
    rate_ppm: int,
    start: int,
    maturity: int,
    style: int,
    convention: int,
    due_day: int,
    interest_months: int,
    principal_months: int,
    rows: int,
    at: int,
    due_out: Any,
    principal_out: Any,
    interest_out: Any,
) -> None:
    """Writes one loan's rows from place `at` on: the fold of a loan in the bank path."""
    every = principal_months // interest_months
    year, month, day = first_row_month(start, due_day, interest_months)
    place = (year - _FIRST_YEAR) * 12 + month - 1
    payment = 0
    if style == EQUAL_PRINCIPAL:
        redemptions = count_redemptions(rows, interest_months, principal_months)
        payment = (2 * principal + redemptions) // (2 * redemptions)
    elif style == ANNUITY:
        exact = level_payment(float(principal), rate_ppm * interest_months / 12_000_000.0, rows)
        payment = int(np.floor(exact + 0.5))
    fast = fits_in_one_product(principal, rate_ppm, convention, maturity - start)
    outstanding = principal
    previous = start
    until = every
    for row in range(rows):
        last = row == rows - 1
        due = maturity
        if not last:
            due = int(min(_MONTHS[place] + day, _MONTHS[place + 1])) - 1
            place += interest_months
        interest: Any
        if fast:
            weight = rate_ppm * (due - previous)
            if convention == A360:
                interest = np.int64(np.uint64(outstanding * weight + 180_000_000) // np.uint64(360_000_000))
            else:
                interest = np.int64(np.uint64(outstanding * weight + 182_500_000) // np.uint64(365_000_000))
        else:
            interest = period_interest(outstanding, rate_ppm, convention, previous, due)
        redeemed = 0
        if last:
            redeemed = outstanding
        elif style == ANNUITY:
            redeemed = max(annuity_redemption(outstanding, payment, interest), 0)
        elif style == EQUAL_PRINCIPAL:
            until -= 1
            if until == 0:
                redeemed = linear_redemption(outstanding, payment)
                until = every
        due_out[at + row] = due
        principal_out[at + row] = redeemed
        interest_out[at + row] = interest
        outstanding -= redeemed
        previous = due


@njit(cache=True, error_model="numpy", nogil=True)
def _write(
    begin: int,
    end: int,
    principal: Any,
    rate: Any,
    start: Any,
    maturity: Any,
    style: Any,
    convention: Any,
    due_day: Any,
    interest_months: Any,
    principal_months: Any,
    offsets: Any,
    due_out: Any,
    principal_out: Any,
    interest_out: Any,
) -> None:
    for loan in range(begin, end):
        at = offsets[loan]
        write_rows(
            principal[loan],
            rate[loan],
            int(start[loan]),
            int(maturity[loan]),
            int(style[loan]),
            int(convention[loan]),
            int(due_day[loan]),
            int(interest_months[loan]),
            int(principal_months[loan]),
            offsets[loan + 1] - at,
            at,
            due_out,
            principal_out,
            interest_out,
        )


@njit(cache=True, parallel=True)
def _write_on_all_cores(
    loans: int,
    principal: Any,
    rate: Any,
    start: Any,
    maturity: Any,
    style: Any,
    convention: Any,
    due_day: Any,
    interest_months: Any,
    principal_months: Any,
    offsets: Any,
    due_out: Any,
    principal_out: Any,
    interest_out: Any,
) -> None:
    for block in prange((loans + _BLOCK - 1) // _BLOCK):
        _write(
            block * _BLOCK,
            min(loans, (block + 1) * _BLOCK),
            principal,
            rate,
            start,
            maturity,
            style,
            convention,
            due_day,
            interest_months,
            principal_months,
            offsets,
            due_out,
            principal_out,
            interest_out,
        )


def schedules(loans: Loans, reuse: Schedules | None = None) -> Schedules:
    """Rows of every loan, in the order of the loans.

    Args:
        loans: checked columns (`Loans.of`).
        reuse: an earlier result whose arrays may be written over when they are long enough; fresh pages cost as much
            as the arithmetic.

    Returns:
        Flat columns with offsets; principal and interest in fen, due days since 1970-01-01.
    """
    counts = np.empty(len(loans), dtype=np.int64)
    _count(loans.start, loans.maturity, loans.style, loans.due_day, loans.interest_months, counts)
    offsets = np.zeros(len(loans) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    total = int(offsets[-1])
    if reuse is not None and len(reuse.due) >= total:
        columns = (reuse.due[:total], reuse.principal_fen[:total], reuse.interest_fen[:total])
    else:
        columns = (np.empty(total, np.int32), np.empty(total, np.int64), np.empty(total, np.int64))
    stated = (
        loans.principal_fen, loans.rate_ppm, loans.start, loans.maturity, loans.style, loans.day_count, loans.due_day,
        loans.interest_months, loans.principal_months, offsets, *columns,
    )  # fmt: skip
    if len(loans) < _MANY:
        _write(0, len(loans), *stated)
    else:
        with _one_parallel_call:
            _write_on_all_cores(len(loans), *stated)
    return Schedules(offsets, *columns)


@njit(cache=True)
def _write_stated(
    principal: Any, rate: Any, start: Any, convention: Any, offsets: Any, due: Any, moved: Any, interest_out: Any
) -> int:
    for loan in range(len(principal)):
        outstanding = principal[loan]
        previous = int(start[loan])
        for row in range(offsets[loan], offsets[loan + 1]):
            if due[row] < previous or moved[row] > outstanding:
                return row
            interest_out[row] = period_interest(outstanding, rate[loan], int(convention[loan]), previous, int(due[row]))
            outstanding -= moved[row]
            previous = int(due[row])
        if outstanding != 0:
            return offsets[loan + 1] - 1
    return -1


def stated_schedules(loans: Loans, offsets: Integers, due: Days, principal_fen: Integers) -> Schedules:
    """Rows whose days and principal are stated (custom plans, revolving lines), with the interest of each.

    Args:
        loans: principal drawn at the start, rate, start and day count are used.
        offsets: loan i has rows ``offsets[i]`` to ``offsets[i + 1]``.
        due: due days, rising within a loan.
        principal_fen: principal repaid that day; a draw of a revolving line is negative. They add up to the principal
            drawn at the start.

    Raises:
        InvalidInput: the days fall, more is repaid than is outstanding, or something remains after the last row.
    """
    places = np.ascontiguousarray(offsets, dtype=np.int64)
    days = np.ascontiguousarray(due, dtype=np.int32)
    moved = np.ascontiguousarray(principal_fen, dtype=np.int64)
    if len(places) != len(loans) + 1 or places[-1] != len(days) or len(days) != len(moved):
        raise InvalidInput("offsets do not match the rows", where="offsets", remedy="one more offset than loans")
    interest = np.empty(len(days), dtype=np.int64)
    bad = _write_stated(
        loans.principal_fen, loans.rate_ppm, loans.start, loans.day_count, places, days, moved, interest
    )
    if bad >= 0:
        raise InvalidInput(
            "the row goes back in time, repays more than is outstanding, or leaves something unpaid at the end",
            where=f"row {bad}",
            remedy="order rows by day and let them add up to the principal",
        )
    return Schedules(places, days, moved, interest)
