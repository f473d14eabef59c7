"""Until when a seizure stands and whose is the first: days worked by hand from 民诉法解释 485."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from panhuo.tools.finance.limitation import date_of, number_of
from panhuo.tools.finance.seizure import seized_first_by_us, seizure_last_day, seizure_term

AS_OF = date(2026, 2, 5)


@pytest.mark.parametrize(
    ("kind", "since", "stated", "renewals", "ours", "last"),
    [
        ("home", "2023-03-10", None, 0, True, "2026-03-10"),
        ("vehicle", "2023-03-10", None, 0, True, "2025-03-10"),
        ("deposit", "2023-03-10", None, 0, True, "2024-03-10"),
        ("equity", "2023-03-10", None, 0, True, "2026-03-10"),
        (None, "2023-03-10", None, 0, True, "2024-03-10"),  # of an unknown kind: the shortest
        ("home", "2023-03-10", "2026-03-01", 0, True, "2026-03-01"),
        ("home", "2023-03-10", "2027-03-01", 0, True, "2026-03-10"),  # never past the legal term
        ("home", "2020-03-10", "2026-03-10", 1, True, "2026-03-10"),  # one renewal adds at most another three years
        ("home", "2020-03-10", None, 1, True, "2023-03-10"),  # no renewal is counted on where no day is stated
        ("home", "2020-03-10", None, 1, False, "2026-03-10"),  # another's may still stand
        ("home", "2023-03-10", "2027-03-01", 0, False, "2027-03-01"),  # perhaps renewed
    ],
)
def test_last_days(
    kind: str | None, since: str, stated: str | None, renewals: int, ours: bool, last: str
) -> None:  # fmt: skip
    told = None if stated is None else number_of(date.fromisoformat(stated))
    since_day = number_of(date.fromisoformat(since))
    found = seizure_last_day(since_day, told, renewals, seizure_term(kind), AS_OF, ours=ours)
    assert date_of(found) == date.fromisoformat(last)


def seizure(kind: str, ours: bool | None, order: int | None = None, **columns: Any) -> dict[str, Any]:
    given = {"from_on": date(2024, 7, 1), "expires_on": None, "renewals": None, "released_on": None}
    return {"kind": kind, "ours": ours, "seizure_order": order, **given, **columns}


OVER = {"expires_on": date(2026, 2, 4)}


@pytest.mark.parametrize(
    ("seizures", "first"),
    [
        ([], None),
        ([seizure("first", True)], True),
        ([seizure("first", False), seizure("waiting", True, 2)], False),
        ([seizure("first", None), seizure("waiting", True, 2)], False),  # whose it is, is not known: not ours
        ([seizure("first", False, 1, **OVER)], None),  # expired, and nobody else's stands
        ([seizure("first", False, 1, **OVER), seizure("waiting", True, 2)], True),
        ([seizure("first", False, 1, expires_on=AS_OF), seizure("waiting", True, 2)], False),  # its last day is today
        ([seizure("first", False, 1, released_on=AS_OF), seizure("waiting", True, 2)], True),
        ([seizure("first", False, 1, released_on=date(2026, 2, 6)), seizure("waiting", True, 2)], False),
        ([seizure("first", False, 1, **OVER), seizure("waiting", False, 2), seizure("waiting", True, 3)], False),
        ([seizure("first", False, 1, **OVER), seizure("waiting", True, 3)], False),  # who is second?
        ([seizure("waiting", True, 2)], False),  # who is first?
        ([seizure("first", True, 1, **OVER), seizure("waiting", False, 2)], False),  # ours ran out: now it is theirs
        ([seizure("first", True, from_on=date(2022, 7, 1))], None),  # three years, no day stated
    ],
)
def test_whose_seizure_is_the_first(seizures: list[dict[str, Any]], first: bool | None) -> None:
    assert seized_first_by_us(seizures, "shop", AS_OF) is first
