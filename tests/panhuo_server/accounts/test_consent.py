"""The consent ledger: a withdrawal holds from the next request on, shares stop with it, every use is written down."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.record.errors import InvalidInput, NotAllowed, NotFound, RuleRefused

DAY = date(2025, 3, 31)


def with_invoices(place: Any) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.sealing import seal

    parties = [{"id": p, "kind": "company", "name": f"企业{p}", "effective_on": DAY} for p in ("p1", "p2")]
    invoices = [
        {"id": f"i{n}", "party_id": p, "direction": "output", "number": str(n), "issued_on": DAY, "effective_on": DAY,
         "gross": 100, "counterparty": "x", "net": 94, "tax": 6, "status": "normal"}
        for n, p in enumerate(("p1", "p2", "p1"))
    ]  # fmt: skip
    with acting(place.org, place.person, "import"):
        seal(
            {"parties": pa.Table.from_pylist(parties), "invoices": pa.Table.from_pylist(invoices)}, idempotency_key="x"
        )


def used(place: Any) -> list[str]:
    """One request: the invoices that may be used."""
    from panhuo_server.accounts import consent
    from panhuo_server.accounts.acting import acting

    with acting(place.org, place.person, "origination"):
        return sorted(consent.rows("invoices", "alternative_data", used_for="profile").column("id").to_pylist())


def test_a_withdrawal_holds_from_the_next_request_on_and_in_the_next_night(server: Any, founded: Any) -> None:
    from panhuo.ground.book.snapshot import Snapshot
    from panhuo_server.accounts import consent
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.books import cached_book

    def night() -> list[str]:
        with acting(bank.org, bank.person, "monitoring"):
            snapshot = Snapshot(cached_book(), None, {bank.org: cached_book().last_sequence(bank.org)})
        assert snapshot.as_of == DAY, "a consent is no observation of the books"
        found = snapshot.consented("invoices", "alternative_data").to_pyarrow().to_pylist()
        return sorted(row["id"] for row in found if row["allowed"])

    bank = founded("lender")
    with_invoices(bank)
    assert used(bank) == [] == night()
    with acting(bank.org, bank.person, "origination"):
        for party in ("p1", "p2"):
            consent.grant(party, "alternative_data", idempotency_key=f"g {party}", evidence="授权书 2025-17")
    assert used(bank) == ["i0", "i1", "i2"]
    with acting(bank.org, bank.person, "privacy"):
        assert len(consent.withdraw("p1", "alternative_data", idempotency_key="w")) == 1
    assert used(bank) == ["i1"], "the very next request"
    with acting(bank.org, bank.person, "origination"):
        assert len(consent.rows("invoices", "loan_management", used_for="x")) == 3, "a contract's purpose goes on"
        assert {c.party: c.standing for p in ("p1", "p2") for c in consent.of_party(p)} == {
            "p1": "withdrawn", "p2": "given",
        }  # fmt: skip
        uses = consent.uses_of("p1")
    assert [(u.purpose, u.used_for, u.person, u.acting_purpose) for u in uses] == [
        ("alternative_data", "profile", bank.person, "origination")
    ]
    assert night() == [], "granted today, after the day the books are observed to; withdrawn is barred all the more"
    with acting(bank.org, bank.person, "privacy"):
        consent.grant("p1", "alternative_data", idempotency_key="g again")
    assert used(bank) == ["i0", "i1", "i2"], "who withdrew may consent again, on the same day"


def test_a_book_observed_to_an_earlier_day_sees_the_withdrawal(server: Any, founded: Any) -> None:
    from panhuo.ground.book.snapshot import Snapshot
    from panhuo_server.accounts import consent
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.books import cached_book
    from panhuo_server.store.sealing import seal

    bank = founded("lender")
    with_invoices(bank)
    old = {"id": "c1", "party_id": "p1", "purpose": "alternative_data", "granted": True, "granted_on": date(2024, 5, 6)}
    with acting(bank.org, bank.person, "import"):
        seal({"consents": pa.Table.from_pylist([{**old, "effective_on": date(2024, 5, 6)}])}, idempotency_key="c")
    said = []
    for step in range(2):
        with acting(bank.org, bank.person, "privacy"):
            if step:
                assert consent.withdraw("p1", "alternative_data", idempotency_key="w") == ["c1"]
        with acting(bank.org, bank.person, "monitoring"):
            book = cached_book()
        rows = Snapshot(book, DAY, {bank.org: book.last_sequence(bank.org)}).consented("invoices", "alternative_data")
        said.append(sorted(r["id"] for r in rows.to_pyarrow().to_pylist() if r["allowed"]))
    assert said == [["i0", "i2"], []]


def test_a_share_that_rests_on_consent_stops_with_it(server: Any, founded: Any) -> None:
    from panhuo_server.accounts import consent, shares
    from panhuo_server.accounts.acting import acting

    bank, other = founded("lender"), founded("asset_manager")
    with_invoices(bank)
    until = datetime.now(UTC) + timedelta(days=1)

    def seen() -> list[str]:
        with acting(other.org, other.person, "monitoring"):
            return [row["id"] for row in shares.rows("parties")]

    with acting(bank.org, bank.person, "origination"), pytest.raises(NotAllowed) as refused:
        consent.share("parties", "p1", other.org, 3, "monitoring", until, party="p1")
    assert refused.value.code == "not-allowed/no-consent"
    with acting(bank.org, bank.person, "origination"):
        with pytest.raises(RuleRefused):
            consent.grant("p1", "sharing", idempotency_key="g", recipient=other.org)
        with pytest.raises(RuleRefused):
            consent.grant("p1", "sharing", idempotency_key="g", separate=True)
        consent.grant("p1", "sharing", idempotency_key="g", recipient="somebody else", separate=True)
        with pytest.raises(NotAllowed):
            consent.share("parties", "p1", other.org, 3, "monitoring", until, party="p1")
        consent.grant("p1", "sharing", idempotency_key="g2", recipient=other.org, separate=True)
        with pytest.raises(InvalidInput):
            consent.share("parties", "p2", other.org, 3, "monitoring", until, party="p1")
        made = consent.share("parties", "p1", other.org, 3, "monitoring", until, party="p1")
    assert seen() == ["p1"]
    with acting(bank.org, bank.person, "privacy"):
        consent.withdraw("p1", "sharing", idempotency_key="w", recipient=other.org)
        assert {(c.recipient, c.standing) for c in consent.of_party("p1")} == {
            (other.org, "withdrawn"), ("somebody else", "given"),
        }  # fmt: skip
        assert [u.used_for for u in consent.uses_of("p1")] == [f"share {made}"]
    assert seen() == []


def test_who_may_not_record_consents_does_not_and_nothing_is_invented(server: Any, founded: Any) -> None:
    from panhuo_server.accounts import consent
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    with_invoices(bank)
    with acting(bank.org, bank.person, "privacy"):
        with pytest.raises(NotFound):
            consent.withdraw("p1", "marketing", idempotency_key="w")
        with pytest.raises(NotFound):
            consent.grant("p1", "no such", idempotency_key="g")
        with pytest.raises(InvalidInput):
            consent.grant("p1", "loan_management", idempotency_key="g")
        with pytest.raises(InvalidInput):
            consent.grant("p1", "marketing", idempotency_key="g", evidence="电话 13800138000")
        consent.grant("p1", "marketing", idempotency_key="g", expires_on=date(2999, 1, 1))
        assert [(c.purpose, c.standing, c.expires_on) for c in consent.of_party("p1")] == [
            ("marketing", "given", date(2999, 1, 1))
        ]


def test_a_use_is_written_down_even_when_the_request_fails(server: Any, founded: Any) -> None:
    from panhuo_server.accounts import consent
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    with_invoices(bank)
    with acting(bank.org, bank.person, "origination"):
        consent.grant("p1", "alternative_data", idempotency_key="g")
    with pytest.raises(RuntimeError), acting(bank.org, bank.person, "origination"):
        consent.rows("invoices", "alternative_data", used_for="profile")
        raise RuntimeError("after it was seen")
    with acting(bank.org, bank.person, "privacy"):
        assert len(consent.uses_of("p1")) == 1
