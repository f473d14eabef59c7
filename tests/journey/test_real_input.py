"""Real sources from files to reports, through the command as a user runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from command import panhuo

pytestmark = pytest.mark.slow


def night(folder: Path, kind: str, source: Path, *options: str | Path) -> tuple[dict[str, Any], Path]:
    taken = panhuo("import", kind, source, "--out", folder / "book")
    assert sum(taken["rows"].values()) > 0
    result = panhuo("run", folder / "book", "--out", folder / "result", *options)
    assert (folder / "result" / "report.html").stat().st_size > 10_000
    tables: dict[str, Any] = result["tables"]
    return tables, folder / "result"


def test_invoices_to_offers(shared_data: Path, tmp_path: Path) -> None:
    rows, result = night(tmp_path, "cn-invoices", shared_data / "cn_sme_invoices")
    assert [rows[n] for n in ("profiles", "scores", "limits", "prices", "credit_offers")] == [302] * 5
    plan = pq.read_table(result / "credit_plan.parquet").to_pylist()[0]
    assert plan["offered"] <= 100_000_000_00 and plan["gap"] <= 1_000


def test_sba_from_applications_to_provisions(shared_data: Path, tmp_path: Path) -> None:
    panhuo("import", "sba", shared_data / "sba_loans", "--out", tmp_path / "book")
    frames, model = tmp_path / "book" / "frames", tmp_path / "sba.json"
    trained = panhuo(
        "train", frames / "applications.parquet", "--target", "outcome_charged_off", "--time", "signed_on",
        "--id", "contract_id", "--drop", "party_id,outcome_charged_off_amount", "--out", model,
    )  # fmt: skip
    assert trained["split"] == "out of time" and trained["auc_low"] > 0.6
    losses = panhuo(
        "train", frames / "losses.parquet", "--target", "outcome_lost_over_half", "--time", "signed_on",
        "--id", "contract_id", "--drop", "party_id,outcome_loss_share", "--out", tmp_path / "loss.json",
    )  # fmt: skip
    assert losses["auc_low"] > 0.5
    panhuo("run", tmp_path / "book", "--out", tmp_path / "result", "--model", f"scores={model}")
    scores = pq.read_table(tmp_path / "result" / "scores.parquet")
    classes = pq.read_table(tmp_path / "result" / "classes.parquet")
    provisions = pq.read_table(tmp_path / "result" / "provisions.parquet")
    assert len(scores) == len(classes) == len(provisions)
    assert pc.unique(classes.column("class_basis")).to_pylist() == ["stated_status"]
    assert pc.unique(provisions.column("probability_basis")).to_pylist() == ["score"]
    told = panhuo("why", tmp_path / "result" / "scores", scores.column("party_id")[0].as_py())
    assert any(r["code"] == "MODEL_COLUMN" for r in told["reasons"])


def test_the_term_of_an_sba_loan_is_named_as_a_leak(shared_data: Path, tmp_path: Path) -> None:
    trained = panhuo(
        "train", shared_data / "sba_loans" / "sba_national_part.parquet", "--target", "MIS_Status",
        "--event", "CHGOFF", "--time", "ApprovalDate", "--id", "LoanNr_ChkDgt", "--out", tmp_path / "m.json",
    )  # fmt: skip
    leaks = {leak["column"]: leak for leak in trained["leaks"]}
    assert leaks["Term"]["kept_out"] and leaks["Term"]["auc_alone"] > 0.9


def test_a_portfolio_of_bad_loans_is_valued(shared_data: Path, tmp_path: Path) -> None:
    rows, result = night(tmp_path, "eba-npl", shared_data / "eba_npl")
    assert [rows[n] for n in ("claim_values", "maximum_bids", "claim_routes", "classes")] == [200] * 4
    assert rows["deadlines"] >= 200 and rows["collateral_values"] == 200
    values = pq.read_table(result / "claim_values.parquet")
    assert pc.all(pc.less_equal(values.column("value"), values.column("debt"))).as_py()
    panhuo("check", tmp_path / "book")
