"""Makes a sample book: everybody, every loan, every posting, what went wrong, sealed in batches.

Invariant: the same preset, number of borrowers and seed give the same batches with the same roots, in any process, on
any number of threads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.batch import seal
from panhuo.ground.book.folder import Batch, Book
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.dates import days_from_civil, to_date
from panhuo.sample.adopted import adoption_file, tell_adoptions
from panhuo.sample.arrears import default_blocks, spells
from panhuo.sample.bought_packages import ORGANISATION, tell_packages
from panhuo.sample.bought_packages import batch_ends as package_ends
from panhuo.sample.cases import Case
from panhuo.sample.claims import (
    changed_parties,
    demands_on_guarantors,
    hand_over,
    restated,
    tell_claims,
    tell_classes,
    tell_writeoffs,
)
from panhuo.sample.corrections import correcting_batch, misbook
from panhuo.sample.credit import micro_contracts, tell_contracts, tell_drawdowns, tell_plans, tell_postings
from panhuo.sample.distress import apply_cases, build_cases
from panhuo.sample.facts import Facts
from panhuo.sample.lending import Lending, build_lending
from panhuo.sample.parties import Registry, build_registry, tell_parties
from panhuo.sample.population import Population, build_population
from panhuo.sample.presets import AS_OF, NEVER, preset_named
from panhuo.sample.repayment import Terms, write_ledger
from panhuo.sample.security import build_security, tell_guarantees, tell_security
from panhuo.sample.surroundings import (
    tell_comparables,
    tell_inspections,
    tell_invoices,
    tell_observations,
    tell_reports,
    tell_ties,
)
from panhuo.sample.tape import write_tapes
from panhuo.sample.truth import truth_tables, write_truth

FIRST_BATCH_ENDS = days_from_civil(2020, 12, 31)
SMALLEST = 30


def terms_of(people: Population, lending: Lending) -> Terms:
    """What the ledger is written from, before distress adds cash, acceleration and write-offs."""
    count = len(lending)
    late, default = spells(people, lending), default_blocks(lending)
    drawdown, first, until = (np.concatenate(pair) for pair in zip(late, default, strict=True))
    order = np.lexsort((first, drawdown))
    never = np.full(count, NEVER, dtype=np.int64)
    uplift = people.truth["uplift"][lending.contract]
    return Terms(
        lending.amount, lending.out, lending.due, lending.due_first, lending.style, lending.interest_day, lending.rate,
        uplift, never.copy(), np.where(lending.stop < NEVER, lending.stop + 91, NEVER), never.copy(),
        np.zeros(count, dtype=np.int64), np.searchsorted(drawdown[order], np.arange(count + 1)), first[order],
        until[order], np.zeros(count + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64),
    )  # fmt: skip


def batch_ends() -> list[int]:
    """Last day of each of the bank's batches: year ends, then the last observation day."""
    return [days_from_civil(year, 12, 31) for year in range(2020, 2026)] + [AS_OF]


def split(tables: dict[str, pa.Table], ends: list[int]) -> list[dict[str, pa.Table]]:
    """Tables by batch: a fact is sealed with the first batch that ends on or after its day."""
    found: list[dict[str, pa.Table]] = []
    before = -(1 << 30)
    for end in ends:
        part = {}
        for name, table in tables.items():
            day = table.column("effective_on").cast(pa.int32())
            rows = table.filter(pc.and_(pc.greater(day, before), pc.less_equal(day, end)))
            if len(rows):
                part[name] = rows
        found.append(part)
        before = end
    return found


def _restate(people: Population, registry: Registry, cases: list[Case], tables: dict[str, pa.Table]) -> None:
    guarantees, days = demands_on_guarantors(cases)
    if guarantees:
        later = restated(tables["guarantees"], guarantees, days, {"first_demand_on": days})
        tables["guarantees"] = pa.concat_tables([tables["guarantees"], later])
    parties, days, statuses = changed_parties(people, registry, cases)
    if parties:
        later = restated(tables["parties"], parties, days, {"status": statuses, "status_on": days})
        tables["parties"] = pa.concat_tables([tables["parties"], later])


def make_book(
    preset: str,
    borrowers: int | None,
    seed: int,
    out: str | Path,
    *,
    dirty_files: str | Path | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> dict[str, Any]:
    """Makes and seals a sample book in the folder `out`.

    Args:
        preset: a name of `panhuo.sample.presets.PRESETS`.
        borrowers: ever seen, corporate and personal together; the preset's own number when not given.
        seed: any whole number.
        dirty_files: a folder for the seller's tapes of the packages, spelt as sellers spell them.
        progress: called with (table, rows) as tables are sealed.

    Returns:
        ``book``, ``as_of``, ``root`` (of the bank's last batch), ``roots``, ``tables`` (name -> rows), ``rows``.

    Raises:
        InvalidInput: fewer than 30 borrowers. NotFound: no such preset. Conflict: the folder holds something.
    """
    chosen = preset_named(preset)
    count = chosen.borrowers if borrowers is None else borrowers
    if count < SMALLEST:
        raise InvalidInput(f"a sample needs at least {SMALLEST} borrowers, not {count}", where="--borrowers")
    adoption = adoption_file(chosen)
    book = Book.create(
        Path(out),
        made_by="panhuo sample",
        details={
            "sample_seed": seed,
            "preset": preset,
            "borrowers": count,
            "adoption": hashlib.sha256(adoption).hexdigest(),
        },
    )
    book.keep_input(adoption)
    facts = Facts()
    people = build_population(chosen, count, seed)
    lending = build_lending(people)
    micro = micro_contracts(people, lending)
    registry = build_registry(people, lending)
    people.truth["banks"] = registry.banks
    security = build_security(people, lending, registry)
    tell_parties(people, lending, registry, facts)
    tell_contracts(people, lending, facts, micro)
    tell_guarantees(people, lending, security, registry, facts)
    tell_security(people, lending, security, facts)
    terms = terms_of(people, lending)
    cases = build_cases(people, lending, registry, security)
    flows = apply_cases(terms, cases)
    ledger = write_ledger(terms)
    tell_drawdowns(people, lending, terms, ledger, facts)
    tell_plans(lending, ledger, terms, facts)
    tell_postings(lending, ledger, facts)
    tell_writeoffs(people, lending, ledger, facts)
    tell_classes(people, lending, ledger, terms, facts)
    tell_observations(people, lending, facts)
    tell_reports(people, lending, facts)
    tell_inspections(people, lending, facts)
    tell_ties(people, lending, registry, facts)
    tell_invoices(people, lending, facts)
    tell_comparables(people, security, facts)
    tell_claims(people, lending, ledger, terms, cases, flows)
    hand_over(cases, facts)
    tables = facts.tables()
    sold = tell_packages(people, registry, ledger, cases, facts, tables)
    tell_adoptions(facts)
    tables = facts.tables()
    _restate(people, registry, cases, tables)
    corrections = misbook(seed, ledger, tables)
    roots: dict[str, list[str]] = {}
    rows: dict[str, int] = {}

    def note(batch: Batch) -> None:
        roots.setdefault(batch.org, []).append(batch.root)
        for name, number in batch.rows.items():
            rows[name] = rows.get(name, 0) + number

    ends = batch_ends()
    parts = [(end, "self", part) for part, end in zip(split(tables, ends), ends, strict=True)]
    parts += [(end, ORGANISATION, part) for part, end in zip(sold, package_ends(), strict=True) if part]
    for end, org, part in sorted(parts, key=lambda entry: (entry[0], entry[1])):
        batch = seal(book, part, org=org, observed_until=to_date(end), progress=progress)
        note(batch)
    note(seal(book, correcting_batch(book, corrections), observed_until=to_date(AS_OF), progress=progress))
    if dirty_files is not None:
        write_tapes(Path(dirty_files), seed, registry, ledger, cases)
    write_truth(Path(out) / "truth", truth_tables(people, lending, registry, security, cases))
    return {
        "book": str(out),
        "preset": preset,
        "borrowers": count,
        "seed": seed,
        "as_of": to_date(AS_OF).isoformat(),
        "root": roots["self"][-1],
        "roots": roots,
        "tables": dict(sorted(rows.items())),
        "rows": sum(rows.values()),
    }
