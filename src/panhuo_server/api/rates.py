"""How often a caller may ask: a bucket for each token, session and failing address.

Invariant: a process answers at most `BURST` requests of one caller at once and `PER_SECOND` a second after that; with
N web processes the server's bound is N times that. Nothing of it is stored.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict

from panhuo.ground.record.errors import Unavailable

PER_SECOND = 50.0
BURST = 200.0
"""For each token or session, in each web process."""
FAILING_PER_SECOND = 1.0
FAILING_BURST = 60.0
"""For each address that sends credentials that are none."""
_MOST = 20_000
_LOCK = threading.Lock()


class Buckets:
    """One bucket a caller; those not seen longest are forgotten, which only fills them."""

    def __init__(self, per_second: float, burst: float) -> None:
        self.per_second, self.burst = per_second, burst
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, caller: str, now: float | None = None) -> int:
        """Takes one from the caller's bucket; 0 when there was one, else the seconds until there is."""
        moment = time.monotonic() if now is None else now
        with _LOCK:
            left, at = self._held.pop(caller, (self.burst, moment))
            left = min(self.burst, left + (moment - at) * self.per_second)
            waits = 0 if left >= 1 else max(1, math.ceil((1 - left) / self.per_second))
            self._held[caller] = (left - 1 if left >= 1 else left, moment)
            if len(self._held) > _MOST:
                self._held.popitem(last=False)
        return waits

    def take(self, caller: str) -> None:
        """Goes on only when the caller's bucket holds something.

        Raises:
            Unavailable: when it is empty; ``where`` says for how many seconds.
        """
        seconds = self.wait(caller)
        if seconds:
            raise Unavailable(
                "too many requests",
                where=f"wait {seconds} seconds",
                remedy="ask more slowly",
                code="unavailable/too-many-requests",
            )


CALLERS = Buckets(PER_SECOND, BURST)
FAILING = Buckets(FAILING_PER_SECOND, FAILING_BURST)
