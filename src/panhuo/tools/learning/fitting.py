"""Fitting: a scorecard on optimal bins and boosted trees, each with margins for rows it has not seen.

Invariant: a margin called out of sample comes from a fit that saw neither the row nor another row of its group; the
size of the trees is chosen on such margins alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from panhuo.tools.learning import boosting
from panhuo.tools.learning.binning import Bins, optimal_bins
from panhuo.tools.learning.calibration import calibrated, platt
from panhuo.tools.learning.logistic import fit_logistic
from panhuo.tools.learning.measures import log_loss
from panhuo.tools.learning.model import Calibration, CardColumn, Feature, Model, Scale
from panhuo.tools.learning.population import Population

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Progress = Callable[[str, int, int], None]
_LEAST_VALUE = 0.01
_MOST_COLUMNS = 60
_STEP = 20
_PATIENCE = 100


@dataclass(frozen=True)
class Split:
    """Who judges: `judge` masks [parts], each judged by a fit on the rows in the mask of the same place in `teach`."""

    teach: list[Mask]
    judge: list[Mask]

    def and_also(self, other: Split) -> Split:
        """These parts, then those of `other`."""
        return Split([*self.teach, *other.teach], [*self.judge, *other.judge])


@dataclass(frozen=True)
class FittedCard:
    """A logistic regression on weights of evidence: the bins and weight of each column used."""

    columns: tuple[int, ...]
    bins: tuple[Bins, ...]
    weights: tuple[float, ...]
    intercept: float

    def margins(self, rows: Floats) -> Floats:
        """Raw log odds of `rows`."""
        total = np.full(len(rows), self.intercept)
        for column, bins, weight in zip(self.columns, self.bins, self.weights, strict=True):
            total = total + weight * bins.woe[bins.place(rows[:, column])]
        return total


def fit_card(rows: Floats, outcome: Floats, bins: list[Bins]) -> FittedCard:
    """Weights of the columns whose bins say something (information value at least 0.01, the 60 best); a column whose
    weight turns against its own evidence is let go, the worst first, until none does."""
    order = sorted(range(len(bins)), key=lambda i: (-bins[i].value, i))
    chosen = sorted([i for i in order if bins[i].value >= _LEAST_VALUE][:_MOST_COLUMNS] or order[:1])
    while True:
        evidence = np.column_stack([bins[i].woe[bins[i].place(rows[:, i])] for i in chosen])
        fitted = fit_logistic(evidence, outcome, ridge=1.0)
        worst = int(np.argmin(fitted.weights))
        if fitted.weights[worst] > 0.0 or len(chosen) == 1:
            break
        del chosen[worst]
    weights = tuple(max(float(w), 0.0) for w in fitted.weights)
    return FittedCard(tuple(chosen), tuple(bins[i] for i in chosen), weights, fitted.intercept)


def card_margins(people: Population, split: Split) -> tuple[Floats, FittedCard]:
    """Out-of-sample margins (NaN where no part judges) and the card of all rows."""
    everyone = np.ones(len(people.outcome), bool)
    binned = optimal_bins(people.rows, people.outcome, people.features, [*split.teach, everyone])
    margin = np.full(len(people.outcome), np.nan)
    for teach, judge, bins in zip(split.teach, split.judge, binned, strict=False):
        margin[judge] = fit_card(people.rows[teach], people.outcome[teach], bins).margins(people.rows[judge])
    return margin, fit_card(people.rows, people.outcome, binned[-1])


def tree_margins(
    people: Population,
    split: Split,
    choose_on: Split,
    tell: Callable[[str], None],
    shapes: tuple[boosting.Shape, ...] = boosting.SHAPES,
) -> tuple[Floats, boosting.Shape, int]:
    """Out-of-sample margins, and the shape and number of trees with the least log loss on the parts of `choose_on`
    (which is `split` itself under cross-validation, folds of the earlier rows when validation is out of time).

    A shape grows by 20 trees at a time until 100 more have brought nothing."""
    outcome = people.outcome
    best = (np.inf, shapes[0], _STEP)
    kept: Floats = np.full(len(outcome), np.nan)
    for shape in shapes:
        boosters = []
        for teach in choose_on.teach:
            boosters.append(boosting.start_booster(people.rows[teach], outcome[teach], people.features, shape))
        margin, least = np.full(len(outcome), np.nan), (np.inf, 0)
        for judge in choose_on.judge:
            margin[judge] = 0.0
        seen = ~np.isnan(margin)
        for done in range(0, boosting.MOST_TREES, _STEP):
            if done % (_STEP * 4) == 0:
                tell("trees")
            for booster, judge in zip(boosters, choose_on.judge, strict=True):
                boosting.grow(booster, _STEP)
                margin[judge] += boosting.later_margins(booster, people.rows[judge], done, _STEP)
            loss = log_loss(outcome[seen], calibrated(margin[seen], Calibration()))
            if loss < best[0]:
                best, kept = (loss, shape, done + _STEP), margin.copy()
            least = min(least, (loss, done))
            if done - least[1] >= _PATIENCE:
                break
    _, shape, count = best
    if split is choose_on:
        return kept, shape, count
    for teach, judge in zip(split.teach, split.judge, strict=True):
        booster = boosting.fit_booster(people.rows[teach], outcome[teach], people.features, shape, count)
        kept[judge] = booster.predict(people.rows[judge], raw_score=True, num_threads=1)
    return kept, shape, count


def honest_probabilities(outcome: Floats, margin: Floats, part: npt.NDArray[np.int64]) -> Floats:
    """Probabilities whose calibration did not see the row: each part under Platt's line of all the other parts."""
    found = np.empty(len(margin))
    for one in np.unique(part):
        own = part == one
        found[own] = calibrated(margin[own], platt(outcome[~own], margin[~own]))
    return found


def card_model(
    people: Population, card: FittedCard, calibration: Calibration, scale: Scale, about: dict[str, Any]
) -> Model:
    """The scorecard as a model: calibration and scale folded into whole thousandths of points a bin."""
    features: list[Feature] = []
    columns: list[CardColumn] = []
    for place, (column, bins, weight) in enumerate(zip(card.columns, card.bins, card.weights, strict=True)):
        points = [round(-1000.0 * scale.factor * calibration.slope * weight * float(woe)) for woe in bins.woe]
        features.append(people.features[column])
        columns.append(CardColumn(place, bins.edges, tuple(points[:-1]), points[-1], bins.group))
    margin = calibration.slope * card.intercept + calibration.intercept
    return Model(
        name=people.target,
        method="scorecard",
        features=tuple(features),
        scale=scale,
        calibration=Calibration(1.0, 0.0, calibration.knots_x, calibration.knots_y),
        base=round(1000.0 * (scale.offset - scale.factor * margin)),
        card=tuple(columns),
        target=people.target,
        event=people.event,
        id_column=people.id_column,
        time_column=people.time_column,
        about=about,
    )


def trees_model(
    people: Population,
    shape: boosting.Shape,
    count: int,
    calibration: Calibration,
    scale: Scale,
    about: dict[str, Any],
) -> Model:
    """The trees fitted on all rows, as a model; features no tree uses are left out."""
    booster = boosting.fit_booster(people.rows, people.outcome, people.features, shape, count)
    trees = boosting.read_trees(booster)
    used = sorted({feature for tree in trees for feature in tree.feature}) or [0]
    place = {feature: i for i, feature in enumerate(used)}
    from dataclasses import replace

    trees = tuple(replace(tree, feature=tuple(place[f] for f in tree.feature)) for tree in trees)
    return Model(
        name=people.target,
        method="trees",
        features=tuple(people.features[i] for i in used),
        scale=scale,
        calibration=calibration,
        trees=trees,
        target=people.target,
        event=people.event,
        id_column=people.id_column,
        time_column=people.time_column,
        about=about,
    )
