"""A claim's page: security, seizures, rights, chain, cases and questions are the facts' own; the ledger takes steps."""

from __future__ import annotations

import re
from typing import Any

import pytest

from console_answers import body


def section(text: str, heading: str) -> str:
    """The part of a page under a heading, up to the next one of its level."""
    start = text.index(heading)
    end = text.find("<h2", start + 1)
    return text[start : end if end > 0 else len(text)]


def words_of(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_security_rank_cap_and_first_seizure(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    golden = words_of(section(body(client.get("/console/claims/CL1")), "担保与顺位"))
    assert "厂房 A1 8,000,000.00 2025-03-01 1 6,000,000.00 0.00 0.00 本方 否" in golden
    assert "首封 1 本方 甲法院 — 2024-01-10 2027-01-09 2027-01-09 有效" in golden
    other = words_of(section(body(client.get("/console/claims/CL2")), "担保与顺位"))
    assert "3,000,000.00 2024-02-01 1 — 0.00 0.00 他人 是 承租人" in other
    assert "轮候 2 本方 甲法院 — 2024-07-10 2025-07-20 2025-07-20 三十日内到期" in other
    assert "12,000.00" in other  # the lease's monthly rent


def test_the_chain_and_who_was_told(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    whole = words_of(section(body(client.get("/console/claims/CL1")), "转让链与通知完整性"))
    assert "链条完整，均已有据通知" in whole
    assert "D1 债务人 已通知，送达有据" in whole
    broken = words_of(section(body(client.get("/console/claims/CL2")), "转让链与通知完整性"))
    assert "第 1 手未见合同原件；1 人未见通知；1 人只有偏弱的通知证据" in broken
    assert "G1 保证人 未见通知" in broken


def test_every_right_with_its_evidence(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    golden = words_of(section(body(client.get("/console/claims/CL1")), "时效、保证期间与其他期限"))
    assert re.search(r"查封到期 Z1 进行中 2027-01-09 558", golden)
    lost = words_of(section(body(client.get("/console/claims/CL2")), "时效、保证期间与其他期限"))
    assert re.search(r"诉讼时效 CL2 已过 2022-01-10", lost)  # three years from 2019-01-10
    assert "2,400,000.00" in lost
    assert re.search(r"查封到期 Z3 三十日内 2025-07-20 20", lost)


def test_cases_in_order_and_what_was_ordered(manager: Any, browser: Any) -> None:
    text = words_of(section(body(browser(manager.email).get("/console/claims/CL1")), "案件进程"))
    assert text.index("（2023）浙01民初1号 甲法院 已生效") < text.index("（2024）浙01执1号 甲法院 已立案")
    assert "5,000,000.00" in text


CHECKS = {
    "Q-CHAIN", "Q-BARRED", "Q-NOTICE", "Q-NOTICE-WEAK", "Q-STATED", "Q-PASSED", "Q-APPRAISAL-OLD", "Q-OCCUPIER",
    "Q-INSPECTED", "Q-WAITING", "Q-LEASE", "Q-RESOLUTION", "Q-PARTY",
}  # fmt: skip
"""What the troubled claim's facts leave open: written down when they were made, before the checks."""


def test_questions_follow_from_what_is_missing_or_contradictory(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    asked = section(body(client.get("/console/claims/CL2")), "向卖方提问")
    assert set(re.findall(r"Q-[A-Z-]+", asked)) == CHECKS
    assert "事实齐全且一致" in section(body(client.get("/console/claims/CL1")), "向卖方提问")
    addresses = {a.replace("&amp;", "&") for a in re.findall(r'hx-get="([^"]+)"', asked)}
    assert len(addresses) > 8
    for address in sorted(addresses):
        answer = client.get(address, headers={"hx-request": "true"})
        assert answer.status_code == 200, address
        assert 'class="receipt"' in body(answer), address


def test_the_debtors_sheet_gathers_them(manager: Any, browser: Any) -> None:
    client = browser(manager.email)
    text = words_of(body(client.get("/console/claims/debtors/D2")))
    assert "CL2" in text
    assert "被吊销" in text or "吊销" in text
    assert "G1 企业" in text
    assert "2,400,000.00元" in text
    golden = words_of(body(client.get("/console/claims/debtors/D1")))
    assert "5,000,000.00 5,000,000.00 5,000,000.00 0.00" in golden  # principal stated, ordered, computed, difference
    assert client.get("/console/claims/debtors/G1").status_code == 404


def take(client: Any, claim: str, kind: str, action: str = "take", **given: str) -> Any:
    page = body(client.get(f"/console/claims/{claim}"))
    seen = re.search(r'name="seen" value="(\d+)"', page)
    return client.post(
        f"/console/claims/{claim}/ledger",
        {"kind": kind, "action": action, "seen": seen[1] if seen else "0", "on": "2025-06-30", **given},
    )


def test_the_ledger_from_handing_over_to_a_restructuring(manager: Any, browser: Any) -> None:
    from panhuo_server.flows import approving
    from panhuo_server.store.acting import acting

    client = browser(manager.email)
    assert take(client, "CL2", "hand_over", responsible=manager.person).status_code == 302
    assert take(client, "CL2", "accept").status_code == 302
    bare = take(client, "CL2", "restructure")
    assert (bare.status_code, "approved proposal" in body(bare)) == (400, True) or bare.status_code == 422
    assert take(client, "CL2", "restructure", "propose").status_code == 302
    twice = take(client, "CL2", "restructure", "propose")
    assert twice.status_code in (400, 422)
    from panhuo_server.store import holders

    with acting(manager.org, manager.person, "recovery"):
        (checker,) = holders.with_role("approver")
    with acting(manager.org, checker, "approval"):
        approving.answer("case CL2 1", "approve", idempotency_key="test approve")
    assert take(client, "CL2", "restructure", approval="case CL2 1").status_code == 302
    text = words_of(section(body(client.get("/console/claims/CL2")), "全流程台账"))
    assert "现状 重组" in text
    assert re.search(r"1 移交 未入库 移交 2025-06-30 p-\w+ p-\w+ — —", text)
    assert re.search(r"3 重组 日常管理 重组 2025-06-30 p-\w+ p-\w+ — case CL2 1", text)
    back = take(client, "CL2", "fail_restructuring")
    assert back.status_code in (400, 422)  # says no reason
    assert take(client, "CL2", "fail_restructuring", reason="债务人再次逾期").status_code == 302
    assert "债务人再次逾期" in body(client.get("/console/claims/CL2"))


def test_who_may_not_take_steps_is_offered_none(manager: Any, browser: Any) -> None:
    collector = browser(manager.people["collector"])
    text = body(collector.get("/console/claims/CL3"))
    assert "全流程台账" in text
    assert "/console/claims/CL3/ledger" not in text
    assert take(collector, "CL3", "hand_over", responsible=manager.person).status_code == 404


ADDRESSES = [
    "/console/claims/{}", "/console/claims/{}/debt", "/console/claims/{}/paper", "/console/claims/{}/paper/try",
    "/console/why/debt/{}", "/console/why/paper/{}?cell=value", "/console/why/fact/claims/{}",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_anothers_claim_and_no_claim_are_the_same_404(manager: Any, stranger: str, browser: Any, address: str) -> None:
    client = browser(stranger)

    def answer(claim: str) -> tuple[int, str]:
        found = client.get(address.format(claim))
        return found.status_code, re.sub(r'csrfmiddlewaretoken" value="\w+"', "", body(found)).replace(claim, "")

    one, other = answer("CL1"), answer("CL-NONE")
    assert one == other
    assert one[0] == 404
    assert browser().get(address.format("CL1")).status_code == 302


PAGES = [
    "/console/claims", "/console/claims/CL1", "/console/claims/CL2", "/console/claims/CL1/debt",
    "/console/claims/CL1/paper",
    "/console/claims/debtors/D2", "/console/claims/seizures", "/console/claims/cases", "/console/claims/mediations",
    "/console/packages", "/console/packages/PK1", "/console/deadlines", "/console/why/fact/seizures/Z1?cell=expires_on",
    "/console/why/debt/CL1?component=penalty", "/console/why/package/PK1?of=debt", "/console/why/paper/CL1?cell=value",
]  # fmt: skip
_CHINESE = "手工资产管理|借字00\\d|一号包|新包|（202\\d）浙01\\w+号|[甲乙]法院|调解中心"
"""What the facts themselves say in Chinese."""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_pages_are_whole_in_both_languages(manager: Any, browser: Any, address: str, language: str) -> None:
    import gzip

    answer = browser(manager.email, **{"accept-language": language}).get(address)
    text = body(answer)
    assert answer.status_code == 200
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son[a-z]+=", text)
    assert len(gzip.compress(text.encode())) < 60 * 1024
    if language == "en":
        shown = re.sub(r"<[^>]+>", " ", re.sub('lang="zh-CN">中文|银登', "", text))
        shown = re.sub(_CHINESE, "", re.sub("二拍流拍较多|外地处置|新报价|债务人再次逾期|另有买家", "", shown))
        assert re.findall(r"[\u4e00-\u9fff]+", shown) == []
