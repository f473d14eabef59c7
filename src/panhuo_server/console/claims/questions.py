"""Questions to the seller 向卖方提问: what is unknown or contradictory in the facts of a claim, by named checks.

Invariant: every question comes from one check and opens to the facts that raise it; a check that finds nothing asks
nothing, and no check guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.claims.chain import breaks_of, told_of
from panhuo_server.console.claims.holding import Holding, ordered_by_court, seller_stated
from panhuo_server.console.claims.rights import deadline_name, ids_of, rights_of
from panhuo_server.console.claims.security import judged_rows, standings_of
from panhuo_server.console.pieces.figures import row_address
from panhuo_server.console.pieces.grids import code_text, fact_address

Places = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Question:
    """A question: the check that raised it, its words, and where the facts it rests on open (name, address)."""

    check: str
    text: Text
    places: Places = ()


def _papers(holding: Holding) -> Iterator[Question]:
    for one in breaks_of(holding):
        places = tuple((row["id"], fact_address("assignments", row)) for row in holding.assignments)
        yield Question("Q-CHAIN", one + Text("，请补交凭证。", ": please send the papers."), places)
    if not holding.contracts:
        yield Question(
            "Q-CONTRACT",
            Text("借款合同未入库，请提供合同原件扫描。", "The loan contract is not recorded: please send it."),
            ((holding.id, fact_address("claims", holding.claim)),),
        )
    for contract in holding.contracts.values():
        place = ((contract["id"], fact_address("contracts", contract)),)
        if contract["assignment_barred"]:
            yield Question(
                "Q-BARRED",
                Text(
                    "合同约定不得转让，请说明转让的依据。",
                    "The contract bars assignment: on what ground was it assigned?",
                ),
                place,
            )
        if contract["service_address_confirmed"] is False:
            yield Question(
                "Q-ADDRESS",
                Text(
                    "没有送达地址确认，请提供其他可送达的地址凭证。",
                    "No service address was confirmed: please show one that serves.",
                ),
                place,
            )


def _notices(holding: Holding) -> Iterator[Question]:
    for one in told_of(holding):
        role = code_text("notices", "addressee_role", one.role)
        places = ((one.notice["id"], fact_address("notices", one.notice)),) if one.notice else ()
        if one.state == "missing":
            yield Question(
                "Q-NOTICE",
                Text(
                    f"{role.zh} {one.party} 未见债权转让通知，请补通知或提供回执。",
                    f"No notice of assignment to {role.en} {one.party} was seen: please send it or its receipt.",
                ),
                places,
            )
        elif one.state == "weak":
            yield Question(
                "Q-NOTICE-WEAK",
                Text(
                    f"{role.zh} {one.party} 的转让通知只有偏弱证据，请补签收或送达凭证。",
                    f"The notice to {role.en} {one.party} stands on weak evidence: please show it was delivered.",
                ),
                places,
            )


def _figures(holding: Holding) -> Iterator[Question]:
    claim, currency = holding.claim, holding.currency
    stated, ordered = seller_stated(holding.stated), ordered_by_court(holding)
    here = ((holding.id, fact_address("claims", claim)),)
    from_stated = tuple((row["id"], fact_address("stated_balances", row, "amount")) for row in holding.stated)
    if not stated and holding.assignments:
        yield Question(
            "Q-STATED",
            Text(
                "没有按科目陈述的余额，请提供基准日余额表。",
                "No balances by component are stated: please send those of the base day.",
            ),
            here,
        )
    if "principal" in stated and claim["principal"] is not None and stated["principal"] != claim["principal"]:
        one, two = words.exact(stated["principal"], currency), words.exact(claim["principal"], currency)
        yield Question(
            "Q-PRINCIPAL",
            Text(
                f"陈述本金 {one.zh}与债权本金 {two.zh}不符，请说明差额。",
                f"Stated principal {one.en} is not the claim's {two.en}: please explain.",
            ),
            here + from_stated,
        )
    lent = sum(row["amount"] or 0 for row in holding.drawdowns)
    if holding.drawdowns and claim["principal"] is not None and claim["principal"] > lent:
        yield Question(
            "Q-LENT",
            Text(
                "债权本金大于借据金额，请提供放款凭证。",
                "The claim's principal exceeds what was lent: please show what was paid out.",
            ),
            tuple((row["id"], fact_address("drawdowns", row, "amount")) for row in holding.drawdowns),
        )
    since = [row for row in holding.recoveries if row["to_principal"]]
    if "principal" in ordered and claim["principal"] is not None and ordered["principal"] < claim["principal"]:
        places = tuple(
            (i["id"], fact_address("instrument_items", i, "amount"))
            for i in holding.items
            if i["component"] == "principal"
        )
        one, two = words.exact(ordered["principal"], currency), words.exact(claim["principal"], currency)
        yield Question(
            "Q-JUDGMENT",
            Text(
                f"裁判本金 {one.zh}小于债权本金 {two.zh}，请说明未获支持部分。",
                f"The court ordered principal of {one.en}, less than the claim's {two.en}: what was refused?",
            ),
            here + places,
        )
    if ordered.get("principal") and claim["principal"] is not None:
        back = sum(row["to_principal"] for row in since)
        if ordered["principal"] - claim["principal"] > back:
            yield Question(
                "Q-RECOVERED",
                Text(
                    "裁判本金与现本金之差大于已记录的回收，请提供全部回款凭证。",
                    "Principal fell by more than the recoveries recorded: please show all money received.",
                ),
                here,
            )


def _limitation(holding: Holding) -> Iterator[Question]:
    for row in rights_of(holding.night, holding.id, ids_of(holding)):
        name = deadline_name(holding.night, row["kind"])
        place = ((f"{row['entity_id']}", row_address("deadlines", (row["kind"], row["entity_id"]), "last_day")),)
        if row["passed"]:
            yield Question(
                "Q-PASSED",
                Text(
                    f"{name.zh}（{row['entity_id']}）按有据证据已于 {row['last_day']} 届满，请提供中断或主张凭证。",
                    f"The {name.en} of {row['entity_id']} ended on {row['last_day']}: please show what kept it.",
                ),
                place,
            )
        elif row["weak_evidence"]:
            yield Question(
                "Q-WEAK",
                Text(
                    f"{name.zh}（{row['entity_id']}）较晚的日期只有公告或投递证据，请补到达凭证。",
                    f"A later day of {name.en}, {row['entity_id']}, stands on weak evidence: please show it arrived.",
                ),
                place,
            )
        elif row["missing"]:
            yield Question(
                "Q-DAY",
                Text(
                    f"{name.zh}（{row['entity_id']}）缺起算日期，请提供。",
                    f"The day the {name.en} of {row['entity_id']} runs from is missing: please give it.",
                ),
                place,
            )


def _security(holding: Holding) -> Iterator[Question]:
    as_of = holding.night.as_of
    for row in judged_rows(holding.night, holding.id):
        asset_id = row["asset_id"]
        asset = holding.assets.get(asset_id)
        judged = ((asset_id, row_address("collateral_values", (holding.id, asset_id))),)
        fact = ((asset_id, fact_address("assets", asset)),) if asset else judged
        if row["appraisal"] is None:
            yield Question(
                "Q-APPRAISAL",
                Text(
                    f"财产 {asset_id} 没有评估价，请提供评估报告或询价。",
                    f"No appraisal of {asset_id}: please send one.",
                ),
                fact,
            )
        appraisal = holding.appraisals.get(asset_id)
        if appraisal and appraisal["valid_to_on"] is not None and appraisal["valid_to_on"] < as_of:
            yield Question(
                "Q-APPRAISAL-OLD",
                Text(
                    f"财产 {asset_id} 的评估已于 {appraisal['valid_to_on']} 失效，请提供近期价格依据。",
                    f"The appraisal of {asset_id} ended on {appraisal['valid_to_on']}: please give a recent price.",
                ),
                ((appraisal["id"], fact_address("appraisals", appraisal, "valid_to_on")),),
            )
        if row["rank"] is None or row["ahead_unknown"] or row["order_unclear"]:
            yield Question(
                "Q-RANK",
                Text(
                    f"财产 {asset_id} 的顺位或在先金额不明，请提供不动产登记查询。",
                    f"Rank or amounts ahead on {asset_id} are not known: please send the register's extract.",
                ),
                judged,
            )
        if asset and asset["occupier"] in (None, "unknown", "tenant", "relative", "third_party"):
            who = code_text("assets", "occupier", asset["occupier"])
            yield Question(
                "Q-OCCUPIER",
                Text(
                    f"财产 {asset_id} 由{who.zh}占用，请说明占有依据和租约。"
                    if asset["occupier"] not in (None, "unknown")
                    else f"财产 {asset_id} 由谁占用不明，请现场查看。",
                    f"{asset_id} is occupied by: {who.en}. On what ground, and under which lease?"
                    if asset["occupier"] not in (None, "unknown")
                    else f"Who occupies {asset_id} is not known: please look.",
                ),
                fact,
            )
        if asset and (asset["last_inspected_on"] is None or (as_of - asset["last_inspected_on"]).days > 365):
            yield Question(
                "Q-INSPECTED",
                Text(
                    f"财产 {asset_id} 一年内没有现场查看记录，请提供近期照片。",
                    f"{asset_id} was not seen within a year: please send recent photographs.",
                ),
                fact,
            )
        if asset and asset["only_home"]:
            yield Question(
                "Q-HOME",
                Text(
                    f"财产 {asset_id} 可能是唯一住房，请说明腾退和安置安排。",
                    f"{asset_id} may be an only home: what is planned for whoever lives there?",
                ),
                fact,
            )
        mine = [s for s in holding.seizures if s["asset_id"] == asset_id]
        kind = asset["kind"] if asset else None
        states = standings_of(mine, kind, as_of)
        standing = [s for s in mine if states[s["id"]][1] in ("standing", "soon", "waiting")]
        if not standing:
            yield Question(
                "Q-SEIZURE",
                Text(
                    f"财产 {asset_id} 没有有效查封记录，请提供查封裁定或说明原因。",
                    f"No standing seizure of {asset_id} is recorded: please send the order or say why.",
                ),
                tuple((s["id"], fact_address("seizures", s)) for s in mine) or fact,
            )
        elif row["first_seizure"] is False:
            yield Question(
                "Q-WAITING",
                Text(
                    f"财产 {asset_id} 的首封在他案，请提供首封案件进展和是否已商请移送。",
                    f"The first seizure of {asset_id} is another's: how does that case stand, was transfer asked?",
                ),
                tuple((s["id"], fact_address("seizures", s)) for s in standing),
            )
    for burden in holding.burdens:
        place = ((burden["id"], fact_address("burdens", burden)),)
        name = code_text("burdens", "kind", burden["kind"])
        if burden["kind"] == "lease" and not burden["registered"]:
            yield Question(
                "Q-LEASE",
                Text(
                    f"财产 {burden['asset_id']} 有未登记租约，请提供合同、交付占有和租金支付凭证。",
                    f"An unregistered lease of {burden['asset_id']}: please send contract, possession and rent.",
                ),
                place,
            )
        elif burden["kind"] != "lease" and burden["amount_high"] is None and burden["amount_low"] is None:
            yield Question(
                "Q-BURDEN",
                Text(
                    f"财产 {burden['asset_id']} 的{name.zh}金额不明，请查明。",
                    f"The amount of {name.en} on {burden['asset_id']} is not known: please find out.",
                ),
                place,
            )


def _guarantors(holding: Holding) -> Iterator[Question]:
    for guarantee in holding.guarantees:
        who = guarantee["guarantor_id"] or guarantee["id"]
        party = holding.parties.get(guarantee["guarantor_id"] or "")
        place = ((guarantee["id"], fact_address("guarantees", guarantee)),)
        company = party is not None and party["kind"] not in ("person", "sole_trader")
        if company and guarantee["resolution"] in (None, "none"):
            yield Question(
                "Q-RESOLUTION",
                Text(
                    f"保证人 {who} 未见公司决议，请提供股东会或董事会决议。",
                    f"No resolution of guarantor {who} was seen: please send the shareholders' or the board's.",
                ),
                place,
            )
        if party is None:
            yield Question(
                "Q-GUARANTOR",
                Text(f"保证人 {who} 的身份资料缺失，请提供。", f"Who guarantor {who} is is not recorded: please say."),
                place,
            )
        elif party["kind"] == "person" and guarantee["spouse_consent"] is False:
            yield Question(
                "Q-SPOUSE",
                Text(
                    f"保证人 {who} 没有配偶同意，请说明可执行的财产范围。",
                    f"The spouse of guarantor {who} did not consent: which property can be reached?",
                ),
                place,
            )


_DEAD = ("revoked", "deregistered", "in_bankruptcy", "deceased")


def _parties(holding: Holding) -> Iterator[Question]:
    for party in holding.parties.values():
        if party["status"] in _DEAD:
            status = code_text("parties", "status", party["status"])
            yield Question(
                "Q-PARTY",
                Text(
                    f"主体 {party['id']} 的状态为{status.zh}，请提供清算、继承或破产程序的资料。",
                    f"Party {party['id']} is {status.en}: please send the papers of what follows.",
                ),
                ((party["id"], fact_address("parties", party)),),
            )
    for one in holding.proceedings:
        if one["status"] == "closed_no_property":
            place = ((one["id"], fact_address("proceedings", one)),)
            yield Question(
                "Q-NO-PROPERTY",
                Text(
                    f"{one['case_number'] or one['id']} 以无财产可供执行终本，请提供查控结果和终本裁定。",
                    f"{one['case_number'] or one['id']} closed for want of property: please send searches and ruling.",
                ),
                place,
            )


CHECKS: tuple[Callable[[Holding], Iterator[Question]], ...] = (
    _papers,
    _notices,
    _figures,
    _limitation,
    _security,
    _guarantors,
    _parties,
)
"""The checks, in the order a due diligence asks."""


def questions_of(holding: Holding) -> list[Question]:
    """Every question the facts of a claim raise."""
    return [question for check in CHECKS for question in check(holding)]
