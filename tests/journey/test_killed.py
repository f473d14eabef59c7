"""Killed with -9 at any moment: what is there is whole, what is not there is absent, and the next command works.

A moment is just before or just after the n-th step that touches the disk for good (a flush, a rename), which is where
half-written things come from. How many there are is counted in a run that nobody kills, so every chosen moment is
certain to come, on a quick machine and on a slow one. Kills by the clock are an extra: whether one finds its command
still running decides nothing here.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from command import panhuo
from panhuo.ground.book.batch import recomputed_root, seal
from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.journey.night import Settings, open_snapshot, run_night
from panhuo.journey.sealing import seal_night
from panhuo.trust.evidence.keys import trusted_keys
from panhuo.trust.evidence.log import Log
from panhuo.trust.evidence.receipts import verify

ONLY = ("--only", "class_floor", "--only", "deadlines", "--no-report")

# Kills its own process at the n-th moment, counting the one before and the one after each step on the disk; unkilled,
# it writes down how many there were.
ARMED = textwrap.dedent(
    """
    import atexit, os, pathlib, signal, sys
    at, passed = int(os.environ["KILL_AT"]), 0
    def moment():
        global passed
        passed += 1
        if passed == at:
            os.kill(os.getpid(), signal.SIGKILL)
    def counted(call):
        def step(*given, **named):
            moment()
            done = call(*given, **named)
            moment()
            return done
        return step
    def armed():
        os.fsync = counted(os.fsync)
        pathlib.Path.rename = counted(pathlib.Path.rename)
        pathlib.Path.replace = counted(pathlib.Path.replace)
        atexit.register(lambda: open(os.environ["MOMENTS"], "w").write(str(passed)))
    """
)
COMMAND = ARMED + "armed()\nfrom panhuo.verbs.command_line import main\nmain()\n"
SEAL_A_BATCH = ARMED + textwrap.dedent(
    """
    from datetime import date
    import pyarrow as pa
    from panhuo.ground.book.batch import seal
    from panhuo.ground.book.folder import Book
    rows = [{"id": "乙公司", "name": "乙公司", "kind": "company", "effective_on": date(2024, 7, 1)}]
    book = Book(pathlib.Path(sys.argv[1]))
    armed()
    seal(book, {"parties": pa.Table.from_pylist(rows)}, observed_until=date(2024, 12, 31))
    """
)
# Seals a night that was computed before: only this part of a run touches the disk.
SEAL_A_NIGHT = ARMED + textwrap.dedent(
    """
    import pickle
    from types import SimpleNamespace
    from panhuo.ground.book.folder import Book
    from panhuo.journey.night import Night, Settings
    from panhuo.journey.sealing import seal_night
    book, out = Book(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2])
    night = Night(SimpleNamespace(as_of=book.as_of), *pickle.loads(pathlib.Path(sys.argv[3]).read_bytes()))
    armed()
    seal_night(book, "self", night, Settings(), out)
    """
)


@dataclass
class Killer:
    """Runs a program in a process of its own, counts its moments, kills it at one."""

    code: str
    folder: Path

    def run(self, arguments: Sequence[str | Path], at: int) -> int:
        """Exit code of the program killed at a moment; 0 kills it at none."""
        done = subprocess.run(
            [sys.executable, "-c", self.code, *map(str, arguments)],
            capture_output=True,
            env={**os.environ, "KILL_AT": str(at), "MOMENTS": str(self.folder / "moments")},
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr[-2000:]
        return done.returncode

    def moments(self, *arguments: str | Path) -> int:
        """How many moments the program has, by letting it end."""
        assert self.run(arguments, 0) == 0
        return int((self.folder / "moments").read_text())

    def kill(self, at: int, *arguments: str | Path) -> None:
        """Kills the program at a moment it is known to have."""
        assert self.run(arguments, at) == -signal.SIGKILL, f"there was no moment {at}"


def spread(moments: int, count: int) -> list[int]:
    """`count` moments from the first to the last, evenly apart."""
    return sorted({1 + (moments - 1) * i // (count - 1) for i in range(count)})


@dataclass
class Copies:
    """Fresh copies of a folder that holds `home`, a book and perhaps more, so that every kill finds the same state."""

    made: Path
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, name: str) -> Path:
        """A new copy, whose home is the home from now on."""
        copy = self.made.with_name(name)
        shutil.copytree(self.made, copy)
        self.monkeypatch.setenv("PANHUO_HOME", str(copy / "home"))
        return copy


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to make a book in, with a home of its own."""
    monkeypatch.setenv("PANHUO_HOME", str(tmp_path / "made" / "home"))
    (tmp_path / "made" / "home").mkdir(parents=True)
    return tmp_path / "made"


def whole_result(book: Path, out: Path) -> bool:
    """True when a result is there; then everything it names is there, opens and is proved."""
    if not out.exists():
        return False
    described = json.loads((out / "run.json").read_text(encoding="utf-8"))
    keys = trusted_keys(None, book)
    for name, rows in described["tables"].items():
        assert len(pq.read_table(out / f"{name}.parquet")) == rows
        assert json.loads((out / f"{name}.outcome.json").read_text(encoding="utf-8"))
        assert verify((out / "receipts" / f"{name}.json").read_bytes(), keys).valid
    return True


def whole_book(folder: Path) -> list[Any]:
    """The sealed batches, each as it was sealed; the log's entries all parse."""
    book = Book(folder)
    batches = book.batches()
    assert all(recomputed_root(b) == b.root for b in batches)
    for org in book.organisations:
        log = Log(book, org)
        assert len(log.entries()) >= 0
        assert log.heads() is not None
    return batches


def party(name: str, on: date) -> dict[str, pa.Table]:
    return {"parties": pa.Table.from_pylist([{"id": name, "name": name, "kind": "company", "effective_on": on}])}


@pytest.mark.slow
def test_sealing_killed_at_any_moment_leaves_the_batch_whole_or_absent(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killer, fresh = Killer(SEAL_A_BATCH, made.parent), Copies(made, monkeypatch)
    first = Book.create(made / "book", made_by="test")
    seal(first, party("甲公司", date(2024, 1, 1)), observed_until=date(2024, 6, 30))
    moments = killer.moments(fresh("unkilled") / "book")
    assert moments > 8, "the sealing touches the disk more often than that"
    found = []
    for at in spread(moments, 10):
        folder = fresh(f"killed-at-{at}") / "book"
        killer.kill(at, folder)
        batches = whole_book(folder)
        found.append(len(batches))
        book = Book(folder)
        # What was sealed is seen as of the day it states, and its personal values can be read.
        assert book.as_of == (date(2024, 6, 30), date(2024, 12, 31))[len(batches) - 1], f"killed at moment {at}"
        names = Snapshot(book).rows("parties").column("id").to_pylist()
        assert sorted(names) == sorted(["甲公司", "乙公司"][: len(batches)])
        again = seal(book, party("丙公司", date(2025, 1, 1)), observed_until=date(2025, 1, 31))
        assert again.sequence == len(batches) + 1
        assert len(whole_book(folder)) == len(batches) + 1 and book.as_of == date(2025, 1, 31)
        Log(book, "self").append([])
        assert len(Log(book, "self").entries()) == len(batches) + 1
    assert found == sorted(found) and set(found) == {1, 2}, "absent up to one moment, whole from it on"


@pytest.mark.slow
def test_a_first_run_killed_at_any_moment(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killer, fresh = Killer(SEAL_A_NIGHT, made.parent), Copies(made, monkeypatch)
    panhuo("sample", "--preset", "county", "--borrowers", "60", "--seed", "5", "--out", made / "book")
    computed = run_night(open_snapshot(Book(made / "book"), None, "self"), only=["class_floor"])
    night = made.parent / "night"
    night.write_bytes(pickle.dumps((computed.outcomes, computed.texts)))

    def sealed(place: Path) -> None:
        book = Book(place / "book")
        seal_night(book, "self", computed, Settings(), place / "result")

    unkilled = fresh("unkilled")
    sealed(unkilled)
    moments = killer.moments(fresh("counted") / "book", made.with_name("counted") / "result", night)
    seen = []
    for at in sorted({*spread(moments, 10), moments - 3}):  # moments - 3: written whole, not yet in its place
        place = fresh(f"killed-at-{at}")
        killer.kill(at, place / "book", place / "result", night)
        seen.append(whole_result(place / "book", place / "result"))
        assert whole_book(place / "book")
        sealed(place)
        assert whole_result(place / "book", place / "result")
        assert sorted(path.name for path in place.iterdir()) == ["book", "home", "result"], "nothing is left behind"
        for file in sorted((unkilled / "result").glob("*.parquet")):
            assert (place / "result" / file.name).read_bytes() == file.read_bytes()
    assert seen == sorted(seen) and set(seen) == {False, True}, "absent up to one moment, whole from it on"


@pytest.mark.slow
def test_a_run_killed_again_and_again(made: Path) -> None:
    book, out, kept = made / "book", made / "result", made / "kept"
    panhuo("sample", "--preset", "county", "--borrowers", "60", "--seed", "5", "--out", book)
    command = ("run", book, "--out", out, *ONLY)
    first = panhuo("run", book, "--out", kept, *ONLY)
    old = {p.name: p.read_bytes() for p in sorted((kept / "receipts").glob("*.json"))}
    killer = Killer(COMMAND, made.parent)
    fewest = killer.moments(*command, "--json")  # every input kept, every entry logged, no older result to move away
    shutil.rmtree(out)
    for at in (fewest // 2, fewest, None):
        if at is None:
            by_the_clock(*command)
        else:
            killer.kill(at, *command, "--json")
        assert whole_result(book, out) or at != fewest
        assert whole_book(book)
        keys = trusted_keys(None, book)
        assert all(verify(receipt, keys).valid for receipt in old.values())
    # The next run works, whatever was left behind, and says what the first one said.
    assert panhuo(*command)["tables"] == first["tables"]
    assert whole_result(book, out)
    for name in first["tables"]:
        assert (out / f"{name}.parquet").read_bytes() == (kept / f"{name}.parquet").read_bytes()
    name = sorted(old)[0]
    assert panhuo("verify", kept / "receipts" / name, "--book", book)["valid"]


def by_the_clock(*arguments: str | Path) -> None:
    """Starts a command and kills it a while later, if it still runs."""
    command = [sys.executable, "-m", "panhuo", *map(str, arguments), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.Random(20261122).uniform(2, 5))
    process.kill()
    process.wait()


@pytest.mark.slow
def test_a_sample_killed_while_it_seals(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killer, fresh = Killer(COMMAND, made.parent), Copies(made, monkeypatch)
    command = ("sample", "--preset", "county", "--borrowers", "30", "--seed", "3", "--json", "--out")
    moments = killer.moments(*command, fresh("unkilled") / "book")
    whole = len(whole_book(made.with_name("unkilled") / "book"))
    counts = []
    for at in spread(moments, 5):
        folder = fresh(f"killed-at-{at}") / "book"
        killer.kill(at, *command, folder)
        if not (folder / "book.json").exists():
            counts.append(0)
            continue
        batches = whole_book(folder)
        counts.append(len(batches))
        batch = seal(Book(folder), party("新公司", date(2026, 6, 30)))
        assert recomputed_root(batch) == batch.root and len(whole_book(folder)) == len(batches) + 1
    assert counts == sorted(counts) and counts[0] == 0 and counts[-1] == whole
    assert len(set(counts)) > 2, "killed at different batches"


INVOICES = {
    "a1_firms.csv": "企业代号,企业名称,信誉评级,是否违约\nE1,甲公司,A,否\nE2,乙公司,D,是\n",
    "in.csv": (
        "企业代号,发票号码,开票日期,销方单位代号,金额,税额,价税合计,发票状态\nE1,1,2019-03-01,A1,100.00,13.00,113.00,有效发票\n"
    ),
    "out.csv": (
        "企业代号,发票号码,开票日期,购方单位代号,金额,税额,价税合计,发票状态\nE2,7,2019-04-01,B1,200.00,26.00,226.00,有效发票\n"
    ),
    "rates.csv": "贷款年利率,流失率A,流失率B\n0.04,0,0.0\n0.0425,0.0945741262,1\n",
}


@pytest.mark.slow
def test_an_import_killed_at_any_moment(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killer, fresh = Killer(COMMAND, made.parent), Copies(made, monkeypatch)
    source = made.parent / "source"
    source.mkdir()
    for name, text in INVOICES.items():
        (source / name).write_text(text, encoding="utf-8")
    command = ("import", "cn-invoices", source, "--json", "--out")
    place = fresh("unkilled")
    moments = killer.moments(*command, place / "book")
    (batch,) = whole_book(place / "book")
    beside = {path.name for path in (place / "book").iterdir() if path.is_file()}
    seen = []
    for at in spread(moments, 7):
        place = fresh(f"killed-at-{at}")
        book = place / "book"
        killer.kill(at, *command, book)
        batches = whole_book(book) if (book / "book.json").exists() else []
        seen.append(len(batches))
        if batches:
            assert [b.rows for b in batches] == [batch.rows], "whole: the facts are those of an import nobody killed"
        else:
            # Absent: no fact counts.
            assert not list(book.glob("batches/*/[0-9]*"))
        # The same place is refused by name, with what to do; the next import, into a new one, works.
        again = panhuo(*command[:-2], "--out", book, expect=5) if book.exists() and any(book.iterdir()) else None
        assert again is None or (again["error"]["kind"] == "conflict" and again["error"]["remedy"])
        assert panhuo(*command[:-2], "--out", place / "next")["rows"] == batch.rows
        assert whole_book(place / "next")
        assert {path.name for path in (place / "next").iterdir() if path.is_file()} == beside
    assert seen == sorted(seen) and seen[0] == 0 and seen[-1] == 1, "absent up to one moment, whole from it on"
