"""Whoever's books lag is asked for its own months, and no data is told apart from what was withheld."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

UNTIL = datetime(2027, 1, 1, tzinfo=UTC)
LAST = {"a": date(2024, 6, 30), "b": date(2025, 6, 30), "c": date(2026, 6, 30)}


def test_the_months_of_who_lags_are_not_dropped(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from panhuo_server.accounts.supervision import Granted
    from panhuo_server.console.supervising import figures

    held = [Granted(org, org, ("bad_debt_ratio",), UNTIL, last) for org, last in LAST.items()]
    rows = {
        date(2024, 6, 30): [{"org_id": "a", "currency": "CNY", "parties": 40, "balance": 900, "ratio_ppm": 12_300}],
        date(2024, 5, 31): [{"org_id": "a", "currency": "CNY", "parties": 12, "balance": 500, "ratio_ppm": None}],
        date(2026, 6, 30): [{"org_id": "c", "currency": "CNY", "parties": 50, "balance": 700, "ratio_ppm": 45_600}],
    }
    monkeypatch.setattr(figures.supervision, "granted", lambda: held)
    monkeypatch.setattr(figures.supervision, "aggregate", lambda name, day: rows.get(day, []))
    found = {one.granted.org: one.months for one in figures.institutions(2)}
    assert [(m.day, m.ratio_ppm, m.told) for m in found["a"]["CNY"]] == [
        (date(2024, 5, 31), None, True), (date(2024, 6, 30), 12_300, True),
    ]  # fmt: skip
    assert [(m.day, m.ratio_ppm, m.told) for m in found["c"]["CNY"]] == [
        (date(2026, 5, 31), None, False), (date(2026, 6, 30), 45_600, True),
    ]  # fmt: skip
    assert found["b"] == {}
    may, june = found["a"]["CNY"]
    assert figures.percent(may.ratio_ppm, True, may.told) == figures.WITHHELD
    assert figures.percent(june.ratio_ppm, True, june.told).zh == "1.23 %"
    silent = found["c"]["CNY"][0]
    assert figures.percent(silent.ratio_ppm, True, silent.told) == figures.NO_DATA
    assert figures.units(silent.balance, False, silent.told) == figures.NOT_GRANTED
