"""Classes decided as facts: which loans got a later decision than one that is about to be sealed.

Invariant: ids and days alone are read, of the acting organisation's own visible facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from panhuo_server.store.acting import cursor


def decided_after(drawdowns: Sequence[str], day: date, moment: datetime) -> list[str]:
    """Those of the loans with a decision of a later day, or one of that day sealed after a moment; in order of id."""
    with cursor() as c:
        c.execute(
            "select distinct f.drawdown_id from class_decisions f join batches b on b.org_id = f.org_id"
            " and b.sequence = f.fact_sequence where f.org_id = acting_org() and f.drawdown_id = any(%s)"
            " and f.withdrawn is not true and (f.decided_on > %s or (f.decided_on = %s and b.sealed_at > %s))"
            " and not exists (select from class_decisions r where r.org_id = f.org_id"
            " and r.replaces = f.fact_sequence || '-' || f.fact_position) order by 1",
            [list(drawdowns), day, day, moment],
        )
        return [str(row[0]) for row in c.fetchall()]
