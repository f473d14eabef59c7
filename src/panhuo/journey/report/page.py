"""The page: sections to one self-contained HTML file, in the folder a run writes.

Invariant: the file asks for nothing from anywhere; with script turned off everything can still be read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import jinja2

from panhuo import __version__
from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.arguments import HOME
from panhuo.journey.night import Night
from panhuo.journey.report import after_loan, bad_debt, overview, words
from panhuo.journey.report.classes import classes
from panhuo.journey.report.layout import Gallery, Section, Table
from panhuo.journey.report.opening import LISTED, Figure, Opener, Part, Rest
from panhuo.journey.report.quality import quality
from panhuo.journey.report.words import Text

FOLDER = Path(__file__).parent


_SIGNS = {"disburse": 1, "accrue": 1, "advance": 1, "receive": -1, "waive": -1, "write_off": -1, "assign": -1}


def ledger_principal(night: Night) -> dict[str, int] | None:
    """Outstanding principal by currency, summed straight from the postings: what the classes must tie to, to the fen.

    It goes another way than the stages do: all postings, no debts chosen first; a debt that is settled sums to nothing.
    """
    if not night.snapshot.holds("postings") or "classes" not in night.outcomes:
        return None
    postings = night.snapshot.table("postings")
    originals = postings.select(original_id=postings.id, original_kind=postings.kind)
    drawdowns = night.snapshot.table("drawdowns").select(debt=ibis._.id, debt_currency=ibis._.currency)
    principal = postings.filter(postings.component == "principal")
    rows = principal.left_join(originals, principal.reverses_id == originals.original_id)
    rows = rows.left_join(drawdowns, rows.drawdown_id == drawdowns.debt)
    undone = rows.kind == "reverse"
    kind = ibis.ifelse(undone, ibis.coalesce(rows.original_kind, "receive"), rows.kind)
    sign = ibis.cases(*((kind == name, value) for name, value in _SIGNS.items()), else_=0)
    amount = rows.amount * sign * ibis.ifelse(undone, -1, 1)
    signed = rows.select(name=ibis.coalesce(rows.debt_currency, HOME), signed=amount.cast("int64"))
    found = signed.group_by("name").aggregate(total=ibis._.signed.sum().cast("int64")).to_pyarrow().to_pylist()
    return {row["name"]: int(row["total"] or 0) for row in found}


def page_sections(night: Night, opener: Opener) -> list[Section]:
    """Every section that has something to say."""
    found = [
        overview.summary(opener),
        overview.lending(opener),
        classes(opener, ledger_principal(night)),
        quality(opener, night),
        after_loan.warnings(opener),
        bad_debt.deadlines(opener),
        after_loan.rings(opener, night),
        bad_debt.claims(opener),
    ]
    return [section for section in found if section is not None and not section.empty]


def facts_and_batches(night: Night, opener: Opener) -> tuple[Figure, Figure]:
    """How many facts the snapshot holds, by table, and in how many sealed batches."""
    batches = night.snapshot.batches
    by_table: dict[str, int] = {}
    for batch in batches:
        for name, rows in batch.rows.items():
            by_table[name] = by_table.get(name, 0) + rows
    ranked = sorted(by_table.items(), key=lambda pair: (-pair[1], pair[0]))
    tables = [Part(_table_name(name), words.count(rows), rows) for name, rows in ranked]
    number = sum(by_table.values())
    facts = opener.made_of(tables, words.count(number), number, Text("事实", "facts"),
                           Text("各表行数之和", "rows of each table, added up"))  # fmt: skip
    listed = [
        Part(Text(f"{b.org} {b.sequence}　{b.root[:16]}…", f"{b.org} {b.sequence}  {b.root[:16]}…"), words.NOTHING)
        for b in batches[:LISTED]
    ]
    left = len(batches) - len(listed)
    sealed = opener.made_of(listed, words.count(len(batches)), len(batches), Text("已封批次", "sealed batches"),
                            Text("机构、批次号、根", "organisation, number, root"), kind="count",
                            rest=Rest(left, words.NOTHING) if left else None)  # fmt: skip
    return facts, sealed


def _table_name(name: str) -> Text:
    table = TABLES.get(name)
    return Text(name, name) if table is None else Text(f"{table.zh}（{name}）", f"{table.en} ({name})")


def provenance(opener: Opener) -> list[dict[str, Any]]:
    """One line an outcome: rows, root, rules, what it rests on."""
    lines = []
    for name, outcome in opener.outcomes.items():
        lineage = outcome.lineage
        lines.append(
            {
                "name": name,
                "rows": opener.count(outcome, None, title=Text(f"{name}：全部行", f"{name}: all rows")),
                "root": outcome.root.hex(),
                "rules": ", ".join(f"{k} {v[:12]}" for k, v in lineage.get("rules", {}).items()),
                "function": lineage.get("function", ""),
                "earlier": ", ".join(lineage.get("earlier", {})),
            }
        )
    return lines


def render(night: Night, described: dict[str, Any]) -> str:
    """The page's HTML."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["table"] = lambda block: isinstance(block, Table)
    environment.tests["gallery"] = lambda block: isinstance(block, Gallery)
    template = environment.get_template("page.html")
    opener = Opener(night.outcomes)
    facts, batches = facts_and_batches(night, opener)
    return template.render(
        T=Text,
        opener=opener,
        drawers=opener.drawers,
        title=Text("盘活 · 全流程报告", "Panhuo · whole-life report"),
        org=described["org"],
        as_of=described["as_of"],
        book=Path(described["book"]).name,
        facts=facts,
        batches=batches,
        sections=page_sections(night, opener),
        provenance=provenance(opener),
        adopted=any("adoption" in o.lineage for o in night.outcomes.values()),
        version=__version__,
        style=(FOLDER / "page.css").read_text(encoding="utf-8"),
        script=(FOLDER / "page.js").read_text(encoding="utf-8"),
    )


def write_report(folder: Path, night: Night, described: dict[str, Any]) -> dict[str, str]:
    """Writes ``report.html`` into a run's folder and returns its name by title."""
    (folder / "report.html").write_text(render(night, described), encoding="utf-8")
    return {"report": "report.html"}
