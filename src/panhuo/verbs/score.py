"""``panhuo score``: a table scored by a model's text, with reasons beside the id.

Invariant: no training library is loaded; base, the five reasons and rest of a row add up to its score exactly.
"""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import RECEIPT, Argument, Verb

VERB = Verb(
    name="score",
    zh="用模型给表格打分：违约概率、分数（越高越安全）和五条理由",
    en="scores a table with a model: probability, score (higher is safer) and five reasons",
    arguments=(
        Argument("model", "path", zh="模型文件，或专家评分卡（.toml）", en="model file, or an expert card (.toml)"),
        Argument("data", "path", zh="表格：CSV、Parquet、Excel、JSON", en="table: CSV, Parquet, Excel, JSON"),
        Argument("out", "path", option=True, zh="结果文件", en="file for the scores"),
        Argument(
            "id",
            "text",
            option=True,
            required=False,
            zh="编号列（默认为模型的编号列）",
            en="id column (the model's own by default)",
        ),
        Argument(
            "words",
            "choice",
            option=True,
            required=False,
            default="plain",
            choices=("plain", "zh", "en"),
            zh="理由的文字：plain 为列名与取值",
            en="words of the reasons; plain gives column and value",
        ),
        Argument(
            "against",
            "text",
            option=True,
            required=False,
            zh="已知结果的列：检验排序能力（AUC 及区间、KS）；只检验，不拟合",
            en="column of known outcomes: test how the score ranks them (AUC with interval, KS); nothing is fitted",
        ),
        Argument(
            "labels",
            "path",
            option=True,
            required=False,
            zh="结果所在的表（按编号对应；默认为数据本身）",
            en="table the outcomes stand in, matched by the id (the data themselves by default)",
        ),
        Argument(
            "event",
            "text",
            option=True,
            required=False,
            zh="视为违约的取值（文字列必须指明）",
            en="value that is the event (needed for text)",
        ),
        RECEIPT,
    ),
    said="panhuo.verbs.score:said",
    run="panhuo.verbs.score:run",
    show="panhuo.verbs.score:show",
    example="panhuo score bad.model.json applicants.csv --out scores.csv",
)


def run(
    model: str,
    data: str,
    out: str,
    id: str | None = None,
    words: str = "plain",
    against: str | None = None,
    labels: str | None = None,
    event: str | None = None,
    receipt: str | None = None,
) -> dict[str, Any]:
    """Writes id, ``probability``, ``score``, ``reason_1`` .. ``reason_5``, ``base``, ``rest`` to `out`.

    With `against`, ``auc``, ``auc_low``, ``auc_high``, ``ks``, ``brier`` and ``against`` (rows compared, events,
    unknown) are told; with `receipt`, ``receipt``, ``public_key`` and ``root``.

    Raises:
        InvalidInput: when the outcomes cannot be compared, or `labels` or `event` is given without `against`.
    """
    from pathlib import Path

    import pyarrow.compute as pc

    from panhuo.ground.book.reading.frames import read_frame, write_frame
    from panhuo.ground.record.errors import InvalidInput
    from panhuo.tools.learning.scoring import score_table
    from panhuo.tools.learning.table import fingerprint

    chosen = _model(model)
    frame = read_frame(data)
    scored = score_table(chosen, frame, language="" if words == "plain" else words, id_column=id or "")
    if out == "-":
        write_frame(scored, out)
    else:
        target = Path(out)
        partial = target.with_name("partial-" + target.name)
        write_frame(scored, partial)
        partial.replace(target)
    probability = pc.mean(scored["probability"]).as_py()
    result: dict[str, Any] = {
        "rows": scored.num_rows,
        "mean_probability": probability,
        "method": chosen.method,
        "event": chosen.event,
        "out": out,
        "model_hash": chosen.hash(),
        "data_hash": fingerprint(frame),
    }
    if against is not None:
        result |= _tested(scored, frame, against, labels, event)
    elif labels is not None or event is not None:
        raise InvalidInput(
            "nothing says which column to test against", where="--against", remedy="add --against COLUMN"
        )
    if receipt is not None:
        from panhuo.journey.tool_receipts import write_receipt

        result |= write_receipt(_sealed(chosen, frame, id), receipt)
    return result


def _tested(scored: Any, frame: Any, against: str, labels: str | None, event: str | None) -> dict[str, Any]:
    from panhuo.ground.book.reading.frames import read_frame
    from panhuo.tools.learning.rank_test import rank_test_of_table

    answers = frame if labels is None else read_frame(labels)
    found = rank_test_of_table(scored, answers, against, event, by_row=labels is None).as_json()
    measured = {name: found.pop(name) for name in ("auc", "auc_low", "auc_high", "ks", "brier")}
    return {**measured, "against": {"column": against, **found}}


def said(model: str, data: str, id: str | None = None) -> Any:
    """What a receipt of this table scored by this model seals (`journey.tool_receipts.Said`)."""
    from panhuo.ground.book.reading.frames import read_frame

    return _sealed(_model(model), read_frame(data), id)


def _model(model: str) -> Any:
    from pathlib import Path

    from panhuo.ground.record.errors import NotFound
    from panhuo.tools.learning.expert_card import load_expert_card
    from panhuo.tools.learning.model import read_model

    place = Path(model)
    if not place.is_file():
        raise NotFound(f"no model at {model}", where=model, remedy="train one first: panhuo train")
    return load_expert_card(place) if place.suffix == ".toml" else read_model(place.read_bytes())


def _sealed(model: Any, frame: Any, id_column: str | None) -> Any:
    from panhuo.journey.tool_receipts import Said
    from panhuo.tools.learning.scoring import score_table
    from panhuo.tools.learning.sealed_results import sealed_scores

    outcome = sealed_scores(model, frame, id_column or "")
    return Said("score", outcome, {"data": frame}, score_table, {"id": id_column}, {"model": model.hash()})


def show(result: dict[str, Any], language: str) -> str:
    """How many rows were scored, their mean probability, and where they are."""
    mean = result["mean_probability"]
    shown = "-" if mean is None else f"{mean:.2%}"
    zh = language == "zh"
    if zh:
        text = f"{result['rows']:,} 行已打分，平均概率 {shown}：{result['out']}"
    else:
        text = f"{result['rows']:,} rows scored, mean probability {shown}: {result['out']}"
    if "auc" in result:
        test = result["against"]
        text += (
            f"\nAUC {result['auc']:.4f}  [{result['auc_low']:.4f}, {result['auc_high']:.4f}]   KS {result['ks']:.3f}"
        )
        rows, events, unknown = (f"{test[name]:,}" for name in ("rows", "events", "unknown"))
        text += (
            f"   对照 {test['column']}：{rows} 行，事件 {events}，结果未知 {unknown}"
            if zh
            else f"   against {test['column']}: {rows} rows, {events} events, {unknown} unknown"
        )
    return text
