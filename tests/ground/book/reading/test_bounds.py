"""What unpacks to more than a machine holds is refused before it is unpacked; what lies below is read."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from panhuo.ground.book.reading import bounds
from panhuo.ground.book.reading.sources import open_grid
from panhuo.ground.record.errors import InvalidInput

LINES = b"id,kind\n" + b"P1,company\n" * 1000
"""11,008 bytes."""


def test_members_of_a_compressed_file_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_UNPACKED", 2 * 11_008)
    two = gzip.compress(LINES) + gzip.compress(LINES)
    assert len(open_grid(two, name="a.csv.gz").columns[0]) == 2001, "at the bound it is read, header of the second too"
    for large in (two + gzip.compress(b"x"), gzip.compress(b"0" * 30_000), gzip.compress(b"0" * 3_000_000)[:-6]):
        with pytest.raises(InvalidInput) as refused:
            open_grid(large, name="a.csv.gz")
        assert (refused.value.code, refused.value.where) == ("invalid-input/unpacked", "a.csv.gz")
        assert refused.value.remedy == "hand it in as several files"


def test_a_damaged_compressed_file_is_bounded_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_UNPACKED", 100_000)
    whole = bytearray(gzip.compress(b"1234567,abc\n" * 1_000_000))
    whole[-8] ^= 1  # its checksum: damage found at the very end
    with pytest.raises(InvalidInput) as refused:
        open_grid(bytes(whole), name="a.csv.gz")
    assert refused.value.code == "invalid-input/unpacked"


def workbook(cells: str, dimension: str = "") -> bytes:
    """A workbook of one sheet as its parts are written."""
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{dimension}'
    sheet += f"<sheetData>{cells}</sheetData></worksheet>"
    from openpyxl import Workbook

    made = io.BytesIO()
    Workbook().save(made)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else before.read(name))
    return out.getvalue()


HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'


@pytest.mark.parametrize(
    "large",
    [
        workbook(HEAD, '<dimension ref="A1:XFD1048576"/>'),
        workbook(HEAD + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        workbook(HEAD + '<row r="9"><c r="XFD9"><v>1</v></c></row><row r="90000"><c r="A90000"><v>1</v></c></row>'),
    ],
)
def test_a_sheet_that_reaches_over_too_many_cells_is_not_opened(large: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    import python_calamine

    monkeypatch.delattr(python_calamine, "CalamineWorkbook")
    with pytest.raises(InvalidInput) as refused:
        open_grid(large, name="a.xlsx")
    assert refused.value.code == "invalid-input/unpacked" and refused.value.where == "a.xlsx"


def test_a_sheet_below_the_bound_is_read_and_formatted_blanks_do_not_count() -> None:
    row = '<row r="2"><c r="A2"><v>7</v></c><c r="XFD2" s="0"/></row><row r="60000"><c r="A60000"><v>8</v></c></row>'
    grid = open_grid(workbook(HEAD + row, '<dimension ref="A1:A60000"/>'), name="a.xlsx")
    assert [one.as_py() for one in grid.columns[0]] == ["7", "8"]


def test_a_workbook_whose_parts_unpack_to_too_much_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    import python_calamine

    made = workbook(HEAD)
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        size = sum(one.file_size for one in parts.infolist())
    monkeypatch.setattr(bounds, "MOST_UNPACKED", size)
    assert open_grid(made, name="a.xlsx").names == ["id"]
    monkeypatch.setattr(bounds, "MOST_UNPACKED", size - 1)
    monkeypatch.delattr(python_calamine, "CalamineWorkbook")
    with pytest.raises(InvalidInput) as refused:
        open_grid(made, name="a.xlsx")
    assert refused.value.code == "invalid-input/unpacked"


def test_a_parquet_file_of_one_value_over_and_over_is_refused_by_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def file(rows: int) -> bytes:
        out = io.BytesIO()
        pq.write_table(pa.table({"amount": pa.array([7] * rows, pa.int64())}), out)
        return out.getvalue()

    monkeypatch.setattr(bounds, "MOST_CELLS", 25_000)
    assert len(file(100_001)) * bounds.CELLS_A_BYTE < 100_001, "its bytes alone would not allow it"
    assert len(open_grid(file(100_000), name="a.parquet").columns[0]) == 100_000, "four full sheets are read"
    with pytest.raises(InvalidInput) as refused:
        open_grid(file(100_001), name="a.parquet")
    assert (refused.value.code, refused.value.where) == ("invalid-input/unpacked", "a.parquet")
