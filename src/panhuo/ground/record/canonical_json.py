"""JSON Canonicalization Scheme (RFC 8785), for the subset this project signs: no floating-point numbers.

Invariant: equal values give equal bytes, and `parse` accepts exactly the bytes `serialise` writes, no other spelling.
64-bit integers travel as strings (a browser's number holds 53 bits), so an integer beyond +-(2^53 - 1) is refused.
"""

from __future__ import annotations

import json
from typing import Any

from panhuo.ground.record.errors import InvalidInput

_SAFE = 2**53 - 1


def _key_order(text: str) -> bytes:
    # RFC 8785 section 3.2.3: property names sort by UTF-16 code units.
    return text.encode("utf-16-be", "surrogatepass")


def _write(value: Any, out: list[str], path: str) -> None:
    if value is None:
        out.append("null")
    elif value is True:
        out.append("true")
    elif value is False:
        out.append("false")
    elif isinstance(value, str):
        out.append(json.dumps(value, ensure_ascii=False))
    elif isinstance(value, int):
        if not -_SAFE <= value <= _SAFE:
            raise InvalidInput(
                f"the integer {value} is beyond 2^53 - 1", where=path, remedy="write 64-bit integers as strings"
            )
        out.append(str(value))
    elif isinstance(value, (list, tuple)):
        out.append("[")
        for i, item in enumerate(value):
            if i:
                out.append(",")
            _write(item, out, f"{path}[{i}]")
        out.append("]")
    elif isinstance(value, dict):
        out.append("{")
        for i, key in enumerate(sorted(value, key=_key_order)):
            if i:
                out.append(",")
            out.append(json.dumps(key, ensure_ascii=False) + ":")
            _write(value[key], out, f"{path}.{key}")
        out.append("}")
    else:
        raise InvalidInput(
            f"{type(value).__name__} has no canonical form here",
            where=path,
            remedy="use text, integers, lists, objects",
        )


def serialise(value: Any) -> bytes:
    """The canonical UTF-8 bytes of `value` (None, bool, int within 53 bits, str, list, dict).

    Raises:
        InvalidInput: for a float, an integer beyond 53 bits, or any other type.
    """
    out: list[str] = []
    _write(value, out, "$")
    return "".join(out).encode("utf-8")


def parse(data: bytes) -> Any:
    """Reads canonical JSON and refuses any other spelling of the same value (white space, order, escapes, floats).

    Raises:
        InvalidInput: when `data` is not JSON or not its canonical spelling.
    """

    def no_float(text: str) -> Any:
        raise InvalidInput(f"the number {text} is not an integer", remedy="amounts are integers")

    def no_repeat(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise InvalidInput("a property name stands twice", remedy="use the receipt as it was issued")
        return found

    try:
        value = json.loads(data.decode("utf-8"), parse_float=no_float, object_pairs_hook=no_repeat)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InvalidInput(f"not JSON: {error}", remedy="use the file as it was issued") from error
    if serialise(value) != data:
        raise InvalidInput(
            "not the canonical spelling (RFC 8785)", remedy="use the file byte for byte as it was issued"
        )
    return value
