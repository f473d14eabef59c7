"""期限墙: the last day of every right that can be lost, its evidence, and what is lost with it.

Invariant: a day shown is never later than the law allows on proved evidence. Where the holiday calendar is not yet
published, or the evidence is a newspaper or bare posting, the earlier day is shown and the row says so.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa

from panhuo.ground.book.table import CURRENCIES
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.rules.periods import end_of_period
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.values.calendars import calendar_of
from panhuo.stages.recovery.rights import Right, gather_rights
from panhuo.tools.finance.guarantee import guarantee_period
from panhuo.tools.finance.limitation import Life, date_of, limitation, number_of, rule_period
from panhuo.tools.finance.seizure import seizure_last_day

DEADLINE_KINDS = CodeList.of(
    "deadline_kinds",
    ("debt_limitation", "诉讼时效", "limitation of the debt"),
    ("enforcement_period", "申请执行期间", "enforcement period"),
    ("guarantee_period", "保证期间", "guarantee period"),
    ("guarantee_limitation", "保证债务诉讼时效", "limitation of the guarantee"),
    ("seizure_expiry", "查封到期", "seizure expires"),
    ("appraisal_validity", "评估有效期", "appraisal expires"),
    ("judicial_confirmation", "申请司法确认", "judicial confirmation"),
    ("bankruptcy_filing", "申报破产债权", "filing in bankruptcy"),
    ("appeal", "上诉期", "appeal"),
    ("suit_after_preservation", "保全后起诉", "suit after preservation"),
    ("distribution_objection", "分配方案异议", "objection to a distribution"),
)
DEADLINE_STATES = CodeList.of(
    "deadline_states",
    ("passed", "已过", "passed"),
    ("urgent", "三十日内", "within thirty days"),
    ("soon", "九十日内", "within ninety days"),
    ("running", "进行中", "running"),
    ("kept", "已主张或程序中", "kept: done, or proceedings run"),
    ("unknown", "缺事实", "facts are missing"),
)
EVIDENCE = CodeList.of(
    "deadline_evidence",
    ("a", "A 签收或官方文书", "A: signed for, or an official paper"),
    ("b", "B 送达有据", "B: delivery shown"),
    ("court", "法院程序", "a court's own record"),
    ("due", "履行期届满", "the due date itself"),
)

T = ColumnType
CURRENCY = Column("currency", T.CODE, "币种", "currency of what is lost", codes=CURRENCIES)
_KEYS = (
    Column("kind", T.CODE, "期限种类", "kind of deadline", key=True, required=True, codes=DEADLINE_KINDS),
    Column("entity_id", T.TEXT, "权利所系", "what the right is about", key=True, required=True),
)
# What the fold over events and the rule files says of one right; the judge below turns it into a state and words.
SUBJECT = Schema(
    "deadlines",
    (
        *_KEYS,
        Column("claim_id", T.TEXT, "债权", "claim"),
        Column("party_id", T.TEXT, "相对人", "party"),
        Column("as_of", T.DATE, "基准日", "judged on", required=True),
        Column("base_on", T.DATE, "起算日", "the period runs from"),
        Column("last", T.DATE, "最后一日", "last day on proved evidence"),
        Column("claimed_last", T.DATE, "按全部证据的最后一日", "last day if all evidence counted"),
        Column("decided_on", T.DATE, "决定起算的事件日", "day of the event that set it off"),
        Column("evidence_grade", T.CODE, "证据等级", "evidence", codes=EVIDENCE),
        Column("kept", T.BOOL, "已主张或程序中", "done, or proceedings run"),
        Column("published", T.BOOL, "节假日历已公布", "holiday calendar published"),
        Column("by_law", T.BOOL, "依法定期间", "by the statutory period"),
        Column("stake", T.FEN, "所系金额", "what is lost with it"),
        Column("events", T.TEXT, "事件", "what happened to it"),
        CURRENCY,
    ),
    zh="期限：所据事实",
    en="deadlines: what they rest on",
)
VERDICT = Schema(
    "deadlines",
    (
        *_KEYS,
        Column("state", T.CODE, "状态", "state", codes=DEADLINE_STATES),
        Column("last_day", T.DATE, "最后一日", "last day"),
        Column("days_left", T.DAYS, "剩余天数", "days left; negative once passed"),
        Column("consequence", T.FEN, "逾期后果", "what is lost when it passes"),
        Column("evidence", T.CODE, "证据等级", "evidence", codes=EVIDENCE),
        Column("claimed_last_day", T.DATE, "按全部证据的最后一日", "last day if all evidence counted"),
        Column("passed", T.BOOL, "已过", "passed"),
        Column("runs", T.BOOL, "进行中", "still runs"),
        Column("is_kept", T.BOOL, "已主张", "kept"),
        Column("missing", T.BOOL, "缺事实", "facts are missing"),
        Column("weak_evidence", T.BOOL, "证据不足以保住更晚的日期", "weak evidence alone would give a later day"),
        Column("calendar_not_published", T.BOOL, "节假日历未公布", "calendar not published"),
        CURRENCY,
    ),
    zh="期限墙",
    en="deadlines",
)


def lives(right: Right, as_of: dt.date) -> list[dict[str, Any]]:
    """The subject rows of one right: its fold over events under the rules in force."""
    row: dict[str, Any] = {
        "kind": right.kind,
        "entity_id": right.entity,
        "claim_id": right.claim,
        "party_id": right.party,
        "as_of": as_of,
        "base_on": date_of(right.base) if right.base is not None else None,
        "stake": right.stake,
        "currency": right.currency,
        "events": ";".join(sorted(e.text() for e in right.events)),
        "kept": False,
        "published": True,
        "by_law": True,
        "evidence_grade": "due",
    }
    if right.base is None:
        return [row]
    if right.kind in ("debt_limitation", "enforcement_period"):
        return [{**row, **_limited(right, as_of)}]
    if right.kind == "guarantee_period":
        return _guaranteed(right, row, as_of)
    return [{**row, **_clock(right, as_of)}]


def _day(number: int | None) -> dt.date | None:
    return date_of(number) if number is not None else None


def _life_columns(life: Life, claimed: Life) -> dict[str, Any]:
    grade = "due"
    if life.decided_by is not None:
        grade = "court" if life.decided_by.grade is None else life.decided_by.grade
    return {
        "last": _day(life.last),
        "claimed_last": _day(claimed.last),
        "decided_on": _day(life.decided_by.day if life.decided_by else None),
        "evidence_grade": grade if grade in ("a", "b", "court", "due") else "court",
        "kept": life.last is None,
        "published": life.published,
    }


def _limited(right: Right, as_of: dt.date) -> dict[str, Any]:
    assert right.base is not None
    length = None
    if right.kind == "enforcement_period":
        length = rule_period("procedure_clocks", "ENF-01", "period", date_of(right.base), as_of)
    safe = limitation(right.base, right.events, as_of, length=length)
    claimed = limitation(right.base, right.events, as_of, length=length, safe_only=False)
    found = _life_columns(safe, claimed)
    applied = right.facts.get("applied")
    if applied is not None and applied >= right.base and (safe.last is None or applied <= safe.last):
        # Once applied for in time, closing for want of property leaves the right to resume at any time (ENF-09).
        found |= {"kept": True, "decided_on": date_of(applied), "evidence_grade": "court"}
    return found


def _guaranteed(right: Right, row: dict[str, Any], as_of: dt.date) -> list[dict[str, Any]]:
    assert right.guarantee is not None
    life = guarantee_period(right.guarantee, as_of)
    period = {
        **row,
        "last": _day(life.last),
        "claimed_last": _day(life.last),
        "kept": life.done,
        "decided_on": _day(life.done_on),
        "evidence_grade": "b" if life.done else "due",
        "published": life.published,
        "by_law": life.by_law,
    }
    if not life.done or life.done_on is None:
        return [period]
    if not life.joint:
        # General: it runs from the loss of the refusal right (art. 694), a day the book does not hold: never safe.
        missing = {"kind": "guarantee_limitation", "base_on": None, "evidence_grade": None}
        return [period, {**row, **missing}]
    # Joint: from the demand on, the guarantee's own limitation runs (art. 694).
    after = limitation(life.done_on, right.events, as_of)
    claimed = limitation(life.done_on, right.events, as_of, safe_only=False)
    columns = _life_columns(after, claimed)
    suit_ended = after.decided_by.ended if after.decided_by is not None and after.decided_by.kind == "suit" else None
    if suit_ended is not None and after.last is not None:
        # A suit that ended may have ended in a judgment, and then enforcement must be applied for sooner (民诉法 250):
        # the earlier of the two days is the safe one.
        term = rule_period("procedure_clocks", "ENF-01", "period", date_of(suit_ended), as_of)
        sooner = end_of_period(suit_ended, term, calendar_of("CN"))
        if sooner.days < after.last:
            columns |= {"last": date_of(sooner.days), "published": sooner.published}
    second = {**row, "kind": "guarantee_limitation", "base_on": date_of(life.done_on), **columns}
    return [period, second]


RULE_SETS = ("appraisal_validity", "limitation_and_guarantee", "procedure_clocks", "seizure_and_confirmation")
"""Rule sets whose periods and terms the fold reads."""
_CLOCKS = {
    "judicial_confirmation": ("seizure_and_confirmation", "MED-01", "period"),
    "appeal": ("procedure_clocks", "LIT-06", "judgment"),
    "suit_after_preservation": ("seizure_and_confirmation", "LIT-09", "period"),
    "distribution_objection": ("procedure_clocks", "ENF-08", "objection"),
}


def _clock(right: Right, as_of: dt.date) -> dict[str, Any]:
    assert right.base is not None
    china, base = calendar_of("CN"), date_of(right.base)
    done = right.facts.get("done")
    if right.kind == "bankruptcy_filing":
        kept = done is not None and done <= right.base
        return {"last": base, "claimed_last": base, "kept": kept, "decided_on": _day(done), "evidence_grade": "court"}
    if right.kind == "seizure_expiry":
        facts = right.facts
        last = seizure_last_day(right.base, facts["stated"], facts["renewals"], facts["term"], as_of)
        return {"last": date_of(last), "claimed_last": date_of(last), "evidence_grade": "court"}
    if right.kind == "appraisal_validity":
        term = rule_period("appraisal_validity", "REF-09", "period", base, as_of)
        legal = end_of_period(right.base, term).days
        last = min(legal, right.facts["stated"] or legal)
        noticed = right.facts.get("noticed")
        if noticed is not None and noticed <= last:
            longer = rule_period("appraisal_validity", "REF-09", "sale_after_expiry", base, as_of)
            last = end_of_period(last, longer).days
        return {"last": date_of(last), "claimed_last": date_of(last), "evidence_grade": "court"}
    found = end_of_period(right.base, rule_period(*_CLOCKS[right.kind], base, as_of), china)
    kept = done is not None and done <= found.days
    last_day = date_of(found.days)
    return {
        "last": last_day,
        "claimed_last": last_day,
        "published": found.published,
        "kept": kept,
        "decided_on": _day(done),
        "evidence_grade": "court",
    }


def subjects_of(rights: list[Right], as_of: dt.date) -> pa.Table:
    """The subject table of many rights."""
    rows = [row for right in rights for row in lives(right, as_of)]
    short = {"appeal", "suit_after_preservation", "distribution_objection", "judicial_confirmation"}
    # A procedural clock that ran out over ninety days ago is history, not a deadline: the case itself shows it.
    recent = number_of(as_of) - 90
    kept = [r for r in rows if r["kind"] not in short or r.get("last") is None or number_of(r["last"]) >= recent]
    return SUBJECT.conform(pa.Table.from_pylist(kept, schema=SUBJECT.arrow()))


def rules_read(as_of: dt.date) -> tuple[tuple[()], dict[str, Any]]:
    """(nothing, the rule sets whose periods gather reads, by hash): the judge needs no number, the lineage the law."""
    return (), {"rule_sets": {name: load_rule_set(name).hash for name in RULE_SETS}}


def gather(snapshot: Any, days_past_due: Any = None) -> pa.Table:
    """Every right with a clock, folded over its events."""
    return subjects_of(gather_rights(snapshot, days_past_due), snapshot.as_of)


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """State of one deadline: passed, within 30 or 90 days, running, kept, or facts missing."""
    as_of, _ = row.as_of
    last, known = row.last
    claimed, claimed_known = row.claimed_last
    kept, _ = row.kept
    left = last - as_of
    passed = known and not kept and left < 0
    if kept:
        state = 4
    elif not known:
        state = 5
    elif left < 0:
        state = 0
    elif left <= 30:
        state = 1
    elif left <= 90:
        state = 2
    else:
        state = 3
    weak = known and not kept and (not claimed_known or claimed > last)
    return (
        (state, True),
        (last, known),
        (left, known and not kept),
        row.stake,
        row.evidence_grade,
        (claimed, claimed_known),
        (passed, True),
        (known and not kept and left >= 0, True),
        (kept, True),
        (not known and not kept, True),
        (weak, True),
        (known and not kept and not row.published[0], True),
        row.currency,
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    parameters=rules_read,
    needs=("days_past_due?",),
    reasons=(
        Reason("DDL-PASSED", "passed", None, ("kind", "last_day", "base_on", "evidence")),
        Reason("DDL-RUNS", "runs", None, ("kind", "last_day", "days_left", "base_on", "evidence")),
        Reason("DDL-KEPT", "is_kept", None, ("kind", "decided_on")),
        Reason("DDL-MISSING", "missing", None, ("kind",)),
        Reason("DDL-WEAK", "weak_evidence", None, ("last_day", "claimed_last_day")),
        Reason("DDL-CALENDAR", "calendar_not_published", None, ("last_day",)),
    ),
    words=Path(__file__).with_name("words.toml"),
    zh="期限墙",
    en="deadlines",
    purpose="claim_realisation",
)
