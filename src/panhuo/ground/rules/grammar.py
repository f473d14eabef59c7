"""The text of a condition and the tree it is read into.

Invariant: every node of the tree carries the place it was read from, so that whatever is wrong later can point at it.

    condition   = and_part { "or" and_part }
    and_part    = not_part { "and" not_part }
    not_part    = "not" not_part | comparison
    comparison  = sum [ ("=" | "!=" | "<" | "<=" | ">" | ">=" | "above" | "below") sum
                      | ["not"] "in" ( "(" item { "," item } ")" | name )
                      | ["not"] "between" sum "and" sum
                      | "is" ("unknown" | "known") ]
    sum         = product { ("+" | "-") product }
    product     = factor { "*" factor }
    factor      = "-" factor | number | percent | date | 'code' | "true" | "false" | name
                | ("min" | "max") "(" sum "," sum { "," sum } ")" | "(" condition ")"

There is no division, no aggregate and no string search: what would need them is a column of the subject.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from panhuo.ground.record.errors import InvalidInput


@dataclass(frozen=True)
class Place:
    """Where a node stands: offsets into the condition's text."""

    start: int
    end: int


@dataclass(frozen=True)
class Number:
    """A bare whole number or decimal; it takes the unit of what it stands beside."""

    value: int | Decimal
    place: Place


@dataclass(frozen=True)
class Percent:
    """A share written with a percent sign, in parts per million: ``20%`` is 200,000."""

    value: int
    place: Place


@dataclass(frozen=True)
class Date:
    """A calendar day, ``2020-08-20``."""

    value: dt.date
    place: Place


@dataclass(frozen=True)
class CodeText:
    """A code in quotes."""

    value: str
    place: Place


@dataclass(frozen=True)
class Truth:
    """``true`` or ``false``."""

    value: bool
    place: Place


@dataclass(frozen=True)
class Name:
    """A column of the subject or a parameter of the rule."""

    value: str
    place: Place


@dataclass(frozen=True)
class Operation:
    """``+ - *``, ``min``, ``max``, or ``negate``."""

    operator: str
    operands: tuple[Node, ...]
    place: Place


@dataclass(frozen=True)
class Compare:
    """One of ``= != < <= > >= above below`` between two operands."""

    operator: str
    left: Node
    right: Node
    place: Place


@dataclass(frozen=True)
class Among:
    """``x in (...)``; `items` is one name when the list is a parameter."""

    item: Node
    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True)
class Between:
    """``low <= x <= high``: both ends included."""

    item: Node
    low: Node
    high: Node
    place: Place


@dataclass(frozen=True)
class IsUnknown:
    """``x is unknown`` (or, negated, ``x is known``): the one question that always has an answer."""

    operand: Node
    negated: bool
    place: Place


@dataclass(frozen=True)
class Not:
    """Kleene negation."""

    operand: Node
    place: Place


@dataclass(frozen=True)
class And:
    """Kleene conjunction."""

    operands: tuple[Node, ...]
    place: Place


@dataclass(frozen=True)
class Or:
    """Kleene disjunction."""

    operands: tuple[Node, ...]
    place: Place


Node = (
    Number
    | Percent
    | Date
    | CodeText
    | Truth
    | Name
    | Operation
    | Compare
    | Among
    | Between
    | IsUnknown
    | Not
    | And
    | Or
)


class ConditionError(InvalidInput):
    """A condition cannot be read or does not type; knows its line and column (both from 1)."""

    def __init__(self, what: str, text: str, place: Place, *, where: str = "", remedy: str = "") -> None:
        before = text[: place.start]
        self.problem = what
        self.line = before.count("\n") + 1
        self.column = place.start - (before.rfind("\n") + 1) + 1
        line_text = text.split("\n")[self.line - 1]
        width = max(1, min(place.end, place.start + len(line_text) - self.column + 1) - place.start)
        picture = f"    {line_text}\n    {' ' * (self.column - 1)}{'^' * width}"
        spot = f"line {self.line}, column {self.column}"
        super().__init__(
            f"{what}, {spot}:\n{picture}\n",
            where=where or spot,
            remedy=remedy,
            code="invalid-input/condition",
        )


_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<date>\d{4}-\d{2}-\d{2}(?![\w-]))
      | (?P<percent>\d[\d_]*(?:\.\d+)?%)
      | (?P<number>\d[\d_]*(?:\.\d+)?(?![\w.]))
      | (?P<code>'[^'\n]*'|"[^"\n]*")
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign><=|>=|!=|[=<>+\-*(),])""",
    re.VERBOSE,
)
_WORDS = frozenset(
    "and or not in between is unknown known true false min max above below".split()  # noqa: SIM905
)
_HINTS = {
    "/": "there is no division: multiply the other side, or make the ratio a column of the subject",
    "==": "write one =",
    "&": "write and",
    "|": "write or",
    "!": "write not, or != for unequal",
    "%": "write percent against the number: 20%",
    "<>": "write !=",
    "'": "close the quote on the same line",
    '"': "close the quote on the same line",
    "≥": "write >=",
    "≤": "write <=",
    "（": "use ASCII brackets",
    "）": "use ASCII brackets",
}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    place: Place


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        for hint in ("==", "<>"):
            if text.startswith(hint, at):
                raise ConditionError(f"{hint} is not an operator here", text, Place(at, at + 2), remedy=_HINTS[hint])
        if match is None:
            hint = _HINTS.get(text[at], "see docs/rules.md for the operators there are")
            raise ConditionError(f"{text[at]!r} cannot stand here", text, Place(at, at + 1), remedy=hint)
        kind = str(match.lastgroup)
        if kind != "space":
            word = match.group()
            if kind == "name" and word in _WORDS:
                kind = "word"
            found.append(_Token(kind, word, Place(at, match.end())))
        at = match.end()
    found.append(_Token("end", "", Place(len(text), len(text))))
    return found


class _Reader:
    """Recursive descent over the grammar at the top of this file."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def accept(self, *texts: str) -> _Token | None:
        if self.next.kind in ("word", "sign") and self.next.text in texts:
            return self.take()
        return None

    def expect(self, text: str, remedy: str) -> _Token:
        token = self.accept(text)
        if token is None:
            raise self.error(f"expected {text!r}, found {self.next.text or 'the end'!r}", remedy)
        return token

    def error(self, what: str, remedy: str) -> ConditionError:
        return ConditionError(what, self.text, self.next.place, remedy=remedy)

    def condition(self) -> Node:
        parts = [self.and_part()]
        while self.accept("or"):
            parts.append(self.and_part())
        return parts[0] if len(parts) == 1 else Or(tuple(parts), _span(parts[0], parts[-1]))

    def and_part(self) -> Node:
        parts = [self.not_part()]
        while self.accept("and"):
            parts.append(self.not_part())
        return parts[0] if len(parts) == 1 else And(tuple(parts), _span(parts[0], parts[-1]))

    def not_part(self) -> Node:
        token = self.accept("not")
        if token is None:
            return self.comparison()
        operand = self.not_part()
        return Not(operand, Place(token.place.start, operand.place.end))

    def comparison(self) -> Node:
        left = self.sum()
        token = self.accept("=", "!=", "<", "<=", ">", ">=", "above", "below")
        if token is not None:
            right = self.sum()
            if self.next.text in ("=", "!=", "<", "<=", ">", ">=", "above", "below"):
                raise self.error("a comparison cannot be chained", "join two comparisons with and, or use between")
            return Compare(token.text, left, right, _span(left, right))
        if self.accept("is"):
            word = self.accept("unknown", "known")
            if word is None:
                raise self.error("is must be followed by unknown or known", "write: x is unknown")
            return IsUnknown(left, word.text == "known", Place(left.place.start, word.place.end))
        negation = None
        if self.next.text == "not" and self.tokens[self.at + 1].text in ("in", "between"):
            negation = self.take()
        node: Node | None = None
        if self.accept("in"):
            node = self.among(left)
        elif self.accept("between"):
            low = self.sum()
            self.expect("and", "write: x between a and b")
            high = self.sum()
            node = Between(left, low, high, _span(left, high))
        if node is None:
            return left
        return Not(node, node.place) if negation else node

    def among(self, left: Node) -> Node:
        if self.next.kind == "name":
            token = self.take()
            name = Name(token.text, token.place)
            return Among(left, (name,), _span(left, name))
        self.expect("(", "write: x in ('a', 'b'), or the name of a list parameter")
        items = [self.sum()]
        while self.accept(","):
            items.append(self.sum())
        end = self.expect(")", "close the list")
        return Among(left, tuple(items), Place(left.place.start, end.place.end))

    def sum(self) -> Node:
        left = self.product()
        while (token := self.accept("+", "-")) is not None:
            right = self.product()
            left = Operation(token.text, (left, right), _span(left, right))
        return left

    def product(self) -> Node:
        left = self.factor()
        while self.accept("*"):
            right = self.factor()
            left = Operation("*", (left, right), _span(left, right))
        return left

    def factor(self) -> Node:
        token = self.take()
        match token.kind:
            case "number":
                plain = token.text.replace("_", "")
                return Number(Decimal(plain) if "." in plain else int(plain), token.place)
            case "percent":
                share = Decimal(token.text[:-1].replace("_", "")) * 10_000
                if share != share.to_integral_value():
                    raise ConditionError(
                        f"{token.text} is finer than one part per million", self.text, token.place,
                        remedy="four decimals of a percent at most",
                    )  # fmt: skip
                return Percent(int(share), token.place)
            case "date":
                try:
                    return Date(dt.date.fromisoformat(token.text), token.place)
                except ValueError as error:
                    raise ConditionError(
                        f"{token.text} is not a day of the calendar", self.text, token.place, remedy="year-month-day"
                    ) from error
            case "code":
                return CodeText(token.text[1:-1], token.place)
            case "name":
                return Name(token.text, token.place)
            case "word" if token.text in ("true", "false"):
                return Truth(token.text == "true", token.place)
            case "word" if token.text in ("min", "max"):
                return self.call(token)
        if token.text == "-":
            operand = self.factor()
            return Operation("negate", (operand,), Place(token.place.start, operand.place.end))
        if token.text == "(":
            inner = self.condition()
            self.expect(")", "close the bracket")
            return inner
        self.at -= 1
        raise self.error(
            f"expected a column, a parameter or a value, found {token.text or 'the end'!r}", "complete the condition"
        )

    def call(self, token: _Token) -> Node:
        self.expect("(", f"write: {token.text}(a, b)")
        operands = [self.sum()]
        while self.accept(","):
            operands.append(self.sum())
        end = self.expect(")", "close the bracket")
        place = Place(token.place.start, end.place.end)
        if len(operands) < 2:
            raise ConditionError(
                f"{token.text} needs two operands", self.text, place, remedy=f"write: {token.text}(a, b)"
            )
        return Operation(token.text, tuple(operands), place)


def _span(first: Node, last: Node) -> Place:
    return Place(first.place.start, last.place.end)


def parse_condition(text: str) -> Node:
    """Reads the text of a condition (or of an effect's expression) into its tree.

    Raises:
        ConditionError: with line, column, the line itself and a caret under the place.
    """
    reader = _Reader(text)
    node = reader.condition()
    if reader.next.kind != "end":
        raise reader.error(f"{reader.next.text!r} stands after the end of the condition", "join parts with and / or")
    return node
