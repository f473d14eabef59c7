"""The legal life of a bad debt: demands, mediation, suit, judgment, seizure, enforcement, bankruptcy.

Invariant: the days of one case stand in the order the procedure asks for; every fact is one a court, the post or the
bank's file would hold.
"""

from __future__ import annotations

from panhuo.ground.values.dates import civil_from_days
from panhuo.ground.values.money import interest
from panhuo.sample.cases import Case, Cash
from panhuo.sample.courts import case_number, court_of, suit_fee
from panhuo.sample.enforcement import tell_enforcement
from panhuo.sample.lending import Lending
from panhuo.sample.parties import Registry, party_id
from panhuo.sample.population import Population
from panhuo.sample.presets import AS_OF, NEVER, PLANT, SHOP, UNSECURED
from panhuo.sample.security import Security
from panhuo.sample.streams import Chance


def _demands(case: Case, chance: Chance, until: int) -> None:
    """Letters and what they do to limitation, until suit (or to the end); some files go quiet for three years."""
    day = case.first_missed + chance.whole(15, 40)
    number = 0
    debtor = party_id(case.borrower)
    while day < min(until, AS_OF):
        number += 1
        method, grade, kind, odds = chance.one_of(
            (("in_person", "a", "signed_demand", 1.0), 4),
            (("courier", "b", "delivered_demand", 0.9), 4),
            (("post", "c", "delivered_demand", 0.5), 2),
            (("newspaper", "d", "newspaper", 1.0), 0.7),
            (("electronic", "b", "delivered_demand", 0.95), 1),
        )
        arrives = day + chance.whole(0, 6) if chance.happens(odds) else NEVER
        identity = f"{case.claim}-{number:02d}"
        case.tell(
            "notices", max(day, case.opened_on), id=f"N{identity}", claim_id=case.claim, addressee_id=debtor,
            addressee_role="debtor", purpose="demand", method=method, sent_on=day,
            reached_on=arrives if arrives <= AS_OF else None, grade=grade,
        )  # fmt: skip
        case.tell(
            "limitation_events", max(day, case.opened_on), id=f"E{identity}", claim_id=case.claim,
            drawdown_id=f"D{case.drawdown:06d}", right_kind="debt", party_id=debtor, kind=kind, done_on=day,
            reached_on=arrives if arrives <= AS_OF else None, grade=grade,
        )  # fmt: skip
        if case.lapsed and day > case.first_missed + 60:
            return
        day += chance.whole(60, 400)


def _guarantee_demands(people: Population, security: Security, case: Case, chance: Chance, until: int) -> None:
    for guarantee in case.guarantees:
        if not chance.happens(0.72):
            continue
        day = case.first_missed + chance.whole(20, 240)
        if day > min(until, AS_OF):
            continue
        guarantor = party_id(int(security.guarantee_party[guarantee]))
        method, grade = chance.one_of(
            (("in_person", "a"), 3), (("courier", "b"), 5), (("post", "c"), 2), (("newspaper", "d"), 0.6)
        )
        reached = day + chance.whole(0, 5)
        identity = f"{case.claim}-G{guarantee:06d}"
        case.tell(
            "notices", max(day, case.opened_on), id=f"N{identity}", claim_id=case.claim, addressee_id=guarantor,
            addressee_role="guarantor", purpose="guarantee_demand", method=method, sent_on=day,
            reached_on=reached if reached <= AS_OF else None, grade=grade,
        )  # fmt: skip
        case.tell(
            "limitation_events", max(day, case.opened_on), id=f"E{identity}", claim_id=case.claim,
            right_kind="guarantee", guarantee_id=f"G{guarantee:06d}", party_id=guarantor,
            kind="signed_demand" if grade == "a" else "delivered_demand", done_on=day,
            reached_on=reached if reached <= AS_OF else None, grade=grade,
        )  # fmt: skip


def _mediation(people: Population, case: Case, chance: Chance) -> bool:
    """Mediation before suit; true when it was agreed and kept, so that no suit follows."""
    start = case.opened_on + chance.whole(10, 90)
    agreed_on = start + chance.whole(15, 60)
    agreed = chance.happens(0.55)
    kept = agreed and chance.happens(0.45)
    waived = int(case.principal * 0.03) if chance.happens(0.4) else 0
    perform = agreed_on + chance.whole(90, 400)
    filed = agreed_on + chance.whole(3, 26) if agreed and chance.happens(0.62) else NEVER
    ruled = filed + chance.whole(5, 25) if filed < NEVER else NEVER
    steps: list[tuple[int, dict]] = [(start, {"result": "pending"})]
    if agreed:
        steps.append((agreed_on, {"result": "agreed", "amount": case.principal, "waived": waived}))
        steps += [(day, {}) for day in (filed, ruled) if day < NEVER]
        steps.append((perform + 1, {"result": "performed" if kept else "breached"}))
    else:
        steps.append((agreed_on, {"result": "failed"}))
    case.stage(
        "mediations", f"M{case.claim}",
        {
            "agreed_on": agreed_on if agreed else NEVER, "confirmation_filed_on": filed, "confirmation_ruled_on": ruled,
        },
        {
            "claim_id": case.claim, "matter_id": None, "body": f"{people.preset.place}金融纠纷调解中心",
            "opened_on": start, "perform_by_on": perform if agreed else None, "currency": "CNY",
        },
        steps,
    )  # fmt: skip
    if kept:
        part = (case.principal - waived) // 3
        for turn in range(3):
            case.cash.append(Cash(agreed_on + (perform - agreed_on) * (turn + 1) // 3, part, "debtor", part, 0))
    elif agreed:
        case.cash.append(Cash(agreed_on + 30, case.principal // 12, "debtor", case.principal // 12, 0))
    return kept


def tell_litigation(
    people: Population, lending: Lending, registry: Registry, security: Security, case: Case, chance: Chance
) -> None:
    """Decides and tells the legal life of one case; adds its cash."""
    real = case.asset >= 0 and int(security.kind[case.asset]) <= 4
    if case.corporate and case.asset >= 0:
        case.first_seizure = not chance.happens(0.35)
    elif case.asset >= 0:
        case.first_seizure = not chance.happens(0.12)
    if real and case.security in (SHOP, PLANT):
        case.leased = chance.happens(0.15)
        if case.leased:
            _lease(security, case, chance)
    mediated = chance.happens(0.24) and _mediation(people, case, chance)
    bankrupt = case.corporate and chance.happens(0.04)
    sued = not mediated and not chance.happens(0.42 if case.security == UNSECURED else 0.16) and not case.lapsed
    months = chance.log_normal(people.preset.months_to_cash, 0.5)
    public_notice = chance.happens(0.22)
    appealed = chance.happens(0.11)
    months += (10 if case.corporate and case.asset >= 0 and not case.first_seizure else 0) + (6 if case.leased else 0)
    months += (4 if public_notice else 0) + (3 if appealed else 0)
    length = int(max(months, 9.0) * 30.4)
    if sued:
        case.sued_on = max(case.opened_on + 5, case.first_missed + int(length * chance.between(0.10, 0.24)))
    _demands(case, chance, case.sued_on)
    _guarantee_demands(people, security, case, chance, case.sued_on + 60)
    if bankrupt:
        _bankruptcy(people, security, case, chance)
    if sued:
        _suit(people, registry, security, case, chance, length, public_notice, appealed, bankrupt)


def _lease(security: Security, case: Case, chance: Chance) -> None:
    start = int(security.first_on[case.asset]) + chance.whole(-900, 900)
    years = chance.whole(3, 20)
    rent = int(security.appraised[case.asset] * 0.0035) // 10_000 * 10_000
    case.tell(
        "burdens", max(case.opened_on, start), id=f"B{case.claim}", asset_id=f"A{case.asset:06d}", kind="lease",
        arisen_on=start, starts_on=start, ends_on=start + 365 * years, possession_on=start + chance.whole(0, 60),
        registered=False, monthly_rent=rent, rent_prepaid_to_on=start + 365 * chance.whole(1, years),
        evidence_grade=chance.one_of(("b", 2), ("c", 2), ("d", 4)),
        ahead_of_security=start < int(security.first_on[case.asset]), currency="CNY",
    )  # fmt: skip


def _suit(
    people: Population, registry: Registry, security: Security, case: Case, chance: Chance, length: int,
    public_notice: bool, appealed: bool, bankrupt: bool,
) -> None:  # fmt: skip
    debtor, region = party_id(case.borrower), case.region
    court = court_of(people, region)
    matter = f"T{case.claim}"
    filed = case.sued_on
    accepted = filed + chance.whole(5, 28)
    served = accepted + (chance.whole(70, 110) if public_notice else chance.whole(8, 30))
    decided = served + chance.whole(30, 100)
    judgment_served = decided + chance.whole(5, 25)
    appeal_decided = judgment_served + chance.whole(80, 150) if appealed else NEVER
    effective = appeal_decided + 5 if appealed else judgment_served + 16
    case.effective_since = effective
    settled_in_court = chance.happens(0.28)
    case.stage(
        "matters", matter, {"closed_on": NEVER},
        {"kind": "loan_dispute", "party_id": debtor, "title": f"{registry.names[case.borrower]}借款合同纠纷",
         "opened_on": filed, "owner": f"经办{1 + case.number % 9}"},
        [(filed, {})],
    )  # fmt: skip
    first = f"J{case.claim}-1"
    _demand_by_suit(case, filed, first)
    days = {
        "filed_on": filed, "accepted_on": accepted, "served_on": served, "heard_on": served + 15, "decided_on": decided,
        "effective_since_on": NEVER if appealed else effective, "closed_on": NEVER if appealed else effective,
    }  # fmt: skip
    service = (
        "public_notice"
        if public_notice
        else chance.one_of(("confirmed_address", 4), ("direct", 2), ("post", 3), ("electronic", 2))
    )
    case.stage(
        "proceedings",
        first,
        days,
        {
            "matter_id": matter,
            "kind": "first_instance",
            "court": court,
            "amount": case.principal,
            "case_number": case_number(people, region, accepted, "民初", 100 + case.number),
            "currency": "CNY",
        },
        [
            (filed, {"status": "filed", "case_number": None}),
            (
                accepted,
                {"status": "accepted", "case_number": case_number(people, region, accepted, "民初", 100 + case.number)},
            ),
            (served, {"service_method": service}),
            (decided, {"status": "decided"}),
            *([] if appealed else [(effective, {"status": "effective"})]),
        ],
    )
    _parties_and_claim(registry, security, case, first, filed, served, service)
    if appealed:
        second = f"J{case.claim}-2"
        year = civil_from_days(judgment_served)[0]
        appeal_number = f"（{year}）{people.preset.province}99民终{case.number}号"
        case.stage(
            "proceedings",
            second,
            {
                "filed_on": judgment_served + 10,
                "accepted_on": judgment_served + 30,
                "decided_on": appeal_decided,
                "effective_since_on": effective,
                "closed_on": effective,
            },
            {
                "matter_id": matter,
                "previous_proceeding_id": first,
                "kind": "second_instance",
                "court": f"{people.preset.place}市中级人民法院",
                "amount": case.principal,
                "currency": "CNY",
                "case_number": appeal_number,
            },
            [
                (judgment_served + 30, {"status": "accepted"}),
                (appeal_decided, {"status": "decided"}),
                (effective, {"status": "effective"}),
            ],
        )
    fee = suit_fee(case.principal)
    for kind, amount, day in (
        ("court_fee", fee, accepted),
        ("preservation_fee", min(500_000, fee // 3), accepted + 5),
        ("lawyer", int(case.principal * 0.015) + 200_000, filed),
    ):
        case.tell(
            "costs",
            day,
            id=f"X{case.claim}-{kind[:4]}",
            claim_id=case.claim,
            proceeding_id=first,
            kind=kind,
            payer="holder",
            paid_on=day,
            amount=amount,
            advanced=True,
            recoverable=kind != "lawyer" or case.number % 3 > 0,
            reimbursed=0,
            currency="CNY",
        )
    seized = accepted + chance.whole(3, 25)
    if case.asset >= 0:
        _seize(people, security, case, chance, first, court, seized)
    perform = effective + chance.whole(10, 30)
    _instrument(
        people, security, case, chance, first, court, decided, judgment_served, effective, perform, settled_in_court
    )
    if chance.happens(0.06) or bankrupt:
        return  # nobody applied for enforcement yet: the period runs
    applied = perform + chance.whole(5, 150)
    last = case.first_missed + length
    tell_enforcement(people, registry, security, case, chance, matter, first, court, applied, max(last, applied + 150))


def _demand_by_suit(case: Case, filed: int, proceeding: str) -> None:
    case.tell(
        "limitation_events", filed, id=f"E{case.claim}-S", claim_id=case.claim, right_kind="debt",
        party_id=party_id(case.borrower), proceeding_id=proceeding, kind="suit", done_on=filed, reached_on=filed,
        grade="a",
    )  # fmt: skip
    for guarantee in case.guarantees:
        case.tell(
            "limitation_events", filed, id=f"E{case.claim}-S{guarantee:06d}", claim_id=case.claim,
            right_kind="guarantee", guarantee_id=f"G{guarantee:06d}", proceeding_id=proceeding, kind="suit",
            done_on=filed, reached_on=filed, grade="a",
        )  # fmt: skip


def _parties_and_claim(
    registry: Registry, security: Security, case: Case, proceeding: str, day: int, served: int, service: str
) -> None:
    people = [(registry.bank, "claimant"), (case.borrower, "defendant")]
    people += [(int(security.guarantee_party[g]), "defendant") for g in case.guarantees]
    seen = set()
    for number, position in people:
        if number in seen:
            continue
        seen.add(number)
        case.stage(
            "proceeding_parties", f"{proceeding}-{number:06d}",
            {"served_on": served if position == "defendant" else NEVER},
            {"proceeding_id": proceeding, "party_id": party_id(number), "position": position},
            [(day, {}), *([(served, {"service_method": service})] if position == "defendant" else [])],
        )  # fmt: skip
    case.tell(
        "proceeding_claims",
        day,
        id=f"{proceeding}-C",
        proceeding_id=proceeding,
        claim_id=case.claim,
        amount=case.principal,
        currency="CNY",
    )


def _seize(
    people: Population, security: Security, case: Case, chance: Chance, proceeding: str, court: str, day: int
) -> None:
    asset = f"A{case.asset:06d}"
    real = int(security.kind[case.asset]) <= 5
    term = 365 * 3 if real else 365 * 2
    order = 1 if case.first_seizure else chance.whole(2, 4)
    if not case.first_seizure:
        other = day - chance.whole(20, 300)
        transferred = day + chance.whole(150, 500) if chance.happens(0.5) else NEVER
        case.stage(
            "seizures",
            f"Z{case.claim}-0",
            {"transfer_letter_on": transferred - 40 if transferred < NEVER else NEVER, "transferred_on": transferred},
            {
                "asset_id": asset,
                "court": "外地人民法院",
                "kind": "first",
                "seizure_order": 1,
                "from_on": other,
                "ours": False,
                "amount": case.principal // 2,
                "case_number": f"（{civil_from_days(other)[0]}）{people.preset.province}9988民初{case.number}号",
                "expires_on": other + term,
                "currency": "CNY",
            },
            [(day, {}), *([(transferred - 40, {}), (transferred, {})] if transferred < NEVER else [])],
        )
    renewed = day + term - chance.whole(5, 60) if chance.happens(0.88) else NEVER
    case.stage(
        "seizures",
        f"Z{case.claim}-1",
        {},
        {
            "asset_id": asset,
            "court": court,
            "proceeding_id": proceeding,
            "ours": True,
            "from_on": day,
            "amount": case.principal,
            "kind": "first" if case.first_seizure else "waiting",
            "seizure_order": order,
            "currency": "CNY",
        },
        [
            (day, {"expires_on": day + term, "renewals": 0}),
            *([(renewed, {"expires_on": renewed + term, "renewals": 1})] if renewed < NEVER else []),
        ],
    )


def _instrument(
    people: Population, security: Security, case: Case, chance: Chance, proceeding: str, court: str, decided: int,
    served: int, effective: int, perform: int, settled: bool,
) -> None:  # fmt: skip
    identity = f"I{case.claim}"
    case.stage(
        "instruments",
        identity,
        {"served_on": served, "effective_since_on": effective},
        {
            "proceeding_id": proceeding,
            "kind": "mediation" if settled else "judgment",
            "court": court,
            "made_on": decided,
            "number": case_number(people, case.region, case.sued_on + 20, "民初", 100 + case.number),
            "perform_by_on": perform,
        },
        [(decided, {}), (served, {}), (effective, {})],
    )
    debtor = party_id(case.borrower)
    accrued = interest(case.principal, case.rate, max(case.sued_on - case.first_missed, 0) + 30, 360)
    lines = [
        ("principal", case.principal, "none", None), ("interest", accrued, "none", None),
        ("penalty", None, "contract_penalty", case.sued_on), ("fee", suit_fee(case.principal), "none", None),
    ]  # fmt: skip
    right = case.asset >= 0 and chance.happens(0.93)
    for number, (component, amount, formula, start) in enumerate(lines, 1):
        case.tell(
            "instrument_items", decided, id=f"{identity}-{number}", instrument_id=identity, number=number,
            claim_id=case.claim, party_id=debtor, component=component, amount=amount, interest_formula=formula,
            interest_base=case.principal if start else None, interest_from_on=start, perform_by_on=perform,
            asset_id=f"A{case.asset:06d}" if right and number == 1 else None,
            security_right_id=f"S{case.asset:06d}" if right and number == 1 else None,
            priority_amount=int(security.maximum[case.asset]) if right and number == 1 else None, currency="CNY",
        )  # fmt: skip
    for number, guarantee in enumerate(case.guarantees, len(lines) + 1):
        if chance.happens(0.85):
            case.tell(
                "instrument_items", decided, id=f"{identity}-{number}", instrument_id=identity, number=number,
                claim_id=case.claim, party_id=party_id(int(security.guarantee_party[guarantee])), component="principal",
                amount=case.principal, interest_formula="none", perform_by_on=perform, currency="CNY",
            )  # fmt: skip


def _bankruptcy(people: Population, security: Security, case: Case, chance: Chance) -> None:
    accepted = case.opened_on + chance.whole(120, 700)
    declared = accepted + chance.whole(150, 400)
    closed = accepted + int(chance.between(30, 48) * 30.4)
    share = chance.between(0.02, 0.12) if case.asset < 0 else chance.between(0.25, 0.75)
    paid = int(case.principal * share)
    case.stage(
        "bankruptcies",
        f"W{case.claim}",
        {"filed_on": accepted + 40, "declared_bankrupt_on": declared, "closed_on": closed},
        {
            "party_id": party_id(case.borrower),
            "claim_id": case.claim,
            "kind": chance.one_of(("liquidation", 8), ("reorganisation", 2)),
            "case_number": f"（{civil_from_days(accepted)[0]}）{people.preset.province}99破{case.number}号",
            "court": f"{people.preset.place}市中级人民法院",
            "administrator": f"{people.preset.place}清算事务所",
            "accepted_on": accepted,
            "claims_due_on": accepted + 60,
            "currency": "CNY",
        },
        [
            (accepted, {}),
            (accepted + 40, {"declared": case.principal * 108 // 100}),
            (accepted + 120, {"confirmed": case.principal * 105 // 100}),
            (declared, {"vote": "for"}),
            (closed, {"paid": paid}),
        ],
    )
    case.tell(
        "limitation_events",
        accepted + 40,
        id=f"E{case.claim}-B",
        claim_id=case.claim,
        right_kind="debt",
        party_id=party_id(case.borrower),
        kind="bankruptcy_filing",
        done_on=accepted + 40,
        reached_on=accepted + 40,
        grade="a",
    )
    case.cash.append(Cash(closed - 20, paid, "bankruptcy", paid, 0))
