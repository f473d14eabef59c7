"""期限墙 as a lawyer would check it: a table of dates, worked by hand from the text and the published calendar.

Judged on 2026-02-05. The State Council's calendar of 2026: Spring Festival 15-23 February, working Saturdays 14 and 28
February, Labour Day 1-5 May. No calendar is published for 2027 and later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from panhuo.stages.recovery import deadlines
from stages.monitoring.small_book import YUAN, Story, codes, day, judged

AS_OF = "2026-02-05"


class Docket(Story):
    """Claims and what happened to them, in a line each."""

    def claim(self, id: str, due: str | None = None, **columns: Any) -> str:
        self.add("contracts", id=f"K-{id}", party_id="D", principal=1_000_000 * YUAN, signed_on="2020-01-02")
        return self.add(
            "claims",
            id=id,
            party_id="D",
            kind="loan",
            contract_id=f"K-{id}",
            principal=1_000_000 * YUAN,
            interest=50_000 * YUAN,
            due_on=due,
            **columns,
        )

    def event(self, claim: str, kind: str, on: str, grade: str | None = "a", **columns: Any) -> None:
        columns.setdefault("reached_on", on)
        right = columns.pop("right", "debt")
        self.add("limitation_events", claim_id=claim, right_kind=right, kind=kind, done_on=on, grade=grade, **columns)

    def guarantee(
        self, id: str, due: str | None, kind: str, period_kind: str | None, to: str | None = None, **columns: Any
    ) -> None:
        self.claim(f"of-{id}", due)
        self.add(
            "guarantees",
            id=id,
            contract_id=f"K-of-{id}",
            guarantor_id="G",
            kind=kind,
            period_kind=period_kind,
            period_to_on=to,
            **{"signed_on": "2022-01-05", **columns},
        )

    def demanded(
        self, guarantee: str, on: str, grade: str = "b", kind: str = "delivered_demand", **columns: Any
    ) -> None:
        self.event(f"of-{guarantee}", kind, on, grade, right="guarantee", guarantee_id=guarantee, **columns)

    def proceeding(self, id: str, kind: str, claim: str | None = None, **columns: Any) -> str:
        self.add("matters", id=f"M-{id}", kind="loan_dispute", party_id="D")
        self.add("proceedings", id=id, matter_id=f"M-{id}", kind=kind, **columns)
        if claim:
            self.add("proceeding_claims", proceeding_id=id, claim_id=claim)
        return id

    def judgment(self, claim: str, perform_by: str, effective: str) -> None:
        self.add(
            "instruments",
            id=f"I-{claim}",
            kind="judgment",
            made_on=effective,
            effective_since_on=effective,
            perform_by_on=perform_by,
        )
        self.add("instrument_items", instrument_id=f"I-{claim}", claim_id=claim, number=1, amount=1_000_000 * YUAN)

    def seizure(self, id: str, kind: str, since: str, to: str | None, **columns: Any) -> None:
        self.add("assets", id=f"A-{id}", kind=kind, owner_id="D")
        self.add(
            "seizures", id=id, asset_id=f"A-{id}", kind="first", from_on=since, expires_on=to, ours=True, **columns
        )

    def appraisal(
        self, id: str, on: str, to: str | None = None, notice: str | None = None, result: str = "failed"
    ) -> None:
        self.add("assets", id=f"A-{id}", kind="shop", owner_id="D")
        self.add(
            "appraisals",
            id=id,
            asset_id=f"A-{id}",
            purpose="enforcement",
            method="commissioned",
            appraised_on=on,
            amount=2_000_000 * YUAN,
            valid_to_on=to,
        )
        if notice:
            self.add("auction_lots", id=f"L-{id}", asset_id=f"A-{id}")
            self.add("auction_rounds", lot_id=f"L-{id}", kind="first", notice_on=notice, result=result)


def tell(d: Docket) -> None:
    for id in ("D", "G"):
        d.party(id)
    # 诉讼时效
    d.claim("plain", "2024-03-15")
    d.claim("labour-day", "2023-05-01")
    d.claim("national-day", "2024-10-01")
    d.claim("signed", "2023-01-10")
    d.event("signed", "signed_demand", "2025-02-10")
    d.claim("posted", "2023-02-20")
    d.event("posted", "delivered_demand", "2025-12-01", "c")
    d.claim("never-arrived", "2023-02-20")
    d.event("never-arrived", "delivered_demand", "2025-12-01", "b", reached_on=None)
    d.claim("newspaper", "2022-06-01")
    d.event("newspaper", "newspaper", "2024-06-03", "d")
    d.claim("late-demand", "2021-03-01")
    d.event("late-demand", "signed_demand", "2025-01-06")
    d.claim("late-promise", "2021-03-01")
    d.event("late-promise", "promise", "2025-01-06")
    d.claim("late-payment", "2021-03-01")
    d.event("late-payment", "part_payment", "2025-01-06")
    d.claim("deducted", "2022-04-11")
    d.event("deducted", "deduction", "2024-04-11", reached_on=None)
    d.claim("sued", "2022-04-11")
    d.event(
        "sued", "suit", "2024-05-06", None, proceeding_id=d.proceeding("J-sued", "first_instance", status="accepted")
    )
    d.claim("withdrawn", "2022-04-11")
    d.event(
        "withdrawn",
        "suit",
        "2024-05-06",
        None,
        proceeding_id=d.proceeding("J-w", "first_instance", status="withdrawn", decided_on="2024-08-01"),
    )
    d.claim("obstacle", "2022-09-01")
    d.event("obstacle", "obstacle", "2025-05-06", "a", ended_on="2025-12-01")
    d.claim("hearsay", "2022-09-01")
    d.event("hearsay", "obstacle", "2025-05-06", "d", ended_on="2025-12-01")
    d.claim("no-due-day")
    d.claim("two-debts")
    for n, due in (("1", "2023-03-02"), ("2", "2024-03-04")):
        d.drawdown(f"T{n}", "D", 500_000, "2022-03-02", due)
        d.add("claim_drawdowns", claim_id="two-debts", drawdown_id=f"T{n}")
    # 申请执行期间
    for id, perform_by, applied, status in (
        ("judged", "2024-03-20", None, None),
        ("applied", "2023-03-20", "2025-03-18", "closed_no_property"),
        ("applied-late", "2022-03-21", "2024-06-03", "accepted"),
        ("applied-withdrawn", "2024-03-20", "2024-06-03", "withdrawn"),
    ):
        d.claim(id, "2021-03-01")
        d.judgment(id, perform_by, "2022-03-01")
        if applied:
            d.proceeding(f"E-{id}", "enforcement", id, filed_on=applied, status=status)
    # 保证期间, 保证债务诉讼时效
    d.guarantee("agreed", "2023-08-31", "joint", "agreed", "2026-08-31")
    d.guarantee("agreed-too-short", "2025-10-13", "joint", "agreed", "2025-10-13")
    d.guarantee("agreed-unknown", "2025-10-13", "joint", "agreed")
    d.guarantee("festival", "2025-08-18", "joint", "not_agreed")
    d.guarantee("month-end", "2025-08-31", "joint", "until_paid")
    d.guarantee("until-paid-2020", "2024-04-10", "joint", "until_paid", signed_on="2020-05-06")
    d.guarantee("demanded", "2024-03-01", "joint", "agreed", "2027-03-01")
    d.demanded("demanded", "2024-06-03")
    d.guarantee("demanded-early", "2025-10-13", "joint", "not_agreed")
    d.demanded("demanded-early", "2025-09-01")
    d.guarantee("posted-only", "2025-10-13", "joint", "not_agreed", first_demand_on="2025-11-03")
    d.demanded("posted-only", "2025-11-03", "c")
    d.guarantee("own-promise", "2025-10-13", "joint", "not_agreed")
    d.demanded("own-promise", "2025-11-03", "a", "promise")
    d.guarantee("form-2020", "2025-10-13", "not_agreed", "not_agreed", signed_on="2020-05-06")
    d.demanded("form-2020", "2025-11-03")
    d.guarantee("form-2022", "2025-10-13", "not_agreed", "not_agreed")
    d.demanded("form-2022", "2025-11-03")
    d.guarantee("general-sued", "2025-10-13", "general", "not_agreed")
    d.event("of-general-sued", "suit", "2025-12-01", None)
    d.guarantee("debtor-not-sued", "2025-10-13", "general", "not_agreed")
    d.demanded("debtor-not-sued", "2025-12-01", kind="suit")
    d.guarantee("no-due", None, "joint", "not_agreed")
    # 查封到期
    d.seizure("home-stated", "home", "2023-03-10", "2026-03-01")
    d.seizure("home-unstated", "home", "2023-03-10", None)
    d.seizure("deposit-overstated", "deposit", "2025-03-01", "2027-03-01")
    d.seizure("vehicle-renewed", "vehicle", "2022-05-06", "2026-04-30", renewals=1)
    d.seizure("home-renewed-overstated", "home", "2020-03-02", "2027-01-01", renewals=1)
    d.seizure("released", "home", "2023-03-10", "2026-03-01", released_on="2025-01-02")
    # 评估有效期
    d.appraisal("valued", "2025-04-01")
    d.appraisal("valued-shorter", "2025-06-01", "2026-02-28")
    d.appraisal("noticed", "2025-04-01", notice="2025-10-10")
    d.appraisal("noticed-late", "2024-12-02", notice="2025-12-10")
    d.appraisal("auctioned", "2025-04-01", notice="2025-10-10", result="sold")
    # 司法确认, 破产申报, 上诉, 保全后起诉, 分配方案异议
    d.claim("mediated", "2025-06-02")
    d.add("mediations", id="agreed-january", claim_id="mediated", agreed_on="2026-01-20", result="agreed")
    d.add(
        "mediations",
        id="filed",
        claim_id="mediated",
        agreed_on="2026-01-20",
        confirmation_filed_on="2026-02-02",
        result="agreed",
    )
    d.add(
        "bankruptcies",
        id="open",
        party_id="D",
        claim_id="plain",
        kind="liquidation",
        accepted_on="2026-01-05",
        claims_due_on="2026-03-31",
    )
    d.add(
        "bankruptcies",
        id="in-time",
        party_id="D",
        claim_id="plain",
        kind="liquidation",
        accepted_on="2026-01-05",
        claims_due_on="2026-03-31",
        filed_on="2026-02-03",
    )
    d.add("bankruptcies", id="no-day", party_id="D", claim_id="plain", kind="liquidation", accepted_on="2026-01-05")
    d.proceeding("served", "first_instance", status="decided", decided_on="2026-01-28", served_on="2026-02-02")
    d.proceeding("preserved", "preservation", decided_on="2026-01-12", status="decided")
    d.proceeding("preserved-sued", "preservation", decided_on="2026-01-12", status="decided")
    d.add("proceedings", id="follows", matter_id="M-preserved-sued", kind="first_instance", status="accepted")
    d.add(
        "distributions",
        id="plan",
        claim_id="plain",
        rank="ordinary",
        made_on="2026-01-19",
        served_on="2026-01-22",
        claimed=1_000_000 * YUAN,
    )


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    docket = Docket(tmp_path_factory.mktemp("docket") / "book", AS_OF)
    tell(docket)
    outcome = judged(deadlines.THING, docket.snapshot(), {}, {}, "plain")
    found = {(row["kind"], row["entity_id"]): row for row in outcome.table.to_pylist()}
    yield {"rows": found, "outcome": outcome}


# kind, what it is about, last day (None: none is shown), state, and why
TABLE = [
    ("debt_limitation", "plain", "2027-03-15", "running", "188: three years, the start day not counted (201)"),
    ("debt_limitation", "labour-day", "2026-05-06", "soon", "203: past the holidays of 1-5 May"),
    ("debt_limitation", "national-day", "2027-10-01", "running", "surely a holiday, not published: the earlier day"),
    ("debt_limitation", "signed", "2028-02-10", "running", "195 (1): three years from the demand signed for"),
    ("debt_limitation", "posted", "2026-02-24", "urgent", "posting alone proves no arrival; past Spring Festival"),
    ("debt_limitation", "never-arrived", "2026-02-24", "urgent", "nothing shows that it arrived"),
    ("debt_limitation", "newspaper", "2025-06-03", "passed", "a newspaper never keeps a right; Sunday, then Duanwu"),
    ("debt_limitation", "late-demand", "2024-03-01", "passed", "a demand revives nothing"),
    ("debt_limitation", "late-promise", "2028-01-06", "running", "192: the debtor promised after expiry"),
    ("debt_limitation", "late-payment", "2024-03-01", "passed", "192: whether it revives the rest is disputed"),
    ("debt_limitation", "deducted", "2027-04-11", "running", "诉讼时效规定 8: deduction, from the day it was done"),
    ("debt_limitation", "sued", None, "kept", "195: proceedings run"),
    ("debt_limitation", "withdrawn", "2027-08-01", "running", "195: anew from the end of the proceedings"),
    ("debt_limitation", "obstacle", "2026-06-01", "running", "194: six months after the obstacle ended"),
    ("debt_limitation", "hearsay", "2025-09-01", "passed", "an obstacle stated, not proved"),
    ("debt_limitation", "no-due-day", None, "unknown", "no due day: never shown as safe"),
    ("debt_limitation", "two-debts/T1", "2026-03-02", "urgent", "two drawdowns are two debts"),
    ("debt_limitation", "two-debts/T2", "2027-03-04", "running", "two drawdowns are two debts"),
    ("enforcement_period", "judged", "2026-03-20", "soon", "民诉法 250: two years from the last day of performance"),
    ("enforcement_period", "applied", "2025-03-20", "kept", "applied for in time; 终本 leaves it open (517)"),
    ("enforcement_period", "applied-late", "2024-03-21", "passed", "applied for after it had ended"),
    ("enforcement_period", "applied-withdrawn", "2026-03-20", "soon", "民诉法解释 520: withdrawn is not done"),
    ("guarantee_period", "agreed", "2026-08-31", "running", "692: as agreed"),
    ("guarantee_period", "agreed-too-short", "2026-04-13", "soon", "692: ends with the debt, as if not agreed"),
    ("guarantee_period", "agreed-unknown", None, "unknown", "agreed, but until when is not recorded"),
    ("guarantee_period", "festival", "2026-02-24", "urgent", "six months to 18 February, past Spring Festival"),
    ("guarantee_period", "month-end", "2026-02-28", "urgent", "202: no 31 February; a working Saturday"),
    ("guarantee_period", "until-paid-2020", "2026-04-10", "soon", "担保法解释 32: two years before 2021"),
    ("guarantee_period", "demanded", "2027-03-01", "kept", "693: demanded from the joint guarantor"),
    ("guarantee_limitation", "demanded", "2027-06-03", "running", "694: three years from that demand"),
    ("guarantee_period", "demanded-early", "2026-04-13", "soon", "a demand before the debt is due is none"),
    ("guarantee_period", "posted-only", "2026-04-13", "soon", "the first demand rests on posting"),
    ("guarantee_period", "own-promise", "2026-04-13", "soon", "a guarantor's promise is no demand"),
    ("guarantee_period", "form-2020", "2026-04-13", "kept", "担保法 19: joint; the demand keeps it"),
    ("guarantee_period", "form-2022", "2026-04-13", "soon", "686: general; a demand does not keep it"),
    ("guarantee_period", "general-sued", "2026-04-13", "kept", "693: the debtor was sued"),
    ("guarantee_limitation", "general-sued", None, "unknown", "694: when the refusal right was lost is not recorded"),
    ("guarantee_period", "debtor-not-sued", "2026-04-13", "soon", "693: suing the guarantor alone does not do"),
    ("guarantee_period", "no-due", None, "unknown", "no due day of the debt"),
    ("seizure_expiry", "home-stated", "2026-03-01", "urgent", "as the order states, a Sunday"),
    ("seizure_expiry", "home-unstated", "2026-03-10", "soon", "民诉法解释 485: three years at most"),
    ("seizure_expiry", "deposit-overstated", "2026-03-01", "urgent", "a deposit one year, whatever is stated"),
    ("seizure_expiry", "vehicle-renewed", "2026-04-30", "soon", "renewed once: up to two and two years"),
    ("seizure_expiry", "home-renewed-overstated", "2026-03-02", "urgent", "one renewal adds three years, not more"),
    ("appraisal_validity", "valued", "2026-04-01", "soon", "法释〔2018〕15号 27: one year"),
    ("appraisal_validity", "valued-shorter", "2026-02-28", "urgent", "as stated, shorter"),
    ("appraisal_validity", "noticed", "2026-10-01", "running", "notice within it: six months more to sell"),
    ("appraisal_validity", "noticed-late", "2025-12-02", "passed", "the notice came after it had ended"),
    ("judicial_confirmation", "agreed-january", "2026-02-24", "urgent", "thirty days to 19 February, rolled"),
    ("judicial_confirmation", "filed", "2026-02-24", "kept", "filed in time"),
    ("bankruptcy_filing", "open", "2026-03-31", "soon", "as the court announced"),
    ("bankruptcy_filing", "in-time", "2026-03-31", "kept", "filed"),
    ("bankruptcy_filing", "no-day", None, "unknown", "accepted; the last day is not recorded"),
    ("appeal", "served", "2026-02-24", "urgent", "171: fifteen days to 17 February, past Spring Festival"),
    ("suit_after_preservation", "preserved", "2026-02-11", "urgent", "104: thirty days"),
    ("distribution_objection", "plan", "2026-02-06", "urgent", "民诉法解释 509: fifteen days"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "entity", "last", "state", "why"), TABLE, ids=[f"{r[0]}:{r[1]}" for r in TABLE])
def test_the_table_of_dates(
    wall: dict[str, Any], kind: str, entity: str, last: str | None, state: str, why: str
) -> None:
    row = wall["rows"][kind, entity]
    assert (row["last_day"], row["state"]) == (day(last) if last else None, state), why
    if row["days_left"] is not None:
        assert row["days_left"] == (row["last_day"] - day(AS_OF)).days


def test_nothing_else_stands_on_the_wall(wall: dict[str, Any]) -> None:
    named = {(kind, entity) for kind, entity, *_ in TABLE}
    # The debts behind the guarantees and the mediation, and the limitation of guarantees demanded.
    rest = {(k, e) for k, e in wall["rows"] if (k, e) not in named}
    assert {e for k, e in rest if k == "debt_limitation"} == {
        *(f"of-{e}" for k, e in named if k == "guarantee_period"),
        "mediated",
    }
    assert {(k, e) for k, e in rest if k != "debt_limitation"} == {("guarantee_limitation", "form-2020")}


@pytest.mark.parametrize(
    ("entity", "claimed"),
    [
        ("posted", "2028-12-01"),
        ("newspaper", "2027-06-03"),
        ("never-arrived", "2028-12-01"),
        ("late-payment", "2028-01-06"),
    ],
)
def test_weak_evidence_is_shown_beside_never_instead(wall: dict[str, Any], entity: str, claimed: str) -> None:
    row = wall["rows"]["debt_limitation", entity]
    assert row["weak_evidence"] and row["claimed_last_day"] == day(claimed)
    assert row["last_day"] < row["claimed_last_day"]


def test_beyond_the_published_calendar_the_earlier_day_is_marked(wall: dict[str, Any]) -> None:
    """Decision 24."""
    rows = wall["rows"]
    assert rows["debt_limitation", "national-day"]["calendar_not_published"]
    assert not rows["debt_limitation", "labour-day"]["calendar_not_published"]
    assert all(r["calendar_not_published"] for r in rows.values() if r["runs"] and r["last_day"] > date(2026, 12, 31))


def test_what_is_lost_is_named_in_fen(wall: dict[str, Any]) -> None:
    assert wall["rows"]["debt_limitation", "plain"]["consequence"] == 1_050_000 * YUAN
    assert wall["rows"]["appraisal_validity", "valued"]["consequence"] == 2_000_000 * YUAN


def test_every_row_gives_its_reason(wall: dict[str, Any]) -> None:
    told = {(r["kind"], r["entity_id"]): set() for r in wall["outcome"].reasons.to_pylist()}
    for reason in wall["outcome"].reasons.to_pylist():
        told[reason["kind"], reason["entity_id"]].add(reason["code"])
    expected = {"passed": "DDL-PASSED", "kept": "DDL-KEPT", "unknown": "DDL-MISSING"}
    for key, row in wall["rows"].items():
        assert expected.get(row["state"], "DDL-RUNS") in told[key], key
    assert "DDL-WEAK" in told["debt_limitation", "posted"]
    assert "DDL-CALENDAR" in told["debt_limitation", "national-day"]


def test_a_book_older_than_every_rule_still_has_its_wall(tmp_path: Path) -> None:
    docket = Docket(tmp_path / "book", "2019-03-01")
    docket.party("D", effective_on="2015-01-01")
    for table in docket.facts.values():
        for row in table:
            row["effective_on"] = day("2015-01-01")
    docket.claim("old", "2016-03-01")
    for table in docket.facts.values():
        for row in table:
            row["effective_on"] = day("2015-01-01")
    found = judged(deadlines.THING, docket.snapshot(), {}, {}, "plain")
    assert found.table.to_pylist()[0]["last_day"] == day("2019-03-01")
    assert codes(found, "debt_limitation") == ["DDL-RUNS"]
