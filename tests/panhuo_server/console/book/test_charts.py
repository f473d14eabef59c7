"""Charts as data for the page: one language, addresses as given, nothing where nothing is known; the build's size."""

from __future__ import annotations

import gzip
import json
import re

from panhuo.journey.report.words import Text
from panhuo_server.console.pieces.charts import Chart, Link, Node, Point, Series, data
from panhuo_server.console.statics import FOLDER

BARS = Chart(
    "bars", Text("余额", "Balance"), [Text("甲", "A"), Text("乙", "B")],
    [Series(Text("正常", "normal"), [Point(5, Text("五", "five"), "/console/book?f.class=normal"), Point(None)], "r1")],
    unit=Text("万元", "CNY K"), scale=(1_000_000, 100_000), stacked=True,
)  # fmt: skip


def test_bars_in_each_language() -> None:
    given = json.loads(data(BARS, "zh"))
    assert given["categories"] == ["甲", "乙"]
    assert given["scale"] == 1_000_000
    assert given["series"] == [
        {"name": "正常", "colour": "r1", "values": [5, None], "texts": ["五", ""],
         "goes": ["/console/book?f.class=normal", ""]}
    ]  # fmt: skip
    other = json.loads(data(BARS, "en"))
    assert (other["unit"], other["scale"], other["series"][0]["texts"]) == ("CNY K", 100_000, ["five", ""])
    assert re.findall(r"[\u4e00-\u9fff]", data(BARS, "en")) == []


def test_a_flow_names_both_ends_of_a_link() -> None:
    nodes = [Node("0:a", Text("正常", "normal"), 0, "r1", 7, Text("七", "seven")),
             Node("1:b", Text("次级", "substandard"), 1, "r3", 7, Text("七", "seven"))]  # fmt: skip
    links = [Link("0:a", "1:b", 7, Text("七", "seven"), "/console/why/migration?key=x", "r3")]
    given = json.loads(data(Chart("flow", Text("", ""), nodes=nodes, links=links), "en"))
    assert given["links"][0]["said"] == "normal → substandard\nseven"
    assert [n["depth"] for n in given["nodes"]] == [0, 1]


def test_the_build_is_small_and_whole() -> None:
    parts = [(FOLDER / name).read_bytes() for name in ("echarts.min.js", "charts.js")]
    assert sum(len(gzip.compress(part, 9)) for part in parts) <= 200_000
    text = parts[0].decode()
    assert "Apache-2.0" in text[:300]
    assert not re.search(r"\beval\(|new Function\(", text)
    licence = (FOLDER / "echarts.LICENSE.txt").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Redistributions of source code must retain" in licence
