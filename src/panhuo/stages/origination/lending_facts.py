"""What the rules on lending range over, gathered from facts: one row a party, for the loan it asks for.

The loan a party asks for is the one of its latest contract, as in `application`: its product, purpose, term and clauses
are the book's; amount and rate are what the policy proposes; capital and registration area are what the lender states
of itself beside its policy. What nobody states is unknown, and a rule that needs it is listed as not evaluated: a
partner's share, the payee, the length of the cash cycle.

Invariant: no figure is made up. A part of a month counts as a month of the term, so that a loan over a bound by days is
over it. The rules are those of loans in yuan: a loan in another currency is no lender's that they name.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis

from panhuo.ground.book.tables.credit import LENDER_KINDS, PRODUCTS, PURPOSES
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.record.errors import NotFound
from panhuo.ground.rules.prime_rate import loan_prime_rate
from panhuo.stages.origination.policy import Lender

T = ColumnType

_LENDER = Column("lender_kind", T.CODE, "放款机构类型", "kind of lender", codes=LENDER_KINDS)
_PERSON = Column("natural_person", T.BOOL, "借款人为自然人", "the borrower is a natural person")
_INTERNET = Column("internet_loan", T.BOOL, "互联网贷款", "an internet loan")
_TERM = Column("term_months", T.INT, "期限（月）", "term in months")

LIMIT_COLUMNS = (
    Column("decided_on", T.DATE, "审批日", "day of the decision", required=True),
    _LENDER,
    Column("product", T.CODE, "产品", "product", codes=PRODUCTS),
    Column("purpose", T.CODE, "用途", "purpose", codes=PURPOSES),
    _PERSON,
    _INTERNET,
    Column("unsecured", T.BOOL, "信用贷款", "unsecured"),
    Column("bullet", T.BOOL, "到期一次还本", "principal repaid at maturity"),
    Column("facility_amount", T.FEN, "拟授信额度", "credit line proposed"),
    Column("drawdown_amount", T.FEN, "单笔提款（最多）", "drawdown, at most"),
    Column("single_payment", T.FEN, "单笔支付（最多）", "single payment, at most"),
    Column("payee_definite", T.BOOL, "支付对象明确", "the payee is definite"),
    _TERM,
    Column("long_cash_cycle", T.BOOL, "回款周期较长", "the business has a long cash cycle"),
    Column("jointly_funded", T.BOOL, "联合出资", "jointly funded with a partner"),
    Column("partner_share", T.PPM, "合作方出资比例", "the partner's share of this loan"),
    Column("partner_balance", T.FEN, "与该合作方出资余额", "balance of loans funded with this partner"),
    Column("tier1_capital", T.FEN, "一级资本净额", "tier-1 capital, net"),
    Column("joint_balance", T.FEN, "联合出资互联网贷款余额", "jointly funded internet loans, all partners"),
    Column("loans_total", T.FEN, "全部贷款余额", "total loans of the lender"),
    Column("borrower_in_area", T.BOOL, "借款人在注册地辖区内", "the borrower is in the lender's registration area"),
    Column("area_exempt", T.BOOL, "辖区限制豁免", "exempt from the area limit"),
    Column("loans_to_borrower", T.FEN, "对该借款人贷款（含本笔）", "loans to this borrower, this one included"),
    Column("loans_to_group", T.FEN, "对该借款人及关联方贷款（含本笔）", "loans to borrower and affiliates, with this"),
    Column("capital", T.FEN, "资本净额", "net capital of the bank"),
    Column("net_assets", T.FEN, "净资产", "net assets of the micro-loan company"),
)
"""Columns of the rule set ``origination_limits``, in the subject of a decision and of a limit."""

PRICE_COLUMNS = (
    Column("contracted_on", T.DATE, "合同成立日", "day the contract is concluded", required=True),
    _LENDER,
    _PERSON,
    _INTERNET,
    Column("facilitated", T.BOOL, "助贷或联合贷", "through a facilitation platform"),
    _TERM,
    Column("annual_rate", T.PPM, "拟报年利率", "yearly rate proposed"),
    Column("all_in_rate", T.PPM, "综合融资成本（年化）", "yearly all-in cost"),
    Column("lpr_one_year", T.PPM, "一年期LPR", "one-year prime rate that day, where checked"),
    Column("overdue_uplift", T.PPM, "逾期罚息加收", "uplift of the rate when overdue"),
    Column("misuse_uplift", T.PPM, "挪用罚息加收", "uplift of the rate for misuse"),
    Column("both_uplifts", T.BOOL, "并处两项罚息", "both uplifts for one period"),
    Column("compound_on_penalty", T.BOOL, "对罚息计收复利", "compound interest on penalty interest"),
    Column("deducted_up_front", T.FEN, "预先扣除的利息", "interest deducted up front"),
    Column("annual_rate_shown", T.BOOL, "明示年化利率", "the annualised rate is shown"),
    Column("cost_table_shown", T.BOOL, "明示综合融资成本", "the all-in cost table is shown"),
)
"""Columns of the rule set ``price_and_disclosure``, in the subject of a price."""


def null_of(column: Column) -> Any:
    """The unknown value of a column."""
    return ibis.null(ibis.dtype(column.arrow_type()))


def _latest(rows: Any, group: str, day: str) -> Any:
    window = ibis.window(group_by=rows[group], order_by=[rows[day].desc(), rows.id.desc()])
    found = rows.mutate(place=ibis.row_number().over(window))
    return found.filter(found.place == 0).drop("place")


def loan_asked_for(snapshot: Any, lender: Lender) -> Any:
    """One row a party of the book: what its latest contract and that contract's latest drawdown say of the loan.

    Columns: ``fact_party``, then those of `LIMIT_COLUMNS` and `PRICE_COLUMNS` that a contract states. A party without a
    contract has the kind of lender only: the one that all contracts of the book name, else the one the lender states.
    """
    parties = snapshot.table("parties")
    person = ibis.cases(
        (parties.kind.isin(("person", "sole_trader")), True),
        (parties.kind.isin(("company", "cooperative", "public_body", "bank")), False),
        else_=ibis.null("boolean"),
    )
    near = ibis.null("boolean")
    if lender.area is not None:
        near = ibis.or_(*(parties.region.startswith(prefix) for prefix in lender.area))
    rows = parties.select(fact_party=parties.id, natural_person=person, borrower_in_area=near)
    contracts = snapshot.table("contracts")
    told = contracts.aggregate(
        kinds=contracts.lender_kind.nunique(),
        one=contracts.lender_kind.min(),
        silent=contracts.lender_kind.isnull().sum(),
    )
    told = told.select(only_lender=ibis.ifelse((told.kinds == 1) & (told.silent == 0), told.one, ibis.null("string")))
    last = _latest(contracts, "party_id", "signed_on")
    signed, due = last.signed_on, last.due_on
    months = (due.year() - signed.year()) * 12 + due.month() - signed.month() + (due.day() > signed.day()).cast("int64")
    foreign = last.currency.notnull() & (last.currency != "CNY")
    last = last.select(
        contract_party=last.party_id,
        contract=last.id,
        stated_lender=ibis.ifelse(foreign, "other", last.lender_kind),
        product=last["product"],
        purpose=last.purpose,
        internet_loan=last["product"] == "online_unsecured",
        unsecured=last.security_form == "unsecured",
        term_months=ibis.ifelse(months > 0, months, ibis.null("int64")).cast("int64"),
        agreed_overdue=last.penalty_uplift,
        agreed_misuse=last.misuse_uplift,
        compound_on_penalty=last.compound_on_penalty,
    )
    drawn = _latest(snapshot.table("drawdowns"), "contract_id", "out_on")
    drawn = drawn.select(
        drawn_contract=drawn.contract_id,
        bullet=drawn.style.isin(("bullet_monthly_interest", "bullet_quarterly_interest", "bullet_at_maturity")),
        payee_definite=ibis.ifelse(drawn.payment_mode == "entrusted", True, ibis.null("boolean")),
    )
    rows = rows.left_join(last, rows.fact_party == last.contract_party)
    rows = rows.left_join(drawn, rows.contract == drawn.drawn_contract)
    rows = rows.cross_join(told)
    own = ibis.null("string") if lender.kind is None else ibis.literal(lender.kind)
    return rows.mutate(lender_kind=ibis.coalesce(rows.stated_lender, rows.only_lender, own))


def loans_owed(snapshot: Any, days_past_due: Any) -> Any:
    """One row a party: ``owing_party``, ``owed`` by it, ``owed_by_group`` with its group, the lender's ``loans_total``.

    Fen of principal; unknown where the book keeps no drawdowns, where a balance is unknown, or where amounts of
    several currencies would have to be added.
    """
    parties = snapshot.table("parties").select(owing_party=ibis._.id)
    if days_past_due is None or not snapshot.holds("drawdowns"):
        unknown = ibis.null("int64")
        return parties.mutate(owed=unknown, owed_by_group=unknown, loans_total=unknown)
    debts = ibis.memtable(days_past_due.table.select(["party_id", "currency", "principal_balance"]))
    total = debts.aggregate(loans_total=_sum(debts))
    by_party = debts.group_by(debt_party="party_id").aggregate(debt=_sum(debts), unclear=_sum(debts).isnull())
    rows = parties.left_join(by_party, parties.owing_party == by_party.debt_party)
    rows = rows.select("owing_party", owed=ibis.ifelse(rows.debt_party.isnull(), ibis.literal(0, "int64"), rows.debt))
    rows = rows.cross_join(total)
    if not snapshot.holds("group_members"):
        return rows.mutate(owed_by_group=ibis.null("int64"))
    members = snapshot.table("group_members")
    members = members.filter(members.left_on.isnull()).select(member="party_id", of="group_id").distinct()
    joined = members.left_join(by_party, members.member == by_party.debt_party)
    joined = joined.select("member", "of", debt=ibis.coalesce(joined.debt, 0), unclear=joined.unclear.fill_null(False))
    groups = joined.group_by(group="of").aggregate(group_debt=joined.debt.sum(), unclear=joined.unclear.any())
    groups = groups.mutate(group_debt=ibis.ifelse(groups.unclear, ibis.null("int64"), groups.group_debt.cast("int64")))
    own = members.join(groups, members.of == groups.group)
    # In several groups at once: the largest of them.
    own = own.group_by(grouped="member").aggregate(
        group_debt=ibis.ifelse(own.group_debt.isnull().any(), ibis.null("int64"), own.group_debt.max())
    )
    rows = rows.left_join(own, rows.owing_party == own.grouped)
    with_group = ibis.ifelse(rows.grouped.isnull(), rows.owed, rows.group_debt)
    return rows.select("owing_party", "owed", "loans_total", owed_by_group=with_group)


def _sum(debts: Any) -> Any:
    clear = debts.principal_balance.isnull().sum() + (debts.currency.nunique() > 1).cast("int64") == 0
    return ibis.ifelse(clear, debts.principal_balance.sum().cast("int64"), ibis.null("int64"))


def limit_columns(rows: Any, lender: Lender, decided_on: date, proposed: Any) -> dict[str, Any]:
    """Expressions for `LIMIT_COLUMNS` over `rows`, which holds the columns of `loan_asked_for` and `loans_owed`.

    Args:
        proposed: fen the policy proposes; unknown where it proposes nothing.
    """
    found = {column.name: null_of(column) for column in LIMIT_COLUMNS}
    for name in ("lender_kind", "product", "purpose", "natural_person", "internet_loan", "unsecured", "bullet",
                 "payee_definite", "term_months", "loans_total", "borrower_in_area"):  # fmt: skip
        found[name] = rows[name]
    for name in ("area_exempt", "capital", "tier1_capital", "net_assets"):
        stated = getattr(lender, name)
        if stated is not None:
            found[name] = ibis.literal(stated) if isinstance(stated, bool) else ibis.literal(stated, "int64")
    found["decided_on"] = ibis.literal(decided_on, "date")
    found["facility_amount"] = found["drawdown_amount"] = found["single_payment"] = proposed
    found["loans_to_borrower"] = rows.owed + proposed
    found["loans_to_group"] = rows.owed_by_group + proposed
    return found


def checked_prime_rate(day: date) -> int | None:
    """The one-year loan prime rate of a day in ppm; None before the series and beyond what was checked of it."""
    try:
        quoted = loan_prime_rate(day)
    except NotFound:
        return None
    return quoted.rate if quoted.checked else None
