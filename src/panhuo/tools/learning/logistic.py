"""Logistic regression by Newton's method, serial and free of library threads, for weights of evidence.

Invariant: sums run over the rows in order and the linear system is solved here, so that the same input gives the same
bits whatever the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from panhuo.ground.values.transcendental import exponential


@dataclass(frozen=True)
class Logistic:
    """Fitted weights [k] and intercept of the log odds, and the Newton steps taken."""

    weights: npt.NDArray[np.float64]
    intercept: float
    steps: int


@njit(cache=True)
def _solve(matrix: Any, vector: Any) -> Any:
    # Cholesky of a positive definite matrix, in place on copies.
    size = vector.shape[0]
    lower = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            if i == j:
                lower[i, i] = np.sqrt(max(total, 1e-300))
            else:
                lower[i, j] = total / lower[j, j]
    forward = np.zeros(size)
    for i in range(size):
        total = vector[i]
        for k in range(i):
            total -= lower[i, k] * forward[k]
        forward[i] = total / lower[i, i]
    result = np.zeros(size)
    for i in range(size - 1, -1, -1):
        total = forward[i]
        for k in range(i + 1, size):
            total -= lower[k, i] * result[k]
        result[i] = total / lower[i, i]
    return result


@njit(cache=True)
def _newton(rows: Any, target: Any, ridge: float, limit: int) -> Any:
    count, width = rows.shape
    size = width + 1
    weights = np.zeros(size)
    previous = np.inf
    steps = 0
    direction = np.zeros(size)
    scale = 1.0
    while steps < limit:
        gradient = np.zeros(size)
        hessian = np.zeros((size, size))
        loss = 0.0
        for i in range(count):
            margin = weights[width]
            for f in range(width):
                margin += weights[f] * rows[i, f]
            if margin >= 0.0:
                small = exponential(-margin)
                share = 1.0 / (1.0 + small)
                loss += np.log1p(small) + (1.0 - target[i]) * margin
            else:
                small = exponential(margin)
                share = small / (1.0 + small)
                loss += np.log1p(small) - target[i] * margin
            slack = share - target[i]
            curve = share * (1.0 - share)
            for f in range(width):
                gradient[f] += slack * rows[i, f]
                part = curve * rows[i, f]
                for g in range(f + 1):
                    hessian[f, g] += part * rows[i, g]
                hessian[width, f] += part
            gradient[width] += slack
            hessian[width, width] += curve
        for f in range(width):
            loss += 0.5 * ridge * weights[f] ** 2
            gradient[f] += ridge * weights[f]
            hessian[f, f] += ridge
        steps += 1
        if loss > previous + 1e-9 * abs(previous) and scale > 1e-6:
            scale *= 0.5
            for f in range(size):
                weights[f] += scale * direction[f]
            continue
        if previous - loss < 1e-10 * max(1.0, abs(loss)):
            break
        previous = loss
        for f in range(size):
            hessian[f, f] += 1e-12
            for g in range(f):
                hessian[g, f] = hessian[f, g]
        direction = _solve(hessian, gradient)
        scale = 1.0
        for f in range(size):
            weights[f] -= direction[f]
    return weights, steps


def fit_logistic(
    rows: npt.NDArray[np.float64], target: npt.NDArray[np.float64], *, ridge: float = 1.0, limit: int = 60
) -> Logistic:
    """Weights that minimise the log loss of `target` [n] (0-1, fractions allowed) given `rows` [n, k], with half the
    squared weights times `ridge` added; the intercept is not shrunk."""
    weights, steps = _newton(np.ascontiguousarray(rows), np.ascontiguousarray(target, np.float64), ridge, limit)
    return Logistic(weights[:-1].copy(), float(weights[-1]), int(steps))
