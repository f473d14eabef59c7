"""The lender's pages on a real night: figures against sums worked out here from facts, ties, languages, doors."""

from __future__ import annotations

import gzip
import html
import io
import json
import re
from typing import Any

import pytest

from console_answers import as_fen, body, plain, yuan

pytestmark = pytest.mark.slow

PASSWORD = "long enough secret"
PAGES = ("/console/book", "/console/book/classes", "/console/book/maturities", "/console/book/provisions",
         "/console/warnings")  # fmt: skip


def effect(posting: dict[str, Any], first: dict[str, str]) -> int:
    """What a posting does to its component's balance, by the ledger's own words."""
    kind = posting["kind"]
    sign = -1 if kind == "reverse" else 1
    kind = first.get(posting["reverses_id"], "receive") if kind == "reverse" else kind
    if kind in ("disburse", "accrue", "advance"):
        return sign * posting["amount"]
    if kind == "move_off_balance":
        return sign * posting["amount"] * {"interest": -1, "interest_off_balance": 1}.get(posting["component"], 0)
    return -sign * posting["amount"]


def balances(postings: list[dict[str, Any]], loan: str = "") -> dict[str, int]:
    """Component -> balance, posting by posting."""
    first = {p["id"]: p["kind"] for p in postings if p["kind"] != "reverse"}
    sums: dict[str, int] = {}
    for one in postings:
        if not loan or one["drawdown_id"] == loan:
            sums[one["component"]] = sums.get(one["component"], 0) + effect(one, first)
    return sums


def chart(text: str) -> list[dict[str, Any]]:
    """The data of a page's charts."""
    return [json.loads(html.unescape(one)) for one in re.findall(r'data-chart="([^"]*)"', text)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_are_whole_in_both_languages(bank: Any, browser: Any, held: Any, language: str) -> None:
    client = browser(bank.email, **{"accept-language": language})
    loan = max(held("=classes"), key=lambda row: row["overdue_days"] or 0)
    pages = (*PAGES, f"/console/loans/{loan['drawdown_id']}", f"/console/customers/{loan['party_id']}")
    for address in pages:
        answer = client.get(address)
        text = body(answer)
        assert answer.status_code == 200, address
        assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son[a-z]+=", text), address
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text), address
        assert len(gzip.compress(text.encode())) < 60 * 1024, address
        if language == "en":
            # Rules are named by their instruments, contracts by the numbers they bear.
            shown = re.sub(r'<ul class="(?:reasons|rules)">.*?</ul>|lang="zh-CN">.*?</', "", text, flags=re.S)
            shown = re.sub(r"青溪农村商业银行|清溪\S*", "", shown)
            assert re.findall(r"[\u4e00-\u9fff]+", re.sub(r"<[^>]+>", " ", shown)) == [], address


def test_every_number_of_the_pages_opens(bank: Any, browser: Any, held: Any) -> None:
    client = browser(bank.email)
    loan = max(held("=classes"), key=lambda row: row["balance"])
    found: set[str] = set()
    for address in (*PAGES, f"/console/loans/{loan['drawdown_id']}", f"/console/customers/{loan['party_id']}"):
        found |= {html.unescape(a) for a in re.findall(r'hx-get="(/console/why/[^"]+)"', body(client.get(address)))}
    assert len(found) > 150
    for address in sorted(found)[:: len(found) // 40]:
        drawer = body(client.get(address, headers={"hx-request": "true"}))
        computed = re.match(
            "/console/why/(customer|loan)/|/console/why/ledger", address
        )  # it has no receipt; each of its parts has one
        assert ('class="sentence"' if computed else 'class="receipt"') in drawer, address


def test_the_book_ties_to_every_posting(bank: Any, browser: Any, held: Any) -> None:
    text = plain(body(browser(bank.email).get("/console/book")))
    sums = balances(held("postings"))
    assert yuan(sums["principal"]) in text
    assert sums["principal"] == sum(row["balance"] for row in held("=provisions"))
    assert yuan(sums.get("interest", 0)) in text
    ties = re.search(r"贷款本金\s+([\d,.]+元)\s+全部台账流水（([\d,]+) 笔）\s+([\d,.]+元)\s+([\d,.−]+元)", text)
    assert ties is not None
    assert ties[1] == ties[3] == yuan(sums["principal"])
    assert ties[2].replace(",", "") == str(len(held("postings")))
    assert ties[4] == "0.00元"


def test_the_bridge_of_bad_loans_closes_and_its_write_offs_are_postings(bank: Any, browser: Any, held: Any) -> None:
    page = body(browser(bank.email).get("/console/book"))
    rows = held("=npl_movements")
    total = {n: sum(r[n] for r in rows) for n in rows[0] if n not in ("drawdown_id", "party_id", "currency")}
    lowered = ("cash", "waiver", "upgrade", "write_off", "sale")
    assert total["opening"] + total["formation"] - sum(total[n] for n in lowered) == total["closing"]
    section = re.search(r'<section id="bridge">(.*?)</section>', page, re.S)
    assert section is not None
    shown = re.findall(r'title="([\d,.−]+元)"', section[1].partition("</table>")[0])
    assert shown == [yuan(total[n] * (-1 if n in lowered else 1)) for n in (
        "opening", "formation", "cash", "waiver", "upgrade", "write_off", "sale", "closing")]  # fmt: skip
    since = re.search(r"<small>(\d{4}-\d\d-\d\d) →", section[1])
    assert since is not None
    postings = held("postings")
    first = {p["id"]: p["kind"] for p in postings if p["kind"] != "reverse"}
    for kind, column in (("write_off", "write_off"), ("assign", "sale")):
        mine = [p for p in postings if p["posted_on"].isoformat() > since[1] and p["component"] == "principal"]
        gone = -sum(effect(p, first) for p in mine if first.get(p["reverses_id"] or p["id"]) == kind)
        assert gone == total[column]
    bad = {r["drawdown_id"] for r in held("=classes") if r["non_performing"]}
    assert total["closing"] == sum(r["principal_balance"] for r in held("=days_past_due") if r["drawdown_id"] in bad)


def test_the_flow_says_what_its_table_says(bank: Any, browser: Any, held: Any) -> None:
    for ladder in ("month", "year", "class"):
        page = body(browser(bank.email).get(f"/console/book?ladder={ladder}"))
        rows = [r for r in held("=migration") if r["ladder"] == ladder]
        (flow,) = [one for one in chart(page) if one["kind"] == "flow"]
        cells = {(r["from_state"], r["to_state"]): r["balance"] for r in rows}
        for link in flow["links"]:
            assert link["value"] == cells[(link["from"][2:], link["to"][2:])]
            assert html.escape(link["goes"]) in page
        for start in {r["from_state"] for r in rows}:
            assert yuan(sum(r["balance"] for r in rows if r["from_state"] == start)) in page


def test_vintages_are_shares_of_what_was_paid_out(bank: Any, browser: Any, held: Any) -> None:
    page = body(browser(bank.email).get("/console/book"))
    (lines,) = [one for one in chart(page) if one["kind"] == "lines"]
    cells = {(r["quarter"], r["months_on_book"]): r for r in held("=vintages")}
    seen = 0
    for one in lines["series"]:
        year, _, part = one["name"].partition("年")
        quarter = int(year) * 10 + int(part[0])
        for age, value in zip(lines["categories"], one["values"], strict=True):
            if value is not None:
                row = cells[(quarter, int(age[:-1]))]
                assert value == round(row["defaulted_amount"] * 1_000_000 / row["amount"])
                seen += 1
    assert seen > 10


def test_a_loan_ties_component_by_component(bank: Any, browser: Any, held: Any) -> None:
    client = browser(bank.email)
    night = {row["drawdown_id"]: row for row in held("=days_past_due")}
    late = sorted(night.values(), key=lambda r: (-(r["overdue_days"] or 0), r["drawdown_id"]))
    for row in (*late[:3], late[-1]):
        page = body(client.get(f"/console/loans/{row['drawdown_id']}"))
        section = re.search(r'<section id="ledger">(.*?)</section>', page, re.S)
        assert section is not None
        sums = balances(held("postings"), row["drawdown_id"])
        shown = re.findall(r"<tr><th scope=\"row\">.*?</tr>", section[1], re.S)
        assert len(shown) == len(sums)
        for component, line in zip(
            [c for c in ("principal", "interest", "interest_off_balance", "penalty", "compound", "fee",
                         "court_cost_advanced", "late_performance") if c in sums], shown, strict=True,
        ):  # fmt: skip
            assert yuan(sums[component]) in line
            assert row[f"{component}_balance"] == sums[component]
            assert "step1" in line.rpartition("<td")[2]
        plan = [i for i in held("instalments")
                if i["drawdown_id"] == row["drawdown_id"] and (i["status"] or "due") == "due"]  # fmt: skip
        if plan:
            assert yuan(sum(i["principal"] for i in plan)) in page
            assert yuan(sum(i["interest"] or 0 for i in plan)) in page


def test_a_customer_shows_its_own_and_both_sides_of_guarantees(bank: Any, browser: Any, held: Any) -> None:
    client = browser(bank.email)
    night = {row["drawdown_id"]: row for row in held("=days_past_due")}
    contract = {d["id"]: d["contract_id"] for d in held("drawdowns")}
    owed: dict[str, int] = {}
    for loan, row in night.items():
        owed[contract[loan]] = owed.get(contract[loan], 0) + row["principal_balance"]
    live = [g for g in held("guarantees") if g["released_on"] is None and owed.get(g["contract_id"], 0) > 0]
    assert live
    giver = live[0]["guarantor_id"]
    given = [g for g in live if g["guarantor_id"] == giver]
    page = body(client.get(f"/console/customers/{giver}"))
    answers = sum(min(owed[g["contract_id"]], g["cap"] or owed[g["contract_id"]]) for g in given)
    assert yuan(answers) in page
    side = re.search(r'<section id="given">(.*?)</section>', page, re.S)
    assert side is not None
    assert all(g["debtor_id"] in side[1] for g in given)
    taker = given[0]["debtor_id"]
    text = body(client.get(f"/console/customers/{taker}"))
    side = re.search(r'<section id="received">(.*?)</section>', text, re.S)
    assert side is not None
    assert giver in side[1]
    mine = [r for r in night.values() if r["party_id"] == taker]
    assert yuan(sum(r["book_balance"] for r in mine)) in text
    (day,) = {r["as_of"] for r in held("as_of")}
    lines = [f for f in held("facilities") if f["party_id"] == taker and not f["frozen"] and f["expires_on"] >= day]
    assert yuan(sum(f["approved"] for f in lines)) in text


def sum_opened(client: Any, address: str) -> tuple[str, int]:
    """A drawer's text and what its parts come to; its own total is the same."""
    drawer = body(client.get(html.unescape(address), headers={"hx-request": "true"}))
    parts = sum(as_fen(one) for one in re.findall(r'<span class="much">(.*?)</span>', drawer))
    reached = re.search(r'class="sum">.*?<b>(.*?)</b>', drawer, re.S)
    assert reached is None or as_fen(plain(reached[1])) == parts, address
    return drawer, parts


def test_each_figure_of_a_loans_ledger_and_plan_opens_to_what_gives_it(bank: Any, browser: Any, held: Any) -> None:
    client = browser(bank.email)
    loan = max(held("=days_past_due"), key=lambda row: (row["overdue_principal"], row["drawdown_id"]))
    page = body(client.get(f"/console/loans/{loan['drawdown_id']}"))
    seen = 0
    for address, exact in re.findall(r'href="(/console/why/loan/[^"]+)"[^>]*title="([^"]+)"', page):
        drawer, parts = sum_opened(client, address)
        if "covered" not in address and "kind=receive" not in address:
            assert parts == as_fen(exact), address
            seen += 1
        for fact in re.findall(r'href="(/console/why/fact/[^"]+)"', drawer)[:2]:
            assert client.get(html.unescape(fact)).status_code == 200
    assert seen > 10
    for wrong in ("component=x", "plan=x", "plan=unpaid&instalment=x", "component=principal&upto=x", ""):
        assert client.get(f"/console/why/loan/{loan['drawdown_id']}?{wrong}").status_code == 404, wrong
    assert client.get("/console/why/loan/nobody?component=principal").status_code == 404


def test_what_a_trigger_comes_to_opens_to_its_loans(bank: Any, browser: Any) -> None:
    client = browser(bank.email)
    text = body(client.get("/console/warnings"))
    fired = re.search(r'<table class="small fired">.*?</table>', text, re.S)
    assert fired is not None
    found = re.findall(r'href="([^"]+as=sum[^"]*)"[^>]*title="([^"]+)"', fired[0])
    assert found
    for address, exact in found:
        assert sum_opened(client, address)[1] == as_fen(exact), address


def test_both_sides_of_a_tie_open_to_the_same_sum(bank: Any, browser: Any) -> None:
    client = browser(bank.email)
    for page in ("/console/book", "/console/book/provisions"):
        text = body(client.get(page))
        found = re.findall(r'href="(/console/why/ledger[^"]+)"[^>]*>([^<]+)<', text)
        assert found, page
        for address, shown in found:
            assert sum_opened(client, address)[1] == as_fen(shown), address
    for wrong in ("component=x", "component=principal&after=x", "component=principal&kind=x", ""):
        assert client.get(f"/console/why/ledger?{wrong}").status_code == 404, wrong


def test_each_sum_of_a_customer_opens_to_loans_lines_and_guarantees_that_give_it(
    bank: Any, browser: Any, held: Any
) -> None:  # fmt: skip
    client = browser(bank.email)
    (day,) = {r["as_of"] for r in held("as_of")}
    live = [f for f in held("facilities") if not f["frozen"] and f["expires_on"] >= day]
    givers = {g["guarantor_id"] for g in held("guarantees") if g["released_on"] is None}
    party = next(f["party_id"] for f in live if f["party_id"] in givers)
    under = {
        c["id"] for c in held("contracts") if c["facility_id"] in {f["id"] for f in live if f["party_id"] == party}
    }
    contract = {d["id"]: d["contract_id"] for d in held("drawdowns")}
    used = [r["principal_balance"] for r in held("=days_past_due") if contract[r["drawdown_id"]] in under]
    approved = [f["approved"] for f in live if f["party_id"] == party]
    page = body(client.get(f"/console/customers/{party}"))
    sums = {}
    for address in set(re.findall(r'href="(/console/why/customer/[^"]+)"', page)):
        drawer, parts = sum_opened(client, address)
        sums[address.partition("of=")[2].partition("&")[0]] = parts
        for opened in set(re.findall(r'href="(/console/why/(?:fact|days_past_due)[^"]*)"', drawer)):
            assert client.get(html.unescape(opened)).status_code == 200
    assert sums["approved"] == sum(approved)
    assert sums["used"] == sum(used)
    assert set(sums) == {"approved", "used", "exposure", "free", "answers"}
    assert client.get(f"/console/why/customer/{party}?of=nothing").status_code == 404
    assert client.get("/console/why/customer/nobody?of=used").status_code == 404


def test_names_are_shown_to_who_may_read_them_and_the_read_is_logged_first(
    bank: Any, browser: Any, held: Any
) -> None:  # fmt: skip
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.reads import personal_rows, reads_of

    party = held("=classes")[0]["party_id"]
    client = browser(bank.email)
    before = body(client.get(f"/console/customers/{party}"))
    assert "显示名称" in before
    with acting(bank.org, bank.person, "monitoring"):
        assert reads_of(party) == []
    after = client.post(f"/console/customers/{party}")
    assert after.status_code == 200
    with acting(bank.org, bank.person, "monitoring"):
        (read,) = reads_of(party)
        assert (read.person, read.table, read.columns) == (bank.person, "parties", ("name",))
        (row,) = personal_rows("parties", [party], ["name"])
    assert row["name"]
    assert row["name"] in body(after)
    assert row["name"] not in before
    assert row["name"] not in body(client.get(f"/console/customers/{party}"))
    assert after.headers["Cache-Control"] == "no-store"


def test_maturities_are_the_loans_due_within_ninety_days(bank: Any, browser: Any, held: Any) -> None:
    from openpyxl import load_workbook

    client = browser(bank.email)
    due = [
        r for r in held("=days_past_due") if 0 <= (r["days_to_maturity"] or 999) <= 90 and r["principal_balance"] > 0
    ]
    page = body(client.get("/console/book/maturities"))
    assert f"九十日内到期 <small>{len(due)}" in page
    windows = {"within_10": (0, 10), "within_30": (11, 30), "within_60": (31, 60), "within_90": (61, 90)}
    (bars,) = chart(page)
    for at, (code, (low, high)) in enumerate(windows.items()):
        mine = [r for r in due if low <= r["days_to_maturity"] <= high]
        assert sum(s["values"][at] for s in bars["series"]) == sum(r["book_balance"] for r in mine)
        if mine:
            assert yuan(sum(r["book_balance"] for r in mine)) in page
            assert f"九十日内到期 <small>{len(mine)}" in body(client.get(f"/console/book/maturities?f.window={code}"))
    answer = client.get("/console/book/maturities?as=xlsx")
    data = gzip.decompress(answer.content) if answer.headers.get("Content-Encoding") == "gzip" else answer.content
    rows = list(load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert sorted(row[0] for row in rows) == sorted(r["drawdown_id"] for r in due)


def test_provisions_add_up_by_class_and_tie(bank: Any, browser: Any, held: Any) -> None:
    page = body(browser(bank.email).get("/console/book/provisions"))
    rows = held("=provisions")
    for code in ("normal", "special_mention", "substandard", "doubtful", "loss"):
        mine = [r for r in rows if r["five_class"] == code]
        for column in ("balance", "specific", "expected_loss"):
            assert yuan(sum(r[column] or 0 for r in mine)) in page, (code, column)
    (bars,) = chart(page)
    assert sum(bars["series"][0]["values"]) == sum(r["specific"] for r in rows)
    summary = held("=provision_summary")[0]
    assert summary["specific"] == sum(r["specific"] for r in rows)
    section = re.search(r'<section id="ties">(.*?)</section>', page, re.S)
    assert section is not None
    assert "step5" not in section[1]
    assert section[1].count("step1") == 4


def test_the_watch_list_counts_every_trigger_where_it_fired(bank: Any, browser: Any, held: Any) -> None:
    page = body(browser(bank.email).get("/console/warnings"))
    warned = [r for r in held("=warnings") if r["level"] is not None]
    assert f"预警工作台 <small>{len(warned)}" in page
    late = [r for r in warned if (r["overdue_days"] or 0) >= 1]
    line = re.search(r"<tr><td>(?:(?!</tr>).)*WRN-04.*?</tr>", page, re.S)
    assert line is not None
    assert re.findall(r'<td class="number">(\d+)</td>', line[0])[0] == str(len(late))
    assert yuan(sum(r["balance"] for r in late)) in line[0]
    assert yuan(sum(r["consequence"] for r in late)) in line[0]
    assert yuan(sum(r["consequence"] for r in warned)) in page
    (bars,) = chart(page)
    assert sum(v for s in bars["series"] for v in s["values"]) == len(warned)


def test_what_may_not_be_seen_is_what_does_not_exist(bank: Any, browser: Any, held: Any, vacate: Any) -> None:
    from panhuo_server.accounts.organisations import found

    vacate("lender-elsewhere")
    found("lender-elsewhere", "另一家银行", "lender", "stranger@elsewhere.example", "陌生人", PASSWORD)
    stranger = browser("stranger@elsewhere.example")
    row = held("=classes")[0]
    addresses = (f"/console/loans/{row['drawdown_id']}", f"/console/customers/{row['party_id']}")
    mine = browser(bank.email)
    for address in addresses:
        lost = body(stranger.get(address))
        none = stranger.get(address[:-3] + "zzz")
        assert stranger.get(address).status_code == none.status_code == 404
        assert row["drawdown_id"] not in plain(lost)
        assert mine.get(address[:-3] + "zzz").status_code == 404
    assert mine.post(addresses[0]).status_code == 405
    assert mine.get("/console/book/classes/reviews/none").status_code == 404
