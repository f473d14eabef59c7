"""Fact tables of the database, written from the one declared schema.

Invariant: a fact table holds exactly the columns a sealed batch stores, in their order; it can be added to and read,
never changed; nobody sees a row of another organisation but through the masked functions, and those show live shares.

The statements name no schema and no serving role but by the marks ``@schema@`` and ``@roles@``: the same text makes the
commercial tables (``panhuo``) and the judicial ones (``judicial``), which no role serves both of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from panhuo.ground.book.batch import COMMITMENT
from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.table import Table
from panhuo.ground.record.columns import Column, ColumnType

SERVING = {"panhuo": ("panhuo_app", "panhuo_flows", "panhuo_live"), "judicial": ("panhuo_judicial",)}
"""Schema -> the roles that serve people in it."""


def placed(text: str, schema: str) -> str:
    """Statements with their marks filled in for one schema."""
    return text.replace("@schema@", schema).replace("@roles@", ", ".join(SERVING[schema]))


_TYPES = {
    ColumnType.BOOL: "boolean",
    ColumnType.DATE: "date",
    ColumnType.DAYS: "integer",
    ColumnType.CODE: "text",
    ColumnType.TEXT: "text",
}
_REFUSE = "execute function refuse_change()"
LEVEL_ALWAYS = frozenset({"org_id", "id", "effective_on", "replaces", "withdrawn", "fact_sequence", "fact_position"})
"""Columns every share shows, whatever its level: which fact it is, and whether another stands in its place."""


def database_type(column: Column) -> str:
    """The PostgreSQL type of a column: whole numbers on their scale are bigint, personal values are ciphertext."""
    return _TYPES.get(column.type, "bigint")


def stored_columns(table: Table) -> list[tuple[str, str]]:
    """(name, type) of what a sealed batch stores, in order: sealed columns, then commitments of personal ones."""
    found = [(c.name, "text" if c.personal else database_type(c)) for c in table.sealed_schema.columns]
    return found + [(c.name + COMMITMENT, "text") for c in table.personal_columns]


def identity_of(name: str) -> str:
    """Name of the identity table of a fact table."""
    return f"{name}_identity"


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def fact_table(table: Table) -> Iterator[str]:
    """Statements that make one fact table and its identity table, locked down."""
    name, identity = quoted(table.name), quoted(identity_of(table.name))
    yield f"create table {identity} (org_id text not null, id text not null, primary key (org_id, id))"
    required = {c.name for c in table.sealed_schema.columns if c.required} | {"fact_sequence", "fact_position"}
    columns = ",\n  ".join(
        f"{quoted(n)} {kind}{' not null' if n in required else ''}" for n, kind in stored_columns(table)
    )
    yield (
        f"create table {name} (\n  {columns},\n  primary key (org_id, fact_sequence, fact_position),\n"
        f"  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,\n"
        f"  foreign key (org_id, id) references {identity} (org_id, id) not enforced\n)"
    )
    yield f"create index on {name} (org_id, id, effective_on)"
    for one in (identity, name):
        yield from locked_down(one)
    live = f"live_shares('{table.name}')"
    # First by organisation, which the index serves, then by row; what is looked up is worked out once a query.
    yield (
        f"create policy shared on {name} for select to panhuo_masking using (\n"
        f"  org_id = any (array(select owner_org from {live}))\n"
        f"  and (org_id in (select owner_org from {live} where entity is null)\n"
        f"    or (org_id, id) in (select owner_org, entity from {live})))"
    )
    yield f"grant select on {name} to panhuo_masking"
    # Both foreign keys are held for all rows of a statement at once: one row at a time costs three times the insert.
    yield (
        f"create trigger belongs after insert on {name} referencing new table as added for each statement "
        f"execute function refuse_strays()"
    )
    yield f"create trigger append_only before update or delete on {name} for each row {_REFUSE}"
    yield f"create trigger append_only_whole before truncate on {name} for each statement {_REFUSE}"


def locked_down(name: str, *, add: bool = True) -> Iterator[str]:
    """Forced row-level security on a table with ``org_id``: its own organisation reads and adds, nobody else does."""
    yield f"alter table {name} enable row level security"
    yield f"alter table {name} force row level security"
    yield f"create policy mine on {name} for select to @roles@ using (org_id = acting_org())"
    yield f"grant select on {name} to @roles@"
    if add:
        yield f"create policy mine_added on {name} for insert to @roles@ with check (org_id = acting_org())"
        yield f"grant insert on {name} to @roles@"


def shared_rows(table: Table) -> Iterator[str]:
    """Statements that make ``shared_TABLE``: rows others share with the acting organisation, masked by level."""
    function, view = quoted(f"shared_{table.name}_rows"), quoted(f"shared_{table.name}")
    shown, returned = [], []
    levels = {c.name: c.level or 1 for c in table.sealed_schema.columns}
    for name, kind in stored_columns(table):
        if name.endswith(COMMITMENT):
            continue
        returned.append(f"{quoted(name)} {kind}")
        column = f"s.{quoted(name)}"
        level = levels[name]
        shown.append(
            column if name in LEVEL_ALWAYS or level <= 1 else f"case when s.share_level >= {level} then {column} end"
        )
    fact = quoted(table.name)
    yield (
        f"create function {function}() returns table ({', '.join(returned)}, share_level integer)\n"
        f"language sql stable security definer set search_path = @schema@, pg_temp as $$\n"
        f"  with live as materialized (\n"
        f"    select owner_org, entity, max(level) as level from live_shares('{table.name}') group by 1, 2),\n"
        f"  seen as (\n"
        f"    select f.*, greatest(w.level, r.level) as share_level from live w\n"
        f"      join {fact} f on f.org_id = w.owner_org\n"
        f"      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null\n"
        f"    union all\n"
        f"    select f.*, r.level from live r join {fact} f on f.org_id = r.owner_org and f.id = r.entity\n"
        f"      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))\n"
        f"  select {', '.join(shown)}, s.share_level from seen s\n$$"
    )
    # Handed over last: whoever owned it before may no longer say who calls it.
    yield f"revoke all on function {function}() from public"
    yield f"grant execute on function {function}() to @roles@"
    yield f"alter function {function}() owner to panhuo_masking"
    yield f"create view {view} with (security_invoker = true) as select * from {function}()"
    yield f"grant select on {view} to @roles@"


def all_facts(tables: Mapping[str, Table] = TABLES) -> list[str]:
    """Every statement for the fact tables, in name order."""
    found: list[str] = []
    for name in sorted(tables):
        found += fact_table(tables[name])
        found += shared_rows(tables[name])
    return found
