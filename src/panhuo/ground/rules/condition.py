"""What a condition means: kinds (types with units), codes resolved to positions, bounds proved.

Invariant: a checked condition cannot mix units, cannot name a code that its list lacks, and every `+ - *` in it carries
the interval its result is proved to lie in (or is marked to be guarded, and is then unknown where it would overflow).

Units: ``+ - min max`` and every comparison need one kind on both sides; a bare number takes the kind of the other
side. ``date + days`` is a date, ``date - date`` is days. ``int * k`` is k. ``fen * ppm`` is its own kind, millionths of
a fen: it may be added to, and compared with, its like only. So a ratio is asked without dividing or rounding:
``overdue * 100% > debts * limit``.
"""

from __future__ import annotations

import datetime as dt
import difflib
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from panhuo.ground.record.columns import CodeList, Column, ColumnType
from panhuo.ground.rules import grammar
from panhuo.ground.rules.grammar import ConditionError, Node, Place

INT64 = 2**63 - 1
EPOCH = dt.date(1970, 1, 1)


class Kind(enum.StrEnum):
    """The kind of a value: a column type, a bare number, or millionths of a fen."""

    BOOL = "bool"
    INT = "int"
    FEN = "fen"
    PPM = "ppm"
    BILLIONTHS = "billionths"
    DATE = "date"
    DAYS = "days"
    CODE = "code"
    FLOAT = "float"
    FEN_PPM = "fen*ppm"
    NUMBER = "number"


# Inside arithmetic a column's value beyond these is unknown (dates and days are 32-bit; 10^17 fen are a thousand
# trillion yuan); compared directly, a column has no such bound.
DOMAIN: dict[Kind, int] = {
    Kind.INT: 10**17,
    Kind.FEN: 10**17,
    Kind.PPM: 10**12,
    Kind.BILLIONTHS: 10**12,
    Kind.DATE: 2**31,
    Kind.DAYS: 2**31,
}
_ADAPTABLE = frozenset({Kind.INT, Kind.FEN, Kind.PPM, Kind.BILLIONTHS, Kind.DAYS, Kind.FLOAT})
_SUMMABLE = frozenset({Kind.INT, Kind.FEN, Kind.PPM, Kind.BILLIONTHS, Kind.DAYS, Kind.FEN_PPM})


@dataclass(frozen=True)
class Constant:
    """A value known when compiled (codes as positions, dates as day numbers)."""

    value: int | bool | float
    kind: Kind
    codes: CodeList | None = None


@dataclass(frozen=True)
class ColumnValue:
    """A column of the subject."""

    name: str
    kind: Kind
    codes: CodeList | None = None


@dataclass(frozen=True)
class Arithmetic:
    """``+ - * min max negate`` over integers.

    `low` and `high` bound the result; `guarded` says that overflow could not be excluded when compiled.
    """

    operator: str
    operands: tuple[Operand, ...]
    kind: Kind
    low: int
    high: int
    guarded: bool


@dataclass(frozen=True)
class Comparison:
    """``= != < <= > >=`` of two operands of one kind."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True)
class Membership:
    """Whether an operand is one of some constants."""

    item: Operand
    values: tuple[int, ...]


@dataclass(frozen=True)
class Unknown:
    """Whether an operand or a whole condition has no known value (`negated`: has one)."""

    operand: Operand | Predicate
    negated: bool


@dataclass(frozen=True)
class Negation:
    """Kleene not."""

    operand: Predicate


@dataclass(frozen=True)
class Conjunction:
    """Kleene and."""

    operands: tuple[Predicate, ...]


@dataclass(frozen=True)
class Disjunction:
    """Kleene or."""

    operands: tuple[Predicate, ...]


Operand = Constant | ColumnValue | Arithmetic
Predicate = Constant | ColumnValue | Comparison | Membership | Unknown | Negation | Conjunction | Disjunction


@dataclass(frozen=True)
class ParameterValue:
    """A parameter as the condition sees it: value on its kind's scale; a list for ``in``; the inclusive flag if any."""

    value: int | bool | float | str | tuple[int | str, ...]
    kind: Kind
    inclusive: bool | None = None


@dataclass
class _Checker:
    text: str
    columns: Mapping[str, Column]
    parameters: Mapping[str, ParameterValue]
    where: str

    def error(self, what: str, place: Place, remedy: str) -> ConditionError:
        return ConditionError(what, self.text, place, where=self.where, remedy=remedy)

    # --- conditions -----------------------------------------------------------------------------------------------

    def predicate(self, node: Node) -> Predicate:
        match node:
            case grammar.And(operands):
                return Conjunction(tuple(self.predicate(n) for n in operands))
            case grammar.Or(operands):
                return Disjunction(tuple(self.predicate(n) for n in operands))
            case grammar.Not(operand):
                return Negation(self.predicate(operand))
            case grammar.Compare():
                return self.compare(node)
            case grammar.Between(item, low, high, place):
                below = grammar.Compare(">=", item, low, place)
                above = grammar.Compare("<=", item, high, place)
                return Conjunction((self.compare(below), self.compare(above)))
            case grammar.Among():
                return self.among(node)
            case grammar.IsUnknown(operand, negated):
                if isinstance(operand, grammar.Name | grammar.Operation):
                    return Unknown(self.operand(operand), negated)
                return Unknown(self.predicate(operand), negated)
            case grammar.Truth(value):
                return Constant(value, Kind.BOOL)
        found = self.operand(node)
        if found.kind is not Kind.BOOL or isinstance(found, Arithmetic):
            raise self.error(
                f"a {found.kind} stands where a condition is needed", node.place, "compare it with something"
            )
        return found

    def compare(self, node: grammar.Compare) -> Comparison:
        left, right = self.pair(node.left, node.right, node.place)
        operator = self.resolve_inclusive(node)
        kind = left.kind
        if kind is Kind.BOOL and operator not in ("=", "!="):
            raise self.error("true and false have no order", node.place, "use = or !=")
        if kind is Kind.FLOAT and operator in ("=", "!="):
            raise self.error("a float is not compared for equality", node.place, "use < or > with a margin")
        if isinstance(left, Constant) and isinstance(right, Constant):
            raise self.error("both sides are constants", node.place, "compare a column")
        return Comparison(operator, left, right)

    def resolve_inclusive(self, node: grammar.Compare) -> str:
        flags = {
            self.parameters[name].inclusive
            for name in names_in(node.right)
            if name in self.parameters and self.parameters[name].inclusive is not None
        }
        if node.operator in ("above", "below"):
            if len(flags) != 1:
                raise self.error(
                    f"{node.operator} needs one parameter with an inclusive flag on its right",
                    node.place, "give the parameter inclusive = true or false, or write > >= < <=",
                )  # fmt: skip
            sign = ">" if node.operator == "above" else "<"
            return sign + ("=" if flags.pop() else "")
        if len(flags) == 1 and node.operator in ("<", "<=", ">", ">="):
            inclusive = flags.pop()
            if inclusive != node.operator.endswith("="):
                raise self.error(
                    f"the condition says {node.operator} but the parameter says inclusive = {str(inclusive).lower()}",
                    node.place, "write above or below and let the parameter decide",
                )  # fmt: skip
        return node.operator

    def among(self, node: grammar.Among) -> Membership:
        item = self.operand(node.item)
        if item.kind in (Kind.BOOL, Kind.FLOAT, Kind.FEN_PPM, Kind.NUMBER):
            raise self.error(f"in does not work on a {item.kind}", node.item.place, "use = with or")
        values: list[int] = []
        for part in node.items:
            parameter = self.parameters.get(part.value) if isinstance(part, grammar.Name) else None
            if parameter is not None and isinstance(parameter.value, tuple):
                if parameter.kind is not item.kind:
                    raise self.error(
                        f"{item.kind} compared with a list of {parameter.kind}", part.place, "give both one unit"
                    )
                for entry in parameter.value:
                    values.append(self.position(item, entry, part.place) if isinstance(entry, str) else entry)
                continue
            found = self.adapt(self.operand_or_code(part, item), item.kind)
            if not isinstance(found, Constant):
                raise self.error("a list holds constants and parameters only", part.place, "use = with or")
            self.same_kind(item, found, part.place)
            values.append(int(found.value))
        return Membership(item, tuple(values))

    # --- operands -------------------------------------------------------------------------------------------------

    def operand(self, node: Node) -> Operand:
        match node:
            case grammar.Number(value):
                if isinstance(value, Decimal):
                    return Constant(float(value), Kind.FLOAT)
                self.in_range(value, node.place)
                return Constant(value, Kind.NUMBER)
            case grammar.Percent(value):
                return Constant(value, Kind.PPM)
            case grammar.Date(value):
                return Constant((value - EPOCH).days, Kind.DATE)
            case grammar.Truth(value):
                return Constant(value, Kind.BOOL)
            case grammar.Name():
                return self.name(node)
            case grammar.Operation():
                return self.operation(node)
            case grammar.CodeText(value, place):
                raise self.error(f"the code {value!r} stands alone", place, "compare it with a code column")
        raise self.error("a condition stands where a value is needed", node.place, "compare values, join conditions")

    def name(self, node: grammar.Name) -> Operand:
        if node.value in self.parameters:
            parameter = self.parameters[node.value]
            if isinstance(parameter.value, tuple):
                raise self.error(f"{node.value} is a list", node.place, f"write: column in {node.value}")
            if isinstance(parameter.value, str):
                raise self.error(f"the code {node.value} stands alone", node.place, "compare it with a code column")
            return Constant(parameter.value, parameter.kind)
        if node.value in self.columns:
            column = self.columns[node.value]
            if column.type is ColumnType.TEXT:
                raise self.error(
                    f"{node.value} is text", node.place, "make what you ask of it a bool or code column of the subject"
                )
            if column.type is ColumnType.CODE and column.codes is None:
                raise self.error(
                    f"{node.value} draws from an open list of codes", node.place, "give the column a closed list"
                )
            return ColumnValue(node.value, Kind(column.type.value), column.codes)
        known = sorted([*self.columns, *self.parameters])
        close = difflib.get_close_matches(node.value, known, 1)
        remedy = f"did you mean {close[0]}?" if close else "known here: " + ", ".join(known)
        raise self.error(f"no column or parameter is called {node.value}", node.place, remedy)

    def operand_or_code(self, node: Node, other: Operand | None) -> Operand:
        text: str | None = None
        if isinstance(node, grammar.CodeText):
            text = node.value
        elif isinstance(node, grammar.Name) and node.value in self.parameters:
            value = self.parameters[node.value].value
            text = value if isinstance(value, str) else None
        if text is None:
            return self.operand(node)
        if other is None or other.kind is not Kind.CODE:
            raise self.error(f"the code {text!r} is compared with no code column", node.place, "codes stand in quotes")
        return Constant(self.position(other, text, node.place), Kind.CODE, _codes(other))

    def position(self, operand: Operand, text: str, place: Place) -> int:
        codes = _codes(operand)
        if codes is None:
            raise self.error(f"{text!r} is a code, compared with a {operand.kind}", place, "compare codes with codes")
        if text not in codes:
            raise self.error(
                f"{text!r} is not a code of {codes.name}", place, "one of: " + ", ".join(c.code for c in codes)
            )
        return codes.position(text)

    def pair(self, left: Node, right: Node, place: Place) -> tuple[Operand, Operand]:
        if isinstance(left, grammar.CodeText):
            b = self.operand(right)
            a = self.operand_or_code(left, b)
        else:
            a = self.operand_or_code(left, None)
            b = self.operand_or_code(right, a)
        a, b = self.adapt(a, b.kind), self.adapt(b, a.kind)
        self.same_kind(a, b, place)
        return a, b

    def adapt(self, operand: Operand, kind: Kind) -> Operand:
        """A bare number takes the kind of what it stands beside."""
        if isinstance(operand, Constant) and operand.kind is Kind.NUMBER and kind in _ADAPTABLE:
            return Constant(float(operand.value) if kind is Kind.FLOAT else operand.value, kind)
        return operand

    def same_kind(self, left: Operand, right: Operand, place: Place) -> None:
        if left.kind is not right.kind:
            remedy = "give both one unit; a bare number has none of its own, a date or a code is never a number"
            raise self.error(f"{left.kind} and {right.kind} do not mix", place, remedy)
        a, b = _codes(left), _codes(right)
        if left.kind is Kind.CODE and a is not None and b is not None and list(a.positions) != list(b.positions):
            raise self.error(f"codes of {a.name} and of {b.name} do not mix", place, "compare codes of one list")

    def in_range(self, value: int, place: Place) -> None:
        if abs(value) > INT64:
            raise self.error(f"{value} does not fit 64 bits", place, "use a smaller number")

    def operation(self, node: grammar.Operation) -> Operand:
        if node.operator == "*":
            left, right = (self.operand(n) for n in node.operands)
            return self.arithmetic("*", (left, right), self.product_kind(left, right, node.place), node.place)
        if node.operator == "negate":
            operand = self.operand(node.operands[0])
            if isinstance(operand, Constant) and operand.kind is Kind.FLOAT:
                return Constant(-operand.value, Kind.FLOAT)
            if operand.kind not in _SUMMABLE | {Kind.NUMBER}:
                raise self.error(f"a {operand.kind} has no negative", node.place, "negate a number")
            return self.arithmetic("negate", (operand,), operand.kind, node.place)
        operands = [self.operand(n) for n in node.operands]
        kinds = [o.kind for o in operands]
        if node.operator in "+-":
            dated = {("+", Kind.DATE, Kind.DAYS): Kind.DATE, ("+", Kind.DAYS, Kind.DATE): Kind.DATE}
            dated |= {("-", Kind.DATE, Kind.DAYS): Kind.DATE, ("-", Kind.DATE, Kind.DATE): Kind.DAYS}
            result = dated.get((node.operator, kinds[0], kinds[1]))
            if result is not None:
                return self.arithmetic(node.operator, tuple(operands), result, node.place)
        target = next((k for k in kinds if k is not Kind.NUMBER), Kind.NUMBER)
        operands = [self.adapt(o, target) for o in operands]
        for other in operands[1:]:
            self.same_kind(operands[0], other, node.place)
        allowed = _SUMMABLE | {Kind.NUMBER} | ({Kind.DATE} if node.operator in ("min", "max") else set())
        if target not in allowed:
            raise self.error(f"{node.operator} does not work on a {target}", node.place, "use whole numbers")
        return self.arithmetic(node.operator, tuple(operands), target, node.place)

    def product_kind(self, left: Operand, right: Operand, place: Place) -> Kind:
        kinds = {left.kind, right.kind}
        if kinds == {Kind.FEN, Kind.PPM}:
            return Kind.FEN_PPM
        plain = {Kind.INT, Kind.NUMBER}
        for one, other in ((left.kind, right.kind), (right.kind, left.kind)):
            if one in plain and other in _SUMMABLE | {Kind.NUMBER}:
                return Kind.INT if other is Kind.NUMBER and one is Kind.INT else other
        remedy = "a count may multiply anything; fen may be multiplied by ppm; nothing else has a unit here"
        raise self.error(f"{left.kind} cannot be multiplied by {right.kind}", place, remedy)

    def arithmetic(self, operator: str, operands: tuple[Operand, ...], kind: Kind, place: Place) -> Operand:
        bounds = [interval(o) for o in operands]
        lows, highs = [b[0] for b in bounds], [b[1] for b in bounds]
        match operator:
            case "+":
                low, high = lows[0] + lows[1], highs[0] + highs[1]
            case "-":
                low, high = lows[0] - highs[1], highs[0] - lows[1]
            case "*":
                corners = [a * b for a in bounds[0] for b in bounds[1]]
                low, high = min(corners), max(corners)
            case "negate":
                low, high = -highs[0], -lows[0]
            case "min":
                low, high = min(lows), min(highs)
            case _:
                low, high = max(lows), max(highs)
        guarded = low < -INT64 or high > INT64
        if all(isinstance(o, Constant) for o in operands):
            self.in_range(max(abs(low), abs(high)), place)
            return Constant(low, kind)
        if guarded and (low > INT64 or high < -INT64):
            raise self.error("the result never fits 64 bits", place, "use a smaller factor")
        return Arithmetic(operator, operands, kind, max(low, -INT64), min(high, INT64), guarded)


def _codes(operand: Operand) -> CodeList | None:
    return operand.codes if isinstance(operand, Constant | ColumnValue) else None


def interval(operand: Operand) -> tuple[int, int]:
    """The bounds an integer operand is proved to lie in."""
    match operand:
        case Constant(value):
            return int(value), int(value)
        case ColumnValue(_, kind):
            bound = DOMAIN.get(kind, INT64)
            return -bound, bound
        case Arithmetic():
            return operand.low, operand.high


def names_in(node: Node) -> tuple[str, ...]:
    """The names (columns and parameters) in a tree, each once, in reading order."""
    found: dict[str, None] = {}

    def walk(n: Node) -> None:
        match n:
            case grammar.Name(value):
                found[value] = None
            case grammar.Operation(_, operands) | grammar.And(operands) | grammar.Or(operands):
                for o in operands:
                    walk(o)
            case grammar.Compare(_, left, right):
                walk(left)
                walk(right)
            case grammar.Among(item, items):
                walk(item)
                for o in items:
                    walk(o)
            case grammar.Between(item, low, high):
                for o in (item, low, high):
                    walk(o)
            case grammar.IsUnknown(operand) | grammar.Not(operand):
                walk(operand)

    walk(node)
    return tuple(found)


def check_condition(
    text: str, columns: Mapping[str, Column], parameters: Mapping[str, ParameterValue], where: str = ""
) -> Predicate:
    """Parses and checks a condition over `columns` and `parameters`.

    Raises:
        ConditionError: what is wrong, with the place and what to write instead.
    """
    return _Checker(text, columns, parameters, where).predicate(_parse(text, where))


def check_expression(
    text: str, columns: Mapping[str, Column], parameters: Mapping[str, ParameterValue], where: str = ""
) -> Operand:
    """Parses and checks a value expression (the value of an effect)."""
    return _Checker(text, columns, parameters, where).operand(_parse(text, where))


def _parse(text: str, where: str) -> Node:
    try:
        return grammar.parse_condition(text)
    except ConditionError as error:
        error.where = where or error.where
        raise
