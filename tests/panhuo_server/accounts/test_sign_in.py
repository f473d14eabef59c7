"""Signing in: the same answer whoever asks, throttled by account and by address, sessions that end."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from typing import Any

import pytest

from panhuo.ground.record.errors import InvalidInput, NotAllowed, Unavailable

PASSWORD = "long enough secret"
_ADDRESSES = (f"10.0.{a}.{b}" for a in itertools.count() for b in range(250))


def email_of(admin: Any, person: str) -> str:
    return str(admin.execute("select email from persons where person_id = %s", [person]).fetchone()[0])


def test_a_person_signs_in_and_sees_where_they_may_act(founded: Any, admin: Any) -> None:
    from panhuo_server.accounts import sign_in as door
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    signed = door.sign_in("  " + email_of(admin, bank.person).upper(), PASSWORD, next(_ADDRESSES))
    assert signed.person == bank.person == door.person_of(signed.session)
    (place,) = door.places_of(signed.session)
    assert (place.org, place.kind, place.judicial) == (bank.org, "lender", False)
    assert "administrator" in place.roles
    with acting(place.org, signed.person, "monitoring") as who:
        assert who.roles == place.roles


def test_wrong_password_and_unknown_person_answer_alike_and_take_alike(founded: Any, admin: Any) -> None:
    from panhuo_server.accounts.sign_in import sign_in

    known = [email_of(admin, founded("lender").person) for _ in range(4)]
    said, took = set(), {True: [], False: []}
    for number, email in enumerate(known):
        for there, asked in ((True, email), (False, f"nobody{number}-{email}")):
            start = time.perf_counter()
            with pytest.raises(NotAllowed) as refused:
                sign_in(asked, "not the password", next(_ADDRESSES))
            took[there].append(time.perf_counter() - start)
            said.add(str(refused.value) + refused.value.code)
    assert len(said) == 1
    known_time, unknown_time = statistics.median(took[True]), statistics.median(took[False])
    assert 0.4 < known_time / unknown_time < 2.5, (known_time, unknown_time)


def test_an_account_is_throttled_from_any_address_and_the_right_password_does_not_help(
    founded: Any, admin: Any
) -> None:
    from panhuo_server.accounts import sign_in as door

    email = email_of(admin, founded("lender").person)
    from panhuo_server.store.sign_ins import count_try

    for _ in range(3):
        with pytest.raises(NotAllowed):
            door.sign_in(email, "not the password", next(_ADDRESSES))
    for _ in range(door.ACCOUNT_TRIES - 3):
        assert count_try("account", door._named(email), door.ACCOUNT_TRIES, door.WINDOW) == 0
    with pytest.raises(Unavailable) as refused:
        door.sign_in(email, PASSWORD, next(_ADDRESSES))
    seconds = int(refused.value.where.split()[1])
    assert 0 < seconds <= door.WINDOW.total_seconds()
    admin.execute(
        "update sign_in_tries set since = since - interval '16 minutes' where name_hash = %s", [door._named(email)]
    )
    assert door.sign_in(email, PASSWORD, next(_ADDRESSES)).person


def test_an_unknown_account_is_throttled_like_a_known_one(server: Any) -> None:
    from panhuo_server.accounts import sign_in as door
    from panhuo_server.store.sign_ins import count_try

    with pytest.raises(NotAllowed):
        door.sign_in("nobody@nowhere.example", "x", next(_ADDRESSES))
    for _ in range(door.ACCOUNT_TRIES - 1):
        assert count_try("account", door._named("nobody@nowhere.example"), door.ACCOUNT_TRIES, door.WINDOW) == 0
    with pytest.raises(Unavailable):
        door.sign_in("Nobody@Nowhere.example ", "x", next(_ADDRESSES))


def test_an_address_is_throttled_over_all_accounts(server: Any) -> None:
    from datetime import timedelta

    from panhuo_server.accounts import sign_in as door
    from panhuo_server.store.sign_ins import count_try

    address = next(_ADDRESSES)
    for _ in range(door.ADDRESS_TRIES):
        assert count_try("address", door._named(address), door.ADDRESS_TRIES, timedelta(minutes=15)) == 0
    with pytest.raises(Unavailable):
        door.sign_in("somebody@else.example", "x", address)


def test_parallel_tries_are_counted_one_by_one(server: Any) -> None:
    from datetime import timedelta

    from django.db import connections

    from panhuo_server.store.sign_ins import count_try

    waits: list[int] = []

    def tries() -> None:
        for _ in range(5):
            waits.append(count_try("account", "parallel", 10, timedelta(minutes=15)))
        connections.close_all()

    threads = [threading.Thread(target=tries) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(waits) == 30 and sum(wait == 0 for wait in waits) == 10


def test_a_try_counts_even_when_its_transaction_is_undone(server: Any) -> None:
    from datetime import timedelta

    from django.db import transaction

    from panhuo_server.store.sign_ins import count_try

    with transaction.atomic(using="default"):
        count_try("account", "undone", 1, timedelta(minutes=15))
        transaction.set_rollback(True, using="default")
    assert count_try("account", "undone", 1, timedelta(minutes=15)) > 0


def test_sessions_end_by_hand_by_time_and_by_idling(founded: Any, admin: Any) -> None:
    from panhuo_server.accounts import sign_in as door

    email = email_of(admin, founded("lender").person)
    one, two, three, four = (door.sign_in(email, PASSWORD, next(_ADDRESSES)).session for _ in range(4))
    assert door.sign_out(one) == 1 and door.sign_out(one) == 0
    admin.execute("update sessions set valid_until = now() where session_id = %s", [two.split(".")[2]])
    admin.execute(
        "update sessions set last_used_at = now() - interval '31 minutes' where session_id = %s", [three.split(".")[2]]
    )
    for session in (one, two, three, four[:-1], "", "session..x.y", four.replace("session", "token")):
        with pytest.raises(NotAllowed) as refused:
            door.person_of(session)
        assert refused.value.code == "not-allowed/session"
    assert door.person_of(four)
    assert door.sign_out(four, everywhere=True) >= 1
    with pytest.raises(NotAllowed):
        door.person_of(four)


def test_no_secret_is_stored_as_it_is(founded: Any, admin: Any) -> None:
    from panhuo_server.accounts import sign_in as door

    email = email_of(admin, founded("lender").person)
    session = door.sign_in(email, PASSWORD, next(_ADDRESSES)).session
    secret = session.split(".")[3]
    rows = admin.execute("select s::text from sessions s union all select p::text from persons p").fetchall()
    whole = "\n".join(row[0] for row in rows)
    assert secret not in whole and PASSWORD not in whole
    assert "argon2$argon2id$" in whole


def test_a_new_password_ends_the_other_sessions(founded: Any, admin: Any) -> None:
    from panhuo_server.accounts import sign_in as door

    email = email_of(admin, founded("lender").person)
    kept, other = (door.sign_in(email, PASSWORD, next(_ADDRESSES)).session for _ in range(2))
    with pytest.raises(NotAllowed):
        door.change_password(kept, "wrong old one", "another long secret")
    with pytest.raises(InvalidInput):
        door.change_password(kept, PASSWORD, "short")
    assert door.change_password(kept, PASSWORD, "another long secret") == 1
    assert door.person_of(kept)
    with pytest.raises(NotAllowed):
        door.person_of(other)
    with pytest.raises(NotAllowed):
        door.sign_in(email, PASSWORD, next(_ADDRESSES))
    assert door.sign_in(email, "another long secret", next(_ADDRESSES)).person


def test_the_operator_gives_a_new_password_and_every_session_ends(founded: Any, admin: Any) -> None:
    from panhuo.ground.record.errors import NotFound
    from panhuo_server.accounts import sign_in as door

    email = email_of(admin, founded("lender").person)
    session = door.sign_in(email, PASSWORD, next(_ADDRESSES)).session
    door.reset_password(email, "given by the operator")
    with pytest.raises(NotAllowed):
        door.person_of(session)
    assert door.sign_in(email, "given by the operator", next(_ADDRESSES)).person
    with pytest.raises(NotFound):
        door.reset_password("nobody@nowhere.example", "given by the operator")
