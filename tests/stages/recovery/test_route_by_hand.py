"""Routes compared on one file, worked by hand: what a banker would write on the back of an envelope.

The file: debt 5,000,000 yuan; worth 3,000,000 today by the disposal path, of it 2,500,000 from collateral; a buyer
would pay at most 2,400,000. Money is discounted at 10 % a year: divide by 1.10 to the power of (months / 12).

    1.10^(2/12) = 1.016012    1.10^(3/12) = 1.024114    1.10^(6/12)  = 1.048809    1.10^(8/12) = 1.065602
    1.10^(9/12) = 1.074099    1.10^(22/12) = 1.190931   1.10^(39/12) = 1.363095

Court fee on 5,000,000 (国务院令481号 art. 13): 50 + 2.5 % of 90,000 + 2 % of 100,000 + 1.5 % of 300,000
+ 1 % of 500,000 + 0.9 % of 1,000,000 + 0.8 % of 3,000,000 = 46,800, paid now; half of it comes back after 22 months.

    lawsuit         3,000,000 - 46,800 + 23,400 / 1.190931                                              = 2,972,848
    special         60 %: 8 months sooner, 3,000,000 x 1.065602 = 3,196,807                   1,918,084
      procedure     40 %: someone objects, a suit 2 months later, 2,972,848 / 1.016012 = 2,925,998
                                                                                              1,170,399 = 3,088,483
    mediation       45 %: 80 % of the debt paid, after 9 months, 4,000,000 / 1.074099 = 3,724,050
                                                                                              1,675,822
                    55 %: it fails, a suit 6 months later, 2,972,848 / 1.048809 = 2,834,500   1,558,975 = 3,234,797
    sale            80 % of 2,400,000, less 1 % for cost, after 3 months, 1,900,800 / 1.024114          = 1,856,044
    bankruptcy      collateral after 6 months, 2,500,000 / 1.048809                           2,383,656
                    3 % of the other 2,500,000 after 39 months, 75,000 / 1.363095                55,022 = 2,438,678
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from panhuo.ground.record.judgement import judge_one
from panhuo.stages.recovery import route

YUAN = 100
MODEL = route.route_assumptions(date(2025, 6, 30))[0]._replace(
    rate=100_000,
    lawsuit_months=22, fees_return=500_000,
    months_saved=8, realisation_success=600_000,
    mediation_months=9, waived=200_000, performed=450_000, delay_months=6,
    sale_months=3, sale_price=800_000, sale_cost=10_000,
    bankruptcy_months=39, ordinary=30_000,
)  # fmt: skip
FILE = {
    "claim_id": "C1",
    "debt": 5_000_000 * YUAN,
    "value": 3_000_000 * YUAN,
    "from_collateral": 2_500_000 * YUAN,
    "maximum_bid": 2_400_000 * YUAN,
    "has_instrument": False,
    "in_bankruptcy": False,
    "assignment_barred": False,
    "currency": "CNY",
}
ROUTES = ("lawsuit", "security_realisation", "mediation", "sale", "bankruptcy")


def compared(**changed: Any) -> dict[str, Any]:
    """The verdict, amounts in whole yuan."""
    told = {name: value * YUAN if isinstance(value, int) and value > 1 else value for name, value in changed.items()}
    found = judge_one(route.THING, {**FILE, **told}, model=MODEL)
    money = (*ROUTES, "best_value", "margin", "fees_advanced")
    return {name: round(found[name] / YUAN) if name in money and found[name] is not None else found[name]
            for name in found}  # fmt: skip


def worth(found: dict[str, Any]) -> dict[str, int | None]:
    return {name: found[name] for name in ROUTES}


def test_the_file_as_it_stands() -> None:
    found = compared()
    assert found["fees_advanced"] == 46_800
    assert worth(found) == {
        "lawsuit": 2_972_848,
        "security_realisation": 3_088_483,
        "mediation": 3_234_797,
        "sale": 1_856_044,
        "bankruptcy": None,  # nobody is bankrupt
    }
    assert (found["best"], found["best_value"]) == ("mediation", 3_234_797)
    assert (found["second"], found["margin"]) == ("security_realisation", 3_234_797 - 3_088_483)


def test_with_a_judgment_there_is_no_fee_to_advance_and_nothing_to_realise_apart() -> None:
    """Lawsuit 3,000,000; mediation 1,675,822 + 55 % of 3,000,000 / 1.048809 = 1,573,213."""
    found = compared(has_instrument=True)
    assert found["fees_advanced"] == 0
    assert worth(found) == {
        "lawsuit": 3_000_000,
        "security_realisation": None,
        "mediation": 3_249_036,
        "sale": 1_856_044,
        "bankruptcy": None,
    }


def test_once_bankruptcy_is_accepted_only_its_own_way_and_a_sale_are_left() -> None:
    found = compared(in_bankruptcy=True)
    assert worth(found) == {
        "lawsuit": None,
        "security_realisation": None,
        "mediation": None,
        "sale": 1_856_044,
        "bankruptcy": 2_438_678,
    }
    assert (found["best"], found["second"], found["margin"]) == ("bankruptcy", "sale", 2_438_678 - 1_856_044)


def test_what_is_agreed_is_never_more_than_twice_what_enforcement_would_bring() -> None:
    """Worth 500,000 and no collateral; a buyer pays at most 300,000.

    Lawsuit 500,000 - 27,152 = 472,848. Mediation: agreed at 1,000,000, not 3,724,050: 45 % = 450,000, and
    55 % of 472,848 / 1.048809 = 247,964. Sale 237,600 / 1.024114 = 232,005.
    """
    found = compared(value=500_000, from_collateral=0, maximum_bid=300_000)
    assert worth(found) == {
        "lawsuit": 472_848,
        "security_realisation": None,
        "mediation": 697_964,
        "sale": 232_005,
        "bankruptcy": None,
    }
    assert (found["best"], found["second"]) == ("mediation", "lawsuit")


def test_a_claim_that_brings_nothing_has_no_route() -> None:
    """A suit would cost 46,800 and bring back 19,648: 27,152 lost."""
    found = compared(value=0, from_collateral=0, maximum_bid=0)
    assert (found["lawsuit"], found["mediation"], found["sale"]) == (-27_152, 0, 0)
    assert (found["best"], found["best_value"], found["second"], found["margin"]) == ("none", 0, "none", 0)


@pytest.mark.parametrize("barred", [False, True])
def test_a_claim_that_may_not_be_assigned_is_not_sold(barred: bool) -> None:
    assert compared(assignment_barred=barred)["sale"] == (None if barred else 1_856_044)
