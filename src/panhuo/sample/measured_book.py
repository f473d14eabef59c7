"""A sealed sample book as arrays, ready to be measured, and the lines that were measured on it.

Invariant: everything is read from the sealed facts, not from what made them; only what no fact can show (rings
planted, true losses) is read from the truth beside the book.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.sample.presets import AS_OF, MONTHS, NEVER, preset_named
from panhuo.sample.repayment import SIGNS


@dataclass(frozen=True)
class Measurement:
    """One line of the comparison.

    Attributes:
        target: the number as the practice notes state it.
        low, high: the band outside of which the sample is not believed.
        rare: few enough cases that a small sample cannot show it.
    """

    item: str
    target: str
    value: float
    low: float
    high: float
    rare: bool = False

    @property
    def inside(self) -> bool:
        """Whether the value lies in its band."""
        return bool(self.low <= self.value <= self.high)


def days_of(column: pa.ChunkedArray) -> np.ndarray:
    """A date column as days since 1970-01-01; `NEVER` where unknown."""
    return column.cast(pa.int32()).cast(pa.int64()).fill_null(NEVER).to_numpy()


def number_of(column: pa.ChunkedArray, start: int = 1) -> np.ndarray:
    """The number in ids such as D000123, after `start` letters; -1 where unknown."""
    return pc.utf8_slice_codeunits(column, start).cast(pa.int64()).fill_null(-1).to_numpy()


def texts_of(column: pa.ChunkedArray) -> np.ndarray:
    """A text column as an array; empty where unknown."""
    return column.fill_null("").to_numpy(zero_copy_only=False).astype(str)


class Measured:
    """The bank's tables of one book as arrays, and what is measured on them."""

    def __init__(self, folder: Path) -> None:
        self.book = Book(folder)
        self.snapshot = Snapshot(self.book)
        self.preset = preset_named(str(self.book.description["preset"]))
        self.truth = Path(folder) / "truth"
        self.lines: list[Measurement] = []
        self.first_missed = np.zeros(0, dtype=np.int64)  # set once quality is measured
        self._read_credit()

    def table(self, name: str, *columns: str) -> pa.Table:
        """Columns of the bank's visible facts of a table, in id order."""
        facts = self.snapshot.table(name)
        facts = facts.filter(facts.org_id == "self")
        return facts.select("id", *columns).order_by("id").to_pyarrow()

    def planted(self, name: str) -> pa.Table:
        """A table of the truth."""
        return pq.read_table(self.truth / f"{name}.parquet")

    def say(self, item: str, target: str, value: float, low: float, high: float, *, rare: bool = False) -> None:
        """Adds a line."""
        self.lines.append(Measurement(item, target, float(value), low, high, rare))

    def _read_credit(self) -> None:
        d = self.table(
            "drawdowns", "contract_id", "party_id", "amount", "out_on", "due_on", "style", "annual_rate",
            "renewal_kind", "previous_drawdown_id", "status", "settled_on",
        )  # fmt: skip
        self.amount = d["amount"].to_numpy()
        self.out, self.due = days_of(d["out_on"]), days_of(d["due_on"])
        self.rate = d["annual_rate"].to_numpy()
        self.borrower, self.contract = number_of(d["party_id"]), number_of(d["contract_id"])
        self.previous = number_of(d["previous_drawdown_id"])
        self.style, self.status = texts_of(d["style"]), texts_of(d["status"])
        self.renewal = texts_of(d["renewal_kind"])
        count = len(self.amount)
        p = self.table("postings", "drawdown_id", "posted_on", "component", "kind", "amount")
        self.p_drawdown = number_of(p["drawdown_id"])
        self.p_day = days_of(p["posted_on"])
        self.p_component, self.p_kind = texts_of(p["component"]), texts_of(p["kind"])
        names = np.array(list(SIGNS))
        signs = np.array(list(SIGNS.values()))
        order = np.argsort(names)
        place = order[np.searchsorted(names[order], self.p_kind)]
        arriving = (self.p_kind == "move_off_balance") & (self.p_component == "interest_off_balance")
        self.p_signed = p["amount"].to_numpy() * np.where(arriving, 1, signs[place])
        principal = self.p_component == "principal"
        self.balance = np.bincount(self.p_drawdown[principal], self.p_signed[principal], count).astype(np.int64)
        parties = self.table("parties", "kind", "region", "industry")
        kind = texts_of(parties["kind"])
        self.corporate = np.isin(kind, ("company", "cooperative"))
        self.region, self.industry = texts_of(parties["region"]), texts_of(parties["industry"])
        contracts = self.table("contracts", "product", "security_form", "facility_id", "lender_kind")
        self.product, self.form = texts_of(contracts["product"]), texts_of(contracts["security_form"])
        self.micro = texts_of(contracts["lender_kind"]) == "micro_lender"
        facilities = self.table("facilities", "revolving")
        self.line = facilities["revolving"].to_numpy(zero_copy_only=False).astype(bool)
        self.security = self._securities(len(contracts))
        self.firm = self.corporate[self.borrower]
        self._read_arrears(count)
        self._read_classes(count)

    def _securities(self, contracts: int) -> np.ndarray:
        # home, shop, plant, company guarantee, relative, guarantee company, unsecured, pledge
        found = np.array(["unsecured"] * contracts, dtype=object)
        form = self.form
        debts = self.table("security_rights_debts", "security_right_id", "contract_id")
        assets = self.table("assets", "kind")
        own = pc.match_substring_regex(assets["id"], "^A[0-9]")  # twins under old certificates stand apart
        kinds = texts_of(assets.filter(own)["kind"])
        debts = debts.filter(pc.match_substring_regex(debts["security_right_id"], "^S[0-9]"))
        right = number_of(debts["security_right_id"])
        contract = number_of(debts["contract_id"])
        found[contract] = kinds[right]
        g = self.table("guarantees", "contract_id", "guarantor_id")
        g_contract, guarantor = number_of(g["contract_id"]), number_of(g["guarantor_id"])
        known = guarantor >= 0
        g_contract, guarantor = g_contract[known], guarantor[known]
        parties = texts_of(self.table("parties", "kind")["kind"])
        by = parties[guarantor]
        only = form[g_contract] == "guarantee"
        borrowers = number_of(self.table("contracts", "party_id")["party_id"])
        company = by == "company"
        found[g_contract[only & ~company & (by != "guarantee_company")]] = "relative"
        found[g_contract[only & company]] = "company"
        found[g_contract[only & (by == "guarantee_company")]] = "guarantee_company"
        self.edges = np.stack([borrowers[g_contract[company]], guarantor[company]], axis=1)
        groups = {
            "office": "shop",
            "land": "plant",
            "deposit": "pledge",
            "receivable": "pledge",
            "inventory": "pledge",
            "equipment": "pledge",
        }
        return np.array([groups.get(x, x) for x in found], dtype=str)

    def _read_arrears(self, count: int) -> None:
        """For every instalment, the day it was paid in full: receipts of principal and interest in due order."""
        i = self.table("instalments", "drawdown_id", "due_on", "principal", "interest", "status")
        keep = texts_of(i["status"]) == "due"
        drawdown, due = number_of(i["drawdown_id"])[keep], days_of(i["due_on"])[keep]
        owed = (i["principal"].to_numpy() + i["interest"].to_numpy())[keep]
        order = np.lexsort((due, drawdown))
        drawdown, due, owed = drawdown[order], due[order], owed[order]
        paid_kinds = (self.p_kind == "receive") & np.isin(
            self.p_component, ("principal", "interest", "interest_off_balance")
        )
        p_drawdown, p_day, p_amount = self.p_drawdown[paid_kinds], self.p_day[paid_kinds], -self.p_signed[paid_kinds]
        order = np.lexsort((p_day, p_drawdown))
        p_drawdown, p_day, p_amount = p_drawdown[order], p_day[order], p_amount[order]

        def running(keys: np.ndarray, values: np.ndarray) -> np.ndarray:
            total = np.cumsum(values)
            start = np.concatenate([[0], total])[np.searchsorted(keys, keys, side="left")]
            return np.asarray(total - start)

        big = 1 << 44
        have = p_drawdown * big + running(p_drawdown, p_amount)
        want = drawdown * big + running(drawdown, owed)
        at = np.searchsorted(have, want, side="left")
        safe = np.minimum(at, max(len(p_day) - 1, 0))
        met = (at < len(p_day)) & (p_drawdown[safe] == drawdown)
        paid_on = np.where(met, p_day[safe], NEVER)
        gone = np.full(count, NEVER, dtype=np.int64)
        over = np.isin(self.p_kind, ("write_off", "assign"))
        np.minimum.at(gone, self.p_drawdown[over], self.p_day[over])
        self.gone = gone
        late = (paid_on > due) & (due <= AS_OF)
        self.late_drawdown, self.late_due = drawdown[late], due[late]
        self.late_paid = np.minimum(paid_on[late], gone[drawdown[late]])
        self.month_ends = np.array(
            [int(np.datetime64("2020-07-31")
                 .astype("datetime64[M]").astype(np.int64)) + m + 1 for m in range(MONTHS)]
        ).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1  # fmt: skip
        self.month_ends[-1] = AS_OF

    def overdue_days(self, day: int) -> np.ndarray:
        """Days past due of each drawdown at the end of a day."""
        found = np.zeros(len(self.amount), dtype=np.int64)
        rows = (self.late_due < day) & (self.late_paid > day)
        np.maximum.at(found, self.late_drawdown[rows], day - self.late_due[rows])
        return found

    def _read_classes(self, count: int) -> None:
        c = self.table("class_decisions", "drawdown_id", "decided_on", "final")
        last = days_of(c["decided_on"]) == AS_OF
        names = ("normal", "special_mention", "substandard", "doubtful", "loss")
        self.final = np.zeros(count, dtype=np.int64)
        self.final[number_of(c["drawdown_id"])[last]] = np.array(
            [names.index(x) for x in texts_of(c["final"])[last]], np.int64
        )


def share(part: Any, whole: Any) -> float:
    """part / whole, 0 when there is nothing."""
    total = float(np.sum(whole))
    return float(np.sum(part)) / total if total else 0.0
