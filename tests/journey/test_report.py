"""The report: one file that asks for nothing, in both languages, tied to the ledger, in which every number opens.

What a number opens to is added up again here from the page alone: the rows listed and the named remainder must give the
number shown, a share must be its numerator over its denominator, a cell must stand in the row it opens.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from command import panhuo
from page_reading import read_page
from panhuo.verbs import why

LARGEST_PAGE = 6_000_000
# Digits that are no number of the book: a rule's name and its threshold, the longest ring looked for, days of the page.
DEFINITIONS = (
    r"R004（逾期超过30天）",
    r"R004 \(more than 30 days past due\)",
    r"R004",
    r"长度不超过 6 的",
    r"of length up to 6",
    r"\d{4}-\d\d-\d\d",
)


def run_report(night: dict[str, Any], folder: Path, org: str) -> str:
    made = panhuo("run", night["book"], "--out", folder, "--org", org)
    assert made["report"] == str(folder / "report.html")
    return Path(made["report"]).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def report(night: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    return run_report(night, tmp_path_factory.mktemp("report") / "result", "self")


@pytest.fixture(scope="module")
def manager(night: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The asset manager's report on the claims it bought."""
    return run_report(night, tmp_path_factory.mktemp("manager") / "result", "amc")


def whole(text: str) -> int | None:
    """An attribute that holds an integer."""
    return int(text) if re.fullmatch(r"-?\d+", text) else None


def shown(text: str) -> tuple[Decimal, Decimal] | None:
    """What a Chinese amount, count or share says, and by how much its last place may be off."""
    found = re.search(r"([-−+]?)([\d,]+)(\.\d+)?\s*(万元|亿元|元|%)?", text)
    if found is None:
        return None
    scale = {"万元": 1_000_000, "亿元": 10_000_000_000, "元": 100, "%": 10_000}.get(found[4] or "", 1)
    digits = found[2].replace(",", "") + (found[3] or "")
    last = Decimal(1).scaleb(-len((found[3] or ".")[1:])) * scale
    return Decimal(("-" if found[1] in ("-", "−") else "") + digits) * scale, last / 2


def complaints(text: str) -> list[str]:
    """Every number of the page that does not open to what it is made of."""
    root, unclosed = read_page(text)
    found = [f"not closed: {place}" for place in unclosed]
    drawers = {d.get("id"): d for d in root.all("aside", "why")}
    main = next(n for n in root.walk() if n.tag == "body")
    # 1. no digit of a cell, figure, note or picture's amount stands outside what opens
    for node in main.walk():
        if node.within("why", "mono", "script", "svg"):
            continue
        kinds = set(node.get("class").split())
        if node.tag == "td" or (node.tag != "th" and kinds & {"number", "amount", "note", "facts", "legend"}):
            name_of_row = node.tag == "td" and node.parent is not None and node is node.parent.inside[0]
            for language in ("zh", "en"):
                left = node.text_outside_links(language)
                for kept in DEFINITIONS:
                    left = re.sub(kept, "", left)
                if re.search(r"\d", left) and not name_of_row:
                    found.append(f"does not open: {left.strip()!r}")
    # 2. what opens gives back the number
    links = [n for n in main.walk() if n.tag == "a" and re.fullmatch(r"#w\d+", n.get("href"))]
    for link in links:
        drawer, kind, value = drawers.get(link.get("href")[1:]), link.get("data-k"), whole(link.get("data-v"))
        name = f"{link.get('href')} {link.text()!r}"
        if drawer is None:
            found.append(f"opens nothing: {name}")
            continue
        rows = [n for n in drawer.all("tr") if n.get("data-n")]
        amounts = [int(n.get("data-v")) for n in rows if whole(n.get("data-v")) is not None]
        if kind == "sum" and sum(amounts) != value:
            found.append(f"{name} is {value}, its rows give {sum(amounts)}")
        if kind == "count" and sum(int(n.get("data-n")) for n in rows) != value:
            found.append(f"{name} counts {value}, {sum(int(n.get('data-n')) for n in rows)} rows are behind it")
        if kind == "share" and value is not None:
            part, over = int(drawer.get("data-num")), int(drawer.get("data-den"))
            if amounts != [part, over] or over <= 0 or abs(Decimal(part) * 10**6 / over - value) > Decimal("0.5"):
                found.append(f"{name} is {value} ppm, not {part} / {over}")
        if kind == "row":
            cells = {n.get("data-c"): n.get("data-v") for n in drawer.all("dd")}
            if not cells or (link.get("data-c") and link.get("data-v") != cells.get(link.get("data-c"), "")):
                found.append(f"{name} does not stand in its row")
        if kind in ("sum", "count") and value and not rows:
            found.append(f"{name} opens an empty list")
        says = shown(link.text()) if kind in ("sum", "count", "share") and not link.within("amount") else None
        if says is not None and value is not None and abs(says[0] - value) > says[1]:
            found.append(f"{name} reads as {says[0]}, is {value}")
        if not drawer.text().strip() or (kind and not drawer.all("h4")[0].text().strip()):
            found.append(f"{name} opens without a word")
    return found


def test_every_number_opens_to_what_it_is_made_of(report: str) -> None:
    assert complaints(report) == []
    root, _ = read_page(report)
    kinds = [n.get("data-k") for n in root.all("a", "n")]
    assert min(kinds.count(kind) for kind in ("sum", "count", "share", "row")) > 20


def test_every_number_of_the_asset_manager_opens(manager: str) -> None:
    assert complaints(manager) == []
    assert "债权价值合计" in manager and "从债权总额到价值" in manager


@pytest.mark.parametrize(
    ("pattern", "replacement", "complaint"),
    [
        (r'(<td class="number">)<a class="n"[^>]*data-k="count"[^>]*>([\d,]+)</a>', r"\1\2", "does not open"),
        (r'data-k="sum" data-v="(\d+)"', r'data-k="sum" data-v="1\1"', "its rows give"),
        (r'data-k="count" data-v="(\d+)"', r'data-k="count" data-v="1\1"', "rows are behind it"),
        (r'data-num="(\d+)"', r'data-num="1\1"', "not 1"),
        (r'<dd data-c="principal" data-v="\d+">', '<dd data-c="principal" data-v="7">', "does not stand in its row"),
        (r'id="w3"', 'id="gone"', "opens nothing"),
    ],
)  # fmt: skip
def test_the_walk_sees_what_is_wrong(report: str, pattern: str, replacement: str, complaint: str) -> None:
    """The page with one thing broken: the walk above must say so."""
    broken, times = re.subn(pattern, replacement, report)
    assert times > 0
    assert any(complaint in found for found in complaints(broken))


def test_what_opens_says_where_it_comes_from(report: str) -> None:
    root, _ = read_page(report)
    for drawer in root.all("aside", "why"):
        source = drawer.all("p", "source")[0].text()
        if "结果" in source:
            assert re.search(r"receipts/\w+\.json", source) and re.search(r"[0-9a-f]{64}", source)


def test_the_commands_on_the_page_work(report: str, night: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """`panhuo why` as the page writes it, in the folder of the result."""
    commands = sorted(set(re.findall(r"panhuo why (\./\w+) ([^<\s]+)<", report)))
    assert len(commands) > 50
    monkeypatch.chdir(night["out"])
    first = {name: next(k for n, k in commands if n == name) for name in sorted({name for name, _ in commands})}
    for outcome, key in first.items():
        assert why.run(outcome, key)["outcome"] == outcome.removeprefix("./")
    outcome, key = next(iter(first.items()))
    assert panhuo("why", outcome, key)["outcome"] == outcome.removeprefix("./")  # as a process of its own, once


def test_the_page_is_whole_and_asks_for_nothing(report: str) -> None:
    root, unclosed = read_page(report)
    assert unclosed == []
    outside = [n for n in root.walk() for name in ("src", "href") if n.get(name) and not n.get(name).startswith("#")]
    assert outside == []
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", report) == []
    assert "@import" not in report and "url(" not in report.replace("url(#arrow)", "")
    assert len(report.encode()) < LARGEST_PAGE / 4


def test_both_languages_say_the_same_number_of_things(report: str) -> None:
    root, _ = read_page(report)
    said = [n.get("lang") for n in root.walk() if n.tag in ("span", "text")]
    assert said.count("zh") == said.count("en") > 100


def test_classes_tie_to_the_ledger_to_the_fen(report: str) -> None:
    assert "逐分核对：一致，没有差额" in report and "不一致" not in report
    assert "变动桥逐分平衡" in report or "变动桥" not in report


def test_what_a_committee_asks_for_is_there(report: str, manager: str) -> None:
    for words in ("客户经理", "委员会", "认定结果", "按级别，由重到轻", "期限墙", "拨备覆盖率", "迁徙", "担保圈"):
        assert words in report
    root, _ = read_page(manager)
    tables = [t for t in root.all("table") if t.all("th") and t.all("th")[0].text() == "最后一日"]
    days = [row.all("td")[0].text() for row in tables[0].all("tr")[1:]]
    assert days == sorted(days) and days  # by day


def test_nothing_is_said_of_an_empty_book(tmp_path: Path, night: dict[str, Any]) -> None:
    """A run of a few outcomes still gives a page, with the sections it can fill."""
    out = tmp_path / "few"
    made = panhuo("run", night["book"], "--out", out, "--only", "deadlines")
    text = Path(made["report"]).read_text(encoding="utf-8")
    assert "期限墙" in text and "五级分类与拨备" not in text
    assert complaints(text) == []
