"""What each table is processed for 各表的处理目的, and so on which lawful basis it is held.

Invariant: every declared table has its purposes, or is itself a record that the law asks for; a test walks them.
"""

from __future__ import annotations

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.book.purposes import PURPOSES, Purpose

_OF_FAMILY: dict[str, tuple[str, ...]] = {
    "parties": ("credit_assessment", "loan_management", "risk_classification"),
    "credit": ("credit_assessment", "loan_management", "risk_classification"),
    "security": ("credit_assessment", "claim_realisation"),
    "claims": ("claim_realisation",),
    "procedure": ("claim_realisation",),
    "deal": ("claim_realisation",),
    "conduct": (),
}
_OF_TABLE: dict[str, tuple[str, ...]] = {
    "invoices": ("alternative_data",),
    "credit_reports": ("credit_report_query", "risk_classification"),
}
RECORDS = ("个人信息保护法 art. 55-56", "处理情况记录", "records of processing")
"""What tables without a purpose are: kept because the law asks for them."""


def purposes_of(table: str) -> tuple[Purpose, ...]:
    """The purposes a table is processed for; none for records the law itself asks for.

    Raises:
        NotFound: when there is no such table.
    """
    declared = table_named(table)
    return tuple(PURPOSES[code] for code in _OF_TABLE.get(table, _OF_FAMILY[declared.family]))
