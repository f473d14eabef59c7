"""Restore drill: back up, restore elsewhere: every root, log and receipt holds; the forgotten stay forgotten."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.record.errors import Conflict, InvalidInput, NotFound

DRILL = """
import json, sys
from pathlib import Path
from panhuo_server.store.layout import Layout
from panhuo_server.store.migrating import ready
layout = Layout(Path(sys.argv[1]))
ready(layout)
from panhuo_server.store import log
from panhuo_server.store.acting import acting
from panhuo_server.store.reading import facts_of, close_connections
from panhuo.ground.book.catalogue import TABLES
from panhuo_server.store.reading import opened
with acting(sys.argv[2], sys.argv[3], "monitoring"):
    rows = facts_of("parties")
    receipts = [log.receipt(n).decode() for n in range(len(log.entries()))]
close_connections()
print(json.dumps({"ids": rows.column("id").to_pylist(), "receipts": receipts}))
"""


def parties(*names: str) -> dict[str, pa.Table]:
    rows = [
        {"id": name, "name": f"{name}有限公司", "kind": "company", "effective_on": date(2024, 1, 1)} for name in names
    ]
    return {"parties": pa.Table.from_pylist(rows)}


@pytest.mark.slow
def test_what_was_acknowledged_comes_back_and_the_forgotten_do_not(server: Any, founded: Any, tmp_path: Path) -> None:
    import json

    from panhuo.trust.evidence.keys import TrustedKey, fingerprint
    from panhuo.trust.evidence.receipts import verify
    from panhuo_server.store import events, log, signing, uploads, webhooks
    from panhuo_server.store.acting import acting, cursor
    from panhuo_server.store.backup import back_up, check, last_backup, restore
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.party_keys import StoredPartyKeys
    from panhuo_server.store.postgres import Cluster, address_of
    from panhuo_server.store.proving import prove
    from panhuo_server.store.sealing import seal

    bank = founded("lender")
    for n in range(3):
        with acting(bank.org, bank.person, "administration"):
            seal(parties(f"甲{n}", f"乙{n}"), idempotency_key=f"k{n}")
    with acting(bank.org, bank.person, "monitoring"), cursor() as c:
        old = [log.receipt(n) for n in range(len(log.entries()))]
        keys: list[TrustedKey] = signing.published(c)
    StoredPartyKeys(server, bank.org).destroy(bank.org, "乙1")
    # A file handed in and not yet sealed, one whose file is gone, one that was sealed; a webhook's key.
    handed, gone, taken = "a" * 32, "b" * 32, "c" * 32
    content = "编号,名称\n甲9,欧阳未封存\n".encode()
    uploads.keep(server, bank.org, handed, content)
    with acting(bank.org, bank.person, "import"):
        for name in (handed, gone, taken):
            said = [events.NewEvent("received", {"what": "parties", "bytes": 9})]
            events.append("import", name, said, seen=0, idempotency_key=f"{name} received")
        sealed = events.NewEvent("sealed", {"why": ""})
        events.append("import", taken, [sealed], seen=1, idempotency_key=f"{taken} sealed")
    signs = webhooks.key_of(server, bank.org, "w-1")

    file = tmp_path / "out" / "backup.tar"
    made = back_up(server, file)
    assert made.organisations[bank.org]["sequence"] == 3
    with pytest.raises(Conflict):
        back_up(server, file)
    held = file.read_bytes()
    for secret in sorted(server.secrets.glob("*.json")):
        for value in json.loads(secret.read_text()).values():
            assert not isinstance(value, str) or len(value) < 16 or value.encode() not in held, secret.name
    assert "甲1有限公司".encode() not in held, "personal values stand as ciphertext"
    key = (server.secrets / "uploads" / bank.org / f"{handed}.key").read_bytes()
    assert f"uploads/{bank.org}/{handed}".encode() in held and content not in held and key not in held
    last = last_backup(server)
    assert last is not None and last.isoformat(timespec="seconds") == made.made_at

    again = Layout(tmp_path / "again")
    with pytest.raises(NotFound):
        restore(again, tmp_path / "none.tar", Path(f"{file}.keys"))
    restore(again, file)
    try:
        assert StoredPartyKeys(again, bank.org).get(bank.org, "甲1") is not None
        assert StoredPartyKeys(again, bank.org).get(bank.org, "乙1") is None
        assert uploads.content_of(again, bank.org, handed) == content
        assert webhooks.key_of(again, bank.org, "w-1") == signs, "who receives messages still knows them as ours"
        assert [one for one in uploads.to_hand_in_again(again) if one[0] == bank.org] == [(bank.org, gone, "parties")]
        said = subprocess.run(
            [sys.executable, "-c", DRILL, str(again.folder), bank.org, bank.person],
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert said.returncode == 0, said.stderr[-2000:]
        found = json.loads(said.stdout)
        assert sorted(found["ids"]) == sorted(f"{x}{n}" for n in range(3) for x in "甲乙")
        assert {fingerprint(k.key) for k in keys}
        assert all(verify(text.encode(), keys).valid for text in found["receipts"])
        assert all(verify(receipt, keys).valid for receipt in old), "receipts given before the drill verify still"
        batches, wrong = check(again, made)
        # Other tests of this process leave rows in the database that were never sealed; ours are told apart.
        mine = [words for words in wrong if words.startswith(f"{bank.org}:")]
        assert batches >= 3 and mine == []
        # A row changed behind the database's back is found out.
        import psycopg

        address = address_of(again)
        with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
            c.execute("set session_replication_role = replica")
            c.execute("update panhuo.parties set kind = 'person' where org_id = %s and id = '甲2'", [bank.org])
        found_out = [words for words in prove(address)[1] if words.startswith(f"{bank.org}:")]
        assert found_out == [f"{bank.org}: batch 3 is not what was sealed"]
    finally:
        Cluster(again).stop(mode="immediate")
    with pytest.raises(Conflict):
        restore(again, file)


@pytest.mark.parametrize("name", ["../roles.json", "uploads/x/../../roles.key", "roles.json", "signing-keys/a/b"])
def test_a_keys_file_writes_nowhere_but_in_its_places(tmp_path: Path, name: str) -> None:
    import json

    from panhuo_server.store import party_keys
    from panhuo_server.store.layout import Layout

    layout = Layout.create(tmp_path / "data")
    held = {**json.loads(party_keys.living(layout)), "files": {name: "AAAA"}}
    with pytest.raises(InvalidInput):
        party_keys.take_back(Layout.create(tmp_path / "again"), json.dumps(held).encode())
    assert not list(tmp_path.rglob("roles.*")) and not list(tmp_path.rglob("b"))


def test_what_is_removed_while_a_backup_looks_waits_for_it(tmp_path: Path) -> None:
    from threading import Thread

    from panhuo_server.store import uploads
    from panhuo_server.store.layout import Layout

    layout = Layout.create(tmp_path / "data")
    uploads.keep(layout, "bank", "a" * 32, b"rows")
    removing = Thread(target=uploads.remove, args=(layout, "bank", "a" * 32))
    with uploads.steady(layout):
        removing.start()
        removing.join(0.3)
        assert removing.is_alive() and uploads.is_kept(layout, "bank", "a" * 32)
        keys = uploads.held(layout, tmp_path / "held")
    removing.join()
    assert not uploads.is_kept(layout, "bank", "a" * 32)
    # What was put aside is whole although the file and its key are gone.
    again = Layout.create(tmp_path / "again")
    ((place, key),) = keys.items()
    (again.secrets / place).parent.mkdir(parents=True)
    (again.secrets / place).write_bytes(key)
    uploads.take_back(again, tmp_path / "held")
    assert uploads.content_of(again, "bank", "a" * 32) == b"rows"


def test_a_backup_that_was_changed_is_refused(server: Any, tmp_path: Path) -> None:
    from panhuo_server.store.backup import back_up, opened, restore
    from panhuo_server.store.layout import Layout

    file = tmp_path / "backup.tar"
    back_up(server, file)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(InvalidInput), opened(file):
        pass
    file.write_bytes(b"nothing")
    with pytest.raises(InvalidInput):
        restore(Layout(tmp_path / "again"), file)
    shutil.rmtree(tmp_path / "again", ignore_errors=True)
