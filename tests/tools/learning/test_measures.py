"""Measures against published values, other libraries and their definitions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.learning import measures
from panhuo.tools.learning.calibration import bend, calibrate, calibrated, platt, pooled_rates, probability
from panhuo.tools.learning.logistic import fit_logistic


def a_sample(size: int = 400, seed: int = 1):
    generator = np.random.default_rng(seed)
    outcome = (generator.random(size) < 0.3).astype(float)
    return outcome, np.round(outcome + generator.normal(size=size), 1)


@pytest.mark.parametrize(
    ("events", "rows", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3 (Wilson score).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_are_newcombes(events, rows, low, high):
    assert measures.wilson(events, rows) == pytest.approx((low, high), abs=5e-5)


def test_auc_counts_pairs_and_its_error_is_delongs():
    outcome, prediction = a_sample()
    event, other = prediction[outcome == 1], prediction[outcome == 0]
    wins = (event[:, None] > other[None, :]) + 0.5 * (event[:, None] == other[None, :])
    found = measures.auc(outcome, prediction)
    assert found.value == pytest.approx(wins.mean(), abs=1e-12)
    spread = wins.mean(axis=1).var(ddof=1) / len(event) + wins.mean(axis=0).var(ddof=1) / len(other)
    assert found.standard_error == pytest.approx(np.sqrt(spread), abs=1e-12)
    metrics = pytest.importorskip("sklearn.metrics")
    assert found.value == pytest.approx(metrics.roc_auc_score(outcome, prediction), abs=1e-12)


def test_the_difference_of_a_ranking_with_itself_is_certain():
    outcome, prediction = a_sample()
    assert measures.auc_difference(outcome, prediction, prediction * 2) == (0.0, 0.0)


def test_kolmogorov_smirnov_is_scipys():
    stats = pytest.importorskip("scipy.stats")
    outcome, prediction = a_sample()
    oracle = stats.ks_2samp(prediction[outcome == 1], prediction[outcome == 0]).statistic
    assert measures.kolmogorov_smirnov(outcome, prediction) == pytest.approx(oracle, abs=1e-12)


def test_one_class_is_refused():
    with pytest.raises(InvalidInput, match="one class"):
        measures.auc(np.ones(5), np.arange(5.0))


def test_calibration_bins_hold_every_row_once_and_keep_ties_together():
    outcome, prediction = a_sample()
    table = measures.calibration_table(outcome, np.round(probability(prediction), 2))
    assert sum(b.rows for b in table) == len(outcome)
    assert all(a.predicted < b.predicted for a, b in pairwise(table))
    assert all(b.low <= b.observed <= b.high for b in table)


def test_logistic_regression_is_scikit_learns():
    linear = pytest.importorskip("sklearn.linear_model")
    generator = np.random.default_rng(5)
    rows = generator.normal(size=(500, 4))
    outcome = (generator.random(500) < probability(rows @ [1.0, -2.0, 0.0, 0.5] - 1.0)).astype(float)
    oracle = linear.LogisticRegression(C=0.5, tol=1e-12, max_iter=1000).fit(rows, outcome)
    own = fit_logistic(rows, outcome, ridge=2.0)
    np.testing.assert_allclose(own.weights, oracle.coef_[0], atol=1e-5, rtol=0)
    assert own.intercept == pytest.approx(oracle.intercept_[0], abs=1e-5)


def test_calibration_mends_a_stretched_margin_and_keeps_the_order():
    generator = np.random.default_rng(6)
    truth = generator.normal(size=20_000)
    outcome = (generator.random(20_000) < probability(truth)).astype(float)
    line = platt(outcome, 3.0 * truth + 1.0)
    assert line.slope == pytest.approx(1 / 3, abs=0.02)
    assert line.intercept == pytest.approx(-1 / 3, abs=0.06)
    bentness = np.where(truth > 0, 0.2 * truth, 2.0 * truth)
    outcome = (generator.random(20_000) < probability(bentness)).astype(float)
    curved = calibrate(outcome, truth)
    assert len(curved.knots_x) >= 3
    assert (np.diff(curved.knots_y) > 0).all()
    straight = probability(curved.slope * truth + curved.intercept)
    assert measures.log_loss(outcome, calibrated(truth, curved)) < measures.log_loss(outcome, straight)
    order = np.argsort(truth)
    assert (np.diff(calibrated(truth, curved)[order]) >= 0).all()
    xs, ys = pooled_rates(truth, outcome)
    np.testing.assert_allclose(bend(xs, xs, ys), ys, atol=1e-12, rtol=0)
