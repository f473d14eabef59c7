-- Organisations, persons and who may act for whom; in the commercial schema only. The door is the one way to act.
-- A membership names a person without a foreign key: a key across organisations would tell who exists elsewhere. Only
-- the door's functions add one, when a person was founded with an organisation or accepted its invitation.

create table organisations (
  org_id text primary key,
  name text not null,
  kind text not null check (kind in ('lender', 'asset_manager', 'court', 'mediation', 'investor', 'borrower', 'supervisor')),
  legal_entity text not null,
  business text not null default 'own' check (business in ('own', 'brokered')),
  made_at timestamptz not null default now(),
  closed_at timestamptz
);
comment on column organisations.business is 'own and brokered business of one legal entity are two organisations';
create unique index on organisations (org_id, legal_entity, business);
create table persons (
  person_id text primary key,
  email text not null unique,
  name text not null,
  kind text not null default 'human' check (kind in ('human', 'service')),
  password text not null,
  language text not null default 'zh' check (language in ('zh', 'en')),
  made_at timestamptz not null default now(),
  closed_at timestamptz
);
create table memberships (
  org_id text not null references organisations,
  person_id text not null,
  role text not null,
  granted_by text not null,
  granted_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by text,
  primary key (org_id, person_id, role, granted_at)
);
create unique index on memberships (org_id, person_id, role) where ended_at is null;
create table role_permissions (
  role text not null,
  sort text not null check (sort in ('kind', 'purpose', 'act')),
  name text not null,
  primary key (role, sort, name)
);
comment on table role_permissions is 'what each role allows; written from the one declaration, the same for every organisation';

alter table organisations enable row level security;
alter table organisations force row level security;
alter table memberships enable row level security;
alter table memberships force row level security;
alter table persons enable row level security;
alter table persons force row level security;
create policy mine on organisations for select to @roles@ using (org_id = acting_org());
create policy mine on memberships for select to @roles@ using (org_id = acting_org());
create policy colleagues on persons for select to @roles@ using (
  person_id = acting_person() or exists (select from memberships m where m.person_id = persons.person_id));
create policy door on organisations for select to panhuo_door using (true);
create policy door on memberships for select to panhuo_door using (true);
create policy door on persons for select to panhuo_door using (true);
create policy door_added on organisations for insert to panhuo_door with check (true);
create policy door_added on memberships for insert to panhuo_door with check (true);
create policy door_added on persons for insert to panhuo_door with check (true);
create policy door_changed on memberships for update to panhuo_door using (true) with check (true);
create policy door_changed on persons for update to panhuo_door using (true) with check (true);
create policy door_changed on organisations for update to panhuo_door using (true) with check (true);
grant select on organisations, memberships to @roles@;
grant select (person_id, email, name, kind, language, made_at, closed_at) on persons to @roles@;
grant select, insert on organisations, memberships, persons to panhuo_door;
grant update (ended_at, ended_by) on memberships to panhuo_door;
grant update (password, name, language, closed_at) on persons to panhuo_door;
grant update (closed_at) on organisations to panhuo_door;
grant select on role_permissions to panhuo_door;

-- A refusal by a code of its own (class PH): 403 not allowed, 404 not found, 409 conflict, 422 invalid. It says a word
-- the program knows, never a value.
create function refuse(state text, word text) returns void language plpgsql as $$
begin
  raise exception using errcode = state, message = word;
end $$;
grant execute on function refuse(text, text) to panhuo_door;

-- Who acts, for whom, for what: checked against memberships and roles each time, and set until the transaction ends.
-- Returns the roles that are held.
create function enter(org text, person text, purpose text) returns text[]
language plpgsql security definer set search_path = panhuo, pg_temp as $$
declare
  found_kind text;
  held text[];
begin
  select o.kind, array_agg(distinct m.role order by m.role) into found_kind, held from organisations o
    join memberships m on m.org_id = o.org_id and m.ended_at is null
    join persons p on p.person_id = m.person_id and p.closed_at is null
    where o.org_id = org and o.closed_at is null and m.person_id = person group by o.kind;
  if found_kind is null or purpose is null or purpose = '' then
    raise exception 'no such person acts for that organisation' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select from role_permissions r where r.role = any (held) and r.sort = 'purpose' and r.name = purpose) then
    raise exception 'no role of this person allows that purpose' using errcode = 'insufficient_privilege';
  end if;
  if (found_kind in ('court', 'mediation')) <> (session_user = 'panhuo_judicial') then
    raise exception 'judicial and commercial data are kept apart' using errcode = 'insufficient_privilege';
  end if;
  perform set_config('panhuo.org', org, true), set_config('panhuo.person', person, true),
          set_config('panhuo.purpose', purpose, true);
  return held;
end $$;
revoke all on function enter(text, text, text) from public;
grant execute on function enter(text, text, text) to @roles@, panhuo_judicial;
alter function enter(text, text, text) owner to panhuo_door;

-- What must be kept apart is kept apart here, whoever adds a membership: a role its kind of organisation has; staff of
-- courts and mediation bodies and commercial staff; own and brokered business of one legal entity.
create function keep_staff_apart() returns trigger
language plpgsql security definer set search_path = panhuo, pg_temp as $$
declare here organisations;
begin
  perform pg_advisory_xact_lock(hashtextextended('panhuo person ' || new.person_id, 0));
  select * into here from organisations where org_id = new.org_id;
  if not exists (select from role_permissions r where r.role = new.role and r.sort = 'kind' and r.name = here.kind) then
    perform refuse('PH422', 'role-not-of-this-kind');
  end if;
  if not exists (select from persons p where p.person_id = new.person_id and p.closed_at is null) then
    perform refuse('PH404', 'no-such-person');
  end if;
  if exists (
    select from memberships m join organisations o on o.org_id = m.org_id
    where m.person_id = new.person_id and m.ended_at is null and m.org_id <> new.org_id and o.closed_at is null
      and (o.kind in ('court', 'mediation')) <> (here.kind in ('court', 'mediation'))) then
    perform refuse('PH403', 'judicial-and-commercial-staff');
  end if;
  if exists (
    select from memberships m join organisations o on o.org_id = m.org_id
    where m.person_id = new.person_id and m.ended_at is null and o.closed_at is null
      and o.legal_entity = here.legal_entity and o.business <> here.business) then
    perform refuse('PH403', 'own-and-brokered-staff');
  end if;
  return new;
end $$;
revoke all on function keep_staff_apart() from public;
create trigger kept_apart before insert on memberships for each row execute function keep_staff_apart();
alter function keep_staff_apart() owner to panhuo_door;

-- A membership ends once and for good, and the last administrator of an organisation stays.
create function keep_an_administrator() returns trigger
language plpgsql security definer set search_path = panhuo, pg_temp as $$
begin
  if old.ended_at is not null or new.ended_at is null then
    perform refuse('PH409', 'already-ended');
  end if;
  if old.role = 'administrator' then
    perform pg_advisory_xact_lock(hashtextextended('panhuo administrators ' || old.org_id, 0));
    if not exists (
      select from memberships m join persons p on p.person_id = m.person_id and p.closed_at is null
      where m.org_id = old.org_id and m.role = 'administrator' and m.ended_at is null and m.person_id <> old.person_id) then
      perform refuse('PH409', 'last-administrator');
    end if;
  end if;
  return new;
end $$;
revoke all on function keep_an_administrator() from public;
create trigger administrator_kept before update on memberships for each row execute function keep_an_administrator();
alter function keep_an_administrator() owner to panhuo_door;

-- The operator's own: a new organisation with its first administrator (an existing person when the address is known).
create function found_organisation(org text, called text, of_kind text, entity text, of_business text,
  email_address text, person_name text, password_hash text, new_person text, roles text[]) returns text
language plpgsql security definer set search_path = panhuo, pg_temp as $$
declare who text;
begin
  insert into organisations (org_id, name, kind, legal_entity, business)
    values (org, called, of_kind, upper(btrim(entity)), of_business);
  select person_id into who from persons where email = lower(btrim(email_address));
  if who is null then
    who := new_person;
    insert into persons (person_id, email, name, password)
      values (who, lower(btrim(email_address)), person_name, password_hash);
  end if;
  insert into memberships (org_id, person_id, role, granted_by) select org, who, role, who from unnest(roles) role;
  return who;
end $$;
revoke all on function found_organisation(text, text, text, text, text, text, text, text, text, text[]) from public;
alter function found_organisation(text, text, text, text, text, text, text, text, text, text[]) owner to panhuo_door;
-- Its old owner keeps the right to call it only by a grant of the new one.
set role panhuo_door;
grant execute on function found_organisation(text, text, text, text, text, text, text, text, text, text[]) to panhuo_owner;
reset role;
