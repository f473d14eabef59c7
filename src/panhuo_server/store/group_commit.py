"""Many small commands, one batch: every few milliseconds what has arrived for an organisation is sealed together.

Invariant: a command is done whole or not at all, and its caller hears of it only after the commit; a command that is
wrong, not allowed or a repetition never touches the others of its batch.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa
from django.db import connections, transaction
from django.db.utils import InterfaceError, OperationalError

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.book.personal import commitment
from panhuo.ground.record.errors import InvalidInput, NotAllowed, PanhuoError, Unavailable
from panhuo_server.store import log
from panhuo_server.store.acting import Acting, acting, cursor, enter
from panhuo_server.store.facts import add_commands
from panhuo_server.store.given_rows import refuse_wrong, shape_of
from panhuo_server.store.layout import Layout
from panhuo_server.store.sealing import keys_of, same_request, seal_held

_ENCODER = msgspec.json.Encoder(order="deterministic")
Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Table name -> rows; a row maps column names to values, what it does not name is unknown."""


@dataclass(slots=True)
class Answer:
    """What became of a command: the batch it is in and its facts' ids, in the order its rows were given."""

    sequence: int
    fact_ids: dict[str, list[str]]
    repeated: bool = False


def _read(text: str) -> Answer:
    said = json.loads(text)
    return Answer(said["sequence"], said["fact_ids"])


class Promise:
    """What a command will be answered: one lock, let go once, where a future would make a condition for each.

    The answer is kept as the text the database keeps and read when somebody asks: twenty thousand at once are then no
    work for whoever collects unused objects.
    """

    __slots__ = ("_said", "_shut")

    def __init__(self) -> None:
        self._shut = threading.Lock()
        self._shut.acquire()
        self._said: str | Answer | BaseException | None = None

    def keep(self, said: str | Answer | BaseException) -> None:
        """Gives the answer, once."""
        self._said = said
        self._shut.release()

    def result(self, timeout: float = -1) -> Answer:
        """The answer, once it is there.

        Raises:
            TimeoutError: when it is not in that many seconds.
            PanhuoError: what stood against the command.
        """
        if self._said is None:
            if not self._shut.acquire(timeout=timeout):
                raise TimeoutError
            self._shut.release()  # for whoever else waits
        said = self._said
        assert said is not None
        if isinstance(said, BaseException):
            raise said
        return _read(said) if isinstance(said, str) else said


class _Command(Promise):
    __slots__ = ("facts", "key", "personal", "request", "rows", "who")

    def __init__(
        self, who: Acting, key: str, facts: dict[str, list[Mapping[str, Any]]], personal: frozenset[str], rows: int
    ) -> None:
        super().__init__()
        self.who, self.key, self.facts = who, key, facts
        self.personal = personal  # parties whose keys it needs
        self.rows, self.request = rows, ""


Said = str | Answer | PanhuoError
"""What became of a command: the answer as it is kept, an earlier one, or what stood against it."""


def _storable(encoded: bytes) -> bool:
    # No text of them holds a zero byte; what JSON cannot spell did not come this far. In doubt, not.
    return b"\\u0000" not in encoded


def _encoded(facts: Mapping[str, Any]) -> bytes:
    try:
        return _ENCODER.encode(facts)
    except (UnicodeEncodeError, TypeError, ValueError, OverflowError):
        return b"\\u0000"


def _command(who: Acting, facts: Rows, key: str) -> _Command:
    if not key:
        raise InvalidInput("a command needs an idempotency key", remedy="send one of your own, unique to the command")
    parties: set[str] = set()
    held = {name: list(rows) for name, rows in facts.items() if rows}
    encoded = _encoded(held)
    quickly = _storable(encoded)
    count = 0
    for name in facts:
        shape, rows = shape_of(name), held.get(name, [])
        if not (quickly and shape.passes(rows)):
            refuse_wrong(shape, name, rows)
        for row in rows:
            if row.get("org_id", who.org) not in (None, who.org):
                raise InvalidInput("a command holds facts of another organisation", where=name)
            for column, party in shape.personal.items():
                if row.get(column) is not None:
                    parties.add(str(row.get(party) or ""))
        count += len(rows)
    if not count:
        raise InvalidInput("a command without facts", remedy="give at least one row")
    command = _Command(who, key, held, frozenset(parties), count)
    if not parties:
        command.request = _hash(encoded if quickly else _ENCODER.encode(held))
    return command


def _hash(encoded: bytes) -> str:
    return hashlib.sha256(b"rows " + encoded).hexdigest()


def _request(facts: Mapping[str, Any]) -> str:
    return _hash(_ENCODER.encode(facts))


def _hidden_request(command: _Command, keys: Any) -> str:
    # Personal values enter under their party's key: once it is destroyed, the hash tells nothing of them.
    facts: dict[str, list[dict[str, Any]]] = {}
    for name, rows in command.facts.items():
        facts[name] = [dict(row) for row in rows]
        for column in table_named(name).personal_columns:
            for row in facts[name]:
                value = row.get(column.name)
                if value is not None:
                    key = keys.make(command.who.org, str(row.get(str(column.personal)) or ""))
                    row[column.name] = commitment(key, f"request {command.key}", column.name, value)
    return _request(facts)


def _together(commands: Sequence[_Command]) -> dict[str, pa.Table]:
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for command in commands:
        for name, own in command.facts.items():
            rows.setdefault(name, []).extend(own)
    tables = {}
    for name, own in rows.items():
        schema = table_named(name).fact_schema
        named = {column for row in own for column in row}
        tables[name] = pa.table(
            {
                c.name: pa.array([row.get(c.name) for row in own], c.arrow_type())
                for c in schema.columns
                if c.name in named
            }
        )
    return tables


class _Line(threading.Thread):
    """One organisation's commands, sealed in the order they came by one thread."""

    def __init__(
        self, place: tuple[str, str], every: float, most: int, idle: float, ended: Callable[..., None]
    ) -> None:
        super().__init__(name=f"group commit {place[1]}", daemon=True)
        self.place, self.every, self.most, self.idle, self.ended = place, every, most, idle, ended
        self.waiting: deque[_Command] = deque()
        self.changed = threading.Condition()
        self.closing = False

    def put(self, command: _Command) -> bool:
        """False when this line has ended and another must be opened."""
        with self.changed:
            if self.closing:
                return False
            self.waiting.append(command)
            if len(self.waiting) == 1:
                self.changed.notify()
            return True

    def run(self) -> None:
        try:
            while batch := self._next():
                self._done(batch)
        finally:
            connections.close_all()

    def _next(self) -> list[_Command]:
        with self.changed:
            if not self.waiting:
                if not self.closing:
                    self.changed.wait(self.idle)
                if not self.waiting:
                    self.closing = True
                    self.ended(self)
                    return []
                gather = not self.closing
            else:
                gather = False  # they came while the last batch was written
        if gather:
            time.sleep(self.every)  # whoever comes in these milliseconds shares the batch
        with self.changed:
            batch: list[_Command] = []
            rows = 0
            while self.waiting and (not batch or rows + self.waiting[0].rows <= self.most):
                batch.append(self.waiting.popleft())
                rows += batch[-1].rows
            return batch

    def _done(self, batch: list[_Command]) -> None:
        while batch:
            lead = batch[0].who
            try:
                answers = _commit(lead, batch)
            except NotAllowed as error:
                for command in (c for c in batch if c.who == lead):
                    command.keep(error)
                batch = [c for c in batch if c.who != lead]
                continue
            except (OperationalError, InterfaceError) as error:
                # Whether it was committed is not known; the same commands given again will be answered either way.
                connections[self.place[0]].close()
                gone = Unavailable("the database did not answer", remedy="send the same command again")
                gone.__cause__ = error
                for command in batch:
                    command.keep(gone)
                return
            except Exception as error:
                if len(batch) == 1:
                    known = isinstance(error, PanhuoError)
                    batch[0].keep(
                        error if known else InvalidInput("the database refused these facts", where=self.place[1])
                    )
                    return
                for command in batch:  # one of them is wrong: alone, each answers for itself
                    self._done([command])
                return
            for command, answer in zip(batch, answers, strict=True):
                command.keep(answer)
            return


def _commit(lead: Acting, batch: Sequence[_Command]) -> list[Said]:
    said: dict[int, Said] = {}
    with acting(lead.org, lead.person, lead.purpose, judicial=lead.judicial):
        for who in {c.who: None for c in batch if c.who is not lead and c.who != lead}:
            try:
                with transaction.atomic(using=lead.alias):
                    enter(lead.alias, who.org, who.person, who.purpose)
            except NotAllowed as error:
                said |= {i: error for i, c in enumerate(batch) if c.who == who}
        enter(lead.alias, lead.org, lead.person, lead.purpose)
        with cursor() as c:
            log.hold(c, lead.org)
            keys = None
            parties = {party for command in batch for party in command.personal}
            if parties:
                keys = keys_of(Layout.current(), lead.org)
                keys.load(parties)
            c.execute(
                "select idempotency_key, request_hash, answer from commands "
                "where org_id = acting_org() and idempotency_key = any(%s)",
                [[command.key for command in batch]],
            )
            done = {key: (request, answer) for key, request, answer in c.fetchall()}
            fresh: dict[str, int] = {}
            again: list[tuple[int, int]] = []
            for i, command in enumerate(batch):
                if i in said:
                    continue
                try:
                    if command.personal:
                        command.request = _hidden_request(command, keys)
                    if command.key in done:
                        request, answer = done[command.key]
                        same_request(command.key, request, command.request)
                        answer = answer if isinstance(answer, dict) else json.loads(answer)
                        said[i] = Answer(answer["sequence"], answer["fact_ids"], True)
                    elif command.key in fresh:
                        same_request(command.key, batch[fresh[command.key]].request, command.request)
                        again.append((i, fresh[command.key]))
                    else:
                        fresh[command.key] = i
                except PanhuoError as error:
                    said[i] = error
            if fresh:
                said |= _seal(c, lead.org, batch, list(fresh.values()), keys)
            for i, first in again:
                answer = said[first]
                answer = _read(answer) if isinstance(answer, str) else answer
                said[i] = Answer(answer.sequence, answer.fact_ids, True) if isinstance(answer, Answer) else answer
    return [said[i] for i in range(len(batch))]


def _seal(c: Any, org: str, batch: Sequence[_Command], chosen: list[int], keys: Any) -> dict[int, str]:
    sealed = seal_held(c, org, _together([batch[i] for i in chosen]), keys, None)
    ids = {name: sealed.fact_ids(name) for name in sealed.places}
    at = dict.fromkeys(ids, 0)
    said: dict[int, str] = {}
    # A fact's id and a table's name need no escape, so an answer is spelt as it is, not encoded piece by piece.
    head = f'{{"sequence":{sealed.sequence},"fact_ids":{{'
    for i in chosen:
        spelt = []
        for name, rows in batch[i].facts.items():
            start = at[name]
            at[name] = end = start + len(rows)
            spelt.append(f'"{name}":["' + '","'.join(ids[name][start:end]) + '"]')
        said[i] = head + ",".join(spelt) + "}}"
    keys_given, requests = [batch[i].key for i in chosen], [batch[i].request for i in chosen]
    add_commands(c, org, sealed.sequence, keys_given, requests, [said[i] for i in chosen])
    return said


class GroupCommit:
    """Takes commands from any thread and seals them in batches, one line an organisation.

    Args:
        every: seconds a batch waits for company after its first command.
        most: rows a batch takes at most.
        idle: seconds after which a line without commands ends.
    """

    def __init__(self, *, every: float = 0.004, most: int = 20_000, idle: float = 10.0) -> None:
        self._every, self._most, self._idle = every, most, idle
        self._lines: dict[tuple[str, str], _Line] = {}
        self._lock = threading.Lock()

    def submit(self, who: Acting, facts: Rows, *, idempotency_key: str) -> Promise:
        """Hands a command over; the promise is kept once its batch was committed.

        Args:
            who: who gives it; the door is asked again inside the batch's own transaction.
            facts: table name -> rows, each a mapping of column names to int, bool, str, date or None.

        Raises:
            InvalidInput: at once, for a row its table cannot hold.
        """
        command = _command(who, facts, idempotency_key)
        place = (who.alias, who.org)
        while True:
            with self._lock:
                line = self._lines.get(place)
                if line is None:
                    line = self._lines[place] = _Line(place, self._every, self._most, self._idle, self._ended)
                    line.start()
            if line.put(command):
                return command
            with self._lock:
                if self._lines.get(place) is line:
                    del self._lines[place]

    def seal(self, who: Acting, facts: Rows, *, idempotency_key: str) -> Answer:
        """`submit`, and waits for the answer.

        Raises:
            InvalidInput, NotAllowed, Conflict, NotFound: of this command alone.
            Unavailable: when the database did not answer; the same command may be given again.
        """
        return self.submit(who, facts, idempotency_key=idempotency_key).result()

    def _ended(self, line: _Line) -> None:
        # Called with the line's own lock held: it takes no command any more, and `submit` opens another.
        if self._lines.get(line.place) is line:
            del self._lines[line.place]

    def close(self) -> None:
        """Seals what was handed over and ends every line."""
        with self._lock:
            lines = list(self._lines.values())
        for line in lines:
            with line.changed:
                line.closing = True
                line.changed.notify()
        for line in lines:
            line.join()
