"""Provisions: test vector PRV-A of the rule book, expected loss by hand, ties to the ledger."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panhuo.ground.values.money import ratio
from panhuo.stages.monitoring.provisions import loss_over, share
from stages.monitoring.small_book import YUAN, Story, later, rows

AS_OF = "2025-06-30"
MILLION_YUAN = 1_000_000 * YUAN


def prv_a(book: Story) -> None:
    """正常 1000, 关注 100, 次级 40, 可疑 20, 损失 10 (million yuan), by days past due, one debtor each."""
    for name, amount, days in (
        ("normal", 1000, 0), ("mention", 100, 30), ("substandard", 40, 120), ("doubtful", 20, 300), ("loss", 10, 400),
    ):  # fmt: skip
        book.party(name, classification_route="retail")
        due = later(AS_OF, -days if days else 300)
        book.drawdown(f"D-{name}", name, amount * 1_000_000, "2023-08-01", due, [(due, amount * 1_000_000, 0)])


def test_vector_prv_a(story: Callable[..., Story], run) -> None:
    book = story(AS_OF)
    prv_a(book)
    found = run(book.snapshot(), "provision_summary")
    row = rows(found["provision_summary"])["CNY"]
    assert row["specific"] == 32 * MILLION_YUAN
    assert row["potential_loss"] == 52 * MILLION_YUAN
    assert row["npl_balance"] == 70 * MILLION_YUAN
    assert row["coverage_requirement"] == 105 * MILLION_YUAN
    assert row["loan_ratio_requirement"] == 29_250_000 * YUAN
    assert (row["requirement"], row["binding"]) == (105 * MILLION_YUAN, "coverage")
    # the band of PRV-01: a fifth either way on substandard and doubtful
    assert (row["specific_lowest"], row["specific_highest"]) == (28 * MILLION_YUAN, 36 * MILLION_YUAN)
    assert row["general"] == 11_700_000 * YUAN
    assert row["npl_ratio"] == 59_829  # 70 / 1170
    by_debt = rows(found["provisions"])
    assert [by_debt[f"D-{n}"]["stage"] for n in ("normal", "mention", "substandard", "doubtful", "loss")] == [
        "stage_1", "stage_2", "stage_3", "stage_3", "stage_3",
    ]  # fmt: skip
    why = found["provision_summary"].why("CNY", language="zh")["reasons"]
    assert any("取高者（拨备覆盖率）" in r["words"] for r in why)


def test_bases_tie_to_the_ledger(story: Callable[..., Story], run) -> None:
    book = story(AS_OF)
    prv_a(book)
    book.pay("D-substandard", "2025-05-01", principal=123_456.78)
    book.post("D-loss", "2025-06-01", "principal", "write_off", 999_999.99)
    found = run(book.snapshot(), "provision_summary")
    base = pc.sum(found["provisions"].table.column("balance")).as_py()
    principal = pc.sum(found["days_past_due"].table.column("principal_balance")).as_py()
    posted = sum(
        (1 if p["kind"] == "disburse" else -1) * p["amount"]
        for p in book.facts["postings"]
        if p["component"] == "principal"
    )
    summary = rows(found["provision_summary"])["CNY"]
    assert base == principal == posted == summary["balance"]
    classes = ("normal", "special_mention", "substandard", "doubtful", "loss")
    assert sum(summary[f"{c}_balance"] for c in classes) == summary["balance"]


def test_expected_loss_of_one_year_by_hand() -> None:
    # 1,000,000 yuan, 2 % in twelve months, 45 % lost, 5 % a year: discounted half a year by 1 + 0.05/2.
    got = loss_over(MILLION_YUAN, 20_000_000, 450_000, 50_000, 12, 12, False)
    by_hand = Decimal(MILLION_YUAN) * Decimal("0.02") * Decimal("0.45") / Decimal("1.025")
    assert abs(got - by_hand) <= 1
    assert got == 878_049  # 8,780.49 yuan


def test_expected_loss_over_a_life_by_hand() -> None:
    # Two and a half years in equal instalments, 10 % a year: spans of 12, 12 and 6 months.
    survival, discount, expected = Fraction(1), Fraction(1), Fraction(0)
    for start, span in ((0, 12), (12, 12), (24, 6)):
        default = survival * Fraction(10, 100) * Fraction(span, 12)
        survival -= default
        middle = discount / (1 + Fraction(6, 100) * Fraction(span, 24))
        exposure = MILLION_YUAN * Fraction(2 * (30 - start) - span, 60)
        expected += exposure * default * middle * Fraction(60, 100)
        discount = middle / (1 + Fraction(6, 100) * Fraction(span, 24))
    got = loss_over(MILLION_YUAN, 100_000_000, 600_000, 60_000, 30, 30, True)
    assert abs(got - expected) <= 3  # three spans, each rounded once


@given(
    exposure=st.integers(0, 10**13),
    probability=st.integers(0, 10**9),
    loss=st.integers(0, 10**6),
    rate=st.integers(0, 360_000),
    months=st.integers(1, 360),
    instalments=st.booleans(),
)
def test_expected_loss_stays_between_nothing_and_the_loss(
    exposure, probability, loss, rate, months, instalments
) -> None:
    whole = loss_over(exposure, probability, loss, rate, months, months, instalments)
    year = loss_over(exposure, probability, loss, rate, min(months, 12), months, instalments)
    assert 0 <= year <= whole <= share(exposure, loss * 1_000) + months


@given(part=st.integers(0, 10**18), whole=st.integers(1, 10**18))
def test_ratios_are_exact(part: int, whole: int) -> None:
    if part // whole > 10**9:
        return
    expected = (Decimal(part) * 10**6 / Decimal(whole)).quantize(Decimal(1), ROUND_HALF_UP)
    assert abs(ratio(part, whole) - int(expected)) <= (0 if part < 10**15 and whole < 10**12 else 1)


@pytest.mark.parametrize(("score", "basis"), [(None, "class"), (31_000_000, "score")])
def test_the_probability_says_where_it_comes_from(story: Callable[..., Story], run, score, basis) -> None:
    import pyarrow as pa

    from panhuo.ground.record.columns import Column, ColumnType, Schema
    from panhuo.ground.record.outcome import make_outcome

    book = story(AS_OF)
    book.party("P1", classification_route="retail")
    book.drawdown("D1", "P1", 100_000, "2025-01-01", "2025-12-31", [("2025-12-31", 100_000, 0)])
    schema = Schema(
        "scores",
        (
            Column("party_id", ColumnType.TEXT, "", "", key=True),
            Column("probability", ColumnType.BILLIONTHS, "", ""),
        ),
    )  # fmt: skip
    table = pa.table({"party_id": ["P1"], "probability": pa.array([score], pa.int64())})
    given_scores = {"scores": make_outcome(schema, table)} if score else {}
    row = rows(run(book.snapshot(), "provisions", given=given_scores)["provisions"])["D1"]
    assert row["probability_basis"] == basis
    assert row["probability"] == (score or 15_000_000)
    assert row["stage"] == "stage_1" and 0 < row["expected_loss"] == row["expected_loss_12_months"]
