"""What became of the book: defaults, vintages, migration, the NPL bridge and the cuts, worked by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from panhuo.stages.monitoring.opening import opening_day
from stages.monitoring.small_book import YUAN, Story, codes, day, rows

AS_OF = "2025-06-30"


@pytest.fixture(scope="module")
def told(tmp_path_factory, run):
    """A year in one book: opening 2024-06-30, closing 2025-06-30; amounts in yuan.

    | drawdown | then          | within the year                           | now           |
    | stays    | NPL 100,000   | 10,000 received                           | NPL 90,000    |
    | cured    | NPL 50,000    | 20,000 received, plan renewed             | performing 30,000 |
    | written  | NPL 70,000    | 70,000 written off                        | gone          |
    | sold     | NPL 60,000    | 60,000 assigned                           | gone          |
    | formed   | performing 80,000 | nothing paid from 2024-12-31 on       | NPL 80,000    |
    | through  | performing 40,000 | fell due 2024-08-31, written off 2025-03 | gone      |
    | good     | performing 30,000 | repaid                                | gone          |
    | new      | -             | 25,000 paid out 2025-02-01                | performing    |
    """
    book = Story(tmp_path_factory.mktemp("history") / "book", AS_OF)

    def debt(id: str, amount: int, out: str, due: str) -> None:
        book.party(id, classification_route="retail", region="330106", industry="F51")
        book.add("contracts", id=f"C-{id}", party_id=id, principal=1, signed_on=out, product="working_capital")
        book.drawdown(id, id, amount, out, due, [(due, amount, 0)])

    debt("stays", 100_000, "2023-01-10", "2024-01-10")
    book.pay("stays", "2024-10-01", principal=10_000)
    debt("cured", 50_000, "2023-01-20", "2024-01-20")
    book.pay("cured", "2024-10-01", principal=20_000)
    book.add(
        "instalments", id="cured/1", drawdown_id="cured", number=1, due_on="2024-01-20", principal=50_000 * YUAN,
        interest=0, status="cancelled", effective_on="2024-10-02",
    )  # fmt: skip
    book.add(
        "instalments", id="cured/2", drawdown_id="cured", number=2, due_on="2024-10-01", principal=20_000 * YUAN,
        interest=0, effective_on="2024-10-02",
    )  # fmt: skip
    book.add(
        "instalments", id="cured/3", drawdown_id="cured", number=3, due_on="2026-01-20", principal=30_000 * YUAN,
        interest=0, effective_on="2024-10-02",
    )  # fmt: skip
    debt("written", 70_000, "2023-02-01", "2024-02-01")
    book.post("written", "2024-12-20", "principal", "write_off", 70_000)
    debt("sold", 60_000, "2023-02-15", "2024-02-15")
    book.post("sold", "2024-12-25", "principal", "assign", 60_000)
    debt("formed", 80_000, "2024-01-05", "2024-12-31")
    debt("through", 40_000, "2023-09-01", "2024-08-31")
    book.post("through", "2025-03-15", "principal", "write_off", 40_000)
    debt("good", 30_000, "2024-02-01", "2025-01-31")
    book.pay("good", "2025-01-31", principal=30_000)
    debt("new", 25_000, "2025-02-01", "2026-01-31")
    snapshot = book.snapshot()
    return snapshot, run(snapshot)


def test_the_bridge_closes_to_the_fen(told) -> None:
    _, found = told
    bridge = rows(found["npl_movements"])
    wan = 10_000 * YUAN
    names = ("opening", "formation", "write_off", "sale", "cash", "upgrade", "closing")
    lines = {id: tuple(row[name] // wan for name in names) for id, row in bridge.items()}
    assert lines == {
        "stays": (10, 0, 0, 0, 1, 0, 9),
        "cured": (5, 0, 0, 0, 2, 3, 0),
        "written": (7, 0, 7, 0, 0, 0, 0),
        "sold": (6, 0, 0, 6, 0, 0, 0),
        "formed": (0, 8, 0, 0, 0, 0, 8),
        "through": (0, 4, 4, 0, 0, 0, 0),
    }
    for row in bridge.values():
        left = row["write_off"] + row["sale"] + row["cash"] + row["waiver"] + row["upgrade"]
        assert row["opening"] + row["formation"] - left == row["closing"]
    closing = sum(row["closing"] for row in bridge.values())
    assert closing == rows(found["provision_summary"])["CNY"]["npl_balance"]
    assert codes(found["npl_movements"], "through") == ["NPL_FORMED", "NPL_LEFT"]


def test_first_defaults(told) -> None:
    _, found = told
    first = {
        id: (row["defaulted_on"], row["cause"], row["months_to_default"]) for id, row in rows(found["defaults"]).items()
    }
    assert first["stays"] == (day("2024-04-10"), "past_due", 15)  # 91 days after 2024-01-10
    # the plan that stands today says nothing fell due unpaid: a replaced plan is not judged
    assert first["cured"] == (None, None, None)
    assert first["formed"] == (day("2025-04-01"), "past_due", 14)
    assert first["through"] == (day("2024-11-30"), "past_due", 14)
    assert first["good"] == (None, None, None) and first["new"] == (None, None, None)


def test_default_is_the_ninety_first_day(story: Callable[..., Story], run) -> None:
    book = story(AS_OF)
    book.party("P1")
    for id, paid_on in (("on90", "2025-03-31"), ("on91", "2025-04-01"), ("early", None)):
        book.drawdown(id, "P1", 10_000, "2024-12-01", "2025-12-01", [("2024-12-31", 0, 100), ("2025-12-01", 10_000, 0)])
        if paid_on:
            book.pay(id, paid_on, interest=100)
        else:  # everything repaid at once, two days after it was paid out: planned interest never fell due
            book.pay(id, "2024-12-03", principal=10_000)
    first = {id: row["defaulted_on"] for id, row in rows(run(book.snapshot(), "defaults")["defaults"]).items()}
    assert first == {"on90": None, "on91": day("2025-04-01"), "early": None}


def test_vintages_count_only_what_has_come_of_age(told) -> None:
    _, found = told
    cells = {(r["quarter"], r["months_on_book"]): r for r in found["vintages"].table.to_pylist()}
    # first quarter of 2023: stays, cured, written, sold (280,000); three default in their 16th month
    assert cells[(20231, 15)]["defaulted_loans"] == 0
    assert cells[(20231, 18)]["defaulted_loans"] == 3
    assert cells[(20231, 18)]["defaulted_amount"] == 230_000 * YUAN
    assert cells[(20231, 18)]["rate_by_amount"] == 821_429
    assert (20231, 27) in cells and (20231, 30) not in cells  # 2023-03-31 plus 27 months is 2025-06-30
    assert (20251, 3) in cells and (20251, 6) not in cells
    shares = [cells[(20231, age)]["rate_by_loans"] for age in range(3, 28, 3)]
    assert shares == sorted(shares)


def test_migration_adds_up_to_the_opening(told) -> None:
    _, found = told
    moved = {(r["ladder"], r["from_state"], r["to_state"]): r for r in found["migration"].table.to_pylist()}
    year = {k[1:]: r["balance"] // (10_000 * YUAN) for k, r in moved.items() if k[0] == "year"}
    assert year == {
        ("days_91_180", "over_360"): 10,  # stays: 172 days then
        ("days_91_180", "current"): 5,
        ("days_91_180", "written_off"): 7,
        ("days_91_180", "assigned"): 6,
        ("current", "days_181_270"): 8,
        ("current", "written_off"): 4,
        ("current", "settled"): 3,
        ("new", "current"): 2,  # 25,000: today's principal
    }
    assert moved[("year", "days_91_180", "over_360")]["share"] == 357_143  # 10 of 28
    opened = sum(r["balance"] for k, r in moved.items() if k[0] == "year" and k[1] != "new")
    assert opened == sum(found["days_past_due_a_year_ago"].table.column("principal_balance").to_pylist())


def test_every_cut_adds_up_to_the_whole(told) -> None:
    _, found = told
    cuts: dict[str, int] = {}
    npl: dict[str, int] = {}
    for row in found["portfolio"].table.to_pylist():
        cuts[row["dimension"]] = cuts.get(row["dimension"], 0) + row["balance"]
        npl[row["dimension"]] = npl.get(row["dimension"], 0) + row["npl_balance"]
    assert set(cuts.values()) == {(90_000 + 30_000 + 80_000 + 25_000) * YUAN}
    assert set(npl.values()) == {170_000 * YUAN}
    assert len(cuts) == 9


@pytest.mark.parametrize(
    ("as_of", "months", "opening"),
    [("2025-06-30", 12, "2024-06-30"), ("2025-06-30", 1, "2025-05-31"), ("2025-03-31", 1, "2025-02-28")],
)
def test_openings_keep_month_ends(as_of: str, months: int, opening: str) -> None:
    assert opening_day(day(as_of), months) == day(opening)
