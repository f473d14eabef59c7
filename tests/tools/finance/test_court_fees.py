"""Court fees: 诉讼费用交纳办法 (国务院令481号) arts 13, 14; the table is the one of the rule book, 8.2."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.finance import court_fees
from panhuo.tools.finance.court_fees import FeeScale

WAN = 1_000_000
ACCEPTANCE = FeeScale(
    tuple(WAN * over for over in (0, 1, 10, 20, 50, 100, 200, 500, 1000, 2000)),
    (0, 25_000, 20_000, 15_000, 10_000, 9_000, 8_000, 7_000, 6_000, 5_000),
    (5_000, 0, 0, 0, 0, 0, 0, 0, 0, 0),
)
ENFORCEMENT = FeeScale(
    tuple(WAN * over for over in (0, 1, 50, 500, 1000)), (0, 15_000, 10_000, 5_000, 1_000), (5_000, 0, 0, 0, 0)
)
PRESERVATION = FeeScale((0, 100_000, 10 * WAN), (0, 10_000, 5_000), (3_000, 0, 0))

TABLE = [
    (10_000, 50, 50, 120, 25),
    (50_000, 1_050, 650, 520, 525),
    (100_000, 2_300, 1_400, 1_020, 1_150),
    (200_000, 4_300, 2_900, 1_520, 2_150),
    (500_000, 8_800, 7_400, 3_020, 4_400),
    (1_000_000, 13_800, 12_400, 5_000, 6_900),
    (2_000_000, 22_800, 22_400, 5_000, 11_400),
    (5_000_000, 46_800, 52_400, 5_000, 23_400),
    (10_000_000, 81_800, 77_400, 5_000, 40_900),
    (20_000_000, 141_800, 87_400, 5_000, 70_900),
    (30_000_000, 191_800, 97_400, 5_000, 95_900),
]


@pytest.mark.parametrize(("amount", "acceptance", "enforcement", "preservation", "half"), TABLE)
def test_table(amount: int, acceptance: int, enforcement: int, preservation: int, half: int) -> None:
    fen = amount * 100
    assert ACCEPTANCE.fee(fen) == acceptance * 100
    assert ENFORCEMENT.fee(fen) == enforcement * 100
    assert court_fees.capped_fee(PRESERVATION.fee(fen), 500_000) == preservation * 100
    assert court_fees.part_of_fee(ACCEPTANCE.fee(fen), 1, 2) == half * 100


@pytest.mark.parametrize(("amount", "acceptance", "enforcement", "preservation", "half"), TABLE)
def test_table_by_the_rule_files(amount: int, acceptance: int, enforcement: int, preservation: int, half: int) -> None:
    fen, filed = amount * 100, dt.date(2026, 1, 5)
    assert court_fees.acceptance_fee(fen, filed) == acceptance * 100
    assert court_fees.enforcement_fee(fen, filed) == enforcement * 100
    assert court_fees.preservation_fee(fen, filed) == preservation * 100
    assert court_fees.part_of_fee(court_fees.acceptance_fee(fen, filed), 1, 2) == half * 100


def test_small_sums_pay_the_first_fixed_fee() -> None:
    assert ACCEPTANCE.fee(1) == 5_000
    assert ACCEPTANCE.fee(0) == 5_000
    assert PRESERVATION.fee(100_000) == 3_000


@njit
def compiled(amount, overs, rates, fixed):
    return court_fees.bracket_fee(amount, overs, rates, fixed, len(overs))


@settings(deadline=None)
@given(st.integers(0, 10**13))
def test_brackets_against_fractions(amount: int) -> None:
    exact = Fraction(0)
    for place, (over, rate, fixed) in enumerate(zip(ACCEPTANCE.overs, ACCEPTANCE.rates, ACCEPTANCE.fixed, strict=True)):
        top = min(amount, ACCEPTANCE.overs[place + 1]) if place + 1 < len(ACCEPTANCE.overs) else amount
        exact += fixed + max(0, top - over) * Fraction(rate, 1_000_000)
    expected = floor(exact + Fraction(1, 2))
    assert ACCEPTANCE.fee(amount) == expected
    arrays = [np.array(part, np.int64) for part in (ACCEPTANCE.overs, ACCEPTANCE.rates, ACCEPTANCE.fixed)]
    assert compiled(amount, *arrays) == expected


def test_taxes_by_bearer() -> None:
    # Rule book 8.6 defaults: VAT 3 % simplified, surcharges 7 + 3 + 2 % of it, stamp duty 0.05 % each, deed tax 3 %.
    table = [
        {"tax": "增值税", "base": "price", "rate_ppm": 30_000, "owed_by": "seller", "value_added": True},
        {"tax": "附加税费", "base": "vat", "rate_ppm": 120_000, "owed_by": "seller"},
        {"tax": "印花税", "base": "price", "rate_ppm": 500, "owed_by": "seller"},
        {"tax": "个人所得税", "base": "gain", "rate_ppm": 200_000, "owed_by": "seller", "borne_by": "buyer"},
        {"tax": "契税", "base": "price", "rate_ppm": 30_000, "owed_by": "buyer"},
    ]
    price, deductions = 100_000_000, 60_000_000
    lines = court_fees.sale_taxes(price, table, deductions=deductions)
    assert [line.amount for line in lines] == [3_000_000, 360_000, 50_000, 8_000_000, 3_000_000]
    seller = sum(line.amount for line in lines if line.borne_by == "seller")
    rates = np.array([30_000, 120_000, 500, 200_000, 30_000])
    bases = np.array(
        [-1 - court_fees.PRICE, court_fees.VALUE_ADDED_TAX, court_fees.PRICE, court_fees.GAIN, court_fees.PRICE]
    )
    bearers = np.array([1, 1, 1, 0, 0])
    assert court_fees.tax_borne(price, price - deductions, rates, bases, bearers, court_fees.SELLER, 5) == seller
    assert court_fees.tax_borne(price, price - deductions, rates, bases, bearers, court_fees.BUYER, 5) == 11_000_000
    with pytest.raises(InvalidInput):
        court_fees.sale_taxes(price, table)
    with pytest.raises(InvalidInput):
        court_fees.sale_taxes(price, [{"tax": "x", "base": "luck", "rate_ppm": 1, "owed_by": "seller"}])


@pytest.mark.parametrize(
    ("price", "deductions", "tax"),
    # TAX-07: gain 50 % of deductions 30 %; 80 %: 40 % less 5 %; 150 %: 50 % less 15 %; 300 %: 60 % less 35 %.
    [(150, 100, 15), (180, 100, 27), (250, 100, 60), (400, 100, 145), (90, 100, 0)],
)
def test_land_value_tax(price: int, deductions: int, tax: int) -> None:
    bands = ((500_000, 1_000_000, 2_000_000), (300_000, 400_000, 500_000, 600_000), (0, 50_000, 150_000, 350_000))
    assert court_fees.land_value_tax(price * WAN, deductions * WAN, *bands, 4) == tax * WAN
