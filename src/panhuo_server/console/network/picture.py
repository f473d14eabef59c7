"""Pictures of ties: the whole network as places for the page's script, a ring and a neighbourhood as drawings.

Invariant: places are settled here and are the same for the same night; widths go with amounts; a finding has a shape of
its own beside its colour; where a way to a finding is shown, everything off it is faded.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa

from panhuo.ground.book.folder import write_whole
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo.tools.network.graph import graph_of
from panhuo.tools.network.layout import hull, settle
from panhuo_server.console.network.ties import Ties, key_of, ties_from, ties_of
from panhuo_server.console.results import Night

FORMAT = "2"
DRAWN = 150
"""Parties a neighbourhood's drawing holds; its table holds all."""
NAMED = 48
"""Parties up to which every one is named in a drawing."""


def members_of(ring: dict[str, Any]) -> list[str]:
    """The parties of a ring, each answering for the next and the last for the first."""
    return str(ring["members"]).split(">")


def whole(ties: Ties, rings: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The network's picture as the page's script draws it: places, ties with widths, rings with their hulls."""
    x, y = settle(ties.graph)
    graph, number = ties.graph, ties.number
    drawn = []
    for ring in rings:
        members = [number[m] for m in members_of(ring)]
        corners = hull([(int(x[m]), int(y[m])) for m in members])
        drawn.append(
            {"id": ring["ring_id"], "hull": [members[c] for c in corners], "members": members,
             "live": bool(ring["live"]), "late": bool(ring["in_distress"])}
        )  # fmt: skip
    return {
        "x": x.tolist(), "y": y.tolist(), "name": [str(label) for label in graph.labels],
        "from": graph.sources.tolist(), "to": graph.targets.tolist(), "width": ties.widths.tolist(),
        "late": sorted(number[p] for p in ties.late if p in number), "rings": drawn,
    }  # fmt: skip


def picture_of(night: Night) -> bytes:
    """`whole` of a night as JSON; kept beside the night's results under the roots it was made from."""
    name = hashlib.sha256("\n".join((FORMAT, *key_of(night)[1:])).encode()).hexdigest()[:32]
    path = night.folder / "pictures" / f"network-{name}.json"
    if path.exists():
        return path.read_bytes()
    found = whole(ties_of(night), night["rings"].table.to_pylist())
    data = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
    with contextlib.suppress(OSError):  # a picture that cannot be kept is made again
        path.parent.mkdir(exist_ok=True)
        write_whole(path, data)
    return data


@dataclass(frozen=True)
class Node:
    """A party drawn: where, its name, where it leads, and what marks it."""

    x: float
    y: float
    name: str
    href: str
    marks: str
    named: bool
    late: bool
    title: Text
    text_x: float
    below: float
    half: float
    anchor: str = "middle"

    @property
    def left(self) -> float:
        """Where the square of a finding begins."""
        return round(self.x - self.half, 2)

    @property
    def top(self) -> float:
        """Its upper edge."""
        return round(self.y - self.half, 2)

    @property
    def side(self) -> float:
        """Its side."""
        return 2 * self.half


@dataclass(frozen=True)
class Line:
    """A tie drawn: from where to where, how wide, what it says, and what marks it."""

    x1: float
    y1: float
    x2: float
    y2: float
    wide: float
    marks: str
    title: Text
    label: Text = words.NOTHING
    mid_x: float = 0
    mid_y: float = 0


@dataclass(frozen=True)
class Drawing:
    """A picture for a template: its field, sizes in the field's units, and what stands on it."""

    box: str
    unit: float
    radius: float
    letter: float
    nodes: Sequence[Node]
    lines: Sequence[Line]
    hulls: Sequence[tuple[str, str, str]]
    title: Text

    @property
    def hull(self) -> float:
        """How wide a hull is rounded."""
        return round(26 * self.unit, 2)


def _party(name: str) -> str:
    return f"/console/network/parties/{quote(name, safe='')}"


def _line(a: tuple[float, float], b: tuple[float, float], short: float, **given: Any) -> Line:
    length = math.hypot(b[0] - a[0], b[1] - a[1]) or 1.0
    part = min(short, 0.4 * length) / length
    dx, dy = (b[0] - a[0]) * part, (b[1] - a[1]) * part
    return Line(round(a[0] + dx, 1), round(a[1] + dy, 1), round(b[0] - dx, 1), round(b[1] - dy, 1), **given)


def ring_drawing(ties: Ties, ring: dict[str, Any]) -> Drawing:
    """A ring on a circle, each party's arrow to the one it answers for, the tie to cut first in accent."""
    members = members_of(ring)
    wide, high, reach = 640, 400, 140
    at = {}
    for n, party in enumerate(members):
        angle = -math.pi / 2 + 2 * math.pi * n / len(members)
        at[party] = (wide / 2 + 1.3 * reach * math.cos(angle), high / 2 + reach * math.sin(angle))
    ends = list(zip(members, members[1:] + members[:1], strict=True))
    values = [ties.amount(a, b) for a, b in ends]
    most = max([value or 0 for value, _ in values] + [1])
    lines = []
    for (a, b), (value, currency) in zip(ends, values, strict=True):
        cut = (a, b) == (ring["cut_from"], ring["cut_to"])
        said = words.short(value, currency) if value is not None else words.DASH
        # Two that guarantee each other have two arrows side by side.
        aside = 14 if len(members) == 2 else 0
        dx, dy = at[b][0] - at[a][0], at[b][1] - at[a][1]
        length = math.hypot(dx, dy) or 1.0
        off = (-dy / length * aside, dx / length * aside)
        one, two = ((p[0] + off[0], p[1] + off[1]) for p in (at[a], at[b]))
        mid = ((one[0] + two[0]) / 2, (one[1] + two[1]) / 2)
        out = (mid[0] - wide / 2, mid[1] - high / 2)
        far = math.hypot(*out) or 1.0
        push = (out[0] / far * 30, out[1] / far * 20) if len(members) > 2 else (off[0] * 3, off[1] * 3)
        lines.append(
            _line(one, two, 16, wide=round(1.5 + 5 * math.sqrt((value or 0) / most), 1),
                  marks=" ".join(m for m, yes in (("cut", cut), ("none", not value)) if yes),
                  title=_tie(a, b, said),
                  label=said, mid_x=round(mid[0] + push[0], 1), mid_y=round(mid[1] + push[1] + 5, 1))
        )  # fmt: skip
    nodes = []
    for party in members:
        px, py = at[party]
        side = "middle" if abs(px - wide / 2) < 30 else "start" if px > wide / 2 else "end"
        below = (28 if py >= high / 2 else -18) if side == "middle" else 5
        shift = 0 if side == "middle" else 18 if side == "start" else -18
        nodes.append(
            Node(round(px, 1), round(py, 1), party, _party(party), "", True, party in ties.late, _said(ties, party),
                 round(px + shift, 1), round(py + below, 1), 8, side)
        )  # fmt: skip
    return Drawing(f"0 0 {wide} {high}", 1, 9, 14, nodes, lines, (), Text("担保圈图", "The ring drawn"))


def _tie(source: object, target: object, said: Text) -> Text:
    return Text(f"{source} 为 {target} 担保 {said.zh}", f"{source} answers for {target}: {said.en}")


def _said(ties: Ties, party: str) -> Text:
    late = party in ties.late
    return Text(party + ("（逾期）" if late else ""), party + (" (past due)" if late else ""))


def neighbourhood(
    ties: Ties, party: str, near: dict[int, int], way: Sequence[str], rings: Iterable[dict[str, Any]]
) -> Drawing:
    """The parties around one, at most `DRAWN` of them, the nearest first; the way to a finding in accent."""
    centre = ties.number[party]
    kept = sorted(near, key=lambda n: (near[n], n))[:DRAWN]
    kept += [ties.number[p] for p in way if ties.number[p] not in kept]
    within = np.isin(ties.graph.sources, kept) & np.isin(ties.graph.targets, kept)
    edges = np.flatnonzero(within).tolist()
    sources, targets = ties.graph.sources[within], ties.graph.targets[within]
    part = graph_of(pa.table({"src": sources, "dst": targets}))
    x, y = settle(part)
    where = {int(str(label)): (float(x[n]), float(y[n])) for n, label in enumerate(part.labels)}
    wide, high = float(x.max(initial=0)), float(y.max(initial=0))
    unit = max(wide / 760, high / 380, 0.45)
    margin = 60 * unit
    box = f"{-margin:.1f} {-margin / 2:.1f} {wide + 2 * margin:.1f} {high + margin * 1.2:.1f}"
    on_way = {(ties.number[a], ties.number[b]) for a, b in itertools.pairwise(way)}
    nodes_on_way = {n for pair in on_way for n in pair}
    lines = []
    for edge in edges:
        a, b = int(ties.graph.sources[edge]), int(ties.graph.targets[edge])
        carried = [words.short(value, name) for name, value in ties.carries(edge).items()]
        said = Text(" + ".join(c.zh for c in carried) or "—", " + ".join(c.en for c in carried) or "—")
        width = int(ties.widths[edge])
        names = ties.graph.labels[a], ties.graph.labels[b]
        marks = "way" if (a, b) in on_way else "faded" if on_way else "" if width else "none"
        lines.append(
            _line(where[a], where[b], 9 * unit, wide=round((0.8 + 0.8 * width) * unit, 2), marks=marks,
                  title=_tie(*names, said))
        )  # fmt: skip
    nodes = []
    for n in sorted(where):
        name, (px, py) = str(ties.graph.labels[n]), where[n]
        marks = "centre" if n == centre else "way" if n in nodes_on_way else "faded" if on_way else ""
        named = len(where) <= NAMED or n == centre or n in nodes_on_way
        nodes.append(
            Node(
                px,
                py,
                name,
                _party(name),
                marks,
                named,
                name in ties.late,
                _said(ties, name),
                px,
                round(py + 19 * unit, 1),
                round(5.4 * unit, 2),
            )
        )
    hulls = []
    for ring in rings:
        members = [ties.number[m] for m in members_of(ring)]
        if ring["live"] and all(m in where for m in members):
            points = [(int(where[m][0]), int(where[m][1])) for m in members]
            shape = " ".join(f"{points[c][0]},{points[c][1]}" for c in hull(points))
            hulls.append((shape, str(ring["ring_id"]), f"/console/network/rings/{ring['ring_id']}"))
    return Drawing(box, round(unit, 2), round(6 * unit, 2), round(12 * unit, 2), nodes, lines, hulls,
                   Text(f"{party} 的关联", f"Around {party}"))  # fmt: skip


def example() -> Drawing:
    """A ring of three with a guarantor outside it and one past due, for the page of pieces."""
    edges = pa.table(
        {
            "src": ["A", "B", "C", "D", "C"],
            "dst": ["B", "C", "A", "A", "E"],
            "amount": pa.array([1_000_000_000, 350_000_000, 75_000_000, 0, 20_000_000], pa.int64()),
            "currency": ["CNY", "CNY", "CNY", None, "CNY"],
        }
    )
    ties = ties_from(edges, frozenset({"E"}))
    ring = {"ring_id": "R1", "members": "A>B>C", "live": True}
    return neighbourhood(ties, "A", ties.around("A", 3), ties.way_to_a_finding("A"), [ring])
