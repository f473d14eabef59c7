"""After a suit against a joint guarantor ends, two years to enforce run beside three of limitation: the sooner shows.

Civil Code arts. 188, 195, 694; Civil Procedure Law (2023) art. 250.
"""

from __future__ import annotations

from datetime import date

from panhuo.stages.recovery.deadlines import lives
from panhuo.stages.recovery.rights import Right
from panhuo.tools.finance.guarantee import Guarantee
from panhuo.tools.finance.limitation import Event, number_of


def test_the_sooner_of_limitation_and_enforcement_is_shown() -> None:
    due, demand = date(2023, 3, 1), date(2023, 4, 3)
    suit = Event("suit", number_of(date(2023, 5, 8)), None, number_of(date(2024, 5, 15)))
    guarantee = Guarantee(
        kind="joint",
        period_kind="agreed",
        signed=number_of(date(2022, 3, 1)),
        due=number_of(due),
        agreed_to=number_of(date(2026, 3, 1)),
        demands=(number_of(demand),),
    )
    right = Right("guarantee_period", "G1", "C1", "P1", number_of(due), 100, (suit,), guarantee)
    period, limitation = lives(right, date(2025, 6, 30))
    assert period["kept"] is True
    assert limitation["kind"] == "guarantee_limitation"
    # Two years from 2024-05-15, not three; 2026-05-15 is a Friday.
    assert limitation["last"] == date(2026, 5, 15)
