"""Checked conditions as Python text: what makes a condition true, and what makes it false.

Invariant: the two texts of a condition never both hold; where neither does, the condition is unknown. No text can
overflow 64 bits or divide by zero, whatever the values are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from panhuo.ground.rules.condition import (
    DOMAIN,
    INT64,
    Arithmetic,
    ColumnValue,
    Comparison,
    Conjunction,
    Constant,
    Disjunction,
    Kind,
    Membership,
    Negation,
    Operand,
    Predicate,
    Unknown,
    interval,
)

# A boolean expression before it is written: ("atom", text), ("not", e), ("and", e...), ("or", e...).
Boolean = tuple[Any, ...]
TRUE: Boolean = ("atom", "True")
FALSE: Boolean = ("atom", "False")
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def all_of(parts: Iterable[Boolean]) -> Boolean:
    """The conjunction of some parts, flattened, each part once; true when there are none."""
    flat: dict[Boolean, None] = {}
    for part in parts:
        for inner in part[1:] if part[0] == "and" else (part,):
            if inner == FALSE:
                return FALSE
            if inner != TRUE:
                flat[inner] = None
    return TRUE if not flat else next(iter(flat)) if len(flat) == 1 else ("and", *flat)


def any_of(parts: Iterable[Boolean]) -> Boolean:
    """The disjunction of some parts, flattened, each part once; false when there are none."""
    flat: dict[Boolean, None] = {}
    for part in parts:
        for inner in part[1:] if part[0] == "or" else (part,):
            if inner == TRUE:
                return TRUE
            if inner != FALSE:
                flat[inner] = None
    return FALSE if not flat else next(iter(flat)) if len(flat) == 1 else ("or", *flat)


def short_cut_text(expression: Boolean, level: int = 0) -> str:
    """Python text; brackets where the level around binds tighter (0 or, 1 and, 2 not)."""
    match expression[0]:
        case "atom":
            return str(expression[1])
        case "not":
            return f"not {short_cut_text(expression[1], 3)}"
        case "and":
            body = " and ".join(short_cut_text(e, 2) for e in expression[1:])
            return f"({body})" if level > 1 else body
        case _:
            body = " or ".join(short_cut_text(e, 1) for e in expression[1:])
            return f"({body})" if level > 0 else body


def straight_text(expression: Boolean) -> str:
    """The same without short cuts (``&``, ``|``): one straight line, which Numba compiles several times faster."""
    match expression[0]:
        case "atom":
            text = str(expression[1])
            return text if text.isidentifier() else f"({text})"
        case "not":
            return f"(not {straight_text(expression[1])})"
        case "and":
            return f"({' & '.join(straight_text(e) for e in expression[1:])})"
        case _:
            return f"({' | '.join(straight_text(e) for e in expression[1:])})"


class ConditionWriter:
    """Writes checked conditions as text; knows the local name of each column.

    In `complete` text every column is known already and only arithmetic and floats can still lack a value; `guarded`
    notes whether the text written since it was last cleared holds such a test.
    """

    def __init__(self, local: Mapping[str, str]) -> None:
        self.local = local
        self.complete = False
        self.guarded = False

    def value(self, operand: Operand) -> str:
        """The operand's value."""
        match operand:
            case Constant(value):
                return repr(value)
            case ColumnValue(name):
                return self.local[name]
            case Arithmetic(operator, operands):
                texts = [self.value(o) for o in operands]
                if operator == "negate":
                    return f"(-{texts[0]})"
                if operator in ("min", "max"):
                    return f"{operator}({', '.join(texts)})"
                return f"({texts[0]} {operator} {texts[1]})"

    def known(self, operand: Operand, inside: bool = False) -> list[Boolean]:
        """What must hold for the operand to have a value (`inside` arithmetic a column's domain as well)."""
        match operand:
            case Constant():
                return []
            case ColumnValue(name, kind):
                local = self.local[name]
                found: list[Boolean] = [] if self.complete else [("atom", f"{local}_known")]
                if kind is Kind.FLOAT:
                    found.append(self.guard(f"{local} == {local}"))
                if inside:
                    found.append(self.guard(f"-{DOMAIN[kind]} <= {local} <= {DOMAIN[kind]}"))
                return found
            case Arithmetic(operator, operands, _, _, _, guarded):
                # Guarding a product by a constant bounds the column more tightly than its domain does.
                scaled = guarded and operator == "*" and any(isinstance(o, Constant) for o in operands)
                found = [part for o in operands for part in self.known(o, not scaled)]
                if guarded:
                    found.append(self.guard(self.fits(operator, operands)))
                return found

    def guard(self, text: str) -> Boolean:
        """A test that can fail on a known value; remembered in `guarded`."""
        self.guarded = True
        return ("atom", text)

    def fits(self, operator: str, operands: tuple[Operand, ...]) -> str:
        """The test, itself free of overflow, that the result fits 64 bits."""
        if operator == "*" and isinstance(operands[0], Constant):
            operands = (operands[1], operands[0])
        a, b = self.value(operands[0]), self.value(operands[-1])
        if operator == "*":
            low, high = interval(operands[1])
            if low == high:
                return f"-{INT64 // abs(low)} <= {a} <= {INT64 // abs(low)}"
            return f"({b} == 0 or abs({a}) <= {INT64} // abs({b}))"
        if operator == "+":
            return f"({a} <= {INT64} - {b} if {b} >= 0 else {a} >= -{INT64} - {b})"
        return f"({a} >= -{INT64} + {b} if {b} >= 0 else {a} <= {INT64} + {b})"

    def compare(self, operator: str, left: Operand, right: Operand) -> Boolean:
        """The comparison, with what must hold for both sides to have a value."""
        text = f"{self.value(left)} {operator} {self.value(right)}"
        return all_of([*self.known(left), *self.known(right), ("atom", text)])

    def holds(self, predicate: Predicate) -> Boolean:
        """What makes the condition true."""
        match predicate:
            case Constant(value):
                return TRUE if value else FALSE
            case ColumnValue(name):
                return all_of([*self.known(predicate), ("atom", self.local[name])])
            case Comparison(operator, left, right):
                return self.compare("==" if operator == "=" else operator, left, right)
            case Membership(item, values):
                return all_of([*self.known(item), ("atom", f"{self.value(item)} in {values!r}")])
            case Unknown(operand, negated):
                known = self.has_value(operand)
                return known if negated else opposite_of(known)
            case Negation(operand):
                return self.fails(operand)
            case Conjunction(operands):
                return all_of(self.holds(o) for o in operands)
            case Disjunction(operands):
                return any_of(self.holds(o) for o in operands)

    def fails(self, predicate: Predicate) -> Boolean:
        """What makes the condition false."""
        match predicate:
            case Constant(value):
                return FALSE if value else TRUE
            case ColumnValue(name):
                return all_of([*self.known(predicate), ("not", ("atom", self.local[name]))])
            case Comparison(operator, left, right):
                return self.compare(OPPOSITE["==" if operator == "=" else operator], left, right)
            case Membership(item, values):
                return all_of([*self.known(item), ("atom", f"{self.value(item)} not in {values!r}")])
            case Unknown(operand, negated):
                known = self.has_value(operand)
                return opposite_of(known) if negated else known
            case Negation(operand):
                return self.holds(operand)
            case Conjunction(operands):
                return any_of(self.fails(o) for o in operands)
            case Disjunction(operands):
                return all_of(self.fails(o) for o in operands)

    def has_value(self, operand: Operand | Predicate) -> Boolean:
        """Whether an operand has a value, or a condition an answer."""
        if isinstance(operand, Constant | ColumnValue | Arithmetic):
            return all_of(self.known(operand))
        return any_of([self.holds(operand), self.fails(operand)])


def opposite_of(expression: Boolean) -> Boolean:
    """The plain negation, without a double not."""
    if expression in (TRUE, FALSE):
        return FALSE if expression == TRUE else TRUE
    return expression[1] if expression[0] == "not" else ("not", expression)
