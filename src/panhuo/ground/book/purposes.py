"""What data is processed for, on which lawful basis; and whether a party's consent stands as of a snapshot.

Invariant: every purpose has one basis. Consent is asked for where the law makes it the basis, and there what is
missing, refused, expired, withdrawn or not known bars the use from the next snapshot on; a purpose that rests on the
contract or a duty of law is never barred by a missing or withdrawn consent (个人信息保护法 art. 13).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import ibis

from panhuo.ground.record.columns import CodeList
from panhuo.ground.record.errors import NotFound

Basis = Literal["contract", "legal_duty", "consent"]


@dataclass(frozen=True)
class Purpose:
    """A purpose of processing.

    Attributes:
        code: as consents name it.
        basis: what makes it lawful. article: where that stands.
        instead: other bases (codes of `LAWFUL_BASES`) that a source may rest on when the book records so.
    """

    code: str
    zh: str
    en: str
    basis: Basis
    article: str
    instead: tuple[str, ...] = ()


# fmt: off
_PIPL = "个人信息保护法 art. "
PURPOSES: dict[str, Purpose] = {
    purpose.code: purpose
    for purpose in (
        Purpose("credit_assessment", "授信评估", "assessing an application", "contract", _PIPL + "13(1)(2)"),
        Purpose("loan_management", "贷后管理", "managing a loan", "contract", _PIPL + "13(1)(2)"),
        Purpose("claim_realisation", "债权实现与估值", "realising and valuing a claim", "contract", _PIPL + "13(1)(2)"),
        Purpose("risk_classification", "风险分类与计提", "classifying and provisioning", "legal_duty",
                _PIPL + "13(1)(3)"),
        Purpose("credit_report_query", "查询征信", "querying credit reports", "consent",
                _PIPL + "13(1)(1); 征信业管理条例 art. 18"),
        Purpose("alternative_data", "使用税务发票水电等数据", "using tax, invoice, utility data", "consent",
                _PIPL + "13(1)(1); 征信业管理条例 arts. 13, 14", instead=("public",)),
        Purpose("sharing", "向第三方提供", "providing to a third party", "consent", _PIPL + "23"),
        Purpose("cross_institution", "跨机构联合建模", "modelling across institutions", "consent", _PIPL + "23"),
        Purpose("marketing", "营销", "marketing", "consent", _PIPL + "13(1)(1)"),
        Purpose("sensitive", "处理敏感个人信息", "processing sensitive personal information", "consent",
                _PIPL + "29"),
    )
}
"""Every purpose by its code."""
# fmt: on

STANDINGS = CodeList.of(
    "consent_standings",
    ("given", "有效", "given"),
    ("withdrawn", "已撤回", "withdrawn"),
    ("expired", "已过期", "expired"),
    ("refused", "未同意", "refused, or not known to be given"),
)
"""How a party's latest consent stands; a party without one has none of these."""


def purpose_named(code: str) -> Purpose:
    """The purpose of that code.

    Raises:
        NotFound: when there is none.
    """
    if code not in PURPOSES:
        raise NotFound(f"no purpose is called {code}", remedy=f"there are: {', '.join(PURPOSES)}")
    return PURPOSES[code]


def standings(snapshot: Any, purpose: str) -> Any:
    """How consents to `purpose` stand: one row an organisation and party that ever stated one.

    Columns ``consent_org, consenting_party, standing`` (`STANDINGS`) and ``ended_on`` (day of withdrawal or expiry).
    The latest statement counts, by `effective_on`, then batch and position.
    """
    rows = snapshot.table("consents")
    rows = rows.filter(rows.purpose == purpose_named(purpose).code)
    order = [rows.effective_on.desc(), rows.fact_sequence.desc(), rows.fact_position.desc()]
    window = ibis.window(group_by=[rows.org_id, rows.party_id], order_by=order)
    rows = rows.mutate(place=ibis.row_number().over(window))
    rows = rows.filter(rows.place == 0)
    today = ibis.literal(snapshot.as_of, "date")
    withdrawn = (rows.withdrawn_on <= today).fill_null(False)
    expired = (rows.expires_on < today).fill_null(False)
    given = rows.granted.fill_null(False) & (rows.granted_on <= today).fill_null(True)
    standing = ibis.cases(
        (withdrawn, "withdrawn"), (~given, "refused"), (expired, "expired"), else_="given"
    )  # fmt: skip
    ended = ibis.cases((withdrawn, rows.withdrawn_on), (given & expired, rows.expires_on), else_=ibis.null("date"))
    return rows.select(consent_org=rows.org_id, consenting_party=rows.party_id, standing=standing, ended_on=ended)


def consented(snapshot: Any, table: str, purpose: str) -> Any:
    """The visible facts of `table` with what may be done with them for `purpose`.

    Adds ``allowed`` (whether the row may be used), ``standing`` and ``consent_ended_on``. A purpose whose basis is not
    consent allows every row. One that rests on consent allows the rows of parties whose consent stands, and all rows
    where the book records another basis for this table: a `confirmations` fact (subject_table the table, subject_id the
    purpose, result confirmed, lawful_basis one of the purpose's `instead`) that no later one disputes.

    Raises:
        NotFound: when there is no such purpose or table.
    """
    known = purpose_named(purpose)
    facts = snapshot.table(table)
    nothing = {"standing": ibis.null("string"), "consent_ended_on": ibis.null("date")}
    if known.basis != "consent":
        return facts.mutate(allowed=ibis.literal(True), **nothing)
    said = snapshot.table("confirmations")
    said = said.filter(
        (said.subject_table == table) & (said.subject_id == known.code) & said.lawful_basis.isin(known.instead or ("",))
    )
    said = said.group_by(basis_org="org_id").aggregate(
        confirmed=said.confirmed_on.max(where=said.result == "confirmed"),
        disputed=said.confirmed_on.max(where=said.result == "disputed"),
    )
    stands = (said.confirmed.notnull() & (said.disputed.isnull() | (said.disputed < said.confirmed))).fill_null(False)
    elsewhere = said.select("basis_org", otherwise=stands)
    consent = standings(snapshot, purpose)
    rows = facts.left_join(consent, [facts.org_id == consent.consent_org, facts.party_id == consent.consenting_party])
    rows = rows.left_join(elsewhere, rows.org_id == elsewhere.basis_org)
    allowed = rows.otherwise.fill_null(False) | (rows.standing == "given").fill_null(False)
    names = list(facts.columns)
    return rows.select(*names, "standing", allowed=allowed, consent_ended_on=rows.ended_on)
