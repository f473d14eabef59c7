"""The why drawer: what a number opens to, down to the receipt that proves it.

Invariant: nothing is judged here. Bars shown as adding up do add up to the value they stand under; a sum's rows and its
remainder give the sum; the receipt is of the very row (or, for a sum, of the outcome) that is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.http import Http404, HttpResponse

from panhuo.ground.book.tables.claims import LIMITATION_KINDS
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.record.outcome import Outcome
from panhuo.ground.rules.library import rule_text, text_hash
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.figures import Figures, exactly, large, row_address
from panhuo_server.console.pieces.grids import named
from panhuo_server.console.pieces.pictures import Bar, signed
from panhuo_server.console.results import Night, purposes_of, the_night
from panhuo_server.store import log, signing
from panhuo_server.store.acting import cursor
from panhuo_server.store.reading import facts_of

LISTED = 12
"""Rows a sum lists; what remains is named with its number and sum."""

TABLES_OF = {"claim_id": "claims", "drawdown_id": "drawdowns", "asset_id": "assets", "party_id": "parties"}
"""Column -> the table of facts whose rows it names."""

NAMES = {
    "days_past_due": Text("逾期天数", "Days past due"), "class_floor": Text("分类下限", "Lowest class"),
    "classes": Text("五级分类", "Class"), "provisions": Text("拨备", "Provision"),
    "provision_summary": Text("拨备汇总", "Provisions of the book"), "portfolio": Text("组合", "Portfolio"),
    "warnings": Text("预警", "Warning"), "deadlines": Text("期限", "Deadline"), "migration": Text("迁徙", "Migration"),
    "collateral_values": Text("担保财产价值", "Value of security"),
    "claim_values": Text("债权价值", "Value of the claim"),
    "maximum_bids": Text("最高报价", "Maximum bid"), "claim_routes": Text("处置路径", "Route"),
    "vintages": Text("批次", "Vintage"), "npl_movements": Text("不良变动", "Bad-loan movement"),
    "rings": Text("担保圈", "Guarantee ring"), "ring_membership": Text("圈内地位", "Place in rings"),
    "profiles": Text("经营画像", "Profile"), "scores": Text("评分", "Score"),
    "credit_proposals": Text("授信申请", "Proposal"), "credit_decisions": Text("审批结论", "Decision"),
    "limits": Text("授信额度", "Limit"), "lending_conditions": Text("放款条件", "Conditions"),
    "prices": Text("利率", "Price"), "credit_offers": Text("授信方案", "Offer"),
    "credit_plan": Text("投放计划", "Credit plan"), "defaults": Text("违约", "Defaults"),
    "days_past_due_a_month_ago": Text("一月前逾期天数", "Days past due a month ago"),
    "days_past_due_a_year_ago": Text("一年前逾期天数", "Days past due a year ago"),
}  # fmt: skip
"""What outcomes are called on pages."""


def name_of(outcome: str) -> Text:
    """What an outcome is called."""
    return NAMES.get(outcome, Text(outcome, outcome.replace("_", " ")))


@dataclass(frozen=True)
class Cited:
    """A rule that fired: its id, words, where it stands, from when, and how well that is known."""

    code: str
    name: Text
    instrument: str
    article: str
    since: str
    grade: str
    note: Text


@dataclass(frozen=True)
class Said:
    """A line of a list: a name and a value, and where it opens."""

    name: Text
    text: Text
    href: str = ""


@dataclass(frozen=True)
class Source:
    """Where a fact came from."""

    table: Text
    id: str
    document: str
    row: str
    effective: str
    known: str
    batch: str


GRADES = {
    "A": Text("已读原文", "the article itself was read"), "B": Text("据二手资料", "from a secondary source"),
    "M": Text("凭记忆，待核对", "from memory, to be checked"), "U": Text("不确定", "unsure"),
    "P": Text("惯例或平台政策", "practice or policy, no law"),
}  # fmt: skip


def rules_cited(outcome: Outcome, codes: Sequence[str]) -> list[Cited]:
    """The rules of an outcome's rule sets that go by these codes."""
    found = []
    for name in outcome.lineage.get("rules", {}):
        rule_set = load_rule_set(name)
        kept = outcome.lineage.get("rule_files", {}).get(f"{name.partition(':')[0]}.toml")
        same = kept is None or kept == text_hash(rule_text(name))
        note = words.NOTHING if same else Text("（规则文件此后有改动）", " (the rule file has changed since)")
        for rule in rule_set.rules:
            if rule.id in codes:
                grade = GRADES.get(rule.grade.effect.value, words.NOTHING)
                found.append(
                    Cited(rule.id, Text(rule.zh, rule.en), rule.instrument, rule.article,
                          rule.effective_from.isoformat(), rule.grade.effect.value,
                          Text(grade.zh + note.zh, grade.en + note.en))
                )  # fmt: skip
    return found


def _sources(night: Night, ids: dict[str, str]) -> list[Source]:
    found = []
    for name, value in ids.items():
        facts = facts_of(TABLES_OF[name], as_of=night.as_of, sequence=night.sequence)
        for row in facts.filter(pc.equal(facts.column("id"), value)).slice(0, 3).to_pylist():
            found.append(
                Source(
                    named(TABLES_OF[name]), value, row["source_doc"] or "",
                    _or_nothing(row["source_row"]),
                    _or_nothing(row["effective_on"]), _or_nothing(row["known_on"]),
                    f"{row['fact_sequence']}-{row['fact_position']}",
                )
            )  # fmt: skip
    return found


def _or_nothing(value: Any) -> str:
    return "" if value is None else str(value)


def proof_of_entry(receipt: bytes, columns: Sequence[Column] = ()) -> dict[str, Any]:
    """What a page needs to verify a receipt: of a row when `columns` are its outcome's, else of a whole entry."""
    with cursor() as c:
        trusted = signing.published(c)
    keys = [{"org": k.org, "raw": k.key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()} for k in trusted]
    kept = json.loads(receipt)
    return {
        "row": "row" in kept,
        "receipt": receipt.decode(),
        "keys": json.dumps(keys),
        "columns": json.dumps([c.type.value for c in columns] if "row" in kept else []),
        "cell": "",
        "value": "",
        "fingerprint": kept["key"],
        "index": kept["log"]["index"],
        "size": kept["head"]["size"],
        "time": kept["head"]["time"],
    }


def _proof(receipt: bytes, outcome: Outcome, cell: tuple[int, str] | None) -> dict[str, Any]:
    found = proof_of_entry(receipt, outcome.schema.columns)
    return found | ({"cell": cell[0], "value": cell[1]} if cell else {})


def _as_hashed(column: Column, value: Any) -> str:
    """A value as the row's bytes hold it, in text."""
    if value is None:
        return ""
    if column.type is ColumnType.DATE:
        from panhuo.ground.record.arguments import EPOCH

        return str((value - EPOCH).days)
    return str(int(value)) if isinstance(value, bool | int) else str(value)


def key_words(outcome: Outcome, key: Sequence[Any]) -> Text:
    """A row's key as it is read: codes by their names, the rest as it stands."""
    said = []
    for name, value in zip(outcome.schema.key, key, strict=False):
        codes = outcome.schema[name].codes
        held = codes[value] if codes is not None and value in codes else None
        said.append(Text(held.zh, held.en) if held else Text(str(value), str(value)))
    return Text(" ".join(t.zh for t in said), " ".join(t.en for t in said))


def _row(visit: Visit, night: Night, outcome: Outcome, key: list[str], cell: str) -> dict[str, Any]:
    at = outcome.row_of(*key)
    currency = Figures(night).currencies(outcome)[at].as_py()
    row = outcome.table.slice(at, 1).to_pylist()[0]
    if cell and cell not in outcome.schema:
        raise Http404
    opened = outcome.why(*key, language=visit.language)
    sized, unsized = [], []
    units: dict[int, set[ColumnType]] = {}
    for column in outcome.schema.columns:
        if isinstance(row[column.name], int) and not isinstance(row[column.name], bool):
            units.setdefault(row[column.name], set()).add(column.type)
    for reason in opened["reasons"]:
        said = Text(reason["words"], reason["words"])
        if reason["contribution"] is None:
            unsized.append((reason["code"], said))
        else:
            text = words.contribution(reason["contribution"], units, currency)
            stripped = Text(*[t.strip("〔〕[] ") for t in (text.zh, text.en)])
            sized.append((reason["code"], said, reason["contribution"], stripped))
    summed = sum(amount for _, _, amount, _ in sized)
    reached = _reached(outcome, row, cell, summed) if len(sized) > 1 or (sized and summed) else None
    bars: list[Bar] = signed(sized) if reached is not None else []
    if reached is None:
        unsized = [(code, said) for code, said, _, _ in sized] + unsized
    codes = [reason["code"].rstrip("?~") for reason in opened["reasons"]]
    name, names = name_of(outcome.name), key_words(outcome, key)
    declared = outcome.schema[cell] if cell else None
    value = exactly(declared, row[cell], currency) if declared else words.NOTHING
    sentence = Text(f"{name.zh} {names.zh}", f"{name.en} {names.en}")
    if declared:
        sentence = Text(
            f"{names.zh} 的“{declared.zh}”是 {value.zh}，截至 {night.as_of}。",
            f"{declared.en} of {names.en} is {value.en}, as of {night.as_of}.",
        )
    subject = _subject(outcome, at, key)
    ids = {c: str(v) for c, v in {**subject, **row}.items() if c in TABLES_OF and v}
    values = [
        Said(words.label(c), exactly(c, row[c.name], currency))
        for c in outcome.schema.columns
        if row[c.name] is not None and not (c.type is ColumnType.BOOL and not row[c.name])
    ]
    judged = outcome.subject_schema
    told = {n: v for n, v in subject.items() if v is not None and n not in outcome.schema.key and v is not False}
    facts: list[Said] = []
    none: list[Said] = []
    for n, v in told.items():
        assert judged is not None
        nought = v == 0 and not isinstance(v, bool)
        spelled = SPELLED.get((outcome.name, n))
        said = spelled(str(v)) if spelled else exactly(judged[n], v, currency)
        (none if nought else facts).append(Said(words.label(judged[n]), said))
    position = night.listed[outcome.name].position
    place = (
        ([c.name for c in outcome.schema.columns].index(cell), _as_hashed(declared, row[cell])) if declared else None
    )
    return {
        "title": Text(f"{name.zh} · {names.zh}", f"{name.en} · {names.en}"),
        "sentence": sentence, "bars": bars, "reached": reached, "reasons": unsized,
        "rules": rules_cited(outcome, codes), "facts": facts, "none": none, "values": values,
        "sources": _sources(night, ids),
        "proof": _proof(log.receipt(position, outcome, key), outcome, place),
        "goes": f"/console/claims/{ids['claim_id']}" if "claim_id" in ids else "",
    }  # fmt: skip


def _reached(outcome: Outcome, row: dict[str, Any], cell: str, summed: int) -> Said | None:
    """The column the reasons' contributions add up to: the cell's own if it is, else the first amount."""
    names = [cell] if cell else []
    names += [c.name for c in outcome.schema.columns if c.type in (ColumnType.FEN, ColumnType.PPM)]
    for name in names:
        if row[name] == summed and not isinstance(row[name], bool):
            column = outcome.schema[name]
            return Said(words.label(column), exactly(column, summed, outcome.currency_of(outcome.row_of(*[
                row[k] for k in outcome.schema.key
            ]))))  # fmt: skip
    return None


_HAPPENED = re.compile(r"([a-z_]+)@(\d{4}-\d\d-\d\d)(?:~(\d{4}-\d\d-\d\d))?/([a-d-])")


def _happened(sealed: str) -> Text:
    """What interrupted or suspended a period, in words; sealed it is spelt ``signed_demand@2024-03-05/a``."""
    chinese, english = [], []
    for kind, day, ended, grade in _HAPPENED.findall(sealed):
        held = LIMITATION_KINDS[kind]
        days = f"{day} – {ended}" if ended else day
        proof = ("", "") if grade == "-" else (f"（证据{grade.upper()}级）", f" (evidence {grade.upper()})")
        chinese.append(f"{days} {held.zh}{proof[0]}")
        english.append(f"{days} {held.en}{proof[1]}")
    return Text("；".join(chinese), "; ".join(english)) if chinese else Text(sealed, sealed)


SPELLED = {("deadlines", "events"): _happened}
"""Facts an outcome was judged on that are sealed in a short spelling: outcome and column -> how they are read."""


def _subject(outcome: Outcome, at: int, key: Sequence[Any]) -> dict[str, Any]:
    schema, rows = outcome.subject_schema, outcome.subjects
    if schema is None or rows is None or schema.key != outcome.schema.key:
        return {}
    row: dict[str, Any] = rows.slice(at, 1).to_pylist()[0]
    return row


def _sum(visit: Visit, night: Night, outcome: Outcome, of: str, given: Any) -> dict[str, Any]:
    where = []
    for text in given.getlist("where"):
        name, _, values = text.partition(":")
        if name.rstrip(">") not in outcome.schema or (name.endswith(">") and not values.lstrip("-").isdigit()):
            raise Http404
        where.append((name, values.split("|")))
    currency = given.get("currency", "")
    if of != "*" and (of not in outcome.schema or outcome.schema[of].type.is_text):
        raise Http404
    figures = Figures(night)
    rows = outcome.table.filter(figures.mask(outcome, where, currency))
    name = name_of(outcome.name)
    keys = outcome.schema.key
    money = of != "*"
    order = [(of, "descending")] if money else []
    rows = rows.take(
        pc.sort_indices(rows, sort_keys=[*order, *[(k, "ascending") for k in keys]], null_placement="at_end")
    )
    part = rows.slice(0, LISTED).to_pylist()
    column = outcome.schema[of] if money else None
    total = (pc.sum(rows.column(of)).as_py() or 0) if money else len(rows)
    said = Text(
        "、".join(_condition(outcome, n, v).zh for n, v in where) or "全部",
        ", ".join(_condition(outcome, n, v).en for n, v in where) or "all",
    )

    def reads(value: int | None) -> Text:
        return exactly(column, value, currency or "CNY") if column else words.count(value)

    entries = []
    for row in part:
        key = [row[k] for k in keys]
        text = key_words(outcome, key)
        entries.append((text, row[of] if money else 1, row_address(outcome.name, key, of if money else "")))
    listed = sum(value or 0 for _, value, _ in entries) if money else len(entries)
    amounts = [("", text, value or 0, reads(value)) for text, value, _ in entries]
    left = len(rows) - len(entries)
    if left:
        amounts.append(
            ("", Text(f"其余 {left:,} 行", f"the other {left:,} rows"), total - listed, reads(total - listed))
        )
    bars = signed(amounts)
    bars = [
        Bar(b.name, b.text, entries[i][2] if i < len(entries) else "", b.start, b.wide, b.kind, b.zero)
        for i, b in enumerate(bars)
    ]
    label = words.label(column) if column else Text("行数", "rows")
    chosen = f" with {said.en}" if where else ""
    head = large(total, currency or "CNY") if column and column.type is ColumnType.FEN else reads(total)
    sentence = Text(
        f"{name.zh}中{said.zh}的 {len(rows):,} 行，{label.zh}合计 {reads(total).zh}（{head.zh}），截至 {night.as_of}。",
        f"{label.en} over the {len(rows):,} rows of “{name.en}”{chosen}: {reads(total).en} ({head.en}), "
        f"as of {night.as_of}.",
    )
    if not money:
        sentence = Text(
            f"{name.zh}中{said.zh}的共 {len(rows):,} 行，截至 {night.as_of}。",
            f"{len(rows):,} rows of “{name.en}”{chosen}, as of {night.as_of}.",
        )
    return {
        "title": Text(f"{label.zh} · {said.zh}", f"{label.en} · {said.en}"),
        "sentence": sentence, "bars": bars if money else [], "reached": Said(label, reads(total)) if money else None,
        "reasons": [], "rows": [] if money else [Said(t, words.NOTHING, href) for t, _, href in entries],
        "left": 0 if money else left, "rules": [], "facts": [], "values": [], "sources": [],
        "proof": _proof(log.receipt(night.listed[outcome.name].position), outcome, None), "goes": "",
    }  # fmt: skip


def _condition(outcome: Outcome, name: str, values: Sequence[str]) -> Text:
    if name.endswith(">"):
        label = words.label(outcome.schema[name[:-1]])
        return Text(f"{label.zh} > {values[0]}", f"{label.en} > {values[0]}")
    column = outcome.schema[name]
    codes = {k.code: (k.zh, k.en) for k in column.codes or ()}
    if column.type is ColumnType.BOOL:
        return Text(column.zh, column.en) if values == ["true"] else Text(f"非{column.zh}", f"not {column.en}")
    return Text(
        f"{column.zh}为{'、'.join(codes.get(v, (v, v))[0] for v in values)}",
        f"{column.en}: {', '.join(codes.get(v, (v, v))[1] for v in values)}",
    )


@page()
def why(visit: Visit, name: str) -> HttpResponse:
    """A number opened: as a drawer when a page asks for it, as a page of its own when an address does."""
    given = visit.request.GET
    with visit.acting(*purposes_of(name)):
        night = the_night(visit)
        outcome = night.named(name)
        key, of = given.getlist("key"), given.get("of")
        try:
            if key:
                found = _row(visit, night, outcome, key, given.get("cell", ""))
            elif of:
                found = _sum(visit, night, outcome, of, given)
            else:
                raise Http404
        except InvalidInput as error:
            raise Http404 from error
    lineage = outcome.lineage
    found |= {
        "night": night, "name": name, "room": "", "address": visit.request.get_full_path(),
        "function": lineage.get("function", ""), "models": lineage.get("models", {}),
        "assumptions": lineage.get("parameters", {}).get("assumptions", {}).get("name", ""),
        "version": lineage.get("version", ""), "root": outcome.root.hex(),
        "command": f"panhuo why ./{name} {','.join(key)}" if key else "",
    }  # fmt: skip
    drawer = visit.request.headers.get("HX-Request") == "true"
    return shown(visit.request, "console/drawer.html" if drawer else "console/why.html", found, visit=visit)
