"""保证期间: whether a guarantor is still bound for one debt, and until when something must be done to keep it so.

Invariant: what is not known is never taken as good. Where a fact is missing (the form, the day of the contract, how the
period was agreed), every reading the law leaves open is followed: the last day shown is the earliest of them, something
counts as done only if it does in all of them, and a guarantee binds for sure only if it binds in all of them.

Sources: Civil Code arts. 686, 692, 693; 担保制度解释 arts. 27, 32; for contracts before 2021-01-01 担保法 art. 19 and
担保法解释 art. 32. The version is that of the day the guarantee was signed. The limitation that runs afterwards
(art. 694) is limitation.py's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from panhuo.ground.record.errors import NotFound
from panhuo.ground.rules.periods import end_of_period
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.rules.schedules import parameter
from panhuo.ground.values.calendars import Deadline, calendar_of
from panhuo.tools.finance.limitation import date_of, number_of, rule_period

_LAW = "limitation_and_guarantee"


@dataclass(frozen=True)
class Guarantee:
    """What a guarantee period of one debt is computed from.

    Attributes:
        kind: general, joint or not_agreed; None where it is not known which.
        period_kind: agreed, not_agreed, until_paid, unclear; None where it is not known which.
        signed: day number of the guarantee contract. due: day the debt falls due; None where not known.
        agreed_to: agreed last day.
        demands: proved demands on the guarantor. suits: suits (or enforcement of a notarised instrument) against the
            debtor for this debt.
    """

    kind: str | None
    period_kind: str | None
    signed: int | None
    due: int | None
    agreed_to: int | None
    demands: tuple[int, ...] = ()
    suits: tuple[int, ...] = ()


@dataclass(frozen=True)
class GuaranteeLife:
    """Where a guarantee stands for one debt.

    Attributes:
        last: last day number of its period, the earliest that may be meant; None where it cannot be told.
        binds: whether the guarantor is bound: the period runs, or what keeps it was done within it; None where it
            depends on a fact that is missing.
        joint: its form; None where not known: then both a demand and a suit are needed to be sure.
        done: whether what keeps it was done for sure. done_on: the day that was so.
        published: whether the holiday calendar was published for `last`. by_law: the period is the statutory one.
    """

    last: int | None
    binds: bool | None
    joint: bool | None
    done: bool = False
    done_on: int | None = None
    published: bool = True
    by_law: bool = True


def guarantee_form(kind: str | None, signed: int | None) -> bool | None:
    """Whether a guarantee is joint: as agreed, else by the law of its day; None where that cannot be told.

    Civil Code art. 686: not agreed is general; before 2021-01-01 it was joint (担保法 art. 19).
    """
    if kind in ("joint", "general"):
        return kind == "joint"
    if kind is None or signed is None:
        return None
    try:
        return parameter(_LAW, "GUA-10", "form", on=date_of(signed)).value == "joint"
    except NotFound:
        return None


def last_days(guarantee: Guarantee, as_of: dt.date) -> tuple[Deadline, ...]:
    """Every last day the period may have, the earliest first; none where it cannot be told.

    As agreed, if that is later than the due day; else by law from the due day: six months, and before 2021 two years
    where it was to last until the debt is paid off. With the day of the contract unknown both versions are given. The
    period is never suspended, interrupted or extended (art. 692).
    """
    due, agreed_to = guarantee.due, guarantee.agreed_to
    if due is None or (guarantee.period_kind == "agreed" and agreed_to is None):
        return ()
    if agreed_to is not None and _as_agreed(guarantee):
        return (Deadline(agreed_to, True),)
    rule_id = "GUA-12" if guarantee.period_kind == "until_paid" else "GUA-11"
    if guarantee.signed is not None:
        lengths = {rule_period(_LAW, rule_id, "period", date_of(guarantee.signed), as_of)}
    else:
        versions = load_rule_set(_LAW).versions(rule_id)
        lengths = {rule_period(_LAW, rule_id, "period", v.effective_from, as_of) for v in versions}
    found = {end_of_period(due, length, calendar_of("CN")) for length in lengths}
    return tuple(sorted(found, key=lambda last: last.days))


def guarantee_period(guarantee: Guarantee, as_of: dt.date) -> GuaranteeLife:
    """Where a guarantee stands on a day for one debt.

    A joint guarantor is kept by a demand on them, a general one by a suit against the debtor, after the due day and by
    the last day of the period (art. 693): a demand made before the debt was due does not keep it, and what comes after
    `as_of` is not known.
    """
    joint, today = guarantee_form(guarantee.kind, guarantee.signed), number_of(as_of)
    lasts = last_days(guarantee, as_of)
    if not lasts or guarantee.due is None:
        return GuaranteeLife(None, None, joint)
    forms = (True, False) if joint is None else (joint,)
    kept = []
    for last, form in product(lasts, forms):
        acts = guarantee.demands if form else guarantee.suits
        in_time = [day for day in acts if guarantee.due < day <= min(last.days, today)]
        kept.append((min(in_time, default=None), last.days >= today))
    binds = in_every_reading(on is not None or runs for on, runs in kept)
    if binds is False and guarantee.period_kind is None and guarantee.agreed_to is None:
        binds = None  # how long it was agreed for is not recorded: it may be longer than by law
    days = [on for on, _ in kept if on is not None]
    done = len(days) == len(kept)
    done_on = max(days) if done else None
    return GuaranteeLife(lasts[0].days, binds, joint, done, done_on, lasts[0].published, not _as_agreed(guarantee))


def _as_agreed(guarantee: Guarantee) -> bool:
    """Whether the agreed last day counts: one on or before the due day is as if none were agreed (art. 692)."""
    due, agreed_to = guarantee.due, guarantee.agreed_to
    return guarantee.period_kind in (None, "agreed") and agreed_to is not None and due is not None and agreed_to > due


def in_every_reading(readings: Iterable[bool | None]) -> bool | None:
    """True or False where all readings agree; None where they do not, one is not known, or there is none."""
    found = set(readings)
    return found.pop() if len(found) == 1 else None
