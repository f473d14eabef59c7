"""Probability that a firm defaults within a year, by an expert's card on its invoices: no labels are needed.

Invariant: base and the points of all columns add up to the score exactly; a higher score is safer; the probability is
what the score stands for on the card's declared scale, computed once by the same routine on one row and on a million.
Known defaults are never an input: they only serve to test how the score ranks (`rank_test`).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import ibis
import numpy as np
import pyarrow as pa

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.rules.library import read_text
from panhuo.ground.values.jitable import jitable
from panhuo.stages.origination.profile import PURPOSE
from panhuo.stages.origination.profile import VERDICT as PROFILE
from panhuo.tools.learning.expert_card import read_expert_card
from panhuo.tools.learning.rank_test import rank_test as measured_rank
from panhuo.tools.learning.scoring import margin_of_points, probability_of

FILE = Path(__file__).with_name("expert_card.toml")
WORDS = Path(__file__).parent / "words.toml"
T = ColumnType

FEATURES = (
    "months_selling", "days_since_sale", "sales", "growth", "trend", "volatility", "void_share", "red_letter_share",
    "margin", "customers", "largest_customer_share", "suppliers", "months_known",
)  # fmt: skip
"""Columns the card reads, in its order."""

_PARTY = Column("party_id", T.TEXT, "企业", "firm", key=True, required=True)

SUBJECT = Schema(
    "scores",
    (_PARTY, *(Column(n, PROFILE[n].type, PROFILE[n].zh, PROFILE[n].en) for n in FEATURES), PROFILE["barred"]),
    zh="违约概率：对象",
    en="default probability: what is judged",
)
VERDICT = Schema(
    "scores",
    (
        _PARTY,
        Column("probability", T.BILLIONTHS, "一年内违约概率", "probability of default within a year"),
        Column("score", T.INT, "分数（越高越安全）", "score (higher is safer)"),
        Column("base", T.INT, "基础分", "points before any column"),
        *(Column(f"points_{n}", T.INT, f"{PROFILE[n].zh}：得分", f"points for {PROFILE[n].en}") for n in FEATURES),
    ),
    zh="违约概率（专家评分卡）",
    en="default probability by an expert card",
)


class Card(NamedTuple):
    """The card as the judge reads it.

    `edges` int64[columns, widest - 1], `points` int64[columns, widest], `bins` int64[columns], `unknown`
    int64[columns]: whole points. `factor`, `offset`: the scale (see `panhuo.tools.learning.model.Scale`).
    """

    base: int
    edges: Any
    points: Any
    bins: Any
    unknown: Any
    factor: float
    offset: float


def card(as_of: date | None = None, file: Path = FILE) -> tuple[Card, dict[str, Any]]:
    """(card, description for the lineage).

    Raises:
        InvalidInput: the card reads other columns than `FEATURES`, or its edges or points are not whole numbers.
    """
    return _laid_out(read_text(file), file.name)


@lru_cache(maxsize=16)
def _laid_out(text: str, file: str) -> tuple[Card, dict[str, Any]]:
    model = read_expert_card(text, file)
    names = tuple(feature.name for feature in model.features)
    if names != FEATURES:
        raise InvalidInput("the card's columns are not the profile's", where=file, remedy=", ".join(FEATURES))
    widest = max(len(column.points) for column in model.card)
    edges = np.zeros((len(names), widest - 1), np.int64)
    points = np.zeros((len(names), widest), np.int64)
    unknown = np.zeros(len(names), np.int64)
    for place, column in enumerate(model.card):
        stated = [*column.points, column.unknown_points]
        if any(p % 1000 for p in stated) or any(e != int(e) for e in column.edges):
            raise InvalidInput("edges and points must be whole numbers", where=f"{file} {names[place]}")
        edges[place, : len(column.edges)] = [int(e) for e in column.edges]
        points[place, : len(column.points)] = [p // 1000 for p in column.points]
        unknown[place] = column.unknown_points // 1000
    bins = np.array([len(column.points) for column in model.card], np.int64)
    laid = Card(model.base // 1000, edges, points, bins, unknown, model.scale.factor, model.scale.offset)
    return laid, {"card": model.name, "hash": model.hash(), "file": file}


def gather(snapshot: Any, profiles: Any) -> Any:
    """One row a profiled party."""
    return ibis.memtable(profiles.table).select("party_id", *FEATURES, "barred")


@jitable
def points(model, column: int, value: int, known: bool) -> int:  # type: ignore[no-untyped-def]
    """Points of one value: the first bin whose edge is at or above it."""
    if not known:
        return model.unknown[column]
    last = model.bins[column] - 1
    for place in range(last):
        if value <= model.edges[column, place]:
            return model.points[column, place]
    return model.points[column, last]


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """Score, probability, and the points of every column; nothing of a firm whose invoices may not be used."""
    a = points(model, 0, row.months_selling[0], row.months_selling[1])
    b = points(model, 1, row.days_since_sale[0], row.days_since_sale[1])
    c = points(model, 2, row.sales[0], row.sales[1])
    d = points(model, 3, row.growth[0], row.growth[1])
    e = points(model, 4, row.trend[0], row.trend[1])
    f = points(model, 5, row.volatility[0], row.volatility[1])
    g = points(model, 6, row.void_share[0], row.void_share[1])
    h = points(model, 7, row.red_letter_share[0], row.red_letter_share[1])
    i = points(model, 8, row.margin[0], row.margin[1])
    j = points(model, 9, row.customers[0], row.customers[1])
    k = points(model, 10, row.largest_customer_share[0], row.largest_customer_share[1])
    m = points(model, 11, row.suppliers[0], row.suppliers[1])
    n = points(model, 12, row.months_known[0], row.months_known[1])
    score = model.base + a + b + c + d + e + f + g + h + i + j + k + m + n
    probability = probability_of(margin_of_points(1000 * score, model.factor, model.offset))
    read = not row.barred[0]
    return (
        (probability, read), (score, read), (model.base, read),
        (a, read), (b, read), (c, read), (d, read), (e, read), (f, read), (g, read), (h, read), (i, read), (j, read),
        (k, read), (m, read), (n, read),
    )  # fmt: skip


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    needs=("profiles",),
    purpose=PURPOSE,
    reasons=(
        Reason("SCORE_BARRED", when="barred"),
        Reason("CARD_BASE", when="base", contribution="base", arguments=("base",)),
        *(
            Reason(f"CARD_{n.upper()}", when=f"points_{n}", contribution=f"points_{n}", arguments=(n, f"points_{n}"))
            for n in FEATURES
        ),
    ),
    words=WORDS,
    parameters=card,
    zh="违约概率",
    en="default probability",
)


def rank_test(scores: pa.Table, labels: pa.Table) -> dict[str, Any]:
    """How the score ranks firms whose default is known: ``auc`` with its 95 % interval (DeLong), ``ks``, counts.

    Args:
        scores: ``party_id``, ``probability``. labels: ``party_id``, ``default`` (1 or 0; unknown rows are left out).
            Labels are read for this test alone; nothing is fitted to them.

    Raises:
        InvalidInput: when labelled and scored firms do not meet, or all of one kind.
    """
    rows = scores.select(["party_id", "probability"]).join(
        labels.select(["party_id", "default"]), "party_id", join_type="inner"
    )
    pairs = [
        (p, np.nan if d is None or str(d) == "" else float(d))
        for d, p in zip(rows["default"].to_pylist(), rows["probability"].to_pylist(), strict=True)
        if p is not None
    ]
    found = measured_rank(
        np.array([p / 1e9 for p, _ in pairs], np.float64), np.array([d for _, d in pairs], np.float64)
    )
    return {
        "firms": found.rows,
        "defaults": found.events,
        **{name: getattr(found, name) for name in ("auc", "auc_low", "auc_high", "ks")},
    }
