"""Annual rates: reference cases of the European calculator, UK cases and 12 CFR 1026 appendix J (c)(1)."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.dates import parse_date
from panhuo.tools.finance.annual_rate import annual_rate, chinese_rate
from panhuo.tools.finance.rate_cases import rate_of_case
from panhuo.tools.finance.unit_period import UnitPeriod, unit_times
from panhuo.verbs import apr


def dated(*flows: tuple[str, float]) -> tuple[list[int], list[float]]:
    return [parse_date(day) for day, _ in flows], [amount for _, amount in flows]


def test_european_and_british_cases(shared_data: Path) -> None:
    cases = json.loads((shared_data / "apr" / "eu_uk_aprc_cases.json").read_text())
    assert len(cases) >= 27
    for case in cases:
        found = rate_of_case(case, "eu")
        # Independently found roots are printed to six decimals of a per cent.
        assert found.rate * 100 == pytest.approx(case["independent_root_pct"], abs=6e-7), case["name"]
        if case["rounding_decimals"] == 1:
            assert f"{found.rate * 100:.1f}" == f"{case['expected_apr_pct']:.1f}", case["name"]


def test_regulation_z_cases(shared_data: Path) -> None:
    path = shared_data / "apr" / "regz_appendix_j_c1.json"
    units = ["month", "month", "semimonth", "3 month", "week"]
    results = apr.run(str(path), "us-reg-z")["results"]
    for case, found, unit in zip(json.loads(path.read_text()), results, units, strict=True):
        assert found["unit_period"] == unit
        assert abs(found["apr"] * 100 - case["expected_apr_pct"]) <= 0.005 + 1e-9, case["ref"]


def test_the_actuarial_recurrence_ends_at_zero() -> None:
    # Appendix J (a)(2): the balance grows each unit period, an odd period grows by its fraction, ends at nothing.
    days, amounts = dated(
        ("1978-02-10", 6000.0), *[(f"{1978 + m // 12}-{m % 12 + 1:02d}-01", -200.0) for m in range(3, 39)]
    )
    found = annual_rate(days, amounts, "us-reg-z")
    rate = found.details["unit_period_rate"]
    # 10 February to 1 April: one month back is 1 March, 19 days remain.
    balance = 6000.0 * (1 + 19 / 30 * rate) * (1 + rate) - 200
    for _ in range(35):
        balance = balance * (1 + rate) - 200
    assert balance == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize(
    ("days", "unit", "full", "part"),
    [
        # A series on month ends: 31 January to 28 February is one month.
        (["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30"], "month", [1, 2, 3], [0, 0, 0]),
        # A series on the 30th keeps 30 January behind the end of February.
        (["2023-01-15", "2023-01-30", "2023-02-28", "2023-03-30"], "month", [0, 1, 2], [0.5, 0.5, 0.5]),
        # Every 28 days: four weeks, although February is also a month.
        (["2023-01-04", "2023-02-01", "2023-03-01", "2023-03-29"], "4 week", [1, 2, 3], [0, 0, 0]),
        # Fortnights.
        (["2023-01-02", "2023-01-16", "2023-01-30", "2023-02-13"], "2 week", [1, 2, 3], [0, 0, 0]),
        # Half months on the 15th and the last day.
        (
            ["2023-01-15", "2023-01-31", "2023-02-15", "2023-02-28", "2023-03-15", "2023-03-31"],
            "semimonth",
            [1, 2, 3, 4, 5],
            [1 / 15, 0, 1 / 15, 0, 1 / 15],
        ),
        # Years with an odd start: 19 months are one year and 7 months over 12.
        (["2020-06-01", "2022-01-01", "2023-01-01", "2024-01-01"], "year", [1, 2, 3], [7 / 12, 7 / 12, 7 / 12]),
        # No common period: 10, 20 and 33 days make 21 on average, three weeks.
        (["2023-01-01", "2023-01-11", "2023-01-31", "2023-03-05"], "3 week", [0, 1, 3], [10 / 21, 9 / 21, 0]),
    ],
)
def test_unit_periods_from_dates(days: list[str], unit: str, full: list[int], part: list[float]) -> None:
    # Hand counted by appendix J (b)(3) to (b)(5).
    numbers = [parse_date(day) for day in days]
    times = unit_times(numbers, [1000.0] + [-400.0] * (len(days) - 1))
    assert times.unit.words == unit
    assert list(times.full[1:]) == full
    assert times.part[1:] == pytest.approx(part)


def test_single_payment_transactions() -> None:
    # (b)(5)(vi): six whole months are one unit period of which there are two a year.
    half_year = annual_rate(*dated(("2023-01-10", 1000.0), ("2023-07-10", -1050.0)), "us-reg-z")
    assert half_year.rate == pytest.approx(0.10, abs=1e-12)
    # (b)(5)(vii): 45 days are one unit period, 365 / 45 a year.
    days_45 = annual_rate(*dated(("2023-01-10", 1000.0), ("2023-02-24", -1010.0)), "us-reg-z")
    assert days_45.rate == pytest.approx(0.01 * 365 / 45, abs=1e-12)
    # Longer than a year: yearly units, 18 months are 1 + 6/12: (1 + i)(1 + i / 2) = 1.155 at 10 %.
    long = annual_rate(*dated(("2023-01-10", 1000.0), ("2024-07-10", -1155.0)), "us-reg-z")
    assert long.rate == pytest.approx(0.10, abs=1e-12)


@pytest.mark.parametrize(
    ("paid_out", "paid_back", "amount", "per_cent"),
    # 12 CFR 1026 appendix J, examples of single advance, single payment transactions: 255 days; six months; 18 months;
    # two years.
    [
        ("1978-01-03", "1978-09-15", 1080.00, 11.45),
        ("1978-07-15", "1979-01-15", 1044.00, 8.80),
        ("1978-01-17", "1979-07-17", 1135.19, 8.76),
        ("1978-01-17", "1980-01-17", 1240.00, 11.36),
    ],
)
def test_single_payment_examples(paid_out: str, paid_back: str, amount: float, per_cent: float) -> None:
    found = annual_rate(*dated((paid_out, 1000.0), (paid_back, -amount)), "us-reg-z")
    assert found.rate * 100 == pytest.approx(per_cent, abs=0.005)


def test_a_table_of_flows(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    path.write_text("id,date,amount\na,2025-01-01,100\nb,2025-01-01,100\na,2026-01-01,-105\nb,2026-01-01,-110\n")
    results = apr.run(str(path), "cn")["results"]
    assert [case["id"] for case in results] == ["a", "b"]
    assert results[0]["apr"] == pytest.approx(0.05, abs=1e-12)
    assert results[1]["apr"] == pytest.approx(0.10, abs=1e-12)
    path.write_text("day,sum\n0,100\n")
    with pytest.raises(InvalidInput):
        apr.run(str(path))


def test_the_documented_example_runs(project_root: Path, tmp_path: Path) -> None:
    text = (project_root / "docs" / "apr.md").read_text(encoding="utf-8")
    source = tmp_path / "example.json"
    source.write_text(text.split("```json")[1].split("```")[0], encoding="utf-8")
    assert apr.run(str(source))["apr"] == pytest.approx(0.0676, abs=1e-4)


def test_a_fee_on_the_day_of_the_advance_lowers_the_amount_financed() -> None:
    net = annual_rate(*dated(("2023-01-10", 950.0), ("2023-02-10", -500.0), ("2023-03-10", -500.0)), "us-reg-z")
    flows = dated(("2023-01-10", -50.0), ("2023-01-10", 1000.0), ("2023-02-10", -500.0), ("2023-03-10", -500.0))
    assert annual_rate(*flows, "us-reg-z").rate == pytest.approx(net.rate, abs=1e-13)


def test_stated_unit_periods() -> None:
    case = {
        "convention": "us-reg-z",
        "periods_a_year": 12,
        "flows": [[0, 1000], [1 + 19 / 30, -520], [2 + 19 / 30, -520]],
    }
    found = rate_of_case(case)
    dates = [["2023-02-10", 1000], ["2023-04-01", -520], ["2023-05-01", -520]]
    assert found.rate == pytest.approx(
        rate_of_case({"flows": dates, "unit_period": "monthly", "convention": "us-reg-z"}).rate
    )


def test_chinese_rates() -> None:
    # 12,000 repaid 1,000 a month with 0.6 % a month on the original amount: the "monthly fee" trap of instalments.
    days, amounts = dated(
        ("2025-01-20", 12_000.0), *[(f"{2025 + m // 12}-{m % 12 + 1:02d}-20", -1_072.0) for m in range(1, 13)]
    )
    found = annual_rate(days, amounts, "cn")
    monthly = found.details["twelve_times_monthly"] / 12
    assert math.fsum(1_072 / (1 + monthly) ** k for k in range(1, 13)) == pytest.approx(12_000, abs=1e-6)
    origin = days[0]
    at_rate = math.fsum(a * (1 + found.rate) ** (-(d - origin) / 365) for d, a in zip(days, amounts, strict=True))
    assert at_rate == pytest.approx(0, abs=1e-6)
    assert found.details["twelve_times_monthly"] > 0.13  # far above the 7.2 % that 0.6 % a month suggests
    assert found.details["monthly_basis"] == "whole months"


def test_simple_method_by_hand() -> None:
    # 100,000 for 365 days, half the principal back after 146 days (0.4 years); cost 6,000 in all.
    # Balance in use: 100,000 x 0.4 + 50,000 x 0.6 = 70,000; 6,000 / 70,000.
    found = chinese_rate([0, 146, 365], [100_000, -52_000, -54_000], principal_repaid=[0, 50_000, 50_000])
    assert found.details["simple"] == pytest.approx(6_000 / 70_000, abs=1e-12)
    # One payment: simple yearly interest on the whole principal.
    single = chinese_rate([0, 73], [1_000, -1_010])
    assert single.details["simple"] == pytest.approx(0.05, abs=1e-12)


def test_verb_shapes(tmp_path: Path) -> None:
    one = {"flows": [[0, 100], [365.25, -105]], "convention": "eu"}
    path = tmp_path / "flows.json"
    path.write_text(json.dumps(one))
    assert apr.run(str(path))["apr"] == pytest.approx(0.05, abs=1e-12)
    path.write_text(
        json.dumps([one | {"id": "a"}, {"id": "b", "flows": [[0, 1]]}, one | {"id": "c", "convention": "cn"}])
    )
    results = apr.run(str(path))
    assert [case["id"] for case in results["results"]] == ["a", "b", "c"]
    assert results["results"][1]["apr"] is None
    assert results["results"][1]["error"]["kind"] == "invalid-input"
    for language in ("zh", "en"):
        words = apr.show(results, language)
        assert "5.0000 %" in words
        assert len(words.splitlines()) == 3


@pytest.mark.parametrize(
    "case",
    [
        {},
        {"flows": [[0, 1], ["soon", -2]]},
        {"flows": [[0, 1], [5, 2]]},
        {"flows": [[0, 100], [1, -101]], "convention": "mars"},
        {"flows": [[0, 100], [30.4, -101]], "convention": "us-reg-z"},
        {"flows": [[0, 100], [30, -101]], "convention": "us-reg-z", "unit_period": "decade"},
        {"flows": [7, 8]},
    ],
)
def test_refusals_name_what_is_wrong(case: dict) -> None:
    with pytest.raises(InvalidInput) as refused:
        rate_of_case(case)
    assert refused.value.code.startswith("invalid-input/")


def test_unit_period_words() -> None:
    assert UnitPeriod.of("2 weeks") == UnitPeriod("week", 2)
    assert UnitPeriod.of("Quarterly") == UnitPeriod("month", 3)
    assert UnitPeriod.of("semi-monthly").a_year == 24
    with pytest.raises(InvalidInput):
        UnitPeriod("month", 0)
