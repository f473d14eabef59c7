"""The ledger as it stands in the database: every posting added up, by currency, component and kind.

Invariant: a reversal has the kind of the posting it reverses and the opposite sign, as the library's own ledger says;
the figures are integer sums of postings and know nothing of any night.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from panhuo.ground.book.catalogue import table_named
from panhuo_server.store.acting import current
from panhuo_server.store.declared import quoted
from panhuo_server.store.kept_answers import KeptAnswers
from panhuo_server.store.reading import _visible, arrow, reading

_COLUMNS = ("org_id", "id", "posted_on", "component", "kind", "amount", "reverses_id", "currency", "effective_on",
            "fact_sequence", "fact_position")  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """What postings of one kind did to one component's balance, in minor units; below nought it fell."""

    currency: str
    component: str
    kind: str
    amount: int
    postings: int


_ADDED_UP: KeptAnswers[tuple[Moved, ...]] = KeptAnswers(32)


def ledger_totals(as_of: date, sequence: int, *, after: date | None = None) -> tuple[Moved, ...]:
    """Every posting of the acting organisation up to a day and a batch, added up; inside `acting`.

    Kept for the next reader: what was known then does not change.

    Args:
        after: only what was posted later than this day.
    """
    who = current()
    place = (who.alias, who.org, as_of, sequence, after)
    return _ADDED_UP.of(place, lambda: _added_up(as_of, sequence, after))


def _added_up(as_of: date, sequence: int, after: date | None) -> tuple[Moved, ...]:
    columns = ", ".join(quoted(name) for name in _COLUMNS)
    seen = _visible(table_named("postings"), quoted("postings"), columns, sequence)
    query = (
        f"with seen as materialized ({seen}), signed as ("
        "select coalesce(s.currency, 'CNY') as currency, s.component,"
        " case when s.kind = 'reverse' then coalesce(r.kind, 'receive') else s.kind end as kind,"
        " case when s.kind = 'reverse' then -s.amount else s.amount end as amount"
        " from seen s left join seen r on s.kind = 'reverse' and r.id = s.reverses_id and r.kind <> 'reverse'"
        f"{' where s.posted_on > $2' if after else ''})"
        " select currency, component, kind, sum(amount * case when kind in ('disburse', 'accrue', 'advance') then 1"
        " when kind in ('receive', 'waive', 'write_off', 'assign') then -1"
        " when kind = 'move_off_balance' and component = 'interest' then -1"
        " when kind = 'move_off_balance' and component = 'interest_off_balance' then 1 else 0 end)::bigint as amount,"
        " count(*)::bigint as postings from signed group by 1, 2, 3 order by 1, 2, 3"
    )
    with reading() as c:
        rows: pa.Table = arrow(c, query, [as_of, after] if after else [as_of])
    return tuple(Moved(**row) for row in rows.to_pylist())
