"""The workbook and the verb: figures on the sheets are the statement's."""

from __future__ import annotations

import json
from pathlib import Path

from openpyxl import load_workbook

from panhuo.verbs import debt

ONE = {
    "id": "D1",
    "debtor": "某某商贸有限公司",
    "start": "2024-01-10",
    "maturity": "2025-01-10",
    "as_of": "2025-06-30",
    "principal": "1000000",
    "rate": 0.0435,
    "payments": [["2025-03-01", "50000"]],
    "assigned_on": "2025-05-01",
    "stated": {"本金": "1000000"},
}


def test_one_case_and_its_sheet(tmp_path: Path) -> None:
    source = tmp_path / "case.json"
    source.write_text(json.dumps(ONE), encoding="utf-8")
    target = tmp_path / "out" / "清单.xlsx"
    result = debt.run(str(source), str(target))
    assert {"lines", "total"} <= set(result)
    assert result["sheets"] == ["汇总", "某某商贸有限公司"]
    book = load_workbook(target)
    rows = list(book["某某商贸有限公司"].iter_rows(values_only=True))
    total = next(row for row in rows if row[0] == "合计")
    assert f"{total[1]:.2f}" == result["total"]["sum"]
    assert any(row[0] == "本金" and row[2] == 1_000_000 for row in rows)
    summary = list(book["汇总"].iter_rows(values_only=True))
    assert f"{summary[-1][-1]:.2f}" == result["total"]["sum"]
    both = result["post_assignment_interest"]
    assert both["total_if_yes"] == result["total"]["sum"] != both["total_if_no"]
    assert any(f"{float(both['total_if_no']):,.2f}" in str(row[0]) for row in rows)
    assert any("实际清偿之日" in str(row[0]) for row in rows)


def test_a_list_keeps_good_cases_beside_bad_ones(tmp_path: Path) -> None:
    source = tmp_path / "cases.json"
    source.write_text(json.dumps([ONE, {**ONE, "id": "D2"}, {"id": "D3", "rate": 1}]), encoding="utf-8")
    result = debt.run(str(source), str(tmp_path / "all.xlsx"))
    assert result["total_fen"]["sum"] == 2 * result["results"][0]["total_fen"]["sum"]
    assert {line["id"] for line in result["lines"]} == {"D1", "D2"}
    assert [row["id"] for row in result["bad"]] == ["D3"]
    # Two debts of one debtor: one sheet, each with its own part, and their sum in formal numerals.
    assert result["sheets"] == ["汇总", "某某商贸有限公司"]
    rows = list(load_workbook(tmp_path / "all.xlsx")["某某商贸有限公司"].iter_rows(values_only=True))
    assert [row[0] for row in rows if str(row[0])[:3] in ("债权1", "债权2")] == ["债权1：D1", "债权2：D2"]
    total = next(row for row in rows if row[0] == "应付总额（元）")
    assert f"{total[2]:.2f}" == result["total"]["sum"]
    assert str(total[4]).startswith("人民币（大写）：贰佰")
    for language in ("zh", "en"):
        assert "D3" in debt.show(result, language)


def test_the_documented_example_runs(project_root: Path, tmp_path: Path) -> None:
    text = (project_root / "docs" / "debt.md").read_text(encoding="utf-8")
    source = tmp_path / "example.json"
    source.write_text(text.split("```json")[1].split("```")[0], encoding="utf-8")
    result = debt.run(str(source))
    assert result["total_fen"]["sum"] == sum(amount for name, amount in result["total_fen"].items() if name != "sum")


def test_no_name_of_a_file_becomes_a_formula(tmp_path: Path) -> None:
    source, target = tmp_path / "case.json", tmp_path / "list.xlsx"
    hostile = '=HYPERLINK("https://evil.example","x")'
    source.write_text(json.dumps({**ONE, "id": hostile, "debtor": hostile}), encoding="utf-8")
    debt.run(str(source), str(target))
    cells = [cell for sheet in load_workbook(target) for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == hostile for cell in cells)
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
