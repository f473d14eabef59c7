"""Which rows teach and which judge: out of time where there is a time, else stratified folds.

Invariant: rows of one group (one id, or copies of each other) never stand on both sides; a split depends on the
outcome, the groups, the times and a fixed seed alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panhuo.ground.record.errors import InvalidInput

Floats = npt.NDArray[np.float64]
SEED = 20260101
_LEAST_EVENTS = 10


def stratified_folds(outcome: Floats, group: npt.NDArray[np.int64], folds: int = 5) -> npt.NDArray[np.int64]:
    """The fold (0 .. folds - 1) of every row: groups shuffled with a fixed seed, those with an event dealt first.

    Raises:
        InvalidInput: when a class has fewer groups than there are folds.
    """
    _, place = np.unique(group, return_inverse=True)
    eventful = np.bincount(place, weights=outcome) > 0
    order = np.random.default_rng(SEED).permutation(len(eventful))
    fold_of_group = np.empty(len(eventful), np.int64)
    at = 0
    for part in (True, False):
        own = order[eventful[order] == part]
        if len(own) < folds:
            raise InvalidInput(
                f"only {len(own)} rows {'with' if part else 'without'} the event: too few for {folds} folds",
                remedy="give more rows",
            )
        fold_of_group[own] = (np.arange(len(own)) + at) % folds
        at += len(own)
    return fold_of_group[place]


def latest_part(outcome: Floats, time: Floats, share: float = 0.25) -> tuple[npt.NDArray[np.bool_], float]:
    """Rows that judge (the latest, at least about `share` of those with a known time) and the first time among them.

    Rows of one time stay together; rows of unknown time teach.

    Raises:
        InvalidInput: when no cut leaves both classes on both sides.
    """
    known = ~np.isnan(time)
    times = np.unique(time[known])
    cuts = sorted(times[1:], key=lambda t: (abs(float((time[known] >= t).mean()) - share), -t))
    for cut in cuts[:50]:
        late = known & (time >= cut)
        events = (float(outcome[late].sum()), float(outcome[~late].sum()))
        others = (late.sum() - events[0], (~late).sum() - events[1])
        if min(*events, *others) >= _LEAST_EVENTS:
            return late, float(cut)
    raise InvalidInput(
        "no cut in time leaves both outcomes before and after it", where="--time", remedy="train without --time"
    )
