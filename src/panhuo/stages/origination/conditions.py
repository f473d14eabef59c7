"""On which conditions a limit is used: paid to the payee or to the borrower, and whether a visit may be dropped.

Invariant: judged on the limit that is given, not on what was proposed; a firm without a limit has no row. Amounts are
the most the limit allows: it may be drawn, and paid to one payee, in one sum.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Thing
from panhuo.stages.origination.lending_facts import LIMIT_COLUMNS

WORDS = Path(__file__).parent / "words.toml"
T = ColumnType
AMOUNTS = ("facility_amount", "drawdown_amount", "single_payment")

_PARTY = Column("party_id", T.TEXT, "企业", "firm", key=True, required=True)
SUBJECT = Schema(
    "lending_conditions",
    (_PARTY, *LIMIT_COLUMNS),
    zh="用信条件：对象",
    en="conditions of lending: what is judged",
)
VERDICT = Schema(
    "lending_conditions",
    (
        _PARTY,
        Column("limit", T.FEN, "建议额度", "recommended limit"),
        Column("must_entrust", T.BOOL, "应当受托支付", "entrusted payment is required"),
        Column("visit_may_be_dropped", T.BOOL, "可简化或不再现场调查", "an on-site visit may be simplified or dropped"),
    ),
    zh="用信条件",
    en="conditions of lending",
)


def gather(snapshot: Any, limits: Any) -> Any:
    """One row a party with a limit: the facts it was judged on, with the limit in the place of the proposal."""
    given = ibis.memtable(limits.table).select("party_id", given="limit", term="term_months")
    facts = ibis.memtable(limits.subjects.select(["party_id", *(c.name for c in LIMIT_COLUMNS)]))
    rows = given.filter(given.given > 0).join(facts, "party_id")
    changed = dict.fromkeys(AMOUNTS, rows.given) | {"term_months": rows.term}
    return rows.select("party_id", **{c.name: changed.get(c.name, rows[c.name]) for c in LIMIT_COLUMNS})


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """What the rules on paying out and on visits say; unknown where one of them could not be evaluated."""
    return row.facility_amount, rules.must_entrust, rules.visit_may_be_dropped


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    rules="origination_limits:payment",
    needs=("limits",),
    words=WORDS,
    zh="用信条件",
    en="conditions of lending",
    purpose="credit_assessment",
)
