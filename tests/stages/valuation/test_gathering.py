"""What a valuation and a comparison of routes gather from a small book, and what they must leave out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from panhuo.ground.record.outcome import Outcome
from panhuo.stages.recovery import deadlines, route
from panhuo.stages.valuation import claim_value, collateral_value, maximum_bid
from stages.monitoring.small_book import YUAN, codes, judged, rows
from stages.valuation.estate import MILLION, Estate

AS_OF = "2026-02-05"


def tell(e: Estate) -> None:
    for id in ("D", "E", "B"):
        e.party(id)
    for n in range(1, 13):
        e.party(f"G{n}", kind="person" if n % 2 else "company")
    e.party("F", kind="guarantee_company")
    # One shop, three claims: second in rank to a bank, two of ours share it; a released right and a sold claim do not.
    e.claim("first-of-two")
    e.claim("second-of-two", principal=MILLION, interest=None, advanced_costs=20_000 * YUAN)
    e.claim("sold", status="sold")
    e.asset("shop")
    e.right("ours", "shop", "first-of-two", "second-of-two", "sold", rank=2)
    e.right("bank", "shop", rank=1, cap=None, holder_id="B", registered_amount=3 * MILLION)
    e.right("bank-gone", "shop", rank=1, holder_id="B", released_on="2025-03-03")
    e.right("bank-behind", "shop", rank=3, holder_id="B")
    e.appraise("shop", 9, "2025-06-02")
    e.appraise("shop", 10, "2024-06-03")
    e.add("burdens", asset_id="shop", kind="lease", ends_on="2025-12-31")
    e.add("burdens", asset_id="shop", kind="construction_price", amount_low=100_000 * YUAN, amount_high=300_000 * YUAN)
    e.add("burdens", asset_id="shop", kind="property_charges", amount_high=50_000 * YUAN)
    e.add("burdens", asset_id="shop", kind="other", ahead_of_security=True, amount_low=20_000 * YUAN)
    e.add("seizures", asset_id="shop", kind="first", from_on="2024-07-01", ours=False, claimant_id="B")
    e.add("seizures", asset_id="shop", kind="waiting", from_on="2024-08-01", ours=True)
    # A plant let out until 2030, under a capped right and one without a cap; ours is the first seizure.
    e.claim("plant")
    e.asset("plant", "plant")
    e.right("capped", "plant", "plant", cap=2)
    e.right("open", "plant", "plant", cap=None)
    e.add("burdens", asset_id="plant", kind="lease", ends_on="2030-12-31")
    e.add("seizures", asset_id="plant", kind="first", from_on="2024-07-01", ours=True)
    e.add("auction_lots", asset_id="plant", tax_bearer="buyer")
    # Land secured to one drawdown alone; no appraisal.
    e.claim("narrow", contract_id=None, due=None)
    e.drawdown("W", "D", 1_000_000, "2022-05-06", "2024-05-06")
    e.drawdown("W2", "D", 1_000_000, "2022-05-06", "2024-05-06")
    e.add("claim_drawdowns", claim_id="narrow", drawdown_id="W")
    e.add("contracts", id="C-W", party_id="D", signed_on="2022-05-06", principal=4 * MILLION, assignment_barred=True)
    e.asset("land", "land", None)
    e.add("security_rights", id="on-W", kind="mortgage", rank=1)
    e.add("security_rights", id="on-W2", kind="mortgage", rank=1)
    e.asset("other-land", "land", 5)
    for right, asset, drawdown in (("on-W", "land", "W"), ("on-W2", "other-land", "W2")):
        e.add("security_assets", security_right_id=right, asset_id=asset)
        e.add("security_rights_debts", security_right_id=right, drawdown_id=drawdown, contract_id="C-W")
    # Released altogether.
    e.claim("released")
    e.asset("home", "home")
    e.right("was", "home", "released", released_on="2025-03-03")
    # Guarantors.
    e.claim("guaranteed")
    e.guarantee("guaranteed", "F")
    e.guarantee("guaranteed", "G1")
    e.guarantee("guaranteed", "G2", period_to_on="2025-05-06")  # ended, nothing demanded
    e.guarantee("guaranteed", "G3", period_to_on="2025-05-06", first_demand_on="2025-04-01")  # demanded in it
    e.guarantee("guaranteed", "G4", period_to_on="2025-05-06", first_demand_on="2025-06-01")  # demanded too late
    e.guarantee("guaranteed", "G5", period_kind="not_agreed", period_to_on=None)  # six months, ended
    e.guarantee("guaranteed", "G6", period_kind="until_paid", period_to_on=None, signed_on="2020-05-06")  # two years
    e.guarantee("guaranteed", "G7", released_on="2025-01-06")
    e.guarantee("guaranteed", "G8", first_demand_on="2024-04-01", period_to_on="2025-05-06")  # before it fell due
    e.claim("general")
    e.guarantee("general", "G9", kind="general", period_to_on="2025-05-06", first_demand_on="2025-04-01")
    e.guarantee("general", "G10", kind="not_agreed", period_to_on="2025-05-06", first_demand_on="2025-04-01")
    e.claim("general-sued")
    e.guarantee("general-sued", "G11", kind="general", period_to_on="2025-05-06")
    e.guarantee("general-sued", "G12", kind="not_agreed", period_kind="not_agreed", period_to_on=None)
    for n, on in enumerate(("2024-06-03", "2025-09-01")):
        e.add("limitation_events", id=f"S{n}", claim_id="general-sued", right_kind="debt", kind="suit", done_on=on)
    # Of these guarantors it cannot be told whether they are bound: nothing is counted, and it is said.
    e.claim("unclear")
    e.guarantee(
        "unclear", "G1", kind=None, period_to_on="2025-05-06", first_demand_on="2025-04-01"
    )  # joint or general?
    e.guarantee("unclear", "G2", period_to_on=None)  # agreed, until when?
    e.guarantee("unclear", "G3", period_kind="until_paid", period_to_on=None, signed_on=None)  # six months, two years?
    e.guarantee("unclear", None)  # who?
    e.guarantee("unclear", "G4")
    e.claim("no-due-day", due=None)
    e.guarantee("no-due-day", "F")
    # Two drawdowns under one guarantee of six months: it binds for the later one only.
    e.claim("half-bound", contract_id=None, due=None)
    e.add("contracts", id="C-two", party_id="D", signed_on="2022-05-06", principal=4 * MILLION)
    for drawdown, due in (("T1", "2024-05-06"), ("T2", "2025-12-01")):
        e.add("drawdowns", id=drawdown, contract_id="C-two", party_id="D", amount=MILLION, out_on="2022-05-06",
              due_on=due)  # fmt: skip
        e.add("claim_drawdowns", claim_id="half-bound", drawdown_id=drawdown)
    e.add("guarantees", id="both", contract_id="C-two", guarantor_id="F", kind="joint", period_kind="not_agreed",
          signed_on="2022-05-06")  # fmt: skip
    # Routes.
    e.claim("bankrupt", party_id="E")
    e.add("bankruptcies", party_id="E", kind="liquidation", accepted_on="2025-12-01")
    e.add("bankruptcies", party_id="D", kind="liquidation", accepted_on="2020-12-01", closed_on="2021-12-01")
    e.claim("barred", barred=True)
    e.add("instruments", id="I1", kind="judgment", made_on="2025-01-06", effective_since_on="2025-02-06")
    e.add("instruments", id="I2", kind="judgment", made_on="2025-12-01")
    for instrument, claim in (("I1", "plant"), ("I2", "barred")):
        e.add("instrument_items", instrument_id=instrument, claim_id=claim)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    found = Estate(tmp_path_factory.mktemp("estate") / "book", AS_OF)
    tell(found)
    return found


@pytest.fixture(scope="module")
def valued(estate: Estate) -> dict[str, Outcome]:
    snapshot = estate.snapshot()
    found: dict[str, Outcome] = {}
    for module in (collateral_value, claim_value, maximum_bid, route):
        found[module.THING.name] = judged(module.THING, snapshot, found, {}, "plain")
    return found


def subjects(outcome: Outcome) -> dict[str, dict[str, Any]]:
    assert outcome.subjects is not None
    return {row["claim_id"]: row for row in outcome.subjects.to_pylist()}


def test_every_asset_behind_a_claim_held_and_none_behind_others(valued: dict[str, Outcome]) -> None:
    pairs = {(r["claim_id"], r["asset_id"]) for r in valued["collateral_values"].table.to_pylist()}
    assert pairs == {("first-of-two", "shop"), ("second-of-two", "shop"), ("plant", "plant"), ("narrow", "land")}


def test_rank_sharing_appraisal_and_burdens_of_a_shop(valued: dict[str, Outcome]) -> None:
    found = subjects(valued["collateral_values"])
    shop = found["first-of-two"]
    assert shop["earlier_ranks"] == 3 * MILLION  # the bank's live first rank; not the released, not the third
    assert shop["debt"] == 5 * MILLION and shop["debts_secured"] == 6_020_000 * YUAN  # the claim sold is not ours
    assert (shop["appraisal"], str(shop["appraised_on"])) == (9 * MILLION, "2025-06-02")  # the latest, not the highest
    assert shop["rights_ahead"] == 320_000 * YUAN  # construction at the higher figure, and the one said to be ahead
    assert not shop["leased"] and shop["first_seizure"] is False  # the lease ended; another seized first
    assert shop["cap"] == 6 * MILLION
    two = found["second-of-two"]
    assert two["debt"] == 1_020_000 * YUAN and two["debts_secured"] == shop["debts_secured"]


def test_an_asset_never_pays_two_claims_more_than_it_brings(valued: dict[str, Outcome]) -> None:
    shop = [r for r in valued["collateral_values"].table.to_pylist() if r["asset_id"] == "shop"]
    for scenario in ("optimistic", "base", "pessimistic"):
        price, fee = shop[0][f"{scenario}_price"], shop[0][f"{scenario}_fee"]
        assert sum(r[f"{scenario}_net"] for r in shop) <= max(price - fee - 3_320_000 * YUAN, 0)
        assert sum(r[f"{scenario}_net"] for r in shop) <= 6 * MILLION


def test_a_right_without_a_cap_lifts_the_cap(valued: dict[str, Outcome]) -> None:
    plant = subjects(valued["collateral_values"])["plant"]
    assert plant["cap"] is None
    assert plant["leased"] and plant["first_seizure"] is True and plant["buyer_bears_tax"]
    assert plant["share"] == 1_000_000 and plant["earlier_ranks"] == 0


def test_collateral_without_an_appraisal_counts_as_nothing_and_says_so(valued: dict[str, Outcome]) -> None:
    assert subjects(valued["collateral_values"])["narrow"]["appraisal"] is None
    assert rows(valued["claim_values"])["narrow"]["incomplete"]
    assert "VAL-INCOMPLETE" in codes(valued["claim_values"], "narrow")
    assert "VAL-UNSECURED" in codes(valued["claim_values"], "released")


@pytest.mark.parametrize(
    ("claim", "financing", "companies", "persons"),
    [
        # F; G6, whose two years run to 2026-05-06; G1 and G3
        ("guaranteed", 1, 1, 2),
        # a general guarantee is not kept by a demand on the guarantor
        ("general", 0, 0, 0),
        # the debtor was sued on 2024-06-03: within G11's period and within the six months of G12
        ("general-sued", 0, 1, 1),
        ("plant", 0, 0, 0),
        ("unclear", 0, 1, 0),
        ("no-due-day", 0, 0, 0),
        ("half-bound", 0, 0, 0),
    ],
)
def test_only_guarantees_that_bind_count(
    valued: dict[str, Outcome], claim: str, financing: int, companies: int, persons: int
) -> None:
    found = subjects(valued["claim_values"])[claim]
    counted = (found["financing_guarantors"], found["company_guarantors"], found["person_guarantors"])
    assert counted == (financing, companies, persons)


def test_guarantors_of_whom_it_is_not_known_count_as_nothing_and_are_named(valued: dict[str, Outcome]) -> None:
    found = subjects(valued["claim_values"])
    assert {c: r["unclear_guarantors"] for c, r in found.items() if r["unclear_guarantors"]} == {
        "unclear": 4,
        "no-due-day": 1,
        "half-bound": 1,
    }
    assert "VAL-GUARANTORS-UNCLEAR" in codes(valued["claim_values"], "unclear")
    assert "VAL-GUARANTORS-UNCLEAR" not in codes(valued["claim_values"], "guaranteed")


def test_a_guarantor_is_counted_just_where_the_wall_of_deadlines_says_the_guarantee_lives(
    valued: dict[str, Outcome], estate: Estate
) -> None:
    wall = judged(deadlines.THING, estate.snapshot(), {}, {}, "plain")
    assert wall.subjects is not None
    claims = {(r["kind"], r["entity_id"]): r["claim_id"] for r in wall.subjects.to_pylist()}
    alive: dict[str, int] = {}
    for row in wall.table.to_pylist():
        if row["kind"] == "guarantee_period" and row["state"] not in ("passed", "unknown"):
            claim = claims[row["kind"], row["entity_id"]]
            alive[claim] = alive.get(claim, 0) + 1
    kinds = ("financing_guarantors", "company_guarantors", "person_guarantors")
    counted = {c: sum(r[k] for k in kinds) for c, r in subjects(valued["claim_values"]).items()}
    del alive["half-bound"]  # the wall has a row for each debt: one lives, one has passed
    alive["unclear"] -= 1  # bound, but not named
    assert {c: n for c, n in counted.items() if n} == alive


def test_claims_sold_are_not_valued_and_no_claim_twice(valued: dict[str, Outcome]) -> None:
    held = {"first-of-two", "second-of-two", "plant", "narrow", "released", "guaranteed", "general", "general-sued",
            "bankrupt", "barred", "unclear", "no-due-day", "half-bound"}  # fmt: skip
    for name in ("claim_values", "maximum_bids", "claim_routes"):
        assert [r["claim_id"] for r in valued[name].table.to_pylist()] == sorted(held)
    for row in valued["claim_values"].table.to_pylist():
        assert 0 <= row["value"] <= row["debt"]
        assert row["from_collateral"] + row["from_guarantors"] + row["from_ordinary"] == row["value"]


def test_what_decides_which_routes_are_open(valued: dict[str, Outcome]) -> None:
    found = subjects(valued["claim_routes"])
    assert [c for c, r in found.items() if r["in_bankruptcy"]] == ["bankrupt"]  # a closed case stays nobody
    assert [c for c, r in found.items() if r["has_instrument"]] == ["plant"]  # a judgment not in effect is none
    assert [c for c, r in found.items() if r["assignment_barred"]] == ["barred", "narrow"]  # also through a drawdown


def test_bankruptcy_stays_every_other_route_but_a_sale(valued: dict[str, Outcome]) -> None:
    row = rows(valued["claim_routes"])["bankrupt"]
    assert row["stayed"] and row["best"] in ("sale", "bankruptcy")
    assert (row["lawsuit"], row["security_realisation"], row["mediation"]) == (None, None, None)
    assert row["bankruptcy"] is not None and "ROUTE-STAYED" in codes(valued["claim_routes"], "bankrupt")


def test_a_barred_claim_is_not_sold(valued: dict[str, Outcome]) -> None:
    row = rows(valued["claim_routes"])["barred"]
    assert row["sale"] is None and row["best"] != "sale" and "ROUTE-BARRED" in codes(valued["claim_routes"], "barred")


def test_with_an_instrument_there_is_no_court_fee_and_no_special_procedure(valued: dict[str, Outcome]) -> None:
    found = rows(valued["claim_routes"])
    assert found["plant"]["fees_advanced"] == 0 and found["plant"]["security_realisation"] is None
    # 国务院令481号 13: five million yuan, 46,800.
    assert found["first-of-two"]["fees_advanced"] == 46_800 * YUAN
    assert found["first-of-two"]["can_realise"] == (found["first-of-two"]["security_realisation"] is not None)


def test_the_best_route_is_the_highest_open_one(valued: dict[str, Outcome]) -> None:
    for row in valued["claim_routes"].table.to_pylist():
        worth = {n: row[n] for n in route.NAMES if row[n] is not None and row[n] > 0}
        ordered = sorted(worth.values(), reverse=True)
        assert row["best_value"] == (ordered[0] if ordered else 0)
        if row["best"] != "none":
            assert worth[row["best"]] == ordered[0]
        assert row["margin"] == row["best_value"] - (ordered[1] if len(ordered) > 1 else 0)


def test_a_book_without_security_or_guarantees_is_valued_all_the_same(tmp_path: Path) -> None:
    estate = Estate(tmp_path / "book", AS_OF)
    estate.party("D")
    estate.claim("bare")
    snapshot = estate.snapshot()
    found: dict[str, Outcome] = {}
    for module in (collateral_value, claim_value, maximum_bid, route):
        found[module.THING.name] = judged(module.THING, snapshot, found, {}, "plain")
    assert len(found["collateral_values"]) == 0 and len(found["claim_values"]) == 1
    assert rows(found["claim_values"])["bare"]["debt"] == 5 * MILLION
