"""查封: until when a seizure stands, and whose seizure comes first.

Invariant: a seizure that has expired or was released delays nobody; one that may still stand is taken to stand where it
is another's, and to have ended where it is ours.

Source: 民诉法解释 (2022) art. 485; 法释〔2004〕15号 art. 28: a waiting seizure takes effect when what came before it
ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from panhuo.ground.rules.periods import end_of_period
from panhuo.tools.finance.limitation import date_of, number_of, rule_period

REAL_ESTATE = frozenset({"home", "shop", "office", "plant", "land", "parking"})
_OTHER_RIGHTS = frozenset({"equity", "receivable", "intellectual_property"})


def seizure_term(asset_kind: str | None) -> str:
    """The name of the longest term for a kind of asset; of an unknown kind the shortest."""
    if asset_kind in ("deposit", None):
        return "deposits"
    if asset_kind in REAL_ESTATE:
        return "real_estate"
    return "other_rights" if asset_kind in _OTHER_RIGHTS else "movables"


def seizure_last_day(
    since: int, stated: int | None, renewals: int, term: str, as_of: dt.date, *, ours: bool = True
) -> int:
    """The last day of a seizure: ours never later, another's never earlier than it may be.

    Args:
        since: day number it was made. stated: last day the order states. renewals: how often it was renewed.
        term: as `seizure_term` gives it.

    Returns:
        Day number; holidays do not lengthen it. Ours never outlives its legal term, to which each renewal adds at most
        another, nor the day stated; where none is stated no renewal is counted on. Another's ends on the day stated, or
        where none is stated after its legal term and every renewal recorded.
    """
    if stated is not None and not ours:
        return stated
    length = rule_period("seizure_and_confirmation", "OUT-28", term, date_of(since), as_of)
    legal = end_of_period(since, length).days
    for _ in range(renewals if stated is not None or not ours else 0):
        legal = end_of_period(legal, length).days
    return legal if stated is None else min(legal, stated)


def seized_first_by_us(seizures: Sequence[dict[str, Any]], asset_kind: str | None, as_of: dt.date) -> bool | None:
    """Whether the seizure of an asset that stands first is ours; None where none stands.

    Args:
        seizures: rows of the table ``seizures`` about one asset.

    A waiting seizure of ours is the first only if everything that was before it is in the book and has ended.
    """
    today = number_of(as_of)
    standing, ended = [], 0
    for seizure in seizures:
        released, stated = seizure["released_on"], seizure["expires_on"]
        last = seizure_last_day(
            number_of(seizure["from_on"]),
            None if stated is None else number_of(stated),
            seizure["renewals"] or 0,
            seizure_term(asset_kind),
            as_of,
            ours=bool(seizure["ours"]),
        )
        if (released is not None and released <= as_of) or last < today:
            ended += 1
        else:
            standing.append(seizure)
    if not standing:
        return None
    for kind in ("first", "advance"):
        leading = [seizure for seizure in standing if seizure["kind"] == kind]
        if leading:
            return any(seizure["ours"] for seizure in leading)
    next_up = min(standing, key=lambda seizure: (seizure["seizure_order"] or 99, seizure["from_on"]))
    return bool(next_up["ours"]) and ended >= (next_up["seizure_order"] or 2) - 1
