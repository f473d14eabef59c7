"""``panhuo check``: data quality of a book, by table and column."""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="check",
    zh="检查台账的数据质量：逐表逐列的完整性、重复、悬空引用、证件校验、金额与日期、陈述与重算、万元与元、过期同意。",
    en="Checks a book's data: completeness, duplicates, references, identifiers, amounts, dates, stated against"
    " recomputed, units, consent.",
    arguments=(
        Argument("book", "path", "台账文件夹", "the book's folder"),
        Argument(
            "as_of",
            "text",
            "基准日（默认：台账记录的最后观察日）",
            "day to judge at; default: the book's last observation date",
            option=True,
            required=False,
        ),
        Argument(
            "limit",
            "int",
            "每类问题列出的行数，0 为全部",
            "rows listed of each kind of problem; 0 lists all",
            option=True,
            required=False,
            default=20,
        ),
    ),
    run="panhuo.verbs.check:run",
    show="panhuo.verbs.check:show",
    example="panhuo check book",
)


def run(book: str, as_of: str | None = None, limit: int = 20) -> dict[str, Any]:
    """Checks a book.

    Returns:
        ``tables`` (name -> rows, columns with known and distinct), ``problems`` (table, row, column, value, reason,
        remedy, severity, code, count), ``counts`` (code -> rows), ``severities``, ``as_of``.

    Raises:
        NotFound: when the folder is no book.
        InvalidInput: when `as_of` is no date.
    """
    from datetime import date
    from pathlib import Path

    from panhuo.ground.book.checking.book import check_book
    from panhuo.ground.book.folder import Book
    from panhuo.ground.book.snapshot import Snapshot
    from panhuo.ground.record.errors import InvalidInput

    try:
        day = date.fromisoformat(as_of) if as_of else None
    except ValueError as error:
        raise InvalidInput(f"{as_of} is no date", where="as_of", remedy="write it as 2025-12-31") from error
    return check_book(Snapshot(Book(Path(book)), as_of=day), limit=limit).as_json()


def show(result: dict[str, Any], language: str) -> str:
    """The report for people: a line a table, a line a kind of problem with its first rows."""
    zh = language == "zh"
    lines = [f"基准日 {result['as_of']}" if zh else f"As of {result['as_of']}", ""]
    for name, table in result["tables"].items():
        unknown = [c for c, entry in table["columns"].items() if entry["known"] == 0]
        full = sum(entry["known"] for entry in table["columns"].values())
        cells = max(1, table["rows"] * len(table["columns"]))
        if zh:
            lines.append(f"{name}：{table['rows']} 行，填充率 {full / cells:.0%}，全空列 {len(unknown)}")
        else:
            lines.append(
                f"{name}: {table['rows']} rows, {full / cells:.0%} of cells known, {len(unknown)} columns empty"
            )
    lines.append("")
    seen: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for problem in result["problems"]:
        key = (problem["table"], problem["column"], problem["code"], problem["reason"], problem["org"])
        seen.setdefault(key, []).append(problem)
    if not seen:
        lines.append("未发现问题" if zh else "No problems found")
    words = {"error": "错误", "warning": "疑点", "note": "提示"}
    for (table, column, *_), rows in seen.items():
        first = rows[0]
        reason, remedy = (first["reason_zh"], first["remedy_zh"]) if zh else (first["reason"], first["remedy"])
        mark = words[first["severity"]] if zh else first["severity"]
        some = "、".join(r["row"] for r in rows[:3]) if zh else ", ".join(r["row"] for r in rows[:3])
        more = " …" if first["count"] > 3 else ""
        where = (f"{table}.{column}" if column else table) + (f" ({first['org']})" if first["org"] != "self" else "")
        if zh:
            lines.append(f"[{mark}] {where}：{reason}，{first['count']} 行（{some}{more}）→ {remedy}")
        else:
            lines.append(f"[{mark}] {where}: {reason}; {first['count']} rows ({some}{more}) -> {remedy}")
    return "\n".join(lines)
