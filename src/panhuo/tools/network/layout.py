"""Where to draw the parties of a graph: ties as springs, parties that push each other apart, each group by itself.

A group's first places are those of pivot distances (Brandes and Pich, "Eigensolver methods for progressive
multidimensional scaling of large data", 2006); forces then settle it (Fruchterman and Reingold, Software: Practice and
Experience 21, 1991), the push of far parties taken together by a quadtree (Barnes and Hut, Nature 324, 1986). Groups
stand in rows, the largest first.

Invariant: the same graph gives the same whole numbers, whatever the process or the number of threads; no two groups
overlap; directions and amounts move nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from panhuo.tools.network.graph import Graph

UNIT = 100
"""Length of a tie at rest, in the whole numbers places are given in."""
_SEED = 20_060_917
_PIVOTS = 24
_OPENING = 0.7  # a square is taken as one when its side is less than this part of its distance
_DEEPEST = 40
_ASPECT = 2.1


def settle(graph: Graph, *, rounds: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(x, y), each int64[nodes], from 0 upwards; a tie at rest is `UNIT` long.

    Args:
        rounds: how often forces are followed; 0 for as many as the size of a group asks.
    """
    nodes = graph.nodes
    if nodes == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    order = np.argsort(graph.weak, kind="stable")
    place = np.empty(nodes, np.int64)
    place[order] = np.arange(nodes)
    ends = np.stack([place[graph.sources], place[graph.targets]])
    ends = np.unique(np.sort(ends, axis=0), axis=1) if graph.edges else ends
    tails, heads = np.concatenate([ends[0], ends[1]]), np.concatenate([ends[1], ends[0]])
    turn = np.lexsort((heads, tails))
    tails, heads = tails[turn], heads[turn]
    starts = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(tails, minlength=nodes), out=starts[1:])
    sizes = np.bincount(graph.weak, minlength=1)
    borders = np.concatenate([[0], np.cumsum(sizes)])
    chance = np.random.Generator(np.random.PCG64(_SEED)).random((2, nodes))
    x, y = chance[0].copy(), chance[1].copy()
    for group in range(len(sizes)):
        _settle_group(starts, heads, int(borders[group]), int(borders[group + 1]), x, y, rounds)
    _in_rows(borders, x, y)
    found = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    for target, values in zip(found, (x, y), strict=True):
        target[order] = np.rint(values * UNIT).astype(np.int64)
    return found


def _in_rows(borders: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
    """Moves groups into rows, the largest first, so that the whole is somewhat wider than high."""
    groups = len(borders) - 1
    wide, high = np.empty(groups), np.empty(groups)
    for group in range(groups):
        a, b = borders[group], borders[group + 1]
        x[a:b] -= x[a:b].min()
        y[a:b] -= y[a:b].min()
        wide[group], high[group] = x[a:b].max() + 1.5, y[a:b].max() + 1.5
    limit = max(float(np.sqrt((wide * high).sum() * _ASPECT)), float(wide.max()))
    left = top = row = 0.0
    for group in np.lexsort((np.arange(groups), -high)):
        if left > 0 and left + wide[group] > limit:
            left, top, row = 0.0, top + row, 0.0
        a, b = borders[group], borders[group + 1]
        x[a:b] += left
        y[a:b] += top
        left, row = left + wide[group], max(row, high[group])


@njit(nogil=True, cache=True)
def _settle_group(starts: Any, heads: Any, a: int, b: int, x: Any, y: Any, rounds: int) -> None:
    size = b - a
    if size == 1:
        x[a], y[a] = 0.0, 0.0
        return
    if size == 2:
        x[a], y[a], x[a + 1], y[a + 1] = 0.0, 0.0, 1.0, 0.0
        return
    if size > 8:
        _by_pivots(starts, heads, a, b, x, y)
    else:
        for v in range(a, b):  # a circle: small groups need no better beginning
            x[v], y[v] = np.cos(2.0 * np.pi * (v - a) / size), np.sin(2.0 * np.pi * (v - a) / size)
    steps = rounds if rounds > 0 else (160 if size <= 2_000 else 90)
    heat = max(1.0, 0.05 * np.sqrt(float(size)))
    force_x, force_y = np.zeros(size), np.zeros(size)
    for step in range(steps):
        _push(x, y, a, b, force_x, force_y)
        for v in range(a, b):
            for at in range(starts[v], starts[v + 1]):
                w = heads[at]
                across, down = x[w] - x[v], y[w] - y[v]
                length = np.sqrt(across * across + down * down)
                force_x[v - a] += across * length
                force_y[v - a] += down * length
        warmth = heat * (1.0 - step / steps) + 0.002
        for v in range(a, b):
            length = np.sqrt(force_x[v - a] ** 2 + force_y[v - a] ** 2)
            if length > 0.0:
                move = min(length, warmth) / length
                x[v] += force_x[v - a] * move
                y[v] += force_y[v - a] * move


@njit(nogil=True, cache=True)
def _by_pivots(starts: Any, heads: Any, a: int, b: int, x: Any, y: Any) -> None:
    """Places from steps to a few parties far from each other: the two directions in which those steps differ most."""
    size = b - a
    pivots = min(_PIVOTS, size)
    steps = np.zeros((size, pivots))
    nearest = np.full(size, 2**31, np.int64)
    queue, distance = np.empty(size, np.int64), np.empty(size, np.int64)
    pivot = 0
    for p in range(pivots):
        distance[:] = -1
        distance[pivot] = 0
        queue[0] = pivot
        done, filled = 0, 1
        while done < filled:
            v = queue[done]
            done += 1
            for at in range(starts[a + v], starts[a + v + 1]):
                w = heads[at] - a
                if distance[w] < 0:
                    distance[w] = distance[v] + 1
                    queue[filled] = w
                    filled += 1
        for v in range(size):
            steps[v, p] = distance[v]
            nearest[v] = min(nearest[v], distance[v])
        pivot = 0
        for v in range(size):
            if nearest[v] > nearest[pivot]:
                pivot = v
    for p in range(pivots):  # double centring of squared steps
        for v in range(size):
            steps[v, p] = -0.5 * steps[v, p] * steps[v, p]
    whole = 0.0
    of_row, of_column = np.zeros(size), np.zeros(pivots)
    for v in range(size):
        for p in range(pivots):
            of_row[v] += steps[v, p] / pivots
            of_column[p] += steps[v, p] / size
            whole += steps[v, p] / (size * pivots)
    gram = np.zeros((pivots, pivots))
    for v in range(size):
        for p in range(pivots):
            steps[v, p] -= of_row[v] + of_column[p] - whole
        for p in range(pivots):
            for q in range(pivots):
                gram[p, q] += steps[v, p] * steps[v, q]
    first = np.zeros(pivots)
    for axis in range(2):
        direction = np.empty(pivots)
        for p in range(pivots):
            direction[p] = 1.0 / (1.0 + p + axis * (p % 3))
        for _ in range(100):  # power iteration, the second away from the first
            if axis == 1:
                along = 0.0
                for p in range(pivots):
                    along += direction[p] * first[p]
                for p in range(pivots):
                    direction[p] -= along * first[p]
            following = np.zeros(pivots)
            for p in range(pivots):
                for q in range(pivots):
                    following[p] += gram[p, q] * direction[q]
            length = 0.0
            for p in range(pivots):
                length += following[p] * following[p]
            if length <= 1e-18:
                break
            for p in range(pivots):
                direction[p] = following[p] / np.sqrt(length)
        values = x if axis == 0 else y
        for p in range(pivots):
            if axis == 0:
                first[p] = direction[p]
        scale = 0.0
        along_all = np.zeros(size)
        for v in range(size):
            for p in range(pivots):
                along_all[v] += steps[v, p] * direction[p]
            scale += along_all[v] * along_all[v]
        scale = np.sqrt(scale / size)
        spread = 0.5 * np.sqrt(float(size))
        for v in range(size):  # chance keeps parties of equal steps apart
            held = along_all[v] / scale * spread if scale > 1e-9 else 0.0
            values[a + v] = held + (values[a + v] - 0.5)


@njit(nogil=True, cache=True)
def _push(x: Any, y: Any, a: int, b: int, force_x: Any, force_y: Any) -> None:
    """Adds to nothing: the push of every other party on each, 1 / distance; exact for few, by squares for many."""
    size = b - a
    if size <= 48:
        for v in range(size):
            force_x[v], force_y[v] = 0.0, 0.0
            for w in range(size):
                across, down = x[a + v] - x[a + w], y[a + v] - y[a + w]
                square = across * across + down * down
                if square > 0.0:
                    force_x[v] += across / square
                    force_y[v] += down / square
        return
    left, top = x[a], y[a]
    right, bottom = x[a], y[a]
    for v in range(a, b):
        left, right = min(left, x[v]), max(right, x[v])
        top, bottom = min(top, y[v]), max(bottom, y[v])
    side = max(right - left, bottom - top) * 1.0001 + 1e-9
    room = 8 * size + 64 * _DEEPEST
    child = np.full((room, 4), -1, np.int64)
    mass, sum_x, sum_y = np.zeros(room), np.zeros(room), np.zeros(room)
    used = 1
    for v in range(a, b):
        used = _insert(child, mass, sum_x, sum_y, used, x[v], y[v], left, top, side)
    stack, sides = np.empty(4 * _DEEPEST + 8, np.int64), np.empty(4 * _DEEPEST + 8)
    for v in range(size):
        fx, fy = 0.0, 0.0
        stack[0], sides[0] = 0, side
        held = 1
        while held > 0:
            held -= 1
            square, wide = stack[held], sides[held]
            across, down = x[a + v] - sum_x[square] / mass[square], y[a + v] - sum_y[square] / mass[square]
            far = across * across + down * down
            leaf = child[square, 0] < 0 and child[square, 1] < 0 and child[square, 2] < 0 and child[square, 3] < 0
            if leaf or wide * wide < _OPENING * _OPENING * far:
                if far > 1e-18:
                    fx += mass[square] * across / far
                    fy += mass[square] * down / far
                continue
            for quarter in range(4):
                if child[square, quarter] >= 0:
                    stack[held], sides[held] = child[square, quarter], 0.5 * wide
                    held += 1
        force_x[v], force_y[v] = fx, fy


@njit(nogil=True, cache=True)
def _insert(
    child: Any, mass: Any, sum_x: Any, sum_y: Any, used: int, x: float, y: float, left: float, top: float, side: float
) -> int:
    """Puts a party into the quadtree; returns how many squares are used. Past the deepest, parties share a square."""
    square, depth = 0, 0
    while True:
        leaf = child[square, 0] < 0 and child[square, 1] < 0 and child[square, 2] < 0 and child[square, 3] < 0
        if mass[square] == 0.0 or depth >= _DEEPEST or used + 2 > len(mass):
            mass[square] += 1.0
            sum_x[square] += x
            sum_y[square] += y
            return used
        half = 0.5 * side
        if leaf:  # who is here already moves down a step
            there_x, there_y = sum_x[square] / mass[square], sum_y[square] / mass[square]
            quarter = (1 if there_x >= left + half else 0) + (2 if there_y >= top + half else 0)
            child[square, quarter] = used
            mass[used], sum_x[used], sum_y[used] = mass[square], sum_x[square], sum_y[square]
            used += 1
        mass[square] += 1.0
        sum_x[square] += x
        sum_y[square] += y
        quarter = (1 if x >= left + half else 0) + (2 if y >= top + half else 0)
        if quarter & 1:
            left += half
        if quarter & 2:
            top += half
        if child[square, quarter] < 0:
            child[square, quarter] = used
            used += 1
        square, side, depth = child[square, quarter], half, depth + 1


def hull(points: list[tuple[int, int]]) -> list[int]:
    """Positions in `points` of the corners of the smallest convex shape around them, in order (Andrew, 1979)."""
    order = sorted(range(len(points)), key=lambda n: (points[n], n))
    distinct = [n for at, n in enumerate(order) if at == 0 or points[n] != points[order[at - 1]]]
    if len(distinct) <= 2:
        return distinct

    def half(given: list[int]) -> list[int]:
        found: list[int] = []
        for n in given:
            while len(found) >= 2 and _turns(points[found[-2]], points[found[-1]], points[n]) <= 0:
                found.pop()
            found.append(n)
        return found[:-1]

    return half(distinct) + half(distinct[::-1])


def _turns(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
