"""The pages on two real nights: every figure opens, sums are what they say, sizes, exports, and the browser's walk."""

from __future__ import annotations

import gzip
import html
import io
import re
from pathlib import Path
from typing import Any

import pytest

from console_answers import body

pytestmark = pytest.mark.slow

PAGES = ("/console/", "/console/deadlines", "/console/book", "/console/claims", "/console/kit", "/console/search?q=CL")


def opened(text: str) -> list[str]:
    """Addresses of the numbers of a page."""
    return [html.unescape(a) for a in re.findall(r'hx-get="(/console/why/[^"]+)"', text)]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_whole_in_both_languages(bank: Any, browser: Any, address: str, language: str) -> None:
    client = browser(bank.email, **{"accept-language": language})
    answer = client.get(address, headers={"accept-encoding": "gzip"})
    text = body(answer)
    assert answer.status_code == 200
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}"' in text
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son[a-z]+=", text)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text)
    assert len(gzip.compress(text.encode())) < 60 * 1024
    if language == "en" and "search" not in address:  # rules are named by their instruments
        shown = re.sub(r"<[^>]+>", " ", re.sub(r'lang="zh-CN">中文|青溪农村商业银行', "", text))
        assert re.findall(r"[\u4e00-\u9fff]+", shown) == []


def test_every_number_of_every_page_opens(bank: Any, browser: Any) -> None:
    client = browser(bank.email)
    found = {a for page in PAGES[:4] for a in opened(body(client.get(page)))}
    claim = re.search(r'href="(/console/claims/[^"?]+)"', body(client.get("/console/claims")))
    assert claim is not None
    found |= set(opened(body(client.get(claim[1]))))
    assert len(found) > 100
    for address in sorted(found)[:: max(1, len(found) // 60)]:
        answer = client.get(address, headers={"hx-request": "true"})
        text = body(answer)
        assert answer.status_code == 200, address
        assert "<html" not in text
        # What all postings come to is worked out as somebody asks: it has no receipt.
        assert ('class="sentence"' if address.startswith("/console/why/ledger") else 'class="receipt"') in text, address
        assert "<html" in body(client.get(address)), address


def test_a_drawers_receipt_is_accepted_by_the_library_and_by_the_page(bank: Any, browser: Any) -> None:
    import json
    import shutil
    import subprocess

    from panhuo.trust.evidence.receipts import verify
    from panhuo_server.accounts.acting import acting, cursor
    from panhuo_server.store import signing

    client = browser(bank.email)
    with acting(bank.org, bank.person, "monitoring"), cursor() as c:
        keys = signing.published(c)
    addresses = opened(body(client.get("/console/claims")))[:3] + opened(body(client.get("/console/book")))[-3:]
    cases = []
    for address in addresses:
        text = body(client.get(address, headers={"hx-request": "true"}))
        receipt = re.search(r'<pre class="receipt">([^<]*)</pre>', text)
        given = re.search(r'data-keys="([^"]*)"', text)
        assert receipt is not None
        assert given is not None
        verdict = verify(html.unescape(receipt[1]).encode(), keys)
        assert verdict.valid, verdict.reason
        cases.append([html.unescape(receipt[1]), json.loads(html.unescape(given[1]))])
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the page's verifier cannot be run here")
    script = Path(__file__).parents[3] / "src/panhuo_server/console/static/verify.js"
    code = (
        'eval(require("fs").readFileSync(process.argv[1], "utf8"));'
        'Promise.all(JSON.parse(require("fs").readFileSync(0, "utf8")).map(([t, k]) => panhuoReceipts.verify(t, k)))'
        ".then((all) => console.log(JSON.stringify(all.map((v) => [v.valid, v.reason]))));"
    )
    done = subprocess.run(
        [node, "-e", code, "--", str(script)],
        input=json.dumps(cases).encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert all(valid for valid, _ in json.loads(done.stdout)), done.stdout


def test_filters_narrow_totals_and_the_export_says_which(bank: Any, browser: Any) -> None:
    from openpyxl import load_workbook

    client = browser(bank.email)
    whole = body(client.get("/console/book"))
    # The class, other than normal, that most debts are in.
    options = re.findall(r'name="f.class" value="(\w+)"> (\S+) <small>(\d+)', whole)
    code, word, _ = max((o for o in options if o[0] != "normal"), key=lambda o: int(o[2]))
    text = body(client.get(f"/console/book?f.class={code}"))
    rows = int(re.search(r"<h2>借据 <small>(\d+)", text)[1])  # type: ignore[index]
    assert 0 < rows < int(re.search(r"<h2>借据 <small>(\d+)", whole)[1])  # type: ignore[index]
    total = re.search(r"<tfoot>.*?title=\"([\d,.]+)元\"", text, re.S)
    assert total is not None
    answer = client.get(f"/console/book?f.class={code}&as=xlsx")
    data = gzip.decompress(answer.content) if answer.headers.get("Content-Encoding") == "gzip" else answer.content
    book = load_workbook(io.BytesIO(data))
    table, about = book.worksheets
    head = [cell.value for cell in table[1]]
    at = next(n for n, name in enumerate(head) if name.startswith("账面余额"))
    values = [row[at] for row in table.iter_rows(min_row=2, values_only=True)]
    assert len(values) == rows
    assert f"{sum(values):,.2f}" == total[1]
    said = {row[0]: row[1] for row in about.iter_rows(min_row=2, values_only=True)}
    assert said["五级分类"] == word
    assert said["行数"] == rows
    assert said["机构"].endswith("(self)")


def test_a_waterfall_comes_to_the_sealed_value(bank: Any, browser: Any, server: Any) -> None:
    from panhuo_server.accounts.sign_in import Place
    from panhuo_server.console.claims.claims import bid_steps, value_steps
    from panhuo_server.console.frame import Visit
    from panhuo_server.console.pieces.pictures import adds_up
    from panhuo_server.console.results import the_night

    place = Place(bank.org, "", "lender", "own", ("officer",))
    visit = Visit(None, bank.person, place, (place,), "zh")
    with visit.acting("valuation"):
        night = the_night(visit)
        claims = night["claim_values"].table.column("claim_id").to_pylist()
        drawn = [(adds_up(value_steps(night, c)), adds_up(bid_steps(night, c))) for c in claims]
    assert claims
    assert all(value and bid for value, bid in drawn), drawn


def test_today_says_what_moved_between_the_nights(bank: Any, browser: Any) -> None:
    text = body(browser(bank.email).get("/console/"))
    assert "分类变动" in text
    assert "的结果比较" in text
    assert 'class="badge step' in text


def test_a_condition_a_table_does_not_have_is_no_page(bank: Any, browser: Any) -> None:
    client = browser(bank.email)
    for tail in ("", "?of=nothing", "?of=party_id", "?of=balance&where=nothing:1", "?key=no-such-drawdown",
                 "?key=a&key=b", "?key=", "?of=balance&where=overdue_days>:x"):  # fmt: skip
        assert client.get(f"/console/why/classes{tail}").status_code == 404, tail
    assert client.get("/console/why/..%2Fclasses?of=balance").status_code == 404
    for tail in ("page=x", "page=99999999", "sort=nothing", "f.class=nothing", "q=%00%ff", "f.class=" + "x" * 500):
        assert client.get(f"/console/book?{tail}").status_code == 200, tail


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(1366, 900), (390, 844)], ids=["desk", "phone"])
def test_from_the_door_to_a_number_verified_in_the_browser(
    bank: Any, address: str, language: str, size: tuple[int, int], tmp_path: Path
) -> None:
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    import shutil

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: the pages cannot be walked through here")
    asked: list[str] = []
    faults: list[str] = []
    with driver.sync_playwright() as p:
        running = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = running.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN" if language == "zh" else "en-GB"
        )
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{address}/console/")
        page.fill("#email", bank.email)
        page.fill("#password", "long enough secret")
        page.click("main button.do")
        page.wait_for_selector("h1")
        for where in PAGES[:4]:
            page.goto(address + where)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], where
        page.goto(f"{address}/console/")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "q"
        page.locator("main .figures a.n").last.click()
        page.wait_for_selector("#drawer .heading")
        before = len(asked)
        page.click("#drawer .proof button.do")
        page.wait_for_selector("#drawer .verdict.good, #drawer .verdict.bad", timeout=20_000)
        assert page.locator("#drawer .verdict.good").count() == 1, page.inner_text("#drawer .verdict")
        assert len(asked) == before  # verified here: nothing was asked of the server
        deep = page.url
        assert "#why/" in deep
        page.keyboard.press("Escape")
        assert page.locator("#drawer").is_hidden()
        page.goto("about:blank")
        page.goto(deep)
        page.wait_for_selector("#drawer .heading")
        page.locator("#drawer .receipt").evaluate("e => { e.textContent = e.textContent.replace('1', '2') }")
        page.click("#drawer .proof button.do")
        page.wait_for_selector("#drawer .verdict.bad", timeout=20_000)
        running.close()
    assert faults == []
    assert all(url.startswith((address, "about:")) for url in asked)


def test_a_night_reports_its_provisions_for_supervisors(bank: Any, browser: Any) -> None:
    from panhuo_server.accounts.acting import acting, cursor
    from panhuo_server.accounts.sign_in import Place
    from panhuo_server.console.frame import Visit
    from panhuo_server.console.results import the_night
    from panhuo_server.flows.nightly import report_provisions

    place = Place(bank.org, "", "lender", "own", ("officer",))
    visit = Visit(None, bank.person, place, (place,), "zh")
    with visit.acting("monitoring"):
        night = the_night(visit)
        summary = night["provision_summary"].table.to_pylist()
        reported = "select currency, as_of, amount from reported_totals where org_id = %s and run_id = 'now' order by 1"
        with cursor() as c:
            c.execute(reported, [bank.org])
            found = c.fetchall()
            assert found == [(row["currency"], night.as_of, row["provisions"]) for row in summary]
            assert found and all(amount > 0 for _, _, amount in found)
    with acting(bank.org, bank.person, "nightly_run"), cursor() as c:
        report_provisions("now", {"provision_summary": night["provision_summary"]})  # done again it adds nothing
        c.execute(reported, [bank.org])
        assert c.fetchall() == found


def test_what_happened_to_a_right_is_read_in_words() -> None:
    from panhuo_server.console.why import _happened

    said = _happened("assignment_notice@2026-01-20/b;suit@2024-05-16~2024-11-08/-")
    assert said.zh.startswith("2026-01-20 ") and "（证据B级）；2024-05-16 – 2024-11-08 " in said.zh
    assert "(evidence B); 2024-05-16 – 2024-11-08 " in said.en
    assert "_" not in said.en and "@" not in said.zh
    assert _happened("something else").en == "something else"
