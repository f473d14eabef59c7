"""Parties' keys on a server: wrapped, rotated, destroyed for good, backed up without the destroyed ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo_server.store.layout import Layout
from panhuo_server.store.party_keys import FILE, StoredPartyKeys, living, rotate_master, take_back


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout.create(tmp_path / "data")


def bytes_at(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def test_a_key_lasts_and_never_stands_bare(layout: Layout) -> None:
    keys = StoredPartyKeys(layout, "bank")
    made = keys.make("bank", "E1")
    assert StoredPartyKeys(layout, "bank").get("bank", "E1") is None, "not before save"
    keys.save()
    assert StoredPartyKeys(layout, "bank").get("bank", "E1") == made
    assert StoredPartyKeys(layout, "other").get("other", "E1") is None
    stored = bytes_at(layout.secrets)
    assert made not in stored and made.hex().encode() not in stored
    assert (layout.secrets / FILE).stat().st_mode & 0o077 == 0
    with pytest.raises(InvalidInput):
        keys.get("other", "E1")


def test_a_destroyed_key_is_gone_from_every_byte_and_never_made_again(layout: Layout) -> None:
    keys = StoredPartyKeys(layout, "bank")
    for n in range(200):
        keys.make("bank", f"E{n}")
    keys.save()
    with_it = living(layout)
    wrapped = next(w for o, p, m, w in json.loads(with_it)["keys"] if p == "E77")
    import base64

    assert base64.b64decode(wrapped) in bytes_at(layout.secrets)
    keys.destroy("bank", "E77")
    assert base64.b64decode(wrapped) not in bytes_at(layout.secrets)
    again = StoredPartyKeys(layout, "bank")
    assert again.get("bank", "E77") is None and again.get("bank", "E78") is not None
    with pytest.raises(NotFound):
        again.make("bank", "E77")
    assert wrapped.encode() not in living(layout)


def test_rotation_keeps_every_key_and_lets_the_old_master_go(layout: Layout) -> None:
    keys = StoredPartyKeys(layout, "bank")
    made = {p: keys.make("bank", p) for p in ("E1", "E2", "E3")}
    keys.save()
    keys.destroy("bank", "E2")
    old = json.loads((layout.secrets / "master-key.json").read_text())
    assert rotate_master(layout) == 2
    now = json.loads((layout.secrets / "master-key.json").read_text())
    assert set(now["keys"]) == {now["current"]} and now["current"] != old["current"]
    fresh = StoredPartyKeys(layout, "bank")
    assert (fresh.get("bank", "E1"), fresh.get("bank", "E2"), fresh.get("bank", "E3")) == (made["E1"], None, made["E3"])


def test_the_keys_backup_brings_back_the_living_alone(layout: Layout, tmp_path: Path) -> None:
    keys = StoredPartyKeys(layout, "bank")
    kept, _ = keys.make("bank", "E1"), keys.make("bank", "E2")
    keys.save()
    keys.destroy("bank", "E2")
    other = Layout.create(tmp_path / "restored")
    take_back(other, living(layout))
    again = StoredPartyKeys(other, "bank")
    assert again.get("bank", "E1") == kept and again.get("bank", "E2") is None
    with pytest.raises(NotFound):
        again.make("bank", "E2")
    with pytest.raises(InvalidInput):
        take_back(other, b"{}")


def test_a_key_moved_to_another_party_does_not_open(layout: Layout) -> None:
    import sqlite3

    keys = StoredPartyKeys(layout, "bank")
    keys.make("bank", "E1"), keys.make("bank", "E2")
    keys.save()
    file = sqlite3.connect(layout.secrets / FILE)
    with file:
        file.execute(
            "update party_keys set wrapped = (select wrapped from party_keys where party='E1') where party='E2'"
        )
    file.close()
    with pytest.raises(InvalidInput):
        StoredPartyKeys(layout, "bank").get("bank", "E2")
