"""Our trees against LightGBM's own predictions and contributions, and against the definition by brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from panhuo.tools.learning import boosting, trees
from panhuo.tools.learning.model import Feature, Model, Scale, Tree, read_model
from panhuo.tools.learning.scoring import Scorer

lightgbm = pytest.importorskip("lightgbm")


def a_table(seed: int = 3, size: int = 3000):
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(size, 6))
    rows[generator.random((size, 6)) < 0.1] = np.nan
    rows[:, 1] = np.round(rows[:, 1])
    rows[:, 2] = np.where(np.isnan(rows[:, 2]), 0.5, rows[:, 2])  # never unknown in training
    rows[:, 5] = np.where(np.isnan(rows[:, 5]), np.nan, generator.integers(0, 12, size))
    margin = (
        np.nan_to_num(rows[:, 0])
        - np.isnan(rows[:, 3])
        + (rows[:, 5] % 3 == 1)
        + rows[:, 2] * np.nan_to_num(rows[:, 1])
    )
    return rows, (generator.random(size) < 1 / (1 + np.exp(-margin))).astype(np.float64)


FEATURES = (*(Feature(f"x{i}", "number") for i in range(5)), Feature("t", "text", tuple("abcdefghijkl")))


@pytest.fixture(scope="module")
def fitted():
    rows, outcome = a_table()
    booster = boosting.fit_booster(rows, outcome, FEATURES, boosting.SHAPES[1], 60)
    model = Model("m", "trees", FEATURES, Scale(), trees=boosting.read_trees(booster))
    fresh, _ = a_table(seed=9, size=500)
    fresh[:50, 2] = np.nan  # unknown where training had none
    fresh[50:60, 0] = next(
        t for tree in model.trees for f, t in zip(tree.feature, tree.threshold, strict=True) if f == 0
    )
    fresh[60:70, 5] = 15.0  # a level never met
    return booster, read_model(model.text()), fresh


def test_margins_are_lightgbms(fitted):
    booster, model, fresh = fitted
    assert any(levels for tree in model.trees for levels in tree.levels), "no split on the text column to test"
    own = trees.margins(trees.lay_out(model), fresh)
    np.testing.assert_allclose(own, booster.predict(fresh, raw_score=True), atol=1e-9, rtol=0)


def test_contributions_are_lightgbms(fitted):
    booster, model, fresh = fitted
    laid = trees.lay_out(model)
    oracle = booster.predict(fresh, pred_contrib=True)
    np.testing.assert_allclose(trees.contributions(laid, fresh), oracle[:, :-1], atol=1e-9, rtol=0)
    assert laid.expected == pytest.approx(oracle[0, -1], abs=1e-9)


def test_contributions_add_up_to_the_score_exactly(fitted):
    _, model, fresh = fitted
    scores = Scorer(model).score(fresh)
    assert (scores.base + scores.contributions.sum(axis=1) == scores.score).all()
    sizes = np.abs(scores.reason_points)
    assert (sizes[:, :-1] >= sizes[:, 1:]).all()
    # A higher score is safer: the order of probabilities is the opposite.
    order = np.argsort(scores.score, kind="stable")
    assert (np.diff(scores.probability[order]) <= 0).all() or np.diff(scores.probability[order]).max() <= 2 * 35_000


def test_one_row_alone_scores_as_in_a_batch_and_plain_as_compiled(fitted):
    _, model, fresh = fitted
    scorer, laid = Scorer(model), trees.lay_out(model)
    whole = scorer.score(fresh)
    for i in range(0, 500, 25):
        alone = scorer.score(fresh[i : i + 1])
        assert alone.score[0] == whole.score[i]
        assert alone.probability[0] == whole.probability[i]
        assert (alone.contributions[0] == whole.contributions[i]).all()
        plain = trees.round_once(float(trees.margin_of(fresh[i], laid.nodes())))
        assert plain == trees.margins(laid, fresh[i : i + 1])[0]


def test_shapley_values_by_their_definition():
    # x0 <= 0: (x1 <= 0: 1, else 2 (x0 <= -1: 5)); else 7; every subset of known features, averaged over orders.
    tree = Tree(
        (0, 1, 0), (0.0, 0.0, -1.0), (None, None, None), (1, -1, -2), (-4, 2, -3), (True, False, True),
        (100, 60, 35), (1.0, 5.0, 2.0, 7.0), (25, 10, 25, 40),
    )  # fmt: skip
    model = Model("m", "trees", (Feature("x0", "number"), Feature("x1", "number")), Scale(), trees=(tree,))
    laid = trees.lay_out(read_model(model.text()))

    def value(row, known, node=0):
        if node < 0:
            return tree.value[-1 - node]
        f, go = tree.feature[node], (tree.left[node], tree.right[node])
        if f in known:
            x = row[f]
            left = tree.unknown_left[node] if x != x else x <= tree.threshold[node]
            return value(row, known, go[0] if left else go[1])
        weights = [tree.node_weight[c] if c >= 0 else tree.leaf_weight[-1 - c] for c in go]
        return sum(w * value(row, known, c) for w, c in zip(weights, go, strict=True)) / sum(weights)

    for row in itertools.product((-2.0, -0.5, 3.0, math.nan), repeat=2):
        row = np.array(row)
        own = trees.contributions(laid, row.reshape(1, -1))[0]
        for f in (0, 1):
            other = 1 - f
            exact = 0.5 * (value(row, {f}) - value(row, set())) + 0.5 * (value(row, {0, 1}) - value(row, {other}))
            assert own[f] == pytest.approx(exact, abs=1e-12)


def test_looked_up_and_worked_out_contributions_are_the_same_bits(fitted, monkeypatch):
    _, model, fresh = fitted
    looked_up = trees.contributions(trees.lay_out(model), fresh)
    monkeypatch.setattr(trees, "_TABLED", 0)
    laid = trees.lay_out(model)
    assert (laid.table_start == -1).all()
    np.testing.assert_array_equal(trees.contributions(laid, fresh), looked_up)
