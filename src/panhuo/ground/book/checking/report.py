"""What a check finds, and how it is told.

Invariant: a finding names table, row, column, value, reason and remedy; personal values are masked; counts are of all
rows concerned even where only the first are listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from panhuo.ground.book.reading.problems import Reason

Severity = Literal["error", "warning", "note"]


def mask(value: str) -> str:
    """First and last character of a personal value, the rest starred (domain rules 7.4, external form)."""
    if len(value) <= 1:
        return "*"
    return value[0] + "*" * (len(value) - 1) if len(value) < 4 else value[0] + "*" * (len(value) - 2) + value[-1]


@dataclass(frozen=True)
class Finding:
    """One kind of fault in one column: how many rows have it, and the first of them.

    Attributes:
        rows: (row id, value as shown), in id order.
        severity: ``error`` (it cannot be right), ``warning`` (it is probably wrong), ``note`` (worth knowing).
    """

    table: str
    column: str
    reason: Reason
    severity: Severity
    count: int
    org: str
    rows: tuple[tuple[str, str], ...]

    def as_json(self) -> list[dict[str, Any]]:
        """One object a listed row."""
        return [
            {
                "table": self.table,
                "org": self.org,
                "row": key,
                "column": self.column,
                "value": value,
                "reason": self.reason.en,
                "reason_zh": self.reason.zh,
                "remedy": self.reason.remedy_en,
                "remedy_zh": self.reason.remedy_zh,
                "severity": self.severity,
                "code": self.reason.code,
                "count": self.count,
            }
            for key, value in self.rows
        ]


def shown(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass
class Findings:
    """Collects findings of one organisation after another; `limit` rows of each are listed (0 lists all)."""

    limit: int = 20
    org: str = ""
    found: list[Finding] = field(default_factory=list)

    def add(
        self,
        table: str,
        column: str,
        rows: pa.Table,
        where: np.ndarray,
        reason: Reason,
        severity: Severity = "error",
        *,
        values: Sequence[Any] | pa.Array | None = None,
        personal: bool = False,
    ) -> None:
        """Adds the rows of `rows` at `where` (a mask or positions); `values` stand for the column's own if given."""
        places = np.flatnonzero(where) if where.dtype == np.bool_ else where
        if not len(places):
            return
        keys = rows.column("id").take(pa.array(places)).to_pylist()
        order = sorted(range(len(places)), key=lambda i: (keys[i] is not None, keys[i], int(places[i])))
        if self.limit:
            order = order[: self.limit]
        if values is not None:
            texts = [shown(v.as_py() if isinstance(v, pa.Scalar) else v) for v in (values[i] for i in order)]
        elif column in rows.column_names:
            texts = [shown(rows.column(column)[int(places[i])].as_py()) for i in order]
        else:
            texts = [""] * len(order)
        if personal:
            texts = [mask(t) if t else t for t in texts]
        listed = tuple((str(keys[i]), text) for i, text in zip(order, texts, strict=True))
        self.found.append(Finding(table, column, reason, severity, len(places), self.org, listed))


@dataclass(frozen=True)
class Check:
    """The outcome of a check.

    Attributes:
        tables: name -> ``{"rows", "columns": {name: {"known", "distinct", ...}}}``.
        findings: in table order.
    """

    as_of: date
    tables: dict[str, dict[str, Any]]
    findings: list[Finding]

    def as_json(self) -> dict[str, Any]:
        """The object ``panhuo check --json`` prints."""
        counts: dict[str, int] = {}
        severities = {"error": 0, "warning": 0, "note": 0}
        for finding in self.findings:
            counts[finding.reason.code] = counts.get(finding.reason.code, 0) + finding.count
            severities[finding.severity] += finding.count
        return {
            "as_of": self.as_of.isoformat(),
            "tables": self.tables,
            "problems": [row for finding in self.findings for row in finding.as_json()],
            "counts": dict(sorted(counts.items())),
            "severities": severities,
        }
