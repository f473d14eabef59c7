"""What a book names beside its facts: a run takes it by hash, and a replay takes the very bytes of that run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from panhuo.ground.book.folder import Book
from panhuo.ground.record.errors import InvalidInput
from panhuo.journey.night import open_snapshot, run_night
from panhuo.journey.sealing import replay, seal_night
from panhuo.journey.settings import settings_of
from panhuo.trust.evidence.log import Log
from panhuo.verbs import import_


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """Two firms that sell 1.5 million and 3 million yuan a month to a few customers, and a bank's table of rates."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "firms.csv").write_text("企业代号,企业名称\nE1,甲有限公司\nE2,乙有限公司\n", encoding="utf-8")
    lines = ["企业代号,发票号码,开票日期,购方单位代号,金额,税额,价税合计,发票状态"]
    for firm, yuan in (("E1", 1_500_000), ("E2", 3_000_000)):
        for year in (2018, 2019):
            for month in range(1, 13):
                number, tax = f"{firm[1]}{year}{month:02d}", yuan * 13 // 100
                day, other = f"{year}-{month:02d}-28", f"B{month % 5}"
                lines.append(f"{firm},{number},{day},{other},{yuan},{tax},{yuan + tax},有效发票")
    (source / "out.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (source / "rates.csv").write_text(
        "贷款年利率,流失率A,流失率B,流失率C\n0.04,0,0,0\n0.08,0.3,0.3,0.3\n", encoding="utf-8"
    )
    import_.run("cn-invoices", str(source), str(tmp_path / "book"))
    return Book(tmp_path / "book")


def test_a_replay_takes_the_terms_of_its_run(book: Book, tmp_path: Path) -> None:
    (digest,) = book.description["inputs"].values()
    assert book.read_input(digest).startswith(b"rate_ppm,A,B,C\n40000,0,0,0\n")
    settings = settings_of(book)
    night = run_night(open_snapshot(book, None, "self"), settings, only=["credit_plan"])
    (plan,) = night.outcomes["credit_plan"].table.to_pylist()
    assert plan["served"] == 2 and plan["terms_sha256"] == digest
    seal_night(book, "self", night, settings, tmp_path / "result")
    entries = {e["name"]: e for e in map(json.loads, Log(book, "self").entries()) if e["kind"] == "outcome"}
    assert all(
        entries[name]["lineage"]["inputs"] == {"customer_loss": digest} for name in ("credit_offers", "credit_plan")
    )

    # Whatever lies in the folder afterwards, and whatever the book names by then, the run keeps its own terms.
    (book.folder / "terms").mkdir()
    (book.folder / "terms" / "customer_loss.csv").write_text("rate_ppm,A,B,C\n40000,1,1,1\n", encoding="utf-8")
    described = dict(book.description)
    described["inputs"] = {"customer_loss": book.keep_input(b"rate_ppm,A,B,C\n50000,0,0,0\n")}
    (book.folder / "book.json").write_text(json.dumps(described), encoding="utf-8")
    later = Book(book.folder)
    for name in ("credit_offers", "credit_plan"):
        assert replay(later, entries[name]).how == "same"
    again = run_night(open_snapshot(later, None, "self"), settings_of(later), only=["credit_plan"])
    assert again.outcomes["credit_plan"].root != night.outcomes["credit_plan"].root  # the terms do matter

    # The very bytes: if they were changed, nothing is replayed from them.
    (book.folder / "inputs" / digest).write_bytes(b"rate_ppm,A,B,C\n40000,1,1,1\n")
    with pytest.raises(InvalidInput, match="no longer give its name"):
        replay(later, entries["credit_offers"])
