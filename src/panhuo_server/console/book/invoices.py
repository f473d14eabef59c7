"""A customer's invoices by year: sales and purchases without tax, how many, what was voided, how large one buyer is.

Invariant: void invoices count apart and add nothing; a red-letter invoice takes away what it credits, as it was issued.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.book.stated import Money
from panhuo_server.console.results import FactsOfNight


@dataclass(frozen=True)
class Year:
    """A year of invoices, in the yuan."""

    year: int
    sales: Money
    sold: int
    purchases: Money
    bought: int
    void: int
    largest: Text
    """The share of sales that went to the largest buyer."""


def years_of(facts: FactsOfNight, party: str) -> Sequence[Year]:
    """The years an organisation holds invoices of, the latest first."""
    sums: dict[int, dict[str, int]] = {}
    buyers: dict[int, dict[str, int]] = {}
    for row in facts.rows("invoices", "party_id", [party]):
        if (row["currency"] or "CNY") != "CNY":
            continue
        held = sums.setdefault(
            row["issued_on"].year, dict.fromkeys(("sale", "n_sale", "purchase", "n_purchase", "void"), 0)
        )
        if row["status"] == "void":
            held["void"] += 1
            continue
        net = -abs(row["net"]) if row["red_letter"] else row["net"]
        held[row["direction"]] += net
        held[f"n_{row['direction']}"] += 1
        if row["direction"] == "sale":
            to = buyers.setdefault(row["issued_on"].year, {})
            to[row["counterparty"] or ""] = to.get(row["counterparty"] or "", 0) + net
    found = []
    for year in sorted(sums, reverse=True):
        held, to = sums[year], buyers.get(year, {})
        most = max(to.values(), default=0)
        share = words.share(most * 1_000_000 // held["sale"] if held["sale"] > 0 else None, 1)
        found.append(Year(year, Money.of(held["sale"], "CNY"), held["n_sale"], Money.of(held["purchase"], "CNY"),
                          held["n_purchase"], held["void"], share))  # fmt: skip
    return found
