"""A model as readable text: features, bins or trees, calibration, scale; one format for fitted and hand-written models.

Invariant: `Model.text()` is RFC 8785 JSON with every float in hexadecimal, so that equal models have equal bytes, the
SHA-256 of those bytes is the model's identity, and reading the text back gives the same floats to the last bit.

Units. *Points*: the score's scale, int thousandths of a point (600_000 is 600 points); a higher score is safer.
*Margin*: natural-log odds of the event, float. *Probability*: of the event, int billionths (50_000_000 is 5 %).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from panhuo.ground.record import canonical_json
from panhuo.ground.record.errors import InvalidInput

FORMAT = "panhuo-model/1"
KINDS = ("number", "date", "text")


@dataclass(frozen=True)
class Feature:
    """One column a model reads.

    `kind` ``number``; ``date`` (days since 1970-01-01, or since the date in column `since` of the same row);
    ``text`` (position in `levels`; a value not among them is position ``len(levels)`` when `other`, else unknown).
    """

    name: str
    kind: str
    levels: tuple[str, ...] = ()
    other: bool = False
    since: str = ""
    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class Scale:
    """What a score means: `points` at `odds` good to one bad, and `double` points more when those odds double.

    ``factor = double / ln 2`` and ``offset = points - factor x ln odds`` are kept as floats, so that scoring takes no
    logarithm: ``score = offset - factor x margin``.
    """

    points: int = 600
    odds: int = 50
    double: int = 20
    factor: float = 28.85390081777927
    offset: float = 487.1228762045055

    @classmethod
    def declare(cls, points: int, odds: int, double: int) -> Scale:
        """A scale from its three declared numbers.

        Raises:
            InvalidInput: when odds or double are not above zero.
        """
        from math import log

        if odds <= 0 or double <= 0:
            raise InvalidInput("a scale needs odds and points to double above zero", where="scale")
        factor = double / log(2.0)
        return cls(points, odds, double, factor, points - factor * log(float(odds)))


@dataclass(frozen=True)
class CardColumn:
    """The bins of one feature of a scorecard and what each adds to the score.

    A number falls in the first bin whose edge is at or above it (``x <= edge``), the last bin has no edge. A text
    falls in ``groups[its position]``. An unknown value has points of its own. `words` holds, a bin and then the
    unknown one, (zh, en); empty when the bins speak for themselves.
    """

    feature: int
    edges: tuple[float, ...]
    points: tuple[int, ...]
    unknown_points: int
    groups: tuple[int, ...] = ()
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Tree:
    """One tree: inner nodes first, `left` and `right` point to a node (>= 0) or a leaf (-1 - leaf).

    A row goes left when its value is at or below the threshold, or its text position is in the node's set; an unknown
    value goes where `unknown_left` says. `weight` of nodes and leaves is the number of training rows there.
    """

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    levels: tuple[tuple[int, ...] | None, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    unknown_left: tuple[bool, ...]
    node_weight: tuple[int, ...]
    value: tuple[float, ...]
    leaf_weight: tuple[int, ...]


@dataclass(frozen=True)
class Calibration:
    """From a raw margin to a calibrated one: ``slope x raw + intercept``, then, for the probability alone, an optional
    rising line through the knots ``(x, y)`` in log odds (slope one beyond its ends)."""

    slope: float = 1.0
    intercept: float = 0.0
    knots_x: tuple[float, ...] = ()
    knots_y: tuple[float, ...] = ()


@dataclass(frozen=True)
class Model:
    """A scoring model: a scorecard (`card`, `base`) or boosted trees (`trees`), never both."""

    name: str
    method: str
    features: tuple[Feature, ...]
    scale: Scale
    calibration: Calibration = Calibration()
    base: int = 0
    card: tuple[CardColumn, ...] = ()
    trees: tuple[Tree, ...] = ()
    target: str = ""
    event: str = ""
    id_column: str = ""
    time_column: str = ""
    zh: str = ""
    en: str = ""
    about: dict[str, Any] = field(default_factory=dict)

    def text(self) -> bytes:
        """The model's bytes: canonical JSON (RFC 8785), floats in hexadecimal, one trailing newline not included."""
        return canonical_json.serialise(_write_model(self))

    def hash(self) -> str:
        """SHA-256 of `text()`, in hexadecimal."""
        return hashlib.sha256(self.text()).hexdigest()


def _hexadecimal(values: tuple[float, ...]) -> list[str]:
    return [float(value).hex() for value in values]


def _floats(values: list[str]) -> tuple[float, ...]:
    return tuple(float.fromhex(value) for value in values)


def _write_model(model: Model) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": model.name,
        "zh": model.zh,
        "en": model.en,
        "method": model.method,
        "target": model.target,
        "event": model.event,
        "id": model.id_column,
        "time": model.time_column,
        "about": model.about,
        "features": [
            {
                "name": feature.name,
                "kind": feature.kind,
                "levels": list(feature.levels),
                "other": feature.other,
                "since": feature.since,
                "zh": feature.zh,
                "en": feature.en,
            }
            for feature in model.features
        ],
        "scale": {
            "points": model.scale.points,
            "odds": model.scale.odds,
            "double": model.scale.double,
            "factor": model.scale.factor.hex(),
            "offset": model.scale.offset.hex(),
        },
        "calibration": {
            "slope": float(model.calibration.slope).hex(),
            "intercept": float(model.calibration.intercept).hex(),
            "knots_x": _hexadecimal(model.calibration.knots_x),
            "knots_y": _hexadecimal(model.calibration.knots_y),
        },
        "base": model.base,
        "card": [
            {
                "feature": column.feature,
                "edges": _hexadecimal(column.edges),
                "points": list(column.points),
                "unknown_points": column.unknown_points,
                "groups": list(column.groups),
                "words": [list(pair) for pair in column.words],
            }
            for column in model.card
        ],
        "trees": [
            {
                "feature": list(tree.feature),
                "threshold": _hexadecimal(tree.threshold),
                "levels": [None if levels is None else list(levels) for levels in tree.levels],
                "left": list(tree.left),
                "right": list(tree.right),
                "unknown_left": list(tree.unknown_left),
                "node_weight": list(tree.node_weight),
                "value": _hexadecimal(tree.value),
                "leaf_weight": list(tree.leaf_weight),
            }
            for tree in model.trees
        ],
    }


def read_model(data: bytes) -> Model:
    """The model written in `data`, checked so that scoring can trust it.

    Raises:
        InvalidInput: when the bytes are not canonical JSON, not of this format, or point outside themselves.
    """
    document = canonical_json.parse(data.rstrip(b"\n"))
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InvalidInput("not a model of this format", remedy=f"use a file written by train ({FORMAT})")
    try:
        model = _read_document(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        remedy = "use the file as it was written"
        raise InvalidInput(f"the model's text is not whole: {error}", remedy=remedy) from error
    check_model(model)
    return model


def _read_document(document: dict[str, Any]) -> Model:
    scale, calibration = document["scale"], document["calibration"]
    return Model(
        name=document["name"],
        zh=document["zh"],
        en=document["en"],
        method=document["method"],
        target=document["target"],
        event=document["event"],
        id_column=document["id"],
        time_column=document["time"],
        about=document["about"],
        features=tuple(
            Feature(
                name=one["name"],
                kind=one["kind"],
                levels=tuple(one["levels"]),
                other=one["other"],
                since=one["since"],
                zh=one["zh"],
                en=one["en"],
            )
            for one in document["features"]
        ),
        scale=Scale(
            scale["points"],
            scale["odds"],
            scale["double"],
            float.fromhex(scale["factor"]),
            float.fromhex(scale["offset"]),
        ),
        calibration=Calibration(
            float.fromhex(calibration["slope"]),
            float.fromhex(calibration["intercept"]),
            _floats(calibration["knots_x"]),
            _floats(calibration["knots_y"]),
        ),
        base=document["base"],
        card=tuple(
            CardColumn(
                feature=one["feature"],
                edges=_floats(one["edges"]),
                points=tuple(one["points"]),
                unknown_points=one["unknown_points"],
                groups=tuple(one["groups"]),
                words=tuple((pair[0], pair[1]) for pair in one["words"]),
            )
            for one in document["card"]
        ),
        trees=tuple(
            Tree(
                feature=tuple(one["feature"]),
                threshold=_floats(one["threshold"]),
                levels=tuple(None if levels is None else tuple(levels) for levels in one["levels"]),
                left=tuple(one["left"]),
                right=tuple(one["right"]),
                unknown_left=tuple(one["unknown_left"]),
                node_weight=tuple(one["node_weight"]),
                value=_floats(one["value"]),
                leaf_weight=tuple(one["leaf_weight"]),
            )
            for one in document["trees"]
        ),
    )


def check_model(model: Model) -> None:
    """Refuses a model whose parts do not fit each other; after it, kernels need no bounds checks.

    Raises:
        InvalidInput: naming the feature, column or tree at fault.
    """

    def demand(condition: bool, what: str, where: str) -> None:
        if not condition:
            raise InvalidInput(what, where=where, remedy="use a model written by train or by an expert card")

    demand(model.method in ("scorecard", "trees"), f"unknown method {model.method!r}", "method")
    names = [feature.name for feature in model.features]
    demand(len(set(names)) == len(names), "a feature stands twice", "features")
    for feature in model.features:
        demand(feature.kind in KINDS, f"unknown kind {feature.kind!r}", feature.name)
        demand(len(set(feature.levels)) == len(feature.levels), "a level stands twice", feature.name)
    demand(model.scale.factor > 0, "the scale does not rise", "scale")
    demand(model.calibration.slope > 0, "the calibration does not rise", "calibration")
    xs, ys = model.calibration.knots_x, model.calibration.knots_y
    demand(len(xs) == len(ys) and len(xs) != 1, "calibration knots do not pair", "calibration")
    demand(_rises(xs) and _rises(ys), "calibration knots do not rise", "calibration")
    demand(bool(model.card) or model.method != "scorecard", "a scorecard without columns", "card")
    seen: set[int] = set()
    for column in model.card:
        demand(0 <= column.feature < len(names), "a column of no feature", "card")
        where = names[column.feature]
        demand(column.feature not in seen, "a feature has two columns", where)
        seen.add(column.feature)
        demand(_rises(column.edges), "bin edges do not rise", where)
        demand(not column.words or len(column.words) == len(column.points) + 1, "words do not fit the bins", where)
        feature = model.features[column.feature]
        if feature.kind == "text":
            demand(len(column.groups) == len(feature.levels) + feature.other, "groups do not fit the levels", where)
            demand(all(0 <= g < len(column.points) for g in column.groups), "a group without points", where)
            demand(not column.edges, "a text column has edges", where)
        else:
            demand(len(column.points) == len(column.edges) + 1, "points do not fit the edges", where)
    for number, tree in enumerate(model.trees):
        where = f"trees[{number}]"
        nodes, leaves = len(tree.feature), len(tree.value)
        demand(leaves == nodes + 1 == len(tree.leaf_weight), "leaves do not fit the nodes", where)
        widths = {len(part) for part in (tree.threshold, tree.levels, tree.left, tree.right, tree.unknown_left)}
        demand(nodes == 0 or widths == {nodes}, "the parts of a tree differ in length", where)
        demand(len(tree.node_weight) == nodes, "a weight a node", where)
        demand(all(0 <= f < len(names) for f in tree.feature), "a node of no feature", where)
        children = sorted(tree.left + tree.right)
        whole = [*range(-leaves, 0), *range(1, nodes)] if nodes else []
        demand(children == whole, "not one tree", where)
        demand(all(c > i for i in range(nodes) for c in (tree.left[i], tree.right[i]) if c >= 0), "loops", where)


def _rises(values: tuple[float, ...]) -> bool:
    return all(b > a for a, b in pairwise(values)) and all(v == v for v in values)
