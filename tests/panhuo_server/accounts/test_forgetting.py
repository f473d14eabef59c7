"""Forgetting: refused while a rule binds, whole however often it is cut short; nothing personal is left anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleRefused

DAY = date(2025, 3, 31)
CANARY = {
    "name": "欧阳金丝雀",
    "identifier": "11010519491231002X",
    "phone": "13912345678",
    "address": "甲乙路三百二十七号鸟巢",
    "bank_account": "6212345678900000003",
}
SPELT = [value.encode(code) for value in CANARY.values() for code in ("utf-8", "utf-16-le", "gb18030")]


def filled(column: Any) -> Any:
    """A value for a column that must be known and does not matter here."""
    if column.codes is not None:
        return next(iter(column.codes)).code
    return {pa.string(): "x", pa.int64(): 1, pa.int32(): 1, pa.date32(): DAY, pa.bool_(): True}[column.arrow_type()]


def table(rows: list[dict[str, Any]], name: str) -> pa.Table:
    from panhuo.ground.book.catalogue import TABLES

    columns = [c for c in TABLES[name].fact_schema.columns if c.name != "org_id"]
    for row in rows:
        row |= {c.name: filled(c) for c in columns if c.required and row.get(c.name) is None}
    named = {key for row in rows for key in row}
    return pa.table(
        {c.name: pa.array([row.get(c.name) for row in rows], c.arrow_type()) for c in columns if c.name in named}
    )


def state(place: Any, key: str, judicial: bool = False, **tables: list[dict[str, Any]]) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.sealing import seal

    facts = {name: table([{"effective_on": DAY, **row} for row in rows], name) for name, rows in tables.items()}
    with acting(place.org, place.person, "import", judicial=judicial):
        seal(facts, idempotency_key=key)


def people(place: Any) -> None:
    state(
        place,
        "people",
        parties=[{"id": "p1", "kind": "person", **CANARY}, {"id": "p2", "kind": "person", "name": "留下的"}],
        transactions=[
            {"id": "t1", "party_id": "p1", "booked_on": date(2004, 1, 5), "account": CANARY["bank_account"],
             "remark": f"转给{CANARY['name']}"}
        ],
    )  # fmt: skip


OLD = {"reason": "关系自二〇〇四年结束，无业务", "on": date(2026, 3, 2)}


def test_a_binding_rule_refuses_and_says_until_when(server: Any, founded: Any) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.forgetting import foresee, forget, kept
    from panhuo_server.verbs.forget import _foreseen, show

    bank = founded("lender")
    people(bank)
    state(
        bank, "auction", assets=[{"id": "a1", "kind": "residential", "owner_id": "p1"}],
        matters=[{"id": "m1", "kind": "single", "party_id": "p1"}],
        proceedings=[{"id": "c1", "matter_id": "m1", "kind": "enforcement"}],
        auction_lots=[{"id": "l1", "asset_id": "a1", "proceeding_id": "c1"}],
        auction_rounds=[{"id": "r1", "lot_id": "l1", "kind": "first", "ends_on": date(2018, 5, 7), "result": "sold"}],
    )  # fmt: skip
    with pytest.raises(RuleRefused) as refused:
        forget(bank.org, bank.person, "p1", "purpose_ended", **OLD)
    # 法释〔2016〕18号 art. 29: ten years at least; 2018-05-07 and ten years is 2028-05-07.
    assert refused.value.code == "RET-01" and "2028-05-07" in str(refused.value)
    with acting(bank.org, bank.person, "privacy"):
        assert [(k.rule, k.until, k.binds) for k in kept("p1", date(2026, 3, 2)) if k.binds] == [
            ("RET-01", date(2028, 5, 7), True)
        ]
    # What the verb says of it before anybody confirms.
    said = _foreseen(foresee(bank.org, bank.person, "p1", "purpose_ended", on=OLD["on"]), OLD["reason"])
    assert not said["allowed"] and not said["forgotten"] and said["rule"] == "PIPL-47-1"
    (one,) = [one for one in said["keeps"] if one["binds"]]
    assert (one["rule"], one["until"]) == ("RET-01", "2028-05-07") and said["values"]["parties.name"] == 1
    assert (
        "RET-01" in show(said, "zh") and "约束：现在不得删除" in show(said, "zh") and "现在不能执行" in show(said, "zh")
    )
    assert "binds: not now" in show(said, "en") and "it may not be done as asked" in show(said, "en")


def test_advice_needs_a_reason_without_personal_data(server: Any, founded: Any) -> None:
    from panhuo_server.accounts.forgetting import forget

    bank = founded("lender")
    people(bank)
    state(bank, "loan", contracts=[{"id": "k1", "party_id": "p1", "due_on": date(2020, 1, 5)}])
    on = date(2026, 3, 2)
    with pytest.raises(RuleRefused, match="advises") as refused:
        forget(bank.org, bank.person, "p1", "purpose_ended", on=on)
    # The 2006 law's five years were still running when the 2024 law made them ten: to 2030, as the bank's own policy.
    assert refused.value.code == "RET-06" and "2030-01-05" in str(refused.value)
    for reason in (f"{CANARY['name']}来电要求", "来电 13800138000"):
        with pytest.raises(InvalidInput) as caught:
            forget(bank.org, bank.person, "p1", "purpose_ended", reason=reason, on=on)
        assert CANARY["name"] not in str(caught.value) and "13800138000" not in str(caught.value)
    done = forget(bank.org, bank.person, "p1", "purpose_ended", reason="合同已结清，本人申请", on=on)
    assert done.rule == "PIPL-47-1" and [one.rule for one in done.against] == ["RET-06", "RET-07"]


def test_who_may_not_forget_does_not(server: Any, founded: Any) -> None:
    from panhuo_server.accounts import persons
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.forgetting import finish, forget

    bank, other = founded("lender"), founded("lender")
    people(bank)
    with acting(bank.org, bank.person, "administration"):
        program = persons.add_program("夜间")
    with pytest.raises(NotAllowed):
        forget(bank.org, program, "p1", "purpose_ended", **OLD)
    with pytest.raises(NotFound):
        forget(other.org, other.person, "p1", "purpose_ended", **OLD)
    with pytest.raises(InvalidInput):
        forget(bank.org, bank.person, "p1", "no ground", **OLD)
    assert finish(bank.org, bank.person) == []


STEPS = ("destroy", "purge", "finished")


@pytest.mark.parametrize("cut", STEPS)
def test_cut_short_anywhere_it_is_finished_later(
    server: Any, founded: Any, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    from panhuo_server.accounts import forgetting
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store import erasing, log
    from panhuo_server.store.migrating import ready
    from panhuo_server.store.party_keys import StoredPartyKeys

    bank = founded("lender")
    people(bank)

    class Killed(BaseException):
        pass

    def killed(*given: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        if cut == "finished":
            patch.setattr(
                erasing, "note", lambda p, kind, b, n=erasing.note: killed() if kind == cut else n(p, kind, b)
            )
        else:
            patch.setattr(erasing, cut, killed)
        forgetting.forget(bank.org, bank.person, "p1", "purpose_ended", **OLD)
    ready(server)  # a server that starts again destroys the key before it serves anybody
    assert StoredPartyKeys(server, bank.org).get(bank.org, "p1") is None
    assert forgetting.finish(bank.org, bank.person) == ["p1"] and forgetting.finish(bank.org, bank.person) == []
    again = forgetting.forget(bank.org, bank.person, "p1", "purpose_ended", **OLD)
    with acting(bank.org, bank.person, "privacy"):
        entries = [json.loads(line) for line in log.entries()]
    assert [e for e in entries if e["kind"] == "erasure"] == [entries[again.position]]
    assert entries[again.position] == {"kind": "erasure", "org": bank.org, "party": "p1", "rule": "PIPL-47-1"}
    with pytest.raises(Conflict):
        forgetting.forget(bank.org, bank.person, "p1", "unlawful", **OLD)
    with pytest.raises(NotFound):  # nothing personal of it is ever added again
        state(bank, "more", parties=[{"id": "p1", "kind": "person", "name": "新"}])


def test_what_was_shown_to_others_is_told_to_them(server: Any, founded: Any) -> None:
    from panhuo_server.accounts import forgetting, shares
    from panhuo_server.accounts.acting import acting

    bank, buyer, stranger = founded("lender"), founded("asset_manager"), founded("asset_manager")
    people(bank)
    until = datetime.now(UTC) + timedelta(days=1)
    with acting(bank.org, bank.person, "market"):
        shares.grant("parties", buyer.org, 3, "due_diligence", until)
        shares.grant("parties", stranger.org, 3, "due_diligence", until, row="p2")
    done = forgetting.forget(bank.org, bank.person, "p1", "purpose_ended", **OLD)
    assert done.told == (buyer.org,)
    with acting(buyer.org, buyer.person, "privacy"):
        assert forgetting.received() == [(bank.org, "p1", "PIPL-47-1", OLD["on"])]
    with acting(stranger.org, stranger.person, "privacy"):
        assert forgetting.received() == []


def test_an_erasure_does_not_move_the_day_the_books_are_observed_to(server: Any, founded: Any) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.forgetting import forget
    from panhuo_server.store.reading import facts_of
    from panhuo_server.store.statements import observed

    bank = founded("lender")
    people(bank)
    forget(bank.org, bank.person, "p1", "purpose_ended", **OLD)
    with acting(bank.org, bank.person, "privacy"):
        assert observed() == DAY
        (row,) = facts_of("erasures").to_pylist()
    assert (row["party_id"], row["erased_on"], row["effective_on"]) == ("p1", OLD["on"], DAY)


def test_a_value_sealed_while_a_person_is_being_forgotten_is_gone_with_it(
    server: Any, founded: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connections

    from panhuo_server.accounts import blind_index, forgetting
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.reads import personal_rows
    from panhuo_server.store import erasing

    bank = founded("lender")
    people(bank)
    destroy = erasing.destroy

    def more() -> None:
        state(bank, "more", parties=[{"id": "p1", "kind": "person", "name": "后来的名字"}])
        connections.close_all()

    def meanwhile(*given: Any) -> None:
        # Another request, between the transaction that records the erasure and the lock under which the key goes.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(more).result()
        found = admin.execute("select count(*) from blind_index where org_id = %s and party_id = 'p1'", [bank.org])
        assert found.fetchone() == (8,), "five values, two of a transaction, and the new name"
        destroy(*given)

    monkeypatch.setattr(erasing, "destroy", meanwhile)
    forgetting.forget(bank.org, bank.person, "p1", "purpose_ended", **OLD)
    found = admin.execute("select count(*) from blind_index where org_id = %s and party_id = 'p1'", [bank.org])
    assert found.fetchone() == (0,)
    with acting(bank.org, bank.person, "monitoring"):
        assert blind_index.find("name", "后来的名字") == []
        assert {row["name"] for row in personal_rows("parties", ["p1"])} == {None}


def test_a_court_forgets_apart_from_commercial_data(server: Any, founded: Any) -> None:
    from panhuo_server.accounts import access_report, blind_index, consent, forgetting
    from panhuo_server.accounts.acting import acting

    court = founded("court")
    state(court, "people", True, parties=[{"id": "p1", "kind": "person", **CANARY}])
    with acting(court.org, court.person, "privacy", judicial=True):
        assert blind_index.find("phone", CANARY["phone"]) == [("parties", "p1")]
        consent.grant("p1", "marketing", idempotency_key="g")
        consent.withdraw("p1", "marketing", idempotency_key="w")
        assert [one.standing for one in consent.of_party("p1")] == ["withdrawn"]
    done = forgetting.forget(court.org, court.person, "p1", "consent_withdrawn", judicial=True, on=date(2036, 3, 31))
    assert done.rule == "PIPL-47-3" and done.against == ()
    with acting(court.org, court.person, "privacy", judicial=True):
        assert blind_index.find("phone", CANARY["phone"]) == []
        report = access_report.report("p1")
    assert report["erased_under"] == "PIPL-47-3"
    assert not {row["value"] for row in report["held"]} & set(CANARY.values())


def held_under(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            try:
                yield path, path.read_bytes()
            except OSError:
                continue  # a segment the database recycled meanwhile


def verb(*words: str) -> Any:
    """A verb in a process of its own, as an operator gives it; nothing personal in what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "panhuo", *words, "--json"], capture_output=True, timeout=300, check=False
    )
    assert done.returncode == 0, (done.stdout[-1000:], done.stderr[-2000:])
    assert found_in(done.stdout + done.stderr) == []
    return json.loads(done.stdout)


def mail(admin: Any, place: Any) -> str:
    """The address somebody signs in with."""
    row = admin.execute("select email from panhuo.persons where person_id = %s", [place.person]).fetchone()
    return str(row[0])


def found_in(data: bytes) -> list[str]:
    return [value.decode("utf-8", "replace") for value in SPELT if value in data]


@pytest.mark.slow
def test_no_byte_of_the_person_is_left_and_every_receipt_still_verifies(
    server: Any, founded: Any, admin: Any, tmp_path: Path
) -> None:
    """Scanned: pg_dump's text of all schemas, every file of the cluster (heap, indexes, WAL) after a checkpoint and a
    vacuum, every file of the data folder (secrets, cached books, results, uploads, logs), the newest backup pair with
    its dump restored to text. A plain canary is found by the same scan first, so it is able to find."""
    import psycopg

    from panhuo.journey.sealing import replay
    from panhuo.trust.evidence.receipts import row_of, verify
    from panhuo_server.accounts import blind_index
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.reads import personal_rows
    from panhuo_server.store import log, signing, uploads
    from panhuo_server.store.acting import cursor
    from panhuo_server.store.backup import back_up, opened, restore
    from panhuo_server.store.books import cached_book
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.migrating import ready
    from panhuo_server.store.party_keys import StoredPartyKeys
    from panhuo_server.store.postgres import Cluster, address_of, programs

    bank = founded("lender")
    people(bank)
    state(bank, "other", parties=[{"id": "p3", "kind": "person", "name": "王五"}])
    with acting(bank.org, bank.person, "monitoring"):
        assert personal_rows("parties", ["p1"])[0]["name"] == CANARY["name"]
        assert blind_index.find("name", CANARY["name"]) == [("parties", "p1")]
        book = cached_book()
        with cursor() as c:
            keys = signing.published(c)
        receipts = [log.receipt(n) for n in range(len(log.entries()))]
    (server.results / bank.org).mkdir(parents=True)
    (server.results / bank.org / "report.html").write_text(CANARY["name"])
    uploads.keep(server, bank.org, "a" * 32, json.dumps(CANARY, ensure_ascii=False).encode())
    before = tmp_path / "before.tar"
    back_up(server, before)
    plain = [path for path, data in held_under(server.folder) if found_in(data)]
    assert plain == [server.results / bank.org / "report.html"], "the scan finds what is there, and only what is"

    # --- by the verb: said first, then done
    asked = ["forget", "p1", "--org", bank.org, "--ground", "purpose_ended", "--by", mail(admin, bank)]
    asked += ["--data", str(server.folder)]
    seen = verb(*asked)
    assert not seen["forgotten"] and seen["allowed"] and seen["keeps"] == [], "five years from 2004 are over"
    assert seen["values"] == {
        "parties.address": 1, "parties.bank_account": 1, "parties.identifier": 1, "parties.name": 1, "parties.phone": 1,
        "transactions.account": 1, "transactions.remark": 1,
    }  # fmt: skip
    assert seen["tokens"] == 7 and seen["copies"] == {"book": 1, "runs": 0, "files": 1}
    assert StoredPartyKeys(server, bank.org).get(bank.org, "p1") is not None, "saying destroys nothing"
    done = verb(*asked, "--reason", OLD["reason"], "--confirm", "--receipt", str(tmp_path / "erasure.json"))
    assert done["forgotten"] and done["rule"] == "PIPL-47-1" and done["older_keys"] == []
    assert "keys" in done["remedy"][1]
    erasure = verify((tmp_path / "erasure.json").read_bytes(), keys)
    assert erasure.valid and erasure.entry == {
        "kind": "erasure", "org": bank.org, "party": "p1", "rule": "PIPL-47-1"
    }  # fmt: skip
    assert verb(*asked)["forgotten"], "asked again it says so"

    # --- the scan
    admin.execute("vacuum full")
    admin.execute("checkpoint")
    for path, data in held_under(server.folder):
        assert found_in(data) == [], path
    address = address_of(server)
    given = address.parameters(address.admin, address.admin_password)
    dump = [str(programs() / "pg_dump"), "-h", given["host"], "-p", str(given["port"]), "-U", given["user"]]
    text = subprocess.run([*dump, address.database], env={**os.environ, "PGPASSWORD": given["password"]},
                          capture_output=True, check=True).stdout  # fmt: skip
    assert b"blind_index" in text and found_in(text) == []
    assert admin.execute(
        "select count(*) from blind_index where party_id = 'p1' and org_id = %s", [bank.org]
    ).fetchone() == (0,)
    after = tmp_path / "after.tar"
    back_up(server, after)
    with opened(after) as (folder, _):
        script = subprocess.run([str(programs() / "pg_restore"), "-f", "-", str(folder / "database.dump")],
                                capture_output=True, check=True).stdout  # fmt: skip
        assert b"COPY" in script and found_in(script) == []
    for path in (after, Path(f"{after}.keys")):
        assert found_in(path.read_bytes()) == []
    held = json.loads(Path(f"{after}.keys").read_bytes())
    assert [bank.org, "p1"] in held["forgotten"] and [bank.org, "p1"] not in [one[:2] for one in held["keys"]]
    assert not [name for name in held["files"] if name.startswith(f"uploads/{bank.org}/")]

    # --- nothing that was proved is unproved, and a replay says what became of the person
    with acting(bank.org, bank.person, "monitoring"):
        assert blind_index.find("name", CANARY["name"]) == []
        assert personal_rows("parties", ["p1"])[0]["name"] is None
        assert personal_rows("parties", ["p3"])[0]["name"] == "王五"
        book = cached_book()
        receipts += [log.receipt(n) for n in range(len(log.entries()))]
    assert all(verify(receipt, keys).valid for receipt in receipts)
    entries = [verify(receipt, keys).entry for receipt in receipts[:2]]
    assert [replay(book, entry).how for entry in entries if entry] == ["erased under PIPL-47-1", "same"]
    assert all(row_of(receipt) is None for receipt in receipts)

    # --- an older backup with the newest keys' file: erased again first
    again = Layout(tmp_path / "again")
    restore(again, before, Path(f"{after}.keys"))
    assert uploads.kept(again, bank.org) == {}, "the file handed in was in that backup; nothing opens it any more"
    drill = """
import json, sys
from pathlib import Path
from panhuo_server.store.layout import Layout
from panhuo_server.store.migrating import ready
layout = Layout(Path(sys.argv[1]))
ready(layout)
from panhuo_server.store.erasing import record_again
from panhuo_server.store.acting import acting
from panhuo_server.accounts import blind_index
from panhuo_server.accounts.forgetting import erased, finish
left = record_again(layout)
with acting(sys.argv[2], sys.argv[3], "privacy"):
    found, said, others = blind_index.find("name", sys.argv[4]), erased("p1"), blind_index.find("name", "王五")
print(json.dumps([left, found, said[0], others, finish(sys.argv[2], sys.argv[3])]))
"""
    try:
        said = subprocess.run([sys.executable, "-c", drill, str(again.folder), bank.org, bank.person, CANARY["name"]],
                              capture_output=True, text=True, timeout=300)  # fmt: skip
        assert said.returncode == 0, said.stderr[-3000:]
        assert json.loads(said.stdout) == [[], [], "PIPL-47-1", [["parties", "p3"]], []]
        assert StoredPartyKeys(again, bank.org).get(bank.org, "p1") is None
        with psycopg.connect(**address_of(again).parameters(address.admin, address_of(again).admin_password)) as c:
            rows = c.execute("select count(*) from panhuo.erasures where org_id = %s", [bank.org]).fetchall()
            assert rows == [(1,)]
    finally:
        Cluster(again).stop(mode="immediate")
    ready(server)
