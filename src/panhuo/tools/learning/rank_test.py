"""How probabilities rank rows whose outcome is known, on rows nothing was fitted to: AUC with its interval, KS, Brier.

Invariant: outcomes are read for the test alone; rows whose outcome is not known are left out and counted.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.tools.learning import measures, table
from panhuo.tools.learning.population import read_outcome


@dataclass(frozen=True)
class RankTest:
    """`rows` compared, `events` among them, `unknown` rows without an outcome; `auc` with its 95 % interval (DeLong),
    `ks`, `brier`; `event` is the value that counts as one."""

    rows: int
    events: int
    unknown: int
    event: str
    auc: float
    auc_low: float
    auc_high: float
    ks: float
    brier: float

    def as_json(self) -> dict[str, Any]:
        """The same by name."""
        return asdict(self)


def rank_test(probability: npt.NDArray[np.float64], outcome: npt.NDArray[np.float64], event: str = "1") -> RankTest:
    """The test of probabilities [n] (0-1, of the event) against outcomes [n] (1 the event, 0 not, NaN unknown).

    Raises:
        InvalidInput: when no outcome is known, or all are of one kind.
    """
    known = ~np.isnan(outcome)
    if not known.any():
        raise InvalidInput("no scored row has a known outcome", where="outcomes", remedy="give rows with an outcome")
    seen, predicted = outcome[known], probability[known]
    found = measures.auc(seen, predicted)
    return RankTest(
        rows=int(known.sum()),
        events=int(seen.sum()),
        unknown=int((~known).sum()),
        event=event,
        auc=found.value,
        auc_low=found.low,
        auc_high=found.high,
        ks=measures.kolmogorov_smirnov(seen, predicted),
        brier=measures.brier(seen, predicted),
    )


def rank_test_of_table(
    scored: pa.Table, answers: pa.Table, target: str, event: str | None = None, *, by_row: bool = False
) -> RankTest:
    """The test of a scored table (its id first, then ``probability``) against the column `target` of `answers`.

    Args:
        answers: one row an id, or, with `by_row`, the very rows that were scored.
        event: the value that counts as the event; the larger of two numbers when None.

    Raises:
        NotFound: when `answers` lack the column or the id.
        InvalidInput: when an id stands twice among the answers, a text has no named event, or nothing can be compared.
    """
    outcome, name, _ = read_outcome(answers, target, event)
    probability = np.asarray(scored.column("probability").to_numpy(zero_copy_only=False), np.float64)
    if by_row:
        return rank_test(probability, outcome, name)
    key = scored.column_names[0]
    if key not in answers.column_names:
        raise NotFound(
            f"the answers have no column {key}", where=key, remedy=f"name the id of the scored rows {key} in both"
        )
    ids = table.texts(table.column(answers, key))
    place: dict[str | None, int] = {}
    for row, one in enumerate(ids):
        if one is not None and one in place:
            raise InvalidInput(
                f"the id {one} stands twice among the answers", where=f"row {row + 1}", remedy="keep one"
            )
        place[one] = row
    at = [place.get(one, -1) if one is not None else -1 for one in table.texts(table.column(scored, key))]
    taken = np.array([np.nan if row < 0 else outcome[row] for row in at], np.float64)
    return rank_test(probability, taken, name)
