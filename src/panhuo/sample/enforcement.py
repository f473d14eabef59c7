"""Enforcement of a judgment: application, measures, sale, what is found, and closing for want of property.

Invariant: enforcement follows an instrument in force; a case closed for want of property may be resumed, and is not
worth nothing.
"""

from __future__ import annotations

from panhuo.sample.auctions import Sale, tell_sale
from panhuo.sample.cases import Case, Cash
from panhuo.sample.courts import case_number
from panhuo.sample.parties import Registry, party_id
from panhuo.sample.population import Population
from panhuo.sample.presets import NEVER
from panhuo.sample.security import Security
from panhuo.sample.streams import Chance


def tell_enforcement(
    people: Population,
    registry: Registry,
    security: Security,
    case: Case,
    chance: Chance,
    matter: str,
    first: str,
    court: str,
    applied: int,
    last: int,
) -> None:
    """Tells the enforcement of one case from the application on; adds its cash."""  # fmt: skip
    proceeding = f"J{case.claim}-3"
    debtor = party_id(case.borrower)
    accepted = applied + chance.whole(3, 12)
    number = case_number(people, case.region, accepted, "执", 500 + case.number)
    case.tell(
        "limitation_events", applied, id=f"E{case.claim}-X", claim_id=case.claim, right_kind="enforcement",
        party_id=debtor, proceeding_id=proceeding, kind="enforcement_application", done_on=applied, reached_on=applied,
        grade="a",
    )  # fmt: skip
    measures = [("search", accepted + 10), ("freeze", accepted + 18), ("consumption_limit", accepted + 35)]
    if chance.happens(0.55):
        measures.append(("defaulter_list", accepted + 70))
    for kind, day in measures:
        case.tell(
            "enforcement_measures",
            day,
            id=f"{proceeding}-{kind[:4]}",
            proceeding_id=proceeding,
            party_id=debtor,
            kind=kind,
            taken_on=day,
            expires_on=day + 365 if kind == "freeze" else None,
            amount=case.principal if kind == "freeze" else None,
            currency="CNY",
        )
    if chance.happens(0.30):
        paid = int(case.principal * chance.between(0.002, 0.05)) // 100 * 100
        day = accepted + chance.whole(30, 90)
        case.tell(
            "enforcement_measures",
            day,
            id=f"{proceeding}-dedu",
            proceeding_id=proceeding,
            party_id=debtor,
            kind="deduct",
            taken_on=day,
            amount=paid,
            currency="CNY",
        )
        case.cash.append(Cash(day + 20, paid, "enforcement", paid, 0))
    if chance.happens(0.4):
        case.tell(
            "clues",
            accepted + 20,
            id=f"Q{case.claim}",
            claim_id=case.claim,
            party_id=debtor,
            found_on=accepted + 20,
            kind=chance.one_of(("vehicle", 3), ("deposit", 3), ("equity", 2), ("receivable", 2)),
            source="court_search",
            lawful_basis="court_order",
            estimate=int(case.principal * chance.between(0.01, 0.2)),
            verified=chance.happens(0.5),
            preserved=chance.happens(0.3),
            currency="CNY",
        )
    sold: Sale | None = None
    if case.asset >= 0 and (case.first_seizure or chance.happens(0.8)):
        sold = tell_sale(people, registry, security, case, chance, proceeding, court, accepted + 60, last)
    if sold is not None and sold.in_kind:
        case.tell(
            "enforcement_measures",
            sold.ended,
            id=f"{proceeding}-kind",
            proceeding_id=proceeding,
            party_id=debtor,
            asset_id=f"A{case.asset:06d}",
            kind="stay",
            taken_on=sold.ended,
            ground="以物抵债",
            currency="CNY",
        )
    closed = (sold.ended + 60) if sold is not None else accepted + chance.whole(90, 185)
    short = sold is None or not sold.paid
    fate = chance.unit()
    ends_without = short and fate < 0.45
    settled = short and 0.45 <= fate < 0.80  # closed on a settlement that is performed over the years, or not
    paid = sold is not None and sold.paid
    status = "closed_no_property" if ends_without else "closed" if paid or settled else "accepted"
    steps: list[tuple[int, dict]] = [(accepted, {"status": "accepted"})]
    if status != "accepted":
        steps.append((closed, {"status": status}))
    case.stage(
        "proceedings",
        proceeding,
        {"filed_on": applied, "accepted_on": accepted, "closed_on": closed if status != "accepted" else NEVER},
        {
            "matter_id": matter,
            "previous_proceeding_id": first,
            "kind": "enforcement",
            "court": court,
            "amount": case.principal,
            "case_number": number,
            "currency": "CNY",
        },
        steps,
    )
    if ends_without:
        case.tell(
            "enforcement_measures",
            closed,
            id=f"{proceeding}-clos",
            proceeding_id=proceeding,
            party_id=debtor,
            kind="closed_no_property",
            taken_on=closed,
            ground="经查控无可供执行财产",
            currency="CNY",
        )
        if chance.happens(0.22):
            again = closed + chance.whole(200, 700)
            case.stage(
                "proceedings",
                f"J{case.claim}-4",
                {"filed_on": again - 10, "accepted_on": again},
                {
                    "matter_id": matter,
                    "previous_proceeding_id": proceeding,
                    "kind": "resumed_enforcement",
                    "court": court,
                    "amount": case.principal,
                    "case_number": case_number(people, case.region, again, "执恢", 900 + case.number),
                    "currency": "CNY",
                },
                [(again, {"status": "accepted"})],
            )
            if case.asset < 0 and chance.happens(0.3):
                paid = int(case.principal * chance.between(0.05, 0.4))
                case.cash.append(Cash(again + chance.whole(60, 240), paid, "enforcement", paid, 0))
