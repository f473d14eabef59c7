"""``panhuo run``: the whole-life run over a book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="run",
    zh="对整本台账跑一遍：打分、分类、拨备、预警、估值、期限，写出表格、收据和报告。",
    en="Runs the whole life over a book: scores, classes, provisions, warnings, values, deadlines, and a report.",
    arguments=(
        Argument("book", "path", "台账文件夹", "the book's folder"),
        Argument("out", "path", "结果文件夹", "folder for the results", option=True),
        Argument(
            "as_of",
            "text",
            "基准日（默认：台账记录的最后观察日）",
            "day to judge at; default: the book's last observation date",
            option=True,
            required=False,
        ),
        Argument(
            "model",
            "text",
            "模型：名称=文件",
            "a model as NAME=FILE",
            option=True,
            required=False,
            multiple=True,
            default=(),
        ),
        Argument("org", "text", "机构", "organisation whose facts are judged", option=True, required=False),
        Argument(
            "only",
            "text",
            "只跑这些结果",
            "only these outcomes",
            option=True,
            required=False,
            multiple=True,
            default=(),
        ),
        Argument("no_report", "flag", "不写报告", "write no report", option=True, required=False),
    ),
    run="panhuo.verbs.run:run",
    show="panhuo.verbs.run:show",
    example="panhuo run book --out result",
)


def run(
    book: str,
    out: str,
    as_of: str | None = None,
    model: tuple[str, ...] = (),
    org: str | None = None,
    only: tuple[str, ...] = (),
    no_report: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Runs the night and seals it; see `panhuo.journey`."""
    from datetime import date
    from pathlib import Path

    from panhuo.ground.book.folder import Book
    from panhuo.ground.record.errors import InvalidInput
    from panhuo.journey.night import open_snapshot, run_night
    from panhuo.journey.sealing import seal_night
    from panhuo.journey.settings import chosen_organisation, settings_of

    opened = Book(Path(book))
    chosen = chosen_organisation(opened, org)
    try:
        day = date.fromisoformat(as_of) if as_of else None
    except ValueError as error:
        raise InvalidInput(f"{as_of} is not a day", where="--as-of", remedy="write it as 2026-06-30") from error
    settings = settings_of(opened, model, chosen)
    night = run_night(open_snapshot(opened, day, chosen), settings, only=list(only) or None, progress=progress)
    extras = None
    if not no_report:
        from panhuo.journey.report import write_report

        extras = write_report
    described = seal_night(opened, chosen, night, settings, Path(out), extras=extras)
    folder = Path(out)
    return {
        "tables": described["tables"],
        "receipt": str(folder / "receipts"),
        "report": str(folder / described["files"]["report"]) if "report" in described["files"] else None,
        "as_of": described["as_of"],
        "org": chosen,
        "out": str(folder),
    }


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads after a run."""
    zh = language == "zh"
    lines = [f"基准日 {result['as_of']}，机构 {result['org']}" if zh else f"as of {result['as_of']}, {result['org']}"]
    width = max((len(name) for name in result["tables"]), default=0)
    lines += [f"  {name:<{width}}  {rows:>12,}" for name, rows in result["tables"].items()]
    if result["report"]:
        lines.append(("报告：" if zh else "report: ") + result["report"])
    lines.append(("收据：" if zh else "receipts: ") + result["receipt"])
    return "\n".join(lines)
