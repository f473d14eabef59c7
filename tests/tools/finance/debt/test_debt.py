"""Debts: hand-computed statements, the rule book's vector LATE-A, and a day-by-day oracle in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from panhuo.ground.book.tables.credit import COMPONENTS
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.dates import format_date, parse_date
from panhuo.tools.finance.debt import penalty
from panhuo.tools.finance.debt.allocation import allocate, allocate_by_name, components_in_order
from panhuo.tools.finance.debt.reading import read_debt
from panhuo.tools.finance.debt.statement import DebtStatement, state_debt

BASE: dict[str, Any] = {
    "id": "D1",
    "start": "2024-01-10",
    "maturity": "2025-01-10",
    "as_of": "2025-06-30",
    "principal": "1000000",
    "rate": "0.0435",
    "interest_due": {"every": "quarter", "day": 21},
    "overdue_uplift": "0.5",
}


def stated(**changes: Any) -> DebtStatement:
    return state_debt(read_debt({**BASE, **changes}))


def figures(statement: DebtStatement) -> list[tuple[str, str, int, int]]:
    return [(line.component, format_date(line.from_day), line.days, line.amount) for line in statement.lines]


def test_late_performance_vector() -> None:
    # Rule book, vector LATE-A: 1,000,000 unpaid 100 days: 17,500.00 (法释〔2014〕8号 art 1).
    late = state_debt(
        read_debt(
            {
                "as_of": "2024-04-10",
                "start": "2024-01-01",
                "maturity": "2024-01-01",
                "principal": "1000000",
                "rate": "0",
                "instrument": {"perform_by": "2024-01-01"},
            }
        )
    )
    assert late.owed["late_performance"] == 1_750_000
    assert late.total == 101_750_000
    assert penalty.doubled_late_interest(100_000_000, 100, 175) == 1_750_000


def test_a_loan_by_hand() -> None:
    # 银发〔2003〕251号 and 77号 art 20, actual/360, by hand:
    # 1,000,000 x 4.35 % x 71/360 = 8,579.17 (paid); x 92/360 = 11,116.67; again;
    # x 91/360 = 10,995.83; x 20/360 = 2,416.67
    # compound in term at 4.35 %: 11,116.67 x 92/360 = 123.58; 22,233.34 x 91/360 = 244.47; 33,229.17 x 20/360 = 80.30
    # after maturity at 6.525 %: 1,000,000 x 171/360 = 30,993.75; compound on 35,645.84 x 171/360 = 1,104.80
    statement = stated(payments=[["2024-03-21", "8579.17"]])
    assert figures(statement) == [
        ("principal", "2024-01-10", 0, 100_000_000),
        ("interest", "2024-01-10", 71, 857_917),
        ("interest", "2024-03-21", 92, 1_111_667),
        ("interest", "2024-06-21", 92, 1_111_667),
        ("compound", "2024-06-21", 92, 12_358),
        ("interest", "2024-09-21", 91, 1_099_583),
        ("compound", "2024-09-21", 91, 24_447),
        ("interest", "2024-12-21", 20, 241_667),
        ("compound", "2024-12-21", 20, 8_030),
        ("penalty", "2025-01-10", 171, 3_099_375),
        ("compound", "2025-01-10", 171, 110_480),
    ]
    assert statement.total == 100_000_000 + 3_564_584 + 3_099_375 + 155_315


def test_appropriation_by_article_561() -> None:
    # 2025-03-01: penalty 1,000,000 x 6.525 % x 50/360 = 9,062.50; compound 448.35 in term and 35,645.84 x 6.525 %
    # x 50/360 = 323.04; interest 35,645.84; court cost 13,800 of 2025-02-01. 60,000 pays cost, compound, penalty and
    # interest, and 60,000 - 13,800 - 771.39 - 9,062.50 - 35,645.84 = 720.27 of principal.
    changes = {
        "payments": [["2024-03-21", "8579.17"], ["2025-03-01", "60000"]],
        "costs": [{"date": "2025-02-01", "amount": "13800", "component": "court_cost_advanced"}],
    }
    receipt = stated(**changes).life.receipts[1]
    assert receipt.allocated == {
        "court_cost_advanced": 1_380_000,
        "compound": 77_139,
        "penalty": 906_250,
        "interest": 3_564_584,
        "principal": 72_027,
    }
    principal_first = stated(**changes, order="cost_principal_interest", order_clause="第十二条").life.receipts[1]
    assert principal_first.allocated == {"court_cost_advanced": 1_380_000, "principal": 4_620_000}
    with pytest.raises(InvalidInput) as refused:
        stated(**changes, order="cost_principal_interest")
    assert refused.value.code == "APP-05"
    over_90 = stated(
        **{**changes, "payments": [["2025-03-01", "60000"]]},
        order="principal_first_over_90_days",
        order_clause="第十二条",
    )
    assert over_90.life.receipts[0].allocated["principal"] == 4_620_000
    designated = stated(**{**changes, "payments": [{"date": "2025-03-01", "amount": "100", "to": "本金"}]})
    assert designated.life.receipts[0].allocated == {"principal": 10_000}


def test_misuse_and_overdue_the_heavier_alone() -> None:
    # Misused from 2024-07-01 at +100 %: 8.7 % from then on, also after maturity (not 8.7 % + 2.175 %).
    # 1,000,000 x 8.7 % x 364/360 = 87,966.67 from 2024-07-01 to 2025-06-30.
    statement = stated(misuse={"from": "2024-07-01", "uplift": "1"}, compound=False)
    assert statement.owed["penalty"] == 8_796_667
    # Normal interest stops when the misuse rate begins: 1,000,000 x 4.35 % x 173/360 = 20,904.17.
    assert statement.owed["interest"] == 2_090_417
    # Half misused: 500,000 at +100 % after maturity beside 500,000 at +50 %.
    half = stated(misuse={"from": "2025-01-10", "uplift": "1", "amount": "500000"}, compound=False)
    assert half.owed["penalty"] == 500_000_00 * 171 * (87_000 + 65_250) // 360 // 1_000_000 + 1


def test_bankruptcy_stops_everything() -> None:
    statement = stated(bankruptcy_accepted="2024-10-01", instrument={"perform_by": "2024-08-01"})
    assert max(line.to_day for line in statement.lines) == parse_date("2024-10-01")
    assert statement.owed["penalty"] == 0
    assert statement.owed["late_performance"] == 100_000_000 * 175 * 61 // 1_000_000
    assert statement.life.not_yet_due == {}
    assert "PEN-07" in [note.code for note in statement.notes]


def test_interest_after_assignment() -> None:
    changes = {"assigned_on": "2025-04-10", "compound": False}
    both = stated(**changes, post_assignment_interest="court-dependent")
    yes = stated(**changes, post_assignment_interest="yes")
    no = stated(**changes, post_assignment_interest="no")
    assert both.total == yes.total == no.other_total
    assert no.total == yes.other_total == both.other_total
    # 1,000,000 x 6.525 % x 90/360 until assignment, x 171/360 until the day of computation.
    assert no.owed["penalty"] == 1_631_250
    assert yes.owed["penalty"] == 3_099_375
    told = both.as_json()["post_assignment_interest"]
    assert told["total_if_yes"] != told["total_if_no"]


def test_doubled_interest_by_instalment_and_stay() -> None:
    # Instalments of 300,000 (by 2025-02-01) and 700,000 (by 2025-03-01), 100,000 paid 2025-02-11, stay of ten days:
    # 300,000 x 10 + 200,000 x 18 + 900,000 x (121 - 10) days, x 0.0175 %.
    statement = stated(
        rate="0",
        instrument={
            "effective": "2025-01-15",
            "instalments": [["2025-02-01", "300000"], ["2025-03-01", "700000"]],
            "stays": [["2025-04-01", "2025-04-11"]],
        },
        payments=[["2025-02-11", "100000"]],
    )
    expected = (300_000 * 10 + 200_000 * 18 + 900_000 * 111) * 175 * 100 // 1_000_000
    assert abs(statement.owed["late_performance"] - expected) <= 1


def test_ceiling_is_flagged_and_applied_when_asked() -> None:
    # 20 % contract, +50 % overdue: 30 % runs above 24 %. Charges: 200,000 x 366/360 + 300,000 x 171/360; limit
    # 240,000 x 537/365.
    changes = {"rate": "0.2", "interest_due": "maturity", "compound": False}
    flagged = stated(**changes)
    assert flagged.ceiling is not None
    charged = 20_333_333 + 14_250_000
    limit = 35_309_589
    assert flagged.ceiling.charged == charged
    assert flagged.ceiling.limit == limit
    assert flagged.ceiling.excess == 0
    heavy = stated(**{**changes, "rate": "0.3"})
    assert heavy.ceiling is not None
    assert heavy.ceiling.excess == 30_500_000 + 21_375_000 - limit
    assert heavy.ceiling.reduction == {}
    assert "RATE-06" in [note.code for note in heavy.notes]
    reduced = stated(**{**changes, "rate": "0.3"}, ceiling={"apply": True})
    assert reduced.total == heavy.total - heavy.ceiling.excess
    assert sum(line.amount for line in reduced.lines if line.note == "RATE-06") == -heavy.ceiling.excess


def test_lpr_with_repricing() -> None:
    # LPR 3.45 % + 90 bp = 4.35 % to the anniversary 2025-01-10, then 3.10 % + 90 bp = 4 % (+50 % when overdue: 6 %).
    rate = {
        "lpr": "one_year",
        "basis_points": 90,
        "repricing": "anniversary",
        "series": [["2023-08-21", "3.45%"], ["2024-07-22", "3.35%"], ["2024-10-21", "3.10%"]],
    }
    statement = stated(rate=rate, compound=False)
    assert statement.owed["interest"] == 857_917 + 1_111_667 * 2 + 1_099_583 + 241_667
    assert statement.owed["penalty"] == 100_000_000 * 6 * 171 // 36_000
    fixed = stated(rate={**rate, "repricing": "none"}, compound=False)
    assert fixed.owed["penalty"] == 3_099_375


def test_lpr_from_the_rule_files() -> None:
    # One-year LPR: 3.45 % from 2023-08-21, 3.10 % from 2024-10-21 (rule book 4.1).
    terms = read_debt({**BASE, "rate": {"lpr": "one_year", "basis_points": 90, "repricing": "anniversary"}})
    assert terms.rates == ((parse_date("2024-01-10"), 43_500), (parse_date("2025-01-10"), 40_000))


def test_off_balance_and_early_repayment() -> None:
    statement = stated(nonaccrual_from="2024-09-21", compound=False)
    assert statement.owed["interest"] == 857_917 + 2 * 1_111_667
    assert statement.owed["interest_off_balance"] == 1_099_583 + 241_667
    # Settled on 2024-02-09: 30 days of interest, 3,625.00 (民法典 art 677), the rest left over.
    settled = stated(payments=[["2024-02-09", "1010000"]])
    assert settled.total == 0
    assert settled.life.paid["interest"] == 362_500
    assert settled.life.left_over == 637_500
    # Half repaid: the period's interest is on both balances, due on its day.
    half = stated(payments=[["2024-02-09", "500000"]], as_of="2024-03-21")
    # 3,625.00 + 500,000 x 4.35 % x 41/360 = 6,102.08, one posting.
    assert half.owed["interest"] == 610_208


def test_base_day_balances_and_stated_differences() -> None:
    statement = stated(
        start="2025-03-31",
        opening={"表内利息": "35645.84", "penalty": "14500"},
        stated={"本金": "1000000", "罚息": "40000"},
    )
    # 1,000,000 x 6.525 % x 91/360 = 16,493.75 and 35,645.84 x 6.525 % x 91/360 = 587.93.
    assert statement.owed["penalty"] == 1_450_000 + 1_649_375
    assert statement.owed["compound"] == 58_793
    assert statement.differences == [("principal", 100_000_000, 100_000_000), ("penalty", 4_000_000, 3_099_375)]


def test_thirty_360() -> None:
    # 30 days a month: 2024-01-10 to 2025-01-10 is 360 days, 43,500.00.
    assert stated(day_count="thirty_360", interest_due="maturity", as_of="2025-01-10").owed["interest"] == 4_350_000


@pytest.mark.parametrize(
    "changes",
    [
        {"princpal": "1"},
        {"principal": "-1"},
        {"rate": "soon"},
        {"rate": 0.1},
        {"as_of": "2023-01-01"},
        {"day_count": "lunar"},
        {"order": ["principal"]},
        {"costs": [{"date": "2025-01-01", "amount": "1", "component": "penalty"}]},
        {"payments": [["2023-01-01", "5"]]},
        {"post_assignment_interest": "perhaps"},
        {"interest_due": "sometimes"},
        {"stated": {"luck": "1"}},
    ],
)
def test_refusals(changes: dict) -> None:
    if changes == {"rate": 0.1}:
        assert stated(rate=0.1).owed["interest"] > 0  # a plain number has few enough digits
        return
    with pytest.raises(InvalidInput):
        stated(**changes)


# --- properties -----------------------------------------------------------------------------------------------------

balances_drawn = st.fixed_dictionaries({code.code: st.integers(0, 10**13) for code in COMPONENTS})
orders = st.permutations([code.code for code in COMPONENTS])


@njit
def compiled_allocate(payment, balances, order):
    paid = np.zeros(len(balances), np.int64)
    left = allocate(payment, balances, order, paid, len(order))
    return paid, left


@settings(deadline=None)
@given(st.integers(0, 5 * 10**13), balances_drawn, orders)
def test_allocation_conserves_and_keeps_the_order(payment: int, balances: dict[str, int], order: list[str]) -> None:
    allocated, left = allocate_by_name(payment, balances, order)
    assert sum(allocated.values()) + left == payment
    assert all(0 <= amount <= balances[name] for name, amount in allocated.items())
    unpaid = False
    for name in order:
        assert not (unpaid and allocated.get(name, 0))
        unpaid = unpaid or allocated.get(name, 0) < balances[name]
    assert left == 0 or not unpaid
    paid, rest = compiled_allocate(
        payment,
        np.array([balances[code.code] for code in COMPONENTS]),
        np.array([COMPONENTS.position(n) for n in order]),
    )
    assert rest == left
    assert {code.code: int(amount) for code, amount in zip(COMPONENTS, paid, strict=True) if amount} == allocated


@njit
def compiled_penalty(principal, rate, uplift, days, year):
    return penalty.penalty_interest(principal, rate, uplift, days, year)


@settings(deadline=None)
@given(
    st.integers(0, 10**13),
    st.integers(0, 360_000),
    st.integers(0, 1_000_000),
    st.integers(0, 7_300),
    st.sampled_from([360, 365]),
)
def test_penalty_interest_is_exact(principal: int, rate: int, uplift: int, days: int, year: int) -> None:
    exact = Fraction(principal * rate * (1_000_000 + uplift) * days, year * 10**12)
    expected = int(exact + Fraction(1, 2))
    assert penalty.penalty_interest(principal, rate, uplift, days, year) == expected
    assert compiled_penalty(principal, rate, uplift, days, year) == expected


def oracle(case: dict[str, Any]) -> dict[str, Fraction]:
    """Day by day in exact fractions, without any rounding: contract interest, penalty, compound, art 561."""
    day, end, term = parse_date(case["start"]), parse_date(case["as_of"]), parse_date(case["maturity"])
    rate = Fraction(case["rate"])
    raised = rate * (1 + Fraction(case["overdue_uplift"]))
    due_days = {parse_date(text) for text in case["interest_due"]}
    payments = {parse_date(text): Fraction(amount) * 100 for text, amount in case["payments"]}
    undue, overdue = Fraction(case["principal"]) * 100, Fraction(0)
    accrued = interest = fine = compound = Fraction(0)
    while True:
        if day in due_days or day >= term:
            interest, accrued = interest + accrued, Fraction(0)
        if day >= term:
            undue, overdue = Fraction(0), overdue + undue
        left = payments.get(day, Fraction(0))
        for name in ("compound", "fine", "interest", "overdue"):
            pool = {"compound": compound, "fine": fine, "interest": interest, "overdue": overdue}[name]
            take = min(left, pool)
            left -= take
            if name == "compound":
                compound -= take
            elif name == "fine":
                fine -= take
            elif name == "interest":
                interest -= take
            else:
                overdue -= take
        if left and left >= undue + accrued:
            undue, accrued = Fraction(0), Fraction(0)
        else:
            undue -= min(left, undue)
        if day == end:
            return {"principal": undue + overdue, "interest": interest + accrued, "penalty": fine, "compound": compound}
        accrued += undue * rate / 360
        fine += overdue * raised / 360
        compound += interest * (raised if day >= term else rate) / 360
        day += 1


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    start = 19_000 + draw(st.integers(0, 400))
    term = start + draw(st.integers(1, 500))
    end = start + draw(st.integers(0, 900))
    days = draw(st.lists(st.integers(start + 1, start + 600), max_size=5, unique=True))
    paid = draw(
        st.lists(
            st.tuples(st.integers(start, max(start, end)), st.integers(1, 60_000_000)),
            max_size=5,
            unique_by=lambda p: p[0],
        )
    )
    return {
        "start": format_date(start),
        "maturity": format_date(term),
        "as_of": format_date(end),
        "principal": str(draw(st.integers(1, 10_000_000))),
        "rate": f"0.{draw(st.integers(0, 360_000)):06d}",
        "overdue_uplift": f"0.{draw(st.integers(0, 999_999)):06d}",
        "interest_due": [format_date(day) for day in days],
        "payments": [[format_date(day), f"{amount // 100}.{amount % 100:02d}"] for day, amount in paid],
    }


@settings(deadline=None, max_examples=120)
@given(cases())
def test_a_debt_against_the_daily_oracle(case: dict[str, Any]) -> None:
    statement = state_debt(read_debt(case))
    life = statement.life
    assert sum(life.paid.values()) + life.left_over == sum(receipt.payment.amount for receipt in life.receipts)
    for code in COMPONENTS:
        assert life.charged[code.code] - life.paid[code.code] == life.owed[code.code] >= 0
        assert sum(line.amount for line in statement.lines if line.component == code.code) == life.charged[code.code]
    expected = oracle(case)
    # Each posting rounds by at most half a fen, and a rounded fen may earn a little itself.
    postings = len(statement.lines) + 2
    for component, amount in expected.items():
        assert abs(statement.owed[component] - amount) <= postings, component
    assert components_in_order()[-1] == "late_performance"
