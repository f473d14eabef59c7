"""What moved is told in the currency of each row, and a net sum is of one currency: two small nights by hand."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from panhuo.ground.book.currencies import CURRENCIES
from panhuo.ground.book.tables.parties import FIVE_CLASSES
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.outcome import Outcome, in_key_order, reasons_schema


def night(name: str, key: str, columns: tuple[Column, ...], rows: list[dict[str, Any]]) -> Outcome:
    first = Column(key, ColumnType.TEXT, "键", "key", key=True, required=True)
    currency = Column("currency", ColumnType.CODE, "币种", "currency", codes=CURRENCIES)
    schema = Schema(name, (first, *columns, currency), zh=name, en=name)
    table = pa.table({c.name: pa.array([row[c.name] for row in rows], c.arrow_type()) for c in schema.columns})
    inner = reasons_schema(schema)
    none = pa.table({c.name: pa.array([], c.arrow_type()) for c in inner.columns})
    return Outcome(schema, in_key_order(schema, table), none)


def test_net_and_lines_name_their_currency(server: Any) -> None:
    from panhuo_server.console.night.moved import Compared, moved

    value = (Column("value", ColumnType.FEN, "价值", "value"),)

    def of(*rows: tuple[str, int, str]) -> Outcome:
        listed = [{"claim_id": c, "value": v, "currency": u} for c, v, u in rows]
        return night("claim_values", "claim_id", value, listed)

    before = of(("A", 100_00, "CNY"), ("B", 500_00, "USD"), ("C", 10_00, "CNY"))
    now = of(("A", 400_00, "CNY"), ("B", 300_00, "USD"), ("D", 70_00, "USD"))
    found = moved(now, before, Compared("claim_values", ("value",), "value"), "before", "now")
    # Yuan: +300 - 10 gone = 290. Dollars: -200 + 70 new = -130.
    assert found.net.en.replace("\u00a0", " ") == "CNY 290; −USD 130"
    by = {line.key.en: line.changes[0] for line in found.lines}
    told = {k: [t.en.replace("\u00a0", " ") for t in (c.before, c.after, c.by)] for k, c in by.items()}
    assert told["A"] == ["CNY 100", "CNY 400", "+CNY 300"]
    assert told["B"] == ["USD 500", "USD 300", "−USD 200"]
    assert told["C"][0] == "CNY 10" and told["D"][1] == "USD 70"
    yen = moved(of(("B", 300_00, "JPY")), of(("B", 300_01, "USD")),
                Compared("claim_values", ("value",), "value"), "before", "now")  # fmt: skip
    assert yen.lines[0].changes[0].by.en == ""


def test_today_names_the_currency_of_what_changed(server: Any) -> None:
    from panhuo_server.console.today import _codes

    columns = (
        Column("class", ColumnType.CODE, "分类", "class", codes=FIVE_CLASSES),
        Column("balance", ColumnType.FEN, "余额", "balance"),
    )

    def of(*classes: str) -> dict[str, Outcome]:
        rows = [
            {"drawdown_id": d, "class": c, "balance": b, "currency": u}
            for (d, b, u), c in zip((("D1", 5_000_00, "USD"), ("D2", 3_000_00, "CNY")), classes, strict=True)
        ]
        return {"classes": night("classes", "drawdown_id", columns, rows)}

    lines = _codes(of("loss", "loss"), of("normal", "doubtful"), "classes", "class", "balance")
    assert [line.amount.exact.zh for line in lines] == ["USD 5,000.00", "3,000.00元"]
    assert [line.amount.text.zh.replace("\u00a0", " ") for line in lines] == ["USD 5.0 K", "0.30 万元"]
