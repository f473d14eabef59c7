-- A person's own affairs at the organisations that hold its data. That an organisation shares the row of a party with a
-- borrower's account for own affairs is how it says: this is that party. From there the account sees who read of it and
-- whom it was shared with, and may ask and withdraw; what it says is addressed to that organisation.

create policy asked on shares for select to panhuo_door using (true);
grant select on shares to panhuo_door;
create policy about_a_person on reads for select to panhuo_door using (true);
grant execute on function live_shares(text) to panhuo_door;

-- The parties the acting organisation is, as others say it.
create function parties_of_mine() returns table (owner_org text, owner_name text, party_id text, level integer)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select l.owner_org, o.name, l.entity, max(l.level) from live_shares('parties') l
  join organisations o on o.org_id = l.owner_org
  where acting_purpose() = 'own_affairs' and l.entity is not null group by 1, 2, 3 order by 1, 3 $$;

-- Every read of them; of another organisation's people only the organisation is told.
create function reads_of_mine() returns table (owner_org text, party_id text, reader_org text, reader_name text, purpose text,
  table_name text, columns text[], read_at timestamptz)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select r.owner_org, r.party_id, r.org_id, o.name, r.purpose, r.table_name, r.columns, r.read_at
  from parties_of_mine() m join reads r on r.owner_org = m.owner_org and r.party_id = m.party_id
  left join organisations o on o.org_id = r.org_id
  order by r.read_at desc, r.read_id, r.table_name $$;

-- Shares with others of rows that are shown to the acting organisation as its own.
create function shares_of_mine() returns table (owner_org text, table_name text, row_id text, to_org text, to_name text,
  level integer, purpose text, valid_from timestamptz, valid_until timestamptz, ended_at timestamptz)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select s.org_id, s.table_name, s.row_id, s.to_org, o.name, s.level, s.purpose, s.valid_from, s.valid_until, s.ended_at
  from shares s left join organisations o on o.org_id = s.to_org
  where acting_purpose() = 'own_affairs' and s.to_org <> acting_org()
    and exists (select from parties_of_mine() m where m.owner_org = s.org_id)
    and exists (select from shares mine where mine.org_id = s.org_id and mine.to_org = acting_org()
      and mine.table_name = s.table_name and mine.row_id is not null and (s.row_id is null or s.row_id = mine.row_id)
      and mine.purpose = 'own_affairs' and mine.ended_at is null and now() >= mine.valid_from and now() < mine.valid_until)
  order by s.valid_from desc, s.share_id $$;

-- What a person asks of an organisation: to correct, to explain, to look again, to withdraw a consent. `on_behalf` says how
-- the person agreed, where somebody of the organisation wrote it down for them.
create table own_requests (
  org_id text not null,
  request_id text not null,
  to_org text not null,
  party_id text not null,
  kind text not null check (kind in ('correction', 'appeal', 'explanation', 'withdrawal')),
  about_table text,
  about_id text,
  said text not null check (length(said) <= 1000),
  consent_purpose text,
  recipient text,
  on_behalf text check (length(on_behalf) between 1 and 200),
  person_id text not null,
  asked_at timestamptz not null default clock_timestamp(),
  primary key (org_id, request_id),
  check ((kind = 'withdrawal') = (consent_purpose is not null)),
  check (on_behalf is null or to_org = org_id)
);
create index on own_requests (to_org, party_id, kind);
create table own_request_answers (
  org_id text not null,
  to_org text not null,
  request_id text not null,
  number integer not null check (number > 0),
  result text not null check (result in ('taken', 'done', 'refused')),
  said text not null check (length(said) <= 1000),
  person_id text not null,
  answered_at timestamptz not null default clock_timestamp(),
  primary key (org_id, to_org, request_id, number)
);
create index on own_request_answers (to_org);
do $do$
declare t text;
begin
  foreach t in array array['own_requests', 'own_request_answers'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy mine on %I for select to @roles@ using (org_id = acting_org() or to_org = acting_org())', t);
    execute format('create policy mine_added on %I for insert to @roles@
      with check (org_id = acting_org() and person_id = acting_person())', t);
    execute format('create policy asked on %I for select to panhuo_door using (true)', t);
    execute format('grant select, insert on %I to @roles@', t);
    execute format('grant select on %I to panhuo_door', t);
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', t);
    execute format('create trigger append_only_whole before truncate on %I for each statement execute function refuse_change()', t);
  end loop;
end $do$;

-- Asked only by who is that party, or written down by somebody of the organisation itself.
create function keep_to_own_affairs() returns trigger
language plpgsql security definer set search_path = panhuo, pg_temp as $$
begin
  if new.org_id = new.to_org and new.on_behalf is not null then
    perform require_act('import_facts');
    return new;
  end if;
  if not exists (select from parties_of_mine() m where m.owner_org = new.to_org and m.party_id = new.party_id) then
    perform refuse('PH404', 'no-such-party');
  end if;
  return new;
end $$;
create trigger own_affairs_only before insert on own_requests for each row execute function keep_to_own_affairs();
create function keep_to_requests() returns trigger
language plpgsql security definer set search_path = panhuo, pg_temp as $$
begin
  if not exists (select from own_requests r
      where r.org_id = new.to_org and r.request_id = new.request_id and r.to_org = new.org_id) then
    perform refuse('PH404', 'no-such-request');
  end if;
  return new;
end $$;
create trigger of_a_request before insert on own_request_answers for each row execute function keep_to_requests();

-- A withdrawal that a person states holds at once, until the organisation records a later consent in a batch sealed after it.
create or replace function consent_standing(of_org text, of_party text, of_purpose text, of_recipient text, on_day date)
returns text language sql stable as $$
  select case when exists (
      select from own_requests w where w.to_org = of_org and w.party_id = of_party and w.kind = 'withdrawal'
        and w.consent_purpose = of_purpose and (w.recipient is null or of_recipient is null or w.recipient = of_recipient)
        and (w.asked_at at time zone 'Asia/Shanghai')::date <= on_day
        and w.asked_at > (select b.sealed_at from batches b where b.org_id = f.org_id and b.sequence = f.fact_sequence))
      then 'withdrawn'
              when f.withdrawn_on <= on_day then 'withdrawn'
              when f.granted is not true or f.granted_on > on_day then 'refused'
              when f.expires_on < on_day then 'expired' else 'given' end
  from consents f
  where f.org_id = of_org and f.party_id = of_party and f.purpose = of_purpose and f.effective_on <= on_day
    and f.withdrawn is not true and (f.recipient is null or of_recipient is null or f.recipient = of_recipient)
    and not exists (select from consents r where r.org_id = f.org_id and r.replaces = f.fact_sequence || '-' || f.fact_position)
  order by f.effective_on desc, f.fact_sequence desc, f.fact_position desc limit 1 $$;
create policy dated on batches for select to panhuo_door using (true);
grant select on batches to panhuo_door;

do $do$
declare f regprocedure;
begin
  for f in select p.oid from pg_proc p where p.pronamespace = 'panhuo'::regnamespace and p.proname in (
    'parties_of_mine', 'reads_of_mine', 'shares_of_mine', 'keep_to_own_affairs', 'keep_to_requests') loop
    execute format('revoke all on function %s from public', f);
  end loop;
end $do$;
grant execute on function parties_of_mine(), reads_of_mine(), shares_of_mine() to @roles@;
do $do$
declare f regprocedure;
begin
  for f in select p.oid from pg_proc p where p.pronamespace = 'panhuo'::regnamespace and p.proname in (
    'parties_of_mine', 'reads_of_mine', 'shares_of_mine', 'keep_to_own_affairs', 'keep_to_requests') loop
    execute format('alter function %s owner to panhuo_door', f);
  end loop;
end $do$;
