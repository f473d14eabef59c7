"""Optimal binning as a process of its own: it imports optbinning, and with it solvers that must not live beside ours.

Invariant: run as ``python -m``, never imported by scoring; one worker, a fixed seed, no limit of time, so that the same
input gives the same bins.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np


def bin_column(values: Any, outcome: Any, kind: str) -> dict[str, Any]:
    """Bins of one column's known values: ``edges`` (hexadecimal, rising) or ``groups`` (lists of codes)."""
    from optbinning import OptimalBinning

    text = kind == "text"
    fitted = OptimalBinning(
        dtype="categorical" if text else "numerical",
        solver="cp",
        monotonic_trend="auto",
        max_n_prebins=20,
        min_prebin_size=0.05,
        max_n_bins=8,
        cat_cutoff=0.01 if text else None,
        time_limit=10**6,
    )
    fitted.fit(np.array([str(int(v)) for v in values], object) if text else values, outcome)
    if text:
        return {"groups": [sorted(int(code) for code in group) for group in fitted.splits]}
    return {"edges": [float(edge).hex() for edge in fitted.splits]}


def main(folder: Path) -> None:
    """Reads ``input.npz`` and ``jobs.json`` in `folder`, writes ``bins.json``: a list a job of bins a column."""
    warnings.filterwarnings("ignore")
    stored = np.load(folder / "input.npz")
    rows, outcome, member = stored["rows"], stored["outcome"], stored["member"]
    kinds = json.loads((folder / "jobs.json").read_text(encoding="utf-8"))["kinds"]
    found = []
    for job in range(member.shape[0]):
        bins: list[dict[str, Any]] = []
        for column, kind in enumerate(kinds):
            values = rows[member[job], column]
            known = ~np.isnan(values)
            own = outcome[member[job]][known]
            if known.sum() < 20 or own.min() == own.max() or len(np.unique(values[known])) < 2:
                bins.append({"groups": []} if kind == "text" else {"edges": []})
            else:
                bins.append(bin_column(values[known], own.astype(np.int64), kind))
        found.append(bins)
    (folder / "bins.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
