"""What moved between two nights is what their rows say, and every line opens to both."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from console_answers import body

pytestmark = pytest.mark.slow


def rows_of(bank: Any, run: str, name: str, column: str) -> dict[str, Any]:
    import pyarrow.parquet as pq

    from panhuo_server.flows.results import results_folder
    from panhuo_server.store.layout import Layout

    table = pq.read_table(results_folder(Layout.current(), bank.org, run) / f"{name}.parquet")
    keys = [c for c in ("kind", "entity_id", "drawdown_id", "claim_id") if c in table.column_names]
    found: dict[str, Any] = {}
    for row in table.to_pylist():
        found[" ".join(row[k] for k in keys if k != "kind" or "entity_id" in keys)] = row[column]
    return found


def test_lines_and_counts_are_those_of_the_rows(bank: Any, browser: Any, queue: Any) -> None:
    client = browser(bank.email)
    text = body(client.get("/console/night/now/moved?against=before&only=classes"))
    now, before = rows_of(bank, "now", "classes", "class"), rows_of(bank, "before", "classes", "class")
    changed = {k for k in now.keys() & before.keys() if now[k] != before[k]}
    new, gone = now.keys() - before.keys(), before.keys() - now.keys()
    counted = re.search(r"变动 (\d+).*?新增 (\d+) · 不再有 (\d+)", text)
    assert counted is not None
    assert [int(n) for n in counted.groups()] == [len(changed), len(new), len(gone)]
    lines = [html.unescape(a) for a in re.findall(r'hx-get="(/console/night/now/moved/classes[^"]+)"', text)]
    assert {line.rpartition("key=")[2] for line in lines} == changed | new | gone
    assert lines, "sixty days move something"
    for line in lines[:6]:
        opened = client.get(line, headers={"hx-request": "true"})
        assert opened.status_code == 200
        assert "<html" not in body(opened)
        key = line.rpartition("key=")[2]
        assert (key in gone) == ("这一次没有这一行" in body(opened).rpartition("之后")[2])


def test_money_moves_by_the_sum_of_its_lines(bank: Any, browser: Any, queue: Any) -> None:
    from panhuo_server.console.pieces.figures import large

    text = body(browser(bank.email).get("/console/night/now/moved?against=before"))
    now, before = rows_of(bank, "now", "claim_values", "value"), rows_of(bank, "before", "claim_values", "value")
    by = sum(v or 0 for v in now.values()) - sum(v or 0 for v in before.values())
    part = re.search(r"<h2>债权价值 <small>(.*?)</small>", text, re.S)
    assert part is not None
    assert f"合计变动 {large(by).zh}" in part[1]


def test_an_unknown_night_line_or_outcome_is_the_same_404(bank: Any, browser: Any, queue: Any) -> None:
    client = browser(bank.email)
    for address in (
        "/console/night/now/moved?against=never", "/console/night/now/moved/classes?key=no-such",
        "/console/night/now/moved/no_such?key=x", "/console/night/before/moved/classes?key=x",
        "/console/night/now/moved/classes",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    assert "没有更早的夜间运行" in body(client.get("/console/night/before/moved"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_read_in_both_languages(bank: Any, browser: Any, queue: Any, language: str) -> None:
    client = browser(bank.email, **{"accept-language": language})
    for address in ("/console/night", "/console/night/now", "/console/night/now/moved", "/console/tasks"):
        text = body(client.get(address))
        assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son[a-z]+=", text)
        if language == "en":
            shown = re.sub(r"<[^>]+>", " ", re.sub(r'lang="zh-CN"[^>]*>中文|青溪农村商业银行', "", text))
            assert re.findall(r"[\u4e00-\u9fff]+", shown) == [], address
