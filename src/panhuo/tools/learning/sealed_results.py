"""What training and scoring say, as tables that can be sealed: probabilities in billionths, points in thousandths.

Invariant: base, the contributions of a row's reasons and rest add up to its score exactly; no value of the data stands
in a reason, only the column it came from.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from panhuo.ground.record.arguments import argument_texts, join_arguments
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.outcome import Outcome, make_outcome
from panhuo.ground.values.scales import BILLIONTHS, on_scale
from panhuo.tools.learning.model import Model
from panhuo.tools.learning.scoring import Scorer, slices
from panhuo.tools.learning.table import column, texts
from panhuo.tools.learning.training import Training

SCORES = Schema(
    "scored_rows",
    (
        Column("row", ColumnType.INT, "行次", "row of the table, from 1", key=True, required=True),
        Column("id", ColumnType.TEXT, "编号", "id"),
        Column("probability", ColumnType.BILLIONTHS, "概率", "probability of the event"),
        Column("score", ColumnType.INT, "分数（千分之一分）", "score, thousandths of a point"),
        Column("base", ColumnType.INT, "基础分（千分之一分）", "base, thousandths of a point"),
        Column("rest", ColumnType.INT, "其余（千分之一分）", "what the reasons leave, thousandths of a point"),
    ),
    zh="评分",
    en="scored rows",
)

TRAININGS = Schema(
    "trained_model",
    (
        Column("model", ColumnType.TEXT, "模型哈希", "hash of the model's text", key=True, required=True),
        Column("method", ColumnType.TEXT, "方法", "method", key=True, required=True),
        Column("chosen", ColumnType.BOOL, "选用", "whether the model is of this method"),
        Column("rows", ColumnType.INT, "行数", "rows"),
        Column("events", ColumnType.INT, "事件数", "events"),
        Column("event", ColumnType.TEXT, "事件取值", "value of the event"),
        Column("split", ColumnType.TEXT, "验证方式", "how unseen rows were set apart"),
        Column("auc", ColumnType.BILLIONTHS, "AUC", "AUC"),
        Column("auc_low", ColumnType.BILLIONTHS, "AUC 下限", "lower end of its 95 % interval"),
        Column("auc_high", ColumnType.BILLIONTHS, "AUC 上限", "upper end"),
        Column("ks", ColumnType.BILLIONTHS, "KS", "KS"),
        Column("brier", ColumnType.BILLIONTHS, "Brier", "Brier score"),
    ),
    zh="模型验证",
    en="validation of a model",
)
_NAME = Column("column", ColumnType.TEXT, "列", "column")


def sealed_scores(model: Model, data: pa.Table, id_column: str = "") -> Outcome:
    """Every row of `data` scored, with the five largest contributions (thousandths of a point) as its reasons; the
    reason's code is the column that made it."""
    scorer = Scorer(model)
    wanted = id_column or (model.id_column if model.id_column in data.column_names else "")
    tables, reasons = [], []
    for start, part in slices(data):
        scores = scorer.score(scorer.rows(part))
        place = np.arange(start + 1, start + 1 + part.num_rows)
        ids = texts(column(part, wanted)) if wanted else [None] * part.num_rows
        tables.append(
            pa.table(
                {
                    "row": pa.array(place, pa.int64()),
                    "id": pa.array(ids, pa.string()),
                    "probability": pa.array(scores.probability),
                    "score": pa.array(scores.score),
                    "base": pa.array(np.full(part.num_rows, scores.base, np.int64)),
                    "rest": pa.array(scores.score - scores.base - scores.reason_points.sum(axis=1)),
                }
            )
        )
        names = np.array([feature.name for feature in model.features], dtype=object)
        for rank in range(scores.reason_feature.shape[1]):
            feature = scores.reason_feature[:, rank]
            said = np.flatnonzero(feature >= 0)
            reasons.append(
                pa.table(
                    {
                        "row": pa.array(place[said], pa.int64()),
                        "code": pa.array(names[feature[said]].tolist(), pa.string()),
                        "contribution": pa.array(scores.reason_points[said, rank]),
                        "arguments": pa.array([""] * len(said), pa.string()),
                    }
                )
            )
    return make_outcome(SCORES, pa.concat_tables(tables), pa.concat_tables(reasons))


def sealed_training(trained: Training) -> Outcome:
    """What validation found of every method tried; each leak is a reason of the chosen one."""
    people = trained.people
    digest = trained.model.hash()
    rows: list[dict[str, Any]] = []
    for name, one in trained.validations.items():
        measured = {"auc": one.auc.value, "auc_low": one.auc.low, "auc_high": one.auc.high}
        measured |= {"ks": one.ks, "brier": one.brier}
        rows.append(
            {
                "model": digest,
                "method": name,
                "chosen": name == trained.chosen,
                "rows": len(people.outcome),
                "events": int(people.outcome.sum()),
                "event": str(people.event),
                "split": trained.split["kind"],
                **{measure: on_scale(float(value), BILLIONTHS) for measure, value in measured.items()},
            }
        )
    columns = {c.name: pa.array([row[c.name] for row in rows], c.arrow_type()) for c in TRAININGS.columns}
    leaks = trained.leaks
    reasons = None
    if leaks:
        named = argument_texts(_NAME, pa.array([leak.column for leak in leaks], pa.string()))
        reasons = pa.table(
            {
                "model": pa.array([digest] * len(leaks)),
                "method": pa.array([trained.chosen] * len(leaks)),
                "code": pa.array([f"LEAK-{leak.kind}" for leak in leaks]),
                "contribution": pa.nulls(len(leaks), pa.int64()),
                "arguments": join_arguments([named], len(leaks)),
            }
        )
    return make_outcome(TRAININGS, pa.table(columns), reasons)
