"""The rules room's pages: every rule, one rule with its versions side by side, and the rows it fired on.

Invariant: what a rule says is the text the last night judged by; counts lead to the rows they count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.outcome import Outcome
from panhuo.ground.rules.rule import Rule, SourceGrade
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import Figures
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.tables import Facts as Stated
from panhuo_server.console.pieces.tables import Head, Sheet
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import Night, last_night, the_night
from panhuo_server.console.rules.trying import Asked, fields, tried
from panhuo_server.console.rules.used import ADVISED, FIRED, MARKS, UNKNOWN, Used, adoption_of, missing, sets_of
from panhuo_server.console.rules.wording import Wording, boundary, parameter_value
from panhuo_server.console.why import GRADES, name_of

PURPOSES = ("monitoring", "origination", "valuation", "recovery", "market", "approval", "audit", "reporting")
HERE = "/console/rules"
T = ColumnType
STANDINGS = CodeList.of(
    "rule_standings", ("binds", "有约束力", "binds"), ("adopted", "采纳后有约束力", "binds: adopted here"),
    ("advises", "仅提示", "advises only"), ("data", "数据", "data that is read"),
)  # fmt: skip
FORCES = CodeList.of(
    "rule_forces", ("now", "施行中", "in force"), ("later", "尚未施行", "not yet"), ("ended", "已失效", "ended"),
)  # fmt: skip
USES = CodeList.of("rule_uses", ("fired", "已触发", "fired"), ("unknown", "有未能判断", "not evaluated somewhere"),
                   ("quiet", "未触发", "fired nowhere"), ("unread", "昨夜未用", "not read this night"))  # fmt: skip
GRADE_CODES = CodeList.of(
    "rule_grades",
    *((g.value, f"{g.value} {GRADES[g.value].zh}", f"{g.value}: {GRADES[g.value].en}") for g in SourceGrade),
)


def rule_page(rule_set: str, rule_id: str) -> str:
    """Where a rule opens."""
    return f"{HERE}/{quote(rule_set, safe='')}/{quote(rule_id)}"


def rows_page(rule_set: str, outcome: str, what: str, rule_id: str) -> str:
    """Where the rows a rule fired on, advised on or could not be judged on are listed."""
    return f"{HERE}/{quote(rule_set, safe='')}/rows/{quote(outcome, safe='')}/{what}/{quote(rule_id)}"


def version_on(used: Used, rule_id: str, on: date) -> tuple[Rule, str]:
    """The version to speak of on a day, and whether it is in force then."""
    versions = used.rule_set.versions(rule_id)
    current = next((v for v in versions if v.in_force(on)), None)
    if current is not None:
        return current, "now"
    return (versions[0], "later") if on < versions[0].effective_from else (versions[-1], "ended")


def _schema(sets: dict[str, Used]) -> Schema:
    subjects = CodeList.of("rule_subjects", *((n, u.rule_set.zh, u.rule_set.en) for n, u in sets.items()))
    return Schema(
        "rules",
        (
            Column("key", T.TEXT, "规则集与编号", "set and id", key=True, required=True),
            Column("id", T.TEXT, "编号", "id"), Column("subject", T.CODE, "主题", "subject", codes=subjects),
            Column("says", T.TEXT, "内容", "what it says"), Column("instrument", T.TEXT, "依据", "instrument"),
            Column("article", T.TEXT, "条款", "article"),
            Column("grade", T.CODE, "内容可信度", "grade", codes=GRADE_CODES),
            Column("citation", T.CODE, "出处可信度", "grade of the citation", codes=GRADE_CODES),
            Column("since", T.DATE, "施行", "in force from"), Column("until", T.DATE, "失效", "until"),
            Column("versions", T.INT, "版本数", "versions"),
            Column("standing", T.CODE, "效力", "effect", codes=STANDINGS),
            Column("force", T.CODE, "当日状态", "on that day", codes=FORCES),
            Column("use", T.CODE, "昨夜", "this night", codes=USES),
            Column("fired", T.INT, "触发", "fired on"), Column("advised", T.INT, "仅提示", "advised on"),
            Column("unknown", T.INT, "未能判断", "not evaluated on"),
            Column("adopted_from", T.DATE, "采纳自", "adopted from"),
        ),
        zh="规则", en="rules",
    )  # fmt: skip


def sheet_of(sets: dict[str, Used], on: date, language: str) -> Sheet:
    """Every rule once, as of a day."""
    schema, rows = _schema(sets), []
    for name, used in sets.items():
        for rule_id in used.rule_set.rule_ids:
            rule, force = version_on(used, rule_id, on)
            adopted = used.adopted(rule_id)
            counts = [used.total(rule_id, what) for what in (FIRED, ADVISED, UNKNOWN)]
            judged = bool(used.counts) or used.read
            use = "fired" if counts[0] or counts[1] else "unknown" if counts[2] else "quiet" if judged else "unread"
            rows.append(
                {"key": f"{name} {rule_id}", "id": rule_id, "subject": name,
                 "says": rule.zh if language == "zh" else rule.en, "instrument": rule.instrument,
                 "article": rule.article, "grade": rule.grade.effect.value, "citation": rule.grade.citation.value,
                 "since": rule.effective_from, "until": rule.effective_to,
                 "versions": len(used.rule_set.versions(rule_id)), "standing": used.standing(rule), "force": force,
                 "use": use, "fired": counts[0], "advised": counts[1], "unknown": counts[2],
                 "adopted_from": min((a.from_day for a in adopted), default=None)}
            )  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=schema.arrow())

    def leads(what: str) -> Any:
        def address(row: dict[str, Any]) -> str:
            found = [c for c in sets[row["subject"]].counts.get(row["id"], ()) if getattr(c, what)]
            return rows_page(row["subject"], found[0].outcome, what, row["id"]) if found else ""

        return address

    heads = (
        Head("id", goes=lambda r: rule_page(r["subject"], r["id"])), Head("standing"), Head("fired", goes=leads(FIRED)),
        Head("unknown", goes=leads(UNKNOWN)), Head("advised", goes=leads(ADVISED)), Head("says"), Head("subject"),
        Head("instrument"), Head("article"), Head("grade"), Head("since"), Head("until"), Head("force"),
        Head("adopted_from"), Head("versions"), Head("use", hidden=True), Head("citation", hidden=True),
    )  # fmt: skip
    return Sheet("rules", Text("规则", "Rules"), Stated("rules", schema, table), heads,
                 ("subject", "standing", "grade", "force", "use"), "", rows=table, facts=True)  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error


def _about(visit: Visit, night: Night | None, on: date) -> list[tuple[Text, str]]:
    found = about(visit, night) if night is not None else [(Text("机构", "organisation"), visit.place.name)]
    return [*found, (Text("规则状态按日", "rules as in force on"), on.isoformat())]


@page()
def rules(visit: Visit, day: str = "") -> HttpResponse:
    """Every rule, as in force on a day; by default the last night's."""
    asked = visit.request.GET.get("on", "")
    if asked:
        return redirect(f"{HERE}/on/{_day(asked).isoformat()}")
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        on = _day(day) if day else night.as_of if night is not None else timezone.localdate()
        sets = sets_of(night)
        sheet = sheet_of(sets, on, visit.language)
        if (other := other_form(sheet, None, visit, _about(visit, night, on))) is not None:
            return other
        adoption = adoption_of(night)
        address = f"{HERE}/on/{on.isoformat()}" if day else HERE
        given = {
            "room": "rules", "night": night, "on": on, "day": day, "adoption": adoption,
            "sets": [_set(used, on) for used in sets.values()], "table": table_shown(sheet, None, visit, address),
        }  # fmt: skip
    return shown(visit.request, "console/rules/rules.html", given, visit=visit)


def _set(used: Used, on: date) -> dict[str, Any]:
    standing = [used.standing(version_on(used, i, on)[0]) for i in used.rule_set.rule_ids]
    return {
        "name": used.name, "title": Text(used.rule_set.zh, used.rule_set.en), "rules": len(standing),
        "binds": sum(s in ("binds", "adopted") for s in standing), "advises": standing.count("advises"),
        "data": standing.count("data"), "read": used.read, "changed": used.changed, "hash": used.hash,
        "fired": sum(bool(used.total(i, FIRED)) for i in used.rule_set.rule_ids),
    }  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One version of a rule beside the others: each line with whether it changed from the version before."""

    rule: Rule
    lines: list[tuple[Text, Text, bool]]
    parts: list[tuple[Text, bool]]
    joined: Text
    force: Text


def _lines(used: Used, rule: Rule, other: Rule | None) -> list[tuple[Text, Text, bool]]:
    found = []
    end = rule.effective_to
    span = Text(
        f"{rule.effective_from} 至 {end or '今'}", f"from {rule.effective_from}" + (f" to {end}" if end else "")
    )
    said = Wording(used.rule_set, rule)
    before = Wording(used.rule_set, other) if other is not None else None

    def plain(text: str) -> Text:
        return Text(text or "—", text or "—")

    pairs: list[tuple[Text, Text, Text | None]] = [
        (Text("内容", "Says"), Text(rule.zh, rule.en), Text(other.zh, other.en) if other else None),
        (Text("依据", "Instrument"), plain(rule.instrument), plain(other.instrument) if other else None),
        (Text("条款", "Article"), plain(rule.article), plain(other.article) if other else None),
        (Text("施行", "In force"), span, None),
        (Text("内容可信度", "Grade"), _grade(rule), _grade(other) if other else None),
        (Text("触发后", "Effect"), said.effect(), before.effect() if before else None),
    ]
    for label, text, was in pairs:
        found.append((label, text, was is not None and was != text))
    for name, parameter in rule.parameters.items():
        edge, value = boundary(parameter), parameter_value(parameter)
        text = Text(f"{value.zh} {edge.zh}".strip(), f"{value.en} {edge.en}".strip())
        held = other.parameters.get(name) if other is not None else None
        found.append((Text(f"参数 {name}", f"Parameter {name}"), text, other is not None and held != parameter))
    return found


def _grade(rule: Rule) -> Text:
    grade = GRADES[rule.grade.effect.value]
    return Text(f"{rule.grade.effect.value}：{grade.zh}", f"{rule.grade.effect.value}: {grade.en}")


def sides(used: Used, rule_id: str, on: date) -> list[Side]:
    """The versions of a rule, earliest first."""
    found: list[Side] = []
    before: Rule | None = None
    for rule in used.rule_set.versions(rule_id):
        joined, parts = Wording(used.rule_set, rule).condition()
        old = Wording(used.rule_set, before).condition()[1] if before is not None else parts
        held = "now" if rule.in_force(on) else "later" if on < rule.effective_from else "ended"
        force = FORCES[held]
        found.append(
            Side(rule, _lines(used, rule, before), [(part, part not in old) for part in parts], joined,
                 Text(force.zh, force.en))
        )  # fmt: skip
        before = rule
    return found


def _brackets(rule: Rule) -> list[tuple[Text, Text, Text]]:
    found = []
    for one in rule.brackets:
        top = words.exact(one.up_to) if one.up_to is not None else Text("以上", "and above")
        over = words.exact(one.over)
        span = Text(f"{over.zh} 至 {top.zh}", f"{over.en} to {top.en}")
        found.append((span, words.exact(one.fixed), words.share(one.rate)))
    return found


@page()
def rule(visit: Visit, rule_set: str, rule_id: str) -> HttpResponse:
    """One rule: words, source, versions, parameters, condition, effect, adoption, counts, and a form to try it."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        sets = sets_of(night)
        used = sets.get(rule_set)
        if used is None or rule_id not in used.rule_set.rule_ids:
            raise Http404
        on = night.as_of if night is not None else timezone.localdate()
        current, _ = version_on(used, rule_id, on)
        given = visit.request.GET
        asked: list[Asked] = []
        result = None
        if not current.is_schedule:
            asked = fields(used, rule_id, {k: str(v) for k, v in given.items()}, on)
            if "try" in given and not any(one.fault.zh for one in asked):
                result = tried(used, rule_id, asked)
        counts = []
        for one in used.counts.get(rule_id, ()):
            assert night is not None
            lacking = missing(used, night[one.outcome], rule_id) if one.unknown else []
            columns = used.rule_set.columns
            counts.append({
                "name": name_of(one.outcome), "rows": len(night[one.outcome]),
                "parts": [(what, getattr(one, what), rows_page(rule_set, one.outcome, what, rule_id))
                          for what in (FIRED, ADVISED, UNKNOWN)],
                "missing": [(Text(columns[n].zh, columns[n].en), n, c) for n, c in lacking],
            })  # fmt: skip
        standing = STANDINGS[used.standing(current)]
        found = {
            "room": "rules", "night": night, "used": used, "rule": current, "id": rule_id,
            "crumbs": [(Text("规则", "Rules"), HERE),
                       (Text(used.rule_set.zh, used.rule_set.en), f"{HERE}?f.subject={rule_set}"),
                       (Text(rule_id, rule_id), "")],
            "name": Text(current.zh, current.en), "standing": Text(standing.zh, standing.en),
            "adopted": used.adopted(rule_id), "sides": sides(used, rule_id, on), "counts": counts,
            "brackets": _brackets(current), "rows": _table(current), "asked": asked, "result": result,
            "dated_by": used.rule_set.columns.get(used.rule_set.dated_by),
        }  # fmt: skip
    return shown(visit.request, "console/rules/rule.html", found, visit=visit)


def _table(rule: Rule) -> tuple[list[str], list[list[str]]]:
    if not rule.rows:
        return [], []
    heads = list(dict.fromkeys(name for row in rule.rows for name in row))
    return heads, [[str(row.get(name, "")) for name in heads] for row in rule.rows]


def rows_of(night: Night, outcome: str, rule_id: str, what: str) -> tuple[Outcome, pa.Table]:
    """The rows of an outcome a rule fired on, advised on or could not be judged on, and the outcome."""
    held = night.named(outcome)
    reasons = held.reasons.filter(pc.equal(held.reasons.column("code"), rule_id + MARKS[what]))
    keys = reasons.select(list(held.schema.key))
    return held, held.table.join(keys, keys=list(held.schema.key), join_type="left semi")


@page()
def rows(visit: Visit, rule_set: str, outcome: str, what: str, rule_id: str) -> HttpResponse:
    """The rows behind a count."""
    if what not in MARKS:
        raise Http404
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        used = sets_of(night).get(rule_set)
        if used is None or rule_id not in used.rule_set.rule_ids:
            raise Http404
        if not any(c.outcome == outcome and getattr(c, what) for c in used.counts.get(rule_id, ())):
            raise Http404
        held, table = rows_of(night, outcome, rule_id, what)
        figures = Figures(night)
        currencies = figures.currencies(held)
        mine = held.table.select(list(held.schema.key)).append_column("_currency", currencies)
        table = table.join(mine, keys=list(held.schema.key), join_type="left outer")
        heads = [Head(c.name, hidden=n >= 10) for n, c in enumerate(held.schema.columns)]
        codes = tuple(c.name for c in held.schema.columns if c.type is T.CODE and c.codes is not None)[:3]
        sheet = Sheet(f"rule-rows-{outcome}", name_of(outcome), held, heads, codes, "", rows=table)
        if (
            other := other_form(
                sheet, figures, visit, [*about(visit, night), (Text("规则", "rule"), f"{rule_id} {what}")]
            )
        ) is not None:
            return other
        current, _ = version_on(used, rule_id, night.as_of)
        given = {
            "room": "rules", "night": night, "id": rule_id, "what": what, "name": Text(current.zh, current.en),
            "crumbs": [(Text("规则", "Rules"), HERE), (Text(rule_id, rule_id), rule_page(rule_set, rule_id)),
                       (name_of(outcome), "")],
            "table": table_shown(sheet, figures, visit, rows_page(rule_set, outcome, what, rule_id)),
        }  # fmt: skip
    return shown(visit.request, "console/rules/rows.html", given, visit=visit)
