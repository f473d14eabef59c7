"""What the database holds against what is declared, and the text of the migration that brings it there.

Invariant: the declarations are the schema. A difference is named, never mended in passing; columns are only appended
and may stay unknown, so the next migration adds and never changes what was sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connections

from panhuo.ground.book.batch import COMMITMENT
from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.table import Table
from panhuo.ground.record.errors import Defect
from panhuo_server.store.declared import SERVING, fact_table, identity_of, quoted, shared_rows, stored_columns
from panhuo_server.store.migration_steps import OWNERS

_TRIGGERS = frozenset({"belongs", "append_only", "append_only_whole"})
_POLICIES = frozenset({("mine", "r"), ("mine_added", "a"), ("shared", "r")})


@dataclass(frozen=True)
class Difference:
    """One thing that is not as declared; `adds` when a migration can bring it by adding."""

    table: str
    what: str
    column: str = ""
    adds: bool = False

    def __str__(self) -> str:
        return f"{self.table}{'.' + self.column if self.column else ''}: {self.what}"


@dataclass(frozen=True)
class _Held:
    # What the catalogue says of one schema.
    columns: dict[str, dict[str, tuple[str, bool]]]  # relation -> column -> (type, may be unknown)
    guarded: dict[str, bool]  # table -> row-level security forced
    policies: dict[str, frozenset[tuple[str, str]]]
    triggers: dict[str, frozenset[str]]
    changeable: frozenset[str]  # tables a serving role may update, delete from or truncate


def _held(c: Any, schema: str) -> _Held:
    def pairs(query: str, *given: Any) -> list[tuple[Any, ...]]:
        c.execute(query, [*given, schema])
        rows: list[tuple[Any, ...]] = c.fetchall()
        return rows

    columns: dict[str, dict[str, tuple[str, bool]]] = {}
    for relation, column, kind, known in pairs(
        "select r.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull from pg_attribute a "
        "join pg_class r on r.oid = a.attrelid where r.relnamespace = %s::regnamespace and r.relkind in ('r', 'v') "
        "and a.attnum > 0 and not a.attisdropped"
    ):
        columns.setdefault(relation, {})[column] = (kind, not known)
    guarded = dict(
        pairs(
            "select relname, relrowsecurity and relforcerowsecurity from pg_class "
            "where relnamespace = %s::regnamespace and relkind = 'r'"
        )
    )
    policies: dict[str, set[tuple[str, str]]] = {}
    for relation, name, command in pairs(
        "select r.relname, p.polname, p.polcmd::text from pg_policy p join pg_class r on r.oid = p.polrelid "
        "where r.relnamespace = %s::regnamespace"
    ):
        policies.setdefault(relation, set()).add((name, command))
    triggers: dict[str, set[str]] = {}
    for relation, name in pairs(
        "select r.relname, t.tgname from pg_trigger t join pg_class r on r.oid = t.tgrelid "
        "where r.relnamespace = %s::regnamespace and not t.tgisinternal and t.tgenabled = 'O'"
    ):
        triggers.setdefault(relation, set()).add(name)
    changeable = pairs(
        "select distinct r.relname from pg_class r, unnest(%s::text[]) as role(name) "
        "where r.relnamespace = %s::regnamespace and r.relkind = 'r' "
        "and has_table_privilege(role.name, r.oid, 'update, delete, truncate')",
        list(SERVING[schema]),
    )
    return _Held(
        columns,
        guarded,
        {k: frozenset(v) for k, v in policies.items()},
        {k: frozenset(v) for k, v in triggers.items()},
        frozenset(name for (name,) in changeable),
    )


def _of_columns(
    name: str, declared: dict[str, tuple[str, bool]], held: dict[str, tuple[str, bool]]
) -> list[Difference]:
    found = []
    for column, (kind, unknown) in declared.items():
        if column not in held:
            found.append(Difference(name, "the column is not there", column, adds=unknown))
        elif held[column][0] != kind:
            found.append(Difference(name, f"the type is {held[column][0]}, declared is {kind}", column))
        elif held[column][1] is not unknown:
            found.append(Difference(name, "whether it may be unknown is not as declared", column))
    return found + [Difference(name, "a column nobody declared", column) for column in held.keys() - declared.keys()]


def _of_table(table: Table, held: _Held) -> list[Difference]:
    name, identity = table.name, identity_of(table.name)
    if name not in held.columns:
        return [Difference(name, "the table is not there", adds=True)]
    required = {c.name for c in table.sealed_schema.columns if c.required} | {"fact_sequence", "fact_position"}
    declared = {column: (kind, column not in required) for column, kind in stored_columns(table)}
    found = _of_columns(name, declared, held.columns[name])
    found += _of_columns(identity, {"org_id": ("text", False), "id": ("text", False)}, held.columns.get(identity, {}))
    shown = {c for c in declared if not c.endswith(COMMITMENT)} | {"share_level"}
    if shown != held.columns.get(f"shared_{name}", {}).keys():
        found.append(Difference(f"shared_{name}", "the shared view does not show the declared columns", adds=True))
    for one in (name, identity):
        if not held.guarded.get(one):
            found.append(Difference(one, "row-level security is not forced"))
        if one in held.changeable:
            found.append(Difference(one, "a role that serves people may change or remove its rows"))
    if not held.policies.get(name, frozenset()) >= _POLICIES:
        found.append(Difference(name, "a policy is missing"))
    if not held.triggers.get(name, frozenset()) >= _TRIGGERS:
        found.append(Difference(name, "a trigger that guards its rows is missing or off"))
    return found


def drift(schema: str = "panhuo", tables: Mapping[str, Table] = TABLES) -> list[Difference]:
    """Where the fact tables of a schema are not as declared; empty when they are.

    Args:
        schema: ``panhuo`` or ``judicial``.
    """
    alias = next(alias for alias, owned in OWNERS.items() if owned == schema)
    with connections[alias].cursor() as c:
        held = _held(c, schema)
    found: list[Difference] = []
    for name in sorted(tables):
        found += _of_table(tables[name], held)
    made = {name.removesuffix("_identity") for name in held.guarded if name.endswith("_identity")}
    return found + [Difference(name, "a fact table nobody declared") for name in sorted(made - tables.keys())]


def next_migration_text(schema: str = "panhuo", tables: Mapping[str, Table] = TABLES) -> str:
    """The statements that bring the fact tables to what is declared, for a frozen text of its own; empty when none are.

    Raises:
        Defect: when something differs that adding cannot mend: a changed type, a removed or a required new column.
    """
    differences = drift(schema, tables)
    stuck = [str(one) for one in differences if not one.adds]
    if stuck:
        raise Defect("; ".join(stuck), remedy="append columns that may be unknown; never change or remove one")
    statements: list[str] = []
    for name in sorted(tables):
        own = [d for d in differences if d.table in (name, f"shared_{name}")]
        if any(not d.column and d.table == name for d in own):
            statements += [*fact_table(tables[name]), *shared_rows(tables[name])]
        elif own:
            kinds = dict(stored_columns(tables[name]))
            statements += [
                f"alter table {quoted(name)} add column {quoted(d.column)} {kinds[d.column]}" for d in own if d.column
            ]
            statements.append(f"drop view {quoted(f'shared_{name}')}")
            statements.append(f"drop function {quoted(f'shared_{name}_rows')}()")
            statements += shared_rows(tables[name])
    return "".join(f"{statement};\n" for statement in statements)
