"""The database: facts sealed and read back under row-level security, commands committed in groups, beside plain COPY.

Invariant: ours and the plain COPY move the same rows into the same running PostgreSQL, one after the other, in one run.
The plain COPY has no row-level security, no identities, no hashes, no log and no proof: what it costs is the floor.

    python -m bench.store [--facts 1000000] [--events 20000] [--json FILE]
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

DAY = date(2026, 6, 30)
PURPOSE = "monitoring"


@contextmanager
def a_server() -> Iterator[Any]:
    """A new data folder with its database, stopped and thrown away afterwards."""
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.migrating import ready
    from panhuo_server.store.postgres import Cluster

    folder = Path(tempfile.mkdtemp(prefix="panhuo-bench-"))
    os.environ["PANHUO_HOME"] = str(folder / "secrets")
    layout = Layout.create(folder)
    try:
        ready(layout)
        yield layout
    finally:
        from django.db import connections

        connections.close_all()
        Cluster(layout).stop(mode="immediate")
        shutil.rmtree(folder, ignore_errors=True)


def postings(count: int) -> Any:
    """Ledger postings: the most common fact, twelve known columns, ten postings a drawdown."""
    import numpy as np
    import pyarrow as pa

    numbers = np.arange(count)
    days = pa.array((18_000 + numbers % 2_500).astype(np.int32)).cast(pa.date32())
    text = pa.array(numbers).cast(pa.string())
    import pyarrow.compute as pc

    return pa.table(
        {
            "id": pc.binary_join_element_wise("posting", text, "-"),
            "effective_on": days,
            "source_doc": pa.array(["core/ledger-2026-06.csv"] * count),
            "source_row": pa.array(numbers + 2),
            "drawdown_id": pc.binary_join_element_wise("drawdown", pa.array(numbers // 10).cast(pa.string()), "-"),
            "party_id": pc.binary_join_element_wise("party", pa.array(numbers // 40).cast(pa.string()), "-"),
            "posted_on": days,
            "value_date": days,
            "component": pa.array(np.where(numbers % 3 == 0, "interest", "principal")),
            "kind": pa.array(["receive"] * count),
            "amount": pa.array((numbers * 7_919) % 10_000_000),
            "currency": pa.array(["CNY"] * count),
        }
    )


def memory() -> float:
    """Most memory this process ever held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def database_seconds(layout: Any) -> float:
    """Processor seconds of the database's processes so far: what a busy machine does not stretch as it does a clock."""
    ticks = 0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if (place / "cwd").resolve() == layout.postgres.resolve() and (place / "exe").resolve().name == "postgres":
                said = (place / "stat").read_text().rsplit(")", 1)[1].split()
                ticks += int(said[11]) + int(said[12])
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def processor(layout: Any, rows: int) -> Iterator[dict[str, float]]:
    """Microseconds of the processor a row that this process and the database took for the block."""
    found: dict[str, float] = {}
    own, database = time.process_time(), database_seconds(layout)
    yield found
    found["own processor, us a row"] = (time.process_time() - own) / rows * 1e6
    found["database's processor, us a row"] = (database_seconds(layout) - database) / rows * 1e6


def plain_copy(layout: Any, rows: Any, copies: int = 1) -> float:
    """Seconds for COPY of the same rows into a plain table: no indexes, no policies, committed."""
    import psycopg

    from panhuo.ground.book.catalogue import TABLES
    from panhuo_server.store.declared import quoted, stored_columns
    from panhuo_server.store.facts import copy_format
    from panhuo_server.store.postgres import address_of

    columns = [(n, k) for n, k in stored_columns(TABLES["postings"]) if n in rows.column_names]
    address = address_of(layout)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        c.execute(f"create table plain ({', '.join(f'{quoted(n)} {k}' for n, k in columns)})")
        c.commit()
        start = time.perf_counter()
        with c.cursor().copy("copy plain from stdin (format binary)") as copy:
            for piece in copy_format(columns, rows):
                copy.write(piece)
        c.commit()
        took = time.perf_counter() - start
        c.execute("drop table plain")
    return took


def found(number: int) -> Any:
    """A new organisation."""
    from panhuo_server.accounts.organisations import found as founding

    return founding(f"bank-{number}", "Bench", "lender", f"a{number}@bench.example", "Bench", "long enough secret")


def facts_in_and_out(layout: Any, count: int) -> list[dict[str, Any]]:
    """One batch of `count` facts sealed, then read back, beside plain COPY of the same rows."""
    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of
    from panhuo_server.store.sealing import seal

    who = found(1)
    with acting(who.org, who.person, PURPOSE):
        seal({"postings": postings(1000)}, idempotency_key="warm")
    with acting(who.org, who.person, PURPOSE):
        facts_of("postings")
    before = memory()
    rows = postings(count)
    held = rows.nbytes / 1e6
    copy = plain_copy(layout, rows)
    who = found(2)
    start = time.perf_counter()
    with processor(layout, count) as spent, acting(who.org, who.person, PURPOSE):
        seal({"postings": rows}, idempotency_key="all")
    took = time.perf_counter() - start
    most = memory()
    again = plain_copy(layout, rows)
    plain = (copy + again) / 2
    del rows
    with acting(who.org, who.person, PURPOSE):
        start = time.perf_counter()
        back = facts_of("postings")
        read = time.perf_counter() - start
    assert len(back) == count, len(back)
    return [
        {"what": "plain COPY", "rows": count, "seconds": plain, "a second": count / plain},
        {
            "what": "sealed",
            "rows": count,
            "seconds": took,
            "a second": count / took,
            "times plain COPY": took / plain,
            **spent,
            "memory before, MB": before,
            "rows given, MB": held,
            "most memory, MB": most,
        },
        {"what": "read back under row-level security", "rows": count, "seconds": read, "a second": count / read,
         "most memory, MB": memory()},
    ]  # fmt: skip


def events(layout: Any, count: int, threads: int = 4) -> list[dict[str, Any]]:
    """`count` commands of one fact each from several threads, committed in groups, beside plain COPY of the rows."""
    from panhuo_server.store.acting import Acting, acting, cursor
    from panhuo_server.store.group_commit import GroupCommit

    who = found(3)
    actor = Acting(who.org, who.person, PURPOSE)
    rows = postings(count)
    given = [{k: v for k, v in row.items() if v is not None} for row in rows.to_pylist()]
    group = GroupCommit()
    group.seal(actor, {"postings": [{**given[0], "id": "warm"}]}, idempotency_key="warm")
    copy = plain_copy(layout, rows)
    answers: list[list[Any]] = [[] for _ in range(threads)]

    def work(number: int) -> None:
        waiting = [
            group.submit(actor, {"postings": [given[i]]}, idempotency_key=f"event-{i}")
            for i in range(number, count, threads)
        ]
        answers[number] = [future.result() for future in waiting]

    start = time.perf_counter()
    workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    gc.collect()
    gc.freeze()  # what the bench itself holds ready, a server would not
    with processor(layout, count) as spent:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    took = time.perf_counter() - start
    group.close()
    batches = len({answer.sequence for one in answers for answer in one})
    with acting(who.org, who.person, PURPOSE), cursor() as c:
        c.execute("select count(*) from postings where org_id = acting_org()")
        assert c.fetchone()[0] == count + 1
    plain = (copy + plain_copy(layout, rows)) / 2
    return [
        {"what": "plain COPY of the events", "rows": count, "seconds": plain, "a second": count / plain},
        {
            "what": "events in groups, each answered after its commit",
            "rows": count,
            "seconds": took,
            "a second": count / took,
            "batches": batches,
            "times plain COPY": took / plain,
            **spent,
        },
    ]


def main(facts: int, count: int) -> list[dict[str, Any]]:
    """Every measure, in the order it is told."""
    with a_server() as layout:
        return [*facts_in_and_out(layout, facts), *events(layout, count)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--facts", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    measures = main(chosen.facts, chosen.events)
    for measure in measures:
        print("  ".join(f"{k} {v:,.2f}" if isinstance(v, float) else f"{k} {v}" for k, v in measure.items()))
    if chosen.json:
        chosen.json.write_text(json.dumps(measures, indent=1), encoding="utf-8")
    sys.exit(0)
