"""Somebody who works while servers die: does what it is told again until it is acknowledged, and writes that down.

``chaos_client.py prepare`` founds the organisation; ``chaos_client.py work`` does the numbered commands up to
the number it reads, and then up to the next one. Each line of the journal was written after its transaction was
committed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

ORG = "chaos-bank"
GOOD = 20
"""Good rows of each file; one more is bad."""


def journal() -> Path:
    return Path(os.environ["CHAOS_JOURNAL"])


def acknowledge(**said: Any) -> None:
    with journal().open("a") as file:
        file.write(json.dumps(said) + "\n")
        file.flush()
        os.fsync(file.fileno())


def prepare() -> None:
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.migrating import ready

    layout = Layout.current()
    ready(layout)
    from panhuo_server.accounts import invitations
    from panhuo_server.accounts.organisations import found
    from panhuo_server.flows.engine import prepare as prepare_engine
    from panhuo_server.store.acting import acting

    prepare_engine(layout)
    bank = found(ORG, "混沌银行", "lender", "admin@chaos.example", "管理员", "long enough secret")
    with acting(ORG, bank.person, "administration"):
        invited = invitations.invite("approver@chaos.example", "approver")
    approver = invitations.accept_as_new(invited.link, "审批人", "a long enough secret 7")
    journal().with_suffix(".people").write_text(json.dumps([bank.person, approver]))


def commands(officer: str, approver: str) -> list[Callable[[int], None]]:
    from panhuo_server.flows.approvals import Authority
    from panhuo_server.flows.approving import answer, propose
    from panhuo_server.flows.importing import hand_in
    from panhuo_server.flows.nightly import ask_for_night
    from panhuo_server.store.acting import acting
    from panhuo_server.store.group_commit import GroupCommit

    line = GroupCommit()

    def import_file(n: int) -> None:
        rows = "".join(f"I-{n}-{k},客户{n}号{k},company,2026-01-05\n" for k in range(GOOD))
        content = f"编号,名称,类型,发生日\n{rows}B-{n},坏行,no such kind,2026-01-05\n".encode()
        with acting(ORG, officer, "import"):
            upload = hand_in(content, file_name="f.csv", table="parties", only=("class_floor",))
        acknowledge(did="import", n=n, upload=upload)

    def make_proposal(n: int) -> None:
        at = datetime.now(UTC)
        with acting(ORG, officer, "recovery"):
            from panhuo_server.store import events

            ends = timedelta(seconds=3 if n % 10 == 1 else 10**6)
            if not events.read("approval", f"W-{n}"):  # the first try may have been committed: its times then stand
                propose(
                    f"W-{n}", subject="claims/C-1", action="write_off", amount=1_00,
                    authorities=[Authority("approver", None)], remind_at=at + timedelta(seconds=1),
                    escalate_at=at + timedelta(seconds=2), expires_at=at + ends,
                )  # fmt: skip
        acknowledge(did="propose", n=n, expires=n % 10 == 1)

    def approve(n: int) -> None:
        if (n - 1) % 10 == 1:  # that one is left to time
            make_proposal(n)
            return
        with acting(ORG, approver, "approval"):
            answer(f"W-{n - 1}", "approve", idempotency_key=f"yes {n - 1}")
        acknowledge(did="approve", n=n - 1)

    def seal(n: int) -> None:
        rows = [{"id": f"S-{n}-{k}", "effective_on": date(2026, 1, 5), "kind": "company"} for k in range(5)]
        with acting(ORG, officer, "import") as who:
            pass
        said = line.seal(who, {"parties": rows}, idempotency_key=f"seal {n}")
        acknowledge(did="seal", n=n, facts=said.fact_ids["parties"])

    def night(n: int) -> None:
        with acting(ORG, officer, "nightly_run"):
            ask_for_night(f"night-{n}", only=("class_floor",))
        acknowledge(did="night", n=n)

    return [import_file, make_proposal, approve, seal, night]


def work() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "panhuo_server.settings"
    import django

    django.setup()
    from django.db import connections
    from django.db.utils import Error

    from panhuo.ground.record.errors import Conflict, Unavailable

    officer, approver = json.loads(journal().with_suffix(".people").read_text())
    known = commands(officer, approver)
    n = 0
    for line in sys.stdin:
        while n < int(line):
            try:
                known[n % len(known)](n)
                n += 1
                continue
            except (Error, Unavailable):
                connections.close_all()  # the database is away: the same command again
            except Conflict as error:
                if error.code != "conflict/stream-moved-on":
                    raise
            time.sleep(0.2)


if __name__ == "__main__":
    prepare() if sys.argv[1] == "prepare" else work()
