"""Free frames: types found from the data, every kind of file written and read back."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from panhuo.ground.book.reading.frames import read_frame, write_frame
from panhuo.ground.book.reading.reader import read
from panhuo.ground.record.errors import InvalidInput, NotFound

TABLE = pa.table(
    {
        "编号": ["001", "002", None],
        "金额": pa.array([338, -12, None], pa.int64()),
        "利率": [0.0435, None, 1.5],
        "日期": pa.array([date(2024, 3, 5), None, date(2024, 2, 29)], pa.date32()),
        "有效": [True, False, None],
        "说明": ["有,逗号", "=1+1", None],
    }
)


@pytest.mark.parametrize(
    "name", ["a.csv", "a.tsv", "a.csv.gz", "a.parquet", "a.xlsx", "a.json", "a.jsonl", "a.json.gz"]
)
def test_written_tables_read_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert write_frame(TABLE, path) == path
    back = read_frame(path)
    assert back.column_names == TABLE.column_names
    assert back.to_pydict() == TABLE.to_pydict()


def test_mark_for_excel(tmp_path: Path) -> None:
    write_frame(TABLE, tmp_path / "a.csv", mark=True)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert read_frame(tmp_path / "a.csv").column_names[0] == "编号"


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    write_frame(TABLE, tmp_path / "a.xlsx")
    cell = load_workbook(tmp_path / "a.xlsx").active["F3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_types_from_text() -> None:
    data = "a,b,c,d,e,f,g,h\n1,1.5,2024-03-05,true,007,x,1e3,\n-2,NA,2024/12/31,False,008,,2,\n+3,2,,true,009,1,3,\n"
    table = read_frame(data.encode())
    assert [str(f.type) for f in table.schema] == [
        "int64", "double", "date32[day]", "bool", "string", "string", "double", "string",
    ]  # fmt: skip
    assert table.column("a").to_pylist() == [1, -2, 3]
    assert table.column("b").to_pylist() == [1.5, None, 2.0]
    assert table.column("f").to_pylist() == ["x", None, "1"]


def test_frames_of_other_libraries() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2]})
    assert read_frame(frame).column("a").to_pylist() == [1, 2]
    assert read_frame(TABLE) is TABLE
    relation = duckdb.sql("select 7 as a")
    assert read_frame(relation).column("a").to_pylist() == [7]
    with pytest.raises(InvalidInput):
        read_frame(3)


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_frame(tmp_path / "none.csv")
    with pytest.raises(InvalidInput):
        read_frame(tmp_path)
    with pytest.raises(InvalidInput, match="twice"):
        read_frame(b"a,a\n1,2\n")
    with pytest.raises(InvalidInput, match="row 3"):
        read_frame(b"a,b\n1,2\n1,2,3\n")
    with pytest.raises(InvalidInput):
        write_frame(TABLE, tmp_path / "a.doc")


def test_packed_bytes() -> None:
    assert read_frame(gzip.compress(b"a,b\n1,2\n")).to_pydict() == {"a": [1], "b": [2]}


def test_real_invoices(shared_data: Path) -> None:
    # The contest's statement: 395,175 purchase invoices; net + tax = gross but for 5 rows over both files.
    path = shared_data / "cn_sme_invoices" / "a2_input_invoices.parquet"
    reading = read(path, "invoices", defaults={"direction": "purchase"})
    assert len(reading.rows) == 395_175
    assert reading.problems == []
    rows = reading.rows
    net, tax, gross = (rows.column(n).to_numpy() for n in ("net", "tax", "gross"))
    assert (net + tax != gross).sum() <= 5
    assert set(rows.column("status").to_pylist()) == {"valid", "void"}
