"""Training on any table: population, leaks, validation, the better of two methods, a model as text.

Invariant: every figure in `Training` is of rows the fit that made it had not seen; the same table and options give the
same model bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.learning import boosting, fitting, measures, table
from panhuo.tools.learning.calibration import calibrate, calibrated, platt
from panhuo.tools.learning.fitting import Progress, Split
from panhuo.tools.learning.folds import latest_part, stratified_folds
from panhuo.tools.learning.leaks import Leak, find_leaks
from panhuo.tools.learning.model import Model, Scale
from panhuo.tools.learning.population import Population, read_population

Floats = npt.NDArray[np.float64]
METHODS = ("auto", "scorecard", "trees")


@dataclass(frozen=True)
class Validation:
    """One method judged on unseen rows: `judged` [m] positions in the population, `margin` and `probability` (0-1,
    calibrated without the row) of each."""

    method: str
    auc: measures.Auc
    ks: float
    brier: float
    judged: npt.NDArray[np.int64]
    margin: Floats
    probability: Floats
    detail: str


@dataclass(frozen=True)
class Training:
    """What training found. `people` is the population fitted (sure leaks away), `whole` the one before."""

    model: Model
    people: Population
    whole: Population
    validations: dict[str, Validation]
    chosen: str
    split: dict[str, Any]
    leaks: list[Leak]
    kept_leaks: tuple[str, ...]
    alone: dict[str, float]
    auc_with_leaks: measures.Auc | None
    data_hash: str

    @property
    def validation(self) -> Validation:
        """The chosen method's validation."""
        return self.validations[self.chosen]


def train(
    data: pa.Table,
    target: str,
    *,
    event: str | None = None,
    time_column: str = "",
    id_column: str = "",
    drop: tuple[str, ...] = (),
    keep: tuple[str, ...] = (),
    method: str = "auto",
    scale: Scale | None = None,
    progress: Progress | None = None,
) -> Training:
    """Fits and validates a model of the probability of `event` (the larger of two numbers when None).

    Validation is out of time when `time_column` is given (the latest quarter or so judges), else 5-fold stratified
    cross-validation. Columns that are surely leaks are named and kept out unless named in `keep`. The model returned
    is fitted on all rows by the chosen method: of `auto`'s two, the one with the higher validated AUC.

    Raises:
        NotFound, InvalidInput: when the columns or the outcome do not allow it.
        Unavailable: when a training library is not installed.
    """
    if method not in METHODS:
        raise InvalidInput(f"no method {method!r}", where="--method", remedy=f"one of {', '.join(METHODS)}")
    for name in keep:
        table.column(data, name)
    whole = read_population(data, target, event=event, time_column=time_column, id_column=id_column, drop=drop)
    steps = _Steps(progress, method)
    steps("leaks")
    leaks, alone = find_leaks(whole)
    sure = {leak.column for leak in leaks if leak.sure} - set(keep)
    people = whole.without(sure)
    if not people.features:
        raise InvalidInput(
            "every column looks like a leak of the outcome", where=", ".join(sorted(sure)), remedy="name some in --keep"
        )
    split, choose_on, part, described = _split(people)
    judged = np.flatnonzero(part >= 0)
    validations: dict[str, Validation] = {}
    outcome = people.outcome
    scale = scale or Scale.declare(600, 50, 20)
    fits: dict[str, Any] = {}
    inner: dict[str, Floats] = {}
    if method in ("auto", "scorecard"):
        steps("binning")
        margin, card = fitting.card_margins(people, split if split is choose_on else split.and_also(choose_on))
        fits["scorecard"], inner["scorecard"] = card, margin
        validations["scorecard"] = _judge("scorecard", outcome, margin, judged, part, f"{len(card.columns)} columns")
    if method in ("auto", "trees"):
        margin, shape, count = fitting.tree_margins(people, split, choose_on, steps)
        fits["trees"], inner["trees"] = (shape, count), margin
        validations["trees"] = _judge("trees", outcome, margin, judged, part, f"{count} trees, {shape.name}")
    chosen = max(validations, key=lambda name: (validations[name].auc.value, name == "scorecard"))
    margin = inner[chosen]
    seen = ~np.isnan(margin)
    calibration = calibrate(outcome[seen], margin[seen])
    data_hash = table.fingerprint(data)
    about = _about(people, validations[chosen], described, leaks, sure, data_hash)
    if chosen == "scorecard":
        model = fitting.card_model(people, fits["scorecard"], calibration, scale, about)
    else:
        shape, count = fits["trees"]
        model = fitting.trees_model(people, shape, count, calibration, scale, about)
    with_leaks = _with_leaks(whole, sure, split) if sure else None
    steps("")
    return Training(
        model, people, whole, validations, chosen, described, leaks, tuple(sorted(set(keep))), alone, with_leaks,
        data_hash,
    )  # fmt: skip


class _Steps:
    # Counts the long parts of a training for whoever watches.
    def __init__(self, progress: Progress | None, method: str) -> None:
        trees = len(boosting.SHAPES) * 5 if method != "scorecard" else 0
        self._progress, self._done, self._total = progress, -1, 2 + trees + (method != "trees")

    def __call__(self, what: str) -> None:
        self._done = self._done + 1 if what else self._total
        if self._progress:
            self._progress(what, min(self._done, self._total), self._total)


def _split(people: Population) -> tuple[Split, Split, npt.NDArray[np.int64], dict[str, Any]]:
    # The split that judges, the one trees are sized on, each row's judging part (-1: none), and words for it.
    size = len(people.outcome)
    if not len(people.time):
        fold = stratified_folds(people.outcome, people.group)
        split = Split([fold != k for k in range(5)], [fold == k for k in range(5)])
        return split, split, fold, {"kind": "cross-validation", "folds": 5, "train": size, "validate": size}
    late, cut = latest_part(people.outcome, people.time)
    early_groups = np.unique(people.group[~late])
    if people.id_column:
        late = late & ~np.isin(people.group, early_groups)
    early = np.flatnonzero(~late)
    fold = np.full(size, -1)
    fold[early] = stratified_folds(people.outcome[early], people.group[early], 4)
    inner = Split([~late & (fold != k) for k in range(4)], [fold == k for k in range(4)])
    part = np.where(late, 0, -1)
    since = _shown(people, cut)
    described = {
        "kind": "out of time", "column": people.time_column, "from": since, "train": int((~late).sum()),
        "validate": int(late.sum()),
    }  # fmt: skip
    return Split([~late], [late]), inner, part, described


def _shown(people: Population, cut: float) -> str:
    from datetime import date

    if people.time_in_days:
        return date.fromordinal(int(cut) + date(1970, 1, 1).toordinal()).isoformat()
    return table.show(cut)


def _judge(
    method: str,
    outcome: Floats,
    margin: Floats,
    judged: npt.NDArray[np.int64],
    part: npt.NDArray[np.int64],
    detail: str,
) -> Validation:
    own, seen = outcome[judged], margin[judged]
    measures.require_both(own)
    if (part[judged] == part[judged][0]).all():
        # Out of time: the line is drawn on the earlier rows' own out-of-sample margins.
        rest = np.flatnonzero((part < 0) & ~np.isnan(margin))
        probability = calibrated(seen, platt(outcome[rest], margin[rest]))
    else:
        probability = fitting.honest_probabilities(own, seen, part[judged])
    return Validation(
        method, measures.auc(own, seen), measures.kolmogorov_smirnov(own, seen), measures.brier(own, probability),
        judged, seen, probability, detail,
    )  # fmt: skip


def _with_leaks(whole: Population, sure: set[str], split: Split) -> measures.Auc:
    # What the same split would have shown with the leaks left in: deep trees of a fixed size.
    outcome = whole.outcome
    margin = np.full(len(outcome), np.nan)
    for teach, judge in zip(split.teach, split.judge, strict=True):
        booster = boosting.fit_booster(whole.rows[teach], outcome[teach], whole.features, boosting.SHAPES[1], 100)
        margin[judge] = booster.predict(whole.rows[judge], raw_score=True, num_threads=1)
    seen = ~np.isnan(margin)
    return measures.auc(outcome[seen], margin[seen])


def _about(
    people: Population, validation: Validation, split: dict[str, Any], leaks: list[Leak], sure: set[str], data_hash: str
) -> dict[str, Any]:
    return {
        "origin": "trained",
        "data": data_hash,
        "rows": len(people.outcome),
        "events": int(people.outcome.sum()),
        "other": people.other,
        "split": split,
        "auc": f"{validation.auc.value:.6f}",
        "auc_low": f"{validation.auc.low:.6f}",
        "auc_high": f"{validation.auc.high:.6f}",
        "detail": validation.detail,
        "leaks": [{"column": leak.column, "kind": leak.kind} for leak in leaks],
        "kept_out": sorted(sure),
    }
