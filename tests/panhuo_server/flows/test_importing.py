"""A file handed in: good rows sealed once, bad rows back, nothing personal left lying about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handing_in import NAME, SECOND, take
from panhuo.ground.record.errors import InvalidInput, NotAllowed, NotFound


def everything(server: Any) -> bytes:
    """All that the database and the data folder hold but the secrets, as one heap of bytes."""
    import psycopg

    from panhuo_server.store.postgres import address_of

    address = address_of(server)
    heap = []
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        tables = c.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
            " and table_schema in ('panhuo', 'judicial', 'flows')"
        ).fetchall()
        for schema, name in tables:
            for (row,) in c.execute(f'select t::text from "{schema}"."{name}" t').fetchall():
                heap.append(row.encode())
    for path in server.folder.rglob("*"):
        if path.is_file() and "postgres" not in path.relative_to(server.folder).parts[:1]:
            heap.append(path.read_bytes())
    return b"\n".join(heap)


@pytest.mark.slow
def test_good_rows_in_bad_rows_back_once(server: Any, ended: Any, founded: Any) -> None:
    from panhuo_server.flows import importing, mending
    from panhuo_server.store import events, uploads
    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of

    bank = founded("lender")
    upload = take(bank)
    assert ended(f"{bank.org} import {upload}").status == "SUCCESS"
    with acting(bank.org, bank.person, "import"):
        state = importing.state_of(upload)
        rows = importing.report(upload)
        kinds = [event.kind for event in events.read("import", upload)]
        open_rows = facts_of("parties", personal=True)
    assert (state.status, state.seen, state.good, state.bad) == ("classified", 3, 2, 1)
    assert kinds == ["received", "sealed", "classified"] and state.batches == (1,)
    assert {row["id"]: row["name"] for row in open_rows.to_pylist()} == {"P-1": NAME, "P-3": "测试商行"}
    assert [row["row"] for row in rows if row["severity"] == "bad"] == [3]
    assert "no such kind" in mending.report_csv(rows).decode("utf-8-sig")

    # The file is gone, the report waits under its own key, and neither name can be found in the clear anywhere.
    with pytest.raises(NotFound):
        uploads.content_of(server, bank.org, upload)
    heap = everything(server)
    assert NAME.encode() not in heap and SECOND.encode() not in heap and "客户名单".encode() not in heap
    assert f"{bank.org} import {upload}".encode() in heap, "it was looked for where things are"

    # The same file again is the same import; with other settings it is another one.
    assert take(bank) == upload
    other = take(bank, defaults={"source_row": "1"})
    assert other != upload
    assert ended(f"{bank.org} import {other}").status == "SUCCESS"

    # When its days are over the report is gone, and says so.
    importing.expire(bank.org, bank.person, False, upload)
    with acting(bank.org, bank.person, "import"):
        assert not importing.state_of(upload).report
        with pytest.raises(NotFound):
            importing.report(upload)
    assert not list((server.secrets / "uploads" / bank.org).glob(f"{upload}*"))


def test_a_file_that_cannot_be_read_is_refused_with_its_reason(server: Any, ended: Any, founded: Any) -> None:
    from panhuo_server.flows import importing
    from panhuo_server.store.acting import acting, cursor
    from panhuo_server.store.sealing import last_sequence

    bank = founded("lender")
    for content, given in ((b"PK\x03\x04 no workbook", {}), (b"not a zip", {"table": None, "source": "cn-invoices"})):
        upload = take(bank, content, **given)
        assert ended(f"{bank.org} import {upload}").status == "SUCCESS"
        with acting(bank.org, bank.person, "import"), cursor() as c:
            state = importing.state_of(upload)
            assert state.status == "refused" and state.why and state.report
            assert importing.report(upload)[0]["reason"]
            assert last_sequence(c) == 0
        again = take(bank, content, **given)  # refused is not for ever: it is tried again, under another id
        assert again == f"{upload}-1" and ended(f"{bank.org} import {again}").status == "SUCCESS"


def test_a_file_nobody_takes_in_is_destroyed_in_its_days(server: Any, engine: Any, founded: Any) -> None:
    from panhuo_server.flows import importing
    from panhuo_server.store import events, uploads
    from panhuo_server.store.acting import acting
    from panhuo_server.store.events import NewEvent

    bank = founded("lender")
    uploads.keep(server, bank.org, "f" * 32, b"content")
    with acting(bank.org, bank.person, "import"):
        received = NewEvent("received", {"what": "parties", "bytes": 7})
        events.append("import", "f" * 32, [received], seen=0, idempotency_key="received")
    for there in (True, False):
        assert importing.expire_file(bank.org, bank.person, False, "f" * 32) is there
    assert not list(server.folder.rglob("f" * 32 + "*"))
    with acting(bank.org, bank.person, "import"):
        state = importing.state_of("f" * 32)
    assert (state.status, state.why) == ("refused", "import/not-taken-in")


def test_who_may_not_import_hands_nothing_in(server: Any, engine: Any, founded: Any) -> None:
    bank = founded("lender", roles=("auditor",))
    with pytest.raises(NotAllowed):
        take(bank)
    lender = founded("lender")
    with pytest.raises(InvalidInput):
        take(lender, b"")
    assert not list((server.folder / "uploads").glob(f"{bank.org}/*"))


def test_parts_are_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow as pa

    from panhuo_server.flows import importing

    monkeypatch.setattr(importing, "PART_ROWS", 4)
    tables = {"b": pa.table({"x": list(range(5))}), "a": pa.table({"x": list(range(3))})}
    pieces = [{n: t.column("x").to_pylist() for n, t in piece.items()} for piece in importing.parts(tables)]
    assert pieces == [{"a": [0, 1, 2], "b": [0]}, {"b": [1, 2, 3, 4]}]
    assert list(importing.parts({})) == []


def test_a_kept_file_opens_only_where_it_was_put(server: Any, tmp_path: Path) -> None:
    from panhuo_server.store import uploads

    name = uploads.name_of(server, "o-1", b"abc", b"{}")
    assert name != uploads.name_of(server, "o-2", b"abc", b"{}") != uploads.name_of(server, "o-1", b"abc", b"{1}")
    uploads.keep(server, "o-1", name, b"abc")
    assert uploads.content_of(server, "o-1", name) == b"abc"
    kept = server.folder / "uploads" / "o-1" / name
    assert b"abc" not in kept.read_bytes() and kept.stat().st_mode & 0o077 == 0
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    with pytest.raises(InvalidInput):
        uploads.content_of(server, "o-1", name)
    uploads.remove(server, "o-1", name)
    with pytest.raises(NotFound):
        uploads.content_of(server, "o-1", name)
    with uploads.opened(server, b"abc", "x.csv") as path:
        assert path.read_bytes() == b"abc"
    assert not path.exists()


def test_a_cell_that_a_spreadsheet_would_run_is_text_in_a_report() -> None:
    import csv
    import io

    from panhuo_server.flows import mending

    values = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "plain", ""]
    made = mending.report_csv([{"row": 1, "value": value} for value in values]).decode("utf-8-sig")
    read = [row["value"] for row in csv.DictReader(io.StringIO(made, newline=""))]
    assert read == ["'=1+1", "'+1", "'-1", "'@x", "'\t=1", "'\r=1", "plain", ""]
    held = mending.SetAside(("a",), tuple(mending.Aside(1, (value,), ()) for value in ("\r=1", "\t=1", "-1")), {})
    lines = list(csv.reader(io.StringIO(mending.as_csv(held, "en").decode("utf-8-sig"), newline="")))
    assert [line[0] for line in lines[1:]] == ["'\r=1", "'\t=1", "-1"]


def test_what_nobody_seals_is_destroyed_when_the_worker_starts(server: Any) -> None:
    import os
    import time

    from panhuo_server.store import uploads

    for name in ("draft-old", "draft-old-plan", "draft-new", "old-report"):
        uploads.keep(server, "o/1", name, b"abc")
        if name != "draft-new":
            long_ago = time.time() - 9 * 86_400
            os.utime(server.folder / "uploads" / "o%2F1" / name, (long_ago, long_ago))
    uploads.sweep_all(server)
    assert set(uploads.kept(server, "o/1")) == {"draft-new", "old-report"}, "a report has its own end"
    keys = {path.stem for path in (server.secrets / "uploads" / "o%2F1").glob("*.key")}
    assert keys == {"draft-new", "old-report"}
