"""Cases from JSON: one object, or a list of objects each with an ``id``.

Invariant: what was one object stays one result, what was a list stays a list in the same order; numbers keep every
digit that was written (decimals arrive as `Decimal` when `exact`).
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from panhuo.ground.record.errors import InvalidInput, NotFound


def read_cases(path: str, *, exact: bool = False) -> tuple[list[dict[str, Any]], bool]:
    """(cases, whether the input was one object) of a JSON file, ``-`` being standard input.

    Every case gets an ``id``: its own, else its ``name`` or ``ref``, else its place in the list counted from 1.

    Raises:
        NotFound: no such file. InvalidInput: not JSON, or not an object or list of objects.
    """
    if path == "-":
        text = sys.stdin.read()
    else:
        source = Path(path)
        if not source.is_file():
            raise NotFound(f"no such file: {path}", where=path, code="not-found/file")
        text = source.read_text(encoding="utf-8-sig")
    try:
        content = json.loads(text, parse_float=Decimal) if exact else json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"not JSON: {error.msg}", where=f"{path}, line {error.lineno}", code="invalid-input/json"
        ) from error
    single = isinstance(content, dict)
    listed = [content] if single else content
    if not isinstance(listed, list) or not listed or not all(isinstance(case, dict) for case in listed):
        raise InvalidInput("one JSON object or a list of them is expected", where=path, code="invalid-input/shape")
    cases = []
    for place, case in enumerate(listed, start=1):
        given = next((case[key] for key in ("id", "name", "ref") if case.get(key) not in (None, "")), place)
        cases.append({**case, "id": str(given)})
    return cases, single
