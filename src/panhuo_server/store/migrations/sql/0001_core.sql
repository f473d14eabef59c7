-- What facts stand on, once in each schema: who acts, what was shared, batches, commands, the log, inputs, outcomes,
-- events. Everything here has forced row-level security and is only ever added to, but for the end of a share.

create function acting_org() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('panhuo.org', true), '') $$;
create function acting_person() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('panhuo.person', true), '') $$;
create function acting_purpose() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('panhuo.purpose', true), '') $$;
grant execute on function acting_org(), acting_person(), acting_purpose()
  to @roles@, panhuo_masking, panhuo_counting, panhuo_door;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% of % is refused: what was added stays as it is', lower(tg_op), tg_table_name
    using errcode = 'insufficient_privilege', hint = 'add a correction that replaces it';
end $$;

-- Facts belong to entities that are known and to places of a batch that its manifest left for their table: nothing can be
-- slipped into a batch that was sealed before, because all of its places are taken. Checked once a statement.
create function refuse_strays() returns trigger language plpgsql set search_path = @schema@, pg_temp as $$
declare stray boolean;
begin
  select exists (
    select from (select org_id, fact_sequence, min(fact_position) as low, max(fact_position) as high
                 from added group by org_id, fact_sequence) a
    left join lateral (
      select coalesce(sum((e.value ->> 'rows')::bigint) filter (where e.key collate "C" < tg_table_name::text), 0) as start,
             sum((e.value ->> 'rows')::bigint) filter (where e.key = tg_table_name::text) as size
      from batches b, jsonb_each(b.tables) e
      where b.org_id = a.org_id and b.sequence = a.fact_sequence) m on true
    where m.size is null or a.low < m.start or a.high >= m.start + m.size) into stray;
  if stray then
    raise exception 'facts of % stand outside their batch', tg_table_name using errcode = 'foreign_key_violation';
  end if;
  -- One look into the key a row, never a join: of an organisation that has just begun, statistics know nothing, and a plan
  -- made from them compares every fact with every entity.
  execute format('select exists (select from added a where (
    select true from %I i where i.org_id = a.org_id and i.id = a.id limit 1) is null)', tg_table_name || '_identity')
    into stray;
  if stray then
    raise exception 'facts of % name unknown entities', tg_table_name using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;

create table shares (
  org_id text not null,
  share_id text not null,
  table_name text not null,
  row_id text,
  to_org text not null,
  level integer not null check (level between 1 and 5),
  purpose text not null,
  valid_from timestamptz not null default now(),
  valid_until timestamptz not null,
  granted_by text not null,
  ended_at timestamptz,
  ended_by text,
  primary key (org_id, share_id),
  check (to_org <> org_id),
  check (valid_until > valid_from)
);
comment on column shares.row_id is 'the entity shared; null shares every row of the table';
create index on shares (org_id, to_org, table_name, row_id);
create index on shares (to_org, table_name);
alter table shares enable row level security;
alter table shares force row level security;
create policy mine on shares for select to @roles@ using (org_id = acting_org());
create policy mine_added on shares for insert to @roles@ with check (org_id = acting_org() and granted_by = acting_person());
create policy mine_ended on shares for update to @roles@ using (org_id = acting_org())
  with check (org_id = acting_org() and ended_by = acting_person() and ended_at is not null);
create policy shown on shares for select to panhuo_masking, panhuo_counting using (to_org = acting_org());
grant select, insert on shares to @roles@;
grant update (ended_at, ended_by) on shares to @roles@;
grant select on shares to panhuo_masking, panhuo_counting;

-- What others share of a table with the acting organisation for its purpose now; entity null is every row.
create function live_shares(of_table text) returns table (owner_org text, entity text, level integer)
language sql stable as $$
  select s.org_id, s.row_id, s.level from shares s
  where s.to_org = acting_org() and s.table_name = of_table and s.purpose = acting_purpose()
    and s.ended_at is null and now() >= s.valid_from and now() < s.valid_until $$;
grant execute on function live_shares(text) to panhuo_masking, panhuo_counting;

create table batches (
  org_id text not null,
  sequence bigint not null check (sequence > 0),
  root text not null check (root ~ '^[0-9a-f]{64}$'),
  observed_until date,
  tables jsonb not null,
  sealed_at timestamptz not null default now(),
  primary key (org_id, sequence)
);
create table commands (
  org_id text not null,
  idempotency_key text not null,
  request_hash text not null,
  sequence bigint not null,
  answer jsonb not null,
  primary key (org_id, idempotency_key),
  foreign key (org_id, sequence) references batches (org_id, sequence) not enforced
);
create function refuse_unanswered() returns trigger language plpgsql set search_path = @schema@, pg_temp as $$
begin
  if exists (select from (select distinct org_id, sequence from added) a where not exists (
      select from batches b where b.org_id = a.org_id and b.sequence = a.sequence)) then
    raise exception 'commands stand outside a batch' using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger belongs after insert on commands referencing new table as added
  for each statement execute function refuse_unanswered();
create table log_entries (
  org_id text not null,
  position bigint not null check (position >= 0),
  kind text not null,
  leaf text not null,
  entry text not null,
  primary key (org_id, position)
);
create unique index on log_entries (org_id, leaf);
create table log_heads (
  org_id text not null,
  size bigint not null,
  root text not null,
  record text not null,
  frontier text not null,
  primary key (org_id, size)
);
create table inputs (
  org_id text not null,
  sha256 text not null,
  content bytea not null,
  primary key (org_id, sha256)
);
create table outcomes (
  org_id text not null,
  run_id text not null,
  name text not null,
  root text not null,
  as_of date not null,
  sequence bigint not null,
  row_count bigint not null,
  log_position bigint not null,
  primary key (org_id, run_id, name),
  foreign key (org_id, sequence) references batches (org_id, sequence),
  foreign key (org_id, log_position) references log_entries (org_id, position)
);
-- What people and flows did, in order: cases, approvals and auctions are folds of these.
create table events (
  org_id text not null,
  stream_kind text not null,
  stream_id text not null,
  number bigint not null check (number > 0),
  kind text not null,
  body jsonb not null,
  person_id text not null,
  idempotency_key text not null,
  happened_at timestamptz not null default now(),
  primary key (org_id, stream_kind, stream_id, number)
);
create unique index on events (org_id, idempotency_key);

do $do$
declare t text;
begin
  foreach t in array array['batches', 'commands', 'log_entries', 'log_heads', 'inputs', 'outcomes', 'events'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy mine on %I for select to @roles@ using (org_id = acting_org())', t);
    execute format('create policy mine_added on %I for insert to @roles@ with check (org_id = acting_org())', t);
    execute format('grant select, insert on %I to @roles@', t);
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', t);
    execute format('create trigger append_only_whole before truncate on %I for each statement execute function refuse_change()', t);
  end loop;
end $do$;
