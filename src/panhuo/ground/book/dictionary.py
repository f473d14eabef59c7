"""The data dictionary (docs/tables.md), written from the declarations.

Invariant: the committed page equals what this module writes; a test compares them.
"""

from __future__ import annotations

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.measures import MEASURES
from panhuo.ground.book.table import FACT_COLUMNS, FAMILIES, SEALED_COLUMNS, Table
from panhuo.ground.record.columns import CodeList, Column, ColumnType

_UNITS: dict[ColumnType, str] = {
    ColumnType.BOOL: "是/否 yes/no",
    ColumnType.INT: "整数 integer",
    ColumnType.FEN: "分 fen",
    ColumnType.PPM: "百万分之一 ppm",
    ColumnType.BILLIONTHS: "十亿分之一 1e-9",
    ColumnType.DATE: "日期 date",
    ColumnType.DAYS: "天 days",
    ColumnType.CODE: "代码 code",
    ColumnType.TEXT: "文本 text",
    ColumnType.FLOAT: "浮点 float",
}


def _notes(column: Column) -> str:
    notes = []
    if column.key:
        notes.append("键 key")
    if column.required:
        notes.append("必填 required")
    if column.references:
        notes.append(f"→ [{column.references}](#{column.references})")
    if column.codes is not None:
        notes.append(f"[{column.codes.name}](#codes-{column.codes.name})")
    if column.personal:
        notes.append(f"个人信息 personal, of `{column.personal}`")
    notes.append(f"L{column.level}")
    return " · ".join(notes)


def _rows(columns: tuple[Column, ...]) -> list[str]:
    lines = ["| column | unit | 含义 | meaning | notes |", "|---|---|---|---|---|"]
    lines += [f"| `{c.name}` | {_UNITS[c.type]} | {c.zh} | {c.en} | {_notes(c)} |" for c in columns]
    return lines


def _table(table: Table) -> list[str]:
    kind = "状态表 state: the latest fact of an entity counts"
    if table.kind == "event":
        kind = "事件表 event: every fact counts"
    return [
        f'### <a id="{table.name}"></a>`{table.name}` {table.zh}',
        "",
        f"One row: {table.en}. {kind}.",
        "",
        *_rows(table.schema.columns),
        "",
    ]


def code_lists() -> dict[str, CodeList]:
    """Every closed code list a table uses, by name, in order of first use."""
    found: dict[str, CodeList] = {}
    for table in TABLES.values():
        for column in table.fact_schema.columns:
            if column.codes is not None:
                found.setdefault(column.codes.name, column.codes)
    return found


def dictionary_page() -> str:
    """The text of docs/tables.md."""
    lines = [
        "# 数据字典 · The tables",
        "",
        "Written by `panhuo.ground.book.dictionary` from the declarations; do not edit by hand.",
        "",
        "Amounts are integers in minor units of the row's `currency` (fen for CNY); rates and shares are parts per"
        " million (50,000 = 5 %); L1-L5 is the data security level of JR/T 0197-2020.",
        "",
        "## 每个事实都有的列 · Columns of every fact",
        "",
        *_rows(FACT_COLUMNS),
        "",
        "Added at sealing:",
        "",
        *_rows(SEALED_COLUMNS),
        "",
    ]
    for family, (zh, en) in FAMILIES.items():
        lines += [f"## {zh} · {en}", ""]
        for table in TABLES.values():
            if table.family == family:
                lines += _table(table)
    lines += ["## 代码表 · Code lists", ""]
    for name, codes in code_lists().items():
        lines += [f'### <a id="codes-{name}"></a>`{name}`', "", "| code | 中文 | English |", "|---|---|---|"]
        lines += [f"| `{c.code}` | {c.zh} | {c.en} |" for c in codes]
        lines.append("")
    lines += ["## 指标 · Measures of `observations`", ""]
    lines += ["| measure | 含义 | meaning | 单位 unit |", "|---|---|---|---|"]
    lines += [f"| `{m.name}` | {m.zh} | {m.en} | {m.unit_zh} {m.unit_en} |" for m in MEASURES.values()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes the page to standard output: ``python -m panhuo.ground.book.dictionary > docs/tables.md``."""
    import sys

    sys.stdout.buffer.write(dictionary_page().encode("utf-8"))


if __name__ == "__main__":
    main()
