"""Shares: the receiver sees the rows, the columns, the time and the purpose that were shared, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, NotFound

LATER = datetime.now(UTC) + timedelta(days=1)
DEBT = {"contract_id": "c-1", "party_id": "p-1", "amount": 123_456_789, "number": "借据一号", "currency": "CNY"}


@pytest.fixture
def lent(founded: Any, facts: Any) -> Any:
    """A lender with two drawdowns and one party."""
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    with acting(bank.org, bank.person, "import"):
        facts(
            bank.org,
            1,
            {
                "drawdowns": [("d-1", DEBT), ("d-2", DEBT | {"amount": 5})],
                "parties": [("p-1", {"name": "密文", "name#commitment": "c", "kind": "company"})],
            },
        )
    return bank


def give(bank: Any, table: str, to_org: str, level: int, purpose: str, until: datetime = LATER, **more: Any) -> str:
    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting

    with acting(bank.org, bank.person, "origination"):
        return shares.grant(table, to_org, level, purpose, until, **more)


def seen(place: Any, purpose: str = "due_diligence", table: str = "drawdowns", **more: Any) -> list[dict[str, Any]]:
    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting, cursor

    with acting(place.org, place.person, purpose, **more), cursor() as c:
        c.execute(f"select count(*) from {table}")
        assert c.fetchone() == (0,), "rows of others are never in the table itself"
        return shares.rows(table)


def test_a_share_shows_its_rows_masked_by_its_level(lent: Any, founded: Any) -> None:
    buyer, stranger = founded("asset_manager"), founded("asset_manager")
    give(lent, "drawdowns", buyer.org, 2, "due_diligence")
    one, two = seen(buyer)
    assert (one["org_id"], one["id"], one["number"], one["share_level"]) == (lent.org, "d-1", "借据一号", 2)
    assert one["amount"] is None and two["amount"] is None, "amounts are of level 3"
    assert seen(stranger) == []
    give(lent, "drawdowns", buyer.org, 3, "due_diligence", row="d-1")
    assert [row["amount"] for row in seen(buyer)] == [123_456_789, None], "the higher of two shares counts, by row"


def test_level_one_shows_that_a_row_is_there_and_little_more(lent: Any, founded: Any) -> None:
    buyer = founded("asset_manager")
    give(lent, "drawdowns", buyer.org, 1, "due_diligence")
    known = {name for name, value in seen(buyer)[0].items() if value is not None}
    assert known == {"org_id", "id", "effective_on", "fact_sequence", "fact_position", "currency", "share_level"}


def test_one_row_one_table_one_purpose(lent: Any, founded: Any) -> None:
    buyer = founded("asset_manager")
    give(lent, "drawdowns", buyer.org, 5, "due_diligence", row="d-2")
    assert [row["id"] for row in seen(buyer)] == ["d-2"]
    assert seen(buyer, "valuation") == [] and seen(buyer, table="parties") == []
    give(lent, "parties", buyer.org, 2, "valuation")
    assert seen(buyer, table="parties") == []
    (party,) = seen(buyer, "valuation", "parties")
    assert party["name"] is None and party["kind"] == "company" and "name#commitment" not in party


def test_a_share_ends_by_hand_by_time_and_starts_when_it_says(lent: Any, founded: Any, admin: Any) -> None:
    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting

    buyer = founded("asset_manager")
    ended, late = (give(lent, "drawdowns", buyer.org, 5, "due_diligence") for _ in range(2))
    give(lent, "drawdowns", buyer.org, 5, "due_diligence", LATER + timedelta(days=9), since=LATER)
    assert len(seen(buyer)) == 2
    with acting(lent.org, lent.person, "origination"):
        shares.end(ended)
        with pytest.raises(Conflict):
            shares.end(ended)
        with pytest.raises(NotFound):
            shares.end("s-none")
        assert [one.ended for one in shares.given()].count(True) == 1
    assert len(seen(buyer)) == 2, "the other share lives"
    admin.execute("alter table shares disable trigger all")
    admin.execute(
        "update shares set valid_from = now() - interval '2 hours', valid_until = now() where share_id = %s", [late]
    )
    admin.execute("alter table shares enable trigger all")
    assert seen(buyer) == [], "expired, ended, and not yet begun"


def test_only_the_owner_knows_who_granted_and_nobody_ends_anothers_share(lent: Any, founded: Any) -> None:
    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting, cursor

    buyer = founded("asset_manager")
    share = give(lent, "drawdowns", buyer.org, 2, "due_diligence")
    with acting(buyer.org, buyer.person, "due_diligence"), cursor() as c:
        (got,) = shares.received()
        assert (got.owner_org, got.share, got.level) == (lent.org, share, 2)
        assert lent.person not in repr(got) and shares.given() == []
        with pytest.raises(NotFound):
            shares.end(share)
        c.execute("select count(*) from shares")
        assert c.fetchone() == (0,)


def test_what_is_no_share_is_refused(lent: Any, founded: Any) -> None:
    buyer = founded("asset_manager")
    for given in (
        ("no_such_table", buyer.org, 2, "due_diligence"),
        ("drawdowns", buyer.org, 0, "due_diligence"),
        ("drawdowns", buyer.org, 6, "due_diligence"),
        ("drawdowns", buyer.org, 2, "no such purpose"),
        ("drawdowns", buyer.org, 2, "enforcement"),  # an asset manager never acts for it
        ("drawdowns", lent.org, 2, "due_diligence"),
        ("drawdowns", buyer.org, 2, "due_diligence", datetime.now(UTC) - timedelta(seconds=1)),
        ("drawdowns", buyer.org, 2, "due_diligence", datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)),
    ):
        with pytest.raises(InvalidInput):
            give(lent, *given)
    with pytest.raises(NotFound):
        give(lent, "drawdowns", "no-such-organisation", 2, "due_diligence")


def test_who_may_not_share_does_not(lent: Any, founded: Any) -> None:
    from panhuo_server.accounts import invitations, shares
    from panhuo_server.accounts.acting import acting

    buyer = founded("asset_manager")
    with acting(lent.org, lent.person, "administration"):
        link = invitations.invite(f"auditor-of-{lent.org}@people.example", "auditor").link
    auditor = invitations.accept_as_new(link, "审计员", "another long secret")
    with acting(lent.org, auditor, "audit"), pytest.raises(NotAllowed):
        shares.grant("drawdowns", buyer.org, 2, "due_diligence", LATER)


def test_no_share_crosses_what_is_kept_apart(founded: Any) -> None:
    own = founded("lender", legal_entity="91330100MA27YYYY0B")
    brokered = founded("asset_manager", legal_entity="91330100MA27YYYY0B", business="brokered")
    elsewhere = founded("asset_manager")
    court, mediation, supervisor = founded("court"), founded("mediation"), founded("supervisor")
    give(own, "drawdowns", elsewhere.org, 2, "due_diligence")
    for org, purpose, word in (
        (brokered.org, "due_diligence", "own-and-brokered-shares"),
        (court.org, "enforcement", "judicial-and-commercial-shares"),
        (mediation.org, "mediation", "judicial-and-commercial-shares"),
        (supervisor.org, "supervision", "rows-for-supervisor"),
    ):
        with pytest.raises(NotAllowed) as refused:
            give(own, "drawdowns", org, 2, purpose)
        assert refused.value.code == f"not-allowed/{word}"
    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting

    with acting(brokered.org, brokered.person, "market"), pytest.raises(NotAllowed):
        shares.grant("drawdowns", own.org, 2, "market", LATER)
    with acting(court.org, court.person, "enforcement", judicial=True):
        with pytest.raises(NotAllowed):
            shares.grant("proceedings", own.org, 2, "recovery", LATER)
        assert shares.grant("proceedings", mediation.org, 2, "mediation", LATER)


def test_courts_share_among_themselves(founded: Any, facts: Any) -> None:
    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting

    court, mediation = founded("court"), founded("mediation")
    with acting(court.org, court.person, "import", judicial=True):
        facts(court.org, 1, {"mediations": [("m-1", {})]}, alias="judicial")
    with acting(court.org, court.person, "mediation", judicial=True):
        shares.grant("mediations", mediation.org, 2, "mediation", LATER)
    (row,) = seen(mediation, "mediation", "mediations", judicial=True)
    assert row["id"] == "m-1"


@pytest.mark.parametrize("way", ["insert", "update"])
def test_the_database_itself_refuses_when_the_program_is_gone_round(lent: Any, founded: Any, way: str) -> None:
    from django.db import DatabaseError, transaction

    from panhuo_server.accounts.acting import acting, cursor

    court, buyer = founded("court"), founded("asset_manager")
    share = give(lent, "drawdowns", buyer.org, 2, "due_diligence")
    tried = {
        "insert": (
            "insert into shares (org_id, share_id, table_name, to_org, level, purpose, valid_until, granted_by)"
            " values (%s, 'x', 'drawdowns', %s, 5, 'enforcement', now() + interval '1 day', %s)",
            [lent.org, court.org, lent.person],
        ),
        "update": ("update shares set to_org = %s where share_id = %s", [court.org, share]),
    }[way]
    with acting(lent.org, lent.person, "origination"), cursor() as c:
        with pytest.raises(DatabaseError), transaction.atomic():
            c.execute(*tried)
        c.execute("select count(*) from shares where to_org = %s", [court.org])
        assert c.fetchone() == (0,)
