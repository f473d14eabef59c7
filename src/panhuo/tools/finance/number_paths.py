"""The two number paths a contract may be folded in: the reference path in float64, the bank path in whole fen.

Invariant: payoff and state functions are written once over these few operations and never know which path they are
in. In the bank path an accrual is an exact integer numerator over (day-count denominator x 1,000,000), summed
without rounding and rounded half up once, when it is posted. A contract states its path as its rounding: ``none`` or
``half_up_fen_per_posting``.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any, Protocol

from panhuo.ground.values.day_counts import day_count_denominator, day_count_numerator
from panhuo.tools.finance.redemptions import annuity_payment
from panhuo.tools.finance.schedule_times import day_of

MILLION = 1_000_000


class NumberPath(Protocol):
    """Amounts, rates (0.05 is 5 % as stated), factors and accruals of one path."""

    one: Any
    zero: Any
    day_count: int

    def numerator(self, start: int, end: int) -> int:
        """Day-count numerator between two moments."""

    def year_fraction(self, start: int, end: int) -> Fraction:
        """Y(start, end), exact."""
        return Fraction(self.numerator(start, end), day_count_denominator(self.day_count))

    def amount(self, stated: Fraction) -> Any:
        """A stated amount of money."""

    def rate(self, stated: Fraction) -> Any:
        """A stated rate or factor."""

    def interest(self, base: Any, rate: Any, start: int, end: int) -> Any:
        """The accrual of `base` at `rate` from one moment to another: Y(start, end) x rate x base."""

    def accrued(self, amount: Any) -> Any:
        """An amount as an accrual."""

    def share(self, amount: Any, part: int, whole: int) -> Any:
        """The accrual of `part` / `whole` of an amount."""

    def post(self, accrual: Any) -> Any:
        """The accrual as an amount: here, and only here, is it rounded."""

    def scaled(self, amount: Any, factor: Any) -> Any:
        """An amount times a factor (a scaling index, a share)."""

    def scaled_accrual(self, accrual: Any, factor: Any) -> Any:
        """An accrual times a factor."""

    def annuity(self, principal: Any, accrual: Any, rate: Any, days: list[int]) -> Any:
        """The payment that clears principal and accrual on the payment days given, the first being now."""

    def stated(self, amount: Any) -> float | int:
        """An amount in units of its currency, as results print it."""

    def stated_accrual(self, accrual: Any) -> float | int:
        """An accrual as results print it."""

    def stated_rate(self, rate: Any) -> float | int:
        """A rate as results print it."""


class ReferencePath(NumberPath):
    """Rounding ``none``: float64 throughout, as the ACTUS reference results are."""

    one = 1.0
    zero = 0.0

    def __init__(self, day_count: int, maturity_day: int = 0) -> None:
        self.day_count = day_count
        self.denominator = day_count_denominator(day_count)
        self.maturity_day = maturity_day

    def numerator(self, start: int, end: int) -> int:
        return day_count_numerator(self.day_count, day_of(start), day_of(end), self.maturity_day)

    def amount(self, stated: Fraction) -> float:
        return float(stated)

    def rate(self, stated: Fraction) -> float:
        return float(stated)

    def interest(self, base: float, rate: float, start: int, end: int) -> float:
        return self.numerator(start, end) / self.denominator * rate * base

    def accrued(self, amount: float) -> float:
        return amount

    def share(self, amount: float, part: int, whole: int) -> float:
        return part / whole * amount if whole else 0.0

    def post(self, accrual: float) -> float:
        return accrual

    def scaled(self, amount: float, factor: float) -> float:
        return amount * factor

    def scaled_accrual(self, accrual: float, factor: float) -> float:
        return accrual * factor

    def annuity(self, principal: float, accrual: float, rate: float, days: list[int]) -> float:
        growths = [1.0 + rate * self.numerator(start, end) / self.denominator for start, end in pairwise(days)]
        return annuity_payment(principal + accrual, growths)

    def stated(self, amount: float) -> float | int:
        return amount + 0.0

    def stated_accrual(self, accrual: float) -> float | int:
        return accrual + 0.0

    def stated_rate(self, rate: float) -> float | int:
        return rate + 0.0


class BankPath(NumberPath):
    """Rounding ``half_up_fen_per_posting``: amounts int fen, rates and factors int ppm, accruals exact numerators."""

    one = MILLION
    zero = 0

    def __init__(self, day_count: int, maturity_day: int = 0) -> None:
        self.day_count = day_count
        self.denominator = day_count_denominator(day_count) * MILLION
        self.maturity_day = maturity_day

    def numerator(self, start: int, end: int) -> int:
        return day_count_numerator(self.day_count, day_of(start), day_of(end), self.maturity_day)

    def amount(self, stated: Fraction) -> int:
        return half_up(stated.numerator * 100, stated.denominator)

    def rate(self, stated: Fraction) -> int:
        return half_up(stated.numerator * MILLION, stated.denominator)

    def interest(self, base: int, rate: int, start: int, end: int) -> int:
        return self.numerator(start, end) * rate * base

    def accrued(self, amount: int) -> int:
        return amount * self.denominator

    def share(self, amount: int, part: int, whole: int) -> int:
        return half_up(amount * self.denominator * part, whole) if whole else 0

    def post(self, accrual: int) -> int:
        return half_up(accrual, self.denominator)

    def scaled(self, amount: int, factor: int) -> int:
        return half_up(amount * factor, MILLION)

    def scaled_accrual(self, accrual: int, factor: int) -> int:
        return half_up(accrual * factor, MILLION)

    def annuity(self, principal: int, accrual: int, rate: int, days: list[int]) -> int:
        growths = [1.0 + rate * self.numerator(start, end) / self.denominator for start, end in pairwise(days)]
        return half_up(*annuity_payment(principal + accrual / self.denominator, growths).as_integer_ratio())

    def stated(self, amount: int) -> float | int:
        return amount / 100

    def stated_accrual(self, accrual: int) -> float | int:
        return self.post(accrual) / 100

    def stated_rate(self, rate: int) -> float | int:
        return rate / MILLION


def half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest integer, ties away from zero; integers of any size."""
    quotient, rest = divmod(abs(numerator), denominator)
    if 2 * rest >= denominator:
        quotient += 1
    return -quotient if numerator < 0 else quotient
