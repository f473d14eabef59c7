"""Making margins true: Platt's line, and a rising line through pooled rates where it is plainly better.

Invariant: a calibration never changes the order of two margins (slope above zero, knots strictly rising), so AUC and KS
are those of the raw margin.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panhuo.tools.learning.logistic import fit_logistic
from panhuo.tools.learning.measures import log_loss
from panhuo.tools.learning.model import Calibration
from panhuo.tools.learning.scoring import bent

Floats = npt.NDArray[np.float64]
_EVENTS_FOR_KNOTS = 1000
_GAIN_FOR_KNOTS = 0.002
_KNOTS = 20


def platt(outcome: Floats, margin: Floats) -> Calibration:
    """Slope and intercept by maximum likelihood (Platt 1999, with his smoothed targets), slope at least 0.05."""
    events = float(outcome.sum())
    others = len(outcome) - events
    target = np.where(outcome > 0.5, (events + 1.0) / (events + 2.0), 1.0 / (others + 2.0))
    found = fit_logistic(margin.reshape(-1, 1), target, ridge=1e-9)
    if found.weights[0] < 0.05:
        flat = fit_logistic(np.zeros((len(margin), 1)), target, ridge=1e-9)
        return Calibration(0.05, flat.intercept - 0.05 * float(margin.mean()))
    return Calibration(float(found.weights[0]), float(found.intercept))


def pooled_rates(margin: Floats, outcome: Floats) -> tuple[Floats, Floats]:
    """Isotonic regression as knots: mean margin and log odds of each pooled block (pool adjacent violators), at most
    20 blocks of nearly equal size before pooling, rates held off 0 and 1 by half a row."""
    order = np.argsort(margin, kind="stable")
    blocks: list[list[float]] = []
    for part in np.array_split(order, _KNOTS):
        if len(part):
            blocks.append([float(margin[part].sum()), float(outcome[part].sum()), float(len(part))])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    xs: list[float] = []
    ys: list[float] = []
    for total, events, rows in blocks:
        rate = (events + 0.5) / (rows + 1.0)
        x, y = total / rows, float(np.log(rate / (1.0 - rate)))
        if not xs or (x > xs[-1] and y > ys[-1]):
            xs.append(x)
            ys.append(y)
    return np.array(xs), np.array(ys)


def bend(margin: Floats, knots_x: Floats, knots_y: Floats) -> Floats:
    """The line through the knots, slope one beyond its ends, as scoring draws it."""
    return np.array([bent(float(m), knots_x, knots_y) for m in margin])


def probability(margin: Floats) -> Floats:
    """Probabilities (0-1) of log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(margin, -700.0, 700.0))), np.float64)


def calibrate(outcome: Floats, margin: Floats) -> Calibration:
    """Platt's line on out-of-sample margins; with 1,000 events on each side also the pooled line, when each half of the
    rows (every other one in order of margin) says it is better on the other by 0.2 % of the log loss."""
    line = platt(outcome, margin)
    straight = line.slope * margin + line.intercept
    if min(outcome.sum(), (1 - outcome).sum()) < _EVENTS_FOR_KNOTS:
        return line
    half = np.zeros(len(margin), bool)
    half[np.argsort(margin, kind="stable")[::2]] = True
    for learn, judge in ((half, ~half), (~half, half)):
        xs, ys = pooled_rates(straight[learn], outcome[learn])
        if len(xs) < 3:
            return line
        curved = log_loss(outcome[judge], probability(bend(straight[judge], xs, ys)))
        if curved > log_loss(outcome[judge], probability(straight[judge])) * (1.0 - _GAIN_FOR_KNOTS):
            return line
    xs, ys = pooled_rates(straight, outcome)
    return Calibration(line.slope, line.intercept, tuple(xs.tolist()), tuple(ys.tolist()))


def calibrated(margin: Floats, calibration: Calibration) -> Floats:
    """Probabilities (0-1) of raw margins under `calibration`."""
    straight = calibration.slope * margin + calibration.intercept
    if calibration.knots_x:
        straight = bend(straight, np.array(calibration.knots_x), np.array(calibration.knots_y))
    return probability(straight)
