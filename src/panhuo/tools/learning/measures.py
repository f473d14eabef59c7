"""How well a probability ranks and how true it is: AUC with its interval, KS, Brier, calibration by bin.

Invariant: a measure depends on the pairs (outcome, prediction) alone, not on their order. Outcomes are 1 for the event
and 0 otherwise; predictions rank the event higher. A measure is meaningless, and refused, when one class is absent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panhuo.ground.record.errors import InvalidInput

Floats = npt.NDArray[np.float64]
_NORMAL_975 = 1.959963984540054


@dataclass(frozen=True)
class Auc:
    """Area under the ROC curve (0.5 is chance) with its standard error and 95 % interval, cut to 0-1."""

    value: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True)
class CalibrationBin:
    """One bin of predictions: rows, mean prediction, observed rate and its 95 % Wilson interval."""

    rows: int
    predicted: float
    observed: float
    low: float
    high: float


def require_both(outcome: Floats) -> None:
    """Refuses outcomes of one class only.

    Raises:
        InvalidInput: when there is no event, or nothing else.
    """
    events = float(outcome.sum())
    if events == 0 or events == len(outcome):
        raise InvalidInput(
            "only one class of outcome is present", remedy="give rows with the event and rows without it"
        )


def _mid_ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return ((last - (count - 1) / 2.0)[place]).astype(np.float64)


def auc(outcome: Floats, prediction: Floats) -> Auc:
    """AUC, ties counted half, with DeLong's interval.

    DeLong, DeLong, Clarke-Pearson (1988), "Comparing the areas under two or more correlated receiver operating
    characteristic curves", in the ranks of Sun and Xu (2014).
    """
    require_both(outcome)
    value, of_event, of_other = _placements(outcome, prediction)
    spread = 0.0
    for part in (of_event, of_other):
        if len(part) > 1:
            spread += float(part.var(ddof=1)) / len(part)
    error = math.sqrt(spread)
    return Auc(value, error, max(0.0, value - _NORMAL_975 * error), min(1.0, value + _NORMAL_975 * error))


def _placements(outcome: Floats, prediction: Floats) -> tuple[float, Floats, Floats]:
    event = outcome > 0.5
    whole = _mid_ranks(prediction)
    m, n = int(event.sum()), int((~event).sum())
    of_event = (whole[event] - _mid_ranks(prediction[event])) / n
    of_other = 1.0 - (whole[~event] - _mid_ranks(prediction[~event])) / m
    return float(of_event.mean()), of_event, of_other


def auc_difference(outcome: Floats, first: Floats, second: Floats) -> tuple[float, float]:
    """AUC of `first` less that of `second` on the same rows, and the difference's standard error (DeLong 1988)."""
    require_both(outcome)
    a, event_a, other_a = _placements(outcome, first)
    b, event_b, other_b = _placements(outcome, second)
    spread = 0.0
    for one, two in ((event_a, event_b), (other_a, other_b)):
        if len(one) > 1:
            spread += float((one - two).var(ddof=1)) / len(one)
    return a - b, math.sqrt(spread)


def kolmogorov_smirnov(outcome: Floats, prediction: Floats) -> float:
    """The largest gap between the two classes' cumulative shares (0-1), ties taken together."""
    require_both(outcome)
    values, place = np.unique(prediction, return_inverse=True)
    events = np.bincount(place, weights=outcome, minlength=len(values))
    others = np.bincount(place, weights=1.0 - outcome, minlength=len(values))
    gap = np.cumsum(events) / events.sum() - np.cumsum(others) / others.sum()
    return float(np.abs(gap).max())


def brier(outcome: Floats, probability: Floats) -> float:
    """Mean squared difference of probability and outcome (0 best; a constant guess at rate r gives r(1-r))."""
    return float(np.mean((probability - outcome) ** 2))


def log_loss(outcome: Floats, probability: Floats) -> float:
    """Mean negative log likelihood in nats, probabilities held within 1e-9 of 0 and 1."""
    held = np.clip(probability, 1e-9, 1.0 - 1e-9)
    return float(-np.mean(outcome * np.log(held) + (1.0 - outcome) * np.log(1.0 - held)))


def wilson(events: float, rows: float) -> tuple[float, float]:
    """95 % interval of a share by Wilson (1927); (0, 1) when there are no rows."""
    if rows == 0:
        return 0.0, 1.0
    z2 = _NORMAL_975**2
    share = events / rows
    centre = (share + z2 / (2 * rows)) / (1 + z2 / rows)
    half = _NORMAL_975 / (1 + z2 / rows) * math.sqrt(share * (1 - share) / rows + z2 / (4 * rows * rows))
    return max(0.0, centre - half), min(1.0, centre + half)


def calibration_table(outcome: Floats, probability: Floats, bins: int = 10) -> list[CalibrationBin]:
    """Predictions in up to `bins` groups of equal size (equal predictions stay together), rising."""
    place = np.unique(probability, return_inverse=True)[1]
    last = np.cumsum(np.bincount(place))
    group_of_value = np.minimum((last - 1) * bins // len(probability), bins - 1)
    group = group_of_value[place]
    table = []
    for one in np.unique(group):
        own = group == one
        rows, events = int(own.sum()), float(outcome[own].sum())
        low, high = wilson(events, rows)
        table.append(CalibrationBin(rows, float(probability[own].mean()), events / rows, low, high))
    return table
