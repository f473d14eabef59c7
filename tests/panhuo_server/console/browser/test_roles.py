"""The console in a real browser, as each role of the demonstration meets it.

One server and one browser serve the whole file. PANHUO_BROWSER=full looks at every page in both languages and sizes;
otherwise each is looked at in Chinese on a desk and in English on a phone. Pictures go to build/screenshots.
"""

from __future__ import annotations

import gzip
import os
import random
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from browsing import DESK, PHONE, Seats, Sitting
from command import panhuo

pytestmark = pytest.mark.slow
OFFICER, MANAGER, LAWYER, MEDIATOR = (
    "officer@bank.example", "manager@amc.example", "lawyer@amc.example", "mediator@mediation.example",
)  # fmt: skip
INVESTOR, AUDITOR, BORROWER, JUDGE = (
    "investor@fund.example", "auditor@bank.example", "borrower@firm.example", "judge@court.example",
)  # fmt: skip
EVERYBODY = (OFFICER, MANAGER, LAWYER, MEDIATOR, INVESTOR, AUDITOR, BORROWER, JUDGE, "approver@bank.example",
             "supervisor@supervision.example")  # fmt: skip
EVERY_WAY = [("zh", DESK), ("en", PHONE), ("en", DESK), ("zh", PHONE)]
FULL = os.environ.get("PANHUO_BROWSER") == "full"
WAYS = [*EVERY_WAY, ("en", (360, 740)), ("zh", (1920, 1080))] if FULL else EVERY_WAY[:2]
SAME_EVERYWHERE = ("applications", "book", "evidence", "import", "models", "network", "night", "people", "requests",
                   "rules", "settings", "shares", "tasks", "warnings")  # fmt: skip
NUMBERS = int(os.environ.get("PANHUO_NUMBERS", "25"))
COMPUTED = ("/console/why/paper/", "/console/why/debt/", "/console/why/package/", "/console/why/customer/",
            "/console/why/loan/", "/console/why/ledger", "as=sum")  # fmt: skip
"""Numbers worked out as somebody asks (an unsigned paper, the debt calculator, a package today, a total over facts):
they open to their parts; nothing is sealed that a receipt could prove but those."""
PAGE_BYTES, CHART_BYTES = 150 * 1024, 200 * 1024

PATHS: dict[str, tuple[str, ...]] = {
    OFFICER: ("nav.rail a[href='/console/book']", "main .sheet tbody a.n, main .figures a.n"),
    MANAGER: ("nav.rail a[href='/console/claims']", "main .sheet tbody td:first-child a", "main a.n"),
    LAWYER: ("nav.rail a[href='/console/deadlines']", "main .sheet tbody a.n"),
    MEDIATOR: ("main a[href^='/console/cases/mediation/']",),
    INVESTOR: ("main a[href^='/console/offers/package/']", "main a[href^='/console/offers/claim/']"),
    AUDITOR: ("nav.rail a[href='/console/book']", "main .figures a.n"),
    BORROWER: ("nav.rail a[href='/console/mine/data']", "main a[href='/console/mine/readers']"),
    JUDGE: ("nav.rail a[href='/console/cases']", "main a[href^='/console/cases/proceeding/']"),
}
"""Each role's main path from Today: what is clicked, one after the other."""


def axe() -> str:
    """The axe-core engine's script."""
    base = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")
    return str(base.AXE_SCRIPT)


@pytest.fixture(scope="module")
def looked_at() -> set[tuple[str, str]]:
    """(kind of page, way) that was looked at already: the lawyer's claims are the asset manager's."""
    return set()


def kind_of(email: str, path: str) -> str:
    """A page is looked at once an organisation, the first page and the walk once a person, a room that is the same
    everywhere once; looking at everything, each of them once an organisation."""
    room = path.removeprefix("/console/")
    if room in ("", "walk"):
        return f"{email} {path}"
    return path if room in SAME_EVERYWHERE and not FULL else f"{email.split('@')[1]} {path}"


@pytest.mark.parametrize("email", EVERYBODY)
def test_every_page_of_the_rail_is_whole_in_both_languages_and_sizes(
    seats: Seats, looked_at: set[tuple[str, str]], email: str
) -> None:
    wrong: list[str] = []
    for language, size in WAYS:
        with seats.sitting(email, language, size) as sitting:
            sitting.open("/console/")
            for path in ["/console/", "/console/walk", *sitting.rail()[1:]]:
                place = (kind_of(email, path), f"{language} {size[0]}")
                if place in looked_at:
                    continue
                looked_at.add(place)
                sitting.open(path)
                sitting.shoot(path)
                said = f"{email} {path} {language} {size[0]}: "
                wrong += [said + fault for fault in sitting.faults(axe())]
                if (by := sitting.overflow()) > 0:
                    wrong.append(f"{said}{by} pixels wider than the screen")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("email", PATHS)
def test_the_main_path_of_each_role_takes_three_clicks_at_most(seats: Seats, email: str) -> None:
    for language, size in EVERY_WAY:
        with seats.sitting(email, language, size) as sitting:
            sitting.open("/console/")
            for step in PATHS[email]:
                sitting.click(sitting.page.locator(step).first)
            assert sitting.clicks <= 3
            if PATHS[email][-1].endswith("a.n"):
                assert sitting.drawer().locator(".sentence").inner_text()
            sitting.shoot(f"{urlsplit(sitting.page.url).path}-reached")


def test_the_walk_leads_to_this_very_data(seats: Seats) -> None:
    for email in (OFFICER, MANAGER, BORROWER, INVESTOR, MEDIATOR):
        with seats.sitting(email, "en") as sitting:
            sitting.open("/console/")
            sitting.click(sitting.page.locator(".demo a"))
            goes = sitting.page.eval_on_selector_all(".walk a.do", "all => all.map(a => a.getAttribute('href'))")
            assert len(goes) >= 2, email
            for path in goes:
                sitting.open(path)
            sitting.open("/console/walk")
            sitting.page.click(".demo button")
            sitting.page.wait_for_load_state("load")
            assert sitting.page.locator(".demo").count() == 0


def test_signing_in_says_where_the_sign_ins_are_and_refuses_a_wrong_password(seats: Seats) -> None:
    context = seats.browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN")
    page = context.new_page()
    page.goto(seats.address + "/console/sign-in")
    assert "sign-ins.txt" in page.locator("main").inner_text()
    page.fill("#email", OFFICER)
    page.fill("#password", "not this one")
    page.click("button.do")
    page.locator("main [role=alert].fault").wait_for()
    sitting = Sitting(page, seats.address, "zh", "nobody")
    sitting.shoot("/console/sign-in")
    assert not sitting.faults(axe())
    context.close()


def _links(sitting: Sitting) -> list[str]:
    found = sitting.page.eval_on_selector_all(
        "main a[href^='/console/'], nav.rail a",
        "all => all.filter(a => !a.hasAttribute('download')).map(a => a.getAttribute('href').split('#')[0])",
    )
    leave = ("/console/why/", "/console/static/", "/console/claims/facts/", "as=", "/console/kit")
    return sorted({str(path) for path in found if not any(part in path for part in leave)})


def _crawl(sitting: Sitting, wanted: int, chance: random.Random) -> tuple[int, list[str]]:
    """Opens pages at random, a number of each in the drawer, and verifies it there; returns how many, and receipts."""
    sitting.open("/console/")
    known, done, receipts, checked = set(_links(sitting)), set(), [], 0
    while checked < wanted and (ahead := sorted(known - done)):
        kinds: dict[str, list[str]] = {}
        for path in ahead:
            kinds.setdefault(re.sub(r"[^/?&=]*\d[^/?&=]*", "#", path.split("?")[0]), []).append(path)
        path = chance.choice(kinds[chance.choice(sorted(kinds))])
        done.add(path)
        sitting.open(path)
        known |= set(_links(sitting))
        numbers = sitting.page.locator("main a.n:visible")
        count = numbers.count()
        if not count:
            continue
        number = numbers.nth(chance.randrange(count))
        said = f"{path}: {number.get_attribute('href')}"
        try:
            number.click()
            drawer = sitting.drawer()
            if drawer.locator(".sides").count():  # what moved opens to before and after; each side's receipt is a row's
                checked += 1
                continue
            if not drawer.locator(".proof").count():
                address = str(number.get_attribute("href"))
                assert any(part in address for part in COMPUTED), "it has no receipt"
                assert drawer.locator(".sentence").inner_text()
                parts = drawer.locator(".bars a[href^='/console/why/']")
                if not parts.count():
                    continue
                parts.nth(chance.randrange(parts.count())).click()
                drawer.locator(".proof").wait_for()
            receipts.append(sitting.verified())
        except Exception as error:
            raise AssertionError(f"{said}: {error}") from error
        checked += 1
    return checked, receipts


def test_any_number_opens_and_its_receipt_verifies_here_and_with_the_library(
    seats: Seats, demonstration: tuple[str, Path], tmp_path: Path
) -> None:
    from panhuo.trust.evidence.keys import trusted_keys
    from panhuo.trust.evidence.receipts import verify

    checked = 0
    for email, org, share in ((OFFICER, "self", 0.6), (MANAGER, "amc", 0.4)):
        with seats.sitting(email, "zh") as sitting:
            count, receipts = _crawl(sitting, round(NUMBERS * share), random.Random(f"numbers {email}"))
        book = demonstration[1] / "data" / "books" / org
        keys = trusted_keys(None, book)
        verdicts = [verify(receipt.encode(), keys) for receipt in receipts]
        assert all(v.valid for v in verdicts), [v.reason for v in verdicts if not v.valid]
        (tmp_path / f"{org}.json").write_text(receipts[0], encoding="utf-8")
        said = panhuo("verify", tmp_path / f"{org}.json", "--key", book / "keys")
        assert said["valid"] is True and said["entry"]["org"] == org
        checked += count
    print(f"{checked} numbers on as many pages opened and verified")
    assert checked == round(NUMBERS * 0.6) + round(NUMBERS * 0.4)


def test_a_page_weighs_little_and_charts_come_only_where_there_are_some(seats: Seats) -> None:
    heaviest: list[tuple[int, str]] = []
    for email in (OFFICER, MANAGER, BORROWER):
        with seats.sitting(email) as sitting:
            sitting.open("/console/")
            for path in sitting.rail():
                asked = sitting.page.context.request
                text = asked.get(sitting.address + path).text()
                files = set(re.findall(r"/console/static/[^\"']+\.(?:css|js)", text))
                own = {one: len(gzip.compress(asked.get(sitting.address + one).body(), 6)) for one in sorted(files)}
                charts = {one: size for one, size in own.items() if "echarts" in one}
                size = len(gzip.compress(text.encode(), 6)) + sum(own.values()) - sum(charts.values())
                assert size <= PAGE_BYTES, (path, size, own)
                assert sum(charts.values()) <= CHART_BYTES, (path, charts)
                assert not charts or "data-chart" in text, f"{path} brings charts and draws none"
                heaviest.append((size, path))
    print("heaviest page:", max(heaviest))
