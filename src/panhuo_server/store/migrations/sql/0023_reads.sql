-- Who read whose personal data, for whom, why, which columns and when; added before the data is returned and never changed.

create table reads (
  org_id text not null,
  read_id text not null,
  table_name text not null,
  owner_org text not null,
  party_id text not null,
  person_id text not null,
  purpose text not null,
  columns text[] not null,
  read_at timestamptz not null default clock_timestamp(),
  primary key (org_id, read_id, table_name, owner_org, party_id)
);
create index on reads (org_id, party_id, read_at);
create index on reads (owner_org, party_id, read_at);
alter table reads enable row level security;
alter table reads force row level security;
create policy mine on reads for select to @roles@ using (org_id = acting_org());
create policy mine_added on reads for insert to @roles@
  with check (org_id = acting_org() and person_id = acting_person() and purpose = acting_purpose());
create policy about_mine on reads for select to panhuo_door using (owner_org = acting_org());
grant select, insert on reads to @roles@;
grant select on reads to panhuo_door;
create trigger append_only before update or delete on reads for each row execute function refuse_change();
create trigger append_only_whole before truncate on reads for each statement execute function refuse_change();

-- Nobody opens personal values without an entry here, so this is where the role is asked for.
create function keep_to_readers() returns trigger
language plpgsql security definer set search_path = @schema@, pg_temp as $$
begin
  perform panhuo.require_act('read_personal');
  return null;
end $$;
revoke all on function keep_to_readers() from public;
create trigger readers_only before insert on reads for each statement execute function keep_to_readers();
alter function keep_to_readers() owner to panhuo_door;

-- The report a party may ask for: every read of its data, by whom in the own organisation, and by which others to whom it
-- was shared (their people are theirs to name).
create function reads_of_party(party text) returns table (reader_org text, person_id text, purpose text, table_name text,
  columns text[], read_at timestamptz)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  select r.org_id, case when r.org_id = acting_org() then r.person_id end, r.purpose, r.table_name, r.columns, r.read_at
  from reads r where r.owner_org = acting_org() and r.party_id = party
  order by r.read_at, r.read_id, r.table_name $$;
revoke all on function reads_of_party(text) from public;
grant execute on function reads_of_party(text) to @roles@;
alter function reads_of_party(text) owner to panhuo_door;
