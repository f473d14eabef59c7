"""How a model treats groups of people: approval, ranking and truth by group, for columns that name such groups.

Invariant: a group is judged on out-of-sample probabilities at one declared cut. The 0.8 line on approval ratios is an
internal policy, not law (no statutory fairness measure or threshold exists).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from panhuo.tools.learning import measures, table

Floats = npt.NDArray[np.float64]
POLICY_RATIO = 0.8
_LEAST_ROWS = 30
_TOKENS = {
    "sex", "gender", "male", "female", "age", "birth", "birthdate", "race", "ethnic", "ethnicity", "afam", "black",
    "hispanic", "minority", "marriage", "married", "marital", "single", "divorced", "region", "state", "province",
    "city", "nation", "nationality", "foreign", "religion", "disability", "disabled", "personal", "urban", "rural",
}  # fmt: skip
_CHINESE = re.compile("性别|年龄|民族|种族|婚|地区|区域|省|城市|籍|户口|残疾|宗教|城乡")


@dataclass(frozen=True)
class GroupFigures:
    """One group: rows, share approved, that share over the most approved group's, AUC inside (None when one class is
    too rare), mean prediction, observed rate, and the share approved of those without the event."""

    group: str
    rows: int
    approval: float
    ratio: float
    auc: float | None
    predicted: float
    observed: float
    approved_of_good: float | None

    @property
    def below_policy(self) -> bool:
        """Whether its approval ratio is under the policy line."""
        return self.ratio < POLICY_RATIO


@dataclass(frozen=True)
class ColumnFairness:
    """The groups of one column, and whether the model reads that column itself."""

    column: str
    used: bool
    groups: tuple[GroupFigures, ...]

    @property
    def lowest_ratio(self) -> float:
        """The least approval ratio among its groups."""
        return min(group.ratio for group in self.groups)


def names_a_group(column: str) -> bool:
    """Whether a column's name looks like sex, age, race, family status, origin or region."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", column)
    return bool(_CHINESE.search(column)) or any(w.lower() in _TOKENS for w in re.split(r"[^A-Za-z]+", spaced) if w)


def approval_cut(probability: Floats, outcome: Floats) -> float:
    """The probability at or below which as many are approved as had no event: the cut a card is read at."""
    return float(np.quantile(probability, 1.0 - float(outcome.mean())))


def group_figures(
    data: pa.Table, outcome: Floats, probability: Floats, used: set[str], skip: set[str]
) -> list[ColumnFairness]:
    """Fairness by every column of `data` (the judged rows, in their order) whose name looks like a group."""
    approved = probability <= approval_cut(probability, outcome)
    found = []
    for name in data.column_names:
        if name in skip or not names_a_group(name):
            continue
        groups = _groups(table.column(data, name))
        figures = [
            _figures(group, own, outcome, probability, approved) for group, own in groups if own.sum() >= _LEAST_ROWS
        ]
        if len(figures) < 2:
            continue
        most = max(f.approval for f in figures) or 1.0
        ratios = [
            GroupFigures(
                f.group, f.rows, f.approval, f.approval / most, f.auc, f.predicted, f.observed, f.approved_of_good
            )
            for f in figures
        ]
        found.append(ColumnFairness(name, name in used, tuple(ratios)))
    return found


def _groups(cells: pa.Array) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    values, place = table.distinct_texts(cells)
    if len(values) > 12 and not table.is_text(cells.type):
        numbers = table.numbers(cells)
        known = numbers[~np.isnan(numbers)]
        if not len(known):
            return []
        edges = [-np.inf, *np.unique(np.quantile(known, [0.25, 0.5, 0.75])).tolist(), np.inf]
        return [(_range(low, high), (numbers > low) & (numbers <= high)) for low, high in pairwise(edges)]
    count = np.bincount(place, minlength=len(values))
    order = sorted(range(len(values)), key=lambda i: (-int(count[i]), str(values[i])))[:12]
    return [(str(values[i]) if values[i] is not None else "?", place == i) for i in order]


def _range(low: float, high: float) -> str:
    if np.isinf(low):
        return f"<= {table.show(high)}"
    return f"> {table.show(low)}" if np.isinf(high) else f"{table.show(low)} < x <= {table.show(high)}"


def _figures(
    group: str, own: npt.NDArray[np.bool_], outcome: Floats, probability: Floats, approved: npt.NDArray[np.bool_]
) -> GroupFigures:
    events = outcome[own].sum()
    good = own & (outcome < 0.5)
    both = min(events, own.sum() - events) >= 10
    return GroupFigures(
        group,
        int(own.sum()),
        float(approved[own].mean()),
        1.0,
        measures.auc(outcome[own], probability[own]).value if both else None,
        float(probability[own].mean()),
        float(outcome[own].mean()),
        float(approved[good].mean()) if good.sum() >= _LEAST_ROWS else None,
    )
