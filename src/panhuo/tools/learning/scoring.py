"""Scores with reasons from a model's text: for one row, a batch, or a whole table, never with a training library.

Invariant: ``base`` plus a row's contributions is its score, exactly, in thousandths of a point; the probability falls
as the score rises; the same row gives the same numbers alone and in any batch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from panhuo.ground.values.jitable import jitable
from panhuo.ground.values.transcendental import exponential
from panhuo.tools.learning import scorecard, table, trees
from panhuo.tools.learning.model import Model

REASONS = scorecard.REASONS
_UNKNOWN = {"zh": "缺失", "en": "missing"}
_ROWS_AT_ONCE = 50_000


@jitable
def bent(margin: float, knots_x: Any, knots_y: Any) -> float:
    """The calibrated margin after the rising line through the knots; as it is when there are none."""
    last = knots_x.shape[0] - 1
    if last < 1:
        return margin
    if margin <= knots_x[0]:
        return float(margin - knots_x[0] + knots_y[0])
    for k in range(1, last + 1):
        if margin <= knots_x[k]:
            share = (margin - knots_x[k - 1]) / (knots_x[k] - knots_x[k - 1])
            return float(knots_y[k - 1] + share * (knots_y[k] - knots_y[k - 1]))
    return float(margin - knots_x[last] + knots_y[last])


@jitable
def probability_of(margin: float) -> int:
    """The probability in billionths of natural-log odds, rounded half up."""
    if margin >= 0.0:
        share = 1.0 / (1.0 + exponential(-margin))
    else:
        odds = exponential(margin)
        share = odds / (1.0 + odds)
    return math.floor(share * 1e9 + 0.5)


@jitable
def points_of(margin: float, factor: float, offset: float) -> int:
    """The score, in thousandths of a point, of calibrated log odds, rounded half up."""
    return math.floor(1000.0 * (offset - factor * margin) + 0.5)


@jitable
def margin_of_points(score: int, factor: float, offset: float) -> float:
    """The calibrated log odds a score stands for."""
    return (offset - score / 1000.0) / factor


@njit(cache=True)
def _from_scores(score: Any, factor: float, offset: float, knots_x: Any, knots_y: Any, out: Any) -> None:
    for i in range(score.shape[0]):
        out[i] = probability_of(bent(margin_of_points(score[i], factor, offset), knots_x, knots_y))


@njit(cache=True)
def _from_margins(
    raw: Any, slope: float, intercept: float, factor: float, offset: float, kx: Any, ky: Any, score: Any, out: Any
) -> None:
    for i in range(raw.shape[0]):
        margin = slope * raw[i] + intercept
        score[i] = points_of(margin, factor, offset)
        out[i] = probability_of(bent(margin, kx, ky))


@njit(cache=True)
def _share_out(shapley: Any, per_margin: float, base: int, score: Any, out: Any) -> None:
    # Each contribution rounded half up; what is missing or over goes to the largest, the earlier among equals.
    for i in range(shapley.shape[0]):
        left = score[i] - base
        largest = 0
        for f in range(shapley.shape[1]):
            gained = math.floor(shapley[i, f] * per_margin + 0.5)
            out[i, f] = gained
            left -= gained
            if abs(gained) > abs(out[i, largest]):
                largest = f
        if shapley.shape[1] > 0:
            out[i, largest] += left


@njit(cache=True)
def _rank(contributions: Any, column: Any, gain: Any) -> None:
    for i in range(contributions.shape[0]):
        for k in range(column.shape[1]):
            column[i, k] = -1
            gain[i, k] = 0
        for f in range(contributions.shape[1]):
            scorecard.keep_largest(column[i], gain[i], f, contributions[i, f])


@dataclass(frozen=True)
class Scores:
    """Scored rows, in the order given.

    `probability` [n] of the event, billionths; `score` [n], `base`, `contributions` [n, features] in thousandths of a
    point (positive: safer); `reason_feature` [n, 5] (position among the model's features, -1: none) and
    `reason_points` [n, 5], largest absolute contribution first.
    """

    probability: npt.NDArray[np.int64]
    score: npt.NDArray[np.int64]
    base: int
    contributions: npt.NDArray[np.int64]
    reason_feature: npt.NDArray[np.int16]
    reason_points: npt.NDArray[np.int64]


class Scorer:
    """A model made ready: its arrays are laid out once, then it scores any number of rows."""

    def __init__(self, model: Model) -> None:
        self.model = model
        calibration = model.calibration
        self._knots = (np.array(calibration.knots_x, np.float64), np.array(calibration.knots_y, np.float64))
        self._card = scorecard.lay_out(model) if model.card else None
        self._groups = {c.feature: np.array(c.groups, np.float64) for c in model.card if c.groups}
        self._trees = trees.lay_out(model) if not model.card else None

    def rows(self, data: pa.Table) -> npt.NDArray[np.float64]:
        """The model's features of every row of `data` (see `table.feature_rows`)."""
        return table.feature_rows(data, self.model.features)

    def card_rows(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Rows as the card kernel reads them: a text's position replaced by its group."""
        if not self._groups:
            return rows
        rows = rows.copy()
        for feature, groups in self._groups.items():
            known = ~np.isnan(rows[:, feature])
            rows[known, feature] = groups[rows[known, feature].astype(np.int64)]
        return rows

    def margins(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Calibrated log odds of the event, [n]; of a card, those its points stand for."""
        calibration, scale = self.model.calibration, self.model.scale
        if self._trees is not None:
            return calibration.slope * trees.margins(self._trees, rows) + calibration.intercept
        return (scale.offset - self.score(rows).score / 1000.0) / scale.factor

    def score(self, rows: npt.NDArray[np.float64]) -> Scores:
        """Scores and reasons of `rows` [n, features] (NaN is unknown)."""
        rows = np.ascontiguousarray(rows, np.float64)
        scale, calibration = self.model.scale, self.model.calibration
        size = len(rows)
        score = np.empty(size, np.int64)
        probability = np.empty(size, np.int64)
        if self._trees is None:
            assert self._card is not None
            grouped = self.card_rows(rows)
            score, place, gain = scorecard.score_batch(self._card, grouped)
            _from_scores(score, scale.factor, scale.offset, *self._knots, probability)
            feature = np.where(place >= 0, self._card.feature[place], -1).astype(np.int16)
            parts = scorecard.contributions(self._card, grouped, len(self.model.features))
            return Scores(probability, score, self.model.base, parts, feature, gain)
        raw = trees.margins(self._trees, rows)
        slope, intercept = calibration.slope, calibration.intercept
        _from_margins(raw, slope, intercept, scale.factor, scale.offset, *self._knots, score, probability)
        base = points_of(slope * self._trees.expected + intercept, scale.factor, scale.offset)
        parts = np.empty(rows.shape, np.int64)
        _share_out(trees.contributions(self._trees, rows), -1000.0 * scale.factor * slope, base, score, parts)
        feature = np.empty((size, REASONS), np.int16)
        gain = np.empty((size, REASONS), np.int64)
        _rank(parts, feature, gain)
        return Scores(probability, score, base, parts, feature, gain)


def bin_words(model: Model, feature: int, value: float, language: str) -> str:
    """The words of the bin a value falls in, where the model has words; else empty."""
    for column in model.card:
        if column.feature == feature and column.words:
            if value != value:
                place = len(column.points)
            elif column.groups:
                place = column.groups[int(value)]
            else:
                place = sum(1 for edge in column.edges if value > edge)
            return column.words[place][0 if language == "zh" else 1]
    return ""


def reason_text(model: Model, feature: int, stated: str | None, value: float, points: int, language: str = "") -> str:
    """One reason: ``column: value -> +12.345`` (points; positive is safer), in ``zh`` or ``en`` words where the model
    has them, else with the column's own name and the value as stated."""
    own = model.features[feature]
    name = {"zh": own.zh, "en": own.en}.get(language, "") or own.name
    said = bin_words(model, feature, value, language) if language else ""
    if not said:
        said = _UNKNOWN["zh" if language == "zh" else "en"] if value != value and stated is None else (stated or "")
    return f"{name}: {said} -> {points / 1000:+.3f}"


def score_table(model: Model, data: pa.Table, *, language: str = "", id_column: str = "") -> pa.Table:
    """`data` scored: its id, ``probability`` (decimal 0-1), ``score`` (higher is safer), ``reason_1`` .. ``reason_5``
    (largest first), then ``base`` and ``rest``: base, the five reasons and rest add up to the score to the last digit.

    The id is `id_column`, else the model's own where the data have it, else ``row`` (from 1).

    Raises:
        NotFound: when the data lack a column the model reads.
    """
    scorer = Scorer(model)
    wanted = id_column or (model.id_column if model.id_column in data.column_names else "")
    if wanted:
        columns: dict[str, Any] = {wanted: table.column(data, wanted)}
    else:
        columns = {"row": pa.array(np.arange(1, data.num_rows + 1))}
    parts = [_score_part(scorer, part, language) for _, part in slices(data)]
    for name in parts[0]:
        columns[name] = pa.concat_arrays([part[name] for part in parts])
    return pa.table(columns)


def slices(data: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """(position of the first row, rows) of the parts a table is scored in; one empty part when it has no rows."""
    for start in range(0, max(data.num_rows, 1), _ROWS_AT_ONCE):
        yield start, data.slice(start, _ROWS_AT_ONCE)


def _score_part(scorer: Scorer, data: pa.Table, language: str) -> dict[str, pa.Array]:
    model = scorer.model
    rows = scorer.rows(data)
    scores = scorer.score(rows)
    stated: dict[int, list[str | None]] = {}
    for feature in np.unique(scores.reason_feature):
        if feature >= 0:
            stated[int(feature)] = _stated(table.column(data, model.features[feature].name))
    found: dict[str, pa.Array] = {
        "probability": pa.array(scores.probability / 1e9),
        "score": pa.array(scores.score / 1000.0),
    }
    for rank in range(REASONS):
        features, points = scores.reason_feature[:, rank].tolist(), scores.reason_points[:, rank].tolist()
        words = [
            None if f < 0 else reason_text(model, f, stated[f][i], float(rows[i, f]), p, language)
            for i, (f, p) in enumerate(zip(features, points, strict=True))
        ]
        found[f"reason_{rank + 1}"] = pa.array(words, pa.string())
    rest = scores.score - scores.base - scores.reason_points.sum(axis=1)
    found["base"] = pa.array(np.full(len(rows), scores.base / 1000.0))
    found["rest"] = pa.array(rest / 1000.0)
    return found


def _stated(cells: pa.Array) -> list[str | None]:
    if pa.types.is_floating(cells.type):
        return [None if v is None or v != v else table.show(v) for v in cells.to_pylist()]
    return table.texts(cells)
