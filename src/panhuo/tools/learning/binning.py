"""Optimal bins of columns, fitted in a subprocess, and the weights of evidence they give.

Invariant: bins and weights come from the member rows of a job alone; an unknown value is a bin of its own.
Weight of evidence here is log odds of the event in the bin less log odds overall: above zero is riskier.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import panhuo
from panhuo.ground.record.errors import Unavailable
from panhuo.tools.learning.model import Feature

Floats = npt.NDArray[np.float64]
_PRIOR_ROWS = 10.0


@dataclass(frozen=True)
class Bins:
    """Bins of one column: `edges` (rising; a value falls in the first at or above it) or, for texts, `group` of each
    position; with `count` [bins + 1] rows, `events` and `woe` of each, the unknown last; `value` is the information
    value."""

    edges: tuple[float, ...]
    group: tuple[int, ...]
    count: Floats
    events: Floats
    woe: Floats
    value: float

    def place(self, values: Floats) -> npt.NDArray[np.int64]:
        """The bin of every value; the last for unknown ones."""
        last = len(self.count) - 1
        known = ~np.isnan(values)
        place = np.full(len(values), last, np.int64)
        if self.group:
            place[known] = np.array(self.group, np.int64)[values[known].astype(np.int64)]
        else:
            place[known] = np.searchsorted(np.array(self.edges), values[known], side="left")
        return place


def optimal_bins(
    rows: Floats, outcome: Floats, features: tuple[Feature, ...], members: list[npt.NDArray[np.bool_]]
) -> list[list[Bins]]:
    """Bins of every feature for each job, a job being the rows its mask names; one subprocess for all jobs.

    Raises:
        Unavailable: when optbinning is not installed or fails; says what it printed.
    """
    with tempfile.TemporaryDirectory(prefix="panhuo-binning-") as name:
        folder = Path(name)
        np.savez(folder / "input.npz", rows=rows, outcome=outcome, member=np.array(members))
        (folder / "jobs.json").write_text(json.dumps({"kinds": [feature.kind for feature in features]}), "utf-8")
        source = str(Path(panhuo.__file__).parent.parent)
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        environment["PYTHONPATH"] = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH", "")])])
        command = [sys.executable, "-m", "panhuo.tools.learning.binning_process", name]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise Unavailable(f"optimal binning failed: {said[0]}", remedy="install panhuo[learn], or --method trees")
        found = json.loads((folder / "bins.json").read_text("utf-8"))
    return [
        [
            weigh(rows[member, i], outcome[member], feature, one)
            for i, (feature, one) in enumerate(zip(features, job, strict=True))
        ]
        for member, job in zip(members, found, strict=True)
    ]


def weigh(values: Floats, outcome: Floats, feature: Feature, found: dict[str, list]) -> Bins:
    """Counts, weights of evidence (each bin's rate drawn to the overall by ten rows' worth) and information value."""
    edges: tuple[float, ...] = ()
    group: tuple[int, ...] = ()
    if feature.kind == "text":
        size = len(feature.levels) + feature.other
        groups = found["groups"] or [list(range(size))]
        of = {code: place for place, codes in enumerate(groups) for code in codes}
        # A level that training did not meet goes with the rarest ones, which optimal binning puts last.
        group = tuple(of.get(code, len(groups) - 1) for code in range(size))
        width = len(groups)
    else:
        edges = tuple(_upper(float.fromhex(edge)) for edge in found["edges"])
        width = len(edges) + 1
    blank = Bins(edges, group, np.zeros(width + 1), np.zeros(width + 1), np.zeros(width + 1), 0.0)
    place = blank.place(values)
    count = np.bincount(place, minlength=width + 1).astype(np.float64)
    events = np.bincount(place, weights=outcome, minlength=width + 1).astype(np.float64)
    overall = float(outcome.mean())
    rate = (events + _PRIOR_ROWS * overall) / (count + _PRIOR_ROWS)
    woe = np.log(rate / (1.0 - rate)) - np.log(overall / (1.0 - overall))
    share_event = events / max(events.sum(), 1.0)
    share_other = (count - events) / max((count - events).sum(), 1.0)
    return Bins(edges, group, count, events, woe, float(((share_event - share_other) * woe).sum()))


def _upper(edge: float) -> float:
    # Optimal binning closes bins on the left ([a, b)); ours close on the right, so the edge moves down one float.
    return float(np.nextafter(edge, -np.inf))
