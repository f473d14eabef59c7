"""Columns that know the outcome before it happened: found by what they say alone, when they were filled, and how.

Invariant: a warning names its column and the numbers behind it in both languages. *Sure* means the evidence leaves no
innocent reading (a copy of the outcome, a cell filled only after it, a value rewritten by it, a date after the
decision); such columns are kept out of the fit. Everything else is a question to the reader and stays in.

A column that alone ranks well is no leak in itself: on published credit sets single columns reach 0.86.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panhuo.tools.learning import boosting, table
from panhuo.tools.learning.folds import SEED, stratified_folds
from panhuo.tools.learning.measures import auc, auc_difference
from panhuo.tools.learning.model import Feature
from panhuo.tools.learning.population import Population

Floats = npt.NDArray[np.float64]

COPY_AUC = 0.985
_STRONG_AUC = 0.80
_BINS = 64
_AFTER_NAME = re.compile(
    r"charge.?off|chg.?off|write.?off|written.?off|default.?date|date.?default|recover(y|ies)|last.?pay|paid.?total|"
    r"total.?pa?y(men)?t|out.?prncp|settle(d|ment)|loss.?amount|lgd|collection.?date|foreclos|"
    r"核销|违约日|违约金额|回收|追偿|清收|处置|损失金额|结清",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Leak:
    """One warning: `column` (``(rows)`` when it is about rows), `kind`, whether it is `sure`, the column's AUC alone,
    and why, in English and Chinese."""

    column: str
    kind: str
    sure: bool
    alone: float
    why: str
    why_zh: str


def alone_scores(values: Floats, kind: str, outcome: Floats, half: npt.NDArray[np.bool_]) -> Floats:
    """What one column says by itself: event rates of its 64 bins (a text's levels; unknown a bin of its own), learnt on
    one half of the rows and given to the other."""
    known = ~np.isnan(values)
    place = np.zeros(len(values), np.int64)
    if kind == "text":
        place[known] = values[known].astype(np.int64) + 1
    elif known.any():
        edges = np.unique(np.quantile(values[known], np.linspace(0, 1, _BINS + 1)[1:-1]))
        common, count = np.unique(values[known], return_counts=True)
        heaps = common[count >= 0.01 * len(values)]
        edges = np.unique(np.concatenate([edges, heaps, np.nextafter(heaps, -np.inf)]))
        place[known] = np.searchsorted(edges, values[known], side="left") + 1
    width = int(place.max()) + 1
    found = np.empty(len(values))
    for learn in (half, ~half):
        rate = float(outcome[learn].mean())
        count = np.bincount(place[learn], minlength=width)
        events = np.bincount(place[learn], weights=outcome[learn], minlength=width)
        found[~learn] = ((events + 10.0 * rate) / (count + 10.0))[place[~learn]]
    return found


def alone_auc(values: Floats, kind: str, outcome: Floats, half: npt.NDArray[np.bool_]) -> float:
    """AUC of `alone_scores`, the two halves judged apart and averaged."""
    said = alone_scores(values, kind, outcome, half)
    return 0.5 * (auc(outcome[half], said[half]).value + auc(outcome[~half], said[~half]).value)


def find_leaks(people: Population) -> tuple[list[Leak], dict[str, float]]:
    """All warnings about `people`, the surest first, and every feature's AUC alone."""
    outcome = people.outcome
    half = stratified_folds(outcome, people.group, 2) == 0
    alone = {
        feature.name: alone_auc(people.rows[:, i], feature.kind, outcome, half)
        for i, feature in enumerate(people.features)
    }
    leaks: list[Leak] = []
    for i, feature in enumerate(people.features):
        found = _look_at(people, feature, people.rows[:, i], alone[feature.name])
        if found:
            leaks.append(found)
    sure = {leak.column for leak in leaks if leak.sure}
    leaks += _stronger_than_all(people.without(sure), alone, half, {leak.column for leak in leaks})
    if people.copies > max(20, 0.01 * len(outcome)):
        leaks.append(_copies(people))
    leaks.sort(key=lambda leak: (not leak.sure, -leak.alone, leak.column))
    return leaks, alone


def _look_at(people: Population, feature: Feature, values: Floats, alone: float) -> Leak | None:
    outcome = people.outcome
    event = outcome > 0.5
    known = ~np.isnan(values)
    filled_event, filled_other = float(known[event].mean()), float(known[~event].mean())
    said, said_zh = f"alone it ranks with AUC {alone:.3f}", f"单独排序 AUC {alone:.3f}"
    shares = f"filled in {filled_event:.1%} of the events and {filled_other:.1%} of the others"
    shares_zh = f"有该事件的行 {filled_event:.1%} 有值，其余 {filled_other:.1%} 有值"
    if min(filled_event, filled_other) < 0.1 and max(filled_event, filled_other) > 0.9:
        why = f"filled in after the outcome: {shares}; {said}"
        return Leak(feature.name, "after the outcome", True, alone, why, f"结果发生之后才填写：{shares_zh}；{said_zh}")
    if alone >= COPY_AUC:
        why = f"all but a copy of the outcome: {said}"
        return Leak(feature.name, "copy of the target", True, alone, why, f"几乎是结果的翻版：{said_zh}")
    if feature.kind == "date" and feature.since:
        late = float((values[known] > 0).mean()) if known.any() else 0.0
        if late >= 0.5:
            why = f"later than {feature.since} in {late:.1%} of the rows: not known on that day; {said}"
            why_zh = f"{late:.1%} 的行晚于 {feature.since}，当日尚不可知；{said_zh}"
            return Leak(feature.name, "later than the time", True, alone, why, why_zh)
    if feature.kind != "text":
        if rewritten := _rewritten(values[event & known], values[~event & known]):
            usual, in_event, in_other = rewritten
            shown = ", ".join(table.show(v) for v in usual[:5])
            if alone >= 0.65:
                why = (
                    f"its usual values ({shown}, ...) stand in {in_other:.1%} of the rows without the event and "
                    f"{in_event:.1%} of those with it: it looks rewritten by the outcome; {said}"
                )
                why_zh = (
                    f"常见取值（{shown} 等）在无该事件的行中占 {in_other:.1%}，在有该事件的行中占 {in_event:.1%}："
                    f"像是被结果改写过；{said_zh}"
                )
                return Leak(feature.name, "fixed after the outcome", alone >= 0.75, alone, why, why_zh)
        filled = _class_fill(values, event)
        if filled:
            return Leak(feature.name, "class-conditional imputation", filled[0], alone, filled[1], filled[2])
    empty = int((~known).sum())
    if empty >= 30 and (filled_event == 1.0 or filled_other == 1.0):
        missing_class = ~event if filled_event == 1.0 else event
        share = float(missing_class.mean())
        if empty * math.log(max(share, 1e-12)) < math.log(1e-9):
            why = f"unknown in one class only: {shares} ({empty} rows); it may have been filled by outcome; {said}"
            why_zh = f"只在一类中缺失：{shares_zh}（{empty} 行），可能按结果填补；{said_zh}"
            return Leak(feature.name, "class-conditional imputation", False, alone, why, why_zh)
    if alone >= 0.6 and _AFTER_NAME.search(feature.name):
        why = f"its name says it is known only after the outcome; {said}"
        return Leak(feature.name, "name", False, alone, why, f"从名称看，结果发生之后才可知；{said_zh}")
    return None


def _rewritten(event: Floats, other: Floats) -> tuple[list[float], float, float] | None:
    # The ten usual values of the class without the event, the commonest apart (a plain zero may well depend on class).
    values, count = np.unique(other, return_counts=True)
    if len(values) < 20 or len(event) < 100 or len(other) < 100:
        return None
    order = np.argsort(-count, kind="stable")
    first, usual = values[order[0]], values[order[1:11]]
    rest_event, rest_other = event[event != first], other[other != first]
    if len(rest_event) < 50 or len(rest_other) < 50:
        return None
    in_event, in_other = float(np.isin(rest_event, usual).mean()), float(np.isin(rest_other, usual).mean())
    if in_other - in_event < 0.4:
        return None
    everyone = values[order[:10]]
    shares = float(np.isin(event, everyone).mean()), float(np.isin(other, everyone).mean())
    return [float(v) for v in everyone], *shares


def _class_fill(values: Floats, event: npt.NDArray[np.bool_]) -> tuple[bool, str, str] | None:
    # One value, met far too often for a fine-grained column, and in one class only.
    known = ~np.isnan(values)
    found, place, count = np.unique(values[known], return_inverse=True, return_counts=True)
    if len(found) < 50 or len(found) < 0.02 * known.sum():
        return None
    events = np.bincount(place, weights=event[known].astype(np.float64))
    typical = float(np.quantile(count, 0.9))
    share = float(event[known].mean())
    suspects = []
    for i in np.argsort(-count, kind="stable")[:5]:
        rows, hits = int(count[i]), int(events[i])
        if rows < max(20.0, 0.005 * known.sum(), 10.0 * typical) or hits not in (0, rows):
            continue
        chance = rows * math.log(share if hits else 1.0 - share)
        of_class = values[known & (event if hits else ~event)]
        middle = of_class[of_class != found[i]]
        spread = float(middle.std()) or 1.0
        centre = min(abs(float(middle.mean()) - found[i]), abs(float(np.median(middle)) - found[i])) < 0.01 * spread
        if chance < math.log(1e-9) or (centre and chance < math.log(1e-3)):
            suspects.append((float(found[i]), rows, hits > 0))
    if not suspects:
        return None
    sure = len({with_event for _, _, with_event in suspects}) == 2
    shown = "; ".join(f"{table.show(v)} in {n} rows, {'all' if e else 'none'} with the event" for v, n, e in suspects)
    shown_zh = "；".join(f"{table.show(v)} 出现 {n} 行，{'全部有' if e else '全部无'}该事件" for v, n, e in suspects)
    return sure, f"a value filled in by outcome: {shown}", f"缺失值似乎按结果填补：{shown_zh}"


def _quick_margins(people: Population, columns: list[int]) -> Floats:
    features = tuple(people.features[i] for i in columns)
    fold = stratified_folds(people.outcome, people.group, 3)
    margin = np.empty(len(people.outcome))
    rows = people.rows[:, columns]
    for k in range(3):
        learn = fold != k
        booster = boosting.fit_booster(rows[learn], people.outcome[learn], features, boosting.SHAPES[1], 60)
        margin[~learn] = booster.predict(rows[~learn], num_threads=1)
    return margin


def _stronger_than_all(
    people: Population, alone: dict[str, float], half: npt.NDArray[np.bool_], named: set[str]
) -> list[Leak]:
    # A column that alone beats all the others together, by more than chance and by five points of AUC.
    found = []
    names = [feature.name for feature in people.features]
    strong = sorted((n for n in names if alone[n] >= _STRONG_AUC and n not in named), key=lambda n: (-alone[n], n))
    for name in strong[:3]:
        others = [i for i, other in enumerate(names) if other != name]
        if len(others) < 3:
            continue
        place = names.index(name)
        by_itself = alone_scores(people.rows[:, place], people.features[place].kind, people.outcome, half)
        together = _quick_margins(people, others)
        gain, error = auc_difference(people.outcome, by_itself, together)
        if gain > 0.05 and gain > 2 * error:
            rest = auc(people.outcome, together).value
            why = (
                f"alone it ranks with AUC {alone[name]:.3f}, all {len(others)} other columns together with {rest:.3f}: "
                "make sure it was known on the day of decision"
            )
            why_zh = (
                f"单独排序 AUC {alone[name]:.3f}，其余 {len(others)} 列合起来只有 {rest:.3f}：请核实决策当日是否已知"
            )
            found.append(Leak(name, "too good alone", False, alone[name], why, why_zh))
    return found


def _copies(people: Population) -> Leak:
    share = people.copies / len(people.outcome)
    why = (
        f"{people.copies} rows ({share:.1%}) equal an earlier row in every column: between folds they would be learnt "
        "by heart; each set of copies is kept in one fold"
    )
    why_zh = f"{people.copies} 行（{share:.1%}）与更早的行逐列相同：跨折即等于背题；同一组副本只放在同一折"
    return Leak("(rows)", "duplicates across folds", False, 0.5, why, why_zh)


__all__ = ["Leak", "SEED", "alone_auc", "alone_scores", "find_leaks"]
