"""Contracts to cash flows: what the reference suite does not reach, from the formulas of the standard."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.tools.finance.cash_flows import cash_flows, schedules_of

LOAN: dict[str, Any] = {
    "contractType": "PAM",
    "contractID": "loan",
    "contractRole": "RPA",
    "statusDate": "2019-12-31T00:00:00",
    "initialExchangeDate": "2020-01-01T00:00:00",
    "maturityDate": "2021-01-01T00:00:00",
    "notionalPrincipal": "1000",
    "nominalInterestRate": "0.05",
    "dayCountConvention": "30E360",
    "cycleAnchorDateOfInterestPayment": "2020-07-01T00:00:00",
    "cycleOfInterestPayment": "P6ML1",
    "currency": "CNY",
}


def rows(terms: dict[str, Any], **case: Any) -> list[tuple[str, str, float]]:
    found = cash_flows({"terms": LOAN | terms, **case})
    return [(row["eventDate"][:10], row["eventType"], round(row["payoff"], 9)) for row in found]


def series(**values: float) -> dict[str, Any]:
    return {
        code: {"identifier": code, "data": [{"timestamp": "2020-01-01T00:00:00", "value": str(value)}]}
        for code, value in values.items()
    }


def test_fees_on_the_notional_and_as_an_amount() -> None:
    # POF_FP_PAM, basis N: FER x Y x Nt + Feac = 0.01 x 0.5 x 1000; basis A: R x FER.
    fee = {"feeRate": "0.01", "feeBasis": "N", "cycleAnchorDateOfFee": "2020-07-01", "cycleOfFee": "P6ML1"}
    assert [row for row in rows(fee) if row[1] == "FP"] == [("2020-07-01", "FP", 5.0), ("2021-01-01", "FP", 5.0)]
    flat = fee | {"feeRate": "3", "feeBasis": "A", "contractRole": "RPL"}
    assert [row for row in rows(flat) if row[1] == "FP"] == [("2020-07-01", "FP", -3.0), ("2021-01-01", "FP", -3.0)]


def test_prepayment_and_its_penalty() -> None:
    # STF_PP_PAM, POF_PY_PAM type N: Y(Sd, t) x Nt x PYRT from 1 January to 1 April.
    observed = [{"time": "2020-04-01T00:00:00", "type": "PP", "value": "400", "contractId": "loan"}]
    found = rows({"prepaymentEffect": "A", "penaltyType": "N", "penaltyRate": "0.02"}, eventsObserved=observed)
    assert found == [
        ("2020-01-01", "IED", -1000.0),
        ("2020-04-01", "PY", 5.0),
        ("2020-04-01", "PP", 400.0),
        ("2020-07-01", "IP", 12.5 + 7.5),
        ("2021-01-01", "IP", 15.0),
        ("2021-01-01", "MD", 600.0),
    ]


def test_a_prepayment_model_gives_a_share_of_the_notional() -> None:
    terms = {
        "prepaymentEffect": "A", "objectCodeOfPrepaymentModel": "model",
        "cycleAnchorDateOfOptionality": "2020-07-01", "cycleOfOptionality": "P6ML1",
    }  # fmt: skip
    found = rows(terms, dataObserved=series(model=0.1))
    assert ("2020-07-01", "PP", 100.0) in found
    assert found[-1] == ("2021-01-01", "MD", 900.0)


@pytest.mark.parametrize(
    ("limits", "rate"),
    [
        ({}, 0.10),
        ({"lifeCap": "0.08"}, 0.08),
        ({"periodCap": "0.01"}, 0.06),
        ({"rateSpread": "-0.2", "lifeFloor": "0.01"}, 0.01),
        ({"rateSpread": "-0.2", "periodFloor": "-0.01"}, 0.04),
        ({"periodCap": "0.04", "lifeCap": "0.07"}, 0.07),
        ({"rateMultiplier": "0.5"}, 0.05),
    ],
)
def test_rate_resets_keep_within_caps_and_floors(limits: dict[str, str], rate: float) -> None:
    # STF_RR_PAM: min(max(Ipnr + within period limits, RRLF), RRLC).
    terms = {
        "cycleAnchorDateOfRateReset": "2020-07-01", "cycleOfRateReset": "P1YL1", "marketObjectCodeOfRateReset": "LPR",
    }  # fmt: skip
    found = cash_flows({"terms": LOAN | terms | limits, "dataObserved": series(LPR=0.10)})
    reset = next(row for row in found if row["eventType"] == "RR")
    assert reset["nominalInterestRate"] == pytest.approx(rate, abs=1e-12)


def test_missing_market_data_are_named() -> None:
    terms = {"cycleAnchorDateOfRateReset": "2020-07-01", "marketObjectCodeOfRateReset": "LPR"}
    with pytest.raises(NotFound, match="LPR"):
        cash_flows({"terms": LOAN | terms})


def test_settlement_in_another_currency() -> None:
    found = cash_flows({"terms": LOAN | {"settlementCurrency": "USD"}, "dataObserved": series(**{"CNY/USD": 0.125})})
    assert (found[0]["payoff"], found[0]["currency"]) == (-125.0, "USD")


def test_capitalisation_of_the_whole_interest() -> None:
    # IPCED at maturity: all interest becomes principal; 1000 x 1.025 x 1.025.
    found = rows({"capitalizationEndDate": "2021-01-01"})
    assert found[-1] == ("2021-01-01", "MD", 1050.625)
    assert not [row for row in found if row[1] == "IP"]


def test_a_perpetual_pays_its_interest_until_it_is_sold_and_nothing_at_the_horizon() -> None:
    terms = {"maturityDate": None, "terminationDate": "2021-01-01", "priceAtTerminationDate": "990"}
    sold = [("2020-01-01", "IED", -1000.0), ("2020-07-01", "IP", 25.0), ("2021-01-01", "IP", 25.0)]
    assert rows(terms) == [*sold, ("2021-01-01", "TD", 990.0)]
    assert rows({"maturityDate": None}, to="2020-12-01") == sold[:2]


def test_undefined_maturity_draws_and_repays_as_observed() -> None:
    # STF_PR_UMP: Nt less f(e); a principal increase adds.
    observed = [
        {"time": "2020-03-01T00:00:00", "type": "PI", "value": "500"},
        {"time": "2020-06-01T00:00:00", "type": "PR", "value": "700"},
    ]
    terms = {"contractType": "UMP", "maturityDate": None}
    found = cash_flows({"terms": LOAN | terms, "eventsObserved": observed, "to": "2020-08-01T00:00:00"})
    assert [(row["eventType"], row["payoff"], round(row["notionalPrincipal"], 6)) for row in found] == [
        ("IED", -1000.0, 1000.0),
        ("PI", -500.0, 1500.0),
        ("PR", 700.0, 800.0),
        ("IPCI", 0.0, round(800 + 1000 * 0.05 / 6 + 1500 * 0.05 / 4 + 800 * 0.05 / 12, 6)),
    ]


def test_a_guarantee_charges_its_fee_to_the_day_it_is_called() -> None:
    # POF_STD_CEG: Xa + Feac; STF_XD_CEG: Feac = Y(FP-, t) / Y(FP-, FP+) x R x FER.
    guarantee = {
        "contractType": "CEG", "contractID": "guarantee", "contractRole": "BUY", "currency": "CNY",
        "statusDate": "2020-01-01", "purchaseDate": "2020-01-02", "priceAtPurchaseDate": "0",
        "maturityDate": "2020-12-31", "notionalPrincipal": "1000", "coverageOfCreditEnhancement": "0.8",
        "creditEventTypeCovered": "DF", "settlementPeriod": "P0D", "dayCountConvention": "A365",
        "feeRate": "91", "feeBasis": "A", "cycleAnchorDateOfFee": "2020-04-02", "cycleOfFee": "P3ML1",
        "contractStructure": [
            {"object": {"contractIdentifier": "loan"}, "referenceType": "CID", "referenceRole": "COVE"}
        ],
    }  # fmt: skip
    failed = [{"time": "2020-05-02", "type": "CE", "contractId": "loan", "states": {"contractPerformance": "DF"}}]
    found = cash_flows({"terms": guarantee, "eventsObserved": failed})
    assert [(row["eventType"], round(row["payoff"], 9)) for row in found] == [
        ("PRD", 0.0),
        ("FP", 91.0),
        ("XD", 0.0),
        ("STD", 830.0),  # 30 of the 91 days from 2 April to 2 July
    ]


def test_chinese_holidays_move_a_due_day_where_they_are_published_and_never_where_not() -> None:
    # State Council notice for 2024: 1 to 7 October are holidays, 12 October (a Saturday) is worked.
    terms = {
        "calendar": "CN", "businessDayConvention": "CSF",
        "statusDate": "2024-08-31", "initialExchangeDate": "2024-09-01", "maturityDate": "2190-10-01",
        "cycleAnchorDateOfInterestPayment": "2024-10-01", "cycleOfInterestPayment": "P1YL1",
    }  # fmt: skip
    found = cash_flows({"terms": LOAN | terms})
    assert (found[1]["eventDate"][:10], found[1].get("note")) == ("2024-10-08", None)
    assert found[1]["payoff"] == pytest.approx(1000 * 0.05 / 12, abs=1e-9)
    last = found[-1]
    assert (last["eventDate"][:10], last["note"]) == ("2190-10-01", "calendar not published")


def test_an_error_in_one_case_costs_no_other() -> None:
    found = schedules_of({"good": {"terms": LOAN}, "bad": {"terms": {"contractType": "PAM"}}, "odd": 3})
    assert set(found["results"]) == {"good"}
    assert set(found["errors"]) == {"bad", "odd"}
    assert found["errors"]["bad"]["remedy"]
    listed = schedules_of([{"identifier": "a", "terms": LOAN}, {"terms": LOAN}])
    assert set(listed["results"]) == {"a", "loan"}


@pytest.mark.parametrize(
    "odd", ({"terms": 3}, {"terms": LOAN, "dataObserved": 3}, {"terms": LOAN, "eventsObserved": 3})
)
def test_a_case_of_a_wrong_shape_is_told_not_thrown(odd: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        schedules_of(odd)


@pytest.mark.parametrize(
    ("name", "value"),
    [("notionalPrincipal", "much"), ("maturityDate", "2021-13-01"), ("cycleOfInterestPayment", "monthly"),
     ("contractType", "SWAPS"), ("contractRole", "XXX"), ("dayCountConvention", "A361"), ("rounding", "down")],
)  # fmt: skip
def test_wrong_terms_are_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        cash_flows({"terms": LOAN | {name: value}})
    assert wrong.value.where


AMORTISING = st.fixed_dictionaries(
    {
        "contractType": st.sampled_from(["LAM", "ANN"]),
        "notionalPrincipal": st.integers(min_value=100, max_value=10**11).map(
            lambda fen: f"{fen // 100}.{fen % 100:02d}"
        ),
        "nominalInterestRate": st.integers(min_value=0, max_value=360_000).map(lambda ppm: str(ppm / 1_000_000)),
        "dayCountConvention": st.sampled_from(["A360", "A365", "30E360", "AA"]),
        "cycleOfPrincipalRedemption": st.sampled_from(["P1ML1", "P1ML0", "P3ML1"]),
        "initialExchangeDate": st.dates().map(lambda d: f"20{20 + d.year % 5}-{d.month:02d}-{min(d.day, 28):02d}"),
        "maturityDate": st.integers(min_value=0, max_value=900).map(
            lambda d: f"203{d % 9}-{d % 12 + 1:02d}-{d % 28 + 1:02d}"
        ),
        "contractRole": st.sampled_from(["RPA", "RPL"]),
        "businessDayConvention": st.sampled_from(["NULL", "SCF", "CSMF"]),
    }
)


@settings(max_examples=40, deadline=None)
@given(AMORTISING, st.sampled_from(["none", "half_up_fen_per_posting"]))
def test_every_schedule_repays_exactly_the_principal(terms: dict[str, Any], rounding: str) -> None:
    loan = LOAN | terms | {
        "rounding": rounding, "calendar": "CN", "statusDate": "2019-01-01",
        "cycleOfInterestPayment": terms["cycleOfPrincipalRedemption"],
        "cycleAnchorDateOfInterestPayment": None, "cycleAnchorDateOfPrincipalRedemption": None,
    }  # fmt: skip
    found = cash_flows({"terms": loan})
    principal = [row["payoff"] for row in found if row["eventType"] in ("IED", "PR", "MD")]
    if rounding == "none":
        assert abs(sum(principal)) <= 1e-3
    else:
        assert sum(round(payoff * 100) for payoff in principal) == 0
    assert found[-1]["notionalPrincipal"] == 0
    sign = 1 if terms["contractRole"] == "RPA" else -1
    never_grows = ("IP", "MD", "PR") if terms["contractType"] == "LAM" else ("IP", "MD")
    assert all(sign * row["payoff"] >= -1e-6 for row in found if row["eventType"] in never_grows)
