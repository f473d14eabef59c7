"""A claim's facts as debt cases: what the debt calculator computes from, drawdown by drawdown.

Invariant: a case has the shape ``panhuo debt`` reads (docs/debt.md) and says which facts it was made of; an option
changes only what it names. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.money import yuan_text
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.claims.holding import Holding, Row, stated_by_one

Basis = Literal["drawdown", "base"]
_STYLES: dict[str, Any] = {"bullet_quarterly_interest": "quarter", "bullet_at_maturity": None}


@dataclass(frozen=True)
class Options:
    """What is chosen on the page: text as written, empty for what the contract says.

    Attributes:
        to: the day interest is computed to, itself not counted. basis: from the money paid out, or from the balances
            stated at the base day. after: whether interest runs after assignment. compound, on_penalty: interest on
            interest, and on penalty. uplift: the overdue uplift in per cent. late: doubled interest for being late.
    """

    to: str = ""
    basis: str = ""
    after: str = "court-dependent"
    compound: str = ""
    on_penalty: str = ""
    uplift: str = ""
    late: str = ""

    @property
    def given(self) -> dict[str, str]:
        """The options that say something."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)}


def options_of(given: Mapping[str, str], holding: Holding) -> Options:
    """The options of an address, completed by what the facts allow.

    Raises:
        InvalidInput: for a day that is none, or a basis the facts do not give.
    """
    named = {f.name: str(given.get(f.name, "")).strip()[:32] for f in fields(Options)}
    to = named["to"] or holding.night.as_of.isoformat()
    try:
        date.fromisoformat(to)
    except ValueError as error:
        raise InvalidInput("not a day", where=to, remedy="write 2026-06-30") from error
    basis = named["basis"] or ("base" if holding.stated and not ledger_of(holding) else "drawdown")
    if basis not in ("drawdown", "base") or (basis == "base" and not holding.stated):
        raise InvalidInput("no balances are stated to begin from", where="basis", remedy="compute from the drawdown")
    if named["compound"] not in ("", "yes", "no") or named["on_penalty"] not in ("", "yes", "no"):
        raise InvalidInput("yes or no", where="compound")
    late = named["late"] or ("yes" if any(i["effective_since_on"] for i in holding.instruments.values()) else "no")
    return Options(to, basis, named["after"] or "court-dependent", named["compound"], named["on_penalty"],
                   named["uplift"], late)  # fmt: skip


def ledger_of(holding: Holding) -> list[Row]:
    """Ledger postings of its drawdowns; none in a book that took the claim over."""
    held = holding.__dict__.setdefault("_ledger", {})
    if "rows" not in held:
        held["rows"] = holding.rows("postings", "drawdown_id", [row["id"] for row in holding.drawdowns])
    rows: list[Row] = held["rows"]
    return rows


def cases_of(holding: Holding, options: Options) -> list[dict[str, Any]]:
    """A case a drawdown.

    Raises:
        InvalidInput: when the facts do not tell enough to compute from.
    """
    if not holding.drawdowns:
        raise InvalidInput(
            "no drawdown of this claim is recorded", where=holding.id, remedy="import the drawdown it comes from"
        )
    return [_case(holding, drawdown, options) for drawdown in holding.drawdowns]


def _case(holding: Holding, drawdown: Row, options: Options) -> dict[str, Any]:
    contract = holding.contracts.get(drawdown["contract_id"]) or {}
    case: dict[str, Any] = {
        "id": drawdown["id"], "debtor": holding.claim["party_id"] or "", "creditor": holding.claim["holder_id"] or "",
        "contract": contract.get("number") or drawdown["contract_id"] or "", "as_of": options.to,
        "maturity": _iso(drawdown["due_on"]), "rate": _rate(drawdown, contract),
        "day_count": contract.get("day_count") or "actual_360",
        "overdue_uplift": _uplift(options.uplift, drawdown, contract),
        "compound": _yes(options.compound, contract.get("compound"), True),
        "compound_on_penalty": _yes(options.on_penalty, contract.get("compound_on_penalty"), False),
        "order": contract.get("appropriation_order") or "cost_interest_principal",
        "order_clause": contract.get("number") or drawdown["contract_id"] or "",
        "interest_order": contract.get("interest_order") or "compound_penalty_interest",
        "post_assignment_interest": options.after,
    }  # fmt: skip
    if options.basis == "base":
        case |= _opening(holding, drawdown)
    else:
        _whole(holding, drawdown)
        case |= {"advances": [[_iso(drawdown["out_on"]), yuan_text(drawdown["amount"])]]}
        case["interest_due"] = _settled(drawdown)
        plan = [
            [_iso(row["due_on"]), yuan_text(row["principal"])]
            for row in holding.rows("instalments", "drawdown_id", [drawdown["id"]])
            if row["principal"] and row["status"] != "cancelled"
        ]
        if plan:
            case["principal_due"] = sorted(plan)
    case["payments"] = _payments(holding, drawdown, case["advances"][0][0], options)
    called = holding.claim["due_on"]
    if called is not None and drawdown["due_on"] is not None and called < drawdown["due_on"]:
        case["accelerated_on"] = called.isoformat()
    if holding.assignments and (closed := holding.assignments[-1]["closed_on"] or holding.assignments[-1]["signed_on"]):
        case["assigned_on"] = closed.isoformat()
    if options.late == "yes":
        case |= _instrument(holding, options)
    for row in holding.rows("bankruptcies", "claim_id", [holding.id]):
        if row["accepted_on"] is not None:
            case["bankruptcy_accepted"] = row["accepted_on"].isoformat()
    return case


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _yes(chosen: str, stated: bool | None, usual: bool) -> bool:
    return chosen == "yes" if chosen else usual if stated is None else stated


def _uplift(chosen: str, drawdown: Row, contract: Mapping[str, Any]) -> str:
    if chosen:
        return f"{chosen.rstrip('%')}%"
    ppm = drawdown["penalty_uplift"] if drawdown["penalty_uplift"] is not None else contract.get("penalty_uplift")
    return "" if ppm is None else _share(ppm)


def _share(ppm: int) -> str:
    return f"{ppm // 1_000_000}.{ppm % 1_000_000:06d}"


def _rate(drawdown: Row, contract: Mapping[str, Any]) -> Any:
    repriced = contract.get("rate_kind") == "lpr" and contract.get("repricing") not in (None, "none")
    if repriced and contract.get("lpr_tenor") and contract.get("spread_basis_points") is not None:
        return {"lpr": contract["lpr_tenor"], "basis_points": contract["spread_basis_points"],
                "repricing": contract["repricing"]}  # fmt: skip
    ppm = drawdown["annual_rate"] if drawdown["annual_rate"] is not None else contract.get("annual_rate")
    if ppm is None:
        raise InvalidInput("the contract's rate is not known", where=drawdown["id"], remedy="import the contract")
    return _share(ppm)


def _settled(drawdown: Row) -> Any:
    every = _STYLES.get(drawdown["style"] or "", "month")
    if every is None:
        return "maturity"
    # The day interest is settled is counted with the period it ends: the next begins on the day after.
    return {"every": every, "day": drawdown["interest_day"] or 21}


def _opening(holding: Holding, drawdown: Row) -> dict[str, Any]:
    said = stated_by_one(holding.stated)
    mine = [row for row in said if row["drawdown_id"] == drawdown["id"]]
    whole = [row for row in said if row["drawdown_id"] is None]
    if len(holding.drawdowns) > 1 and any(_base(row) >= max(map(_base, mine), default=date.min) for row in whole):
        raise InvalidInput(
            "balances are stated for the claim as a whole, which comes from several drawdowns", where=holding.id,
            remedy="state them drawdown by drawdown", code="invalid-input/balances-of-the-whole-claim",
        )  # fmt: skip
    if len(holding.drawdowns) == 1:
        # What is stated of its only drawdown and again of the claim is one balance.
        known = {(_base(row), row["component"]) for row in mine}
        mine += [row for row in whole if (_base(row), row["component"]) not in known]
    if not mine:
        raise InvalidInput("no balances of this drawdown are stated", where=drawdown["id"])
    last = max(map(_base, mine))
    owed: dict[str, int] = {}
    for row in mine:
        if _base(row) == last:
            owed[row["component"]] = owed.get(row["component"], 0) + row["amount"]
    principal = owed.pop("principal", 0)
    if principal <= 0:
        raise InvalidInput("no principal is stated at the base day", where=drawdown["id"])
    return {
        "advances": [[last.isoformat(), yuan_text(principal)]],
        "opening": {name: yuan_text(amount) for name, amount in owed.items() if amount > 0},
    }


def _base(row: Row) -> date:
    day: date = row["base_on"] or row["effective_on"]
    return day


def _whole(holding: Holding, drawdown: Row) -> None:
    share = holding.shares.get(drawdown["id"])
    if share is not None and share != 1_000_000:
        raise InvalidInput(
            "the claim holds a share of that drawdown only", where=drawdown["id"],
            remedy="begin from balances stated at a base day", code="invalid-input/share-of-a-drawdown",
        )  # fmt: skip


def uncounted_of(holding: Holding, case: Mapping[str, Any]) -> list[Text]:
    """What the ledger holds of a case's drawdown from its first day on that the case does not count: waivers."""
    postings = [row for row in ledger_of(holding) if row["drawdown_id"] == case["id"]]
    reversed_ids = {row["reverses_id"] for row in postings if row["reverses_id"]}
    waived = [
        row for row in postings
        if row["kind"] == "waive" and row["id"] not in reversed_ids
        and case["advances"][0][0] <= _iso(row["value_date"] or row["posted_on"]) < case["as_of"]
    ]  # fmt: skip
    if not waived:
        return []
    total = words.exact(sum(row["amount"] for row in waived), holding.currency)
    return [
        Text(
            f"台账有减免 {len(waived)} 笔，合计 {total.zh}，本表未扣减。",
            f"Waived in the ledger: {total.en} in all ({len(waived)}), not taken off here.",
        )
    ]


def _payments(holding: Holding, drawdown: Row, start: str, options: Options) -> list[dict[str, Any]]:
    """Money that came in from the first day of the computation on, as the ledger has it, else as it was recovered."""
    found = []
    postings = [row for row in ledger_of(holding) if row["drawdown_id"] == drawdown["id"]]
    if options.basis == "drawdown" and postings:
        reversed_ids = {row["reverses_id"] for row in postings if row["reverses_id"]}
        for row in postings:
            day = _iso(row["value_date"] or row["posted_on"])
            if row["kind"] == "receive" and row["id"] not in reversed_ids and row["amount"] > 0 and day < options.to:
                found.append({"date": day, "amount": yuan_text(row["amount"]), "to": [row["component"]],
                              "note": row["id"]})  # fmt: skip
        return sorted(found, key=lambda one: (one["date"], one["note"]))
    for row in holding.recoveries:
        day, net = _iso(row["received_on"] or row["effective_on"]), row["net"] or row["gross"] or 0
        if row["drawdown_id"] not in (None, drawdown["id"]) or not start <= day < options.to or net <= 0:
            continue
        if row["drawdown_id"] is None and len(holding.drawdowns) > 1:
            raise InvalidInput(
                "money came in without its drawdown, of a claim that comes from several", where=row["id"],
                remedy="name its drawdown in the recovery", code="invalid-input/money-of-the-whole-claim",
            )  # fmt: skip
        to = [name for name, amount in (("principal", row["to_principal"]), ("interest", row["to_interest"]),
                                        ("fee", row["to_costs"])) if amount]  # fmt: skip
        found.append({"date": day, "amount": yuan_text(net), "to": to, "note": row["id"]})
    return sorted(found, key=lambda one: (one["date"], one["note"]))


def _instrument(holding: Holding, options: Options) -> dict[str, Any]:
    known = [i for i in holding.instruments.values() if i["effective_since_on"] is not None]
    if not known:
        return {}
    last = max(known, key=lambda i: (i["effective_since_on"], i["id"]))
    effective, perform = _iso(last["effective_since_on"]), _iso(last["perform_by_on"])
    if effective >= options.to or effective < "2014-08-01":
        return {}
    return {"instrument": {"effective": effective, "perform_by": perform or effective},
            "case_number": last["number"] or ""}  # fmt: skip
