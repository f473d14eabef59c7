"""A file through the four steps to a sealed batch; bad rows back, mended, sent again; the whole taken back."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from console_answers import body

FILE = (
    "客户借据台账,,,,,,\n单位：万元,,,,,,\n借据号,合同编号,客户号,发放金额,发放日,到期日,备注\n"
    "D1,K1,P1,120,2026-01-05,2027-01-05,a\nD2,K2,P2,约八十,2026-01-05,2027-01-05,b\n"
    "D3,K3,P3,80.5,2026/2/31,2027-01-05,=1+1\nD4,K4,P4,60,2026年3月1日,20270301,d\n合计,,,260.5,,,\n"
).encode("gb18030")
COLUMNS = ("id", "contract_id", "party_id", "amount", "out_on", "due_on", "")


@pytest.fixture
def bank(queue: Any, founded: Any) -> Any:
    """A bank of its own, without facts."""
    return founded("lender")


@pytest.fixture
def officer(bank: Any, browser: Any) -> Any:
    """Its officer's browser."""
    return browser(f"admin{bank.org.rpartition('-')[2]}@lender.example")


def raw(answer: Any) -> bytes:
    content: bytes = answer.content
    return gzip.decompress(content) if answer.headers.get("Content-Encoding") == "gzip" else content


def file(content: bytes, name: str = "台账.csv") -> Any:
    return SimpleUploadedFile(name, content)


def chosen(client: Any, content: bytes = FILE, name: str = "台账.csv", **given: str) -> str:
    answer = client.post("/console/import", {"file": file(content, name), **given})
    assert answer.status_code == 302, body(answer)
    return str(answer["Location"])


def checked(client: Any) -> str:
    """A draft whose columns were matched; the address of its check."""
    draft = chosen(client)
    given = {f"map.{at}": name for at, name in enumerate(COLUMNS)}
    answer = client.post(draft, {**given, "unit.amount": "wan", "go": "1"})
    assert answer["Location"] == f"{draft}/check"
    return f"{draft}/check"


def sealed(client: Any, bank: Any, check: str) -> str:
    """Seals a checked draft, as the worker would; the import's address."""
    from panhuo_server.flows import importing

    answer = client.post(check.replace("/check", "/seal"))
    assert answer.status_code == 302, body(answer)
    importing.take_in(bank.org, bank.person, False, answer["Location"].rpartition("/")[2])
    return str(answer["Location"])


def figures(text: str) -> list[str]:
    """The three counts of a check or an import."""
    shown = re.search(r'<dl class="figures">(.*?)</dl>', text, re.S)
    assert shown is not None
    return re.findall(r"<dd>(\d+)</dd>", shown[1])


def facts(bank: Any) -> dict[str, dict[str, Any]]:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of

    with acting(bank.org, bank.person, "monitoring"):
        return {row["id"]: row for row in facts_of("drawdowns", as_of=date(2030, 1, 1)).to_pylist()}


def test_a_file_is_sealed_its_bad_rows_mended_sent_again_and_all_of_it_taken_back(bank: Any, officer: Any) -> None:
    from openpyxl import Workbook, load_workbook

    from panhuo.trust.evidence.receipts import verify
    from panhuo_server.accounts.acting import acting, cursor
    from panhuo_server.flows import undoing
    from panhuo_server.store import signing

    # Step 2: the table is guessed, headers found by their usual names, the one that is not is lacking.
    draft = chosen(officer)
    text = body(officer.get(draft))
    assert re.search(r'<option value="drawdowns" selected>', text)
    assert re.search(r'id="map0".*?value="id" selected', text, re.S)
    assert 'name="default.amount"' in text

    # Step 3: two of four rows, why, and in which row of the file.
    check = checked(officer)
    text = body(officer.get(check))
    assert figures(text) == ["4", "2", "2"]
    assert re.search(r'<td class="number">5</td><td>借据金额</td><td><code>约八十</code></td><td>不是数字</td>', text)
    assert re.search(
        r'<td class="number">6</td><td>发放日</td><td><code>2026/2/31</code></td><td>日历上没有这一天</td>', text
    )
    held = load_workbook(io.BytesIO(raw(officer.get(check.replace("/check", "/bad.xlsx"))))).worksheets[0]
    rows = [list(row) for row in held.iter_rows(values_only=True)]
    heads = ["借据号", "合同编号", "客户号", "发放金额", "发放日", "到期日", "备注", "来源行号", "问题", "办法"]
    assert rows[0] == heads
    assert rows[1][:8] == ["D2", "K2", "P2", "约八十", "2026-01-05", "2027-01-05", "b", "5"]
    assert rows[2][:8] == ["D3", "K3", "P3", "80.5", "2026/2/31", "2027-01-05", "=1+1", "6"]
    assert facts(bank) == {}, "nothing is sealed by looking"

    # Step 4.
    first = sealed(officer, bank, check)
    text = body(officer.get(first))
    assert figures(text) == ["4", "2", "2"]
    assert "D2" not in text
    found = facts(bank)
    assert {k: (v["amount"], v["out_on"].isoformat(), v["source_row"]) for k, v in found.items()} == {
        "D1": (120_000_000, "2026-01-05", 4), "D4": (60_000_000, "2026-03-01", 7),
    }  # fmt: skip
    receipt = re.search(r'href="(/console/import/[^"]+/receipt/1)"', text)
    assert receipt is not None
    with acting(bank.org, bank.person, "monitoring"), cursor() as c:
        keys = signing.published(c)
    assert verify(raw(officer.get(receipt[1])), keys).valid
    assert officer.get(check).status_code == 404, "the draft is gone"

    # Mended in the workbook that was handed back, its columns of words left as they are.
    rows[1][3], rows[2][4] = "82", "2026-02-28"
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    answer = officer.post(f"{first}/mend", {"file": file(out.getvalue(), "改好.xlsx")})
    assert answer.status_code == 302, body(answer)
    text = body(officer.get(answer["Location"]))
    assert figures(text) == ["2", "2", "0"]
    second = sealed(officer, bank, answer["Location"])
    found = facts(bank)
    assert {k: (v["amount"], v["out_on"].isoformat(), v["source_row"]) for k, v in found.items()} == {
        "D1": (120_000_000, "2026-01-05", 4), "D2": (82_000_000, "2026-01-05", 5),
        "D3": (80_500_000, "2026-02-28", 6), "D4": (60_000_000, "2026-03-01", 7),
    }  # fmt: skip
    assert len({v["source_doc"] for v in found.values()}) == 1, "all four stand in the first file"
    assert second in body(officer.get(first))

    # Taken back: in numbers, with a reason, once.
    text = body(officer.get(f"{first}/undo"))
    assert re.search(r"逐条撤回这次导入的 <b>2</b>", text)
    assert officer.post(f"{first}/undo", {"reason": " "}).status_code == 422
    assert set(facts(bank)) == {"D1", "D2", "D3", "D4"}
    assert officer.post(f"{first}/undo", {"reason": "发错了表"}).status_code == 302
    upload = first.rpartition("/")[2]
    assert undoing.withdraw(bank.org, bank.person, False, upload) == 2
    assert undoing.withdraw(bank.org, bank.person, False, upload) == 2, "done again it is done once"
    assert set(facts(bank)) == {"D2", "D3"}
    text = body(officer.get("/console/import"))
    assert "已撤回" in text
    assert officer.get(f"{first}/undo").status_code == 302


def test_a_row_mended_in_vain_comes_back_under_its_first_number(bank: Any, officer: Any) -> None:
    first = sealed(officer, bank, checked(officer))
    text = raw(officer.get(f"{first}/bad.csv")).decode("utf-8-sig")
    assert "'=1+1" in text, "what begins like a formula is text"
    answer = officer.post(f"{first}/mend", {"file": file(text.encode(), "改.csv")})
    again = raw(officer.get(answer["Location"].replace("/check", "/bad.csv"))).decode("utf-8-sig")
    assert [line.split(",")[7] for line in again.splitlines()] == ["来源行号", "5", "6"]
    assert again.splitlines()[0].count("来源行号") == 1


def test_nobody_else_finds_a_draft_or_an_import(
    bank: Any, officer: Any, browser: Any, founded: Any, colleague: Callable[..., str]
) -> None:
    check = checked(officer)
    other = founded("lender")
    stranger = browser(f"admin{other.org.rpartition('-')[2]}@lender.example")
    mate = browser(colleague(bank, "officer"))
    first = sealed(officer, bank, checked(officer))
    addresses = [check, check.replace("/check", ""), check.replace("/check", "/bad.xlsx"), first, f"{first}/bad.csv"]
    for client in (stranger,):
        nothing = re.sub(r'value="[^"]*"', "", body(client.get("/console/import/" + "0" * 32)))
        for address in [*addresses, f"{first}/undo", f"{first}/receipt/1"]:
            answer = client.get(address)
            assert answer.status_code == 404, address
            assert re.sub(r'value="[^"]*"', "", body(answer)) == nothing
        assert client.post(check.replace("/check", "/seal")).status_code == 404
        assert client.post(f"{first}/undo", {"reason": "x"}).status_code == 404
    assert mate.get(check).status_code == 404, "a draft is its owner's until it is sealed"
    assert mate.get(first).status_code == 200
    auditor = browser(colleague(bank, "auditor"))
    assert auditor.get("/console/import").status_code == auditor.get(first).status_code == 404
    assert 'href="/console/import"' not in body(auditor.get("/console/"))


def test_a_form_without_its_token_and_a_file_sent_elsewhere_are_not_taken(bank: Any, officer: Any) -> None:
    from django.test import Client

    bare = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    bare.cookies = officer.cookies
    assert bare.post("/console/import", {"file": file(FILE)}).status_code == 403
    nobody = Client(SERVER_NAME="localhost")
    assert nobody.post("/console/import", {"file": file(FILE)}).status_code == 302
    assert officer.post("/console/import", {}).status_code == 422
    assert officer.post("/console/import", {"file": file(b"")}).status_code == 422
    answer = officer.post("/console/import", {"file": file(b"PK\x03\x04 no workbook", "x.xlsx")})
    assert answer.status_code == 422
    assert "读不出来" in body(answer)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_steps_read_in_both_languages(bank: Any, browser: Any, language: str) -> None:
    email = f"admin{bank.org.rpartition('-')[2]}@lender.example"
    client = browser(email, **{"accept-language": language})
    content = b"drawdown_id,party_id,contract_id,amount,out_on,due_on\nD1,P1,K1,x,2026-01-05,2027-01-05\n"
    draft = chosen(client, content, "drawdowns.csv")
    pages = [body(client.get("/console/import")), body(client.get(draft))]
    client.post(draft, {"go": "1"})
    pages.append(body(client.get(f"{draft}/check")))
    for text in pages:
        assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son[a-z]+=", text)
        if language == "en":
            shown = re.sub(r"<[^>]+>", " ", re.sub(r'lang="zh-CN">中文|机构 \d+', "", text))
            assert re.findall(r"[\u4e00-\u9fff]+", shown) == []


def test_a_fixed_day_and_a_default_reach_every_row(bank: Any, officer: Any) -> None:
    content = "编号,名称\nP-1,甲公司\nP-2,乙公司\n".encode()
    draft = chosen(officer, content, "客户.csv", kind="table:parties")
    answer = officer.post(draft, {
        "map.0": "id", "map.1": "name", "default.kind": "company", "effective": "2026-05-31", "go": "1"})  # fmt: skip
    assert answer.status_code == 302, body(answer)
    sealed(officer, bank, answer["Location"])
    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of

    with acting(bank.org, bank.person, "monitoring"):
        rows = facts_of("parties", as_of=date(2030, 1, 1)).to_pylist()
    assert [(r["id"], r["kind"], r["effective_on"].isoformat()) for r in rows] == [
        ("P-1", "company", "2026-05-31"), ("P-2", "company", "2026-05-31"),
    ]  # fmt: skip
