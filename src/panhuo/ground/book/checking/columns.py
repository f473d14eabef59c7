"""Checks of one table by itself: completeness, duplicates, codes, ranges, order of dates, identifiers.

Invariant: what a declaration says (required, codes, references) is checked from the declaration alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.checking.report import Findings
from panhuo.ground.book.measures import MEASURES
from panhuo.ground.book.reading.problems import Reason
from panhuo.ground.book.table import Table
from panhuo.ground.record.columns import ColumnType
from panhuo.ground.values import identifiers as ids

REQUIRED = Reason("REQUIRED", "必填项为空", "a required value is unknown", "补上该值", "supply the value")
DUPLICATE = Reason(
    "DUPLICATE",
    "同一编号出现多次",
    "the id stands more than once",
    "去重，或用 replaces 更正",
    "remove one, or correct by replaces",
)
NOT_A_CODE = Reason(
    "NOT_A_CODE", "不在代码表内", "not one of the codes", "改为代码表所列", "use a code of docs/tables.md"
)
NOT_A_MEASURE = Reason(
    "NOT_A_MEASURE",
    "指标未登记，数值的单位无从得知",
    "the measure is not registered, so nothing says what its number means",
    "改用已登记的指标",
    "use a registered measure",
)
DANGLING = Reason(
    "DANGLING_REFERENCE",
    "所指的对象不在台账中",
    "it names something the book does not hold",
    "补充该对象，或改正编号",
    "add what it names, or correct the id",
)
NEGATIVE = Reason("NEGATIVE_AMOUNT", "金额为负", "the amount is negative", "核对符号", "check the sign")
HUGE = Reason(
    "AMOUNT_OUT_OF_RANGE",
    "金额超过一千亿元，疑为单位错误",
    "above 100 billion: probably the wrong unit",
    "核对元与万元",
    "check yuan against 万元",
)
RATE_RANGE = Reason(
    "RATE_OUT_OF_RANGE",
    "年利率不在 0.5% 至 36% 之间",
    "the annual rate is not between 0.5 % and 36 %",
    "核对利率单位",
    "check the unit of the rate",
)
UPLIFT_RANGE = Reason(
    "UPLIFT_OUT_OF_RANGE",
    "逾期上浮不在 30% 至 50% 之间",
    "the overdue uplift is not between 30 % and 50 % (银发〔2003〕251号)",
    "核对合同",
    "check the contract",
)
SHARE_RANGE = Reason(
    "SHARE_OUT_OF_RANGE",
    "份额不在 0 至 100% 之间",
    "the share is not between 0 and 100 %",
    "核对份额",
    "check the share",
)
DATE_RANGE = Reason(
    "DATE_OUT_OF_RANGE",
    "日期早于1949年或晚于基准日后七十年",
    "before 1949, or more than seventy years after the as-of day",
    "核对日期",
    "check the date",
)
DATE_ORDER = Reason(
    "DATES_OUT_OF_ORDER",
    "早于应在其前的日期",
    "earlier than the day that must come first",
    "核对两个日期",
    "check both dates",
)
IDENTIFIER_TWICE = Reason(
    "IDENTIFIER_TWICE",
    "两个主体使用同一证件号码",
    "two parties carry the same identifier",
    "合并主体，或以 relations 记为同一主体",
    "merge them, or record a same_party relation",
)

ORDERED: dict[str, tuple[tuple[str, str], ...]] = {
    "party_roles": (("from_on", "to_on"),),
    "groups": (("agreed_on", "ended_on"),),
    "group_members": (("joined_on", "left_on"),),
    "relations": (("first_on", "last_on"),),
    "facilities": (("approved_on", "expires_on"),),
    "contracts": (("signed_on", "due_on"),),
    "drawdowns": (("out_on", "due_on"), ("out_on", "settled_on")),
    "modifications": (("approved_on", "first_due_on"), ("first_due_on", "observation_ends_on")),
    "writeoffs": (("approved_on", "written_off_on"),),
    "guarantees": (("period_from_on", "period_to_on"), ("signed_on", "first_demand_on")),
    "security_rights": (("signed_on", "registered_on"), ("registered_on", "released_on"),
                        ("determination_from_on", "determination_to_on")),
    "burdens": (("starts_on", "ends_on"),),
    "seizures": (("from_on", "expires_on"), ("transfer_letter_on", "transferred_on")),
    "appraisals": (("appraised_on", "valid_to_on"),),
    "assignments": (("signed_on", "closed_on"),),
    "notices": (("sent_on", "reached_on"),),
    "limitation_events": (("done_on", "reached_on"), ("done_on", "ended_on")),
    "matters": (("opened_on", "closed_on"),),
    "proceedings": (("filed_on", "accepted_on"), ("accepted_on", "decided_on"), ("decided_on", "effective_since_on"),
                    ("accepted_on", "closed_on")),
    "instruments": (("made_on", "served_on"), ("made_on", "effective_since_on")),
    "instrument_items": (("interest_from_on", "interest_stop_on"),),
    "enforcement_measures": (("taken_on", "lifted_on"),),
    "auction_rounds": (("notice_on", "starts_on"), ("starts_on", "ends_on"), ("ends_on", "vacated_on")),
    "distributions": (("made_on", "served_on"), ("served_on", "objected_on")),
    "mediations": (("opened_on", "agreed_on"), ("agreed_on", "confirmation_filed_on"),
                   ("confirmation_filed_on", "confirmation_ruled_on")),
    "bankruptcies": (("accepted_on", "claims_due_on"), ("accepted_on", "filed_on"), ("accepted_on", "closed_on")),
    "packages": (("base_on", "offered_on"), ("offered_on", "closes_on"), ("base_on", "closed_on")),
    "consents": (("granted_on", "expires_on"), ("granted_on", "withdrawn_on")),
}  # fmt: skip
"""Table -> pairs of days of which the second never comes before the first."""

_MAY_BE_NEGATIVE = {
    ("invoices", "net"), ("invoices", "tax"), ("invoices", "gross"), ("transactions", "balance"),
}  # fmt: skip
_IDENTIFIERS: dict[tuple[str, str], Callable[[str], ids.Finding | None]] = {
    ("parties", "region"): ids.check_region,
    ("parties", "phone"): ids.check_phone,
    ("assets", "region"): ids.check_region,
    ("assets", "unit_number"): ids.check_real_estate_unit,
    ("assets", "certificate_number"): ids.check_certificate,
    ("assets", "vehicle_number"): ids.check_vehicle_number,
    ("proceedings", "case_number"): ids.check_case_number,
    ("seizures", "case_number"): ids.check_case_number,
    ("bankruptcies", "case_number"): ids.check_case_number,
    ("market_comparables", "region"): ids.check_region,
    ("packages", "region"): ids.check_region,
}
_BY_KIND: dict[str, Callable[[str], ids.Finding | None]] = {
    "unified_social_credit_code": ids.check_unified_social_credit_code,
    "identity_card": ids.check_identity_card,
    "residence_permit": ids.check_identity_card,
    "organisation_code": ids.check_organisation_code,
}


def flags(array: Any) -> np.ndarray:
    """A boolean column as a mask; unknown is false."""
    filled = pc.fill_null(array, False)
    if isinstance(filled, pa.ChunkedArray):
        filled = filled.combine_chunks()
    return filled.to_numpy(zero_copy_only=False).astype(np.bool_)


def describe(table: Table, rows: pa.Table) -> dict[str, Any]:
    """Rows, and for each column how many are known and distinct, with the extremes of amounts and days."""
    columns: dict[str, Any] = {}
    for column in table.fact_schema.columns:
        values = rows.column(column.name)
        known = len(values) - values.null_count
        entry: dict[str, Any] = {"known": known, "distinct": int(pc.count_distinct(values).as_py()) if known else 0}
        if known and column.type.is_integer and column.type is not ColumnType.BOOL:
            extremes = pc.min_max(values).as_py()
            low, high = extremes["min"], extremes["max"]
            entry["min"] = low.isoformat() if isinstance(low, date) else low
            entry["max"] = high.isoformat() if isinstance(high, date) else high
        columns[column.name] = entry
    return {"rows": len(rows), "columns": columns}


def check_table(table: Table, rows: pa.Table, as_of: date, findings: Findings) -> None:
    """Everything that can be said of a table without looking at another."""
    if len(rows) == 0:
        return
    _completeness(table, rows, findings)
    _measures(table, rows, findings)
    _duplicates(table, rows, findings)
    _ranges(table, rows, as_of, findings)
    for earlier, later in ORDERED.get(table.name, ()):
        wrong = flags(pc.less(rows.column(later), rows.column(earlier)))
        findings.add(table.name, later, rows, wrong, DATE_ORDER)
    check_identifiers(table, rows, findings)


def _completeness(table: Table, rows: pa.Table, findings: Findings) -> None:
    for column in table.fact_schema.columns:
        values = rows.column(column.name)
        if column.required and values.null_count:
            findings.add(table.name, column.name, rows, flags(pc.is_null(values)), REQUIRED)
        if column.type is ColumnType.CODE and column.codes is not None and values.null_count < len(values):
            known = pa.array([c.code for c in column.codes])
            strange = flags(pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, known))))
            findings.add(table.name, column.name, rows, strange, NOT_A_CODE)


def _measures(table: Table, rows: pa.Table, findings: Findings) -> None:
    if table.name == "observations":
        values = rows.column("measure")
        strange = pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, pa.array(list(MEASURES)))))
        findings.add(table.name, "measure", rows, flags(strange), NOT_A_MEASURE)


def _duplicates(table: Table, rows: pa.Table, findings: Findings) -> None:
    names = ["org_id", "id"] + (["effective_on"] if table.kind == "state" else [])
    free = rows.filter(pc.is_null(rows.column("replaces"))) if rows.column("replaces").null_count < len(rows) else rows
    if pc.count_distinct(free.column("id")).as_py() == len(free):
        return
    counted = free.group_by(names).aggregate([("id", "count")])
    several = counted.filter(pc.greater(counted.column("id_count"), 1))
    if len(several):
        findings.add(table.name, "id", several, np.ones(len(several), np.bool_), DUPLICATE)


def _ranges(table: Table, rows: pa.Table, as_of: date, findings: Findings) -> None:
    earliest, latest = date(1949, 1, 1), date(as_of.year + 70, 12, 31)
    endless = pa.scalar(date(9999, 12, 31))
    for column in table.schema.columns:
        values = rows.column(column.name)
        if values.null_count == len(values):
            continue
        if column.type is ColumnType.FEN:
            if (table.name, column.name) not in _MAY_BE_NEGATIVE:
                findings.add(table.name, column.name, rows, flags(pc.less(values, 0)), NEGATIVE)
            findings.add(table.name, column.name, rows, flags(pc.greater(pc.abs(values), 10**13)), HUGE, "warning")
        elif column.type is ColumnType.PPM:
            _rate_range(table, column.name, rows, values, findings)
        elif column.type is ColumnType.DATE:
            early = pc.less(values, pa.scalar(earliest))
            late = pc.and_(pc.greater(values, pa.scalar(latest)), pc.not_equal(values, endless))
            findings.add(table.name, column.name, rows, flags(pc.or_(early, late)), DATE_RANGE, "warning")


def _rate_range(table: Table, name: str, rows: pa.Table, values: Any, findings: Findings) -> None:
    if name.startswith("annual_rate"):
        low, high, reason, severity = 5_000, 360_000, RATE_RANGE, "warning"
    elif name == "penalty_uplift":
        low, high, reason, severity = 300_000, 500_000, UPLIFT_RANGE, "warning"
    elif name == "share":
        low, high, reason, severity = 0, 1_000_000, SHARE_RANGE, "error"
    else:
        return
    wrong = flags(pc.or_(pc.less(values, low), pc.greater(values, high)))
    findings.add(table.name, name, rows, wrong, reason, "error" if severity == "error" else "warning")


def check_identifiers(table: Table, rows: pa.Table, findings: Findings) -> None:
    """Identifiers by shape and check digit; for parties by the kind of identifier stated."""
    for (name, column), check in _IDENTIFIERS.items():
        if name == table.name:
            _check_values(table, column, rows, None, check, findings)
    if table.name == "parties":
        kinds = rows.column("identifier_kind")
        for kind, check in _BY_KIND.items():
            _check_values(table, "identifier", rows, flags(pc.equal(kinds, kind)), check, findings)
        known = rows.filter(pc.is_valid(rows.column("identifier")))
        if pc.count_distinct(known.column("identifier")).as_py() < len(known):
            coded = known.column("identifier").combine_chunks().dictionary_encode()
            places = coded.indices.to_numpy()
            twice = np.bincount(places)[places] > 1
            findings.add("parties", "identifier", known, twice, IDENTIFIER_TWICE, "warning", personal=True)


def _check_values(
    table: Table,
    column: str,
    rows: pa.Table,
    among: np.ndarray | None,
    check: Callable[[str], ids.Finding | None],
    findings: Findings,
) -> None:
    values = rows.column(column).combine_chunks()
    looked = flags(pc.is_valid(values)) if among is None else among & flags(pc.is_valid(values))
    if not looked.any():
        return
    coded = values.filter(pa.array(looked)).dictionary_encode()
    verdicts = [check(text) for text in coded.dictionary.to_pylist()]
    kinds: dict[tuple[str, str, str], list[int]] = {}
    for number, verdict in enumerate(verdicts):
        if verdict is not None:
            # Reasons that quote the value are told by their general part, so that like faults stand together.
            kinds.setdefault((verdict.kind, verdict.severity, ""), []).append(number)
    places = coded.indices.to_numpy()
    where = np.flatnonzero(looked)
    for (kind, severity, _), numbers in sorted(kinds.items()):
        hit = where[np.isin(places, numbers)]
        first = verdicts[numbers[0]]
        same = len({(v.reason_zh, v.reason_en) for v in (verdicts[n] for n in numbers) if v is not None}) == 1
        zh = first.reason_zh if first is not None and same else f"{_KIND_NAMES[kind][0]}未通过校验"
        en = first.reason_en if first is not None and same else f"the {_KIND_NAMES[kind][1]} fails its check"
        reason = Reason(
            "IDENTIFIER_" + ("INVALID" if severity == "refuse" else "DOUBTFUL"),
            zh,
            en,
            "核对证件原件",
            "check it against the original",
        )
        findings.add(
            table.name,
            column,
            rows,
            hit,
            reason,
            "error" if severity == "refuse" else "warning",
            personal=table.schema[column].personal is not None,
        )


_KIND_NAMES: dict[str, tuple[str, str]] = {
    "region": ("行政区划代码", "region code"),
    "unified_social_credit_code": ("统一社会信用代码", "unified social credit code"),
    "organisation_code": ("组织机构代码", "organisation code"),
    "identity_card": ("身份证号", "identity card number"),
    "phone": ("电话号码", "telephone number"),
    "case_number": ("案号", "case number"),
    "real_estate_unit": ("不动产单元号", "real-estate unit number"),
    "certificate": ("权证号", "certificate number"),
    "vehicle_number": ("车辆识别代号", "vehicle identification number"),
}
