"""Taking a whole import back: a correcting batch that withdraws every fact it sealed; nothing is deleted.

Invariant: each fact of the import is named once by a fact that replaces it with nothing, whatever crashes; what later
facts made of it, and what it had itself replaced, stay as they are, and whoever asks is told how many beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.errors import Conflict, RuleRefused
from panhuo_server.accounts.roles import require
from panhuo_server.flows import importing
from panhuo_server.flows.engine import durable_step, durable_workflow
from panhuo_server.flows.importing import PURPOSE, STREAM, may_run_night
from panhuo_server.flows.nightly import fill, judge
from panhuo_server.flows.reminding import remind
from panhuo_server.store import batch_facts, events
from panhuo_server.store.acting import acting
from panhuo_server.store.events import NewEvent
from panhuo_server.store.sealing import seal
from panhuo_server.store.starting import start_work

KIND = "import_undo"


@dataclass(frozen=True)
class Consequence:
    """What taking an import back does: table -> facts withdrawn.

    Attributes:
        corrected: of these, facts that were corrected since; the corrections stay.
        correcting: of these, facts that corrected earlier ones; the earlier ones do not come back.
    """

    facts: dict[str, int]
    corrected: int
    correcting: int

    @property
    def total(self) -> int:
        """Facts withdrawn."""
        return sum(self.facts.values())


def consequence(upload: str) -> Consequence:
    """What taking an import back would do; inside `acting`.

    Raises:
        NotFound: when there is no such import.
    """
    state = importing.state_of(upload)
    facts = batch_facts.counts(state.batches)
    corrected = sum(batch_facts.replaced_since(name, one) for one in state.batches for name in facts)
    correcting = sum(batch_facts.replacing(batch_facts.of_batch(name, one)) for one in state.batches for name in facts)
    return Consequence(facts, corrected, correcting)


def ask(upload: str, reason: str) -> None:
    """Takes an import back, for the acting person; inside `acting`. It begins when the transaction commits.

    Raises:
        NotFound: when there is no such import.
        NotAllowed: when no role of whoever acts may import.
        RuleRefused: without a reason.
        Conflict: when it sealed nothing, or was taken back already.
        InvalidInput: when the reason holds a personal number.
    """
    require("import_facts")
    happened = events.read(STREAM, upload)
    state = importing.state_of(upload)
    if not reason.strip():
        raise RuleRefused("taking an import back says why", remedy="give a reason", code="import/reason")
    if not state.batches or state.undone:
        raise Conflict("there is nothing of it to take back", where=upload, code="import/nothing-to-undo")
    events.append(
        STREAM, upload, [NewEvent("undo_asked", {"reason": reason.strip()[:500]})], seen=len(happened),
        idempotency_key=f"import {upload} undo asked",
    )  # fmt: skip
    start_work(KIND, upload, {"upload": upload})


def withdrawing(name: str, rows: pa.Table) -> pa.Table:
    """Facts that withdraw these: same entity, same day, required columns, and the fact each takes the place of."""
    table = table_named(name)
    kept = {"org_id", "id", "effective_on", *(c.name for c in table.schema.columns if c.required)}
    sequence, position = rows.column("fact_sequence").cast(pa.string()), rows.column("fact_position").cast(pa.string())
    made: dict[str, Any] = {}
    for column in table.fact_schema.columns:
        if column.name == "replaces":
            made[column.name] = pc.binary_join_element_wise(sequence, position, "-")
        elif column.name == "withdrawn":
            made[column.name] = pa.array([True] * len(rows), pa.bool_())
        elif column.name in kept:
            made[column.name] = rows.column(column.name)
        else:
            made[column.name] = pa.nulls(len(rows), column.arrow_type())
    return table.fact_schema.conform(pa.table(made))


def _pieces(batches: tuple[int, ...]) -> Iterator[dict[str, pa.Table]]:
    for sequence in batches:
        facts = {n: withdrawing(n, batch_facts.of_batch(n, sequence)) for n in batch_facts.counts([sequence])}
        yield from importing.parts({name: rows for name, rows in facts.items() if len(rows)})


@durable_step("withdraw the facts")
def withdraw(org: str, person: str, judicial: bool, upload: str) -> int:
    """Seals the correcting batches and writes them into the import's stream; returns how many facts."""
    with acting(org, person, PURPOSE, judicial=judicial):
        state = importing.state_of(upload)
        pieces = list(_pieces(state.batches)) if state.undone != "done" else []
    if state.undone == "done":
        return state.undone_facts
    batches, facts = [], 0
    for number, piece in enumerate(pieces):
        with acting(org, person, PURPOSE, judicial=judicial):
            sealed = seal(piece, idempotency_key=f"import {upload} undone {number}")
        batches.append(sealed.sequence)
        facts += sum(len(rows) for rows in piece.values())
    with acting(org, person, PURPOSE, judicial=judicial):
        happened = events.read(STREAM, upload)
        body = {"batches": batches, "facts": facts}
        key = f"import {upload} undone"
        events.append(STREAM, upload, [NewEvent("undone", body)], seen=len(happened), idempotency_key=key)
    return facts


@durable_workflow("import_undo")
def undo_import(org: str, person: str, judicial: bool, body: dict[str, Any]) -> int:
    """An import taken back, and the night that follows from it; `body`: ``upload``."""
    upload = str(body["upload"])
    facts = withdraw(org, person, judicial, upload)
    if facts and may_run_night(org, person, judicial):
        run = f"undo-{upload}"
        sequence = fill(org, person, judicial)
        judge(org, person, judicial, run, sequence, None, [])
        remind(org, person, judicial, run)
    return facts
