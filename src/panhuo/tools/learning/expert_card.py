"""A scorecard given by hand: columns, bins, points and words in TOML, scored by the same code as a fitted one.

Invariant: a card says what every value is worth, the unknown included; nothing about it is estimated here, and the
model it becomes carries its words in Chinese and English, its grounds, and the scale its probabilities rest on.

::

    name = "cn_sme_invoices"
    zh = "发票专家评分卡"
    en = "expert card on invoices"
    base = 520                                   # points before any column
    scale = { points = 600, odds = 50, double = 20 }   # 600 points are 50 good to 1 bad; 20 more double it

    [[column]]
    name = "void_share"                          # the data's column
    kind = "number"                              # number (default), date or text
    zh = "作废发票占比"
    en = "share of voided invoices"
    grounds = "why this column and these points"
    unknown = { points = -10, zh = "无记录", en = "not known" }

    [[column.bin]]
    to = 0.02                                    # x <= 0.02
    points = 15
    zh = "不超过 2 %"
    en = "at most 2 %"

    [[column.bin]]                               # the last bin has no `to`
    points = -20
    zh = "超过 2 %"
    en = "over 2 %"

A text column's bins have ``among = ["A", "B"]``; one bin without it takes every other value.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.tools.learning.model import CardColumn, Feature, Model, Scale, check_model


def load_expert_card(path: Path | str) -> Model:
    """The model written in a card's TOML file.

    Raises:
        NotFound: when there is no such file.
        InvalidInput: when it is not TOML or not a card; names the column and what is missing.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound(f"no expert card at {path}", where=str(path))
    try:
        return read_expert_card(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise InvalidInput(f"not TOML: {error}", where=str(path)) from error


def read_expert_card(text: str, where: str) -> Model:
    """The model written in the text of a card's TOML file; `where` stands in messages.

    Raises:
        InvalidInput: when it is not TOML or not a card; names the column and what is missing.
    """
    try:
        return expert_card(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"not TOML: {error}", where=where) from error


def expert_card(document: dict[str, Any]) -> Model:
    """The model a card's document states (see the head of this file for its shape).

    Raises:
        InvalidInput: naming the column and the key at fault.
    """
    _only(document, {"name", "zh", "en", "base", "scale", "column", "grounds", "event"}, "card")
    scale = document.get("scale", {})
    _only(scale, {"points", "odds", "double"}, "scale")
    columns = document.get("column", [])
    if not columns:
        raise InvalidInput("a card without columns", where="column", remedy="add [[column]] tables")
    features: list[Feature] = []
    card: list[CardColumn] = []
    grounds: dict[str, str] = {}
    for number, one in enumerate(columns):
        where = str(one.get("name", f"column {number + 1}"))
        _only(one, {"name", "kind", "zh", "en", "grounds", "unknown", "bin", "since"}, where)
        kind = one.get("kind", "number")
        bins = [*one.get("bin", [])]
        for entry in bins:
            _only(entry, {"to", "among", "points", "zh", "en"}, where)
        if not bins or "unknown" not in one:
            raise InvalidInput("a column needs bins and what an unknown value is worth", where=where)
        entries = [*bins, one["unknown"]]
        points = [_thousandths(entry.get("points"), where) for entry in entries]
        words = tuple((str(entry.get("zh", "")), str(entry.get("en", ""))) for entry in entries)
        levels: tuple[str, ...] = ()
        groups: tuple[int, ...] = ()
        edges: tuple[float, ...] = ()
        rest = [place for place, entry in enumerate(bins) if "to" not in entry and "among" not in entry]
        if kind == "text":
            pairs = [(str(level), place) for place, entry in enumerate(bins) for level in entry.get("among", [])]
            levels = tuple(level for level, _ in pairs)
            if len(rest) > 1:
                raise InvalidInput("two bins take every other value", where=where)
            groups = tuple(place for _, place in pairs) + tuple(rest)
        else:
            if rest != [len(bins) - 1]:
                raise InvalidInput("the last bin, and it alone, has no `to`", where=where)
            edges = tuple(float(entry["to"]) for entry in bins[:-1])
        since = str(one.get("since", ""))
        features.append(Feature(where, kind, levels, bool(rest), since, str(one.get("zh", "")), str(one.get("en", ""))))
        card.append(CardColumn(number, edges, tuple(points[:-1]), points[-1], groups, words))
        grounds[where] = str(one.get("grounds", ""))
    model = Model(
        name=str(document.get("name", "")),
        method="scorecard",
        features=tuple(features),
        scale=Scale.declare(int(scale.get("points", 600)), int(scale.get("odds", 50)), int(scale.get("double", 20))),
        base=_thousandths(document.get("base"), "base"),
        card=tuple(card),
        event=str(document.get("event", "")),
        zh=str(document.get("zh", "")),
        en=str(document.get("en", "")),
        about={"origin": "expert", "grounds": str(document.get("grounds", "")), "column_grounds": grounds},
    )
    check_model(model)
    return model


def _thousandths(points: Any, where: str) -> int:
    if isinstance(points, bool) or not isinstance(points, (int, float)):
        raise InvalidInput("points are missing or not a number", where=where, remedy="write points = 12.5")
    scaled = round(points * 1000)
    if abs(scaled - points * 1000) > 1e-6:
        raise InvalidInput("points have at most three decimals", where=where)
    return scaled


def _only(table: dict[str, Any], known: set[str], where: str) -> None:
    if strange := sorted(set(table) - known):
        remedy = f"known: {', '.join(sorted(known))}"
        raise InvalidInput(f"unknown key(s) {', '.join(strange)}", where=where, remedy=remedy)
