"""Kernels 2d and 2e: a scorecard of 50 variables and 8 bins, score and five largest reasons, beside peers.

Invariant: before any timing our scores and reasons equal a plain numpy version's to the last integer, and each peer,
loaded with (or read for) the same bins and points, gives the same scores; the peers give no reasons.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import Contender, Ratio, compare, run, skipped
from panhuo.tools.learning import scorecard
from panhuo.tools.learning.model import CardColumn, Feature, Model, Scale

VARIABLES, BINS, ROWS, SAMPLE, SINGLE = 50, 8, 200_000, 20_000, 200


def a_model(points: np.ndarray, edges: np.ndarray, base: int) -> Model:
    """A card of the given points [v, bins + 1] (thousandths, the unknown last) and edges [v, bins - 1]."""
    features = tuple(Feature(f"x{i}", "number") for i in range(VARIABLES))
    columns = tuple(
        CardColumn(i, tuple(edges[i].tolist()), tuple(int(p) for p in points[i, :-1]), int(points[i, -1]))
        for i in range(VARIABLES)
    )
    return Model("bench", "scorecard", features, Scale(), base=base, card=columns)


def plain_numpy(model: Model, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores and the five largest contributions, as one would write them in numpy."""
    parts = np.empty(rows.shape, np.int64)
    for i, column in enumerate(model.card):
        place = np.searchsorted(np.array(column.edges), rows[:, i], side="left")
        points = np.array([*column.points, column.unknown_points])
        parts[:, i] = points[np.where(np.isnan(rows[:, i]), len(column.points), place)]
    largest = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :5]
    return model.base + parts.sum(axis=1), np.take_along_axis(parts, largest, axis=1)


def numpy_score(model: Model, rows: np.ndarray) -> np.ndarray:
    """Scores alone in numpy: searchsorted and take, as a peer without reasons."""
    total = np.full(len(rows), model.base)
    for i, column in enumerate(model.card):
        total += np.take(np.array(column.points), np.searchsorted(np.array(column.edges), rows[:, i], side="left"))
    return total


def toad_card(model: Model) -> Any:
    """toad's ScoreCard loaded with the same bins and points."""
    from toad import ScoreCard

    rules = {}
    for feature, column in zip(model.features, model.card, strict=True):
        ends = ["-inf", *(repr(edge) for edge in column.edges), "inf"]
        rules[feature.name] = {f"[{ends[i]} ~ {ends[i + 1]})": points / 1000 for i, points in enumerate(column.points)}
    card = ScoreCard()
    card.load(rules)
    return card


def optbinning_card(edges: np.ndarray, frame: Any, outcome: np.ndarray) -> Any:
    """optbinning's Scorecard fitted on the same fixed splits."""
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression

    fixed = {
        f"x{i}": {"user_splits": edges[i], "user_splits_fixed": [True] * (BINS - 1), "monotonic_trend": None}
        for i in range(VARIABLES)
    }
    process = BinningProcess(variable_names=[f"x{i}" for i in range(VARIABLES)], binning_fit_params=fixed)
    card = Scorecard(
        binning_process=process,
        estimator=LogisticRegression(),
        scaling_method="pdo_odds",
        scaling_method_params={"pdo": 20, "odds": 50, "scorecard_points": 600},
    )
    return card.fit(frame, outcome)


def model_of(card: Any, edges: np.ndarray) -> Model:
    """Our card with the points optbinning fitted, rounded to thousandths."""
    table = card.table(style="summary")
    points = np.zeros((VARIABLES, BINS + 1), np.int64)
    for i in range(VARIABLES):
        assert len(card.binning_process_.get_binned_variable(f"x{i}").splits) == BINS - 1
        own = table[table["Variable"] == f"x{i}"]["Points"].to_numpy(dtype=float)
        points[i, :BINS] = np.round(own[:BINS] * 1000)
    return a_model(points, edges, round(float(card.intercept_) * 1000))


def main() -> list[Ratio]:
    """Agreement first, then ratios for a batch (2d) and for one decision (2e)."""
    generator = np.random.default_rng(20260101)
    rows = generator.normal(size=(ROWS, VARIABLES))
    edges = np.quantile(generator.normal(size=(2000, VARIABLES)), np.arange(1, BINS) / BINS, axis=0).T.copy()
    points = generator.integers(-40_000, 40_000, size=(VARIABLES, BINS + 1))
    model = a_model(points, edges, 500_000)
    laid = scorecard.lay_out(model)

    holes = rows[:5000].copy()
    holes[generator.random(holes.shape) < 0.05] = np.nan
    score, _, gain = scorecard.score_batch(laid, holes)
    plain_score, plain_gain = plain_numpy(model, holes)
    assert (score == plain_score).all()
    assert (gain == plain_gain).all()
    one, reasons = scorecard.score_one(laid, holes[0])
    assert one == plain_score[0]
    assert [points for _, points in reasons] == plain_gain[0].tolist()

    batch = [
        Contender("numpy (score only)", lambda: numpy_score(model, rows[:SAMPLE]), SAMPLE),
        Contender("numpy with reasons", lambda: plain_numpy(model, rows[:SAMPLE]), SAMPLE),
    ]
    single: list[Contender] = []
    must_batch: dict[str, float] = {}
    must_single: dict[str, float] = {}
    names = [f"x{i}" for i in range(VARIABLES)]
    if importlib.util.find_spec("pandas") is None:
        skipped("2d", "toad, optbinning", "pandas is not installed")
        return compare(
            "2d batch", Contender("panhuo", lambda: scorecard.score_batch(laid, rows), ROWS), batch, {}, unit="row"
        )
    import pandas as pd

    frame = pd.DataFrame(rows[:SAMPLE], columns=names)
    alone = frame.iloc[:1]
    if importlib.util.find_spec("toad") is None:
        skipped("2d", "toad", "not installed (requirements/bench.txt)")
    else:
        toad = toad_card(model)
        theirs = toad.predict(frame) + model.base / 1000
        ours = scorecard.score_batch(laid, rows[:SAMPLE])[0] / 1000
        assert np.abs(theirs - ours).max() < 1e-6
        batch.append(Contender("toad", lambda: toad.predict(frame), SAMPLE))
        single.append(Contender("toad", lambda: [toad.predict(alone) for _ in range(5)], 5))
        must_batch["toad"], must_single["toad"] = 4.0, 1000.0
    if importlib.util.find_spec("optbinning") is None:
        skipped("2d", "optbinning", "not installed (requirements/bench.txt)")
    else:
        outcome = (generator.random(SAMPLE) < 1 / (1 + np.exp(-rows[:SAMPLE, :10].sum(axis=1)))).astype(int)
        peer = optbinning_card(edges, frame, outcome)
        twin = scorecard.lay_out(model_of(peer, edges))
        ours = scorecard.score_batch(twin, rows[:SAMPLE])[0] / 1000
        assert np.abs(peer.score(frame) - ours).max() < VARIABLES * 0.0005 + 0.001
        batch.append(Contender("optbinning", lambda: peer.score(frame), SAMPLE))
        single.append(Contender("optbinning", lambda: [peer.score(alone) for _ in range(5)], 5))
        must_batch["optbinning"], must_single["optbinning"] = 7.0, 1000.0
    ratios = compare(
        "2d scorecard + top-5 reasons, batch",
        Contender("panhuo", lambda: scorecard.score_batch(laid, rows), ROWS),
        batch,
        must_batch,
        unit="row",
    )
    if single:
        decide = scorecard.Decision(laid)
        ratios += compare(
            "2e one scorecard decision",
            Contender("panhuo", lambda: [decide(rows[i]) for i in range(SINGLE)], SINGLE),
            single,
            must_single,
            unit="decision",
        )
    return ratios


if __name__ == "__main__":
    run(main)
