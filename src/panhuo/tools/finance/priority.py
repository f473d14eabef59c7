"""顺位: which charges on an asset are paid before one's own, and how one cap is shared by several assets.

Invariant: an amount that is not known is never zero and a rank that is not known is never the first: both are handed on
as not known. The caps of the assets under one right add up to what that right secures, never to more.

Source: Civil Code arts. 414, 415: by the time of registration, or of delivery of a thing pledged; art. 420 for the cap.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from panhuo.ground.values.money import share_by_weight


@dataclass(frozen=True)
class Charge:
    """A security right as it stands on one asset.

    Attributes:
        rank: 1 is the first. since: the day it was registered, or a pledged thing was delivered.
        amount: fen it takes at most. currency: of that amount. Each is None where not known.
    """

    rank: int | None = None
    since: dt.date | None = None
    amount: int | None = None
    currency: str = "CNY"


@dataclass(frozen=True)
class Place:
    """Where one's own charge stands.

    Attributes:
        rank: 1 is the first; None where it cannot be told. earlier: known fen of the charges before it.
        amount_unknown: some charge before it has an amount nobody knows (or in another currency).
        order_unclear: some charge was put before it because nothing tells which of the two comes first.
    """

    rank: int | None
    earlier: int
    amount_unknown: bool
    order_unclear: bool


def place_of(ours: Sequence[Charge], others: Iterable[Charge], recorded: Iterable[int], currency: str) -> Place:
    """Where the best of our charges on an asset stands among those of others.

    Args:
        ours: one or more. others: of other creditors, that still stand.
        recorded: ranks of every charge the book has of the asset, also ours and those released: a rank of ours above
            them leaves no earlier place unaccounted for.
        currency: that of our claim; amounts in another do not add up and are not known.
    """
    rank = min((c.rank for c in ours if c.rank is not None), default=None)
    since = min((c.since for c in ours if c.since is not None), default=None)
    ahead = [(other, _comes_before(other, rank, since)) for other in others]
    before = [other for other, comes in ahead if comes is not False]
    amounts = [other.amount if other.currency == currency else None for other in before]
    unknown = None in amounts
    if rank is not None:
        filled = len({r for r in recorded if r < rank}) + sum(other.rank is None for other in before)
        unknown = unknown or filled < rank - 1
    elif since is not None:
        rank = 1 + len(before)
    earlier = sum(amount for amount in amounts if amount is not None)
    return Place(rank, earlier, unknown, any(comes is None for _, comes in ahead))


def _comes_before(other: Charge, rank: int | None, since: dt.date | None) -> bool | None:
    """By rank where both are stated, else by day; None where neither tells."""
    if rank is not None and other.rank is not None and rank != other.rank:
        return other.rank < rank
    if rank == 1 and other.rank is None:
        return False
    if since is not None and other.since is not None and since != other.since:
        return other.since < since
    return None


def share_cap(maximum: int | None, stated: Sequence[int | None], worth: Sequence[int]) -> list[int | None]:
    """What each asset under one right secures at most, in fen.

    Args:
        maximum: the right's cap over all its assets; None where it has none.
        stated: what the contract says each asset secures; None where it says nothing.
        worth: what each asset can bring; the cap left is shared by it among the assets of which nothing is stated, so
            that together they reach the cap where they are worth it, and never pass it.
    """
    if maximum is None:
        return list(stated)
    named = sum(amount for amount in stated if amount is not None)
    if named > maximum:
        return list(share_by_weight(maximum, [amount or 0 for amount in stated]))
    left = [0 if amount is not None else max(value, 0) for amount, value in zip(stated, worth, strict=True)]
    if not sum(left):
        left = [int(amount is None) for amount in stated]
    shares = share_by_weight(maximum - named, left) if sum(left) else [0] * len(left)
    return [share if amount is None else amount for amount, share in zip(stated, shares, strict=True)]
