"""kill -9 in the middle of imports, nights and approvals: nothing acknowledged is lost, nothing happens twice.

A few rounds by default; ``make chaos`` runs fifty of the server and ten of PostgreSQL (``PANHUO_CHAOS_SERVER``,
``PANHUO_CHAOS_POSTGRES``), and ``PANHUO_CHAOS_SEED`` draws a run's kinds and moments of kills again. A kill comes when
work is seen to be under way, at a random moment from then; how fast the machine is decides nothing, and whether a kill
met a step is counted, not assumed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 900  # seconds any one wait may last on a slow machine; nothing is measured with it
ROUNDS = {
    "server": int(os.environ.get("PANHUO_CHAOS_SERVER", "2")),
    "postgres": int(os.environ.get("PANHUO_CHAOS_POSTGRES", "1")),
}
COMMANDS = 5
"""Commands handed out in each round: each kind once."""
ORG, GOOD = "chaos-bank", 20
"""As the client has them."""
CLIENT = Path(__file__).with_name("chaos_client.py")


class Place:
    """A data folder, its server, and whoever works with it."""

    def __init__(self, folder: Path) -> None:
        from panhuo_server.store.layout import Layout

        self.folder = folder
        self.layout = Layout.create(folder / "data")
        self.journal = folder / "journal"
        self.served: subprocess.Popen[bytes] | None = None
        self.clients: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **os.environ, "PANHUO_DATA": str(self.layout.folder), "CHAOS_JOURNAL": str(self.journal),
            "PANHUO_HOME": str(folder / "home"),
        }  # fmt: skip
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)

    def client(self, *words: Any) -> subprocess.Popen[bytes]:
        with (self.folder / "client.txt").open("ab") as said:
            command = [sys.executable, str(CLIENT), *map(str, words)]
            started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said, env=self.environment)
        self.clients.append(started)
        return started

    def serve(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        command = [sys.executable, "-m", "panhuo", "serve", "--port", port, "--workers", "1"]
        with (self.folder / "said.txt").open("ab") as said:
            self.served = subprocess.Popen(
                [*command, "--data", str(self.layout.folder)], stdout=said, stderr=said, env=self.environment,
                start_new_session=True,
            )  # fmt: skip

    def kill_server(self) -> None:
        assert self.served is not None and self.served.poll() is None, "the server ended by itself"
        os.killpg(self.served.pid, signal.SIGKILL)
        self.served.wait()

    def postmaster(self) -> int:
        return int((self.layout.postgres / "postmaster.pid").read_text().split("\n")[0])

    def rows(self, statement: str, *given: Any) -> list[tuple[Any, ...]]:
        import psycopg

        from panhuo_server.store.postgres import Cluster

        address = Cluster(self.layout).address()
        with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
            return list(c.execute(statement, given or None).fetchall())  # type: ignore[arg-type]

    def work(self, *states: str) -> int:
        return int(self.rows("select count(*) from flows.workflow_status where status = any(%s)", list(states))[0][0])

    def steps(self) -> int:
        return int(self.rows("select count(*) from flows.operation_outputs")[0][0])

    def acknowledged(self) -> list[dict[str, Any]]:
        if not self.journal.exists():
            return []
        return [json.loads(line) for line in self.journal.read_text().splitlines()]


def wait_for(there: Callable[[], Any], place: Place) -> Any:
    import psycopg

    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert place.served is None or place.served.poll() is None, (place.folder / "said.txt").read_text()[-3000:]
        try:
            if found := there():
                return found
        except (psycopg.OperationalError, OSError, ValueError):
            pass  # the database is away, as it is to be
        time.sleep(0.1)
    raise AssertionError(f"it did not come in time: {_stuck(place)} " + (place.folder / "said.txt").read_text()[-3000:])


def _stuck(place: Place) -> str:
    from panhuo_server.flows.status import of_organisations

    work = [one for found in of_organisations(place.layout).values() for one in found if one.state != "waiting"]
    return "; ".join(f"{one.kind} {one.id} {one.state} at {one.step}: {one.why}" for one in work)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    from panhuo_server.store.postgres import Cluster

    made = Place(tmp_path)
    yield made
    for client in made.clients:
        client.kill()
        client.wait()
    if made.served is not None and made.served.poll() is None:
        os.killpg(made.served.pid, signal.SIGKILL)
        made.served.wait()
    Cluster(made.layout).stop(mode="immediate")


def nothing_lost(place: Place) -> None:
    """What was acknowledged is there, whatever else is."""
    said = place.acknowledged()
    sealed = {
        (f"S-{one['n']}-{k}", fact) for one in said if one["did"] == "seal" for k, fact in enumerate(one["facts"])
    }
    there = place.rows("select id, fact_sequence || '-' || fact_position from panhuo.parties where id like 'S-%'")
    assert sealed <= set(there) and len({i for i, _ in there}) == len(there), "sealed facts: there, and once"
    happened = Counter(place.rows("select stream_kind, stream_id, kind from panhuo.events"))
    for one in said:
        match one["did"]:
            case "import":
                assert happened[("import", one["upload"], "received")] == 1
            case "propose":
                assert happened[("approval", f"W-{one['n']}", "proposed")] == 1
            case "approve":
                assert happened[("approval", f"W-{one['n']}", "approved")] == 1
    asked = {
        f"{ORG} import {one['upload']}" if one["did"] == "import" else f"{ORG} night night-{one['n']}"
        for one in said if one["did"] in ("import", "night")
    }  # fmt: skip
    assert asked <= {row[0] for row in place.rows("select workflow_uuid from flows.workflow_status")}
    assert max(happened.values(), default=1) == 1, "nothing happened twice"


def all_done(place: Place) -> None:
    """Everything asked for was done, once, and can be proved."""
    from panhuo_server.store.postgres import Cluster
    from panhuo_server.store.proving import prove

    nothing_lost(place)
    said = place.acknowledged()
    failed = place.rows(
        "select workflow_uuid, status from flows.workflow_status where status not in ('SUCCESS', 'DELAYED')"
    )
    assert failed == [], _stuck(place)
    happened = Counter(place.rows("select stream_kind, stream_id, kind from panhuo.events"))
    facts = dict(
        place.rows("select split_part(id, '-', 2), count(*) from panhuo.parties where id like 'I-%%' group by 1")
    )
    imports = {one["n"]: one["upload"] for one in said if one["did"] == "import"}
    assert facts == {str(n): GOOD for n in imports}, "every row of every file, once"
    for n, upload in imports.items():
        for kind in ("received", "sealed", "classified"):
            assert happened[("import", upload, kind)] == 1, (n, kind)
        assert place.rows("select count(*) from panhuo.commands where idempotency_key = %s", f"import {upload} 0") == [
            (1,)
        ]
        assert not (place.layout.folder / "uploads" / ORG / upload).exists()
    for one in said:
        if one["did"] == "propose" and one["expires"]:
            for kind in ("reminded", "escalated", "expired"):
                assert happened[("approval", f"W-{one['n']}", kind)] == 1, (one, kind)
    runs = {f"night-{one['n']}" for one in said if one["did"] == "night"} | {f"import-{u}" for u in imports.values()}
    assert {row[0] for row in place.rows("select distinct run_id from panhuo.outcomes")} == runs
    assert place.rows("select count(*) from panhuo.log_entries group by leaf having count(*) > 1") == []
    batches, wrong = prove(Cluster(place.layout).address())
    assert wrong == [] and batches == len(imports) + len({f.split("-")[0] for o in said for f in o.get("facts", ())})


def one_round(place: Place, client: subprocess.Popen[bytes], number: int, kind: str, wait: float) -> bool:
    """Some work, a kill in the middle of it, a look at what is there; whether work was under way when it came."""

    def come() -> bool:
        assert client.poll() is None, (place.folder / "client.txt").read_text()[-3000:]
        return len(place.acknowledged()) == (number + 1) * COMMANDS

    assert client.stdin is not None
    steps = place.steps()
    client.stdin.write(f"{(number + 1) * COMMANDS}\n".encode())
    client.stdin.flush()
    # In the middle means: this worker has finished a step since, and has work taken up. Each round brings some.
    wait_for(lambda: place.steps() > steps and (place.work("PENDING") or not place.work("ENQUEUED")), place)
    time.sleep(wait)
    met = place.work("PENDING") > 0
    if kind == "server":
        place.kill_server()
        nothing_lost(place)
        place.serve()
    else:
        before = place.postmaster()
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: place.postmaster() != before and place.work("SUCCESS", "PENDING") >= 0, place)
        nothing_lost(place)
    wait_for(come, place)
    return met


@pytest.mark.slow
def test_killed_again_and_again(place: Place) -> None:
    seed = int(os.environ.get("PANHUO_CHAOS_SEED", time.time_ns() % 10**6))
    chance = random.Random(seed)
    assert place.client("prepare").wait(PATIENCE) == 0, (place.folder / "client.txt").read_text()[-3000:]
    kills = ["server"] * ROUNDS["server"] + ["postgres"] * ROUNDS["postgres"]
    chance.shuffle(kills)
    met = Counter[str]()
    place.serve()
    client = place.client("work")
    for number, kind in enumerate(kills):
        met[kind] += one_round(place, client, number, kind, chance.random() * 1.5)
    assert client.stdin is not None
    client.stdin.close()
    assert client.wait(PATIENCE) == 0
    expected = sum(1 for one in place.acknowledged() if one["did"] == "propose" and one["expires"])
    ended = "select count(*) from panhuo.events where stream_kind = 'approval' and kind = 'expired'"
    wait_for(lambda: not place.work("PENDING", "ENQUEUED") and place.rows(ended)[0][0] == expected, place)
    all_done(place)
    counts = Counter(one["did"] for one in place.acknowledged())
    sys.stderr.write(f"chaos: seed {seed}, {dict(Counter(kills))} kills, in work {dict(met)}, done {dict(counts)}\n")
