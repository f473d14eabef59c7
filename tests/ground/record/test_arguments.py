"""Arguments of reasons: one spelling for each list, and amounts that read in their own currency.

Decimals of currencies are those of ISO 4217 (JPY 0, KWD 3, USD 2).
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from panhuo.ground.book.currencies import CURRENCIES
from panhuo.ground.record.arguments import argument_texts, fen_text, join_arguments, split_arguments, value_text
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing, pronounce

AMOUNT = Column("amount", ColumnType.FEN, "金额", "amount")
DEBT = Column("debt_id", ColumnType.TEXT, "债务", "debt", key=True, required=True)
CURRENCY = Column("currency", ColumnType.CODE, "币种", "currency", codes=CURRENCIES)
WORDS = """
[OWED]
arguments = ["amount:fen"]
zh = "尚欠 {amount}"
en = "{amount} is owed"
"""


@pytest.mark.parametrize(
    ("fen", "currency", "zh", "en"),
    [
        (1_200_000, "CNY", "1.20万元", "CNY 12,000"),
        (-150, "CNY", "-1.50元", "-CNY 1.50"),
        (1_200_000, "USD", "USD 12,000", "USD 12,000"),
        (1_200_050, "USD", "USD 12,000.50", "USD 12,000.50"),
        (1_200_000, "JPY", "JPY 1,200,000", "JPY 1,200,000"),
        (1_200_005, "KWD", "KWD 1,200.005", "KWD 1,200.005"),
        (-7, "EUR", "-EUR 0.07", "-EUR 0.07"),
    ],
)
def test_an_amount_reads_in_its_currency(fen: int, currency: str, zh: str, en: str) -> None:
    assert (fen_text(fen, "zh", currency), fen_text(fen, "en", currency)) == (zh, en)


def test_the_currency_is_written_where_it_is_not_the_yuan() -> None:
    amounts = pa.array([1, None, 3, 4], pa.int64())
    currencies = pa.array(["USD", "USD", "CNY", None])
    assert argument_texts(AMOUNT, amounts, currencies).to_pylist() == ["fen:1@USD", "fen:?", "fen:3", "fen:4"]
    assert argument_texts(AMOUNT, amounts).to_pylist() == ["fen:1", "fen:?", "fen:3", "fen:4"]


def test_a_list_of_arguments_comes_apart_as_it_was_joined() -> None:
    text = Column("name", ColumnType.TEXT, "名", "name")
    parts = [argument_texts(AMOUNT, pa.array([5]), pa.array(["USD"])), argument_texts(text, pa.array(["a,b:c@d%"]))]
    joined = join_arguments(parts, 1)[0].as_py()
    assert joined == "fen:5@USD,text:a%2Cb%3Ac@d%25"
    read = [value_text(a.kind, a.value, {}, "en") for a in split_arguments(joined)]
    assert read == ["USD 0.05", "a,b:c@d%"]


def _thing(folder: Path, *columns: Column) -> Thing:
    (folder / "words.toml").write_text(WORDS, encoding="utf-8")
    return Thing(
        subject=Schema("debts", (DEBT, AMOUNT, *columns)),
        verdict=Schema("debts", (DEBT, AMOUNT)),
        judge=lambda row, rules, model: ((row.amount[0], row.amount[1]),),
        reasons=(Reason("OWED", when="amount", contribution="amount", arguments=("amount",)),),
        words=folder / "words.toml",
    )


def test_a_reason_says_the_currency_of_its_row(tmp_path: Path) -> None:
    rows = pa.table({"debt_id": ["A", "B", "C"], "amount": [500, 500, 500], "currency": ["CNY", "USD", "JPY"]})
    said = pronounce(_thing(tmp_path, CURRENCY), rows, engine="plain")
    assert said.reasons.column("arguments").to_pylist() == ["fen:500", "fen:500@USD", "fen:500@JPY"]
    read = {k: [said.why(k, language=lang)["reasons"][0]["words"] for lang in ("zh", "en")] for k in "ABC"}
    assert read["A"] == ["尚欠 5元", "CNY 5 is owed"]
    assert read["B"] == ["尚欠 USD 5", "USD 5 is owed"]
    assert read["C"] == ["尚欠 JPY 500", "JPY 500 is owed"]
    # The row's own cells too, though the verdict has no column of its own for it.
    assert said.why("C", language="zh")["values"]["amount"]["text"] == "JPY 500"


def test_without_a_currency_column_amounts_are_of_the_yuan(tmp_path: Path) -> None:
    said = pronounce(_thing(tmp_path), pa.table({"debt_id": ["A"], "amount": [500]}), engine="plain")
    assert said.reasons.column("arguments").to_pylist() == ["fen:500"]
    assert said.currency_of(0) == "CNY"


def test_said_again_after_reading(tmp_path: Path) -> None:
    """The currency survives writing and reading the outcome, and its root is the same."""
    rows = pa.table({"debt_id": ["B"], "amount": [500], "currency": ["USD"]})
    said = pronounce(_thing(tmp_path, CURRENCY), rows, engine="plain")
    said.write(tmp_path / "result")
    again = type(said).read(tmp_path / "result", "debts")
    assert again.root == said.root
    assert again.why("B", language="en")["reasons"][0]["words"] == "USD 5 is owed"
    assert again.why("B", language="en")["values"]["amount"]["text"] == "USD 5"
