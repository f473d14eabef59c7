"""The score of every party: by the model a run was given, else by the expert's card on invoices, and it says which.

Invariant: whatever scored, `probability` is in billionths and a higher `score` is safer; base, the five largest columns
and the rest add up to the score to the last digit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.record.arguments import argument_texts, join_arguments
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Thing, pronounce
from panhuo.ground.record.outcome import Outcome, make_outcome
from panhuo.ground.record.phrases import PhraseBook
from panhuo.stages.origination import default_probability
from panhuo.stages.origination.application import application_frame
from panhuo.tools.learning.model import read_model
from panhuo.tools.learning.scoring import REASONS, Scorer
from panhuo.tools.learning.table import fingerprint

WORDS = Path(__file__).parent / "words.toml"
T = ColumnType
MODEL_VERDICT = Schema(
    "scores",
    (
        Column("party_id", T.TEXT, "企业", "firm", key=True, required=True),
        Column("probability", T.BILLIONTHS, "违约概率（模型）", "probability of default by the model"),
        Column("score", T.INT, "分数（千分之一分，越高越安全）", "score in thousandths of a point (higher is safer)"),
        Column("base", T.INT, "基础分", "points before any column"),
        Column("rest", T.INT, "其余各列合计", "all other columns together"),
    ),
    zh="违约概率（给定模型）",
    en="default probability by a given model",
)


def _by_model(snapshot: Any, data: bytes, digest: str) -> Outcome:
    model = read_model(data)
    frame = application_frame(snapshot)
    # A party with several contracts is scored on its latest application.
    order = pc.sort_indices(
        frame, sort_keys=[("party_id", "ascending"), ("signed_on", "descending"), ("contract_id", "descending")]
    )
    frame = frame.take(order)
    party = np.array(frame.column("party_id").to_pylist())
    first = np.ones(len(party), np.bool_)
    first[1:] = party[1:] != party[:-1]
    frame = frame.filter(pa.array(first)).combine_chunks()
    scorer = Scorer(model)
    rows = scorer.rows(frame)
    scores = scorer.score(rows)
    rest = scores.score - scores.base - scores.reason_points.sum(axis=1)
    ids = frame.column("party_id")
    table = pa.table(
        {
            "party_id": ids,
            "probability": pa.array(scores.probability),
            "score": pa.array(scores.score),
            "base": pa.array(np.full(len(ids), scores.base)),
            "rest": pa.array(rest),
        }
    )
    parts = [_reasons(ids, np.full(len(ids), scores.base), "MODEL_BASE", pa.array([""] * len(ids)))]
    parts.append(_reasons(ids, rest, "MODEL_REST", pa.array([""] * len(ids))))
    for rank in range(REASONS):
        feature, points = scores.reason_feature[:, rank], scores.reason_points[:, rank]
        for number in np.unique(feature[feature >= 0]):
            at = np.flatnonzero(feature == number)
            text = _column_arguments(model.features[int(number)].name, frame, at)
            parts.append(_reasons(ids.take(pa.array(at)), points[at], "MODEL_COLUMN", text))
    words = PhraseBook.read(WORDS)
    used = {"MODEL_BASE", "MODEL_REST", "MODEL_COLUMN"}
    lineage = {
        "function": f"{__name__}.score",
        "parameters": {"model": model.name, "hash": digest, "applications": fingerprint(frame)},
    }
    book = PhraseBook({code: phrase for code, phrase in words.phrases.items() if code in used})
    return make_outcome(MODEL_VERDICT, table, pa.concat_tables(parts), lineage=lineage, words=book)


def _column_arguments(name: str, frame: pa.Table, rows: np.ndarray) -> pa.Array:
    """Arguments of MODEL_COLUMN: a column's name and what it holds in `rows`, as a day, a whole number or text."""
    values = frame.column(name).take(pa.array(rows)).combine_chunks()
    kind = T.INT if pa.types.is_integer(values.type) else T.DATE if pa.types.is_date32(values.type) else T.TEXT
    if kind is T.TEXT:
        values = values.cast(pa.string())
    named = pa.array([name] * len(rows), pa.string())
    column, value = Column("column", T.TEXT, "列", "column"), Column("value", kind, "值", "value")
    return join_arguments([argument_texts(column, named), argument_texts(value, values)], len(rows))


def _reasons(ids: Any, points: Any, code: str, arguments: Any) -> pa.Table:
    flat = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    return pa.table(
        {
            "party_id": flat,
            "code": pa.array([code] * len(flat), pa.string()),
            "contribution": pa.array(points, pa.int64()),
            "arguments": arguments,
        }
    )


class _Scores:
    """The step ``scores``."""

    name = "scores"
    needs = ("profiles",)
    zh, en = "违约概率", "default probability"
    purpose = "credit_assessment"  # a model reads the application; the card's own purpose is that of its invoices

    def run(self, snapshot: Any, settings: Any, profiles: Outcome) -> Outcome:
        """Scores by ``--model scores=FILE`` where given, else by the expert's card."""
        given = settings.models.get("scores")
        if given is not None:
            return _by_model(snapshot, given[1], given[0])
        thing: Thing = default_probability.THING
        subjects = thing.gather(snapshot, profiles=profiles) if thing.gather is not None else None
        assert subjects is not None and thing.parameters is not None
        table = subjects if isinstance(subjects, pa.Table) else snapshot.read(subjects)
        model, described = thing.parameters(snapshot.as_of)
        return pronounce(thing, table, model=model, engine=settings.engine, lineage={"parameters": described})


THING = _Scores()
