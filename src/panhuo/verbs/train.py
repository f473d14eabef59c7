"""``panhuo train``: a validated model of a table's outcome, as text, with its card.

Invariant: `auc`, `ks` and `brier` are of rows the fit had not seen; `leaks` names every column that may have known the
outcome, whether or not it was kept out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panhuo.verbs.declaration import RECEIPT, Argument, Verb

VERB = Verb(
    name="train",
    zh="在任意表格上训练并验证模型：评分卡或提升树，泄漏列点名，模型存为文本，附模型卡",
    en="trains and validates a model on any table: scorecard or boosted trees, leaks named, text model, card",
    arguments=(
        Argument("data", "path", zh="表格：CSV、Parquet、Excel、JSON", en="table: CSV, Parquet, Excel, JSON"),
        Argument("target", "text", option=True, zh="结果列", en="column of the outcome"),
        Argument(
            "event",
            "text",
            option=True,
            required=False,
            zh="要预测概率的取值（数字默认取较大者；文字必须指明）",
            en="value whose probability is wanted (the larger number by default; needed for text)",
        ),
        Argument(
            "time",
            "text",
            option=True,
            required=False,
            zh="时间列：给出则跨期验证",
            en="time column: validate out of time",
        ),
        Argument("id", "text", option=True, required=False, zh="编号列", en="column of the id"),
        Argument(
            "drop", "text", option=True, required=False, zh="不用的列，逗号分隔", en="columns to leave out, by comma"
        ),
        Argument(
            "keep",
            "text",
            option=True,
            required=False,
            zh="即使像泄漏也保留的列，逗号分隔",
            en="columns to keep though they look like leaks, by comma",
        ),
        Argument(
            "out", "path", option=True, zh="模型文件（模型卡写在旁边）", en="model file (its card goes beside it)"
        ),
        Argument(
            "method",
            "choice",
            option=True,
            required=False,
            default="auto",
            choices=("auto", "scorecard", "trees"),
            zh="方法：auto 取验证 AUC 较高者",
            en="method; auto takes the one with the higher validated AUC",
        ),
        RECEIPT,
    ),
    said="panhuo.verbs.train:said",
    run="panhuo.verbs.train:run",
    show="panhuo.verbs.train:show",
    example="panhuo train loans.csv --target BAD --id loan_id --out bad.model.json",
)


def run(
    data: str,
    target: str,
    out: str,
    event: str | None = None,
    time: str | None = None,
    id: str | None = None,
    drop: str | None = None,
    keep: str | None = None,
    method: str = "auto",
    receipt: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    language: str = "en",
) -> dict[str, Any]:
    """Trains, writes the model to `out` and its card to ``out.html``, and returns what validation found.

    With `receipt`, ``receipt``, ``public_key`` and ``root`` are told too.
    """
    from pathlib import Path

    from panhuo.ground.book.folder import write_whole
    from panhuo.ground.book.reading.frames import read_frame
    from panhuo.tools.learning import measures
    from panhuo.tools.learning.card import judged_groups, model_card
    from panhuo.tools.learning.fairness import POLICY_RATIO

    frame = read_frame(data)
    asked = {"target": target, "event": event, "time": time, "id": id, "drop": drop, "keep": keep, "method": method}
    trained = _trained(frame, asked, _progress_in(progress, language))
    place = Path(out)
    card = place.with_name(place.name + ".html")
    write_whole(card, model_card(trained, frame).encode("utf-8"))
    write_whole(place, trained.model.text() + b"\n")
    found, people = trained.validation, trained.people
    outcome = people.outcome[found.judged]
    result: dict[str, Any] = {
        "auc": found.auc.value,
        "auc_low": found.auc.low,
        "auc_high": found.auc.high,
        "ks": found.ks,
        "brier": found.brier,
        "rows": len(people.outcome),
        "split": trained.split["kind"],
        "leaks": [
            {
                "column": leak.column,
                "why": leak.why,
                "why_zh": leak.why_zh,
                "kind": leak.kind,
                "sure": leak.sure,
                "kept_out": leak.sure and leak.column not in trained.kept_leaks,
                "auc_alone": leak.alone,
            }
            for leak in trained.leaks
        ],
        "auc_with_leaks": trained.auc_with_leaks.value if trained.auc_with_leaks else None,
        "method": trained.chosen,
        "methods": {
            name: {
                "auc": one.auc.value,
                "auc_low": one.auc.low,
                "auc_high": one.auc.high,
                "ks": one.ks,
                "brier": one.brier,
                "detail": one.detail,
            }
            for name, one in trained.validations.items()
        },
        "event": people.event,
        "events": int(people.outcome.sum()),
        "split_detail": trained.split,
        "calibration": [
            {"rows": b.rows, "predicted": b.predicted, "observed": b.observed, "low": b.low, "high": b.high}
            for b in measures.calibration_table(outcome, found.probability)
        ],
        "fairness": [
            {"column": one.column, "used": one.used, "lowest_ratio": one.lowest_ratio, "policy_ratio": POLICY_RATIO}
            for one in judged_groups(trained, frame)
        ],
        "features": [feature.name for feature in trained.model.features],
        "notes": [{"column": note.column, "zh": note.zh, "en": note.en} for note in people.notes],
        "model": str(place),
        "model_hash": trained.model.hash(),
        "data_hash": trained.data_hash,
        "card": str(card),
    }
    if receipt is not None:
        from panhuo.journey.tool_receipts import write_receipt

        result |= write_receipt(_sealed(trained, frame, asked), receipt)
    return result


def said(data: str, **asked: Any) -> Any:
    """What a receipt of a model trained on this table seals (`journey.tool_receipts.Said`); the options by name."""
    from panhuo.ground.book.reading.frames import read_frame

    frame = read_frame(data)
    return _sealed(_trained(frame, asked, None), frame, asked)


def _trained(frame: Any, asked: dict[str, Any], progress: Callable[[str, int, int], None] | None) -> Any:
    from panhuo.tools.learning.training import train

    return train(
        frame,
        asked["target"],
        event=asked["event"],
        time_column=asked["time"] or "",
        id_column=asked["id"] or "",
        drop=_names(asked["drop"], frame.column_names),
        keep=_names(asked["keep"], frame.column_names),
        method=asked["method"],
        progress=progress,
    )


def _sealed(trained: Any, frame: Any, asked: dict[str, Any]) -> Any:
    from panhuo.journey.tool_receipts import Said
    from panhuo.tools.learning.sealed_results import sealed_training
    from panhuo.tools.learning.training import train

    return Said("train", sealed_training(trained), {"data": frame}, train, asked)


_PARTS_ZH = {"leaks": "查泄漏", "binning": "最优分箱", "trees": "提升树"}


def _progress_in(
    progress: Callable[[str, int, int], None] | None, language: str
) -> Callable[[str, int, int], None] | None:
    if progress is None or language != "zh":
        return progress
    return lambda what, done, total: progress(_PARTS_ZH.get(what, what), done, total)


def _names(given: str | None, columns: list[str]) -> tuple[str, ...]:
    if not given:
        return ()
    if given in columns:
        return (given,)
    return tuple(name.strip() for name in given.split(",") if name.strip())


def show(result: dict[str, Any], language: str) -> str:
    """The figures, the warnings, and where the model and its card are."""
    zh = language == "zh"
    split = result["split_detail"]
    if result["split"] == "out of time":
        how = f"{split['column']} >= {split['from']}: {split['validate']:,}"
        how = f"跨期验证（{how} 行）" if zh else f"out of time ({how} rows)"
    else:
        how = f"{split['folds']} 折交叉验证" if zh else f"{split['folds']}-fold cross-validation"
    rows = f"{result['rows']:,}"
    lines = [
        f"AUC {result['auc']:.4f}  [{result['auc_low']:.4f}, {result['auc_high']:.4f}]   KS {result['ks']:.3f}   "
        f"Brier {result['brier']:.4f}",
        f"{how}，{rows} 行，事件 {result['event']}：{result['events']:,}"
        if zh
        else f"{how}, {rows} rows, event {result['event']}: {result['events']:,}",
    ]
    names = {"scorecard": "评分卡", "trees": "提升树"} if zh else {"scorecard": "scorecard", "trees": "boosted trees"}
    for name, one in result["methods"].items():
        mark = "*" if name == result["method"] else " "
        lines.append(f" {mark} {names[name]}: AUC {one['auc']:.4f} [{one['auc_low']:.4f}, {one['auc_high']:.4f}]")
    for leak in result["leaks"]:
        state = ("未入模", "kept out") if leak["kept_out"] else ("请核实", "please check")
        lines.append(f" ! {leak['column']} [{state[0 if zh else 1]}]: {leak['why_zh' if zh else 'why']}")
    if result["auc_with_leaks"] is not None:
        said = "含泄漏列时 AUC 会显示为" if zh else "with the leaks left in, AUC would have read"
        lines.append(f"   {said} {result['auc_with_leaks']:.4f}")
    lines += [f"   {note['column']}: {note['zh' if zh else 'en']}" for note in result["notes"]]
    lines.append(f"{'模型' if zh else 'model'}: {result['model']}  {'模型卡' if zh else 'card'}: {result['card']}")
    return "\n".join(lines)
