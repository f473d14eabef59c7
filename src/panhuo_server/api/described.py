"""What ``/api/openapi.json`` says of each endpoint: bodies, answers and examples, from the declarations they rest on.

Invariant: columns come from the tables' declarations and arguments from the verbs'; nothing of them is written again.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.verbs.declaration import Verb

ERROR_TEXTS = {
    400: "the request cannot be read", 401: "nobody is signed in, or the token does not let this in",
    403: "the caller may not do this", 404: "nothing, or nothing of the caller's: the same answer",
    405: "the address does not do that",
    409: "another command stands in the way", 413: "the body is too large", 415: "a body of that kind is not read",
    422: "a value is wrong, or a rule refuses it", 429: "too many requests; Retry-After says when",
    503: "something needed does not answer now",
}  # fmt: skip
READING = (400, 401, 403, 404, 405, 422, 429, 503)
WRITING = (*READING, 409, 413, 415)
_INTEGERS = {ColumnType.DAYS: 2**31}
_WORDS = {
    ColumnType.FEN: "; in minor units of the row's currency, 100 = 1.00", ColumnType.PPM: "; 50,000 = 5 %",
    ColumnType.BILLIONTHS: "; 1,000,000,000 = 1", ColumnType.DAYS: "; days",
}  # fmt: skip


def _nullable(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "type": [found["type"], "null"]}


def column_schema(column: Column) -> dict[str, Any]:
    """A column's values as JSON Schema; unknown is null."""
    words = f"{column.zh} · {column.en}{_WORDS.get(column.type, '')}"
    found: dict[str, Any]
    if column.type is ColumnType.BOOL:
        found = {"type": "boolean"}
    elif column.type is ColumnType.DATE:
        found = {"type": "string", "format": "date"}
    elif column.type is ColumnType.FLOAT:
        found = {"type": "number"}
    elif column.type.is_text:
        found = {"type": "string"}
        if column.codes is not None:
            codes = [code.code for code in column.codes]
            return {"enum": [*codes, None], "description": words}
    else:
        limit = _INTEGERS.get(column.type, 2**63)
        found = {"type": "integer", "minimum": -limit, "maximum": limit - 1}
    return {**_nullable(found), "description": words}


@cache
def components() -> dict[str, Any]:
    """Shared schemas: the error shape, and for each table a row as it is sealed and as it is read."""
    texts = {name: {"type": "string"} for name in ("kind", "code", "what", "where", "remedy")}
    schemas: dict[str, Any] = {
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {"error": {"type": "object", "required": list(texts), "properties": texts}},
        }
    }
    for name, table in TABLES.items():
        own = {c.name: column_schema(c) for c in table.fact_schema.columns}
        schemas[f"Seal_{name}"] = {
            "type": "object",
            "title": f"{table.zh} · {table.en}",
            "properties": own,
            "required": [c.name for c in table.fact_schema.columns if c.required and c.name != "org_id"],
            "additionalProperties": False,
        }
        read = {c.name: column_schema(c) for c in table.sealed_schema.columns}
        read["share_level"] = {"type": "integer", "description": "of shared rows: up to which level columns show"}
        schemas[f"Fact_{name}"] = {"type": "object", "title": f"{table.zh} · {table.en}", "properties": read}
    return schemas


def of_object(properties: dict[str, Any], *, required: list[str] | None = None, open_: bool = False) -> dict[str, Any]:
    """The schema of an object; everything is there unless `required` says less."""
    needed = list(properties) if required is None else required
    found: dict[str, Any] = {"type": "object", "properties": properties, "required": needed}
    return found if open_ else {**found, "additionalProperties": False}


def a_list(of: dict[str, Any]) -> dict[str, Any]:
    """The schema of a page: rows and the cursor of the next one."""
    cursor = {"type": ["string", "null"], "description": "下一页 · the next page's cursor; null at the end"}
    return of_object({"rows": {"type": "array", "items": of}, "next": cursor}, open_=True)


def operation(
    answer: dict[str, Any], *, example: Any = None, status: int = 200, body: dict[str, Any] | None = None,
    body_example: Any = None, writes: bool = False, form: dict[str, Any] | None = None, open_to_all: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """What an endpoint adds to its own entry: request body, answers, errors, the idempotency key of a write."""
    content: dict[str, Any] = {"schema": answer}
    if example is not None:
        content["example"] = example
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    found: dict[str, Any] = {
        "responses": {status: {"description": "OK", "content": {"application/json": content}}}
        | {code: {"description": ERROR_TEXTS[code], "content": error} for code in (WRITING if body else READING)},
        "parameters": [] if open_to_all else [
            {"name": "X-Organisation", "in": "header", "schema": {"type": "string"},
             "description": "会话须指明机构 · a session names its organisation; a token has its own"},
            {"name": "X-Purpose", "in": "header", "schema": {"type": "string"},
             "description": "用途 · what the request is for, where neither the endpoint nor the token says it"},
        ],
    }  # fmt: skip
    if writes:
        found["parameters"].append({
            "name": "Idempotency-Key", "in": "header", "required": True,
            "schema": {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[ -~]+$"},
            "description": "同一命令重发用同一键 · the same key repeats a command, and does it once",
        })  # fmt: skip
    if body is not None:
        kinds: dict[str, Any] = {"application/json": {"schema": body}}
        if body_example is not None:
            kinds["application/json"]["example"] = body_example
        if form is not None:
            kinds["multipart/form-data"] = {"schema": form}
        found["requestBody"] = {"required": True, "content": kinds}
    return found


_PLAIN: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "maxLength": 1000}, "int": {"type": "integer"}, "float": {"type": "number"},
    "flag": {"type": "boolean"},
}  # fmt: skip
_FILE = of_object({"file_name": {"type": "string"}, "base64": {"type": "string", "contentEncoding": "base64"}})


def tool_body(verb: Verb, arguments: list[Any], written: dict[str, Any], form: bool) -> dict[str, Any]:
    """A tool's arguments as the schema of its body."""
    properties: dict[str, Any] = {}
    for argument in arguments:
        found: dict[str, Any]
        if argument.name in written:
            found = {"type": "string", "description": "文件名，内容随结果返回 · name of a file; it comes in `files`"}
        elif argument.kind == "path":
            found = {"type": "string", "format": "binary"} if form else {
                "anyOf": [{"type": "object"}, {"type": "array"}, {"type": "string"}, _FILE]}  # fmt: skip
        elif argument.kind == "choice":
            found = {"enum": list(argument.choices)}
        else:
            found = dict(_PLAIN[argument.kind])
        found.setdefault("description", f"{argument.zh} · {argument.en}")
        if argument.default is not None:
            found["default"] = argument.default
        properties[argument.name] = found
    needed = [a.name for a in arguments if a.required and a.default is None and a.name not in written]
    return of_object(properties, required=needed)
