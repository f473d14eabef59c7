"""The table's own: views kept by name, columns, groups with subtotals, pages; what the frame says after a post."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from console_answers import body
from panhuo.ground.book.catalogue import TABLES
from panhuo.journey.report.words import Text


class _Given:
    """A request's GET as the table reads it."""

    def __init__(self, query: str) -> None:
        from django.http import QueryDict

        self.GET = QueryDict(query)


def made(query: str = "", rows: int = 60) -> Any:
    """A table of package items: thirty substandard of 1.00, the rest doubtful of 2.00, one of unknown class."""
    from panhuo_server.accounts.sign_in import Place
    from panhuo_server.console.frame import Visit
    from panhuo_server.console.pieces.tables import Facts, Head, Sheet, shown

    schema = TABLES["package_items"].sealed_schema
    found = [
        {"org_id": "o", "id": f"i{n:03}", "claim_id": f"c{n:03}", "package_id": "p", "currency": "CNY",
         "five_class": None if n == 59 else "substandard" if n < 30 else "doubtful",
         "principal": 100 if n < 30 else 200}
        for n in range(rows)
    ]  # fmt: skip
    data = {c.name: pa.array([row.get(c.name) for row in found], c.arrow_type()) for c in schema.columns}
    heads = (
        Head("claim_id"), Head("five_class"), Head("principal", total=True), Head("interest", total=True, hidden=True),
    )  # fmt: skip
    sheet = Sheet("items", Text("明细", "Items"), Facts("package_items", schema, pa.table(data)), heads,
                  ("five_class",), "claim_id", facts=True)  # fmt: skip
    place = Place("o", "O", "lender", "own", ("officer",))
    return shown(sheet, None, Visit(_Given(query), "p", place, (place,), "zh"), "/console/items"), sheet, place


def test_groups_carry_sums_of_all_their_rows_whatever_the_page(server: Any) -> None:
    table, _, _ = made("by=five_class&n=25")
    heads = [(at, row.group[0].text.zh, row.group[2].text.zh) for at, row in enumerate(table.rows) if row.group]
    # Thirty substandard of 1.00 yuan are 30.00 yuan: 0.00 in the column's unit of 10,000; the exact sum is kept.
    assert heads == [(0, "次级 30 行", "0.00")]
    assert table.rows[0].group[2].exact.zh == "30.00元"
    assert [row[0].text.zh for row in table.rows[:2]] == ["c000", "c001"]
    table, _, _ = made("by=five_class&n=25&page=3")
    # The third page holds the last nine doubtful and the one of unknown class; each says its whole group's sum.
    assert [(at, row.group[0].text.zh, row.group[2].exact.zh) for at, row in enumerate(table.rows) if row.group] == [
        (0, "可疑 29 行", "58.00元"), (9, "— 1 行", "2.00元")]  # fmt: skip
    assert table.totals[2].exact.zh == "90.00元"


def test_what_is_unknown_throughout_is_no_nought(server: Any) -> None:
    table, _, _ = made("c=principal&c=interest")
    assert [cell.text.zh if cell else None for cell in table.totals] == [None, "0.01", "—"]


def test_columns_are_chosen_and_the_first_stays(server: Any) -> None:
    table, _, _ = made()
    assert len(table.heads) == 3  # interest is shown when chosen
    table, _, _ = made("c=interest&c=nothing")
    assert len(table.heads) == 2
    assert [one.chosen for one in table.columns] == [True, False, False, True]
    # Each link of the table keeps what is chosen.
    assert all("c=interest" in head.sort for head in table.heads)
    assert "c=interest" in table.export and "c=interest" in table.next


def test_a_page_holds_as_many_rows_as_asked(server: Any) -> None:
    assert len(made()[0].rows) == 50
    assert len(made("n=100")[0].rows) == 60
    assert len(made("n=17")[0].rows) == 50  # not one of the sizes offered
    table, _, _ = made("n=25&page=9")
    assert (table.first, table.last) == (51, 60)


def test_an_export_says_columns_and_groups(server: Any) -> None:
    import io

    from openpyxl import load_workbook

    from panhuo_server.console.frame import Visit
    from panhuo_server.console.pieces.exports import export

    _, sheet, place = made()
    visit = Visit(_Given("by=five_class&c=principal&f.five_class=doubtful"), "p", place, (place,), "en")
    book = load_workbook(io.BytesIO(export(sheet, None, visit, []).content))
    table, about = book.worksheets
    assert table.max_row == 30 and table.max_column == 3  # claim, principal, currency
    said = {row[0]: row[1] for row in about.iter_rows(min_row=2, values_only=True)}
    assert said["grouped by"] and "class" in said["grouped by"]
    assert said["columns left out"] == "class at the base date, interest, penalty and compound"
    assert said["rows"] == 29


@pytest.fixture
def client(founded: Any, browser: Callable[..., Any]) -> Any:
    """Somebody of a bank."""
    made = founded("lender")
    found = browser(f"admin{made.org.rpartition('-')[2]}@lender.example")
    found.made = made
    return found


def kept(client: Any, sheet: str = "book") -> list[tuple[str, str]]:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.console.pieces.views import views_of

    with acting(client.made.org, client.made.person, "monitoring"):
        return [(one.name, one.href) for one in views_of(sheet, "")]


def test_a_view_is_kept_named_taken_back_and_ones_own(client: Any, founded: Any, browser: Any) -> None:
    given = {"sheet": "book", "name": "  逾期  大户 ", "address": "/console/book",
             "query": "f.class=loss&page=3&sort=-balance"}  # fmt: skip
    answer = client.post("/console/views", given)
    assert answer["Location"] == "/console/book?f.class=loss&sort=-balance"
    assert kept(client) == [("逾期 大户", "/console/book?f.class=loss&sort=-balance")]
    text = body(client.get("/console/kit"))
    assert "已保存视图“逾期 大户”" in text and 'name="drop" value="逾期 大户"' in text
    assert "已保存视图“逾期 大户”" not in body(client.get("/console/kit"))  # once
    client.post("/console/views", {**given, "query": "f.class=normal"})
    assert kept(client) == [("逾期 大户", "/console/book?f.class=normal")]
    client.post("/console/views", {"sheet": "book", "drop": "逾期 大户", "address": "/console/book"})
    assert kept(client) == []
    undo = re.search(r'<form method="post" action="/console/views">.*?</form>', body(client.get("/console/kit")), re.S)
    assert undo is not None
    fields = dict(re.findall(r'name="(sheet|name|address|query)" value="([^"]*)"', undo[0]))
    client.post("/console/views", fields)
    assert kept(client) == [("逾期 大户", "/console/book?f.class=normal")]
    other = founded("lender")
    stranger = browser(f"admin{other.org.rpartition('-')[2]}@lender.example")
    stranger.made = other
    assert kept(stranger) == []
    assert kept(client, "claims") == []


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/console/", "//elsewhere.example/", "/api/", "/console/\\x", "/console/" + "x" * 200],
)
def test_a_view_leads_inside_alone(client: Any, address: str) -> None:
    assert client.post("/console/views", {"sheet": "b", "name": "n", "address": address}).status_code == 404
    assert kept(client, "b") == []


def test_a_view_without_a_name_is_refused_in_words(client: Any) -> None:
    answer = client.post("/console/views", {"sheet": "b", "name": "", "address": "/console/book"})
    assert answer.status_code == 422
    assert "没有办成，什么都没有改变" in body(answer)


def test_a_message_of_another_hand_is_not_shown(client: Any) -> None:
    client.cookies["panhuo_said"] = "WyJ4IiwieSIsIiIse31d:forged"
    assert 'class="message"' not in body(client.get("/console/settings"))


def test_a_fault_of_the_program_has_a_number_and_tells_nothing(client: Any, monkeypatch: Any, caplog: Any) -> None:
    from panhuo_server.console import today

    def broken(visit: Any) -> Any:
        raise ZeroDivisionError("CANARY of a row")

    monkeypatch.setattr(today, "front_of", broken)
    for language, words in (("zh", "程序出错了"), ("en", "The program failed")):
        answer = client.get("/console/", headers={"accept-language": language})
        text = body(answer)
        assert answer.status_code == 500
        assert words in text and "CANARY" not in text
        number = re.search(r"<code>([0-9a-f]{8})</code>", text)
        assert number is not None
        assert number[1] in [record.__dict__.get("request") for record in caplog.records]
        assert "Content-Security-Policy" in answer.headers


def test_a_night_older_than_the_book_is_said() -> None:
    from datetime import date
    from pathlib import Path

    from panhuo_server.console.results import Night

    night = Night(None, "r", date(2026, 6, 30), 4, Path(), {}, 6)  # type: ignore[arg-type]
    assert night.behind == 2
    assert Night(None, "r", date(2026, 6, 30), 4, Path(), {}, 4).behind == 0  # type: ignore[arg-type]
