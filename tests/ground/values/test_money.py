"""Money: the oracle is Python's unbounded integers and `fractions.Fraction`."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from panhuo.ground.values import money

MOST = 10**13
amounts = st.integers(-MOST, MOST)
rates = st.integers(0, 1_000_000)
days = st.integers(0, 36_500)


def exact_half_up(value: Fraction) -> int:
    magnitude = floor(abs(value) + Fraction(1, 2))
    return -magnitude if value < 0 else magnitude


@njit
def compiled_interest(principal: int, rate: int, days: int, year: int) -> int:
    return money.interest(principal, rate, days, year)


@njit
def compiled_divide(numerator: int, denominator: int) -> int:
    return money.divide_half_up(numerator, denominator)


@njit
def compiled_share(amount, weights):
    shares = np.empty(len(weights), np.int64)
    scratch = np.empty(len(weights), np.int64)
    money.share_out(amount, weights, shares, scratch, len(weights))
    return shares


@settings(deadline=None)
@given(amounts, st.integers(1, 10**12))
def test_division_rounds_half_away_from_zero(numerator: int, denominator: int) -> None:
    expected = exact_half_up(Fraction(numerator, denominator))
    assert money.divide_half_up(numerator, denominator) == expected
    assert compiled_divide(numerator, denominator) == expected


@pytest.mark.parametrize(("numerator", "expected"), [(5, 1), (-5, -1), (4, 0), (-4, 0), (15, 2), (-15, -2)])
def test_ties(numerator: int, expected: int) -> None:
    assert money.divide_half_up(numerator, 10) == expected


@settings(max_examples=400, deadline=None)
@given(amounts, rates, days, st.sampled_from([360, 365, 366]))
def test_interest_is_exact_to_ten_to_the_thirteen(principal: int, rate: int, elapsed: int, year: int) -> None:
    expected = exact_half_up(Fraction(principal * rate * elapsed, year * 1_000_000))
    assert money.interest(principal, rate, elapsed, year) == expected
    assert compiled_interest(principal, rate, elapsed, year) == expected


@settings(deadline=None)
@given(st.lists(st.tuples(amounts, rates, st.integers(0, 400)), max_size=12), st.sampled_from([360, 365]))
def test_an_accrual_is_rounded_once(pieces: list[tuple[int, int, int]], year: int) -> None:
    denominator = year * 1_000_000
    whole, remainder = 0, 0
    for principal, rate, elapsed in pieces:
        whole, remainder = money.accrue(whole, remainder, principal, rate * elapsed, denominator)
        assert 0 <= remainder < denominator
    exact = sum((Fraction(p * r * d, denominator) for p, r, d in pieces), Fraction(0))
    assert whole + Fraction(remainder, denominator) == exact
    assert money.posted(whole, remainder, denominator) == exact_half_up(exact)


@settings(deadline=None)
@given(st.integers(0, 10**14), st.integers(0, 2**61), st.integers(1, 2**61))
def test_wide_division(amount: int, weight: int, total: int) -> None:
    weight = min(weight, total)
    assert money.multiply_divide_wide(amount, weight, total) == divmod(amount * weight, total)


@settings(deadline=None)
@given(amounts, st.lists(st.integers(0, MOST), min_size=1, max_size=12))
def test_shares_add_up_and_stay_within_a_fen(amount: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        weights[0] = 1
    shares = money.share_by_weight(amount, weights)
    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(amount * weight, sum(weights))) < 1
        assert weight or not share
    assert list(compiled_share(amount, np.array(weights, np.int64))) == shares


def test_shares_without_weights() -> None:
    assert money.share_by_weight(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="no positive weight"):
        money.share_by_weight(1, [0, 0])
    with pytest.raises(ValueError, match="negative"):
        money.share_by_weight(1, [2, -1])


def test_late_performance_vector() -> None:
    # domain rules, vector LATE-A: 1,000,000 yuan 100 days at 0.0175 % a day is 17,500.00.
    assert money.proportion(100_000_000, 175 * 100) == 1_750_000


@settings(deadline=None)
@given(amounts)
def test_text_comes_back(fen: int) -> None:
    assert money.fen_from_text(money.yuan_text(fen)) == fen
    assert money.fen_from_wan_text(money.wan_text(fen)) == fen
    assert money.fen_from_text(money.yuan_text(fen, separators=True).replace(",", "")) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [("0", 0), ("1", 100), ("-1.5", -150), (" 12.30 ", 1230), ("1e3", 100_000), ("0.010", 1), ("+.5", 50)],
)
def test_reading(text: str, fen: int) -> None:
    assert money.fen_from_text(text) == fen


REFUSED = ["", "abc", "NaN", "inf", "1,000", "0.001", "1_000", "1e40", "92233720368547758.08", "元"]


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not an amount|finer|too large"):
        money.fen_from_text(text)


def test_rounded_reading_is_half_up_both_ways() -> None:
    assert money.fen_from_text("0.005", rounding="half_up") == 1
    assert money.fen_from_text("-0.005", rounding="half_up") == -1
    assert money.fen_from_text("0.00499", rounding="half_up") == 0
    with pytest.raises(ValueError, match="rounding"):
        money.fen_from_text("1", rounding="down")


@pytest.mark.parametrize(
    ("fen", "places", "text"),
    [
        (123_456_789, None, "123.456789"),
        (100_000_000, None, "100.00"),
        (123_456_789, 2, "123.46"),
        (-5_000, 2, "-0.01"),
        (-4_999, 2, "0.00"),
        (1_500_000, 0, "2"),
    ],
)
def test_wan(fen: int, places: int | None, text: str) -> None:
    assert money.wan_text(fen, places) == text


def test_printing() -> None:
    assert money.yuan_text(-123_456_789, separators=True) == "-1,234,567.89"
    assert money.wan_text(12_345_678_900_000, 2, separators=True) == "12,345,678.90"
    with pytest.raises(ValueError, match="places"):
        money.wan_text(1, 7)
