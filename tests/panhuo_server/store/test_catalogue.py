"""A walk over the database's own catalogue: what keeps organisations apart holds for every table, view and function.

Each rule is a query that names what breaks it. The walk finds nothing, and each rule is shown to find one violation
made inside a transaction that is undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

SERVING = ("panhuo_app", "panhuo_flows", "panhuo_live", "panhuo_judicial")
QUIET = ("panhuo_masking", "panhuo_counting", "panhuo_door", "panhuo_starting")
OURS = "n.nspname in ('panhuo', 'judicial')"
_ROLES = "unnest(array['panhuo_app', 'panhuo_flows', 'panhuo_live', 'panhuo_judicial']) as r(role)"
_WITH_ORG = f"""
  from pg_class t join pg_namespace n on n.oid = t.relnamespace and {OURS}
  where t.relkind in ('r', 'p') and exists (
    select from pg_attribute a where a.attrelid = t.oid and a.attname = 'org_id' and not a.attisdropped)"""

RULES: dict[str, str] = {
    "tables with org_id enable row-level security": f"""
      select t.oid::regclass::text {_WITH_ORG} and not t.relrowsecurity""",
    "tables with org_id force it on their owner": f"""
      select t.oid::regclass::text {_WITH_ORG} and not t.relforcerowsecurity""",
    "tables with org_id have a policy": f"""
      select t.oid::regclass::text {_WITH_ORG} and not exists (select from pg_policy p where p.polrelid = t.oid)""",
    "a policy of a serving role speaks of the acting organisation": f"""
      select t.oid::regclass || ' ' || p.polname from pg_policy p join pg_class t on t.oid = p.polrelid
      join pg_namespace n on n.oid = t.relnamespace and {OURS}
      where (0 = any (p.polroles) or exists (select from unnest(p.polroles) o join pg_roles r on r.oid = o
             where r.rolname like any (array['panhuo_app', 'panhuo_flows', 'panhuo_live', 'panhuo_judicial'])))
        and coalesce(pg_get_expr(p.polqual, p.polrelid), '') || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
            not like '%acting_%'""",
    "other tables that serving roles may read hold nothing of an organisation": f"""
      select t.oid::regclass::text from pg_class t join pg_namespace n on n.oid = t.relnamespace and {OURS}, {_ROLES}
      where t.relkind in ('r', 'p') and has_any_column_privilege(r.role, t.oid, 'SELECT') and not t.relrowsecurity
        and t.relname <> 'django_migrations'""",
    "views run with their caller's rights": f"""
      select t.oid::regclass::text from pg_class t join pg_namespace n on n.oid = t.relnamespace and {OURS}
      where t.relkind = 'm'
        or (t.relkind = 'v' and not coalesce('security_invoker=true' = any (t.reloptions), false))""",
    "unique indexes start with org_id": f"""
      select i.indexrelid::regclass::text from pg_index i
      where i.indisunique and i.indrelid in (select t.oid {_WITH_ORG})
        and (i.indkey[0] = 0 or (select a.attname from pg_attribute a
             where a.attrelid = i.indrelid and a.attnum = i.indkey[0]) <> 'org_id')""",
    "foreign keys of and to tables with org_id start with org_id on both sides": f"""
      select c.conname from pg_constraint c where c.contype = 'f'
        and (c.conrelid in (select t.oid {_WITH_ORG}) or c.confrelid in (select t.oid {_WITH_ORG}))
        and exists (select from (values (c.conrelid, c.conkey[1]), (c.confrelid, c.confkey[1])) side (relation, place)
          join pg_attribute a on a.attrelid = side.relation and a.attnum = side.place where a.attname <> 'org_id')""",
    "exclusion constraints do not stand on tables with org_id": f"""
      select c.conname from pg_constraint c where c.contype = 'x' and c.conrelid in (select t.oid {_WITH_ORG})""",
    "what was added is never changed by a serving role": f"""
      select t.oid::regclass || ' ' || r.role || ' ' || p.what
      from pg_class t join pg_namespace n on n.oid = t.relnamespace and {OURS}, {_ROLES},
        unnest(array['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) as p(what)
      where t.relkind in ('r', 'p') and has_table_privilege(r.role, t.oid, p.what)""",
    "columns a serving role may change are the end of a share or supervision": f"""
      select t.oid::regclass || '.' || a.attname || ' ' || r.role
      from pg_class t join pg_namespace n on n.oid = t.relnamespace and {OURS}
      join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped, {_ROLES}
      where t.relkind in ('r', 'p') and has_column_privilege(r.role, t.oid, a.attnum, 'UPDATE')
        and (t.relname || '.' || a.attname) not in (
          'shares.ended_at', 'shares.ended_by', 'supervisions.ended_at', 'supervisions.ended_by')""",
    "fact tables have their fences": f"""
      select t.oid::regclass::text {_WITH_ORG} and exists (select from pg_attribute a
          where a.attrelid = t.oid and a.attname = 'fact_sequence' and not a.attisdropped)
        and 2 > (select count(*) from pg_trigger g join pg_proc f on f.oid = g.tgfoid
          where g.tgrelid = t.oid and f.proname = 'refuse_change' and g.tgenabled in ('O', 'A'))""",
    "nobody who serves may go round the policies": """
      select rolname from pg_roles where (rolsuper or rolbypassrls or rolcreaterole or rolreplication or rolcreatedb)
        and rolname like 'panhuo\\_%'""",
    "nobody who serves is a member of another role": f"""
      select m.rolname || ' in ' || g.rolname from pg_auth_members x
      join pg_roles m on m.oid = x.member join pg_roles g on g.oid = x.roleid
      where m.rolname like 'panhuo\\_%' and not (m.rolname = 'panhuo_owner' and not x.inherit_option
        and g.rolname in {QUIET!r})""",
    "nobody logs in as who sees more": f"""
      select rolname from pg_roles
      where rolname in {QUIET!r} and rolcanlogin""",
    "functions that see more belong to who cannot log in": f"""
      select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      join pg_roles r on r.oid = p.proowner
      where (n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_') and p.prosecdef
        and (r.rolcanlogin or r.rolname not in {QUIET!r})""",
    "functions that see more have a fixed search path": """
      select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where (n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_') and p.prosecdef
        and not exists (select from unnest(p.proconfig) s where s ~ '^search_path=(panhuo|judicial), pg_temp$')""",
    "functions that see more are not everybody's": """
      select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where (n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_') and p.prosecdef
        and (p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0))""",
    "organisations are founded and passwords reset by the operator alone": f"""
      select r.role from {_ROLES}
      join pg_proc p on p.proname in ('found_organisation', 'reset_password')
        and has_function_privilege(r.role, p.oid, 'EXECUTE')""",
    "courts' data and commercial data have no reader in common": """
      select r.rolname from pg_roles r
      where r.rolcanlogin and r.rolname like 'panhuo\\_%' and r.rolname <> 'panhuo_owner'
        and exists (select from pg_class t join pg_namespace n on n.oid = t.relnamespace and n.nspname = 'panhuo'
                    where t.relkind in ('r', 'p', 'v') and has_any_column_privilege(r.oid, t.oid, 'SELECT')
                      and t.relname <> 'django_migrations')
        and (has_schema_privilege(r.oid, 'judicial', 'USAGE') or exists (
          select from pg_class t join pg_namespace n on n.oid = t.relnamespace and n.nspname = 'judicial'
          where t.relkind in ('r', 'p', 'v') and has_any_column_privilege(r.oid, t.oid, 'SELECT')))""",
    "nobody who serves makes anything": f"""
      select r.role || ' ' || n.nspname from pg_namespace n, {_ROLES}
      where n.nspname in ('panhuo', 'judicial', 'public') and has_schema_privilege(r.role, n.oid, 'CREATE')""",
    "nothing of an organisation lies outside our schemas": """
      select t.oid::regclass::text from pg_class t join pg_namespace n on n.oid = t.relnamespace
      where t.relkind in ('r', 'p', 'm', 'f') and n.nspname not in ('panhuo', 'judicial', 'flows', 'pg_catalog',
        'information_schema') and n.nspname !~ '^pg_' and exists (select from pg_attribute a
          where a.attrelid = t.oid and a.attname = 'org_id')""",
}

VIOLATIONS: dict[str, str] = {
    "tables with org_id enable row-level security": "alter table panhuo.batches disable row level security",
    "tables with org_id force it on their owner": "alter table judicial.parties no force row level security",
    "tables with org_id have a policy": """
      create table panhuo.parties_history (org_id text not null);
      alter table panhuo.parties_history enable row level security;
      alter table panhuo.parties_history force row level security""",
    "a policy of a serving role speaks of the acting organisation": """
      create policy everybody on panhuo.parties for select to panhuo_live using (true)""",
    "other tables that serving roles may read hold nothing of an organisation": """
      create table panhuo.copied as select * from panhuo.persons; grant select on panhuo.copied to panhuo_app""",
    "views run with their caller's rights": "create view panhuo.everything as select * from panhuo.drawdowns",
    "unique indexes start with org_id": "create unique index on panhuo.contracts (id, org_id)",
    "foreign keys of and to tables with org_id start with org_id on both sides": """
      create table panhuo.known (org_id text not null, id text primary key);
      alter table panhuo.drawdowns add foreign key (contract_id) references panhuo.known (id) not valid""",
    "exclusion constraints do not stand on tables with org_id": """
      create table panhuo.slots (org_id text not null, id text, exclude using btree (id with =))""",
    "what was added is never changed by a serving role": "grant delete on panhuo.postings to panhuo_flows",
    "columns a serving role may change are the end of a share or supervision": """
      grant update (to_org) on panhuo.shares to panhuo_app""",
    "fact tables have their fences": "alter table judicial.claims disable trigger append_only_whole",
    "nobody who serves may go round the policies": "alter role panhuo_live bypassrls",
    "nobody who serves is a member of another role": "grant panhuo_owner to panhuo_flows",
    "nobody logs in as who sees more": "alter role panhuo_masking login",
    "functions that see more belong to who cannot log in": """
      create function panhuo.wide() returns bigint language sql security definer set search_path = panhuo, pg_temp
        as 'select count(*) from panhuo.parties'; revoke all on function panhuo.wide() from public;
      alter function panhuo.wide() owner to panhuo_owner""",
    "functions that see more have a fixed search path": "alter function panhuo.members() reset search_path",
    "functions that see more are not everybody's": "grant execute on function panhuo.enter(text, text, text) to public",
    "organisations are founded and passwords reset by the operator alone": """
      grant execute on function panhuo.found_organisation(
        text, text, text, text, text, text, text, text, text, text[]) to panhuo_app""",
    "courts' data and commercial data have no reader in common": """
      grant usage on schema judicial to panhuo_live; grant select on judicial.proceedings to panhuo_live""",
    "nobody who serves makes anything": "grant create on schema panhuo to panhuo_app",
    "nothing of an organisation lies outside our schemas": "create table public.parties_copy (org_id text)",
}


@pytest.fixture
def admin(server: Any) -> Iterator[Any]:
    """The superuser's connection: the catalogue shows it everything. What a test does with it is undone."""
    import psycopg

    from panhuo_server.store.postgres import address_of

    address = address_of(server)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        yield c
        c.rollback()


def breaking(admin: Any, rule: str) -> list[str]:
    """What breaks a rule."""
    return [row[0] for row in admin.execute(RULES[rule]).fetchall()]


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_holds_everywhere(admin: Any, rule: str) -> None:
    assert breaking(admin, rule) == []


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_finds_what_breaks_it(admin: Any, rule: str) -> None:
    admin.execute(VIOLATIONS[rule])
    assert breaking(admin, rule)


def test_the_walk_sees_the_tables_it_is_about(admin: Any) -> None:
    """Nothing found means nothing wrong only where there was something to look at."""
    from panhuo.ground.book.catalogue import TABLES

    seen = {row[0] for row in admin.execute(f"select t.oid::regclass::text {_WITH_ORG}").fetchall()}
    for schema in ("panhuo", "judicial"):
        for table in (*TABLES, "batches", "commands", "log_entries", "outcomes", "events", "shares", "reads"):
            assert f"{schema}.{table}" in seen
    assert {"panhuo.memberships", "panhuo.invitations", "panhuo.api_tokens", "panhuo.organisations"} <= seen


TRIED = (
    "update {} set org_id = org_id",
    "delete from {}",
    "truncate {}",
    "drop table {}",
    "alter table {} disable row level security",
    "create trigger x before insert on {} for each row execute function refuse_change()",
)


@pytest.mark.parametrize("role", SERVING)
def test_no_serving_role_changes_a_fact_when_it_tries(server: Any, role: str) -> None:
    import psycopg

    from panhuo_server.store.postgres import address_of, role_passwords

    schema = "judicial" if role == "panhuo_judicial" else "panhuo"
    with psycopg.connect(**address_of(server).parameters(role, role_passwords(server)[role]), autocommit=True) as c:
        for table in ("parties", "postings", "batches", "log_entries", "commands", "outcomes", "events", "reads"):
            for tried in TRIED:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    c.execute(tried.format(f"{schema}.{table}"))
        for tried in (
            "set role panhuo_owner",
            "set role panhuo_masking",
            "set session authorization panhuo_owner",
            f"set row_security = off; select * from {schema}.parties",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                c.execute(tried)
