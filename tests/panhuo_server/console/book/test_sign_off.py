"""Classes signed off: one proposes, another decides, and a later night binds both."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from console_answers import body, plain, yuan

pytestmark = pytest.mark.slow

PASSWORD = "long enough secret"


def test_classes_are_signed_off_by_two_people(
    bank: Any, browser: Any, held: Any, queue: Any, colleague: Any
) -> None:  # fmt: skip
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.reading import facts_of

    here = "/console/book/classes"
    officer, committee = browser(bank.email), browser(colleague(bank, "committee"))
    bad = [r for r in held("=classes") if r["class"] == "loss"]
    assert bad
    page = body(officer.get(f"{here}?f.class=loss"))
    given = re.search(r'name="given" value="([^"]*)"', page)
    assert given is not None
    assert f"按系统判定提交这 {len(bad)} 笔认定" in re.sub(r"\s+", " ", plain(page))
    assert "按系统判定提交" not in body(committee.get(here))
    asked = body(officer.post(f"{here}/propose", {"given": html.unescape(given[1])}))
    assert yuan(sum(r["balance"] for r in bad)) in asked
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked))
    fields = {name: html.unescape(value) for name, value in fields.items() if name != "csrfmiddlewaretoken"}
    assert fields["count"] == str(len(bad))
    assert officer.post(f"{here}/propose", fields | {"count": "1"}).status_code == 409
    sent = officer.post(f"{here}/propose", fields)
    review = sent.headers["Location"]
    waits = body(officer.get(f"{here}?f.sign_off=waiting"))
    assert f"五级分类认定表 <small>{len(bad)}" in waits
    assert "批准" not in re.findall(r"<button[^>]*>([^<]*)<", body(officer.get(review)))
    assert officer.post(f"{review}/approve", {"sure": "yes"}).status_code == 404
    assert yuan(sum(r["balance"] for r in bad)) in body(committee.post(f"{review}/approve"))
    with acting(bank.org, bank.person, "monitoring"):
        before = len(facts_of("class_decisions"))
    committee.post(f"{review}/approve", {"sure": "yes"})
    with acting(bank.org, bank.person, "monitoring"):
        rows = facts_of("class_decisions").to_pylist()
    mine = [r for r in rows if r["source_doc"] == f"class review {review.rpartition('/')[2]}"]
    assert len(rows) - before == len(mine) == len(bad)
    assert {(r["drawdown_id"], r["final"]) for r in mine} == {(r["drawdown_id"], "loss") for r in bad}
    assert "封存于批次" in plain(body(committee.get(review)))


def test_one_loan_is_put_lower_with_a_reason_and_taken_back(
    bank: Any, browser: Any, held: Any, queue: Any
) -> None:  # fmt: skip
    officer = browser(bank.email)
    order = ["normal", "special_mention", "substandard", "doubtful", "loss"]
    for name in ("loss", "normal"):
        row = next(r for r in held("=classes") if r["class"] == name)
        address = f"/console/loans/{row['drawdown_id']}"
        if name == "loss":  # never better than the rules allow, asked or sure
            for sure in ({}, {"sure": "yes"}):
                given = {"class": "doubtful", "reason": "x", **sure}
                assert officer.post(f"{address}/class", given).status_code == 422
    offer = body(officer.get(address)).partition('id="decide"')[2].partition("</form>")[0]
    assert re.findall(r'<option value="(\w+)">', offer) == order
    assert officer.post(f"{address}/class", {"class": "loss"}).status_code == 422
    asked = body(officer.post(f"{address}/class", {"class": "loss", "reason": "停产"}))
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked))
    del fields["csrfmiddlewaretoken"]
    assert "其中 1 笔低于系统判定" in asked
    review = officer.post(f"{address}/class", fields).headers["Location"]
    page = body(officer.get(review))
    assert "停产" in page
    assert f'action="{review}/withdraw"' in page
    assert "正在待复核" in body(officer.get(address))
    officer.post(f"{review}/withdraw")
    assert "已撤回" in body(officer.get(review))
    assert "正在待复核" not in body(officer.get(address))


def test_what_a_later_night_does_not_allow_is_neither_approved_nor_sealed(
    bank: Any, browser: Any, held: Any, queue: Any, colleague: Any
) -> None:  # fmt: skip
    from panhuo_server.accounts import invitations
    from panhuo_server.accounts.acting import acting
    from panhuo_server.flows import approving
    from panhuo_server.flows.class_decisions import Line, propose_classes, review_of

    row = next(r for r in reversed(held("=classes")) if r["class"] == "loss")
    day = held("as_of")[0]["as_of"]
    # As an earlier night allowed it: the latest asks for loss.
    lines = [Line(row["drawdown_id"], row["party_id"], "normal", "normal", row["route"], 1)]
    with acting(bank.org, bank.person, "monitoring"):
        propose_classes("stale", lines, run="before", decided_on=day, currency="CNY")
    approver = browser(colleague(bank, "approver"))
    page = "/console/book/classes/reviews/stale"
    assert approver.post(f"{page}/approve", {"sure": "yes"}).status_code in (409, 422)
    with acting(bank.org, bank.person, "monitoring"):
        assert review_of("stale").proposal.status == "open"
    with acting(bank.org, bank.person, "administration"):
        link = invitations.invite("second-approver@bank.example", "approver").link
    person = invitations.accept_as_new(link, "同事", PASSWORD)
    with acting(bank.org, person, "approval"):
        approving.answer("class stale", "approve", idempotency_key="stale by itself")
    assert approver.post(f"{page}/seal").status_code in (409, 422)
    with acting(bank.org, bank.person, "monitoring"):
        assert review_of("stale").sealed is None
