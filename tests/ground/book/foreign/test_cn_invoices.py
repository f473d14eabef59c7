"""Chinese VAT invoices: what is kept, what is noted, what is held back from scoring."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pytest

from panhuo.ground.book.foreign import read_foreign
from panhuo.ground.book.foreign.cn_invoices import kind_of
from panhuo.ground.record.errors import InvalidInput


def write(folder: Path) -> None:
    (folder / "a1_firms.csv").write_text(
        "企业代号,企业名称,信誉评级,是否违约\nE1,***商贸有限公司,A,否\nE2,个体经营E2,D,是\nE3,***合作社,B,\n",
        encoding="gb18030",
    )
    (folder / "in.csv").write_text(
        "企业代号,发票号码,开票日期,销方单位代号,金额,税额,价税合计,发票状态\n"
        "E1,1,2019-03-01,A1,100.00,13.00,113.00,有效发票\n"
        "E1,2,2019/3/2,A1,-10.00,-1.30,-11.30,有效发票\n"
        "E2,3,2019-03-03,A2,100.00,13.00,114.00,有效发票\n"
        "E9,4,2019-03-04,A2,abc,13.00,113.00,有效发票\n",
        encoding="utf-8",
    )
    (folder / "out.csv").write_text(
        "企业代号,发票号码,开票日期,购方单位代号,金额,税额,价税合计,发票状态\n"
        "E1,7,2019-04-01,B1,200.00,26.00,226.00,作废发票\n"
        "E4,8,2019-05-01,B1,200.00,26.00,226.00,有效发票\n",
        encoding="utf-8",
    )
    (folder / "rates.csv").write_text(
        "贷款年利率,流失率A,流失率B\n0.04,0,0.0\n0.0425,0.0945741262,1\n", encoding="utf-8"
    )


def test_a_small_folder(tmp_path: Path) -> None:
    write(tmp_path)
    found = read_foreign("cn-invoices", tmp_path)
    bills = found.tables["invoices"].to_pylist()
    assert [(b["party_id"], b["direction"], b["net"], b["gross"], b["status"], b["red_letter"]) for b in bills] == [
        ("E1", "purchase", 10000, 11300, "valid", False),
        ("E1", "purchase", -1000, -1130, "valid", True),
        ("E2", "purchase", 10000, 11400, "valid", False),
        ("E1", "sale", 20000, 22600, "void", False),
        ("E4", "sale", 20000, 22600, "valid", False),
    ]
    problems = {(p.code, p.severity) for p in found.problems}
    assert ("SUM_DIFFERS", "note") in problems and ("NOT_A_NUMBER", "bad") in problems
    assert ("NO_SUCH_FIRM", "note") in problems
    assert found.observed_until == date(2019, 5, 1)
    firms = {p["id"]: p for p in found.tables["parties"].to_pylist()}
    assert {k: v["kind"] for k, v in firms.items()} == {
        "E1": "company", "E2": "sole_trader", "E3": "cooperative", "E4": "other",
    }  # fmt: skip
    assert firms["E1"]["effective_on"] == date(2019, 3, 1)
    # Ratings and defaults are nowhere among the facts.
    assert all(p["rating"] is None for p in firms.values())
    assert found.beside["truth/labels.csv"].decode() == "party_id,rating,default\nE1,A,0\nE2,D,1\nE3,B,\n"
    assert found.inputs["customer_loss"].decode() == "rate_ppm,A,B\n40000,0,0\n42500,94574126,1000000000\n"


def test_a_folder_without_invoices_is_refused(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("企业代号,企业名称\nE1,甲\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="no file with invoices"):
        read_foreign("cn-invoices", tmp_path)


def test_kinds_from_masked_names() -> None:
    names = ("***有限公司", "个体经营E1 ", "***童装店", "***合作社", "***律师事务所")
    assert [kind_of(n) for n in names] == ["company", "sole_trader", "sole_trader", "cooperative", "other"]


def test_the_contest_files(shared_data: Path) -> None:
    found = read_foreign("cn-invoices", shared_data / "cn_sme_invoices")
    bills = found.tables["invoices"]
    # Counts from the data's own README: 302 firms, 395,175 purchases, 330,835 sales.
    assert len(found.tables["parties"]) == 302
    counts = {v["values"]: v["counts"] for v in pc.value_counts(bills["direction"]).to_pylist()}
    assert counts == {"purchase": 395_175, "sale": 330_835}
    assert not [p for p in found.problems if p.severity == "bad"]
    stated = pc.add(bills["net"], bills["tax"])
    assert (
        sum(1 for p in found.problems if p.code == "SUM_DIFFERS")
        == pc.sum(pc.not_equal(stated, bills["gross"])).as_py()
    )
    assert found.observed_until == date(2020, 2, 21)
    assert found.inputs["customer_loss"].count(b"\n") == 30
