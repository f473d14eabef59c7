"""Reading never loses a good row and never raises on bytes or cells, except to say that a file is unreadable."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panhuo.ground.book.reading.numbers import read_money, read_rates, read_whole
from panhuo.ground.book.reading.reader import read
from panhuo.ground.book.reading.values import read_dates
from panhuo.ground.record.errors import InvalidInput

HEADER = ["id", "drawdown_id", "posted_on", "component", "kind", "amount", "voucher"]
quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def as_csv(rows: list[list[str]], separator: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    return out.getvalue()


@quick
@given(st.binary(max_size=400))
def test_random_bytes(data: bytes) -> None:
    for prefix in (b"", b"PAR1", b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"[", b'{"a":', b"id,amount\n", b"\xff\xfe"):
        with contextlib.suppress(InvalidInput):
            assert read(prefix + data, "postings", name="x.csv").rows is not None
        with contextlib.suppress(InvalidInput):
            read(prefix + data, "postings", name="x.json")


SPOILERS = [b'"', b",", b"\n", b"\r", b";", b"\0", b"%", b"(", b"9" * 30, "万元".encode(), b"NaN", b"1e999", b"\xff"]
WHOLE = (
    "客户编号,合同编号,合同金额(万元),签订日,年利率(%),compound\nK1,H1,300,2023-03-05,4.35,是\n"
    'K2,H2,"1,200.5",2023/3/6,5,否\n'
).encode()


@quick
@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.sampled_from(SPOILERS), st.integers(0, 9)), max_size=6))
def test_spoiled_files(changes: list[tuple[int, bytes, int]]) -> None:
    data = WHOLE
    for at, what, gone in changes:
        data = data[:at] + what + data[at + gone :]
    with contextlib.suppress(InvalidInput):
        reading = read(data, "contracts", name="x.csv")
        assert reading.seen >= len(reading.rows)


@quick
@given(st.lists(st.lists(st.text(max_size=12), min_size=7, max_size=7), max_size=8), st.sampled_from(",;\t"))
def test_random_cells(cells: list[list[str]], separator: str) -> None:
    text = as_csv([HEADER, *cells], separator)
    with contextlib.suppress(InvalidInput):
        reading = read(text.encode("utf-8", "replace"), "postings", name="x.csv")
        assert reading.rows.schema.names[0] == "org_id"


good_row = st.tuples(
    st.dates(date(1990, 1, 1), date(2035, 12, 31)),
    st.sampled_from(["principal", "本金", "罚息", "interest"]),
    st.integers(-(10**13), 10**13),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=6),
)
bad_row = st.sampled_from(
    [
        ["", "J", "2024-01-01", "principal", "receive", "1", ""],
        ["x", "J", "2024-13-01", "principal", "receive", "1", ""],
        ["x", "J", "2024-01-01", "心情", "receive", "1", ""],
        ["x", "J", "2024-01-01", "principal", "receive", "若干", ""],
        ["x", "J", "2024-01-01", "principal", "receive", "NaN", ""],
        ["x", "J", "2024-01-01"],
        ["x", "J", "2024-01-01", "principal", "receive", "1", "", "extra"],
    ]
)


@quick
@given(
    st.lists(st.one_of(good_row, bad_row), min_size=1, max_size=30), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"])
)
def test_good_rows_stay_and_bad_rows_come_back(rows: list[tuple | list[str]], encoding: str) -> None:
    written = [HEADER]
    expected = []
    wrong = 0
    for number, row in enumerate(rows):
        if isinstance(row, tuple):
            day, component, fen, voucher = row
            sign = "-" if fen < 0 else ""
            amount = f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
            written.append([f"P{number}", "J1", day.strftime("%Y/%m/%d"), component, "receive", amount, voucher])
            expected.append((f"P{number}", day, fen))
        else:
            row = [f"B{number}" if row[0] else "", *row[1:]]
            written.append(row)
            wrong += 1
    text = as_csv(written)
    reading = read(text.encode(encoding), "postings", name="x.csv")
    found = list(zip(*(reading.rows.column(n).to_pylist() for n in ("id", "posted_on", "amount")), strict=True))
    assert found == expected
    assert len({p.row for p in reading.bad}) == wrong
    assert reading.seen == len(rows)


@quick
@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=20), st.sampled_from(["yuan", "wan", "fen"]))
def test_money_is_exact_to_the_fen(amounts: list[int], unit: str) -> None:
    places = {"yuan": 2, "wan": 6, "fen": 0}[unit]
    texts = [str(Decimal(fen).scaleb(-places)) if places else str(fen) for fen in amounts]
    texts = [format(Decimal(t), "f") for t in texts]
    assert read_money(pa.array(texts), unit).values.to_pylist() == amounts
    grouped = [format(Decimal(t), ",f") for t in texts]
    assert read_money(pa.array(grouped), unit).values.to_pylist() == amounts


@quick
@given(st.decimals(min_value=-(10**9), max_value=10**9, places=5, allow_nan=False))
def test_money_rounds_half_up(amount: Decimal) -> None:
    expected = int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert read_money(pa.array([format(amount, "f")])).values.to_pylist() == [expected]
    assert abs(read_money(pa.array([float(amount)])).values[0].as_py() - expected) <= 1


@quick
@given(st.lists(st.floats(-(10**9), 10**9).map(lambda x: round(x, 2)), min_size=1, max_size=20))
def test_floats_with_two_decimals_are_exact(amounts: list[float]) -> None:
    expected = [int(Decimal(repr(x)).scaleb(2).to_integral_value()) for x in amounts]
    parsed = read_money(pa.array(amounts))
    assert parsed.values.to_pylist() == expected
    assert parsed.rounded == 0


@quick
@given(st.lists(st.dates(date(1900, 1, 1), date(2199, 12, 31)), min_size=1, max_size=20))
def test_every_way_to_write_a_day(days: list[date]) -> None:
    for write in (
        lambda d: d.isoformat(),
        lambda d: f"{d.year}/{d.month}/{d.day}",
        lambda d: f"{d.year}.{d.month:02d}.{d.day:02d}",
        lambda d: f"{d:%Y%m%d}" if d.year >= 1000 else d.isoformat(),
        lambda d: f"{d.year}年{d.month}月{d.day}日",
        lambda d: f"{d.isoformat()} 12:30:00",
    ):
        assert read_dates(pa.array([write(d) for d in days])).values.to_pylist() == days


@given(st.integers(20_000, 80_000))
def test_excel_serials(serial: int) -> None:
    # Excel's day 1 is 1900-01-01 with a phantom 1900-02-29: from March 1900 on, day zero is 1899-12-30.
    assert read_dates(pa.array([str(serial)])).values.to_pylist() == [date(1899, 12, 30) + timedelta(days=serial)]


@quick
@given(st.lists(st.integers(0, 1_000_000), min_size=1, max_size=10))
def test_rates_by_sign_and_unit(rates: list[int]) -> None:
    percents = [format(Decimal(r) / 10_000, "f") for r in rates]
    assert read_rates(pa.array([p + "%" for p in percents])).values.to_pylist() == rates
    assert read_rates(pa.array(percents), "percent").values.to_pylist() == rates
    fractions = [format(Decimal(r) / 1_000_000, "f") for r in rates]
    assert read_rates(pa.array(fractions), "fraction").values.to_pylist() == rates
    assert read_rates(pa.array(fractions)).values.to_pylist() == rates


@quick
@given(st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=20))
def test_value_readers_never_raise(texts: list[str | None]) -> None:
    column = pa.array(texts, pa.string())
    for reader in (read_money, read_rates, read_dates, read_whole):
        parsed = reader(column)
        assert len(parsed.values) == len(texts)
        assert len(parsed.refused) == len(texts)


@quick
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(HEADER),
            st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=2)),
        )
    )
)
def test_random_json(rows: list[dict[str, object]]) -> None:
    with contextlib.suppress(InvalidInput):
        assert len(read(json.dumps(rows).encode(), "postings", name="x.json").rows) <= len(rows)
