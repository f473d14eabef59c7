"""``panhuo import``: foreign data into a book, the good rows in and the bad rows back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="import",
    zh="把外部数据读入台账：好的行进，坏的行连同原因退回。",
    en="Reads foreign data into a book: good rows in, bad rows back with their reason.",
    arguments=(
        Argument(
            "kind",
            "choice",
            "来源格式",
            "kind of source",
            choices=("cn-invoices", "sba", "eba-npl"),
        ),
        Argument("src", "path", "文件或文件夹", "file or folder"),
        Argument("out", "path", "台账文件夹", "the book's folder", option=True),
        Argument(
            "bad", "path", "坏行另存（CSV 或 Excel）", "also writes the bad rows here", option=True, required=False
        ),
    ),
    run="panhuo.verbs.import_:run",
    show="panhuo.verbs.import_:show",
    example="panhuo import cn-invoices invoices/ --out book",
)


def run(
    kind: str,
    src: str,
    out: str,
    bad: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """``rows`` (table -> facts sealed), ``bad`` (file, row, column, value, reason, remedy) and ``frames`` (tables to
    train on, where the source knows outcomes)."""
    from hashlib import sha256
    from pathlib import Path

    from panhuo.ground.book.batch import seal
    from panhuo.ground.book.folder import Book, write_whole
    from panhuo.ground.book.foreign import read_foreign
    from panhuo.ground.record.errors import NotFound
    from panhuo.trust.evidence.log import Log

    source = Path(src)
    if not source.exists():
        raise NotFound(f"there is nothing at {src}", where=src, remedy="give the folder or file with the data")
    if progress is not None:
        progress("reading", 0, 3)
    found = read_foreign(kind, source)
    if progress is not None:
        progress("sealing", 1, 3)
    named = {name: sha256(data).hexdigest() for name, data in found.inputs.items()}
    details = {**found.details, "inputs": named} if named else found.details
    book = Book.create(Path(out), made_by=f"import {kind}", details=details)
    for data in found.inputs.values():
        book.keep_input(data)
    batch = seal(book, found.tables, observed_until=found.observed_until)
    if progress is not None:
        progress("logging", 2, 3)
    for name, data in found.beside.items():
        write_whole(book.folder / name, data)
    Log(book, batch.org).append([])
    frames = _frames(book, kind)
    problems = [problem.as_json() for problem in found.problems]
    if bad is not None and problems:
        import pyarrow as pa

        from panhuo.ground.book.reading.frames import write_frame

        write_frame(pa.Table.from_pylist(problems), bad)
    if progress is not None:
        progress("", 3, 3)
    return {
        "rows": batch.rows,
        "bad": problems,
        "root": batch.root,
        "book": out,
        "as_of": book.as_of.isoformat(),
        "frames": frames,
    }


def _frames(book: Any, kind: str) -> list[str]:
    """For a source that knows outcomes, the tables `panhuo train` takes: applications as they stood, and what came."""
    if kind != "sba":
        return []
    from panhuo.ground.book.reading.frames import write_frame
    from panhuo.ground.book.snapshot import Snapshot
    from panhuo.stages.origination.application import application_frame, loss_frame

    folder, snapshot = book.folder / "frames", Snapshot(book)
    folder.mkdir(parents=True, exist_ok=True)
    frames = {"applications": application_frame(snapshot, with_outcome=True), "losses": loss_frame(snapshot)}
    for name, frame in frames.items():
        write_frame(frame, folder / f"{name}.parquet")
    return [str(folder / f"{name}.parquet") for name in frames]


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads: rows by table, and the first bad rows."""
    zh = language == "zh"
    lines = [f"{name:<28}{rows:>12,}" for name, rows in result["rows"].items()]
    count = len(result["bad"])
    lines.append(f"{'坏行或提示' if zh else 'bad rows or notes':<28}{count:>12,}")
    for problem in result["bad"][:10]:
        lines.append(
            f"  {problem['file']}:{problem['row']} {problem['column']} {problem['value']} — "
            f"{problem['reason_zh' if zh else 'reason']} -> {problem['remedy_zh' if zh else 'remedy']}"
        )
    if count > 10:
        lines.append(f"  … {count - 10:,}")
    lines += [f"{'训练用表' if zh else 'to train on'}：{path}" for path in result["frames"]]
    lines.append(f"{'台账' if zh else 'book'}：{result['book']}  {result['root'][:16]}")
    return "\n".join(lines)
