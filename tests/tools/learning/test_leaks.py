"""Planted leaks are found by name; honest columns, however strong, are left alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from panhuo.ground.book.reading.frames import read_frame
from panhuo.tools.learning.leaks import find_leaks
from panhuo.tools.learning.population import read_population

pytest.importorskip("lightgbm")


def honest(size: int = 4000, seed: int = 11):
    generator = np.random.default_rng(seed)
    columns = {f"x{i}": generator.normal(size=size) for i in range(5)}
    margin = columns["x0"] + 0.7 * columns["x1"] - 1.2
    outcome = (generator.random(size) < 1 / (1 + np.exp(-margin))).astype(int)
    columns["dues"] = np.where(
        generator.random(size) < 0.9 - 0.6 * outcome, 0.0, generator.integers(1, 400, size) * 10.0
    )
    columns["bad"] = outcome
    return columns, generator


def leaks_of(columns, target="bad", **options):
    found, _ = find_leaks(read_population(pa.table(columns), target, **options))
    return {leak.column: leak for leak in found}


def test_honest_columns_raise_no_alarm():
    columns, generator = honest()
    columns["x2"] = np.where(generator.random(4000) < 0.2 + 0.3 * columns["bad"], np.nan, columns["x2"])
    assert leaks_of(columns) == {}


def test_a_copy_of_the_outcome_is_sure():
    columns, generator = honest()
    columns["noisy_copy"] = columns["bad"] + 0.2 * generator.normal(size=4000)
    columns["copy"] = np.where(columns["bad"] == 1, "yes", "no")
    found = leaks_of(columns)
    assert set(found) == {"noisy_copy", "copy"}
    assert all(leak.sure for leak in found.values())
    assert "AUC" in found["copy"].why
    assert "AUC" in found["copy"].why_zh


def test_a_column_stronger_than_all_others_is_questioned_not_dropped():
    columns, generator = honest()
    del columns["dues"]
    columns["too_good"] = columns["bad"] + 0.55 * generator.normal(size=4000)
    found = leaks_of(columns)
    assert set(found) == {"too_good"}
    assert not found["too_good"].sure
    assert found["too_good"].kind == "too good alone"


def test_a_cell_filled_in_only_after_the_outcome_is_sure():
    columns, _ = honest()
    columns["closed_on"] = np.where(columns["bad"] == 1, "2020-01-05", None)
    columns["lost"] = np.where(columns["bad"] == 1, columns["x3"], np.nan)
    found = leaks_of(columns)
    assert found["lost"].kind == "after the outcome"
    assert found["lost"].sure


def test_a_value_rewritten_by_the_outcome_is_sure():
    columns, generator = honest()
    signed = generator.choice([12, 24, 36, 48, 60, 84, 120], 4000, p=[0.1, 0.1, 0.2, 0.1, 0.2, 0.2, 0.1])
    until = generator.integers(3, 60, 4000)
    odd = np.where(generator.random(4000) < 0.06, generator.integers(1, 200, 4000), signed)
    columns["months"] = np.where(columns["bad"] == 1, np.minimum(signed, until), odd)
    found = leaks_of(columns)
    assert found["months"].kind == "fixed after the outcome"
    assert found["months"].sure


def test_imputation_by_class_is_named():
    columns, generator = honest()
    holes = generator.random(4000) < 0.15
    by_class = [columns["x4"][columns["bad"] == k].mean() for k in (0, 1)]
    columns["x4"] = np.where(holes, np.where(columns["bad"] == 1, by_class[1], by_class[0]), columns["x4"])
    columns["x3"] = np.where(holes & (columns["bad"] == 0), np.nan, columns["x3"])
    found = leaks_of(columns)
    assert found["x4"].kind == found["x3"].kind == "class-conditional imputation"
    assert found["x4"].sure
    assert not found["x3"].sure


def test_a_date_after_the_decision_is_sure():
    columns, generator = honest()
    start = generator.integers(15_000, 16_000, 4000)
    columns["applied"] = pa.array(start.astype(np.int32)).cast(pa.date32())
    columns["first_call"] = pa.array((start + generator.integers(10, 50, 4000)).astype(np.int32)).cast(pa.date32())
    columns["founded"] = pa.array((start - generator.integers(10, 5000, 4000)).astype(np.int32)).cast(pa.date32())
    found = leaks_of(columns, time_column="applied")
    assert set(found) == {"first_call"}
    assert found["first_call"].kind == "later than the time"


def test_copies_of_rows_are_named_and_kept_in_one_fold():
    from panhuo.tools.learning.folds import stratified_folds

    columns, _ = honest()
    again = {name: np.concatenate([values, values[:300]]) for name, values in columns.items()}
    people = read_population(pa.table(again), "bad")
    assert people.copies == 300
    fold = stratified_folds(people.outcome, people.group)
    assert (fold[4000:] == fold[:300]).all()
    assert "(rows)" in leaks_of(again)


@pytest.mark.parametrize(
    ("name", "target", "event"),
    [
        ("german_credit_statlog.csv.gz", "class_1good_0bad", "0"),
        ("australian_credit_statlog.csv.gz", "A15", None),
        ("hmeq.csv.gz", "BAD", None),
        ("taiwan_default_uci.parquet", "default.payment.next.month", None),
        ("aer_hmda.parquet", "deny", "yes"),
        ("modeldata_lending_club.parquet", "Class", "bad"),
    ],
)
def test_no_wolf_is_cried_on_the_classic_sets(shared_data, name, target, event):
    data = read_frame(shared_data / "credit_scoring_classic" / name)
    found, _ = find_leaks(read_population(data, target, event=event))
    assert found == []


def test_term_of_the_sba_loans_is_named_with_its_numbers(shared_data):
    data = read_frame(shared_data / "sba_loans" / "sba_national_part.parquet")
    people = read_population(data, "MIS_Status", event="CHGOFF")
    found = {leak.column: leak for leak in find_leaks(people)[0]}
    assert set(found) == {"Term", "ChgOffDate", "ChgOffPrinGr"}
    assert found["Term"].sure
    assert "86.0%" in found["Term"].why
    assert "9.8%" in found["Term"].why
