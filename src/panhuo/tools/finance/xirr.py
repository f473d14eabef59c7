"""The yearly rate that brings dated cash flows to zero (XIRR), for one case and for whole books.

Invariant: the rate returned is a root of sum(amount / (1 + rate) ** (days / year)) = 0, and `status` says whether it is
the only one. Roots are sought with x, the logarithm of the daily discount factor, as the unknown: the sum is then
sum(amount * exp(x * day)), smooth, and by Descartes' rule it has at most as many real roots as the amounts have changes
of sign in time. The common case of one change needs about two Halley steps from a start by duration; anything else is
isolated by proven bounds, never guessed.

Float64 by design (a reference path): a rate that is sealed is rounded to its declared scale by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, prange

from panhuo.ground.values.jitable import jitable, register_all
from panhuo.ground.values.transcendental import exponential, logarithm

UNIQUE = 0
NEAREST_OF_SEVERAL = 1
NO_ROOT = 2
BAD_INPUT = 3
NOT_ISOLATED = 4

STATUS_WORDS = ("unique", "nearest of several", "no root", "bad input", "not isolated")

# Rates are sought from -99.9999 % to 10**12 (ten to the fourteenth per cent) a year.
LOWEST_FORCE = -13.815510557964274
HIGHEST_FORCE = 27.631021115929547

_UNORDERED = 9
_HALLEY_STEPS = 12
_CUBE_SMALL = 1e-10
_INTERVALS = 4000
_PARALLEL_FROM = 4096

register_all()


@dataclass(frozen=True)
class YearlyRate:
    """A yearly rate (0.05 is 5 %) and how sure it is; `rate` is NaN unless `status` is 0 or 1."""

    rate: float
    status: int
    roots: int

    @property
    def words(self) -> str:
        """The status in words: unique, nearest of several, no root, bad input, not isolated."""
        return STATUS_WORDS[self.status]


def xirr(days: Sequence[float], amounts: Sequence[float], year_days: float = 365.0) -> YearlyRate:
    """The yearly effective rate of one set of flows.

    Args:
        days: day numbers, whole or fractional, in any order. amounts: signed, at least one of either sign.
        year_days: length of the year the exponent divides by: 365 as Excel and pyxirr, 365.25 for a European case.

    Returns:
        the rate; if several exist, the one nearest zero (by its logarithm) and their number; if none, NaN and why.
    """
    if len(days) != len(amounts):
        return YearlyRate(float("nan"), BAD_INPUT, 0)
    # Plain Python on plain numbers: one case needs no compilation, and takes the same steps as a book's.
    flows = sorted(zip(map(float, days), map(float, amounts), strict=True), key=lambda flow: flow[0])
    rate, status, roots = solve_one([day for day, _ in flows], [amount for _, amount in flows], year_days)
    return YearlyRate(float(rate), status, roots)


def xirr_of_book(days: Any, amounts: Any, offsets: Any, year_days: float = 365.0) -> tuple[Any, Any]:
    """Yearly effective rates of many sets of flows laid end to end.

    Args:
        days: int32 or float64 day numbers; flow `i` of case `k` stands at `offsets[k] + i`. Sorted cases are fastest.
        amounts: float64 or int64 (fen), same length. offsets: int64, one more than cases.
        year_days: as in `xirr`.

    Returns:
        (rates float64, statuses int8), one each a case; a rate is NaN unless its status is 0 or 1.
    """
    offsets = np.ascontiguousarray(offsets, dtype=np.int64)
    days = np.ascontiguousarray(days)
    amounts = np.ascontiguousarray(amounts)
    rates = np.empty(len(offsets) - 1)
    statuses = np.empty(len(offsets) - 1, np.int8)
    if len(rates) >= _PARALLEL_FROM:
        _solve_blocks(days, amounts, offsets, year_days, rates, statuses)
    else:
        solve_range(days, amounts, offsets, year_days, rates, statuses, 0, len(rates))
    return rates, statuses


@njit(cache=True)
def solve_range(
    days: Any, amounts: Any, offsets: Any, year_days: float, rates: Any, statuses: Any, first: int, last: int
) -> None:
    """Writes rates and statuses of cases `first` .. `last` of a book, on the calling thread."""
    for case in range(first, last):
        start = offsets[case]
        stop = offsets[case + 1]
        rate, status, _ = solve_one(days[start:stop], amounts[start:stop], year_days)
        rates[case] = rate
        statuses[case] = status


@njit(cache=True, parallel=True)
def _solve_blocks(days: Any, amounts: Any, offsets: Any, year_days: float, rates: Any, statuses: Any) -> None:
    cases = len(rates)
    for block in prange((cases + 511) // 512):
        solve_range(days, amounts, offsets, year_days, rates, statuses, block * 512, min(cases, block * 512 + 512))


@jitable
def solve_one(days: Any, amounts: Any, year_days: float) -> tuple[float, int, int]:
    """(rate, status, number of roots) of one set of flows; callable from any compiled kernel."""
    rate, status, roots = _solve_ordered(days, amounts, year_days)
    if status == _UNORDERED:
        order = np.argsort(days, kind="mergesort")
        return _solve_ordered(days[order], amounts[order], year_days)
    return rate, status, roots


@jitable
def _solve_ordered(days: Any, amounts: Any, year_days: float) -> tuple[float, int, int]:
    count = len(days)
    if count < 2:
        return np.nan, BAD_INPUT, 0
    # One walk: order, sign changes, and the weight, centre and spread in time of what is paid and what is got.
    origin = days[0]
    previous = origin
    got = 0.0
    got_first = 0.0
    got_second = 0.0
    all_weight = 0.0
    all_first = 0.0
    all_second = 0.0
    positive = amounts[0] > 0
    changes = 0
    ordered = True
    for position in range(count):
        day = days[position]
        ordered &= day >= previous
        previous = day
        amount = float(amounts[position])
        is_positive = amount > 0.0
        changes += is_positive != positive
        positive = is_positive
        elapsed = float(day - origin)
        got_amount = amount if is_positive else 0.0
        got += got_amount
        all_weight += amount
        got_amount *= elapsed
        amount *= elapsed
        got_first += got_amount
        all_first += amount
        got_second += got_amount * elapsed
        all_second += amount * elapsed
    if not (np.isfinite(all_second) and np.isfinite(got_second) and np.isfinite(all_weight)):
        return np.nan, BAD_INPUT, 0
    if not ordered:
        return np.nan, _UNORDERED, 0
    if changes != 1:
        changes = _sign_changes(days, amounts)
        if changes == 0:
            return np.nan, NO_ROOT, 0
    if changes == 1:
        paid = got - all_weight
        x = start_by_duration(got, got_first, got_second, paid, got_first - all_first, got_second - all_second)
        rate = refined_rate(days, amounts, x, year_days)
        if not np.isnan(rate):
            return rate, UNIQUE, 1
    return _isolate(days, amounts, year_days, changes)


@jitable
def start_by_duration(
    got: float, got_first: float, got_second: float, paid: float, paid_first: float, paid_second: float
) -> float:
    """First guess of x (log of the daily discount) from the sums of either side and their first two moments in days.

    Exact when either side is one flow; else right to the second order of rate x time. NaN when the sides coincide.
    """
    got_centre = got_first / got
    paid_centre = paid_first / paid
    between = got_centre - paid_centre
    if between == 0.0:
        return np.nan
    spread = (got_second / got - got_centre * got_centre) - (paid_second / paid - paid_centre * paid_centre)
    ratio = logarithm(got / paid)
    x = -ratio / between
    if abs(spread * x) < abs(between):
        x = -ratio / (between + 0.5 * spread * x)
        x = -ratio / (between + 0.5 * spread * x)
    return x


@jitable
def refined_rate(days: Any, amounts: Any, x: float, year_days: float) -> float:
    """Yearly rate by Halley steps from a guess of x, for flows in order with one change of sign; NaN if it fails."""
    span = float(days[len(days) - 1] - days[0])
    if not abs(x * span) < 600.0:
        return np.nan
    x, found = _halley(days, amounts, x, span, year_days)
    force = -x * year_days
    if found and LOWEST_FORCE <= force <= HIGHEST_FORCE:
        return exponential(force) - 1.0
    return np.nan


@jitable
def _sign_changes(days: Any, amounts: Any) -> int:
    # Changes of sign of the daily nets in time: Descartes' bound on the number of real roots.
    changes = 0
    sign = 0
    net = 0.0
    for position in range(len(days)):
        net += float(amounts[position])
        if position + 1 == len(days) or days[position + 1] != days[position]:
            if (net > 0.0 and sign < 0) or (net < 0.0 and sign > 0):
                changes += 1
            if net > 0.0:
                sign = 1
            elif net < 0.0:
                sign = -1
            net = 0.0
    return changes


@jitable
def _halley(days: Any, amounts: Any, x: float, span: float, year_days: float) -> tuple[float, bool]:
    # Walks the discount factor from flow to flow; gaps of 28 to 31 days take powers made once a step. Convergence is
    # cubic: after a step s (times the span) about s**3 / 16 remains, so that bounds the rate's error to 1e-11 or so.
    origin = days[0]
    last = len(days)
    for _ in range(_HALLEY_STEPS):
        w1 = exponential(x)
        w2 = w1 * w1
        w4 = w2 * w2
        w8 = w4 * w4
        w28 = w8 * w8 * w8 * w4
        day = origin
        discount = 1.0
        last_gap = day - day
        last_power = 1.0
        value = 0.0
        slope = 0.0
        bend = 0.0
        for position in range(last):
            gap = days[position] - day
            day = days[position]
            over = int(gap) - 28
            if over + 28 == gap and 0 <= over <= 3:
                power = w28 * (w1 if over & 1 else 1.0) * (w2 if over & 2 else 1.0)
            else:
                if gap != last_gap:
                    last_gap = gap
                    last_power = exponential(x * gap)
                power = last_power
            discount *= power
            term = amounts[position] * discount
            elapsed = float(day - origin)
            value += term
            term *= elapsed
            slope += term
            bend += term * elapsed
        bottom = 2.0 * slope * slope - value * bend
        if not (bottom > 0.0 and np.isfinite(bottom)):
            return x, False
        step = 2.0 * value * slope / bottom
        x -= step
        if not abs(x * span) < 650.0:
            return x, False
        relative = abs(step) * span
        if relative * relative * relative * year_days < _CUBE_SMALL * span:
            return x, True
    return x, False


@jitable
def _value_and_slope(days: Any, amounts: Any, x: float, pivot: float) -> tuple[float, float]:
    # The sum and its slope, scaled by exp(-x * reference) so that no power overflows; the sign of either is kept.
    # The slope is that of the sum times exp(-x * pivot), which has the same roots.
    reference = days[-1] if x > 0.0 else days[0]
    value = 0.0
    slope = 0.0
    for position in range(len(days)):
        term = amounts[position] * exponential(x * (days[position] - reference))
        value += term
        slope += term * (days[position] - pivot)
    return value, slope


@jitable
def _refine(days: Any, amounts: Any, low: float, high: float, low_value: float, pivot: float) -> float:
    # Newton kept inside a bracket that holds exactly one crossing; bisection whenever Newton would leave it.
    x = 0.5 * (low + high)
    for _ in range(200):
        value, slope = _value_and_slope(days, amounts, x, pivot)
        if value == 0.0:
            return x
        if (value > 0.0) == (low_value > 0.0):
            low = x
        else:
            high = x
        guess = x - value / slope if slope != 0.0 else low
        if not low < guess < high:
            guess = 0.5 * (low + high)
        if abs(guess - x) <= 1e-16 * abs(guess) + 1e-22 or guess in (low, high):
            return guess
        x = guess
    return x


@jitable
def _bounds(days: Any, amounts: Any, low: float, high: float, pivot: float) -> tuple[float, float, float, float]:
    # Proven bounds over low..high of g(x) = sum(amount * exp(x * (day - pivot))) and of its slope: each term is
    # monotone, so its extremes stand at the ends. Scaled by the largest exponent so that nothing overflows.
    first = days[0] - pivot
    last = days[-1] - pivot
    scale = max(max(low * first, low * last), max(high * first, high * last))
    least = 0.0
    most = 0.0
    slope_least = 0.0
    slope_most = 0.0
    for position in range(len(days)):
        distance = days[position] - pivot
        at_low = exponential(low * distance - scale)
        at_high = exponential(high * distance - scale)
        small = min(at_low, at_high)
        large = max(at_low, at_high)
        amount = amounts[position]
        if amount > 0.0:
            least += amount * small
            most += amount * large
        else:
            least += amount * large
            most += amount * small
        weight = amount * distance
        if weight > 0.0:
            slope_least += weight * small
            slope_most += weight * large
        else:
            slope_least += weight * large
            slope_most += weight * small
    return least, most, slope_least, slope_most


@jitable
def _isolate(days: Any, amounts: Any, year_days: float, changes: int) -> tuple[float, int, int]:
    # Bisects the whole range of forces until every piece is shown to hold no root or to be monotone.
    lows = np.empty(256)
    highs = np.empty(256)
    lows[0] = -HIGHEST_FORCE / year_days
    highs[0] = -LOWEST_FORCE / year_days
    waiting = 1
    roots = 0
    best = np.nan
    unproved = 0
    latest = np.inf
    span = max(float(days[-1] - days[0]), 1e-9)
    finest = 1e-9 / span
    for _ in range(_INTERVALS):
        if waiting == 0:
            break
        waiting -= 1
        low = lows[waiting]
        high = highs[waiting]
        middle = 0.5 * (low + high)
        # The weighted mean day at the middle: the pivot about which the bounds are tightest.
        reference = days[-1] if middle > 0.0 else days[0]
        weight = 0.0
        moment = 0.0
        for position in range(len(days)):
            size = abs(amounts[position]) * exponential(middle * (days[position] - reference))
            weight += size
            moment += size * days[position]
        pivot = moment / weight if weight > 0.0 else float(days[0])
        least, most, slope_least, slope_most = _bounds(days, amounts, low, high, pivot)
        if least > 0.0 or most < 0.0:
            continue
        low_value, _ = _value_and_slope(days, amounts, low, pivot)
        high_value, _ = _value_and_slope(days, amounts, high, pivot)
        crosses = (low_value > 0.0) != (high_value > 0.0)
        if slope_least > 0.0 or slope_most < 0.0 or changes == 1:
            if crosses:
                x = _refine(days, amounts, low, high, low_value, pivot)
                if abs(x - latest) * span > 1e-6:
                    roots += 1
                latest = x
                if np.isnan(best) or abs(x) < abs(best):
                    best = x
            continue
        if high - low < finest or waiting + 2 > 256:
            # Neither excluded nor monotone down to the finest width: the sum touches zero here, or all but.
            if crosses or abs(low_value) <= 1e-12 * weight:
                if abs(middle - latest) * span > 1e-6:
                    roots += 1
                latest = middle
                if np.isnan(best) or abs(middle) < abs(best):
                    best = middle
            else:
                unproved += 1
            continue
        lows[waiting] = low
        highs[waiting] = middle
        lows[waiting + 1] = middle
        highs[waiting + 1] = high
        waiting += 2
    if waiting > 0 or (unproved > 0 and roots == 0):
        return np.nan, NOT_ISOLATED, roots
    if roots == 0:
        return np.nan, NO_ROOT, 0
    return exponential(-best * year_days) - 1.0, UNIQUE if roots == 1 else NEAREST_OF_SEVERAL, roots
