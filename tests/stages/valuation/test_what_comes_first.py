"""What comes before us on an asset: nothing that is not known counts as zero, nothing that has ended counts at all.

A shop appraised at 8.00 m, base scenario of the golden working paper: price 60 % = 4,800,000; execution fee 50,400
(国务院令481号 14); seller's tax 8 % = 384,000; appraisal 20,000; so 4,345,600 is left for those with rights.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from panhuo.ground.record.outcome import Outcome
from panhuo.stages.recovery import route
from panhuo.stages.valuation import claim_value, collateral_value, maximum_bid
from stages.monitoring.small_book import YUAN, codes, judged, rows
from stages.valuation.estate import MILLION, Estate

AS_OF = "2026-02-05"
LEFT = 4_345_600 * YUAN


def tell(e: Estate) -> None:
    for id in ("D", "B"):
        e.party(id)

    def shop(id: str, **columns: Any) -> None:
        e.claim(id, **{"principal": 10 * MILLION, **columns})
        e.asset(id)

    # 首封
    for id, ends in (("ended", "2026-02-04"), ("standing", "2026-02-05")):
        shop(id)
        e.right(f"R-{id}", id, id)
        e.add("seizures", asset_id=id, kind="first", from_on="2024-07-01", expires_on=ends, ours=False)
        e.add("seizures", asset_id=id, kind="waiting", from_on="2024-08-01", seizure_order=2, ours=True)
    # an earlier charge, a right ahead: of unknown amount, and of a known one
    for id, amount in (("second", 1 * MILLION), ("second-unknown", None)):
        shop(id)
        e.right(f"R-{id}", id, id, rank=2, cap=None)
        e.right(f"B-{id}", id, rank=1, cap=None, holder_id="B", registered_amount=amount)
    shop("builder-unknown")
    e.right("R-builder-unknown", "builder-unknown", "builder-unknown")
    e.add("burdens", asset_id="builder-unknown", kind="construction_price")
    shop("let-before")
    e.right("R-let-before", "let-before", "let-before", cap=None)
    e.add("burdens", asset_id="let-before", kind="lease", ahead_of_security=True, ends_on="2030-12-31")
    shop("first-not-seen")
    e.right("R-first-not-seen", "first-not-seen", "first-not-seen", rank=2)
    # ranks that are not stated
    shop("no-rank")
    e.right("R-no-rank", "no-rank", "no-rank", rank=None)
    shop("registered")
    e.right("R-registered", "registered", "registered", rank=None, cap=None, registered_on="2022-05-06")
    e.right("B-registered", "registered", rank=None, holder_id="B", registered_amount=MILLION,
            registered_on="2022-05-05")  # fmt: skip
    shop("unclear")
    e.right("R-unclear", "unclear", "unclear", rank=None, cap=None, registered_on="2022-05-06")
    e.right("B-unclear", "unclear", rank=None, holder_id="B", registered_amount=MILLION)
    # one cap of six million over two shops
    shop("capped")
    e.asset("capped-too")
    e.right("R-capped", "capped", "capped", cap=6)
    e.add("security_assets", security_right_id="R-capped", asset_id="capped-too")
    # another currency
    shop("dollars", currency="USD")
    e.appraise("dollars", 8, "2025-06-02", currency="USD")
    e.right("R-dollars", "dollars", "dollars", rank=2, cap=None)
    e.right("B-dollars", "dollars", rank=1, holder_id="B", registered_amount=MILLION)


@pytest.fixture(scope="module")
def valued(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    estate = Estate(tmp_path_factory.mktemp("first") / "book", AS_OF)
    tell(estate)
    snapshot = estate.snapshot()
    found: dict[str, Outcome] = {}
    for module in (collateral_value, claim_value, maximum_bid, route):
        found[module.THING.name] = judged(module.THING, snapshot, found, {}, "plain")
    return found


def collateral(valued: dict[str, Outcome], claim: str) -> dict[str, Any]:
    return next(r for r in valued["collateral_values"].table.to_pylist() if r["claim_id"] == claim)


def test_a_first_seizure_that_has_ended_delays_nobody(valued: dict[str, Outcome]) -> None:
    ended, standing = collateral(valued, "ended"), collateral(valued, "standing")
    assert (ended["late"], ended["base_months"]) == (False, 22)
    assert (standing["late"], standing["base_months"]) == (True, 22 + 10)
    assert ended["value"] > standing["value"]


@pytest.mark.parametrize("claim", ["second-unknown", "builder-unknown", "first-not-seen", "dollars"])
def test_an_amount_before_us_that_is_not_known_is_not_zero(valued: dict[str, Outcome], claim: str) -> None:
    row = collateral(valued, claim)
    assert row["base_price"] == 4_800_000 * YUAN  # what it would sell for is known
    assert (row["value"], row["base_net"], row["not_valued"]) == (None, None, True)
    assert codes(valued["collateral_values"], claim) == ["VAL-AHEAD-UNKNOWN"]
    whole = rows(valued["claim_values"])[claim]
    assert whole["from_collateral"] == 0 and whole["incomplete"] and not whole["secured"]
    assert "VAL-INCOMPLETE" in codes(valued["claim_values"], claim)


def test_a_lease_before_the_mortgage_delays_but_is_not_paid_from_the_price(valued: dict[str, Outcome]) -> None:
    row = collateral(valued, "let-before")
    assert (row["base_net"], row["base_months"]) == (LEFT, 22 + 6)


def test_a_known_earlier_charge_comes_off(valued: dict[str, Outcome]) -> None:
    assert collateral(valued, "second")["base_net"] == LEFT - MILLION


def test_a_rank_that_is_not_known_is_not_the_first(valued: dict[str, Outcome]) -> None:
    row = collateral(valued, "no-rank")
    assert (row["value"], row["rank_unknown"]) == (None, True)
    assert codes(valued["collateral_values"], "no-rank") == ["VAL-RANK-UNKNOWN"]


def test_registration_tells_the_rank_where_none_is_stated(valued: dict[str, Outcome]) -> None:
    """Civil Code 414: the bank registered the day before."""
    assert collateral(valued, "registered")["base_net"] == LEFT - MILLION
    assert "VAL-ORDER-UNCLEAR" not in codes(valued["collateral_values"], "registered")


def test_where_nothing_tells_the_other_goes_first_and_it_is_said(valued: dict[str, Outcome]) -> None:
    assert collateral(valued, "unclear")["base_net"] == LEFT - MILLION
    assert "VAL-ORDER-UNCLEAR" in codes(valued["collateral_values"], "unclear")


def test_one_cap_over_two_assets_is_taken_once(valued: dict[str, Outcome]) -> None:
    """Each shop leaves 4,345,600 in the base scenario, 8,691,200 together; the right secures six million in all."""
    both = [r for r in valued["collateral_values"].table.to_pylist() if r["claim_id"] == "capped"]
    assert [r["base_net"] for r in both] == [3 * MILLION, 3 * MILLION]
    for scenario in ("optimistic", "base", "pessimistic"):
        assert sum(r[f"{scenario}_net"] for r in both) <= 6 * MILLION
    # price 40 %: 3,200,000 less fee 34,400, tax 256,000, appraisal 20,000 = 2,889,600 each, under the cap
    assert [r["pessimistic_net"] for r in both] == [2_889_600 * YUAN] * 2


def test_every_table_of_money_names_its_currency(valued: dict[str, Outcome]) -> None:
    for name in ("claim_values", "maximum_bids", "claim_routes"):
        found = {r["claim_id"]: r["currency"] for r in valued[name].table.to_pylist()}
        assert found.pop("dollars") == "USD" and set(found.values()) == {"CNY"}
    assert collateral(valued, "dollars")["currency"] == "USD"


def test_every_guarantor_counts() -> None:
    """Half of what still stands from each of five persons: 512 + 256 + 128 + 64 + 32 of 1,024."""
    recovery = np.full((3, 3), 500_000, dtype=np.int64)
    assert claim_value.guaranteed_amount(1024, (0, 0, 5), recovery, 1) == 992
    assert claim_value.guaranteed_amount(1024, (1, 1, 1), recovery, 1) == 512 + 256 + 128


def test_contributions_still_add_up(valued: dict[str, Outcome]) -> None:
    added: dict[tuple[str, str], int] = {}
    for reason in valued["collateral_values"].reasons.to_pylist():
        key = (reason["claim_id"], reason["asset_id"])
        added[key] = added.get(key, 0) + (reason["contribution"] or 0)
    for row in valued["collateral_values"].table.to_pylist():
        assert added[row["claim_id"], row["asset_id"]] == (row["value"] or 0)
