"""Places of others: what is theirs or shared with them, nothing else; what ends shows nothing on the next request."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import neighbours
from console_answers import body
from neighbours import CANARY, Neighbour

Browse = Callable[..., Any]


@pytest.fixture(scope="module")
def street(server: Any) -> dict[str, Neighbour]:
    """A bank and those it shares with."""
    return neighbours.neighbourhood("street")


@pytest.fixture
def signed(street: dict[str, Neighbour], browser: Browse) -> Callable[[str], Any]:
    """A signed-in client of one of them."""
    return lambda name: browser(street[name].email)


def read(client: Any, address: str) -> str:
    """A page that must be there, without canaries."""
    answer = client.get(address)
    text = body(answer)
    assert answer.status_code == 200, (address, answer.status_code)
    assert not [mark for mark in CANARY if mark in text], address
    return text


def test_a_borrower_reads_its_loan_in_plain_words_and_nobody_elses(signed: Any) -> None:
    client = signed("borrower")
    home = read(client, "/console/")
    assert "下一次还款" in home
    assert "50,000.00元" in home and "5,000.00元" in home
    loans = read(client, "/console/mine/loans")
    assert "借了多少" in loans and "500,000.00元" in loans and "4.80 %" in loans
    # 500,000.00 paid out less 123,456.00 paid back.
    assert "376,544.00元" in loans
    data = read(client, "/console/mine/data")
    assert "李秀英" in data and "13812345678" in data
    assert "否决" in read(client, "/console/mine/decisions")
    assert 'class="plain"' in home
    assert "/console/people" not in home


def test_a_borrower_sees_who_read_and_to_whom_it_went(signed: Any, street: dict[str, Neighbour]) -> None:
    from panhuo_server.accounts import reads
    from panhuo_server.accounts.acting import acting

    bank = street["bank"]
    with acting(bank.org, bank.person, "monitoring"):
        assert reads.personal_rows("parties", ["P1"], ["phone"])[0]["phone"] == "13812345678"
        reads.personal_rows("parties", ["P-CANARY"], ["phone"])
    text = read(signed("borrower"), "/console/mine/readers")
    assert "青溪农商行" in text and "联系电话" in text and "贷后与预警" in text
    assert text.count("远山资产") >= 2  # its claim and its drawdown are shared with the investor
    assert bank.person not in text  # an organisation's people are its own to name


def test_a_stranger_is_nobodys_party(signed: Any, founded: Any, browser: Browse) -> None:
    made = founded("borrower")
    client = browser(f"admin{made.org.rpartition('-')[2]}@borrower.example")
    text = read(client, "/console/")
    assert "还没有机构确认您是它的客户" in text
    for address in ("/console/mine/loans", "/console/mine/data", "/console/mine/readers", "/console/mine/consents"):
        assert "李秀英" not in read(client, address)
    given = {"kind": "appeal", "where": "street-bank P1", "said": "x"}
    assert client.post("/console/mine/ask", given).status_code == 404


def test_the_database_asks_again_who_one_is(street: dict[str, Neighbour], founded: Any) -> None:
    from panhuo.ground.record.errors import NotFound
    from panhuo_server.accounts import own_affairs
    from panhuo_server.accounts.acting import acting

    other, bank, borrower = founded("borrower"), street["bank"], street["borrower"]
    with acting(other.org, other.person, "own_affairs"):
        assert own_affairs.parties() == [] == own_affairs.reads() == own_affairs.shares()
        with pytest.raises(NotFound):
            own_affairs.withdraw(bank.org, "P1", "sharing")
    with acting(borrower.org, borrower.person, "privacy"):  # for another purpose nothing of it is shown
        assert own_affairs.parties() == [] == own_affairs.shares()
        with pytest.raises(NotFound):
            own_affairs.ask("appeal", bank.org, "P1", "x")
    with acting(borrower.org, borrower.person, "own_affairs"), pytest.raises(NotFound):
        own_affairs.ask("appeal", bank.org, "P-CANARY", "x")


def test_a_request_is_answered_and_one_is_written_down_for_somebody(signed: Any, street: dict[str, Neighbour]) -> None:
    client, staff = signed("borrower"), signed("bank")
    org = street["bank"].org
    form = read(client, f"/console/mine/ask?kind=explanation&org={org}&table=decisions&id=DE1")
    assert "您想让对方说明什么" in form and f'value="{org} P1"' in form
    given = {"kind": "explanation", "where": f"{org} P1", "table": "decisions", "id": "DE1", "said": "为什么没批"}
    assert client.post("/console/mine/ask", given)["Location"] == "/console/mine/requests"
    assert "等待答复" in read(client, "/console/mine/requests")
    inbox = body(staff.get("/console/requests"))
    assert "为什么没批" in inbox
    asked = re.search(r'name="request" value="([^"]+)"', inbox)
    assert asked is not None
    answer = {"org": street["borrower"].org, "request": asked[1], "result": "done", "said": "收入证明已过期，请补交"}
    assert staff.post("/console/requests/answer", answer).status_code == 302
    assert "收入证明已过期，请补交" in read(client, "/console/mine/requests")
    assert staff.post("/console/requests/answer", {**answer, "request": "r-nothing"}).status_code == 404
    behalf = {"party": "P1", "kind": "correction", "said": "电话换了", "agreed": "本人在柜台"}
    assert staff.post("/console/requests/on-behalf", behalf).status_code == 302
    text = body(staff.get("/console/requests"))
    assert "代为填写" in text and "本人在柜台" in text
    assert staff.post("/console/requests/on-behalf", {**behalf, "agreed": " "}).status_code == 422
    assert staff.post("/console/requests/on-behalf", {**behalf, "party": "P9"}).status_code == 404
    assert staff.post("/console/requests/on-behalf", {**behalf, "said": "身份证 11010519491231002X"}).status_code == 422
    assert client.get("/console/requests").status_code == 404


def test_a_buyer_reads_what_is_shared_and_what_is_masked_says_so(signed: Any) -> None:
    client = signed("investor")
    home = read(client, "/console/")
    assert "青溪一号资产包" in home and "230.00" in home
    text = read(client, "/console/offers")
    assert text.count("已遮蔽") >= 2  # the claim's principal and interest, at level 2
    package = read(client, "/console/offers/package/street-bank/PK1")
    assert 'href="/console/offers/claim/street-bank/CL1"' in package
    assert "50.00" in package  # the package's items are shared at level 3
    claim = read(client, "/console/offers/claim/street-bank/CL1")
    assert claim.count("已遮蔽") >= 3
    assert "500,000.00元" in claim  # the drawdown, at level 3
    assert "催收" in claim
    for missing in ("package/street-bank/PK-CANARY", "claim/street-bank/CL-CANARY", "claim/street-bank/CL9",
                    "claim/elsewhere/CL1"):  # fmt: skip
        assert client.get(f"/console/offers/{missing}").status_code == 404
    stranger = signed("stranger")
    assert "青溪一号资产包" not in read(stranger, "/console/")
    assert stranger.get("/console/offers/claim/street-bank/CL1").status_code == 404
    for bank_room in ("/console/book", "/console/why/classes?of=balance", "/console/supervision", "/console/cases"):
        assert client.get(bank_room).status_code == 404


def test_a_masked_value_is_in_no_export(signed: Any) -> None:
    from openpyxl import load_workbook

    answer = signed("investor").get("/console/offers?as=xlsx&table=offered-claims")
    book = load_workbook(io.BytesIO(answer.content))
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "CL1" in cells
    assert not [c for c in cells if c in (500_000, 10_000, 500_000.0)]
    assert not [c for c in cells if isinstance(c, str) and "CANARY" in c]


def test_notes_are_ones_own(signed: Any, street: dict[str, Neighbour]) -> None:
    client = signed("investor")
    address = "/console/offers/claim/street-bank/CL1"
    assert client.post(f"{address}/notes", {"said": "抵押物空置，须核实"}).status_code == 302
    text = read(client, address)
    assert "已记下" in text and "抵押物空置，须核实" in text
    assert "已记下" not in read(client, address)  # said once
    assert client.post(f"{address}/notes", {"said": ""}).status_code == 422
    assert "抵押物空置" not in body(signed("bank").get("/console/claims/CL1"))
    assert signed("stranger").post(f"{address}/notes", {"said": "x"}).status_code == 404


def test_a_withdrawal_holds_at_once_and_the_next_night_knows_it(signed: Any, street: dict[str, Neighbour]) -> None:
    from panhuo_server.accounts import consent, own_affairs
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.outcomes import last_batch

    bank, investor = street["bank"], street["investor"]
    client, buyer = signed("borrower"), signed("investor")
    assert "500,000.00元" in read(buyer, "/console/offers/claim/street-bank/CL1")
    page = read(client, "/console/mine/consents")
    assert page.count("/console/mine/consents/withdraw") == 2
    given = {"org": bank.org, "party": "P1", "purpose": "sharing", "recipient": investor.org}
    asked = body(client.post("/console/mine/consents/withdraw", given))
    assert "现在有 2 项向他人的共享" in asked
    assert "500,000.00元" in read(buyer, "/console/offers/claim/street-bank/CL1")  # asked, not done
    assert client.post("/console/mine/consents/withdraw", {**given, "sure": "yes"}).status_code == 302
    assert "已撤回" in read(client, "/console/mine/consents")
    after = read(buyer, "/console/offers/claim/street-bank/CL1")
    assert "500,000.00元" not in after.replace("500,000.00元 · 10,000.00元", "")  # the item stands on no consent
    assert client.post("/console/mine/consents/withdraw", {**given, "sure": "yes"}).status_code == 404
    with acting(bank.org, bank.person, "monitoring"):
        standing = {c.purpose: c.standing for c in consent.of_party("P1")}
        assert standing == {"sharing": "withdrawn", "credit_report_query": "given"}
        before = last_batch()
    with acting(bank.org, bank.person, "nightly_run"):
        assert own_affairs.seal_withdrawals() == 1
    with acting(bank.org, bank.person, "nightly_run"):
        assert own_affairs.seal_withdrawals() == 0
        assert last_batch() == before + 1
        assert {c.purpose: c.standing for c in consent.of_party("P1")}["sharing"] == "withdrawn"
        consent.grant("P1", "sharing", idempotency_key="again", recipient=investor.org, separate=True)
    with acting(bank.org, bank.person, "monitoring"):
        assert {c.purpose: c.standing for c in consent.of_party("P1")}["sharing"] == "given"


def test_an_ended_share_shows_nothing_on_the_next_request(signed: Any, street: dict[str, Neighbour]) -> None:
    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting

    bank, client = street["bank"], signed("investor")
    address = "/console/offers/package/street-bank/PK1"
    assert client.get(address).status_code == 200
    with acting(bank.org, bank.person, "origination"):
        (package,) = [s for s in shares.given() if s.table == "packages" and s.to_org == street["investor"].org]
        shares.end(package.share)
    assert client.get(address).status_code == 404
    assert "青溪一号资产包" not in read(client, "/console/")
    borrower = signed("borrower")
    assert "D1" in read(borrower, "/console/mine/loans")
    with acting(bank.org, bank.person, "origination"):
        (mine,) = [s for s in shares.given() if s.table == "parties" and s.to_org == street["borrower"].org]
        shares.end(mine.share)
    assert "还没有机构确认您是它的客户" in read(borrower, "/console/")
    assert "青溪农商行" not in read(borrower, "/console/mine/readers")
    with acting(bank.org, bank.person, "origination"):  # for the tests that come after
        later = datetime.now(UTC) + timedelta(days=40)
        shares.grant("parties", street["borrower"].org, 5, "own_affairs", later, row="P1")


def test_a_mediators_case_from_its_opening_to_confirmation(signed: Any, street: dict[str, Neighbour]) -> None:
    client = signed("mediation")
    assert "登记案件" in read(client, "/console/")
    # An agreement of Monday 2026-11-02: its thirtieth day is Wednesday 2026-12-02, a working day.
    made = client.post("/console/cases/new", {"on": "2026-10-12", "matter": "调2026-1"})
    address = made["Location"]
    text = read(client, address)
    assert "撤销" in text
    fact = re.search(r'name="fact" value="([^"]+)"', text)
    assert fact is not None
    step = {"fact": fact[1], "step": "agreed", "on": "2026-11-02", "amount": "100000.5",
            "perform_by_on": "2027-03-01"}  # fmt: skip
    assert client.post(f"{address}/step", {**step, "amount": "abc"}).status_code == 422
    assert client.post(f"{address}/step", {**step, "step": "ruled"}).status_code == 409
    assert client.post(f"{address}/step", step).status_code == 302
    text = read(client, address)
    assert "100,000.50元" in text and "2026-12-02" in text and "MED-01" in text
    assert client.post(f"{address}/step", step).status_code == 409  # it stands on a fact that is not the latest
    assert "2026-12-02" in read(client, "/console/")
    fact = re.search(r'name="fact" value="([^"]+)"', text)
    assert fact is not None
    assert client.post(f"{address}/step", {"fact": fact[1], "step": "filed", "on": "2026-11-20"}).status_code == 302
    assert "已按期申请" in read(client, address)
    asked = body(client.post(f"{address}/back"))
    assert "撤回案件" in asked
    assert client.post(f"{address}/back", {"sure": "yes"}).status_code == 302
    assert "已按期申请" not in read(client, address)
    for elsewhere in ("/console/book", "/console/claims", "/console/offers", "/console/requests",
                      "/console/supervision", "/console/mine/loans", "/console/why/classes?of=balance"):  # fmt: skip
        assert client.get(elsewhere).status_code == 404, elsewhere


def test_a_court_sees_a_mediation_that_is_shared_and_records_nothing_of_it(
    signed: Any, street: dict[str, Neighbour]
) -> None:
    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting

    mediation, court = street["mediation"], street["court"]
    made = signed("mediation").post("/console/cases/new", {"on": "2026-11-05", "matter": "调2026-2"})
    case = made["Location"].rpartition("/")[2]
    clerk = signed("court")
    assert case not in read(clerk, "/console/cases")
    with acting(mediation.org, mediation.person, "mediation", judicial=True):
        share = shares.grant("mediations", court.org, 3, "mediation", neighbours.LATER, row=case)
    shown = f"/console/cases/mediation/{case}?of={mediation.org}"
    text = read(clerk, shown)
    assert "调2026-2" in text and "记录下一步" not in text
    assert case in read(clerk, "/console/cases")
    assert clerk.get(f"/console/cases/mediation/{case}").status_code == 404  # not the court's own
    assert clerk.post(f"/console/cases/mediation/{case}/back", {"sure": "yes"}).status_code == 404
    with acting(mediation.org, mediation.person, "mediation", judicial=True):
        shares.end(share)
    assert clerk.get(shown).status_code == 404


def test_a_supervisor_reads_aggregates_of_who_granted_them(
    signed: Any, street: dict[str, Neighbour], founded: Any
) -> None:
    import pyarrow as pa
    from openpyxl import load_workbook

    from panhuo_server.accounts import supervision
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.sealing import seal

    client = signed("supervisor")
    assert "还没有机构授权监管汇总" in read(client, "/console/")
    bank, each = founded("lender"), 100_000_000
    rows: dict[str, list[dict[str, Any]]] = {"drawdowns": [], "postings": [], "class_decisions": []}
    for kind, count in (("normal", 30), ("loss", 10), ("doubtful", 2)):
        for n in range(count):
            given = {"party_id": f"p-{kind}-{n}", "effective_on": date(2025, 11, 15), "drawdown_id": f"d-{kind}-{n}"}
            out = {**given, "id": f"o-{kind}-{n}", "component": "principal", "kind": "disburse", "amount": each,
                   "posted_on": date(2025, 11, 15), "currency": "CNY"}  # fmt: skip
            rows["postings"].append(out)
            if kind != "normal":
                decided = {"id": f"c-{kind}-{n}", "decided_on": date(2025, 11, 15), "final": kind}
                rows["class_decisions"].append({**given, **decided})
            own = {"id": given.pop("drawdown_id"), "contract_id": f"k-{kind}-{n}", "amount": each, "currency": "CNY",
                   "out_on": date(2025, 11, 15), "due_on": date(2027, 11, 15)}  # fmt: skip
            rows["drawdowns"].append({**given, **own})
    with acting(bank.org, bank.person, "import"):
        tables = {name: pa.Table.from_pylist(some) for name, some in rows.items()}
        seal(tables, idempotency_key="book", observed_until=date(2025, 12, 31))
    with acting(bank.org, bank.person, "administration"):
        granted = supervision.grant(street["supervisor"].org, ("bad_debt_ratio", "balance_by_class"), neighbours.LATER)
    home = read(client, "/console/")
    # 12 of 42 equal debts of 100 (10,000 yuan): 28.57 % of 4,200.
    assert "28.57 %" in home and "4,200" in home and "未授权" in home
    one = read(client, f"/console/supervision/{bank.org}")
    # Two doubtful parties stand alone nowhere: they are joined with the ten of class loss.
    assert "1,200" in one and "其他（合并）" in one and "可疑" not in one.replace("次级、可疑", "")
    assert "28.57 %" in one and "2025-12-31" in one and "2025-11-30" in one
    answer = client.get("/console/supervision?as=xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    assert [sheet.title for sheet in book] == ["G1 风险指标", "G2 五级分类", "说明"]
    lines = book.worksheets[0].iter_rows(min_row=2, values_only=True)
    latest = next(line for line in lines if str(line[3]).startswith("2025-12"))
    assert latest[4:7] == (42, 4200, 28.57) and latest[8] == "未授权"
    with acting(bank.org, bank.person, "administration"):
        supervision.end(granted)
    assert client.get(f"/console/supervision/{bank.org}").status_code == 404
    assert "28.57" not in read(client, "/console/")
    assert client.get("/console/book").status_code == 404


def test_an_auditor_and_an_administrator_find_their_own_first(street: dict[str, Neighbour], browser: Browse) -> None:
    from panhuo_server.accounts import invitations
    from panhuo_server.accounts.acting import acting

    bank = street["bank"]
    for role in ("auditor", "administrator", "privacy_officer"):
        with acting(bank.org, bank.person, "administration"):
            link = invitations.invite(f"street-{role}@neighbour.example", role).link
        invitations.accept_as_new(link, role, neighbours.PASSWORD)
    with acting(bank.org, bank.person, "monitoring"):
        from panhuo_server.store import log

        head = log.head()
    assert head is not None
    text = body(browser("street-auditor@neighbour.example").get("/console/"))
    assert "先看证据" in text and str(head.head["root"]) in text and head.key in text
    assert "钱在哪里有风险" not in text
    text = body(browser("street-administrator@neighbour.example").get("/console/"))
    assert "成员" in text and "未接受的邀请" in text
    text = body(browser("street-privacy_officer@neighbour.example").get("/console/"))
    assert "客户的请求" in text


@pytest.fixture
def own_consents(founded: Any) -> Any:
    """A bank whose party P1 has an account: ``(bank, borrower, record)``; `record` seals a consent as of a day."""
    import pyarrow as pa

    from panhuo.ground.book.catalogue import table_named
    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.sealing import seal

    bank, borrower = founded("lender"), founded("borrower")

    def take_in(table: str, row: dict[str, Any], key: str) -> None:
        given = {"effective_on": neighbours.DAY, **row}
        columns = [c for c in table_named(table).fact_schema.columns if c.name in given]
        rows = pa.table({c.name: pa.array([given[c.name]], c.arrow_type()) for c in columns})
        with acting(bank.org, bank.person, "import"):
            seal({table: rows}, idempotency_key=key, observed_until=neighbours.DAY)

    def record(consent: str, granted_on: date, key: str, recipient: str | None = None) -> None:
        row = {"id": consent, "party_id": "P1", "purpose": "credit_report_query", "granted": True,
               "granted_on": granted_on, "recipient": recipient}  # fmt: skip
        take_in("consents", row, key)

    take_in("parties", {"id": "P1", "kind": "person", "name": "李秀英"}, "p1")
    with acting(bank.org, bank.person, "origination"):
        shares.grant("parties", borrower.org, 5, "own_affairs", neighbours.LATER, row="P1")
    return bank, borrower, record


def standing_of(bank: Any, recipient: str | None = None) -> str | None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.consents import standing
    from panhuo_server.store.statements import today

    with acting(bank.org, bank.person, "monitoring"):
        return standing("P1", "credit_report_query", recipient, today())


def test_an_old_consent_recorded_again_does_not_undo_a_withdrawal(own_consents: Any) -> None:
    from panhuo_server.accounts import own_affairs
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.statements import today

    bank, borrower, record = own_consents
    record("K1", today() - timedelta(days=40), "first")
    assert standing_of(bank) == "given"
    with acting(borrower.org, borrower.person, "own_affairs"):
        own_affairs.withdraw(bank.org, "P1", "credit_report_query")
    assert standing_of(bank) == "withdrawn"
    record("K1", today() - timedelta(days=40), "again")
    record("K2", today() - timedelta(days=1), "another old one")
    assert standing_of(bank) == "withdrawn"
    record("K1", today(), "anew")
    assert standing_of(bank) == "given"


def test_a_consent_given_after_a_withdrawal_is_not_withdrawn_with_it(own_consents: Any) -> None:
    from panhuo_server.accounts import consent, own_affairs
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.statements import today

    bank, borrower, record = own_consents
    record("K1", today() - timedelta(days=40), "for everybody")
    with acting(borrower.org, borrower.person, "own_affairs"):
        own_affairs.withdraw(bank.org, "P1", "credit_report_query")
    record("K2", today(), "for one", recipient="bureau")
    assert (standing_of(bank, "bureau"), standing_of(bank, "another")) == ("given", "withdrawn")
    with acting(bank.org, bank.person, "nightly_run"):
        assert own_affairs.seal_withdrawals() == 1
    with acting(bank.org, bank.person, "nightly_run"):
        assert own_affairs.seal_withdrawals() == 0
        assert {one.consent: one.granted for one in consent.of_party("P1")} == {"K1": False, "K2": True}
    assert (standing_of(bank, "bureau"), standing_of(bank, "another")) == ("given", "withdrawn")
    record("K1", today(), "for everybody anew")
    with acting(bank.org, bank.person, "nightly_run"):
        assert own_affairs.seal_withdrawals() == 0
    assert standing_of(bank, "another") == "given"
