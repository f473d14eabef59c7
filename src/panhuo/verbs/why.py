"""``panhuo why``: opens one number."""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="why",
    zh="打开一个数字：它的理由、规则、事实和出处。",
    en="Opens one number: its reasons, rules, facts and lineage.",
    arguments=(
        Argument("outcome", "path", "结果：结果文件夹/名称，如 result/classes", "FOLDER/NAME, such as result/classes"),
        Argument("key", "text", "主键（多列用逗号隔开）", "the row's key (several columns: separated by commas)"),
        Argument(
            "receipt",
            "path",
            "同时写出这一行的收据",
            "also writes this row's receipt here",
            option=True,
            required=False,
        ),
    ),
    run="panhuo.verbs.why:run",
    show="panhuo.verbs.why:show",
    example="panhuo why result/classes D000123 --receipt d123.json",
)


def run(outcome: str, key: str, receipt: str | None = None, language: str = "zh") -> dict[str, Any]:
    """One row with its reasons in words, its subject and lineage."""
    from pathlib import Path

    from panhuo.ground.record.outcome import Outcome
    from panhuo.journey.sealing import row_receipt, run_description

    path = Path(outcome)
    if path.suffix == ".parquet":
        path = path.with_suffix("")
    found = Outcome.read(path.parent, path.name)
    parts = key.split(",") if len(found.schema.key) > 1 else [key]
    opened = found.why(*parts, language=language)
    opened["subject"] = _subject(found, parts, language)
    if (path.parent / "run.json").exists():
        described = run_description(path.parent)
        opened["receipt_of_outcome"] = str(path.parent / "receipts" / f"{path.name}.json")
        opened["as_of"] = described["as_of"]
    if receipt is not None:
        Path(receipt).write_bytes(row_receipt(path.parent, found, parts))
        opened["receipt"] = receipt
    return opened


def _subject(found: Any, parts: list[str], language: str) -> dict[str, Any]:
    from panhuo.ground.record.outcome import Outcome

    if found.subjects is None or found.subject_schema is None:
        return {}
    subjects = Outcome(found.subject_schema, found.subjects, found.subjects.slice(0, 0))
    if found.subject_schema.key != found.schema.key:
        return {}
    at = subjects.row_of(*parts)
    rows = {}
    for column in found.subject_schema.columns:
        value = found.subjects.column(column.name)[at].as_py()
        label = column.zh if language == "zh" else column.en
        text = found.text_of(column, value, language, found.currency_of(at))
        rows[column.name] = {"label": label, "text": text}
    return rows


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads."""
    zh = language == "zh"
    key = ",".join(str(k) for k in result["key"])
    lines = [f"{result['outcome']}  {key}"]
    lines += [f"  {cell['label']}：{cell['text']}" for cell in result["values"].values()]
    lines.append("理由" if zh else "Reasons")
    for reason in result["reasons"]:
        size = "" if reason["contribution"] is None else f"  [{reason['contribution']:+,}]"
        lines.append(f"  {reason['rank']}. {reason['code']}{size}  {reason['words']}")
    if not result["reasons"]:
        lines.append("  无" if zh else "  none")
    if result["subject"]:
        lines.append("所据事实" if zh else "From these facts")
        lines += [f"  {cell['label']}：{cell['text']}" for cell in result["subject"].values()]
    lineage = result["lineage"]
    lines.append("出处" if zh else "Lineage")
    for name in ("as_of", "function", "rules", "models", "parameters", "version"):
        if name in lineage:
            lines.append(f"  {name}: {lineage[name]}")
    if "receipt" in result:
        lines.append(("收据：" if zh else "receipt: ") + result["receipt"])
    return "\n".join(lines)
