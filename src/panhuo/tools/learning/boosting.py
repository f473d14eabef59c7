"""Boosted trees fitted with LightGBM and written down as trees of our own.

Invariant: the fit is a function of its input alone (one seed, threads fixed by its size, deterministic row-wise
histograms, a fixed number of trees); the trees read back from LightGBM give its raw prediction, unknown values and
texts included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from panhuo.ground.record.errors import Unavailable
from panhuo.tools.learning.model import Feature, Tree

Floats = npt.NDArray[np.float64]
MOST_TREES = 400
DEPTH = 6


@dataclass(frozen=True)
class Shape:
    """The settings two candidates differ in: leaves a tree, rows a leaf, learning rate, share of columns a tree."""

    name: str
    leaves: int
    leaf_rows: int
    rate: float
    columns: float


SHAPES = (Shape("shallow", 6, 20, 0.05, 0.6), Shape("deep", 31, 20, 0.05, 0.8))


def lightgbm() -> Any:
    """LightGBM, imported when first fitted with.

    Raises:
        Unavailable: when it is not installed.
    """
    try:
        import lightgbm as library
    except ImportError as error:
        raise Unavailable(
            "boosted trees need LightGBM, which is not installed", remedy="install panhuo[learn]"
        ) from error
    return library


def threads_for(rows: int) -> int:
    """Threads a fit takes, a function of its size alone: in small fits threads lose more by waiting than they win."""
    return 2 if rows > 50_000 else 1


def settings(shape: Shape, threads: int) -> dict[str, Any]:
    """LightGBM's parameters for `shape`; every one that could vary with the machine is fixed."""
    return {
        "objective": "binary",
        "num_leaves": shape.leaves,
        "max_depth": DEPTH,
        "min_data_in_leaf": shape.leaf_rows,
        "learning_rate": shape.rate,
        "feature_fraction": shape.columns,
        "lambda_l2": 1.0,
        "max_cat_to_onehot": 4,
        "cat_smooth": 20.0,
        "min_data_per_group": 50,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": threads,
        "seed": 20260101,
        "verbosity": -1,
    }


def start_booster(rows: Floats, outcome: Floats, features: tuple[Feature, ...], shape: Shape) -> Any:
    """A LightGBM booster without trees yet, on `rows` [n, k] (NaN unknown) and `outcome` [n] (1 is the event)."""
    library = lightgbm()
    texts = [i for i, feature in enumerate(features) if feature.kind == "text"]
    names = [f"c{i}" for i in range(len(features))]
    chosen = settings(shape, threads_for(len(rows)))
    data = library.Dataset(rows, outcome, feature_name=names, categorical_feature=texts, params=chosen)
    return library.Booster(params=chosen, train_set=data)


def grow(booster: Any, count: int) -> None:
    """Adds `count` trees."""
    for _ in range(count):
        booster.update()


def fit_booster(rows: Floats, outcome: Floats, features: tuple[Feature, ...], shape: Shape, count: int) -> Any:
    """A LightGBM booster of `count` trees on `rows` [n, k] (NaN unknown) and `outcome` [n] (1 is the event)."""
    booster = start_booster(rows, outcome, features, shape)
    grow(booster, count)
    return booster


def later_margins(booster: Any, rows: Floats, done: int, count: int) -> Floats:
    """What the trees from number `done` on, at most `count` of them, add to the raw margins of `rows`."""
    if booster.num_trees() <= done:
        return np.zeros(len(rows))
    found = booster.predict(rows, raw_score=True, start_iteration=done, num_iteration=count, num_threads=1)
    return np.asarray(found, np.float64)


def read_trees(booster: Any) -> tuple[Tree, ...]:
    """The booster's trees in order, nodes numbered from the root down, left before right."""
    return tuple(_read_tree(one["tree_structure"]) for one in booster.dump_model()["tree_info"])


def _read_tree(root: dict[str, Any]) -> Tree:
    nodes: list[dict[str, Any]] = []
    left: list[int] = []
    right: list[int] = []
    value: list[float] = []
    leaf_weight: list[int] = []

    def place(part: dict[str, Any]) -> int:
        if "split_feature" not in part:
            value.append(float(part["leaf_value"]))
            leaf_weight.append(int(part.get("leaf_count", 1)))
            return -len(value)
        here = len(nodes)
        nodes.append(part)
        left.append(0)
        right.append(0)
        left[here] = place(part["left_child"])
        right[here] = place(part["right_child"])
        return here

    place(root)
    threshold: list[float] = []
    levels: list[tuple[int, ...] | None] = []
    unknown_left: list[bool] = []
    for node in nodes:
        if node["decision_type"] == "==":
            threshold.append(0.0)
            levels.append(tuple(sorted(int(code) for code in str(node["threshold"]).split("||"))))
            unknown_left.append(False)
        else:
            threshold.append(float(node["threshold"]))
            levels.append(None)
            # A node that met no unknown value in training compares it as zero, as LightGBM does.
            known = node["missing_type"] == "NaN"
            unknown_left.append(bool(node["default_left"]) if known else float(node["threshold"]) >= 0.0)
    return Tree(
        tuple(int(node["split_feature"]) for node in nodes),
        tuple(threshold),
        tuple(levels),
        tuple(left),
        tuple(right),
        tuple(unknown_left),
        tuple(int(node["internal_count"]) for node in nodes),
        tuple(value),
        tuple(leaf_weight),
    )
