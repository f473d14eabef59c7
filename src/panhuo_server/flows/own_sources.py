"""The program's own reviews as the source of facts: only they name themselves, facts from outside name their file.

Invariant: a decided class whose source is a review of this program was sealed by that review; a row from outside that
says so is set aside with its reason, and the rows beside it are not.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.reading.problems import Problem, Reason

TABLE = "class_decisions"
SOURCE = "class review "
_REASON = Reason(
    "reserved-source",
    "来源写作本系统的分类审议，只有审议本身封存的结果才可以这样写",
    "the source names a class review of this system, which only what that review sealed may name",
    "填写这一分类结果原来的来源文件名，或在“五级分类”中发起审议",
    "write the name of the file the class came from, or list the loan in a review here",
)


def reserved(table: str, source: object) -> bool:
    """Whether a row of a table says it came from a review of this program."""
    return table == TABLE and isinstance(source, str) and source.strip().casefold().startswith(SOURCE)


def set_apart(name: str, rows: pa.Table, file: str) -> tuple[pa.Table, list[Problem]]:
    """The rows of a table that may be sealed, and a problem for every other one."""
    if name != TABLE or "source_doc" not in rows.column_names or not len(rows):
        return rows, []
    told = [reserved(name, source) for source in rows.column("source_doc").to_pylist()]
    if not any(told):
        return rows, []
    places = pa.array(told)
    wrong = rows.filter(places).select(["source_row", "source_doc"]).to_pylist()
    problems = [Problem.of(file, row["source_row"] or 0, "source_doc", row["source_doc"], _REASON) for row in wrong]
    return rows.filter(pc.invert(places)), problems
