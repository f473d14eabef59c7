"""Makes a demonstration in a folder, or opens the one that is there.

    making          there while it is made or thrown away; only a folder that holds it is half made, and made again
    demo.json       what it was made with; written last
    sign-ins.json   who signs in how; only the user who made it may read it
    book/           the sample book
    report/         the bank's last night over that book without a server: its tables, receipts and report.html
    data/           the server's data folder

Invariant: nothing is thrown away but a half-made demonstration, unless `anew` says so; a folder that holds anything
else is refused. The database is the demonstration's own, whatever DATABASE_URL names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from panhuo.ground.book.folder import write_whole
from panhuo.ground.record.errors import Conflict, Defect
from panhuo.journey.report.words import Text
from panhuo_server.demonstration.cast import (
    ASSET_MANAGER,
    BANK,
    BORROWER,
    CAST,
    Organisation,
    Person,
    SignIn,
    organisations,
    password,
)

MARKER = "making"
OURS = ("demo.json", "sign-ins.json", "sign-ins.txt", "book", "report", "data", "private", "log.txt", "lock", MARKER)
_OPENED = ("log.txt", "lock")
"""What is there before anything is made."""


@dataclass(frozen=True)
class Settings:
    """What a demonstration is made with."""

    preset: str = "county"
    borrowers: int = 2000
    seed: int = 7


def said(text: Text) -> None:
    """A line for whoever waits, in both languages."""
    sys.stderr.write(f"  {text.zh} · {text.en}\n")
    sys.stderr.flush()


class _Parts:
    """Processes that make parts of it; none is left when the block ends."""

    def __init__(self) -> None:
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str, **environment: str) -> None:
        # A group of its own: Ctrl-C reaches the parent, which ends its parts in order.
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            env={**os.environ, **environment}, process_group=0,
        )  # fmt: skip

    def wait(self, name: str) -> None:
        code = self.processes[name].wait()
        if code:
            raise Defect(f"{name} of the demonstration ended with {code}", remedy="its words stand above")

    def end(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _parts() -> Iterator[_Parts]:
    found = _Parts()
    try:
        yield found
    finally:
        found.end()


def _clear(folder: Path) -> None:
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.postgres import Cluster

    if (folder / "data" / "postgres").exists():
        Cluster(Layout(folder / "data")).stop(mode="immediate")
    for name in OURS:
        place = folder / name
        if place.is_dir():
            shutil.rmtree(place)
        elif name not in ("lock", MARKER):
            place.unlink(missing_ok=True)


def _found(organisation: Organisation, person: Person, secret: str) -> str:
    from panhuo_server.accounts.organisations import found

    made = found(
        organisation.org, organisation.name, organisation.kind, person.email, person.name, secret, roles=person.roles
    )
    return made.person


def _join(organisation: Organisation, founder: str, person: Person, secret: str, judicial: bool) -> None:
    from panhuo_server.accounts import invitations, persons
    from panhuo_server.store.acting import acting

    with acting(organisation.org, founder, "administration", judicial=judicial):
        invited = invitations.invite(person.email, person.roles[0])
    joined = invitations.accept_as_new(invited.link, person.name, secret)
    with acting(organisation.org, founder, "administration", judicial=judicial):
        for role in person.roles[1:]:
            persons.grant_role(joined, role)


def _people(around: tuple[Organisation, ...], founders: dict[str, str], passwords: dict[str, str]) -> None:
    """Founds the organisations that are not there yet and invites everybody else."""
    from panhuo_server.accounts.roles import JUDICIAL_KINDS

    for organisation in around:
        for person in (one for one in CAST if one.org == organisation.org):
            if organisation.org not in founders:
                founders[organisation.org] = _found(organisation, person, passwords[person.email])
            elif person.email not in founders:
                judicial = organisation.kind in JUDICIAL_KINDS
                _join(organisation, founders[organisation.org], person, passwords[person.email], judicial)
            founders[person.email] = ""


def make(folder: Path, settings: Settings) -> list[SignIn]:
    """Makes a demonstration in an empty folder; its database is left running.

    Raises:
        Defect: when a part of it fails, with that part's words on standard error.
    """
    from panhuo.sample.presets import preset_named
    from panhuo_server.flows.engine import prepare
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.migrating import ready

    preset = preset_named(settings.preset)
    passwords = {person.email: password() for person in CAST}
    book = folder / "book"
    with _parts() as parts:
        parts.start(
            "sample", "panhuo", "sample", "--preset", settings.preset, "--borrowers", str(settings.borrowers),
            "--seed", str(settings.seed), "--out", str(book), "--json", PANHUO_HOME=str(folder / "private"),
        )  # fmt: skip
        layout = Layout.create(folder / "data")
        ready(layout)
        prepare(layout)
        around = {one.org: one for one in organisations(preset.bank, preset.place, "")}
        founders: dict[str, str] = {}
        for org in (BANK, ASSET_MANAGER):
            first = next(one for one in CAST if one.org == org)
            founders[org] = _found(around[org], first, passwords[first.email])
            founders[first.email] = ""
        said(Text("数据库就绪", "the database is ready"))
        parts.wait("sample")
        said(Text(f"样本台账：{settings.borrowers:,} 个借款人", f"sample book: {settings.borrowers:,} borrowers"))
        for org in (BANK, ASSET_MANAGER):
            parts.start(
                org, "panhuo_server.demonstration.nights", "--data", str(layout.folder), "--book", str(book),
                "--org", org, "--person", founders[org], "--name", around[org].name,
            )  # fmt: skip
        _people(tuple(one for one in around.values() if one.org != BORROWER), founders, passwords)
        from panhuo_server.demonstration.between import Facts, borrower_of, share_all
        from panhuo_server.demonstration.dockets import open_dockets

        bank, manager = Facts(book, BANK), Facts(book, ASSET_MANAGER)
        borrower = borrower_of(bank)
        around[BORROWER] = Organisation(BORROWER, "borrower", borrower.name)
        _people((around[BORROWER],), founders, passwords)
        open_dockets(bank, founders, {org: one.name for org, one in around.items()})
        said(Text("人员和机构就绪", "people and organisations are there"))
        for org in (ASSET_MANAGER, BANK):
            parts.wait(org)
        # Its receipts are signed by the key of whoever made it, as those of any later run of theirs over the book.
        parts.start("report", "panhuo", "run", str(book), "--out", str(folder / "report"), "--json")
        share_all(bank, manager, founders, borrower)
        said(Text("机构之间的共享就绪", "what they share is shared"))
        parts.wait("report")
        said(Text("不用服务器的报告就绪", "the report that needs no server is there"))
    found = [SignIn(person, around[person.org].name, passwords[person.email]) for person in CAST]
    _keep(folder, settings, found)
    return found


def _keep(folder: Path, settings: Settings, found: list[SignIn]) -> None:
    kept = [{"email": one.person.email, "organisation": one.organisation, "password": one.password} for one in found]
    write_whole(folder / "sign-ins.json", json.dumps(kept, ensure_ascii=False, indent=1).encode() + b"\n", private=True)
    described = json.dumps({"format": 1, **asdict(settings)}).encode() + b"\n"
    write_whole(folder / "data" / "demonstration.json", described)
    write_whole(folder / "demo.json", described)
    (folder / MARKER).unlink(missing_ok=True)


def _opened(folder: Path) -> list[SignIn]:
    kept = {one["email"]: one for one in json.loads((folder / "sign-ins.json").read_text("utf-8"))}
    return [
        SignIn(person, kept[person.email]["organisation"], kept[person.email]["password"])
        for person in CAST
        if person.email in kept
    ]


def made_with(folder: Path) -> Settings | None:
    """What the demonstration in a folder was made with; None when there is none, or one half made."""
    path = folder / "demo.json"
    if not path.exists():
        return None
    described: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return Settings(described["preset"], described["borrowers"], described["seed"])


def open_or_make(folder: Path, settings: Settings, *, anew: bool = False) -> tuple[list[SignIn], bool]:
    """The sign-ins of the demonstration in `folder`, made when there is none; and whether it was made now.

    Raises:
        Conflict: when the folder holds another demonstration and `anew` is not set, or something else, a data folder
            of another server for one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    strange = sorted(p.name for p in folder.iterdir() if p.name not in OURS)
    if strange:
        raise Conflict(
            f"the folder holds what no demonstration made: {', '.join(strange[:5])}", where=str(folder),
            remedy="name another folder, or empty this one",
        )  # fmt: skip
    there = made_with(folder)
    if there is not None and not anew:
        if there != settings:
            raise Conflict(
                f"the demonstration there has {there.borrowers} borrowers ({there.preset}, seed {there.seed})",
                where=str(folder),
                remedy="make demo ANEW=1 (--anew) throws it away with what was done in it; or name another folder",
                code="conflict/other-demonstration",
            )
        return _opened(folder), False
    before = sorted(p.name for p in folder.iterdir() if p.name not in _OPENED)
    if there is None and before and not (folder / MARKER).exists():
        raise Conflict(
            f"no demonstration was begun in this folder, and it holds {', '.join(before[:5])}", where=str(folder),
            remedy="name another folder, or empty this one", code="conflict/not-a-demonstration",
        )  # fmt: skip
    write_whole(folder / MARKER, b"this folder holds a demonstration that is being made\n")
    _clear(folder)
    return make(folder, settings), True


@contextmanager
def database_of(folder: Path) -> Iterator[None]:
    """Whatever happens in the block, the demonstration's database does not run on after it."""
    try:
        yield
    finally:
        if (folder / "data" / "postgres").exists():
            from panhuo_server.store.layout import Layout
            from panhuo_server.store.postgres import Cluster

            Cluster(Layout(folder / "data")).stop()
