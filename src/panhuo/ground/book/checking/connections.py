"""Checks between tables: references, stated against recomputed, one thing under two names, parties that are gone.

Invariant: a table that is absent makes the checks that need it silent, except that references into it dangle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.checking.columns import DANGLING, flags
from panhuo.ground.book.checking.report import Findings
from panhuo.ground.book.reading.problems import Reason
from panhuo.ground.book.table import Table
from panhuo.ground.values import identifiers as ids

Rows = Callable[[str], pa.Table]
"""Table name -> its rows."""

WAN = Reason(
    "WAN_AGAINST_YUAN",
    "与相关金额相差一万倍，疑为万元与元混用",
    "ten thousand times apart from the amount it belongs to: 万元 against 元",
    "核对单位后更正",
    "check the unit and correct it",
)
FAR_BELOW = Reason(
    "FAR_BELOW_OTHERS",
    "不足一千元，而同列多数在五万元以上，疑为以万元填写",
    "below 1,000 yuan where most of the column is above 50,000: probably written in 万元",
    "核对单位",
    "check the unit",
)
ABOVE_CONTRACT = Reason(
    "ABOVE_CONTRACT",
    "借据金额超过合同金额",
    "the drawdown is larger than its contract",
    "核对合同",
    "check the contract",
)
STATED_DIFFERS = Reason(
    "STATED_DIFFERS",
    "陈述余额与流水重算不符",
    "the stated balance differs from what the postings give",
    "逐笔核对流水，差额在尽调表中列明",
    "compare the postings; show the difference",
)
INVOICE_SUM = Reason(
    "INVOICE_SUM", "金额加税额不等于价税合计", "net and tax do not make the gross", "核对发票", "check the invoice"
)
RECOVERY_SUM = Reason(
    "RECOVERY_SUM",
    "净额超过总额减法院扣除",
    "the net is more than the gross less what the court deducted",
    "核对到账",
    "check the receipt",
)
PACKAGE_SUM = Reason(
    "PACKAGE_SUM",
    "资产包陈述本金与明细合计不符",
    "the principal stated for the package is not the sum of its items",
    "核对明细",
    "check the items",
)
PLAN_SUM = Reason(
    "PLAN_SUM",
    "还款计划本金合计与借据金额不符",
    "the plan's principal does not add up to the drawdown",
    "核对还款计划",
    "check the plan",
)
DISTRIBUTED_TOO_MUCH = Reason(
    "DISTRIBUTED_TOO_MUCH",
    "分配合计超过成交价",
    "more is distributed than the lot fetched",
    "核对方案",
    "check the plan",
)
SHARES_SUM = Reason(
    "SHARES_SUM", "份额合计超过100%", "the shares add up to more than 100 %", "核对份额", "check the shares"
)
ASSET_TWICE = Reason(
    "ASSET_TWICE",
    "同一财产登记了两次（新旧证号、单元号、识别代号或坐落面积相同）",
    "one asset stands twice: the same unit, vehicle, former certificate, or place and area",
    "合并为一项财产，否则价值会被重复计算",
    "make it one asset, or its value counts twice",
)
GUARANTOR_MISSING = Reason(
    "GUARANTOR_MISSING", "保证人编号缺失", "the guarantor's id is missing", "查合同补录", "take it from the contract"
)
PARTY_GONE = Reason(
    "PARTY_GONE",
    "主体已死亡、注销或吊销，仍有未结债务或保证",
    "the party is dead or deregistered and still owes or guarantees",
    "确定继承人、清算义务人，变更主体",
    "find heirs or those liable for liquidation, and change the party",
)
REGISTERED_DIFFERS = Reason(
    "REGISTERED_DIFFERS",
    "登记金额与合同最高额不一致",
    "the amount registered is not the amount agreed",
    "以登记为准核对优先受偿限额",
    "check how far the priority reaches",
)
CONSENT_STALE = Reason(
    "CONSENT_STALE",
    "查询或使用时同意已过期、撤回或未取得",
    "consent had lapsed, was withdrawn or not yet given when it was used",
    "停止使用，重新取得同意",
    "stop using it and ask again",
)
CONSENT_LAPSED = Reason(
    "CONSENT_LAPSED",
    "同意已过期，不得再据此使用",
    "the consent has lapsed and serves no further use",
    "需要时重新取得",
    "ask again where it is needed",
)
CONSENT_NONE = Reason(
    "CONSENT_NONE", "征信查询未关联授权", "a credit report without a consent", "补录授权", "record the consent"
)
LIMITATION_MISSING = Reason(
    "LIMITATION_EVIDENCE_MISSING",
    "到期已满三年，没有任何时效事件记录",
    "due more than three years ago and no limitation event is recorded",
    "查找催收、扣划、诉讼凭证",
    "look for demands, deductions or suits",
)

_GONE = pa.array(["deceased", "deregistered", "revoked"])


def check_references(table: Table, rows: pa.Table, ids_of: Mapping[str, pa.Array], findings: Findings) -> None:
    """References to entities the book does not hold."""
    for column in table.reference_columns:
        values = rows.column(column.name)
        if len(values) == values.null_count:
            continue
        known = ids_of.get(str(column.references))
        missing = pc.is_valid(values)
        if known is not None and len(known):
            missing = pc.and_(missing, pc.invert(pc.is_in(values, known)))
        findings.add(table.name, column.name, rows, flags(missing), DANGLING)


def _looked_up(rows: pa.Table, column: str, other: pa.Table, wanted: str) -> np.ndarray:
    """`wanted` of the row of `other` that `column` names; NaN where there is none or it is unknown."""
    places = pc.index_in(rows.column(column), other.column("id").combine_chunks())
    return _floats(other.column(wanted).take(places))


def _floats(values: Any) -> np.ndarray:
    # Compared only, never stored: 2^53 fen is 90 trillion yuan.
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return array.cast(pa.float64()).fill_null(float("nan")).to_numpy(zero_copy_only=False)


def _sums(rows: pa.Table, key: str, value: str) -> dict[str, int]:
    found = rows.group_by(key).aggregate([(value, "sum")])
    return dict(zip(found.column(key).to_pylist(), found.column(f"{value}_sum").to_pylist(), strict=True))


def _ten_thousandfold(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((left > 0) & (right > 0), left / right, np.nan)
    return (np.abs(np.log10(ratio)) > 3.5) & (np.abs(np.log10(ratio)) < 4.5)


def check_units(rows_of: Rows, findings: Findings) -> None:
    """万元 against 元: amounts that belong together, some ten thousand times apart; drawdowns over contracts."""
    contracts, drawdowns = rows_of("contracts"), rows_of("drawdowns")
    amount = _floats(drawdowns.column("amount"))
    principal = _looked_up(drawdowns, "contract_id", contracts, "principal")
    apart = _ten_thousandfold(amount, principal)
    findings.add("drawdowns", "amount", drawdowns, apart, WAN)
    with np.errstate(invalid="ignore"):
        findings.add("drawdowns", "amount", drawdowns, (amount > principal) & ~apart, ABOVE_CONTRACT, "warning")
    for name, column, key, other, wanted in (
        ("stated_balances", "amount", "drawdown_id", drawdowns, "amount"),
        ("claims", "principal", "contract_id", contracts, "principal"),
        ("guarantees", "cap", "contract_id", contracts, "principal"),
        ("security_rights_debts", "amount", "contract_id", contracts, "principal"),
    ):
        rows = rows_of(name)
        if name == "stated_balances":
            rows = rows.filter(pc.equal(rows.column("component"), "principal"))
        if len(rows):
            apart = _ten_thousandfold(_floats(rows.column(column)), _looked_up(rows, key, other, wanted))
            # A balance nearly paid off is small too: only amounts above it speak for a mistaken unit.
            if name == "stated_balances":
                apart &= _floats(rows.column(column)) > _looked_up(rows, key, other, wanted)
            findings.add(name, column, rows, apart, WAN)
    for name, column in (("facilities", "approved"), ("contracts", "principal"), ("drawdowns", "amount")):
        rows = rows_of(name)
        amounts = _floats(rows.column(column))
        if len(rows) and np.nanmedian(np.where(np.isnan(amounts), 0, amounts)) > 5_000_000:
            findings.add(name, column, rows, (amounts > 0) & (amounts < 100_000), FAR_BELOW, "warning")
    appraisals = rows_of("appraisals")
    if len(appraisals):
        middle = appraisals.group_by("asset_id").aggregate([("amount", "max")])
        places = pc.index_in(appraisals.column("asset_id"), middle.column("asset_id").combine_chunks())
        largest = _floats(middle.column("amount_max").take(places))
        findings.add(
            "appraisals", "amount", appraisals, _ten_thousandfold(_floats(appraisals.column("amount")), largest), WAN
        )


def check_sums(rows_of: Rows, findings: Findings) -> None:
    """Parts against wholes: invoices, recoveries, packages, plans, distributions, shares."""
    invoices = rows_of("invoices")
    if len(invoices):
        total = pc.add(invoices.column("net"), invoices.column("tax"))
        wrong = flags(pc.not_equal(total, invoices.column("gross")))
        findings.add("invoices", "gross", invoices, wrong, INVOICE_SUM, "warning")
    recoveries = rows_of("recoveries")
    if len(recoveries):
        expected = pc.subtract(recoveries.column("gross"), pc.fill_null(recoveries.column("court_deductions"), 0))
        wrong = flags(pc.greater(recoveries.column("net"), expected))
        findings.add("recoveries", "net", recoveries, wrong, RECOVERY_SUM)
    _compare_sum(rows_of("packages"), "stated_principal", rows_of("package_items"), "package_id", "principal",
                 findings, "packages", PACKAGE_SUM)  # fmt: skip
    instalments = rows_of("instalments")
    standing = instalments.filter(pc.not_equal(pc.fill_null(instalments.column("status"), "due"), "cancelled"))
    if len(standing) == len(instalments):
        # After a change of plan the old lines are cancelled and the rest no longer adds up to the whole drawdown.
        _compare_sum(rows_of("drawdowns"), "amount", standing, "drawdown_id", "principal",
                     findings, "drawdowns", PLAN_SUM, "warning")  # fmt: skip
    rounds, distributions = rows_of("auction_rounds"), rows_of("distributions")
    if len(distributions) and len(rounds):
        sold = rounds.filter(pc.equal(rounds.column("result"), "sold"))
        fetched = _sums(sold, "lot_id", "price")
        paid = _sums(distributions, "lot_id", "paid")
        over = [lot for lot, amount in paid.items() if lot in fetched and (amount or 0) > (fetched[lot] or 0)]
        lots = rows_of("auction_lots")
        findings.add("auction_lots", "id", lots, flags(pc.is_in(lots.column("id"), pa.array(over, pa.string()))),
                     DISTRIBUTED_TOO_MUCH)  # fmt: skip
    for name, key, role in (("asset_owners", "asset_id", None), ("party_roles", "party_id", "shareholder")):
        rows = rows_of(name)
        if role is not None:
            rows = rows.filter(pc.equal(rows.column("role"), role))
        over = [k for k, total in _sums(rows, key, "share").items() if (total or 0) > 1_000_000]
        found = flags(pc.is_in(rows.column(key), pa.array(over, pa.string())))
        findings.add(name, "share", rows, found, SHARES_SUM)


def _compare_sum(
    wholes: pa.Table, stated: str, parts: pa.Table, key: str, value: str, findings: Findings, name: str,
    reason: Reason, severity: Any = "error",
) -> None:  # fmt: skip
    if not len(wholes) or not len(parts):
        return
    sums = _sums(parts, key, value)
    added = [sums.get(i) for i in wholes.column("id").to_pylist()]
    wrong = flags(pc.not_equal(wholes.column(stated), pa.array(added, pa.int64())))
    findings.add(name, stated, wholes, wrong, reason, severity)


_ADDS = pa.array(["disburse", "accrue", "advance"])
_TAKES = pa.array(["receive", "waive"])


def balances(postings: pa.Table) -> pa.Table:
    """Signed postings: drawdown_id, component, day (value date, else posting date), amount with its direction.

    Paid out, accrued and advanced add; received and waived take; a reversal undoes the posting it names. Interest moved
    off the balance sheet leaves one component and joins the other. Write-off and assignment change the books, not the
    debt.
    """
    kinds = postings.column("kind")
    places = pc.index_in(postings.column("reverses_id"), postings.column("id").combine_chunks())
    undone = kinds.take(places)
    acting = pc.if_else(pc.equal(kinds, "reverse"), undone, kinds)
    sign = pc.subtract(
        pc.fill_null(pc.is_in(acting, _ADDS), False).cast(pa.int64()),
        pc.fill_null(pc.is_in(acting, _TAKES), False).cast(pa.int64()),
    )
    moved = pc.if_else(pc.equal(postings.column("component"), "interest_off_balance"), 1, -1)
    sign = pc.if_else(pc.fill_null(pc.equal(acting, "move_off_balance"), False), moved, sign)
    sign = pc.if_else(pc.equal(kinds, "reverse"), pc.negate(sign), sign)
    day = pc.coalesce(postings.column("value_date"), postings.column("posted_on"))
    return pa.table(
        {
            "drawdown_id": postings.column("drawdown_id"),
            "component": postings.column("component"),
            "day": day,
            "amount": pc.multiply(pc.fill_null(postings.column("amount"), 0), sign),
        }
    )


def check_stated(rows_of: Rows, findings: Findings) -> None:
    """Stated balances against the postings: principal to the fen, other components to 1 %."""
    stated = rows_of("stated_balances")
    stated = stated.filter(pc.is_valid(stated.column("drawdown_id")))
    if not len(stated):
        return
    postings = rows_of("postings")
    concerned = postings.filter(pc.is_in(postings.column("drawdown_id"), pc.unique(stated.column("drawdown_id"))))
    if not len(concerned):
        return
    signed = balances(concerned)
    for base in pc.unique(stated.column("base_on")).to_pylist():
        if base is None:
            continue
        until = signed.filter(pc.less_equal(signed.column("day"), pa.scalar(base)))
        sums = until.group_by(["drawdown_id", "component"]).aggregate([("amount", "sum")])
        known = dict(
            zip(
                zip(sums.column("drawdown_id").to_pylist(), sums.column("component").to_pylist(), strict=True),
                sums.column("amount_sum").to_pylist(),
                strict=True,
            )
        )
        here = stated.filter(pc.equal(stated.column("base_on"), pa.scalar(base)))
        wrong, shown = [], []
        for place, (debt, component, amount) in enumerate(
            zip(*(here.column(n).to_pylist() for n in ("drawdown_id", "component", "amount")), strict=True)
        ):
            recomputed = known.get((debt, component), 0)
            slack = 0 if component == "principal" else abs(recomputed) // 100
            if amount is not None and abs(amount - recomputed) > slack:
                wrong.append(place)
                shown.append(f"{amount} / {recomputed}")
        findings.add(
            "stated_balances", "amount", here, np.array(wrong, np.int64), STATED_DIFFERS, "warning", values=shown
        )


def check_things(rows_of: Rows, as_of: date, findings: Findings) -> None:
    """One asset twice, guarantors missing, parties gone, amounts registered otherwise, no limitation evidence."""
    assets = rows_of("assets")
    if len(assets):
        findings.add("assets", "id", assets, _twice(assets), ASSET_TWICE, "warning")
    guarantees = rows_of("guarantees")
    missing = flags(pc.is_null(guarantees.column("guarantor_id")))
    findings.add("guarantees", "guarantor_id", guarantees, missing, GUARANTOR_MISSING)
    parties, drawdowns = rows_of("parties"), rows_of("drawdowns")
    gone = parties.filter(flags(pc.is_in(parties.column("status"), _GONE)))
    if len(gone):
        open_ones = drawdowns.filter(
            flags(pc.invert(pc.is_in(pc.fill_null(drawdowns.column("status"), "open"), pa.array(["settled"]))))
        )
        standing = guarantees.filter(pc.is_null(guarantees.column("released_on")))
        bound = pa.concat_arrays(
            [
                pc.unique(open_ones.column("party_id")),
                pc.unique(standing.column("guarantor_id")).cast(pa.string()),
            ]
        )
        findings.add("parties", "status", gone, flags(pc.is_in(gone.column("id"), bound)), PARTY_GONE, "warning")
    rights = rows_of("security_rights")
    if len(rights):
        differs = flags(pc.not_equal(rights.column("registered_amount"), rights.column("maximum_amount")))
        findings.add("security_rights", "registered_amount", rights, differs, REGISTERED_DIFFERS, "warning")
    _limitation(rows_of, as_of, findings)


def _limitation(rows_of: Rows, as_of: date, findings: Findings) -> None:
    claims, events = rows_of("claims"), rows_of("limitation_events")
    if not len(claims):
        return
    held = flags(pc.is_in(pc.fill_null(claims.column("status"), "held"), pa.array(["held"])))
    day = as_of.day if (as_of.month, as_of.day) != (2, 29) else 28
    old = flags(pc.less(claims.column("due_on"), pa.scalar(date(as_of.year - 3, as_of.month, day))))
    covered = pc.is_in(claims.column("id"), pc.unique(events.column("claim_id")).drop_null())
    links = rows_of("claim_drawdowns")
    by_debt = links.filter(
        flags(pc.is_in(links.column("drawdown_id"), pc.unique(events.column("drawdown_id")).drop_null()))
    )
    also = pc.is_in(claims.column("id"), pc.unique(by_debt.column("claim_id")).drop_null())
    evidence = flags(pc.or_(covered, also))
    findings.add("claims", "due_on", claims, held & old & ~evidence, LIMITATION_MISSING, "warning")


def _twice(assets: pa.Table) -> np.ndarray:
    """Assets that share an identity with another: unit, vehicle, serial and kind, present or former certificate."""
    seen: dict[tuple[str, ...], int] = {}
    doubled: set[int] = set()
    names = ("unit_number", "vehicle_number", "certificate_number", "former_certificate_number")
    columns = {n: assets.column(n).to_pylist() for n in (*names, "address", "area_hundredths", "kind", "serial_number")}
    for place in range(len(assets)):
        marks: set[tuple[str, ...]] = set()
        for name in names:
            text = columns[name][place]
            if text:
                kind = "certificate" if "certificate" in name else name
                marks.add((kind, ids.normalise(text)))
        if columns["serial_number"][place]:
            marks.add(("serial", str(columns["kind"][place]), ids.normalise(columns["serial_number"][place])))
        if columns["address"][place] and columns["area_hundredths"][place]:
            marks.add(("place", ids.normalise(columns["address"][place]), str(columns["area_hundredths"][place])))
        for mark in marks:
            if mark in seen:
                doubled.update((seen[mark], place))
            else:
                seen[mark] = place
    found = np.zeros(len(assets), np.bool_)
    found[sorted(doubled)] = True
    return found


def check_consents(rows_of: Rows, as_of: date, findings: Findings) -> None:
    """Consents that have lapsed; credit reports without one, or under one that did not stand on the day."""
    reports, consents = rows_of("credit_reports"), rows_of("consents")
    over = flags(pc.less(consents.column("expires_on"), pa.scalar(as_of)))
    findings.add("consents", "expires_on", consents, over & flags(consents.column("granted")), CONSENT_LAPSED, "note")
    if not len(reports):
        return
    none = flags(pc.is_null(reports.column("consent_id")))
    findings.add("credit_reports", "consent_id", reports, none, CONSENT_NONE, "warning")
    places = pc.index_in(reports.column("consent_id"), consents.column("id").combine_chunks())
    day = reports.column("queried_on")
    lapsed = pc.less(consents.column("expires_on").take(places), day)
    withdrawn = pc.less_equal(consents.column("withdrawn_on").take(places), day)
    early = pc.greater(consents.column("granted_on").take(places), day)
    refused = pc.and_kleene(
        pc.invert(consents.column("granted").take(places)), pc.is_null(consents.column("withdrawn_on").take(places))
    )
    stale = flags(lapsed) | flags(withdrawn) | flags(early) | flags(refused)
    findings.add("credit_reports", "consent_id", reports, stale, CONSENT_STALE)
