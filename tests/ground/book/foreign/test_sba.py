"""SBA loans: what is stored as stated, what is set aside, what is never taken for granted."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from panhuo.ground.book.foreign import read_foreign
from panhuo.ground.book.foreign.sba import NEEDED
from panhuo.ground.record.errors import InvalidInput

ROW: dict[str, Any] = {
    "LoanNr_ChkDgt": "1", "State": "OH", "NAICS": 541511, "ApprovalDate": "2/28/1997", "Term": 84, "NoEmp": 4,
    "NewExist": 2, "CreateJob": 1, "RetainedJob": 3, "FranchiseCode": 1, "UrbanRural": 0, "RevLineCr": "N",
    "LowDoc": "Y", "ChgOffDate": None, "DisbursementDate": "3/31/1997", "DisbursementGross": 60_000,
    "MIS_Status": "P I F", "ChgOffPrinGr": 0, "GrAppv": 60_000, "SBA_Appv": 48_000, "BankState": "OH",
}  # fmt: skip


def file_of(folder: Path, *changes: dict[str, Any]) -> Path:
    rows = [{**ROW, "LoanNr_ChkDgt": str(number + 1), **change} for number, change in enumerate(changes)]
    path = folder / "part.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


LOST = {"MIS_Status": "CHGOFF", "ChgOffDate": "6/30/2001", "ChgOffPrinGr": 25_000, "Term": 51}


def test_a_loan_paid_and_a_loan_lost(tmp_path: Path) -> None:
    found = read_foreign("sba", file_of(tmp_path, {}, LOST))
    assert not [p for p in found.problems if p.severity == "bad"]
    drawdowns = found.tables["drawdowns"].to_pylist()
    assert [(d["id"], d["amount"], d["status"], d["currency"]) for d in drawdowns] == [
        ("1", 6_000_000, "settled", "USD"),
        ("2", 6_000_000, "written_off", "USD"),
    ]
    assert [d["due_on"] for d in drawdowns] == [date(2004, 3, 31), date(2001, 6, 30)]
    classes = found.tables["class_decisions"].to_pylist()
    assert [(c["final"], "stated status" in c["reason"]) for c in classes] == [("normal", True), ("loss", True)]
    (lost,) = found.tables["writeoffs"].to_pylist()
    assert (lost["id"], lost["amount"], lost["written_off_on"]) == ("2", 2_500_000, date(2001, 6, 30))
    assert lost["kept_on_record"] is None  # the file does not say
    # The ledger ends with nothing for the loan paid, and with what was charged off for the loan lost.
    left: dict[str, int] = {}
    for posting in found.tables["postings"].to_pylist():
        sign = 1 if posting["kind"] == "disburse" else -1
        left[posting["drawdown_id"]] = left.get(posting["drawdown_id"], 0) + sign * posting["amount"]
    assert left == {"1": 0, "2": 2_500_000}


def test_payment_in_full_is_dated_by_the_end_of_the_file(tmp_path: Path) -> None:
    found = read_foreign("sba", file_of(tmp_path, {"Term": 300}, LOST))
    assert found.observed_until == date(2001, 6, 30)
    received = [p for p in found.tables["postings"].to_pylist() if p["kind"] == "receive" and p["drawdown_id"] == "1"]
    assert [(p["posted_on"], p["amount"]) for p in received] == [(date(2001, 6, 30), 6_000_000)]
    assert [p.code for p in found.problems] == ["PAID_EARLY"]


def test_text_amounts_and_short_dates(tmp_path: Path) -> None:
    """The file as first published writes $60,000.00 and 28-Feb-97; 73 is 1973 and 14 is 2014."""
    money = {"DisbursementGross": "$60,000.50 ", "ChgOffPrinGr": "$0.00 ", "GrAppv": "$60,000.00 "}
    rows = [{**ROW, "LoanNr_ChkDgt": str(n), **money, "SBA_Appv": "$48,000.00 ", "DisbursementDate": day,
             "ApprovalDate": "07-Feb-73"} for n, day in enumerate(("28-Feb-97", "31-Jul-14"))]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "part.parquet")
    found = read_foreign("sba", tmp_path)
    assert [d["out_on"] for d in found.tables["drawdowns"].to_pylist()] == [date(1997, 2, 28), date(2014, 7, 31)]
    assert found.tables["drawdowns"].column("amount").to_pylist() == [6_000_050, 6_000_050]
    assert found.tables["contracts"].column("signed_on").to_pylist() == [date(1973, 2, 7)] * 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DisbursementDate": None}, "DAY_MISSING"),
        ({"ApprovalDate": "soon"}, "DAY_MISSING"),
        ({"MIS_Status": None}, "STATUS_MISSING"),
        ({"DisbursementGross": 0}, "AMOUNT_MISSING"),
        ({"MIS_Status": "CHGOFF"}, "DAY_MISSING"),
        ({"LoanNr_ChkDgt": "1"}, "LOAN_TWICE"),
        ({"LoanNr_ChkDgt": None}, "NO_NUMBER"),
        ({"Term": None}, "TERM_MISSING"),
    ],
)
def test_bad_rows_come_back_and_cost_no_good_one(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    found = read_foreign("sba", file_of(tmp_path, {}, change))
    assert found.tables["drawdowns"].column("id").to_pylist() == ["1"]
    bad = [p for p in found.problems if p.severity == "bad"]
    assert code in {p.code for p in bad} and {p.row for p in bad} == {3}


def test_more_lost_than_paid_out_is_kept_and_said(tmp_path: Path) -> None:
    found = read_foreign("sba", file_of(tmp_path, {**LOST, "ChgOffPrinGr": 70_000}))
    assert found.tables["writeoffs"].column("amount").to_pylist() == [7_000_000]
    assert [p.code for p in found.problems] == ["MORE_CHARGED_OFF"]


def test_stray_marks_are_unknown(tmp_path: Path) -> None:
    found = read_foreign("sba", file_of(tmp_path, {"RevLineCr": "T", "LowDoc": "0"}))
    seen = dict(zip(*(found.tables["observations"].column(n).to_pylist() for n in ("measure", "value")), strict=True))
    assert "line_of_credit" not in seen and "short_application" not in seen
    assert (seen["employees"], seen["new_business"], seen["guaranteed_share"]) == (4, 1, 800_000)
    # No measure can know the outcome: the term, the status and the charge-off are not among them.
    assert set(seen) == {
        "application_amount", "guaranteed_share", "employees", "new_business", "jobs_created", "jobs_retained",
        "franchise", "urban_rural", "lender_in_state",
    }  # fmt: skip


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist([{n: ROW[n] for n in NEEDED if n != "Term"}]), tmp_path / "part.parquet")
    with pytest.raises(InvalidInput, match="Term"):
        read_foreign("sba", tmp_path)


def test_the_national_file(shared_data: Path) -> None:
    """22,373 rows (README of the data); every one is taken or named."""
    found = read_foreign("sba", shared_data / "sba_loans")
    bad = {p.row for p in found.problems if p.severity == "bad"}
    assert len(found.tables["drawdowns"]) + len(bad) == 22_373
    raw = pq.read_table(shared_data / "sba_loans" / "sba_national_part.parquet", columns=["MIS_Status", "ChgOffPrinGr"])
    assert len(found.tables["writeoffs"]) <= pc.sum(pc.equal(raw.column("MIS_Status"), "CHGOFF")).as_py()
    assert len(bad) < 200
