"""Hard warnings: one row a drawdown for the officer's desk (预警工作台), level, first trigger, cost.

Invariant: a warning decides nothing; its level is the worst of every trigger that fired, each with its reason. The
triggers are the preset ``warnings:practice``; `r004` says beside it what the single late trigger (more than 30 days
past due) would have seen.

`consequence` is the specific provision that would be added if the debt became substandard at the reference rate
(PRV-01): what falling to NPL costs this year's profit.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import ibis

from panhuo.ground.book.currencies import CURRENCIES
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.rules.schedules import number
from panhuo.ground.values.money import proportion
from panhuo.stages.monitoring import ledger
from panhuo.stages.monitoring.class_floor import latest_credit_report

WORDS = Path(__file__).parent / "words.toml"

LEVELS = CodeList.of(
    "warning_levels",
    ("blue", "提示", "notice"),
    ("yellow", "关注", "watch"),
    ("orange", "预警", "warn"),
    ("red", "处置", "act"),
)
TRIGGERS = CodeList.of(
    "warning_triggers",
    ("enforcement", "被执行、失信或查封", "named a judgment debtor, or assets seized"),
    ("overdue", "逾期", "past due"),
    ("guarantor_in_default", "保证人违约", "a guarantor in default"),
    ("ring_in_default", "担保圈成员违约", "a member of the guarantee ring in default"),
    ("overdue_elsewhere", "他行逾期", "overdue at another bank"),
    ("renewal_refused", "续贷被拒", "renewal refused"),
    ("interest_day", "扣息日临近而账户不足", "interest day near, account short"),
    ("maturity", "即将到期", "maturity near"),
)

SUBJECT = Schema(
    "warning",
    (
        Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
        Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
        Column("watched_on", ColumnType.DATE, "监测日", "the day watched", required=True),
        Column("days_to_maturity", ColumnType.DAYS, "距到期天数", "days to maturity"),
        Column("days_to_interest_day", ColumnType.DAYS, "距下一扣息日天数", "days to the next interest day"),
        Column("balance", ColumnType.FEN, "账面余额", "book balance", required=True),
        Column("account_balance", ColumnType.FEN, "还款账户余额", "balance of the repayment account"),
        Column("interest_due", ColumnType.FEN, "下期应付利息", "interest due on the next interest day"),
        Column("overdue_days", ColumnType.DAYS, "逾期天数", "days past due"),
        Column("renewal_refused", ColumnType.BOOL, "续贷被拒", "a renewal was refused"),
        Column("overdue_elsewhere", ColumnType.BOOL, "他行逾期", "overdue at another bank"),
        Column("judgment_debtor", ColumnType.BOOL, "列为被执行人", "named a judgment debtor"),
        Column("dishonest_judgment_debtor", ColumnType.BOOL, "列为失信被执行人", "a dishonest judgment debtor"),
        Column("first_seizure", ColumnType.BOOL, "财产被查封", "an asset was seized"),
        Column("guarantors_in_default", ColumnType.INT, "违约保证人数", "guarantors in default"),
        Column("ring_members_in_default", ColumnType.INT, "担保圈内违约成员数", "ring members in default"),
        Column("overdue_amount", ColumnType.FEN, "逾期金额", "amount past due"),
        Column("principal", ColumnType.FEN, "本金余额", "principal", required=True),
        Column("specific", ColumnType.FEN, "现有专项准备", "specific provision now"),
        Column("currency", ColumnType.CODE, "币种", "currency", codes=CURRENCIES, level=1),
    ),
)

VERDICT = Schema(
    "warnings",
    (
        Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
        Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
        Column("warned", ColumnType.BOOL, "有预警", "a warning stands"),
        Column("level", ColumnType.CODE, "预警级别", "level of warning", codes=LEVELS),
        Column("trigger", ColumnType.CODE, "首要触发", "first trigger", codes=TRIGGERS),
        Column("r004", ColumnType.BOOL, "R004（逾期超过30天）", "R004: more than 30 days past due"),
        Column("before_r004", ColumnType.BOOL, "早于R004", "seen before R004 would see it"),
        Column("overdue_days", ColumnType.DAYS, "逾期天数", "days past due"),
        Column("days_to_maturity", ColumnType.DAYS, "距到期天数", "days to maturity"),
        Column("balance", ColumnType.FEN, "账面余额", "book balance"),
        Column("overdue_amount", ColumnType.FEN, "逾期金额", "amount past due"),
        Column("consequence", ColumnType.FEN, "落入次级将增提", "provision added if it became substandard"),
        Column("guarantor_default", ColumnType.BOOL, "保证人违约", "a guarantor is in default"),
        Column("ring_default", ColumnType.BOOL, "担保圈成员违约", "a ring member is in default"),
    ),
)


class Watch(NamedTuple):
    """R004's days, the days that count as default (CLS-14), and the reference rate of a substandard debt in ppm."""

    r004_days: int
    substandard_rate: int


def parameters(as_of: date) -> tuple[Watch, dict[str, Any]]:
    """The numbers in force on a day, and the same as canonical JSON."""
    on = max(as_of, date(2002, 1, 1))
    late = load_rule_set("warnings:r004")
    (rule_id,) = {rule.id for rule in late if "r004" in rule.presets}
    watch = Watch(
        r004_days=number(late, rule_id, "limit", on=on),
        substandard_rate=number("provisioning", "PRV-01/substandard", "rate", on=on),
    )
    return watch, dict(watch._asdict())


def _enforced(snapshot: Any) -> Any:
    """Parties in enforcement: enforced_id, judgment_debtor, dishonest."""
    as_of = ibis.literal(snapshot.as_of, "date")
    sides = snapshot.table("proceeding_parties").select("proceeding_id", "party_id", "position")
    sides = sides.filter(sides.position == "judgment_debtor")
    proceedings = snapshot.table("proceedings").select("kind", "status", proceeding=ibis._.id)
    sides = sides.join(proceedings, sides.proceeding_id == proceedings.proceeding)
    named = sides.filter(ibis.coalesce(sides.status, "accepted") != "closed").select(
        enforced_id="party_id", dishonest=ibis.literal(0)
    )
    measures = snapshot.table("enforcement_measures")
    standing = (measures.taken_on <= as_of) & (measures.lifted_on.isnull() | (measures.lifted_on > as_of))
    standing = standing & (measures.expires_on.isnull() | (measures.expires_on >= as_of))
    measures = measures.filter(measures.party_id.notnull() & standing)
    listed = measures.select(
        enforced_id="party_id", dishonest=ibis.ifelse(measures.kind == "defaulter_list", 1, 0).cast("int8")
    )
    counted = snapshot.table("observations")
    recent = ibis.literal(snapshot.as_of - timedelta(days=365), "date")
    counted = counted.filter(
        (counted.measure == "enforcement_cases") & (counted.value > 0) & (counted.month_end_on > recent)
    ).select(enforced_id="party_id", dishonest=ibis.literal(0))
    rows = named.union(listed).union(counted).group_by("enforced_id").aggregate(dishonest=ibis._.dishonest.max())
    return rows.select("enforced_id", dishonest=rows.dishonest > 0)


def _seized(snapshot: Any) -> Any:
    """Parties with an asset under first seizure by somebody else: seized_id."""
    as_of = ibis.literal(snapshot.as_of, "date")
    seizures = snapshot.table("seizures")
    live = seizures.released_on.isnull() | (seizures.released_on > as_of)
    live = live & (seizures.expires_on.isnull() | (seizures.expires_on >= as_of))
    first = seizures.filter(live & (seizures.kind == "first") & ~ibis.coalesce(seizures.ours, False))
    first = first.select("asset_id")
    assets = snapshot.table("assets").select(asset=ibis._.id, seized_id="owner_id")
    return first.join(assets, first.asset_id == assets.asset).select("seized_id").distinct()


def _ring_members(rings: Any) -> Any:
    """(ring, ring_party_id) pairs of the outcome of rings, whose members stand in one text: ``A>B>C``."""
    table = ibis.memtable(rings.table)
    return table.select(ring="ring_id", ring_party_id=table.members.split(">").unnest()).distinct()


def gather(snapshot: Any, days_past_due: Any, classes: Any, provisions: Any, rings: Any = None) -> Any:
    """One row a drawdown on the books, with what is known of its borrower, guarantors and ring."""
    as_of = ibis.literal(snapshot.as_of, "date")
    no, zero = ibis.literal(False), ibis.literal(0, "int64")
    past = ibis.memtable(days_past_due.table)
    past = past.select(
        "drawdown_id",
        "overdue_days",
        "days_to_maturity",
        "currency",
        overdue_amount=past.overdue_principal + past.overdue_interest,
    )
    held = ibis.memtable(classes.table).select(
        "party_id", "balance", "principal", "non_performing", held_id=ibis._.drawdown_id
    )
    provided = ibis.memtable(provisions.table).select("specific", provided_id=ibis._.drawdown_id)
    rows = held.left_join(past, held.held_id == past.drawdown_id)
    rows = rows.left_join(provided, rows.drawdown_id == provided.provided_id)

    plan = ledger.standing_instalments(snapshot)
    plan = plan.filter((plan.due_on >= as_of) & (plan.interest > 0))
    order = ibis.window(group_by="drawdown_id", order_by=plan.due_on)
    plan = plan.mutate(place=ibis.row_number().over(order)).filter(ibis._.place == 0)
    plan = plan.select(next_id="drawdown_id", next_on="due_on", next_interest="interest")
    rows = rows.left_join(plan, rows.drawdown_id == plan.next_id)

    accounts = snapshot.table("transactions")
    accounts = accounts.filter(accounts.balance.notnull())
    order = ibis.window(
        group_by="party_id",
        order_by=[accounts.booked_on.desc(), accounts.fact_sequence.desc(), accounts.fact_position.desc()],
    )
    accounts = accounts.select(account_id="party_id", account_balance="balance", place=ibis.row_number().over(order))
    accounts = accounts.filter(accounts.place == 0).drop("place")
    rows = rows.left_join(accounts, rows.party_id == accounts.account_id)

    renewals = snapshot.table("decisions")
    renewals = renewals.filter((renewals.kind == "renewal") & renewals.party_id.notnull())
    met = ibis.coalesce(renewals.meeting_on, renewals.effective_on)
    order = ibis.window(
        group_by="party_id", order_by=[met.desc(), renewals.fact_sequence.desc(), renewals.fact_position.desc()]
    )
    renewals = renewals.select("party_id", "result", place=ibis.row_number().over(order))
    renewals = renewals.filter(renewals.place == 0).select(renewing_id="party_id", renewal_result="result")
    rows = rows.left_join(renewals, rows.party_id == renewals.renewing_id)
    reports = latest_credit_report(snapshot)
    rows = rows.left_join(reports, rows.party_id == reports.report_party_id)
    enforced = _enforced(snapshot)
    rows = rows.left_join(enforced, rows.party_id == enforced.enforced_id)
    seized = _seized(snapshot)
    rows = rows.left_join(seized, rows.party_id == seized.seized_id)

    bad = held.filter(ibis.coalesce(held.non_performing, no)).select(bad_id="party_id").distinct()
    guarantees = snapshot.table("guarantees")
    live = guarantees.filter(guarantees.released_on.isnull() | (guarantees.released_on > as_of))
    live = live.select("contract_id", "guarantor_id").distinct()
    failing = live.join(bad, live.guarantor_id == bad.bad_id).group_by(guaranteed_id="contract_id")
    failing = failing.aggregate(guarantors_in_default=ibis._.count().cast("int64"))
    contracts = snapshot.table("drawdowns").select("contract_id", contract_of=ibis._.id)
    rows = rows.left_join(contracts, rows.drawdown_id == contracts.contract_of)
    rows = rows.left_join(failing, rows.contract_id == failing.guaranteed_id)

    in_ring = ibis.null("int64")
    if rings is not None:
        members = _ring_members(rings)
        others = members.join(bad, members.ring_party_id == bad.bad_id).select("ring", "bad_id")
        hit = members.join(others, [members.ring == others.ring, members.ring_party_id != others.bad_id])
        hit = hit.group_by(hit_id="ring_party_id").aggregate(hits=ibis._.bad_id.nunique().cast("int64"))
        rows = rows.left_join(hit, rows.party_id == hit.hit_id)
        in_ring = ibis.coalesce(rows.hits, zero)

    public = any(snapshot.holds(name) for name in ("proceeding_parties", "enforcement_measures"))
    silent = no if public else ibis.null("boolean")
    elsewhere = (ibis.coalesce(rows.external_overdue_days, 0) > 0) | (ibis.coalesce(rows.external_overdue, 0) > 0)
    return rows.select(
        "drawdown_id",
        "party_id",
        "currency",
        "days_to_maturity",
        "balance",
        "account_balance",
        "overdue_days",
        "overdue_amount",
        "principal",
        "specific",
        watched_on=as_of,
        days_to_interest_day=rows.next_on.delta(as_of, unit="day").cast("int32"),
        interest_due=rows.next_interest,
        renewal_refused=ibis.coalesce(rows.renewal_result == "refused", no)
        if snapshot.holds("decisions")
        else ibis.null("boolean"),
        overdue_elsewhere=ibis.ifelse(rows.report_party_id.notnull(), elsewhere, ibis.null("boolean")),
        judgment_debtor=ibis.ifelse(rows.enforced_id.notnull(), True, silent),
        dishonest_judgment_debtor=ibis.ifelse(rows.enforced_id.notnull(), rows.dishonest, silent),
        first_seizure=ibis.ifelse(
            rows.seized_id.notnull(), True, no if snapshot.holds("seizures") else ibis.null("boolean")
        ),
        guarantors_in_default=ibis.coalesce(rows.guarantors_in_default, zero),
        ring_members_in_default=in_ring,
    )


def judge(row: Any, rules: Any, model: Any) -> Any:
    """The worst level that fired, guarantor and ring included; the gravest trigger; what falling would cost."""
    level, warned = rules.warning
    guarantor = row.guarantors_in_default[1] and row.guarantors_in_default[0] > 0
    ring = row.ring_members_in_default[1] and row.ring_members_in_default[0] > 0
    if (guarantor or ring) and (not warned or level < 2):
        level, warned = 2, True
    days = row.overdue_days[0] if row.overdue_days[1] else 0

    trigger = 7
    if (
        (row.judgment_debtor[1] and row.judgment_debtor[0])
        or (row.dishonest_judgment_debtor[1] and row.dishonest_judgment_debtor[0])
        or (row.first_seizure[1] and row.first_seizure[0])
    ):
        trigger = 0
    elif days > 0:
        trigger = 1
    elif guarantor:
        trigger = 2
    elif ring:
        trigger = 3
    elif row.overdue_elsewhere[1] and row.overdue_elsewhere[0]:
        trigger = 4
    elif row.renewal_refused[1] and row.renewal_refused[0]:
        trigger = 5
    elif warned and level == 1:
        trigger = 6

    late = days > model.r004_days
    added = proportion(max(row.principal[0], 0), model.substandard_rate) - (row.specific[0] if row.specific[1] else 0)
    return (
        (warned, True),
        (level, warned),
        (trigger, warned),
        (late, row.overdue_days[1]),
        (warned and not late, True),
        row.overdue_days,
        row.days_to_maturity,
        (row.balance[0], True),
        row.overdue_amount,
        (max(added, 0), True),
        (guarantor, True),
        (ring, row.ring_members_in_default[1]),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    rules="warnings:practice",
    parameters=parameters,
    needs=("days_past_due", "classes", "provisions", "rings?"),
    reasons=(
        Reason("WARNING", when="warned", contribution="consequence", arguments=("level", "trigger", "consequence")),
        Reason("R004", when="r004", arguments=("overdue_days", "balance")),
        Reason("GUARANTOR_IN_DEFAULT", when="guarantor_default", arguments=("guarantors_in_default",)),
        Reason("RING_IN_DEFAULT", when="ring_default", arguments=("ring_members_in_default",)),
    ),
    words=WORDS,
    zh="贷后预警",
    en="warnings",
    purpose="loan_management",
)
