"""The contest's firms from files to offers: terms kept, gap proved, and a ranking without labels put to the test."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from panhuo.ground.book.batch import seal
from panhuo.ground.book.folder import Book
from panhuo.ground.book.foreign import read_foreign
from panhuo.ground.book.snapshot import Snapshot
from panhuo.journey.night import Settings, run_night
from panhuo.stages.origination.default_probability import rank_test


def judged(snapshot: Snapshot, *wanted: str, inputs: dict[str, tuple[str, bytes]] | None = None) -> dict[str, Any]:
    return run_night(snapshot, Settings(inputs=inputs or {}, engine="plain"), only=list(wanted)).outcomes


@pytest.mark.slow
def test_from_files_to_offers(shared_data: Path, tmp_path: Path) -> None:
    source = read_foreign("cn-invoices", shared_data / "cn_sme_invoices")
    book = Book.create(tmp_path / "book", made_by="test")
    seal(book, source.tables, observed_until=source.observed_until)
    inputs = {name: (book.keep_input(data), data) for name, data in source.inputs.items()}
    found = judged(Snapshot(book), "credit_plan", "prices", inputs=inputs)
    assert all(len(found[name]) == 302 for name in ("profiles", "scores", "limits", "credit_offers"))

    # The statement's terms: 100 million in all, 100 thousand to 1 million each, 4 to 15 %.
    offers = [r for r in found["credit_offers"].table.to_pylist() if r["offered"]]
    assert sum(r["offered"] for r in offers) <= 100_000_000_00
    assert all(100_000_00 <= r["offered"] <= 1_000_000_00 for r in offers)
    assert all(40_000 <= r["rate"] <= 150_000 for r in offers)
    assert all(r["grade"] in "ABC" and r["expected_return"] > 0 for r in offers)
    plan = found["credit_plan"].table.to_pylist()[0]
    assert plan["offered"] == sum(r["offered"] for r in offers)
    assert plan["gap"] <= 1_000  # a tenth of a per cent, with or without the solver
    for thing in ("credit_offers", "credit_decisions"):
        told = set(found[thing].reasons["party_id"].to_pylist())
        assert len(told) == 302  # every firm has a reason, lent to or not
    for row in found["profiles"].table.to_pylist():
        for name in ("void_share", "red_letter_share", "largest_customer_share", "five_customer_share"):
            assert row[name] is None or 0 <= row[name] <= 1_000_000

    # No labels are at hand. What can be asked of the card without them: does the score of a year before rank the firms
    # whose sales then all but stopped? (Not the same as default, and said as such.)
    before = judged(Snapshot(book, date(2019, 2, 28)), "scores")["scores"].table
    bills = source.tables["invoices"]
    sales = bills.filter(pc.and_(pc.equal(bills["direction"], "sale"), pc.equal(bills["status"], "valid")))

    def total(low: date, high: date) -> dict[str, int]:
        rows = sales.filter(pc.and_(pc.greater_equal(sales["issued_on"], low), pc.less_equal(sales["issued_on"], high)))
        sums = rows.group_by("party_id").aggregate([("net", "sum")])
        return dict(zip(sums["party_id"].to_pylist(), sums["net_sum"].to_pylist(), strict=True))

    then, after = total(date(2018, 3, 1), date(2019, 2, 28)), total(date(2019, 3, 1), date(2020, 1, 31))
    stopped = {firm: int(after.get(firm, 0) * 5 < amount) for firm, amount in then.items() if amount > 0}
    ranked = rank_test(before, pa.table({"party_id": list(stopped), "default": list(stopped.values())}))
    assert ranked["defaults"] >= 10
    assert ranked["auc_low"] > 0.7
