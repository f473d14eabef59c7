"""US small-business loans (the Small Business Administration's national file) into parties, contracts and drawdowns.

Invariant: a loan's own number is its id and its borrower's; nothing is dated that the source does not date. The file
knows no days past due: what became of a loan is its status, kept as a stated class (paid in full: normal; charged off:
loss) and marked so. `Term` is the term the file gives, which a charge-off shortens: it is kept as the due date and as
nothing else, so that no score can lean on it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.foreign import Foreign
from panhuo.ground.book.reading.frames import read_frame
from panhuo.ground.book.reading.problems import Problem, Reason
from panhuo.ground.record.errors import InvalidInput, NotFound

NEEDED = (
    "LoanNr_ChkDgt", "State", "NAICS", "ApprovalDate", "Term", "NoEmp", "NewExist", "CreateJob", "RetainedJob",
    "FranchiseCode", "UrbanRural", "RevLineCr", "LowDoc", "ChgOffDate", "DisbursementDate", "DisbursementGross",
    "MIS_Status", "ChgOffPrinGr", "GrAppv", "SBA_Appv", "BankState",
)  # fmt: skip
PAID, CHARGED_OFF = "P I F", "CHGOFF"
ENDINGS = (".parquet", ".csv", ".csv.gz", ".xlsx")

NO_DAY = Reason(
    "DAY_MISSING",
    "{which} 缺失或不是日期",
    "{which} is missing or no date",
    "补上日期后重新导入",
    "add the date and import again",
)
NO_STATUS = Reason(
    "STATUS_MISSING",
    "状态缺失：不知结清还是核销",
    "no status: paid or charged off is not known",
    "补上状态",
    "add the status",
)
NO_AMOUNT = Reason(
    "AMOUNT_MISSING", "发放金额不是正数", "the amount paid out is not positive", "核对金额", "check the amount"
)
TWICE = Reason("LOAN_TWICE", "贷款编号重复", "the loan's number stands twice", "保留一条", "keep one")
MORE_LOST = Reason(
    "MORE_CHARGED_OFF",
    "核销本金大于发放金额：按原样保留",
    "more principal charged off than was paid out: kept as stated",
    "向来源核对",
    "ask the source",
)
NO_NUMBER = Reason("NO_NUMBER", "没有贷款编号", "the loan has no number", "补上编号", "add the number")
NO_TERM = Reason("TERM_MISSING", "期限缺失", "no term", "补上期限（月）", "add the term in months")
PAID_EARLY = Reason(
    "PAID_EARLY",
    "{count} 笔已结清而期限晚于来源最后日期：来源未记结清日，记为 {day}",
    "{count} loan(s) are paid in full though their term ends after the file does; no day is stated: {day} is taken",
    "如有结清日请补上",
    "add the day of payment where it is known",
)


def _file(source: Path) -> Path:
    if source.is_file():
        return source
    found = sorted(p for p in source.iterdir() if p.name.lower().endswith(ENDINGS))
    if not found:
        raise NotFound(f"no table in {source.name}", where=str(source), remedy=f"a file ending in {', '.join(ENDINGS)}")
    return found[0]


def _days(column: pa.ChunkedArray) -> pa.Array:
    """Days written as 2/28/1997, 1997-02-28 or 28-Feb-97 (years 00 to 20 are of this century); else unknown."""
    text = column.cast(pa.string()).combine_chunks()
    plain = pc.strptime(text, format="%m/%d/%Y", unit="s", error_is_null=True).cast(pa.date32())
    plain = pc.coalesce(plain, pc.strptime(text, format="%Y-%m-%d", unit="s", error_is_null=True).cast(pa.date32()))
    if plain.null_count == text.null_count:
        return plain
    short = pc.strptime(text, format="%d-%b-%y", unit="s", error_is_null=True).cast(pa.date32())
    late = pc.greater(short, pa.scalar(date(2020, 12, 31)))
    century = pc.subtract(short.cast(pa.int32()), pa.scalar(36525, pa.int32())).cast(pa.date32())
    return pc.coalesce(plain, pc.if_else(pc.fill_null(late, False), century, short))


def _cents(column: pa.ChunkedArray) -> pa.Array:
    """Dollars, as numbers or as text like ``$60,000.00``, in cents; unknown where they cannot be read."""
    array = column.combine_chunks()
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        bare = pc.replace_substring_regex(array.cast(pa.string()), r"[$, ]", "")
        fits = pc.match_substring_regex(bare, r"^-?[0-9]{1,12}([.][0-9]+)?$")
        array = pc.if_else(fits, bare, None).cast(pa.decimal128(24, 4), safe=False)
    elif pa.types.is_floating(array.type):
        array = pc.if_else(pc.is_finite(array), array, None).cast(pa.decimal128(24, 4), safe=False)
    else:
        return pc.multiply(array.cast(pa.int64()), 100)
    hundredfold = pc.multiply(array, pa.scalar(Decimal(100)))
    return pc.round(hundredfold, 0, round_mode="half_up").cast(pa.int64(), safe=False)


def _after_months(days: pa.Array, months: pa.Array) -> pa.Array:
    values = days.cast(pa.timestamp("s")).to_numpy(zero_copy_only=False).astype("datetime64[M]")
    inside = days.to_numpy(zero_copy_only=False).astype("datetime64[D]")
    offset = (inside - values.astype("datetime64[D]")).astype(np.int64)
    target = values + pc.fill_null(months, 0).to_numpy(zero_copy_only=False).astype("timedelta64[M]")
    last = ((target + np.timedelta64(1, "M")).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(np.int64)
    return pa.array(target.astype("datetime64[D]") + np.minimum(offset, last - 1).astype("timedelta64[D]"), pa.date32())


def _report(
    problems: list[Problem], name: str, mask: pa.Array, column: str, values: Any, reason: Reason, kind: Any
) -> None:
    for at in np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False)):
        shown = values[int(at)].as_py() if values is not None else ""
        words = {"which": column} if "{which}" in reason.en else {}
        problems.append(Problem.of(name, int(at) + 2, column, "" if shown is None else shown, reason, kind, **words))


def read(source: Path) -> Foreign:
    """Reads the national file (Parquet, CSV or Excel, under its own column names).

    Raises:
        NotFound: no table there.
        InvalidInput: a column is missing.
    """
    path = _file(source)
    raw = read_frame(path)
    missing = [n for n in NEEDED if n not in raw.column_names]
    if missing:
        raise InvalidInput(
            f"the file lacks {', '.join(missing)}",
            where=path.name,
            remedy="give the national file with its own headers",
        )
    problems: list[Problem] = []
    number = raw.column("LoanNr_ChkDgt").cast(pa.string()).combine_chunks()
    approved, paid_out = _days(raw.column("ApprovalDate")), _days(raw.column("DisbursementDate"))
    lost_on = _days(raw.column("ChgOffDate"))
    status = pc.utf8_trim_whitespace(raw.column("MIS_Status").cast(pa.string()).combine_chunks())
    amount, lost = _cents(raw.column("DisbursementGross")), _cents(raw.column("ChgOffPrinGr"))
    known = pc.is_in(status, pa.array([PAID, CHARGED_OFF]))
    repeated = np.ones(len(raw), np.bool_)
    repeated[np.unique(np.array(pc.fill_null(number, "").to_pylist()), return_index=True)[1]] = False
    charged = pc.fill_null(pc.equal(status, CHARGED_OFF), False)
    term = raw.column("Term").combine_chunks().cast(pa.int64())
    bad = (
        (pc.is_null(number), "LoanNr_ChkDgt", None, NO_NUMBER),
        (pc.is_null(term), "Term", None, NO_TERM),
        (pc.is_null(approved), "ApprovalDate", raw.column("ApprovalDate"), NO_DAY),
        (pc.is_null(paid_out), "DisbursementDate", raw.column("DisbursementDate"), NO_DAY),
        (pc.invert(known), "MIS_Status", raw.column("MIS_Status"), NO_STATUS),
        (pc.less_equal(pc.fill_null(amount, 0), 0), "DisbursementGross", amount, NO_AMOUNT),
        (pc.and_(charged, pc.is_null(lost_on)), "ChgOffDate", raw.column("ChgOffDate"), NO_DAY),
        (pa.array(repeated), "LoanNr_ChkDgt", number, TWICE),
    )
    good = pa.array(np.ones(len(raw), np.bool_))
    for mask, column, values, reason in bad:
        _report(problems, path.name, mask, column, values, reason, "bad")
        good = pc.and_(good, pc.invert(pc.fill_null(mask, True)))
    over = pc.and_(good, pc.greater(pc.fill_null(lost, 0), pc.fill_null(amount, 0)))
    _report(problems, path.name, over, "ChgOffPrinGr", lost, MORE_LOST, "note")
    due = _after_months(paid_out, term)
    keep = {
        "number": number, "approved": approved, "paid_out": paid_out, "lost_on": lost_on, "due": due,
        "charged": charged, "amount": amount, "lost": pc.fill_null(lost, 0),
        "granted": _cents(raw.column("GrAppv")), "covered": _cents(raw.column("SBA_Appv")),
        **{n: raw.column(n).combine_chunks() for n in NEEDED if n not in ("LoanNr_ChkDgt",)},
    }  # fmt: skip
    rows = pa.table(keep).filter(good).combine_chunks()
    place = pa.array(np.flatnonzero(good.to_numpy(zero_copy_only=False)) + 2, pa.int64())
    if not len(rows):
        raise InvalidInput("no row of the file could be taken", where=path.name, remedy="see the file's own columns")
    seen = [pc.max(rows.column(n)).as_py() for n in ("paid_out", "lost_on", "approved")]
    last = max(day for day in seen if day is not None)
    early = pc.and_(pc.invert(rows.column("charged")), pc.greater(rows.column("due"), pa.scalar(last)))
    count = pc.sum(early).as_py() or 0
    if count:
        problems.append(Problem.of(path.name, 0, "MIS_Status", PAID, PAID_EARLY, "note", count=count, day=last))
    tables = _tables(rows, place, path.name, last)
    return Foreign(tables, problems, last, {"source": "sba", "note": "classes come from the stated status"})


def _tables(rows: pa.Table, place: pa.Array, name: str, last: date) -> dict[str, pa.Table]:
    count = len(rows)
    number = rows.column("number")
    currency = pa.array(["USD"] * count, pa.string())
    common = {"source_doc": pa.array([name] * count, pa.string()), "source_row": place}
    cents = {n: rows.column(n) for n in ("amount", "lost", "granted", "covered")}
    naics = pc.utf8_slice_codeunits(rows.column("NAICS").cast(pa.string()), 0, 2)
    parties = {
        "id": number, "effective_on": rows.column("approved"), **common,
        "kind": pa.array(["company"] * count, pa.string()),
        "region": pc.binary_join_element_wise("US", rows.column("State").cast(pa.string()), "-"),
        "industry": pc.binary_join_element_wise("NAICS", naics, " "),
        "employees": rows.column("NoEmp").cast(pa.int64()),
    }  # fmt: skip
    contracts = {
        "id": number, "effective_on": rows.column("approved"), **common, "party_id": number, "number": number,
        "lender_kind": pa.array(["bank"] * count, pa.string()), "principal": cents["granted"],
        "signed_on": rows.column("approved"), "due_on": rows.column("due"), "currency": currency,
    }  # fmt: skip
    drawdowns = {
        "id": number, "effective_on": rows.column("paid_out"), **common, "contract_id": number, "party_id": number,
        "amount": cents["amount"], "out_on": rows.column("paid_out"), "due_on": rows.column("due"),
        "status": pc.if_else(rows.column("charged"), "written_off", "settled"),
        "credit_impaired": rows.column("charged"), "currency": currency,
    }  # fmt: skip
    charged = rows.column("charged")
    gone, there = rows.filter(charged), place.filter(charged.combine_chunks())
    lost_on, ids = gone.column("lost_on"), gone.column("number")
    more = {"source_doc": pa.array([name] * len(gone), pa.string()), "source_row": there}
    writeoffs = {
        "id": ids, "effective_on": lost_on, **more, "drawdown_id": ids, "party_id": ids, "written_off_on": lost_on,
        "component": pa.array(["principal"] * len(gone), pa.string()), "amount": gone.column("lost"),
        "kept_on_record": pa.nulls(len(gone), pa.bool_()), "currency": currency.slice(0, len(gone)),
    }  # fmt: skip
    # The ledger as far as the file tells it: paid out, and what still stood when the loan was charged off.
    paid = pc.subtract(rows.column("amount"), pc.if_else(charged, rows.column("lost"), 0))
    # The file does not date payment in full: by the end of the term, or of the file where that comes first.
    ended = pc.coalesce(rows.column("lost_on"), pc.min_element_wise(rows.column("due"), pa.scalar(last)))
    some = pc.greater(paid, 0)
    postings = pa.concat_tables(
        [
            _postings(number, rows.column("paid_out"), cents["amount"], "disburse", "out"),
            _postings(number.filter(some), ended.filter(some), paid.filter(some), "receive", "in"),
        ]
    )
    decisions = {
        "id": number, "effective_on": ended, **common, "drawdown_id": number, "party_id": number, "decided_on": ended,
        "final": pc.if_else(charged, "loss", "normal"),
        "reason": pa.array(["stated status of the source, not days past due"] * count, pa.string()),
    }  # fmt: skip
    return {
        "parties": pa.table(parties),
        "contracts": pa.table(contracts),
        "drawdowns": pa.table(drawdowns),
        "postings": postings,
        "writeoffs": pa.table(writeoffs),
        "class_decisions": pa.table(decisions),
        "observations": _observations(rows, cents),
    }


def _postings(ids: Any, day: Any, amount: Any, kind: str, suffix: str) -> pa.Table:
    count = len(ids)
    return pa.table(
        {
            "id": pc.binary_join_element_wise(ids, suffix, "-"), "effective_on": day,
            "drawdown_id": ids, "party_id": ids,
            "posted_on": day, "value_date": day, "component": pa.array(["principal"] * count, pa.string()),
            "kind": pa.array([kind] * count, pa.string()), "amount": amount,
            "currency": pa.array(["USD"] * count, pa.string()),
        }
    )  # fmt: skip


def _observations(rows: pa.Table, cents: dict[str, Any]) -> pa.Table:
    """What the application stated, as measures dated the day of approval; every one was known before the outcome."""
    same_state = pc.equal(rows.column("State").cast(pa.string()), rows.column("BankState").cast(pa.string()))
    covered = np.array(cents["covered"].to_pylist(), dtype=object)
    granted = np.array(cents["granted"].to_pylist(), dtype=object)
    share = [int(c * 1_000_000 // g) if g else None for c, g in zip(covered, granted, strict=True)]
    measures: dict[str, Any] = {
        "application_amount": cents["granted"],
        "guaranteed_share": pa.array(share, pa.int64()),
        "employees": rows.column("NoEmp").cast(pa.int64()),
        "new_business": pc.equal(rows.column("NewExist"), 2).cast(pa.int64()),
        "jobs_created": rows.column("CreateJob").cast(pa.int64()),
        "jobs_retained": rows.column("RetainedJob").cast(pa.int64()),
        "franchise": pc.greater(rows.column("FranchiseCode"), 1).cast(pa.int64()),
        "urban_rural": rows.column("UrbanRural").cast(pa.int64()),
        "line_of_credit": _letter(rows.column("RevLineCr")),
        "short_application": _letter(rows.column("LowDoc")),
        "lender_in_state": same_state.cast(pa.int64()),
    }
    parts = []
    for measure, values in measures.items():
        plain = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        known = pc.is_valid(plain)
        ids, day = rows.column("number").filter(known), rows.column("approved").filter(known)
        count = len(ids)
        parts.append(
            pa.table(
                {
                    "id": pc.binary_join_element_wise(ids, measure, "-"),
                    "effective_on": day,
                    "party_id": ids,
                    "month_end_on": day,
                    "measure": pa.array([measure] * count, pa.string()),
                    "value": plain.filter(known),
                }
            )
        )
    return pa.concat_tables(parts)


def _letter(column: pa.ChunkedArray) -> pa.Array:
    """Y is 1, N is 0; the file's stray marks (0, 1, T, blanks) say nothing and stay unknown."""
    text = column.cast(pa.string()).combine_chunks()
    return pc.if_else(pc.equal(text, "Y"), 1, pc.if_else(pc.equal(text, "N"), 0, None)).cast(pa.int64())
