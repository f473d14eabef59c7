"""What is observed from outside a contract: market data and events that no schedule foresees.

Invariant: contracts see the outside only through this object, given with the case; nothing is fetched. A market
object's value holds from its time until the next observation.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.tools.finance.schedule_times import format_moment, parse_moment
from panhuo.tools.finance.stated_contract import read_number


@dataclass(frozen=True)
class ObservedEvent:
    """An event as observed: prepayment, drawing, call, credit event."""

    time: int
    event_type: str
    value: Fraction
    contract_id: str
    performance: str | None


class Observations:
    """Market objects by code and observed events, as a case states them (``dataObserved``, ``eventsObserved``)."""

    def __init__(self, data: dict[str, Any] | None = None, events: list[dict[str, Any]] | None = None) -> None:
        self._series: dict[str, tuple[list[int], list[Fraction]]] = {}
        for code, series in (data or {}).items():
            try:
                points = sorted((parse_moment(p["timestamp"]), read_number(p["value"])) for p in series["data"])
            except (KeyError, TypeError, ValueError) as wrong:
                raise InvalidInput(
                    f"the series {code} cannot be read: {wrong}",
                    where=f"dataObserved.{code}",
                    remedy='write {"identifier": code, "data": [{"timestamp": "YYYY-MM-DD", "value": number}]}',
                ) from wrong
            self._series[code] = ([time for time, _ in points], [value for _, value in points])
        self.events = tuple(sorted((_event(one, at) for at, one in enumerate(events or [])), key=lambda e: e.time))

    def value(self, code: str | None, time: int) -> Fraction:
        """O^rf(code, time): the last value observed by then; before the first observation the first one.

        Raises:
            NotFound: no value of that code was given.
        """
        times, values = self._series.get(code or "", ([], []))
        if not times:
            raise NotFound(
                f"no market data for {code!r} at {format_moment(time)}",
                where="dataObserved",
                remedy="give the market object's values with the case",
            )
        return values[max(bisect_right(times, time) - 1, 0)]

    def knows(self, code: str | None) -> bool:
        """Whether any value of that code was given."""
        return bool(self._series.get(code or "", ([], []))[0])

    def events_of(self, event_type: str, contract_id: str) -> tuple[ObservedEvent, ...]:
        """O^ev: events of a type that name this contract or none."""
        return tuple(
            event for event in self.events
            if event.event_type == event_type and event.contract_id in ("", contract_id)
        )  # fmt: skip


def _event(stated: dict[str, Any], position: int) -> ObservedEvent:
    try:
        states = stated.get("states") or {}
        performance = states.get("contractPerformance")
        return ObservedEvent(
            parse_moment(str(stated["time"])),
            str(stated["type"]).strip().upper(),
            read_number(stated.get("value") or 0),
            str(stated.get("contractId") or stated.get("contractID") or ""),
            str(performance).strip().upper() if performance else None,
        )
    except (KeyError, ValueError, AttributeError) as wrong:
        raise InvalidInput(
            f"an observed event cannot be read: {wrong}",
            where=f"eventsObserved[{position}]",
            remedy='write {"time": moment, "type": code, "value": number}',
        ) from wrong
