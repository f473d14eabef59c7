"""Boards, packages and the wall of deadlines: totals are independent sums, freezing seals, notice is taken once."""

from __future__ import annotations

import html
import io
import re
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest

from console_answers import body


def words_of(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_seizures_with_their_state_and_total(manager: Any, browser: Any) -> None:
    text = words_of(body(browser(manager.email).get("/console/claims/seizures")))
    assert "三十日内到期 1 有效 2" in text
    assert "合计 3 9,000,000.00" in text  # 6 m, 1 m, 2 m
    assert "三十日内到期 1 2,000,000.00" in text


def test_a_boards_sums_open_to_the_facts_they_are_made_of(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    page = body(client.get("/console/claims/seizures"))
    opened = {html.unescape(one) for one in re.findall(r'href="([^"]*as=sum[^"]*)"', page)}
    whole = next(one for one in opened if "f.state" not in one)
    soon = next(one for one in opened if "f.state=soon" in one)
    drawer = body(client.get(whole, headers={"hx-request": "true"}))
    assert "3 行，金额合计 9,000,000.00元" in words_of(drawer).replace("查封金额", "金额")
    facts = re.findall(r'href="(/console/why/fact/seizures/[^"]+)"', drawer)
    assert len(facts) == 3 and all(client.get(html.unescape(one)).status_code == 200 for one in facts)
    assert "1 行" in words_of(body(client.get(soon))) and "2,000,000.00元" in body(client.get(soon))
    # A search leaves rows a condition cannot name: the total opens to those very rows.
    found = body(client.get("/console/claims/seizures?q=" + quote("甲")))
    (narrowed,) = {html.unescape(one) for one in re.findall(r'<tfoot>.*?href="([^"]*q=[^"]*as=sum[^"]*)"', found, re.S)}
    assert "含“甲”" in body(client.get(narrowed))
    for wrong in ("as=sum&of=court", "as=sum&of=nothing", "as=sum&of=amount&table=nothing", "as=xlsx&table=nothing"):
        assert client.get("/console/claims/seizures?" + wrong).status_code == 404, wrong


def test_a_case_counts_once_where_it_stands(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    text = words_of(body(client.get("/console/claims/cases")))
    assert "执行 1 6,000,000.00 合计 1 6,000,000.00" in text  # not twelve: the first instance is behind it
    assert "（2023）浙01民初1号" in text
    narrowed = words_of(body(client.get("/console/claims/cases?f.stage=enforcement&f.latest=now")))
    assert "（2023）浙01民初1号" not in narrowed
    assert "（2024）浙01执1号" in narrowed


def test_mediations_and_their_confirmation(manager: Any, browser: Any) -> None:
    text = words_of(body(browser(manager.email).get("/console/claims/mediations")))
    assert re.search(r"MD1 CL3 调解中心 2025-05-01 \S+ \S+ 2025-06-10 \S+ 可申请 2025-07-10", text)
    assert re.search(r"MD2 CL2 .*?已过三十日，未申请 2025-03-05", text)
    assert "合计 2 1,500,000.00" in text


def test_a_packages_sums_shares_and_worst(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    text = words_of(body(client.get("/console/packages/PK1")))
    assert "冻结时本息费 850.00 万元" in text
    assert "现在本息费 840.00 万元" in text
    assert "估值覆盖（按金额） 100.0 %" in text
    assert "330100 1 6,000,000.00 70.6 %" in text  # 6 of 8.5 m
    assert "甲法院 1 6,000,000.00 70.6 %" in text
    assert "未诉 1 2,500,000.00 29.4 %" in text
    opened = words_of(body(client.get("/console/why/package/PK1?of=debt", headers={"hx-request": "true"})))
    assert "2 笔合计 8,500,000.00元" in opened
    here = body(client.get("/console/why/package/PK1?of=debt&by=court&is=" + quote("甲法院")))
    assert "冻结时本息费（甲法院）：1 笔合计 6,000,000.00元" in here


def test_the_tape_holds_every_item(manager: Any, browser: Any) -> None:
    from openpyxl import load_workbook

    held = load_workbook(
        io.BytesIO(browser(manager.email).get("/console/packages/PK1?as=xlsx").content), read_only=True
    )
    rows = [list(row) for row in held.worksheets[0].iter_rows(values_only=True)]
    assert {row[0] for row in rows[1:]} == {"CL1", "CL2"}
    at = next(n for n, head in enumerate(rows[0]) if str(head).startswith("冻结时本息费"))
    assert sum(float(row[at]) for row in rows[1:]) == 8_500_000.00


def test_freezing_asks_once_and_seals_what_the_claims_state(manager: Any, browser: Any) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of

    client = browser(manager.email)
    page = body(client.get("/console/packages"))
    assert set(re.findall(r'name="claim" value="([^"]+)"', page)) == {"CL3"}  # the others are on offer in PK1
    given = {"id": "PK-NEW", "name": "新包", "base_on": "2025-06-30", "claim": "CL3"}
    asked = body(client.post("/console/packages", given))
    assert "1,100,000.00元" in asked
    # Its figures are of the last day of 2024; the package's base day is six months later.
    assert "1 笔债权的数额截至其他日期或未写明日期，未调整到基准日 2025-06-30" in asked
    same = body(client.post("/console/packages", {**given, "base_on": "2024-12-31"}))
    assert "基准日 2024-12-31" in same and "未调整到基准日" not in same
    english = browser(manager.email, **{"accept-language": "en"})
    assert "The figures of 1 claim are of another day" in body(english.post("/console/packages", given))
    with acting(manager.org, manager.person, "market"):
        assert "PK-NEW" not in facts_of("packages").column("id").to_pylist()
    assert client.post("/console/packages", {**given, "sure": "yes"}).status_code == 302
    with acting(manager.org, manager.person, "market"):
        items = [row for row in facts_of("package_items").to_pylist() if row["package_id"] == "PK-NEW"]
        (package,) = [row for row in facts_of("packages").to_pylist() if row["id"] == "PK-NEW"]
    (item,) = items
    assert (item["claim_id"], item["principal"], item["interest"]) == ("CL3", 100_000_000, 10_000_000)
    assert (item["overdue_days"], item["five_class"]) == (394, None)  # from 2024-06-01; nobody stated a class
    assert (package["base_on"], package["debtors"], package["status"]) == (date(2025, 6, 30), 1, "draft")
    assert 'value="CL3"' not in body(client.get("/console/packages"))
    made = words_of(body(client.get("/console/packages/PK-NEW")))
    assert "冻结时本息费 110.00 万元" in made
    assert "1 笔债权的数额截至其他日期或未写明日期，未调整到基准日 2025-06-30" in made
    assert "未调整到基准日" not in body(client.get("/console/packages/PK1"))  # both of the last day of 2024
    again = client.post("/console/packages", {**given, "sure": "yes"})
    assert again.status_code in (400, 422)


def test_personal_and_corporate_claims_make_packages_of_their_own() -> None:
    from panhuo.ground.record.errors import InvalidInput
    from panhuo_server.console.transfer.freezing import kind_of

    def claim(name: str, party: str, corporate: bool | None) -> dict[str, Any]:
        return {"id": name, "party_id": party, "corporate": corporate}

    one, two, firm = claim("P1", "D1", False), claim("P2", "D2", False), claim("C1", "D3", True)
    assert kind_of([one]) == kind_of([one, two]) == "personal_batch"
    assert kind_of([firm]) == kind_of([firm, claim("C2", "D3", None)]) == "corporate_single"
    assert kind_of([firm, claim("C3", "D4", True)]) == "corporate_batch"
    with pytest.raises(InvalidInput, match="do not go into one package") as refused:
        kind_of([one, firm, two])
    assert refused.value.where == "2 of 3 personal: P1, P2"


def test_what_is_bid_is_measured_by_what_was_valued(manager: Any, browser: Any, typed: Any) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.sealing import seal

    m, day = 100_000_000, date(2024, 12, 31)
    frozen = {"package_id": "PK-PART", "advanced_costs": 0}
    facts = {
        "packages": [
            {
                "id": "PK-PART",
                "name": "part",
                "seller_id": "B1",
                "status": "closed",
                "kind": "corporate_batch",
                "base_on": day,
                "debtors": 2,
            }
        ],
        "package_items": [
            {"id": "PP1", **frozen, "claim_id": "CL1", "party_id": "D1", "principal": 5 * m, "interest": m},
            {"id": "PP2", **frozen, "claim_id": "CL-OLD", "party_id": "D2", "principal": 3 * m, "interest": m},
        ],
    }
    with acting(manager.org, manager.person, "import"):
        seal({t: typed(t, rows) for t, rows in facts.items()}, idempotency_key="part", observed_until=date(2025, 6, 30))
    client = browser(manager.email)
    text = words_of(body(client.get("/console/packages/PK-PART")))
    assert "估值覆盖（按金额） 60.0 %" in text  # 6 of 10 m
    said = re.search(r"最高报价合计 ([\d,.]+)元", text)
    assert said is not None
    bid = float(said[1].replace(",", ""))
    # Of the 5 m principal and 6 m debt of the claim that was valued, not of the 8 and 10 m of both.
    shares = [f"{int(bid / of * 1000 + 0.5) / 10} %" for of in (5_000_000, 6_000_000)]
    assert f"占已估值部分冻结本金 {shares[0]} · 占已估值部分冻结本息费 {shares[1]}" in text


def test_value_bid_and_each_step_of_the_bid_open(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    listed, page = (body(client.get(a)) for a in ("/console/packages", "/console/packages/PK1"))
    assert all(f'hx-get="/console/why/package/PK1?of={code}"' in listed for code in ("value", "bid"))
    opened = []
    for code in ("at_target_return", "minus_management", "minus_haircut", "maximum_bid"):
        assert f"/console/why/package/PK1?of={code}" in page
        text = words_of(body(client.get(f"/console/why/package/PK1?of={code}", headers={"hx-request": "true"})))
        said = re.search(r"2 笔合计 (−?[\d,.]+)元", text)
        assert said is not None, code
        opened.append(round(float(said[1].replace(",", "").replace("−", "-")) * 100))
    assert sum(opened[:3]) == opened[3] > 0


def test_a_price_is_authorised_by_another(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    address = "/console/packages/PK1"
    dear = client.post(address, {"action": "ask", "price": "9000000"})
    assert (dear.status_code, "above the sum of maximum bids" in body(dear)) == (422, True)
    assert client.post(address, {"action": "ask", "price": "2500000.00"}).status_code == 302
    assert "2,500,000.00元" in body(client.get(address))
    approver = browser(manager.people["approver"])
    (asked,) = re.findall(r'name="proposal" value="([^"]+)"', body(approver.get(address)))
    # The price is taken back and another asked for while the approver looks at the first.
    client.post("/console/tasks/proposals/" + quote(asked) + "/withdraw", {"reason": "x"})
    dearer = client.post(address, {"action": "ask", "price": "8000000.00", "reason": "另有买家"})
    assert dearer.status_code == 302
    assert approver.post(address, {"action": "approve", "proposal": asked}).status_code == 422
    assert "<td>已批准</td>" not in body(client.get(address))
    page = body(approver.get(address))
    (now,) = re.findall(r'name="proposal" value="([^"]+)"', page)
    assert now != asked and "8,000,000.00元" in page and "另有买家" in page
    assert approver.post(address, {"action": "approve", "proposal": now}).status_code == 302
    assert "<td>已批准</td>" in body(client.get(address))


def test_who_may_not_sell_sees_no_packages(manager: Any, browser: Any, stranger: str) -> None:
    assert browser(manager.people["lawyer"]).get("/console/packages").status_code == 404
    assert browser(manager.people["collector"]).get("/console/packages/PK1").status_code == 404
    auditor = browser(manager.people["auditor"])
    assert "封存一个资产包" not in body(auditor.get("/console/packages"))
    assert auditor.post("/console/packages", {"id": "X", "claim": "CL3", "base_on": "2025-06-30"}).status_code == 404
    assert browser(stranger).get("/console/packages/PK1").status_code == 404


def test_the_wall_names_what_is_lost_and_what_can_be_done(manager: Any, browser: Any) -> None:
    text = words_of(body(browser(manager.email).get("/console/deadlines")))
    missed = text[text.index("已过的期限，还能做什么") :]
    assert "债务人同意履行、部分清偿或签收对账的，时效重新计算" in missed
    assert "240.00 万元" in missed
    assert "未来九十日" in text


def test_the_strip_has_a_bar_for_each_day_that_ends_something(manager: Any, browser: Any) -> None:
    text = body(browser(manager.email).get("/console/deadlines"))
    titles = re.findall(r"<title>(\d{4}-\d\d-\d\d)：(\d+) 项权利届满</title>", text)
    assert ("2025-07-10", "1") in titles  # asking for the confirmation of MD1
    assert ("2025-07-20", "1") in titles  # the waiting seizure


def test_notice_is_taken_by_whom_it_went_to(manager: Any, browser: Any) -> None:
    from panhuo_server.flows.reminding import STREAM, deadline_id
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting
    from panhuo_server.store.events import NewEvent

    name = deadline_id("seizure_expiry", "Z3", date(2025, 7, 20))
    said = {"kind": "seizure_expiry", "entity": "Z3", "last_day": "2025-07-20", "to": manager.person}
    with acting(manager.org, manager.person, "recovery"):
        events.append(STREAM, name, [NewEvent("reminded", said)], seen=0, idempotency_key="test reminded")
    client, other = browser(manager.email), browser(manager.people["lawyer"])
    assert f'name="deadline" value="{name}"' in body(client.get("/console/deadlines"))
    assert f'name="deadline" value="{name}"' not in body(other.get("/console/deadlines"))
    assert other.post("/console/deadlines/notice", {"deadline": name}).status_code == 404
    assert client.post("/console/deadlines/notice", {"deadline": name}).status_code == 302
    assert f'value="{name}"' not in body(client.get("/console/deadlines"))
    assert "已知悉" in body(client.get("/console/deadlines?f.notice=acknowledged"))
    assert client.post("/console/deadlines/notice", {"deadline": "nothing"}).status_code == 404
