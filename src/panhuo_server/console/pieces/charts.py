"""Charts: bars, lines and flows as data for the page's script, each beside the table it is drawn from.

Invariant: a chart holds nothing its table does not say; every part of it that can be clicked goes where the same number
in the table goes; without script it is not there and nothing is missed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from panhuo.journey.report import words
from panhuo.journey.report.words import Text

STEPS = {1: "r1", 2: "r2", 3: "r3", 4: "r4", 5: "r5"}
"""Step of the risk scale -> the page's colour of it."""


@dataclass(frozen=True)
class Point:
    """A value of a series: the number, how it reads, where it goes. Nothing where it is unknown."""

    value: int | None
    text: Text = words.NOTHING
    goes: str = ""
    colour: str = ""


@dataclass(frozen=True)
class Series:
    """Points under one name in one colour of the page (``teal``, ``soft``, ``r1`` ... ``r5``)."""

    name: Text
    points: Sequence[Point]
    colour: str = "teal"
    faint: bool = False


@dataclass(frozen=True)
class Node:
    """A state a flow comes from or goes to; `depth` 0 stands left, 1 right."""

    id: str
    name: Text
    depth: int
    colour: str
    value: int
    text: Text
    goes: str = ""


@dataclass(frozen=True)
class Link:
    """An amount that went from one state to another."""

    source: str
    target: str
    value: int
    text: Text
    goes: str
    colour: str


@dataclass(frozen=True)
class Chart:
    """A drawing for a page: bars or lines over categories, or a flow between states.

    Attributes:
        unit, scale: of the axis; a value divided by the scale is what the axis says.
        lying: bars lie, categories run downwards. stacked: series of one category stand on each other.
        size: ``low``, ``tall`` or nothing.
    """

    kind: Literal["bars", "lines", "flow"]
    title: Text
    categories: Sequence[Text] = ()
    series: Sequence[Series] = ()
    nodes: Sequence[Node] = ()
    links: Sequence[Link] = ()
    unit: Text = words.NOTHING
    scale: tuple[int, int] = (1, 1)
    lying: bool = False
    stacked: bool = False
    size: str = ""
    note: Text = words.NOTHING
    legend: Sequence[tuple[str, Text]] = field(default=())


MONEY = (1_000_000, 100_000)
"""Scale of an axis in 万元 (Chinese) and thousands of yuan (English), from fen."""
MONEY_UNIT = Text("万元", "CNY K")


def spoken(text: Text, language: str) -> str:
    """A text in one language."""
    return text.zh if language == "zh" else text.en


def data(chart: Chart, language: str) -> str:
    """The chart as JSON in one language, for an attribute of its place on the page."""

    def say(text: Text) -> str:
        return spoken(text, language)

    given: dict[str, Any] = {"kind": chart.kind}
    if chart.kind == "flow":
        given["nodes"] = [
            {"id": n.id, "name": say(n.name), "depth": n.depth, "colour": n.colour, "value": n.value,
             "said": f"{say(n.name)}\n{say(n.text)}", "goes": n.goes} for n in chart.nodes
        ]  # fmt: skip
        names = {n.id: say(n.name) for n in chart.nodes}
        given["links"] = [
            {"from": k.source, "to": k.target, "value": k.value, "colour": k.colour, "goes": k.goes,
             "said": f"{names[k.source]} → {names[k.target]}\n{say(k.text)}"} for k in chart.links
        ]  # fmt: skip
        return json.dumps(given, ensure_ascii=False, separators=(",", ":"))
    series = []
    for one in chart.series:
        made: dict[str, Any] = {
            "name": say(one.name), "colour": one.colour, "values": [p.value for p in one.points],
            "texts": [say(p.text) for p in one.points], "goes": [p.goes for p in one.points],
        }  # fmt: skip
        if one.faint:
            made["faint"] = True
        if any(p.colour for p in one.points):
            made["colours"] = [p.colour or one.colour for p in one.points]
        series.append(made)
    given |= {
        "categories": [say(c) for c in chart.categories], "series": series, "unit": say(chart.unit),
        "scale": chart.scale[0 if language == "zh" else 1], "lying": chart.lying, "stacked": chart.stacked,
    }  # fmt: skip
    return json.dumps(given, ensure_ascii=False, separators=(",", ":"))
