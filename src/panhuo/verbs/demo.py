"""``panhuo demo``: a sample book, a night over it, a report, and what to try next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="demo",
    zh="从零开始：造一本样本台账，跑一夜，写出报告。",
    en="From nothing: makes the sample book, runs the night, writes the report.",
    arguments=(
        Argument("out", "path", "文件夹", "folder for book and results", option=True, default="demo"),
        Argument(
            "preset",
            "choice",
            "样本",
            "preset",
            option=True,
            default="county",
            choices=("county", "city", "hot-ring", "agri"),
        ),
        Argument("borrowers", "int", "借款人数", "borrowers", option=True, default=2000),
        Argument("seed", "int", "种子", "seed", option=True, default=7),
    ),
    run="panhuo.verbs.demo:run",
    show="panhuo.verbs.demo:show",
)


def run(
    out: str = "demo",
    preset: str = "county",
    borrowers: int = 2000,
    seed: int = 7,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Sample, night and report of the bank and of the asset manager."""
    from pathlib import Path

    from panhuo.ground.book.folder import Book
    from panhuo.verbs.run import run as run_night
    from panhuo.verbs.sample import run as make_sample

    folder = Path(out)
    book = folder / "book"
    made = make_sample(preset=preset, borrowers=borrowers, seed=seed, out=str(book))
    results = {}
    for org in Book(book).organisations:
        results[org] = run_night(str(book), str(folder / f"result-{org}"), org=org, progress=progress)
    first = results.get("self") or next(iter(results.values()))
    return {
        "book": str(book),
        "tables": made["tables"],
        "results": {org: {"report": r["report"], "tables": r["tables"], "out": r["out"]} for org, r in results.items()},
        "report": first["report"],
        "receipt": first["receipt"],
        "out": first["out"],
    }


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads: where the report is, and the next three commands."""
    zh = language == "zh"
    rows = sum(result["tables"].values())
    lines = [
        f"样本台账：{result['book']}（{rows:,} 条事实）" if zh else f"sample book: {result['book']} ({rows:,} facts)",
    ]
    for org, made in result["results"].items():
        lines.append((f"报告（{org}）：" if zh else f"report ({org}): ") + str(made["report"]))
    key, out = _first_class(result["out"])
    panhuo = _command()
    lines += [
        "接着可以：" if zh else "Next:",
        f"  {panhuo} why {out}/classes {key} --receipt why.json",
        f"  {panhuo} verify why.json --book {result['book']}",
        f"  {panhuo} replay {out}/receipts/classes.json --book {result['book']}",
    ]
    return "\n".join(lines)


def _command() -> str:
    # As the reader can type it from here: the bare name when it is on the path, else where it lies.
    import os
    import shutil
    import sys

    if shutil.which("panhuo"):
        return "panhuo"
    return os.path.relpath(sys.argv[0])


def _first_class(out: str) -> tuple[str, str]:
    # The first drawdown that is not in the best class: there is something to read about it.
    from pathlib import Path

    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    path = Path(out) / "classes.parquet"
    if not path.exists():
        return "KEY", out
    table = pq.read_table(path)
    key = table.column_names[0]
    name = "class" if "class" in table.column_names else table.column_names[-1]
    bad = table.filter(pc.not_equal(table.column(name), "normal"))
    chosen = bad if len(bad) else table
    return (str(chosen.column(key)[0].as_py()) if len(chosen) else "KEY"), out
