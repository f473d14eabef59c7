"""Retention (domain rules 10): the longest applicable period wins; advice is told apart from law."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panhuo.ground.record.errors import InvalidInput
from panhuo.trust.privacy.retention import Record, kept_by


def test_an_auction_is_kept_ten_years_by_the_courts_rules() -> None:
    # 网拍规定 art. 29: ten years at least; the day it ended is not counted (Civil Code art. 201).
    held = [Record("auction", date(2019, 5, 20))]
    (kept,) = kept_by(held, date(2029, 5, 20))
    assert (kept.rule, kept.until, kept.binds) == ("RET-01", date(2029, 5, 20), True)
    assert kept_by(held, date(2029, 5, 21)) == ()


def test_the_longest_applicable_wins_and_stands_first() -> None:
    held = [Record("processing", date(2024, 1, 31)), Record("auction", date(2022, 1, 31))]
    assert [(k.rule, k.until) for k in kept_by(held, date(2025, 6, 1))] == [
        ("RET-01", date(2032, 1, 31)), ("RET-03", date(2027, 1, 31)),
    ]  # fmt: skip


def test_a_record_that_still_runs_is_kept() -> None:
    (kept,) = kept_by([Record("loan_file", None)], date(2026, 1, 1))
    assert kept.until is None and not kept.binds
    (kept,) = kept_by([Record("loan_file", None)], date(2026, 1, 1), adopted=frozenset({"RET-07"}))
    assert kept.binds


def test_identity_records_meet_the_longer_period_only_while_the_shorter_ran() -> None:
    # 反洗钱法: five years before 2025, ten from 2025-01-01 (graded M: advice until adopted).
    assert kept_by([Record("identity", date(2018, 3, 1))], date(2026, 1, 1)) == (), "over in 2023, before the new law"
    (kept,) = kept_by([Record("identity", date(2021, 3, 1))], date(2027, 1, 1))
    assert (kept.until, kept.binds) == (date(2031, 3, 1), False)


def test_a_kind_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidInput):
        kept_by([Record("diary", None)], date(2026, 1, 1))


DAYS = st.dates(date(2012, 1, 1), date(2030, 1, 1))
KINDS = st.sampled_from(["auction", "price_inquiry", "processing", "provision", "collection", "identity", "loan_file"])


@given(st.lists(st.builds(Record, KINDS, st.none() | DAYS), max_size=6), DAYS, st.integers(0, 4000))
def test_what_is_let_go_is_never_kept_again(held: list[Record], on: date, later: int) -> None:
    from datetime import timedelta

    held = [r for r in held if r.ended_on is None or r.ended_on <= on]
    if not kept_by(held, on):
        rest = [k for k in kept_by(held, on + timedelta(days=later)) if k.until is not None]
        # Only a law that came into force since, for a record that was free until then, may keep it: there is none such.
        assert all(k.rule in {"RET-01", "RET-02", "RET-03", "RET-04"} for k in rest)
