"""Files people hand in, to facts: good rows sealed, bad rows back in a report, the assets classified, in one stream.

Invariant: the same file with the same settings is one import, whatever crashes; its rows are sealed once, part by part,
and no personal value of it stands in an event, a log or the queue. The file goes when its rows are sealed or refused,
the report when its days are over.
"""

from __future__ import annotations

import itertools
import json
import secrets
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path, PurePath
from typing import Any, Literal

import pyarrow as pa

from panhuo.ground.book.reading.problems import Problem
from panhuo.ground.record.errors import Conflict, InvalidInput, NotFound, PanhuoError
from panhuo_server.accounts.roles import BY_CODE, require
from panhuo_server.flows import clock, mending, own_sources, webhooks
from panhuo_server.flows.approvals import Happened
from panhuo_server.flows.engine import durable_step, durable_workflow
from panhuo_server.flows.nightly import fill, judge
from panhuo_server.flows.reminding import remind
from panhuo_server.flows.results import PURPOSE as NIGHT
from panhuo_server.flows.results import results_folder
from panhuo_server.store import events, read_log, uploads
from panhuo_server.store.acting import acting, acting_as_clock, current
from panhuo_server.store.events import NewEvent
from panhuo_server.store.layout import Layout
from panhuo_server.store.sealing import seal
from panhuo_server.store.starting import start_work

STREAM = "import"
PURPOSE = "import"
PART_ROWS = 50_000
REPORT_DAYS = 30
Status = Literal["none", "received", "sealed", "refused", "classified"]


@dataclass(frozen=True)
class Import:
    """An import as its events leave it.

    Attributes:
        seen, good, bad: rows of the file; batches: where the good ones were sealed.
        classes: class -> how many, once the night has classified them.
        positions: where those batches stand in the log.
        report: whether bad rows can be downloaded still.
        continues: the import whose bad rows this one brings, mended.
        undone: of an import that was taken back: ``asked`` or ``done``, its correcting batches, how many facts.
    """

    status: Status = "none"
    what: str = ""
    seen: int = 0
    good: int = 0
    bad: int = 0
    batches: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    why: str = ""
    report: bool = False
    run: str = ""
    classes: Mapping[str, int] = field(default_factory=dict)
    continues: str = ""
    undone: Literal["", "asked", "done"] = ""
    undone_batches: tuple[int, ...] = ()
    undone_facts: int = 0


def fold(happened: Iterable[Happened]) -> Import:
    """The import its events leave."""
    state: dict[str, Any] = {}
    for event in happened:
        body = event.body
        match event.kind:
            case "received":
                state |= {
                    "status": "received", "what": str(body["what"]), "continues": str(body.get("continues", "")),
                }  # fmt: skip
            case "sealed" | "refused":
                state |= {
                    "status": event.kind, "seen": body["seen"], "good": body["good"], "bad": body["bad"],
                    "batches": tuple(body["batches"]), "positions": tuple(body.get("positions", ())),
                    "why": str(body.get("why", "")), "report": body["report"],
                }  # fmt: skip
            case "classified":
                state |= {"status": "classified", "run": str(body["run"]), "classes": dict(body["classes"])}
            case "report_expired":
                state["report"] = False
            case "undo_asked":
                state["undone"] = "asked"
            case "undone":
                state |= {
                    "undone": "done", "undone_batches": tuple(body["batches"]), "undone_facts": int(body["facts"]),
                }  # fmt: skip
    return Import(**state)


def _report_name(upload: str) -> str:
    return f"{upload}-report"


def _rows_name(upload: str) -> str:
    return f"{upload}-rows-report"


def hand_in(
    content: bytes,
    *,
    file_name: str,
    table: str | None = None,
    source: str | None = None,
    mapping: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    effective_on: str | None = None,
    sheet: str | None = None,
    only: tuple[str, ...] = (),
    continues: str = "",
) -> str:
    """Takes a file in for the acting organisation; inside `acting`. Its import begins when the transaction commits.

    Args:
        file_name: tells the kind of file by its ending; no more of it is kept.
        table: the declared table its rows are of, or
        source: the kind of foreign source (a file, or a zip of the folder it reads).
        mapping, units, defaults, effective_on, sheet: as `panhuo.ground.book.reading.reader.read` takes them.
        only: outcomes of the night that follows; all by default.
        continues: the import whose bad rows this file brings, mended.

    Returns:
        The import's id; the same file with the same settings has the same one and is not taken in twice. After a
        refusal, and once it was taken back, it is taken in anew, under another id.

    Raises:
        InvalidInput: when it is empty or too large, or neither or both of `table` and `source` are named.
        NotAllowed: when no role of whoever acts may import.
        Conflict: while the same file is being taken back.
    """
    require("import_facts")
    if not content or (table is None) == (source is None):
        raise InvalidInput("a file, and either its table or its source, is needed", remedy="name one of them")
    org, layout = current().org, Layout.current()
    ending = "".join(PurePath(file_name).suffixes[-2:])[-12:]
    settings = {
        "table": table, "source": source, "ending": ending, "mapping": dict(mapping or {}), "units": dict(units or {}),
        "defaults": dict(defaults or {}), "effective_on": effective_on, "sheet": sheet,
        **({"continues": continues} if continues else {}),
    }  # fmt: skip
    told = json.dumps(settings, sort_keys=True, ensure_ascii=False).encode()
    name = uploads.name_of(layout, org, content, told)
    upload, state = next((one, held) for one, held in _tries(name) if not _over(held))
    if state.undone:
        raise Conflict("this file is being taken back", where=upload, remedy="hand it in again when that is done")
    if state.status in ("none", "received"):
        # On disk first: what the transaction acknowledges is there whatever happens to this process.
        uploads.keep(layout, org, upload, len(told).to_bytes(4, "big") + told + content)
    if state.status == "none":
        body = {"what": table or source, "bytes": len(content), **({"continues": continues} if continues else {})}
        events.append(STREAM, upload, [NewEvent("received", body)], seen=0, idempotency_key=f"import {upload} received")
    start_work("import", upload, {"upload": upload, "only": list(only)})
    start_work(
        "import_file_expiry", upload, {"upload": upload}, not_before=clock.now() + timedelta(days=uploads.DAYS)
    )  # fmt: skip
    return upload


def _tries(name: str) -> Iterator[tuple[str, Import]]:
    # The ids of one file, and how the import of each stands.
    for number in itertools.count():
        one = f"{name}-{number}" if number else name
        yield one, fold(events.read(STREAM, one))


def _over(state: Import) -> bool:
    return state.undone == "done" or (state.status == "refused" and not state.undone)


def _sealed_as(upload: str) -> str:
    # What an earlier try sealed is not sealed again, unless it was taken back: then this is another command.
    earlier = itertools.takewhile(lambda held: held[0] != upload, _tries(upload.split("-")[0]))
    undone = [at for at, (_, state) in enumerate(earlier, 1) if state.undone]
    return f"{upload.split('-')[0]}-{undone[-1]}" if undone else upload.split("-")[0]


def state_of(upload: str) -> Import:
    """An import of the acting organisation.

    Raises:
        NotFound: when there is none.
    """
    found = fold(events.read(STREAM, upload))
    if found.status == "none":
        raise NotFound("there is no such import", where=upload)
    return found


def report(upload: str) -> list[dict[str, Any]]:
    """The bad rows and notes of an import, each with place, value, reason and remedy; who reads it is logged first.

    Raises:
        NotFound: when there is no such import, no report, or its days are over.
        NotAllowed: when no role of whoever acts may read personal data, which its values may be.
    """
    require("read_personal")
    if not state_of(upload).report:
        raise NotFound("there is no report of this import", where=upload, remedy="hand the file in again")
    content = uploads.content_of(Layout.current(), current().org, _report_name(upload))
    read_log.note(current(), secrets.token_hex(8), "import report", ["value"], [(current().org, "")])
    found: list[dict[str, Any]] = json.loads(content)
    return found


def set_aside(upload: str) -> mending.SetAside:
    """The rows of an import that were set aside, as they stood in the file, and how it was read; logged as `report`.

    Raises:
        NotFound: when there is no such import, nothing was kept, or its days are over.
        NotAllowed: when no role of whoever acts may read personal data.
    """
    require("read_personal")
    if not state_of(upload).report:
        raise NotFound("there is no report of this import", where=upload, remedy="hand the file in again")
    content = uploads.content_of(Layout.current(), current().org, _rows_name(upload))
    read_log.note(current(), secrets.token_hex(8), "import report", ["value"], [(current().org, "")])
    return mending.SetAside.from_json(json.loads(content))


def trial(content: bytes, settings: Mapping[str, Any], *, called: str, org: str) -> Trial:
    """Reads a file as its import would, and seals nothing.

    Args:
        settings: ``table`` or ``source``, ``ending`` and what else `hand_in` takes.
        called: what to call the file in problems.

    Raises:
        InvalidInput, NotFound: when it cannot be read at all.
    """
    try:
        if settings["source"]:
            found = _read_foreign(settings["source"], content, settings["ending"])
        else:
            found = _read_table(settings, content, called.removesuffix(settings["ending"]), org)
    except zipfile.BadZipFile as error:
        raise InvalidInput("the file is not a zip archive", remedy="zip the folder and hand that in") from error
    rows = {name: len(table) for name, table in found.tables.items()}
    return Trial(rows, found.seen, found.bad, found.problems, found.aside)


@dataclass(frozen=True)
class Trial:
    """What an import would do: table -> rows to be sealed, rows seen and set aside, every problem."""

    rows: dict[str, int]
    seen: int
    bad: int
    problems: list[dict[str, Any]]
    aside: mending.SetAside | None


# ---- the work


@dataclass
class _Read:
    tables: dict[str, pa.Table]
    problems: list[dict[str, Any]]
    seen: int
    bad: int
    until: date | None = None
    aside: mending.SetAside | None = None


def _read_foreign(kind: str, content: bytes, ending: str) -> _Read:
    from panhuo.ground.book.foreign import read_foreign

    with uploads.opened(Layout.current(), content, f"upload{ending}") as path:
        place = path
        if ending.endswith(".zip"):
            place = path.parent / "folder"
            _unpack(path, place)
        found = read_foreign(kind, place)
    tables = {n: t.drop_columns(["org_id"]) if "org_id" in t.column_names else t for n, t in found.tables.items()}
    problems = list(found.problems)
    for name in tables:
        tables[name], apart = own_sources.set_apart(name, tables[name], f"upload{ending}")
        problems += apart
    bad = sum(p.severity == "bad" for p in problems)
    good = sum(len(t) for t in tables.values())
    return _Read(tables, [p.as_json() for p in problems], good + bad, bad, found.observed_until)


def _unpack(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as held:
        if sum(info.file_size for info in held.infolist()) > 4 * uploads.MOST_BYTES:
            raise InvalidInput("the archive unpacks to too much", remedy="hand it in as several files")
        held.extractall(folder)  # names that leave the folder are made to stay in it by the library


def _day_or_column(asked: str | None) -> date | str | None:
    try:
        return date.fromisoformat(asked) if asked else None
    except ValueError:
        return asked


def _read_table(settings: Mapping[str, Any], content: bytes, upload: str, org: str) -> _Read:
    from panhuo.ground.book.reading.reader import read

    found = read(
        content, settings["table"], mapping=settings["mapping"], units=settings["units"],
        defaults=settings["defaults"], organisation=org, effective_on=_day_or_column(settings["effective_on"]),
        sheet=settings["sheet"], name=f"{upload}{settings['ending']}",
    )  # fmt: skip
    fit, apart = own_sources.set_apart(settings["table"], found.rows, f"{upload}{settings['ending']}")
    problems: list[Problem] = [*found.problems, *apart]
    rows = {settings["table"]: fit} if len(fit) else {}
    bad = found.seen - len(fit)
    aside = mending.of_file(content, settings, [p for p in problems if p.severity == "bad"]) if bad else None
    return _Read(rows, [p.as_json() for p in problems], found.seen, bad, aside=aside)


def parts(tables: Mapping[str, pa.Table]) -> Iterator[dict[str, pa.Table]]:
    """Tables in pieces of at most `PART_ROWS` rows, always the same ones for the same tables."""
    piece: dict[str, pa.Table] = {}
    room = PART_ROWS
    for name in sorted(tables):
        at, rows = 0, tables[name]
        while at < len(rows):
            taken = rows.slice(at, room)
            piece[name], at, room = taken, at + len(taken), room - len(taken)
            if room == 0:
                yield piece
                piece, room = {}, PART_ROWS
    if piece:
        yield piece


@durable_step("read and seal")
def take_in(org: str, person: str, judicial: bool, upload: str) -> dict[str, int]:
    """Reads the kept file, seals its good rows, keeps its bad ones as a report, destroys it; ``good``, ``bad``."""
    layout = Layout.current()
    with acting(org, person, PURPOSE, judicial=judicial):
        happened = events.read(STREAM, upload)
    state = fold(happened)
    if state.status == "received":
        state = _take_in(layout, org, person, judicial, upload, len(happened))
    uploads.remove(layout, org, upload)
    return {"good": state.good, "bad": state.bad}


def _take_in(layout: Layout, org: str, person: str, judicial: bool, upload: str, seen: int) -> Import:
    batches: list[int] = []
    positions: list[int] = []
    found, why = _Read({}, [], 0, 0), ""
    try:
        raw = uploads.content_of(layout, org, upload)
        end = 4 + int.from_bytes(raw[:4], "big")
        settings, content = json.loads(raw[4:end]), raw[end:]
        if settings["source"]:
            found = _read_foreign(settings["source"], content, settings["ending"])
        else:
            found = _read_table(settings, content, upload, org)
        for number, facts in enumerate(parts(found.tables)):
            with acting(org, person, PURPOSE, judicial=judicial):
                key = f"import {_sealed_as(upload)} {number}"
                sealed = seal(facts, idempotency_key=key, observed_until=found.until)
            batches.append(sealed.sequence)
            positions.append(sealed.position)
    except (InvalidInput, NotFound, zipfile.BadZipFile) as error:
        # Of the file as a whole: what it says may quote the file, so it goes to the report, and its code to the event.
        said = error.as_json()["error"] if isinstance(error, PanhuoError) else {"what": "not a zip archive"}
        found.problems.insert(0, {"file": "", "row": 0, "column": "", "value": "", "severity": "bad", **_plain(said)})
        why = error.code if isinstance(error, PanhuoError) else "invalid-input/archive"
    if found.problems:
        uploads.keep(layout, org, _report_name(upload), json.dumps(found.problems, ensure_ascii=False).encode())
    if found.aside is not None:
        uploads.keep(layout, org, _rows_name(upload), json.dumps(found.aside.as_json(), ensure_ascii=False).encode())
    good = sum(len(t) for t in found.tables.values()) if not why else 0
    kind = "refused" if why else "sealed"
    body = {
        "seen": found.seen, "good": good, "bad": found.bad, "batches": batches, "positions": positions, "why": why,
        "report": bool(found.problems),
    }  # fmt: skip
    with acting(org, person, PURPOSE, judicial=judicial):
        events.append(STREAM, upload, [NewEvent(kind, body)], seen=seen, idempotency_key=f"import {upload} {kind}")
        until = clock.now() + timedelta(days=REPORT_DAYS)
        start_work("import_report_expiry", upload, {"upload": upload}, not_before=until)
        webhooks.announce(f"import.{kind}", STREAM, upload)
        return fold(events.read(STREAM, upload))


def _plain(said: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(said.get(key) or "") for name, key in (("reason", "what"), ("remedy", "remedy"), ("code", "code"))
    }


@durable_step("count the classes")
def count_classes(org: str, person: str, judicial: bool, upload: str, run: str) -> dict[str, int]:
    """Writes into the import's stream how many assets fell into which class.

    Raises:
        NotFound: when the organisation has no such import.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    folder = results_folder(Layout.current(), org, run)
    counts: dict[str, int] = {}
    for name, column in (("classes", "class"), ("class_floor", "floor")):
        path = folder / f"{name}.parquet"
        if path.exists():
            for pair in pc.value_counts(pq.read_table(path).column(column)).to_pylist():
                counts[str(pair["values"] or "unknown")] = int(pair["counts"])
            break
    with acting(org, person, PURPOSE, judicial=judicial):
        happened = events.read(STREAM, upload)
        if state_of(upload).status != "classified":
            body = {"run": run, "classes": dict(sorted(counts.items()))}
            key = f"import {upload} classified"
            events.append(STREAM, upload, [NewEvent("classified", body)], seen=len(happened), idempotency_key=key)
            webhooks.announce("import.classified", STREAM, upload)
    return counts


@durable_step("may run the night")
def may_run_night(org: str, person: str, judicial: bool) -> bool:
    """Whether a role of the person allows the night: a court's clerk or a borrower imports without one."""
    with acting(org, person, PURPOSE, judicial=judicial) as who:
        return any(NIGHT in BY_CODE[role].purposes for role in who.roles if role in BY_CODE)


@durable_workflow("import")
def import_file(org: str, person: str, judicial: bool, body: dict[str, Any]) -> dict[str, Any]:
    """An import from the kept file to counted classes; `body`: ``upload``, ``only``."""
    upload = str(body["upload"])
    taken = take_in(org, person, judicial, upload)
    if not taken["good"] or not may_run_night(org, person, judicial):
        return taken
    run = f"import-{upload}"
    sequence = fill(org, person, judicial)
    judge(org, person, judicial, run, sequence, None, list(body.get("only", [])))
    count_classes(org, person, judicial, upload, run)
    remind(org, person, judicial, run)
    return taken


@durable_step("destroy a report")
def expire(org: str, person: str, judicial: bool, upload: str) -> None:
    """Destroys a report whose days are over."""
    layout = Layout.current()
    uploads.remove(layout, org, _report_name(upload))
    uploads.remove(layout, org, _rows_name(upload))
    uploads.sweep(layout, org)
    with acting_as_clock(org, judicial=judicial):
        happened = events.read(STREAM, upload)
        if fold(happened).report:
            key = f"import {upload} report expired"
            events.append(STREAM, upload, [NewEvent("report_expired", {})], seen=len(happened), idempotency_key=key)


@durable_step("destroy a file")
def expire_file(org: str, person: str, judicial: bool, upload: str) -> bool:
    """Destroys a file whose import could not end by itself in its days, and refuses the import; whether it had to."""
    layout = Layout.current()
    uploads.remove(layout, org, upload)
    uploads.sweep(layout, org)
    with acting_as_clock(org, judicial=judicial):
        happened = events.read(STREAM, upload)
        if fold(happened).status != "received":
            return False
        body = {"seen": 0, "good": 0, "bad": 0, "batches": [], "why": "import/not-taken-in", "report": False}
        key = f"import {upload} not taken in"
        events.append(STREAM, upload, [NewEvent("refused", body)], seen=len(happened), idempotency_key=key)
        webhooks.announce("import.refused", STREAM, upload)
        return True


@durable_workflow("import_report_expiry")
def expire_report(org: str, person: str, judicial: bool, body: dict[str, Any]) -> None:
    """A report's end."""
    expire(org, person, judicial, str(body["upload"]))


@durable_workflow("import_file_expiry")
def expire_upload(org: str, person: str, judicial: bool, body: dict[str, Any]) -> None:
    """The end of a file nobody's import took in."""
    expire_file(org, person, judicial, str(body["upload"]))
