"""Freezing a package at its base day: one sealed command of a package and its items, asked once before.

Invariant: what is frozen is what the claims state on the night's day, claim by claim in one currency, never brought to
the base day: the question says how many are of another. A package is of personal claims or of corporate ones, never of
both. A claim on offer in another package is not frozen twice; the same command again seals nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
from django.http import HttpResponse

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.errors import InvalidInput
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts.roles import require
from panhuo_server.console.frame import Visit, done
from panhuo_server.console.pieces.asking import Ask, asking, sure
from panhuo_server.console.results import Night
from panhuo_server.console.transfer.package_sheets import held, here
from panhuo_server.store import statements
from panhuo_server.store.reading import facts_of
from panhuo_server.store.sealing import seal


def to_freeze(night: Night) -> list[dict[str, Any]]:
    """Claims held that stand in no package on offer."""
    offered = {row["id"] for row in held("packages") if row["status"] in ("draft", "due_diligence", "offered")}
    taken = {item["claim_id"] for item in held("package_items") if item["package_id"] in offered}
    found = []
    for row in facts_of("claims", as_of=night.as_of, sequence=night.sequence).to_pylist():
        if row["status"] in (None, "held") and row["id"] not in taken:
            amount = sum(row[name] or 0 for name in ("principal", "interest", "advanced_costs"))
            found.append(
                {
                    "id": row["id"],
                    "party": row["party_id"],
                    "row": row,
                    "debt": amount,
                    "text": words.exact(amount, row["currency"] or "CNY"),
                }
            )
    return found


def kind_of(claims: Sequence[Mapping[str, Any]]) -> str:
    """The kind of package claims make: who may buy it depends on that, so personal and corporate ones do not mix.

    Raises:
        InvalidInput: for a mix.
    """
    personal = [row["id"] for row in claims if row["corporate"] is False]
    if personal and len(personal) < len(claims):
        named = ", ".join(personal[:5]) + (" ..." if len(personal) > 5 else "")
        raise InvalidInput(
            "personal and corporate claims do not go into one package",
            where=f"{len(personal)} of {len(claims)} personal: {named}",
            remedy="make a package each",
        )
    if personal:
        return "personal_batch"
    return "corporate_single" if len({row["party_id"] for row in claims}) == 1 else "corporate_batch"


def of_another_day(base_on: date | None, claims: Iterable[Mapping[str, Any] | None]) -> Text | None:
    """How many claims state their figures as of another day than the base day, or of none; None when all agree."""
    count = sum(claim is None or claim["base_on"] != base_on for claim in claims) if base_on else 0
    if not count:
        return None
    one = count == 1
    return Text(
        f"{count} 笔债权的数额截至其他日期或未写明日期，未调整到基准日 {base_on}。",
        f"The figures of {count} {'claim are' if one else 'claims are'} of another day, or of none stated, and are not "
        f"adjusted to the base day {base_on}.",
    )


def freeze(visit: Visit, night: Night) -> HttpResponse:
    """Asks once, then seals the package and its items as one command.

    Raises:
        InvalidInput: for a number, a day or a choice of claims that will not do.
    """
    require("import_facts")
    given = visit.request.POST
    chosen = {one["id"]: one for one in to_freeze(night)}
    wanted = [one for one in dict.fromkeys(given.getlist("claim")) if one in chosen]
    package_id, name, base = (
        given.get("id", "").strip()[:40],
        given.get("name", "").strip()[:80],
        given.get("base_on", ""),
    )
    if not package_id or not package_id.replace("-", "").isalnum() or not package_id.isascii():
        raise InvalidInput(
            "a package needs a number of letters, digits and hyphens", where="id", remedy="such as PK2026-1"
        )
    if not wanted:
        raise InvalidInput("no claim was chosen", where="claim", remedy="choose those that go into the package")
    try:
        base_on = date.fromisoformat(base)
    except ValueError as error:
        raise InvalidInput("the base day is missing", where="base_on", remedy="write 2026-06-30") from error
    if base_on > night.as_of:
        raise InvalidInput("the base day lies after the last night", where=base, remedy=f"at latest {night.as_of}")
    if package_id in {row["id"] for row in held("packages")}:
        raise InvalidInput("there is a package of that number", where=package_id, remedy="give another")
    if sure(visit) and len(wanted) != len(set(given.getlist("claim"))):
        raise InvalidInput("some of these claims are not free any more", where="claim", remedy="look again")
    items = [chosen[one] for one in wanted]
    currencies = {one["row"]["currency"] or "CNY" for one in items}
    if len(currencies) > 1:
        raise InvalidInput("claims of several currencies do not add up", where="claim", remedy="make a package each")
    (currency,) = currencies
    kind, total = kind_of([one["row"] for one in items]), sum(one["debt"] for one in items)
    other = of_another_day(base_on, (one["row"] for one in items))
    if not sure(visit):
        fields = [("id", package_id), ("name", name), ("base_on", base), *(("claim", one) for one in wanted)]
        said = words.exact(total, currency)
        return asking(
            visit,
            Ask(
                Text(f"封存资产包 {package_id}？", f"Freeze package {package_id}?"),
                [
                    Text(
                        f"{len(items)} 笔债权，本息费 {said.zh}，基准日 {base}。",
                        f"{len(items)} claims, {said.en} all in, base day {base}.",
                    ),
                    *([other] if other else []),
                    Text(
                        "封存后明细不再改变；之后的变动另列。",
                        "Its items do not change after that; what changes later stands beside them.",
                    ),
                ],
                Text("封存", "Freeze"),
                "/console/packages",
                fields,
                "/console/packages",
            ),
            "transfer",
        )
    _seal(night, package_id, name, base_on, kind, items, currency)
    return done(visit, here(package_id), Text(f"已封存资产包 {package_id}。", f"Package {package_id} is frozen."))


def _seal(
    night: Night,
    package_id: str,
    name: str,
    base_on: date,
    kind: str,
    items: Sequence[Mapping[str, Any]],
    currency: str,
) -> None:
    observed = statements.observed()
    effective = min(statements.today(), observed) if observed is not None else statements.today()
    classes, cases = _classes(night), _in_court(night)
    package = {
        "id": package_id,
        "effective_on": effective,
        "name": name or package_id,
        "status": "draft",
        "base_on": base_on,
        "kind": kind,
        "debtors": len({i["party"] for i in items}),
        "stated_principal": sum(i["row"]["principal"] or 0 for i in items),
        "stated_interest": sum(i["row"]["interest"] or 0 for i in items),
        "currency": currency,
        "source_doc": "console",
    }
    rows = [
        {
            "id": f"{package_id}-{i['id']}",
            "effective_on": effective,
            "package_id": package_id,
            "claim_id": i["id"],
            "party_id": i["party"],
            "principal": i["row"]["principal"] or 0,
            "interest": i["row"]["interest"] or 0,
            "advanced_costs": i["row"]["advanced_costs"] or 0,
            "five_class": classes.get(i["id"]),
            "overdue_days": _overdue(i["row"]["due_on"], base_on),
            "in_litigation": i["id"] in cases,
            "currency": currency,
            "source_doc": "console",
        }
        for i in items
    ]
    facts = {"packages": _typed("packages", [package]), "package_items": _typed("package_items", rows)}
    digest = hashlib.sha256(repr((package_id, base_on, sorted(i["id"] for i in items))).encode()).hexdigest()[:24]
    seal(facts, idempotency_key=f"package {digest}", observed_until=observed)


def _typed(table: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = table_named(table).fact_schema
    names = [c for c in schema.columns if c.name in rows[0]]
    return pa.table({c.name: pa.array([row[c.name] for row in rows], c.arrow_type()) for c in names})


def _classes(night: Night) -> dict[str, str]:
    """The class of each claim: a lender's own, else the last one a seller stated; a buyer's night classes nothing."""
    found = {
        row["claim_id"]: row["five_class"] for row in held("package_items") if row["claim_id"] and row["five_class"]
    }
    if night.visit.place.kind != "lender" or "classes" not in night:
        return found
    classes = night["classes"]
    column = "class" if "class" in classes.schema else ""
    if not column or classes.schema.key != ("drawdown_id",):
        return found
    by = dict(zip(*(classes.table.column(c).to_pylist() for c in ("drawdown_id", column)), strict=True))
    for link in facts_of("claim_drawdowns", as_of=night.as_of, sequence=night.sequence).to_pylist():
        if by.get(link["drawdown_id"]) is not None:
            found[link["claim_id"]] = by[link["drawdown_id"]]
    return found


def _overdue(due: date | None, base_on: date) -> int | None:
    """Days past due on the base day; unknown when the due day is."""
    return None if due is None else max((base_on - due).days, 0)


def _in_court(night: Night) -> set[str]:
    return {
        row["claim_id"] for row in facts_of("proceeding_claims", as_of=night.as_of, sequence=night.sequence).to_pylist()
    }
