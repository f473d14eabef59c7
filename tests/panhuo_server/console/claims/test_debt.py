"""The debt calculator's page: figures worked by hand, both answers after assignment, Excel, what it cannot compute."""

from __future__ import annotations

import io
import re
from typing import Any

from console_answers import body

# Taken up at 2024-12-31 with principal 5,000,000, interest 300,000 and penalty 700,000; 6 % a year, half as much again
# once overdue, so 9 %; 181 days to 2025-06-30, 90 of them before the assignment closed on 2025-03-31.
BASE = "/console/claims/CL1/debt?to=2025-06-30&basis=base&late=no"
PENALTY = 226_250.00  # 5,000,000 x 9 % x 181 / 360
COMPOUND = 13_575.00  # 300,000 x 9 % x 181 / 360
TOTAL = "6,239,825.00"
STOPPED = "6,119,250.00"  # 6,000,000 + 112,500 + 6,750


def test_the_debt_is_what_a_hand_makes_it(manager: Any, browser: Any) -> None:
    text = body(browser(manager.email).get(BASE))
    assert PENALTY + COMPOUND + 6_000_000 == 6_239_825
    for figure in (TOTAL, "926,250.00", "13,575.00", "226,250.00", "−226,250.00", "−239,825.00"):
        assert f">{figure}<" in text or f">{figure}元<" in text, figure
    assert "2025-03-31" in text
    assert f"{STOPPED}元" in text
    assert "120,575.00元" in text


def test_the_switch_stops_interest_on_the_day_of_assignment(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    stopped = body(client.get(BASE + "&after=no"))
    assert f'hx-target="#drawer">{STOPPED}元' in stopped
    assert f'hx-target="#drawer">{TOTAL}元' in body(client.get(BASE + "&after=yes"))


def test_doubled_interest_for_late_performance_is_an_option(manager: Any, browser: Any) -> None:
    text = body(browser(manager.email).get(BASE.replace("late=no", "late=yes")))
    assert ">158,375.00<" in text  # 5,000,000 x 0.0175 % x 181
    assert "6,398,200.00元" in text


def test_a_component_opens_to_its_lines(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    address = re.search(r'hx-get="(/console/why/debt/CL1\?component=penalty[^"]*)"', body(client.get(BASE)))
    assert address is not None
    text = body(client.get(address[1].replace("&amp;", "&"), headers={"hx-request": "true"}))
    assert "181 天，5,000,000.00 × 年 9%" in text
    assert "226,250.00元" in text
    assert "926,250.00元" in text
    assert "<html" not in text


def test_the_workbook_says_the_same(manager: Any, browser: Any) -> None:
    from openpyxl import load_workbook

    answer = browser(manager.email).get(BASE + "&as=xlsx")
    held = load_workbook(io.BytesIO(answer.content), read_only=True)
    values = [value for sheet in held.worksheets for row in sheet.iter_rows(values_only=True) for value in row]
    assert any(isinstance(v, int | float) and round(float(v), 2) == 6_239_825.00 for v in values)
    assert any("再计息" in str(v) for v in values if v)


def test_what_cannot_be_computed_says_why(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    answer = client.get("/console/claims/CL2/debt?basis=base")
    assert answer.status_code == 422
    assert 'role="alert"' in body(answer)
    assert client.get("/console/claims/CL1/debt?to=tomorrow").status_code == 422
    assert client.get("/console/claims/NONE/debt").status_code == 404


def test_a_stated_figure_opens_to_its_fact_with_a_receipt(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    found = re.search(r'hx-get="(/console/why/fact/stated_balances/SB-penalty[^"]*)"', body(client.get(BASE)))
    assert found is not None
    text = body(client.get(found[1], headers={"hx-request": "true"}))
    assert "700,000.00元" in text
    assert 'class="receipt"' in text
