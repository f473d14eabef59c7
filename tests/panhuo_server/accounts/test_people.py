"""Members, invitations, programs and tokens of an organisation, and what must be kept apart."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, NotFound

PASSWORD = "another long secret"
_NUMBERS = itertools.count(1)


def joined(place: Any, role: str = "officer", *, judicial: bool = False) -> tuple[str, str]:
    """(person, address) of somebody new who accepted an invitation."""
    from panhuo_server.accounts import invitations
    from panhuo_server.accounts.acting import acting

    email = f"person{next(_NUMBERS)}@people.example"
    with acting(place.org, place.person, "administration", judicial=judicial):
        link = invitations.invite(email, role).link
    return invitations.accept_as_new(link, "张三", PASSWORD), email


def session_of(email: str, password: str = PASSWORD) -> str:
    from panhuo_server.accounts.sign_in import sign_in

    return sign_in(email, password, f"192.0.2.{next(_NUMBERS)}").session


def test_the_database_holds_the_declared_permissions(server: Any) -> None:
    from django.db import connections

    from panhuo_server.accounts.roles import permissions

    with connections["owner"].cursor() as c:
        c.execute("select role, sort, name from role_permissions")
        assert set(c.fetchall()) == set(permissions())


def test_the_page_tells_the_roles_as_they_are_declared(project_root: Any) -> None:
    from panhuo_server.accounts.roles import KINDS, ROLES

    told = {}
    for line in (project_root / "docs" / "accounts.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and cells[0].startswith("`"):
            kinds = set(KINDS.positions) if cells[2] == "全部 all" else set(cells[2].split())
            told[cells[0].strip("`")] = (cells[1], kinds, set(cells[3].split()), set(cells[4].split()))
    declared = {r.code: (f"{r.zh} · {r.en}", set(r.kinds), set(r.purposes), set(r.acts)) for r in ROLES}
    assert told == declared


def test_an_invited_person_joins_with_the_role_and_may_enter_for_its_purposes_only(founded: Any) -> None:
    from panhuo_server.accounts import invitations, persons
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    person, email = joined(bank, "risk_manager")
    with acting(bank.org, person, "valuation") as who:
        assert who.roles == ("risk_manager",)
        with pytest.raises(NotAllowed):
            invitations.invite("friend@people.example", "administrator")
        with pytest.raises(NotAllowed):
            persons.grant_role(person, "administrator")
    for purpose in ("recovery", "administration", "no such purpose", ""):
        with pytest.raises(NotAllowed), acting(bank.org, person, purpose):
            pass
    with acting(bank.org, bank.person, "administration"):
        (one,) = [m for m in persons.memberships() if m.person == person]
        assert (one.email, one.role, one.granted_by) == (email, "risk_manager", bank.person)


def test_an_invitation_is_accepted_once_lapses_and_is_taken_back(founded: Any) -> None:
    from django.db import connections

    from panhuo_server.accounts import invitations
    from panhuo_server.accounts.acting import acting

    bank, other = founded("lender"), founded("lender")
    with acting(bank.org, bank.person, "administration"):
        once, back, late = (invitations.invite(f"i{next(_NUMBERS)}@people.example", "officer") for _ in range(3))
        invitations.revoke(back.invitation)
        with pytest.raises(NotFound):
            invitations.revoke(back.invitation)
        with pytest.raises(InvalidInput):
            invitations.invite("x@people.example", "judge")
        with pytest.raises(InvalidInput):
            invitations.invite("x@people.example", "service")
        with pytest.raises(InvalidInput):
            invitations.invite("no address", "officer")
        short = invitations.invite("soon@people.example", "officer", lasts=timedelta(microseconds=1))
    with acting(other.org, other.person, "administration"), pytest.raises(NotFound):
        invitations.revoke(late.invitation)
    assert invitations.offer(once.link).role == "officer"
    assert invitations.accept_as_new(once.link, "李四", PASSWORD)
    forged = late.link[:-4] + "AAAA"
    for link in (once.link, back.link, short.link, forged, "", "invitation.x.y", late.link + "="):
        with pytest.raises(NotFound):
            invitations.offer(link)
        with pytest.raises(NotFound):
            invitations.accept_as_new(link, "李四", PASSWORD)
    connections.close_all()


def test_an_existing_person_accepts_by_their_own_session_only(founded: Any) -> None:
    from panhuo_server.accounts import invitations
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.sign_in import places_of

    bank, amc = founded("lender"), founded("asset_manager")
    person, email = joined(bank, "lawyer")
    _, other = joined(bank, "lawyer")
    with acting(amc.org, amc.person, "administration"):
        link = invitations.invite(email.upper(), "lawyer").link
    with pytest.raises(Conflict):
        invitations.accept_as_new(link, "张三", PASSWORD)
    with pytest.raises(NotAllowed):
        invitations.accept(link, session_of(other))
    with pytest.raises(NotAllowed):
        invitations.accept(link, "session..x.y")
    session = session_of(email)
    assert invitations.accept(link, session) == person
    assert {place.org for place in places_of(session)} == {bank.org, amc.org}


def test_the_last_administrator_stays_even_when_two_leave_at_once(founded: Any) -> None:
    import threading

    from django.db import connections

    from panhuo_server.accounts import persons
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    with acting(bank.org, bank.person, "administration"):
        with pytest.raises(Conflict):
            persons.end_role(bank.person, "administrator")
        with pytest.raises(Conflict):
            persons.remove(bank.person)
        persons.end_role(bank.person, "officer")
    second, _ = joined(bank, "administrator")
    came: list[str] = []
    ready = threading.Barrier(2)

    def leave(who: str, whom: str) -> None:
        try:
            with acting(bank.org, who, "administration"):
                ready.wait(10)
                persons.end_role(whom, "administrator")
            came.append("ended")
        except (Conflict, NotAllowed):
            came.append("kept")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=leave, args=pair) for pair in ((bank.person, second), (second, bank.person))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(came) == ["ended", "kept"]


def test_an_ended_member_is_out_at_once_with_tokens_and_invitations(founded: Any) -> None:
    from panhuo_server.accounts import invitations, persons, tokens
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    second, _ = joined(bank, "administrator")
    with acting(bank.org, second, "administration"):
        mine = tokens.issue("script", ["administration"])
        friend = invitations.invite("friend-of-second@people.example", "administrator")
    assert tokens.bearing(mine.text).person == second
    with acting(bank.org, bank.person, "administration"):
        assert persons.remove(second) == 1
        with pytest.raises(NotFound):
            persons.remove(second)
        (gone,) = [m for m in persons.memberships(ended=True) if m.person == second]
        assert gone.ended_by == bank.person and second not in {m.person for m in persons.memberships()}
    with pytest.raises(NotAllowed), acting(bank.org, second, "administration"):
        pass
    with pytest.raises(NotAllowed):
        tokens.bearing(mine.text)
    with pytest.raises(NotFound):
        invitations.offer(friend.link)


def test_tokens_have_scopes_an_end_and_no_stored_text(founded: Any) -> None:
    from panhuo_server.accounts import persons, tokens
    from panhuo_server.accounts.acting import acting

    bank, other = founded("lender"), founded("lender")
    officer, _ = joined(bank, "officer")
    with acting(bank.org, bank.person, "administration"):
        program = persons.add_program("夜间导入")
        token = tokens.issue("import", ["import", "nightly_run"], person=program, read_only=True)
        short = tokens.issue("short", ["import"], person=program, lasts=timedelta(microseconds=1))
        with pytest.raises(InvalidInput):
            tokens.issue("too much", ["approval"], person=program)
        with pytest.raises(InvalidInput):
            tokens.issue("none", [])
        with pytest.raises(NotFound):
            tokens.issue("somebody else's", ["monitoring"], person=officer)
    with tokens.acting_by_token(token.text, "import") as who:
        assert (who.org, who.person, who.roles) == (bank.org, program, ("service",))
        from django.db.utils import InternalError

        from panhuo_server.accounts.acting import cursor

        with cursor() as c, pytest.raises(InternalError, match="read-only"):
            c.execute(
                "insert into batches (org_id, sequence, root, tables) values (%s, 1, repeat('0', 64), '{}')", [bank.org]
            )
    for text, purpose in (
        (token.text, "monitoring"),
        (short.text, "import"),
        (token.text[:-1], "import"),
        ("", "import"),
    ):
        with pytest.raises(NotAllowed) as refused, tokens.acting_by_token(text, purpose):
            pass
        assert refused.value.code == "not-allowed/token"
    with acting(other.org, other.person, "administration"):
        assert tokens.tokens() == []
        with pytest.raises(NotFound):
            tokens.revoke(token.token)
    with acting(bank.org, bank.person, "administration"):
        (kept,) = [t for t in tokens.tokens() if t.token == token.token]
        assert kept.last_used_at is not None and kept.read_only
        tokens.revoke(token.token)
    with pytest.raises(NotAllowed):
        tokens.bearing(token.text)


def test_a_program_has_no_password(founded: Any) -> None:
    from panhuo_server.accounts import persons
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    with acting(bank.org, bank.person, "administration"):
        program = persons.add_program("脚本")
    for tried in ("!", "", "anything at all"):
        with pytest.raises(NotAllowed):
            session_of(f"{program}@program.invalid", tried)


@pytest.mark.parametrize(
    ("first", "second"),
    [("court", "lender"), ("lender", "court"), ("mediation", "investor"), ("asset_manager", "mediation")],
)
def test_judicial_staff_hold_no_commercial_role_and_the_other_way_round(founded: Any, first: str, second: str) -> None:
    from panhuo_server.accounts import invitations, persons
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.organisations import found
    from panhuo_server.accounts.roles import JUDICIAL_KINDS

    working = {"court": "clerk", "lender": "officer", "mediation": "mediator", "investor": "investor"}
    one, two = founded(first), founded(second)
    role, other_role = working.get(first, "asset_manager"), working.get(second, "asset_manager")
    person, email = joined(one, role, judicial=first in JUDICIAL_KINDS)
    with acting(two.org, two.person, "administration", judicial=second in JUDICIAL_KINDS):
        link = invitations.invite(email, other_role).link
    with pytest.raises(NotAllowed) as refused:
        invitations.accept(link, session_of(email))
    assert refused.value.code == "not-allowed/judicial-and-commercial-staff"
    with pytest.raises(NotAllowed):
        found(f"new-{next(_NUMBERS)}", "新机构", second, email, "张三", PASSWORD)
    # After leaving the one side they may serve the other.
    with acting(one.org, one.person, "administration", judicial=first in JUDICIAL_KINDS):
        persons.remove(person)
    assert invitations.accept(link, session_of(email)) == person


def test_nobody_serves_own_and_brokered_business_of_one_legal_entity(founded: Any) -> None:
    from panhuo_server.accounts import invitations, persons
    from panhuo_server.accounts.acting import acting

    own = founded("lender", legal_entity="91330100MA27XXXX0A")
    brokered = founded("asset_manager", legal_entity=" 91330100ma27xxxx0a ", business="brokered")
    person, email = joined(own, "lawyer")
    with acting(brokered.org, brokered.person, "administration"):
        link = invitations.invite(email, "lawyer").link
    with pytest.raises(NotAllowed) as refused:
        invitations.accept(link, session_of(email))
    assert refused.value.code == "not-allowed/own-and-brokered-staff"
    with acting(own.org, own.person, "administration"):
        persons.remove(person)
    assert invitations.accept(link, session_of(email)) == person


def test_two_sides_joined_at_once_leave_one(founded: Any) -> None:
    import threading

    from django.db import connections

    from panhuo_server.accounts import invitations
    from panhuo_server.accounts.acting import acting

    home, court, bank = founded("lender"), founded("court"), founded("lender")
    person, email = joined(home, "lawyer")
    with acting(home.org, home.person, "administration"):
        from panhuo_server.accounts import persons

        persons.remove(person)
    with acting(court.org, court.person, "administration", judicial=True):
        links = [invitations.invite(email, "clerk").link]
    with acting(bank.org, bank.person, "administration"):
        links.append(invitations.invite(email, "officer").link)
    session, came = session_of(email), []

    def accept(link: str) -> None:
        try:
            invitations.accept(link, session)
            came.append("joined")
        except NotAllowed:
            came.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=accept, args=(link,)) for link in links]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(came) == ["joined", "refused"]
