"""资产转让与处置招商: packages frozen at a base day, prepared, disclosed, exported; nothing is traded here.

Invariant: there is no bidding and no exchange, only preparation, price authorisation and a tape for those who hold the
licence; every sum of a package opens to the items it is of.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.http import Http404, HttpResponse

from panhuo.ground.record.errors import InvalidInput, PanhuoError
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts.roles import allows, require
from panhuo_server.console.claims.paper.fields import STATUS, yuan_of
from panhuo_server.console.claims.paper.standing import approved_of
from panhuo_server.console.frame import Visit, done, page, shown
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import Figure, large, row_address
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.grids import fact_address
from panhuo_server.console.pieces.parts import Part, exact_in, made_of, opened
from panhuo_server.console.pieces.pictures import Step, adds_up, waterfall
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import last_night, the_night
from panhuo_server.console.teaching import first_night
from panhuo_server.console.transfer.freezing import freeze, of_another_day, to_freeze
from panhuo_server.console.transfer.package_facts import BID_STEPS, Item, by_claim, items_of, place_of, shares, sums_of
from panhuo_server.console.transfer.package_sheets import (
    held,
    here,
    item_sheet,
    package_sheet,
    part_of,
    share_grid,
    sum_at,
    worst_grid,
)
from panhuo_server.flows import approvals, approving, clock
from panhuo_server.flows.ladder import LADDER
from panhuo_server.store import events

PURPOSES = ("market", "valuation", "approval", "audit", "reporting")
SUMMED = {
    "debt": Text("冻结时本息费", "All in, as frozen"), "debt_now": Text("现在本息费", "All in, now"),
    "value": Text("价值", "Value"), "bid": Text("最高报价", "Maximum bid"),
    "covered": Text("估值覆盖（按金额）", "Valued, by amount"),
    "approved": Text("底稿已批准（按金额）", "Papers approved, by amount"),
}  # fmt: skip
"""The sums of a package that open."""


@page("GET", "HEAD", "POST")
def packages(visit: Visit) -> HttpResponse:
    """The packages, and freezing another one."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None:
            return first_night(visit, "transfer")
        if visit.request.method == "POST":
            return freeze(visit, night)
        sheet = package_sheet(night)
        if (other := other_form(sheet, None, visit, about(visit, night))) is not None:
            return other
        may = allows(visit.place.roles, "import_facts") and visit.purpose_of(("market",)) is not None
        given = {
            "room": "transfer",
            "night": night,
            "table": table_shown(sheet, None, visit, "/console/packages"),
            "claims": to_freeze(night) if may else [],
            "may": may,
            "today": night.as_of.isoformat(),
        }
    return shown(visit.request, "console/claim_packages.html", given, visit=visit)


def authorisations_of(package_id: str) -> list[tuple[str, approvals.Proposal]]:
    """Price authorisations asked for a package, in order."""
    found = []
    for number in range(1, 1000):
        proposal = f"price {package_id} {number}"
        state = approvals.fold(events.read(approving.STREAM, proposal))
        if state.status == "none":
            break
        found.append((proposal, state))
    return found


@page("GET", "HEAD", "POST")
def package(visit: Visit, package_id: str) -> HttpResponse:
    """One package."""
    fault: PanhuoError | None = None
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        row = next((one for one in held("packages") if one["id"] == package_id), None)
        if row is None:
            raise Http404
        frozen = [item for item in held("package_items") if item["package_id"] == package_id]
        items = items_of(night, frozen)
        currency = row["currency"] or "CNY"
        sums = sums_of(night, items)
        if visit.request.method == "POST":
            try:
                with visit.acting(*PURPOSES):
                    said = _authorise(visit, package_id, sums.bid, currency)
            except InvalidInput as error:
                fault = error
            else:
                return done(visit, here(package_id), said)
        sheet = item_sheet(package_id, items)
        if (other := other_form(sheet, None, visit, about(visit, night))) is not None:
            return other
        steps = [
            Step(
                text,
                sums.steps[name],
                large(sums.steps[name], currency),
                sum_at(package_id, name),
                name in ("at_target_return", "maximum_bid"),
            )
            for name, text in BID_STEPS.items()
        ]
        asked = authorisations_of(package_id)
        last = asked[-1][1] if asked else None
        given = {
            "room": "transfer",
            "night": night,
            "package": row,
            "wide": 1000,
            "fault": fault,
            "address": here(package_id),
            "figures": [
                *(
                    Figure(
                        large(amount, currency), sum_at(package_id, code), SUMMED[code], words.exact(amount, currency)
                    )
                    for code, amount in (
                        ("debt", sums.debt),
                        ("debt_now", sums.debt_now),
                        ("value", sums.value),
                        ("bid", sums.bid),
                    )
                ),
                Figure(part_of(sums.covered, sums.debt), sum_at(package_id, "covered"), SUMMED["covered"]),
                Figure(part_of(sums.approved, sums.debt), sum_at(package_id, "approved"), SUMMED["approved"]),
            ],
            "fall": waterfall(steps) if adds_up(steps) and sums.bid else [],
            "table": table_shown(sheet, None, visit, here(package_id)),
            "worst": worst_grid(items, currency),
            "shares": [
                (text, share_grid(package_id, by, shares(items, by), sums.debt, currency))
                for by, text in (
                    ("region", Text("按地区", "By city")),
                    ("court", Text("按法院", "By court")),
                    ("secured", Text("按担保", "By security")),
                    ("class", Text("按分类", "By class")),
                )
            ],
            "authorisations": [(p, a, STATUS[a.status], words.exact(a.amount, a.currency)) for p, a in asked],
            "may_ask": allows(visit.place.roles, "propose") and (last is None or last.status != "open"),
            "last_proposal": asked[-1][0] if asked else "",
            "may_decide": bool(
                last
                and last.status == "open"
                and allows(visit.place.roles, "approve")
                and visit.person != last.proposer
            ),
            "bid": words.exact(sums.bid, currency),
            "other_day": of_another_day(row["base_on"], (item.now for item in items)),
            "to_principal": part_of(sums.bid, sums.covered_principal),
            "to_debt": part_of(sums.bid, sums.covered),
        }
    return shown(visit.request, "console/claim_package.html", given, visit=visit, status=422 if fault else 200)


def _authorise(visit: Visit, package_id: str, bid: int, currency: str) -> Text:
    given = visit.request.POST
    asked = authorisations_of(package_id)
    action, reason = given.get("action", ""), given.get("reason", "").strip()[:500]
    if action == "ask":
        require("propose")
        price = yuan_of(given.get("price", ""), currency)
        if price <= 0:
            raise InvalidInput("a price above zero", where="price")
        if price > bid and not reason:
            raise InvalidInput(
                "the price lies above the sum of maximum bids", where="price", remedy="give a reason, or a lower price"
            )
        if asked and asked[-1][1].status == "open":
            raise InvalidInput("an authorisation is waiting already", where=package_id)
        now = clock.now()
        approving.propose(
            f"price {package_id} {len(asked) + 1}",
            subject=f"packages/{package_id}",
            action="price_authorisation",
            amount=price,
            currency=currency,
            authorities=LADDER,
            remind_at=now + timedelta(days=2),
            escalate_at=now + timedelta(days=5),
            expires_at=now + timedelta(days=14),
            reason=reason,
        )
        said = words.exact(price, currency)
        return Text(f"已提请报价授权：{said.zh}。", f"Price authorisation asked for: {said.en}.")
    if action in ("approve", "reject") and asked:
        proposal = asked[-1][0]
        if given.get("proposal") != proposal:
            raise InvalidInput("another price was asked for meanwhile", where="price", remedy="look at it, then decide")
        approving.answer(proposal, action, reason=reason, idempotency_key=f"{proposal} {action} {visit.person}")
        return Text("已记录决定。", "The decision is recorded.")
    raise InvalidInput("no such step", where=action[:40])


_OF: dict[str, Callable[[Item], int | None]] = {
    "debt": lambda item: item.debt, "debt_now": lambda item: item.debt_now, "value": lambda item: item.value,
    "bid": lambda item: item.bid, "covered": lambda item: item.debt if item.value is not None else 0,
    "approved": lambda item: item.debt,
}  # fmt: skip


@page()
def why_package(visit: Visit, package_id: str) -> HttpResponse:
    """A sum of a package opened: its items, each opening to its own fact or judgement."""
    code = visit.request.GET.get("of", "")
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        row = next((one for one in held("packages") if one["id"] == package_id), None)
        if row is None or code not in {**_OF, **BID_STEPS}:
            raise Http404
        currency = row["currency"] or "CNY"
        items = items_of(night, [item for item in held("package_items") if item["package_id"] == package_id])
        name, reads = (SUMMED | BID_STEPS)[code], exact_in(currency)
        if by := visit.request.GET.get("by"):
            items = [item for item in items if place_of(item, by)[0] == visit.request.GET.get("is", "")]
            place = place_of(items[0], by)[1] if items else words.DASH
            name = Text(f"{name.zh}（{place.zh}）", f"{name.en} ({place.en})")
        counted = approved_of(night, (i.id for i in items)) if code == "approved" else {i.id for i in items}
        step = by_claim(night, "maximum_bids", code) if code in BID_STEPS else {}
        parts = [(i, (step.get(i.id) if code in BID_STEPS else _OF[code](i)) or 0) for i in items if i.id in counted]
        parts = [(i, amount) for i, amount in parts if amount]
        outcome = {"value": ("claim_values", "value"), "bid": ("maximum_bids", "maximum_bid"),
                   **{step: ("maximum_bids", step) for step in BID_STEPS}}.get(code)  # fmt: skip
        said = reads(sum(amount for _, amount in parts))
        given = {
            "title": Text(f"{name.zh} · {package_id}", f"{name.en} · {package_id}"),
            "sentence": Text(f"资产包 {package_id} 的{name.zh}：{len(parts)} 笔合计 {said.zh}。",
                             f"{name.en} of package {package_id}: {len(parts)} claims, {said.en} together."),
            **made_of(name, [
                Part(Text(i.id, i.id), amount, row_address(outcome[0], (i.id,), outcome[1]) if outcome
                     else fact_address("package_items", i.frozen))
                for i, amount in parts
            ], reads),
        }  # fmt: skip
    return opened(visit, night, given)
