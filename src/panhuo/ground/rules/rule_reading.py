"""From the TOML of a rule file to rules: every key known, every number on its scale, every error with its place.

Invariant: a key this reader does not know is refused, so a misspelt key can never silently switch a rule off.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from panhuo.ground.record.columns import CodeList, Column, ColumnType
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.rules.condition import Kind
from panhuo.ground.rules.rule import (
    UNITS,
    Bracket,
    Effect,
    EffectKind,
    Grade,
    Output,
    Parameter,
    Rule,
    Scalar,
    SourceGrade,
)

_RULE_KEYS = frozenset(
    {
        "id", "zh", "en", "instrument", "article", "grade", "effective_from", "effective_to", "parameters", "condition",
        "effect", "brackets", "bracket_units", "rows", "row_units", "presets", "note",
    }
)  # fmt: skip
_REQUIRED = ("id", "zh", "en", "instrument", "article", "grade", "effective_from")
_ID = re.compile(r"[A-Z][A-Z0-9]*-[0-9]+[a-z]?(/[a-z0-9_]+)?")

_ID_LINE = re.compile(r'\s*id\s*=\s*"([^"]*)"')


class FileText:
    """The text of a rule file, to say on which line something stands."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines = text.split("\n")
        self.ids: dict[str, list[int]] = {}
        """Rule id -> the numbers of the lines that give it, from 1; a version of a rule is another of them."""
        for number, line in enumerate(self.lines, 1):
            if found := _ID_LINE.match(line):
                self.ids.setdefault(found[1], []).append(number)

    def place(self, rule_id: str, version: int, key: str | None = None) -> str:
        """``file line n, rule X[, key]``: the line of the rule's (version-th) id, or of the key below it."""
        numbers = self.ids.get(rule_id, [])
        if not 1 <= version <= len(numbers):
            return f"{self.name}, rule {rule_id}" + (f", {key}" if key else "")
        number = numbers[version - 1]
        if key is None:
            return f"{self.name} line {number}, rule {rule_id}"
        for below, other in enumerate(self.lines[number:], number + 1):
            if other.strip() == "[[rules]]":
                break
            if re.match(rf"\s*{re.escape(key)}\s*=", other):
                return f"{self.name} line {below}, rule {rule_id}, {key}"
        return f"{self.name} line {number}, rule {rule_id}, {key}"


def refuse_unknown(data: Mapping[str, Any], allowed: frozenset[str] | set[str], where: str) -> None:
    """Raises InvalidInput when a table has keys that no reader knows."""
    unknown = sorted(set(data) - set(allowed))
    if unknown:
        raise InvalidInput(f"unknown key {unknown[0]}", where=where, remedy="keys here: " + ", ".join(sorted(allowed)))


def on_scale(value: Any, unit: str, where: str) -> Scalar:
    """A written value on the integer scale of its unit: 2.5 percent -> 25,000 ppm; 10 wan_yuan -> 10,000,000 fen."""
    if unit not in UNITS:
        raise InvalidInput(f"unknown unit {unit}", where=where, remedy="units: " + ", ".join(UNITS))
    kind, factor = UNITS[unit]
    if not _is_written(value, kind):
        raise InvalidInput(f"{value!r} is not a value in {unit}", where=where, remedy="mend the value or its unit")
    written: Any = value
    if kind in (Kind.DATE, Kind.BOOL, Kind.CODE):
        found: Scalar = written
        return found
    if kind is Kind.FLOAT:
        return float(written)
    scaled = Decimal(written) * factor
    if scaled != scaled.to_integral_value():
        raise InvalidInput(f"{value} {unit} is finer than the scale holds", where=where, remedy="use a finer unit")
    return int(scaled)


def _is_written(value: Any, kind: Kind) -> bool:
    """Whether TOML gave a value of the sort the kind is written in."""
    match kind:
        case Kind.DATE:
            return isinstance(value, dt.date) and not isinstance(value, dt.datetime)
        case Kind.BOOL:
            return isinstance(value, bool)
        case Kind.CODE:
            return isinstance(value, str)
        case _:
            return isinstance(value, int | Decimal) and not isinstance(value, bool)


def read_codes(data: Mapping[str, Any], where: str) -> dict[str, CodeList]:
    """``[codes.<name>] codes = [["code", "zh", "en"], ...]``: closed lists in their order."""
    found = {}
    for name, table in data.items():
        refuse_unknown(table, {"codes"}, f"{where}, codes.{name}")
        found[name] = CodeList.of(name, *(tuple(row) for row in table["codes"]))
    return found


def read_columns(data: Mapping[str, Any], codes: Mapping[str, CodeList], where: str) -> dict[str, Column]:
    """``[columns.<name>] type, zh, en, codes``: the columns of the subject that conditions may name."""
    found = {}
    for name, table in data.items():
        spot = f"{where}, columns.{name}"
        refuse_unknown(table, {"type", "zh", "en", "codes"}, spot)
        if table.get("type") not in set(ColumnType):
            raise InvalidInput("type is missing or unknown", where=spot, remedy="one of: " + ", ".join(ColumnType))
        found[name] = Column(
            name, ColumnType(table["type"]), table.get("zh", ""), table.get("en", ""), codes=_list(table, codes, spot)
        )
        if not found[name].zh or not found[name].en:
            raise InvalidInput("zh and en must say what the column means", where=spot, remedy="add both")
    return found


def read_outputs(data: Mapping[str, Any], codes: Mapping[str, CodeList], where: str) -> dict[str, Output]:
    """``[outputs.<name>] type, zh, en, codes``: the columns that effects write."""
    found = {}
    for name, table in data.items():
        spot = f"{where}, outputs.{name}"
        refuse_unknown(table, {"type", "zh", "en", "codes", "notice"}, spot)
        allowed = set(Kind) - {Kind.NUMBER, Kind.FEN_PPM, Kind.FLOAT}
        if table.get("type") not in allowed:
            raise InvalidInput("type is missing or unknown", where=spot, remedy="one of: " + ", ".join(sorted(allowed)))
        kind = Kind(table["type"])
        notice = table.get("notice", False) is True
        found[name] = Output(name, kind, table.get("zh", ""), table.get("en", ""), _list(table, codes, spot), notice)
        if kind is Kind.CODE and found[name].codes is None:
            raise InvalidInput("a code output needs its list", where=spot, remedy='add codes = "name of a list"')
    return found


def _list(table: Mapping[str, Any], codes: Mapping[str, CodeList], where: str) -> CodeList | None:
    if "codes" not in table:
        return None
    name = table["codes"]
    found = codes.get(name) or book_lists().get(name)
    if found is None:
        raise InvalidInput(
            f"no list of codes is called {name}",
            where=where,
            remedy="use a list of the book's tables, or declare it under [codes.<name>]",
        )
    return found


@functools.cache
def book_lists() -> Mapping[str, CodeList]:
    """The closed lists of codes that the book's tables draw from, by name."""
    from panhuo.ground.book.catalogue import TABLES

    return {c.codes.name: c.codes for t in TABLES.values() for c in t.schema.columns if c.codes is not None}


def read_rule(data: Mapping[str, Any], file: FileText, version: int) -> Rule:
    """One ``[[rules]]`` table; `version` counts the tables of the same id, for the place in messages.

    Raises:
        InvalidInput: with file, line, rule and key.
    """
    rule_id = str(data.get("id", "?"))
    where = file.place(rule_id, version)
    refuse_unknown(data, _RULE_KEYS, where)
    for key in _REQUIRED:
        if key not in data:
            raise InvalidInput(f"{key} is missing", where=where, remedy=f"every rule has {', '.join(_REQUIRED)}")
    if not _ID.fullmatch(rule_id):
        raise InvalidInput(f"{rule_id} is not a rule id", where=where, remedy="like CLS-14 or PRV-01/loss")
    for key in ("zh", "en", "instrument"):
        if not isinstance(data[key], str) or not data[key].strip():
            raise InvalidInput(f"{key} is empty", where=where, remedy="say it in words")
    start, end = data["effective_from"], data.get("effective_to")
    for key, day in (("effective_from", start), ("effective_to", end)):
        if day is not None and (not isinstance(day, dt.date) or isinstance(day, dt.datetime)):
            raise InvalidInput(
                f"{key} is not a day", where=file.place(rule_id, version, key), remedy="write 2023-07-01, unquoted"
            )
    if end is not None and end < start:
        raise InvalidInput("it ends before it begins", where=where, remedy="mend effective_from or effective_to")
    parameters = {
        name: _parameter(name, table, f"{where}, parameter {name}")
        for name, table in data.get("parameters", {}).items()
    }
    condition = data.get("condition")
    effect = data.get("effect")
    if (condition is None) != (effect is None):
        raise InvalidInput(
            "a rule has both a condition and an effect, or is data only and has neither", where=where,
            remedy="add the one that is missing",
        )  # fmt: skip
    return Rule(
        id=rule_id,
        zh=data["zh"],
        en=data["en"],
        instrument=data["instrument"],
        article=str(data["article"]),
        grade=_grade(data["grade"], file.place(rule_id, version, "grade")),
        effective_from=start,
        effective_to=end,
        parameters=parameters,
        condition=condition,
        effect=None if effect is None else _effect(effect, parameters, file.place(rule_id, version, "effect")),
        brackets=_brackets(data, f"{where}, brackets"),
        rows=_rows(data, f"{where}, rows"),
        presets=tuple(data.get("presets", ())),
        note=data.get("note", ""),
    )


def _grade(data: Any, where: str) -> Grade:
    if not isinstance(data, dict) or set(data) != {"effect", "citation"} or not set(data.values()) <= set(SourceGrade):
        raise InvalidInput(
            "a grade has two parts, each one of " + ", ".join(SourceGrade), where=where,
            remedy='write grade = { effect = "B", citation = "M" }',
        )  # fmt: skip
    return Grade(SourceGrade(data["effect"]), SourceGrade(data["citation"]))


def _parameter(name: str, data: Any, where: str) -> Parameter:
    if not isinstance(data, dict) or "value" not in data or "unit" not in data:
        raise InvalidInput("a parameter has a value and a unit", where=where, remedy='{ value = 90, unit = "days" }')
    refuse_unknown(data, {"value", "unit", "inclusive"}, where)
    inclusive = data.get("inclusive")
    if inclusive is not None and not isinstance(inclusive, bool):
        raise InvalidInput("inclusive is true or false", where=where, remedy="以上 is true, 不满 is false")
    written = data["value"]
    if isinstance(written, list):
        return Parameter(name, tuple(on_scale(v, data["unit"], where) for v in written), data["unit"], inclusive)
    return Parameter(name, on_scale(written, data["unit"], where), data["unit"], inclusive)


def _effect(data: Any, parameters: Mapping[str, Parameter], where: str) -> Effect:
    if not isinstance(data, dict) or data.get("kind") not in set(EffectKind):
        raise InvalidInput("an effect has a kind", where=where, remedy="one of: " + ", ".join(EffectKind))
    kind = EffectKind(data["kind"])
    refuse_unknown(data, {"kind", "column", "value", "parameter", "expression", "rules"}, where)
    given = [k for k in ("value", "parameter", "expression") if k in data]
    if kind is EffectKind.EXCEPT:
        if not data.get("rules") or given or "column" in data:
            raise InvalidInput("an exception names rules only", where=where, remedy='add rules = ["CLS-10"]')
    elif kind is EffectKind.ADVISE:
        refuse_unknown(data, {"kind"}, where)
    elif "column" not in data:
        raise InvalidInput(f"{kind} names no column", where=where, remedy='add column = "name"')
    elif kind in (EffectKind.FLAG, EffectKind.REFUSE):
        if given:
            raise InvalidInput(f"{kind} raises a boolean and takes no value", where=where, remedy="drop the value")
    elif len(given) != 1:
        raise InvalidInput(
            f"{kind} needs one of value, parameter, expression", where=where, remedy='add value = "substandard"'
        )
    if "parameter" in data and data["parameter"] not in parameters:
        raise InvalidInput(f"the rule has no parameter {data['parameter']}", where=where, remedy="add it")
    value = data.get("value")
    if value is not None and not isinstance(value, int | bool | str):
        raise InvalidInput(f"{value!r} is not a whole number, a truth value or a code", where=where, remedy="use fen")
    return Effect(
        kind, data.get("column"), value, data.get("parameter"), data.get("expression"), tuple(data.get("rules", ()))
    )


def _brackets(data: Mapping[str, Any], where: str) -> tuple[Bracket, ...]:
    if "brackets" not in data:
        return ()
    units = data.get("bracket_units", {})
    if set(units) != {"amount", "rate"}:
        raise InvalidInput(
            "brackets need their units", where=where, remedy='bracket_units = { amount = "yuan", rate = "percent" }'
        )
    found: list[Bracket] = []
    over = 0
    for n, entry in enumerate(data["brackets"], 1):
        spot = f"{where}, number {n}"
        refuse_unknown(entry, {"up_to", "fixed", "rate"}, spot)
        last = n == len(data["brackets"])
        if ("up_to" in entry) == last:
            raise InvalidInput("every bracket but the last has an up_to", where=spot, remedy="order them, end open")
        up_to = None if last else int(on_scale(entry["up_to"], units["amount"], spot))  # type: ignore[arg-type]
        if up_to is not None and up_to <= over:
            raise InvalidInput("brackets rise", where=spot, remedy="order them")
        fixed = int(on_scale(entry.get("fixed", 0), units["amount"], spot))  # type: ignore[arg-type]
        rate = int(on_scale(entry.get("rate", 0), units["rate"], spot))  # type: ignore[arg-type]
        found.append(Bracket(over, up_to, fixed, rate))
        over = up_to or 0
    return tuple(found)


def _rows(data: Mapping[str, Any], where: str) -> tuple[Mapping[str, Scalar], ...]:
    units: Mapping[str, str] = data.get("row_units", {})
    found = []
    for n, entry in enumerate(data.get("rows", ()), 1):
        row: dict[str, Scalar] = {}
        for key, value in entry.items():
            if key in units:
                row[key] = on_scale(value, units[key], f"{where}, row {n}, {key}")
            elif isinstance(value, str | bool | dt.date):
                row[key] = value
            else:
                raise InvalidInput(
                    f"{key} has no unit", where=f"{where}, row {n}", remedy=f'row_units = {{ {key} = "..." }}'
                )
        found.append(row)
    return tuple(found)
