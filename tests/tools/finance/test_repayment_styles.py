"""Repayment styles: exact repayment, exact interest against Python integers, the same rows as the contract fold.

Sources: the equal-instalment example of 100,000 yuan over 12 months at 6 % (monthly payment 8,606.64) stands in
Chinese banks' own loan calculators; the rest are properties and Python's unbounded integers.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.dates import add_months, format_date, parse_date
from panhuo.ground.values.day_counts import A360, A365, DAY_COUNTS, day_count_denominator, day_count_numerator
from panhuo.tools.finance.cash_flows import cash_flows
from panhuo.tools.finance.loan_contracts import contract_terms
from panhuo.tools.finance.number_paths import half_up
from panhuo.tools.finance.repayment_styles import (
    ANNUITY,
    BULLET,
    EQUAL_PRINCIPAL,
    LARGEST_PRINCIPAL,
    SINGLE,
    Loans,
    count_rows,
    period_interest,
    schedules,
    stated_schedules,
)

DAY = st.integers(min_value=parse_date("2000-01-01"), max_value=parse_date("2060-12-31"))


@njit
def _compiled_interest(outstanding: int, rate: int, convention: int, start: int, end: int) -> int:
    return period_interest(outstanding, rate, convention, start, end)


def exact_interest(outstanding: int, rate: int, convention: int, start: int, end: int) -> int:
    numerator = outstanding * rate * day_count_numerator(convention, start, end)
    return half_up(numerator, day_count_denominator(convention) * 1_000_000)


@settings(deadline=None, max_examples=150)
@given(
    st.integers(min_value=0, max_value=LARGEST_PRINCIPAL),
    st.integers(min_value=0, max_value=1_000_000),
    st.integers(min_value=0, max_value=len(DAY_COUNTS) - 1),
    DAY,
    st.integers(min_value=0, max_value=11_000),
)
def test_interest_never_overflows_and_is_exact(
    outstanding: int, rate: int, convention: int, start: int, length: int
) -> None:
    expected = exact_interest(outstanding, rate, convention, start, start + length)
    assert period_interest(outstanding, rate, convention, start, start + length) == expected
    assert _compiled_interest(outstanding, rate, convention, start, start + length) == expected


LOAN = st.fixed_dictionaries(
    {
        "principal_fen": st.one_of(
            st.integers(min_value=0, max_value=10**9), st.integers(min_value=10**12, max_value=LARGEST_PRINCIPAL)
        ),
        "rate_ppm": st.integers(min_value=0, max_value=360_000),
        "start": DAY,
        "length": st.integers(min_value=1, max_value=2_000),
        "style": st.integers(min_value=0, max_value=3),
        "day_count": st.sampled_from([A360, A365, A360, A365, 2, 3]),
        "due_day": st.sampled_from([0, 0, 20, 21, 31, 1, 15]),
        "interest_months": st.sampled_from([1, 1, 3]),
        "multiple": st.sampled_from([1, 1, 3]),
    }
)


def columns(loans: list[dict[str, int]]) -> Loans:
    return Loans.of(
        [loan["principal_fen"] for loan in loans],
        [loan["rate_ppm"] for loan in loans],
        [loan["start"] for loan in loans],
        [loan["start"] + loan["length"] for loan in loans],
        [loan["style"] for loan in loans],
        [loan["day_count"] for loan in loans],
        [loan["due_day"] for loan in loans],
        [loan["interest_months"] for loan in loans],
        [loan["interest_months"] * loan["multiple"] for loan in loans],
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(LOAN, min_size=1, max_size=6))
def test_every_schedule_repays_exactly_and_charges_exactly(loans: list[dict[str, int]]) -> None:
    table = columns(loans)
    found = schedules(table)
    for position, loan in enumerate(loans):
        rows = found.rows(position)
        assert rows[-1][0] == loan["start"] + loan["length"]
        assert sum(principal for _, principal, _ in rows) == loan["principal_fen"]
        outstanding, previous = loan["principal_fen"], loan["start"]
        for due, principal, interest in rows:
            assert previous < due
            assert 0 <= principal <= outstanding
            assert interest == exact_interest(outstanding, loan["rate_ppm"], loan["day_count"], previous, due)
            outstanding, previous = outstanding - principal, due


@settings(deadline=None, max_examples=80)
@given(LOAN)
def test_one_loan_is_the_fold_of_its_contract(loan: dict[str, int]) -> None:
    table = columns([loan])
    rows = schedules(table).rows(0)
    if loan["style"] == ANNUITY and any(principal == 0 for _, principal, _ in rows[:-1]):
        return  # a first row long enough to eat the instalment: the bank charges interest only, NAM would add it on
    folded: dict[str, list[int]] = {}
    for event in cash_flows(contract_terms(table, 0)):
        row = folded.setdefault(event["eventDate"][:10], [0, 0])
        if event["eventType"] in ("PR", "MD"):
            row[0] += round(event["payoff"] * 100)
        elif event["eventType"] == "IP":
            row[1] += round(event["payoff"] * 100)
    del folded[format_date(loan["start"])]
    assert [(format_date(due), principal, interest) for due, principal, interest in rows] == [
        (day, principal, interest) for day, (principal, interest) in sorted(folded.items())
    ]


@settings(deadline=None, max_examples=30)
@given(st.lists(LOAN, min_size=2, max_size=5))
def test_any_split_of_the_columns_gives_the_same_rows(loans: list[dict[str, int]]) -> None:
    whole = schedules(columns(loans))
    again = schedules(columns(loans), reuse=whole)
    assert [again.rows(i) for i in range(len(loans))] == [schedules(columns([loan])).rows(0) for loan in loans]


def test_many_loans_on_all_cores_are_the_same_rows_as_a_few_at_a_time() -> None:
    random = np.random.default_rng(7)
    count = 25_000
    start = random.integers(parse_date("2015-01-01"), parse_date("2024-01-01"), count)
    given = (
        random.integers(0, 10**9, count), random.integers(0, 200_000, count), start,
        start + random.integers(1, 500, count), random.integers(0, 4, count), random.integers(0, 2, count),
        random.integers(0, 32, count),
    )  # fmt: skip
    whole = schedules(Loans.of(*given))
    parts = [schedules(Loans.of(*(column[at : at + 10_000] for column in given))) for at in range(0, count, 10_000)]
    for name in ("due", "principal_fen", "interest_fen"):
        assert np.array_equal(getattr(whole, name), np.concatenate([getattr(part, name) for part in parts]))


def test_equal_instalments_of_a_bank_calculator() -> None:
    # 100,000 yuan, 12 months, 6 %: 8,606.64 a month on equal months.
    loans = Loans.of([10_000_000], [60_000], parse_date("2024-01-01"), parse_date("2025-01-01"), ANNUITY, 2)
    rows = schedules(loans).rows(0)
    assert len(rows) == 12
    assert {principal + interest for _, principal, interest in rows[:-1]} == {860_664}
    assert rows[0] == (parse_date("2024-02-01"), 810_664, 50_000)
    assert abs(rows[-1][1] + rows[-1][2] - 860_664) <= 12


def test_equal_principal_by_hand() -> None:
    loans = Loans.of([1_000_000], [36_000], parse_date("2024-01-31"), parse_date("2024-04-30"), EQUAL_PRINCIPAL, A360)
    # 29, 31 and 30 days: 1,000,000 x 3.6 % x 29 / 360 = 2,900 fen, and so on; 333,333 + 333,333 + 333,334.
    assert schedules(loans).rows(0) == [
        (parse_date("2024-02-29"), 333_333, 2_900),
        (parse_date("2024-03-31"), 333_333, half_up(666_667 * 36 * 31, 360_000)),
        (parse_date("2024-04-30"), 333_334, half_up(333_334 * 36 * 30, 360_000)),
    ]


def test_interest_on_the_twentieth_or_by_quarter_on_the_twenty_first() -> None:
    start, end = parse_date("2024-01-10"), parse_date("2025-01-10")
    monthly = schedules(Loans.of([100_000_000], [43_500], start, end, BULLET, A360, due_day=20)).rows(0)
    assert [format_date(due) for due, _, _ in monthly][:2] == ["2024-01-20", "2024-02-20"]
    assert len(monthly) == 13
    assert [principal for _, principal, _ in monthly] == [0] * 12 + [100_000_000]
    quarterly = schedules(
        Loans.of([100_000_000], [43_500], start, end, BULLET, A360, due_day=21, interest_months=3, principal_months=3)
    ).rows(0)
    assert [format_date(due) for due, _, _ in quarterly] == [
        "2024-03-21", "2024-06-21", "2024-09-21", "2024-12-21", "2025-01-10",
    ]  # fmt: skip
    total = half_up(100_000_000 * 43_500 * (end - start), 360_000_000)
    assert abs(sum(interest for _, _, interest in monthly) - total) <= 13


def test_monthly_interest_with_quarterly_principal() -> None:
    start = parse_date("2024-01-10")
    loans = Loans.of(
        [120_000], [60_000], start, add_months(start, 12), EQUAL_PRINCIPAL, A360, interest_months=1, principal_months=3
    )
    assert [principal for _, principal, _ in schedules(loans).rows(0)] == [0, 0, 30_000] * 4


def test_both_at_maturity() -> None:
    start, end = parse_date("2024-01-10"), parse_date("2024-04-10")
    assert schedules(Loans.of([1_000_000], [50_000], start, end, SINGLE, A365)).rows(0) == [
        (end, 1_000_000, half_up(1_000_000 * 50_000 * 91, 365_000_000))
    ]


def test_a_revolving_line_pays_interest_on_what_is_drawn() -> None:
    start = parse_date("2024-01-01")
    loans = Loans.of([500_000], [72_000], start, start + 90, BULLET, A360)
    due = np.array([start + 30, start + 60, start + 90])
    found = stated_schedules(loans, np.array([0, 3]), due, np.array([-300_000, 600_000, 200_000]))
    assert [interest for _, _, interest in found.rows(0)] == [3_000, 4_800, 1_200]
    for wrong in ([-300_000, 600_000, 100_000], [600_000, -300_000, 200_000]):
        with pytest.raises(InvalidInput):
            stated_schedules(loans, np.array([0, 3]), due, np.array(wrong))


@pytest.mark.parametrize(
    ("name", "value"),
    [("principal_fen", -1), ("principal_fen", LARGEST_PRINCIPAL + 1), ("rate_ppm", 1_000_001), ("maturity", 0),
     ("maturity", 200_000), ("style", 9), ("style", 300), ("day_count", 9), ("due_day", 32),
     ("interest_months", 0), ("principal_months", 2)],
)  # fmt: skip
def test_columns_are_checked_by_row(name: str, value: int) -> None:
    good = {"principal_fen": [1, 1], "rate_ppm": [1, 1], "start": [1, 1], "maturity": [400, 400]}
    column = [1, value] if name in ("principal_fen", "rate_ppm") else [400, value]
    if name in ("style", "day_count", "due_day"):
        column = [0, value]
    if name in ("interest_months", "principal_months"):
        good |= {"interest_months": [3, 3], "principal_months": [3, 3]}
        column = [3, value]
    with pytest.raises(InvalidInput, match=name) as wrong:
        Loans.of(**(good | {name: column}))
    assert "row 1" in wrong.value.where


@given(DAY, st.integers(min_value=1, max_value=3_000), st.sampled_from([1, 20, 21, 31]), st.sampled_from([1, 3, 6]))
def test_rows_fall_on_every_stated_due_day_before_the_maturity(
    start: int, length: int, due_day: int, months: int
) -> None:
    by_hand = []
    for ahead in range(length // 28 + 2):
        month = np.datetime64(format_date(start)[:7], "M") + ahead
        first, following = (int(one.astype("datetime64[D]").astype(np.int64)) for one in (month, month + 1))
        due = min(first + due_day, following) - 1
        if (int(month.astype(np.int64)) % 12 + 1) % months == 0 and start < due < start + length:
            by_hand.append(due)
    found = schedules(Loans.of([1], [1], start, start + length, BULLET, A360, due_day, months, principal_months=months))
    assert found.due.tolist() == [*by_hand, start + length]
    assert count_rows(start, start + length, BULLET, due_day, months) == len(by_hand) + 1
