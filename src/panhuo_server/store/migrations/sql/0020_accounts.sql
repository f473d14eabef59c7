-- Accounts: what roles allow, invitations, sign-in with throttling, sessions, tokens of programs. In the commercial schema
-- only, courts' people too: it is the door's data, reached by the door's functions alone. Secrets are stored hashed.

insert into role_permissions (role, sort, name) values
  ('administrator', 'kind', 'asset_manager'),
  ('administrator', 'kind', 'borrower'),
  ('administrator', 'kind', 'court'),
  ('administrator', 'kind', 'investor'),
  ('administrator', 'kind', 'lender'),
  ('administrator', 'kind', 'mediation'),
  ('administrator', 'kind', 'supervisor'),
  ('administrator', 'purpose', 'administration'),
  ('administrator', 'act', 'grant_supervision'),
  ('administrator', 'act', 'issue_tokens'),
  ('administrator', 'act', 'manage_people'),
  ('administrator', 'act', 'share'),
  ('officer', 'kind', 'lender'),
  ('officer', 'purpose', 'import'),
  ('officer', 'purpose', 'market'),
  ('officer', 'purpose', 'monitoring'),
  ('officer', 'purpose', 'nightly_run'),
  ('officer', 'purpose', 'origination'),
  ('officer', 'purpose', 'recovery'),
  ('officer', 'purpose', 'reporting'),
  ('officer', 'purpose', 'supply_chain'),
  ('officer', 'purpose', 'valuation'),
  ('officer', 'act', 'import_facts'),
  ('officer', 'act', 'propose'),
  ('officer', 'act', 'read_personal'),
  ('officer', 'act', 'share'),
  ('risk_manager', 'kind', 'asset_manager'),
  ('risk_manager', 'kind', 'lender'),
  ('risk_manager', 'purpose', 'monitoring'),
  ('risk_manager', 'purpose', 'nightly_run'),
  ('risk_manager', 'purpose', 'origination'),
  ('risk_manager', 'purpose', 'reporting'),
  ('risk_manager', 'purpose', 'supply_chain'),
  ('risk_manager', 'purpose', 'valuation'),
  ('risk_manager', 'act', 'import_facts'),
  ('risk_manager', 'act', 'propose'),
  ('asset_manager', 'kind', 'asset_manager'),
  ('asset_manager', 'kind', 'lender'),
  ('asset_manager', 'purpose', 'due_diligence'),
  ('asset_manager', 'purpose', 'import'),
  ('asset_manager', 'purpose', 'market'),
  ('asset_manager', 'purpose', 'monitoring'),
  ('asset_manager', 'purpose', 'nightly_run'),
  ('asset_manager', 'purpose', 'recovery'),
  ('asset_manager', 'purpose', 'reporting'),
  ('asset_manager', 'purpose', 'valuation'),
  ('asset_manager', 'act', 'import_facts'),
  ('asset_manager', 'act', 'propose'),
  ('asset_manager', 'act', 'read_personal'),
  ('asset_manager', 'act', 'share'),
  ('approver', 'kind', 'asset_manager'),
  ('approver', 'kind', 'investor'),
  ('approver', 'kind', 'lender'),
  ('approver', 'purpose', 'approval'),
  ('approver', 'purpose', 'market'),
  ('approver', 'purpose', 'monitoring'),
  ('approver', 'purpose', 'origination'),
  ('approver', 'purpose', 'recovery'),
  ('approver', 'purpose', 'valuation'),
  ('approver', 'act', 'approve'),
  ('approver', 'act', 'read_personal'),
  ('committee', 'kind', 'asset_manager'),
  ('committee', 'kind', 'investor'),
  ('committee', 'kind', 'lender'),
  ('committee', 'purpose', 'approval'),
  ('committee', 'act', 'approve'),
  ('committee', 'act', 'decide'),
  ('lawyer', 'kind', 'asset_manager'),
  ('lawyer', 'kind', 'investor'),
  ('lawyer', 'kind', 'lender'),
  ('lawyer', 'purpose', 'due_diligence'),
  ('lawyer', 'purpose', 'recovery'),
  ('lawyer', 'act', 'propose'),
  ('lawyer', 'act', 'read_personal'),
  ('collector', 'kind', 'asset_manager'),
  ('collector', 'kind', 'lender'),
  ('collector', 'purpose', 'recovery'),
  ('collector', 'act', 'read_personal'),
  ('investor', 'kind', 'investor'),
  ('investor', 'purpose', 'due_diligence'),
  ('investor', 'purpose', 'import'),
  ('investor', 'purpose', 'market'),
  ('investor', 'purpose', 'recovery'),
  ('investor', 'purpose', 'valuation'),
  ('investor', 'act', 'import_facts'),
  ('investor', 'act', 'propose'),
  ('investor', 'act', 'share'),
  ('debtor', 'kind', 'borrower'),
  ('debtor', 'purpose', 'import'),
  ('debtor', 'purpose', 'own_affairs'),
  ('debtor', 'purpose', 'privacy'),
  ('debtor', 'act', 'import_facts'),
  ('debtor', 'act', 'read_personal'),
  ('debtor', 'act', 'share'),
  ('judge', 'kind', 'court'),
  ('judge', 'purpose', 'approval'),
  ('judge', 'purpose', 'enforcement'),
  ('judge', 'purpose', 'mediation'),
  ('judge', 'act', 'approve'),
  ('judge', 'act', 'decide'),
  ('judge', 'act', 'read_personal'),
  ('clerk', 'kind', 'court'),
  ('clerk', 'purpose', 'enforcement'),
  ('clerk', 'purpose', 'import'),
  ('clerk', 'purpose', 'mediation'),
  ('clerk', 'act', 'import_facts'),
  ('clerk', 'act', 'propose'),
  ('clerk', 'act', 'read_personal'),
  ('clerk', 'act', 'share'),
  ('mediator', 'kind', 'mediation'),
  ('mediator', 'purpose', 'import'),
  ('mediator', 'purpose', 'mediation'),
  ('mediator', 'act', 'import_facts'),
  ('mediator', 'act', 'propose'),
  ('mediator', 'act', 'read_personal'),
  ('mediator', 'act', 'share'),
  ('privacy_officer', 'kind', 'asset_manager'),
  ('privacy_officer', 'kind', 'borrower'),
  ('privacy_officer', 'kind', 'court'),
  ('privacy_officer', 'kind', 'investor'),
  ('privacy_officer', 'kind', 'lender'),
  ('privacy_officer', 'kind', 'mediation'),
  ('privacy_officer', 'kind', 'supervisor'),
  ('privacy_officer', 'purpose', 'privacy'),
  ('privacy_officer', 'act', 'forget'),
  ('privacy_officer', 'act', 'read_personal'),
  ('auditor', 'kind', 'asset_manager'),
  ('auditor', 'kind', 'borrower'),
  ('auditor', 'kind', 'court'),
  ('auditor', 'kind', 'investor'),
  ('auditor', 'kind', 'lender'),
  ('auditor', 'kind', 'mediation'),
  ('auditor', 'kind', 'supervisor'),
  ('auditor', 'purpose', 'audit'),
  ('supervisor', 'kind', 'supervisor'),
  ('supervisor', 'purpose', 'supervision'),
  ('service', 'kind', 'asset_manager'),
  ('service', 'kind', 'court'),
  ('service', 'kind', 'investor'),
  ('service', 'kind', 'lender'),
  ('service', 'kind', 'mediation'),
  ('service', 'purpose', 'import'),
  ('service', 'purpose', 'monitoring'),
  ('service', 'purpose', 'nightly_run'),
  ('service', 'purpose', 'reporting'),
  ('service', 'act', 'import_facts');

create table invitations (
  org_id text not null references organisations,
  invitation_id text not null,
  email text not null,
  role text not null,
  secret_hash text not null,
  invited_by text not null,
  invited_at timestamptz not null default now(),
  valid_until timestamptz not null,
  accepted_at timestamptz,
  accepted_by text,
  revoked_at timestamptz,
  revoked_by text,
  primary key (org_id, invitation_id)
);
create table api_tokens (
  org_id text not null references organisations,
  token_id text not null,
  person_id text not null,
  name text not null,
  secret_hash text not null,
  scopes text[] not null check (cardinality(scopes) > 0),
  read_only boolean not null,
  made_by text not null,
  made_at timestamptz not null default now(),
  valid_until timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  primary key (org_id, token_id)
);
create table sessions (
  session_id text primary key,
  person_id text not null references persons,
  secret_hash text not null,
  made_at timestamptz not null default now(),
  valid_until timestamptz not null,
  last_used_at timestamptz not null default now(),
  ended_at timestamptz
);
create index on sessions (person_id) where ended_at is null;
-- Tries of an address or an account in the running window; names are hashed, so an unknown account counts like any other.
create table sign_in_tries (
  sort text not null check (sort in ('address', 'account')),
  name_hash text not null,
  tries integer not null,
  since timestamptz not null,
  primary key (sort, name_hash)
);
do $do$
declare t text;
begin
  foreach t in array array['invitations', 'api_tokens', 'sessions', 'sign_in_tries'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy door on %I to panhuo_door using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to panhuo_door', t);
  end loop;
end $do$;
grant delete on sign_in_tries to panhuo_door;

-- Refuses unless whoever acts holds a role that allows the act now; returns the organisation acted for.
create function require_act(wanted text) returns text
language plpgsql stable security definer set search_path = panhuo, pg_temp as $$
begin
  if acting_org() is null or not exists (
    select from memberships m
    join role_permissions r on r.role = m.role and r.sort = 'act' and r.name = wanted
    where m.org_id = acting_org() and m.person_id = acting_person() and m.ended_at is null) then
    perform refuse('PH403', 'act');
  end if;
  return acting_org();
end $$;

-- Sign-in ------------------------------------------------------------------------------------------------------------

-- Counts a try and says how many seconds to wait; 0 lets it through. One statement, so parallel tries count one by one.
create function count_try(of_sort text, of_name text, most integer, within interval) returns integer
language sql volatile security definer set search_path = panhuo, pg_temp as $$
  insert into sign_in_tries as t (sort, name_hash, tries, since) values (of_sort, of_name, 1, clock_timestamp())
  on conflict (sort, name_hash) do update set
    tries = case when t.since < clock_timestamp() - within then 1 else t.tries + 1 end,
    since = case when t.since < clock_timestamp() - within then clock_timestamp() else t.since end
  returning case when tries <= most then 0
    else greatest(1, ceil(extract(epoch from since + within - clock_timestamp())))::integer end $$;
create function forget_tries(of_sort text, of_name text, older_than interval) returns void
language sql volatile security definer set search_path = panhuo, pg_temp as $$
  delete from sign_in_tries where (sort = of_sort and name_hash = of_name) or since < clock_timestamp() - older_than $$;
create function person_credentials(of_email text) returns table (person_id text, password text)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select p.person_id, p.password from persons p
  where p.email = lower(btrim(of_email)) and p.closed_at is null and p.kind = 'human' $$;
create function open_session(person text, session text, hash text, valid_for interval) returns void
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
begin
  if not exists (select from persons p where p.person_id = person and p.closed_at is null and p.kind = 'human') then
    perform refuse('PH404', 'no-such-person');
  end if;
  insert into sessions (session_id, person_id, secret_hash, valid_until) values (session, person, hash, now() + valid_for);
end $$;
-- The person of a live session, its use noted (at most once a minute); nothing for any other.
create function use_session(session text, hash text, idle interval) returns text
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare found sessions;
begin
  select s.* into found from sessions s join persons p on p.person_id = s.person_id and p.closed_at is null
    where s.session_id = session and s.secret_hash = hash and s.ended_at is null
      and s.valid_until > now() and s.last_used_at > now() - idle;
  if found.person_id is not null and found.last_used_at < now() - interval '1 minute' then
    update sessions s set last_used_at = now() where s.session_id = session;
  end if;
  return found.person_id;
end $$;
create function end_session(session text, hash text, all_of_the_person boolean) returns integer
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare ended integer;
begin
  update sessions s set ended_at = now() from sessions mine
    where mine.session_id = session and mine.secret_hash = hash and mine.ended_at is null and mine.valid_until > now()
      and (s.session_id = mine.session_id or (all_of_the_person and s.person_id = mine.person_id)) and s.ended_at is null;
  get diagnostics ended = row_count;
  return ended;
end $$;
create function session_password(session text, hash text) returns table (person_id text, password text)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select p.person_id, p.password from sessions s join persons p on p.person_id = s.person_id and p.closed_at is null
  where s.session_id = session and s.secret_hash = hash and s.ended_at is null and s.valid_until > now() $$;
create function change_password(session text, hash text, new_password text) returns integer
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare
  who text;
  ended integer;
begin
  select x.person_id into who from session_password(session, hash) x;
  if who is null then
    perform refuse('PH403', 'session');
  end if;
  update persons p set password = new_password where p.person_id = who;
  update sessions s set ended_at = now() where s.person_id = who and s.session_id <> session and s.ended_at is null;
  get diagnostics ended = row_count;
  return ended;
end $$;
-- The operator's own, for who forgot their password: every session of theirs ends.
create function reset_password(of_email text, new_password text) returns text
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare who text;
begin
  update persons p set password = new_password
    where p.email = lower(btrim(of_email)) and p.kind = 'human' and p.closed_at is null returning p.person_id into who;
  if who is null then
    perform refuse('PH404', 'no-such-person');
  end if;
  update sessions s set ended_at = now() where s.person_id = who and s.ended_at is null;
  return who;
end $$;
-- The organisations the person of a session may act for, with the roles held in each.
create function session_organisations(session text, hash text)
returns table (org_id text, name text, kind text, business text, roles text[])
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select o.org_id, o.name, o.kind, o.business, array_agg(distinct m.role order by m.role)
  from session_password(session, hash) w
  join memberships m on m.person_id = w.person_id and m.ended_at is null
  join organisations o on o.org_id = m.org_id and o.closed_at is null
  group by o.org_id order by o.org_id $$;

-- People -------------------------------------------------------------------------------------------------------------

create function my_organisation() returns table (org_id text, name text, kind text, legal_entity text, business text)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select o.org_id, o.name, o.kind, o.legal_entity, o.business from organisations o where o.org_id = acting_org() $$;
create function members() returns table (person_id text, email text, name text, kind text, role text, granted_by text,
  granted_at timestamptz, ended_at timestamptz, ended_by text)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select m.person_id, p.email, p.name, p.kind, m.role, m.granted_by, m.granted_at, m.ended_at, m.ended_by
  from memberships m join persons p on p.person_id = m.person_id where m.org_id = acting_org()
  order by m.granted_at, m.person_id, m.role $$;
-- A role for somebody who is a member already; others are invited.
create function grant_role(person text, new_role text) returns void
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare here text := require_act('manage_people');
begin
  if not exists (select from memberships m where m.org_id = here and m.person_id = person and m.ended_at is null) then
    perform refuse('PH404', 'no-such-member');
  end if;
  insert into memberships (org_id, person_id, role, granted_by) values (here, person, new_role, acting_person());
exception when unique_violation then
  perform refuse('PH409', 'role-held-already');
end $$;
-- Ends one role, or all of them: then tokens and invitations made for this organisation end with them.
create function end_role(person text, old_role text) returns integer
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare
  here text := require_act('manage_people');
  ended integer;
begin
  update memberships m set ended_at = now(), ended_by = acting_person()
    where m.org_id = here and m.person_id = person and m.ended_at is null and (old_role is null or m.role = old_role);
  get diagnostics ended = row_count;
  if ended = 0 then
    perform refuse('PH404', 'no-such-member');
  end if;
  if not exists (select from memberships m where m.org_id = here and m.person_id = person and m.ended_at is null) then
    update api_tokens t set revoked_at = now(), revoked_by = acting_person()
      where t.org_id = here and t.person_id = person and t.revoked_at is null;
    update invitations i set revoked_at = now(), revoked_by = acting_person()
      where i.org_id = here and i.invited_by = person and i.accepted_at is null and i.revoked_at is null;
  end if;
  return ended;
end $$;
-- A program of the organisation: a person without a password, that only tokens speak for.
create function add_program(new_person text, called text) returns void
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare here text := require_act('manage_people');
begin
  insert into persons (person_id, email, name, kind, password)
    values (new_person, new_person || '@program.invalid', called, 'service', '!');
  insert into memberships (org_id, person_id, role, granted_by) values (here, new_person, 'service', acting_person());
end $$;

create function invite(invitation text, of_email text, of_role text, hash text, valid_for interval) returns void
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare
  here text := require_act('manage_people');
  of_kind text;
begin
  select o.kind into of_kind from organisations o where o.org_id = here;
  if of_role = 'service' or not exists (
    select from role_permissions r where r.role = of_role and r.sort = 'kind' and r.name = of_kind) then
    perform refuse('PH422', 'role-not-of-this-kind');
  end if;
  insert into invitations (org_id, invitation_id, email, role, secret_hash, invited_by, valid_until)
    values (here, invitation, lower(btrim(of_email)), of_role, hash, acting_person(), now() + valid_for);
end $$;
create function my_invitations() returns table (invitation_id text, email text, role text, invited_by text,
  invited_at timestamptz, valid_until timestamptz, accepted_at timestamptz, accepted_by text, revoked_at timestamptz)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select i.invitation_id, i.email, i.role, i.invited_by, i.invited_at, i.valid_until, i.accepted_at, i.accepted_by,
    i.revoked_at from invitations i where i.org_id = acting_org() order by i.invited_at, i.invitation_id $$;
create function revoke_invitation(invitation text) returns void
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare here text := require_act('manage_people');
begin
  update invitations i set revoked_at = now(), revoked_by = acting_person()
    where i.org_id = here and i.invitation_id = invitation and i.accepted_at is null and i.revoked_at is null;
  if not found then
    perform refuse('PH404', 'no-such-invitation');
  end if;
end $$;
-- What an open invitation says to whoever holds its secret; nothing for any other.
create function open_invitation(org text, invitation text, hash text)
returns table (organisation text, email text, role text, valid_until timestamptz)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select o.name, i.email, i.role, i.valid_until from invitations i
  join organisations o on o.org_id = i.org_id and o.closed_at is null
  where i.org_id = org and i.invitation_id = invitation and i.secret_hash = hash and i.accepted_at is null
    and i.revoked_at is null and i.valid_until > now() $$;
-- Accepts: an existing person proves itself by its session, a new one is made with the invitation's own address.
create function accept_invitation(org text, invitation text, hash text, session text, session_hash text,
  new_person text, person_name text, new_password text) returns text
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare
  asked invitations;
  who text;
begin
  select i.* into asked from invitations i where i.org_id = org and i.invitation_id = invitation and i.secret_hash = hash
    for update;
  if asked.org_id is null or not exists (select from open_invitation(org, invitation, hash)) then
    perform refuse('PH404', 'no-such-invitation');
  end if;
  if session is not null then
    select p.person_id into who from session_password(session, session_hash) w
      join persons p on p.person_id = w.person_id where p.email = asked.email;
    if who is null then
      perform refuse('PH403', 'invitation-of-another');
    end if;
  else
    if exists (select from persons p where p.email = asked.email) then
      perform refuse('PH409', 'sign-in-first');
    end if;
    who := new_person;
    insert into persons (person_id, email, name, password) values (who, asked.email, person_name, new_password);
  end if;
  insert into memberships (org_id, person_id, role, granted_by) values (org, who, asked.role, asked.invited_by);
  update invitations i set accepted_at = now(), accepted_by = who where i.org_id = org and i.invitation_id = invitation;
  return who;
exception when unique_violation then
  perform refuse('PH409', 'role-held-already');
end $$;

-- Tokens of programs -------------------------------------------------------------------------------------------------

create function issue_token(token text, of_person text, called text, hash text, of_scopes text[], only_reads boolean,
  valid_for interval) returns void
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare here text := require_act('issue_tokens');
begin
  -- Nobody gets a token that speaks for another person; a program has no other way to speak.
  if not exists (
    select from memberships m join persons p on p.person_id = m.person_id and p.closed_at is null
    where m.org_id = here and m.person_id = of_person and m.ended_at is null
      and (p.kind = 'service' or p.person_id = acting_person())) then
    perform refuse('PH404', 'no-such-member');
  end if;
  if exists (
    select from unnest(of_scopes) scope where not exists (
      select from memberships m join role_permissions r on r.role = m.role and r.sort = 'purpose' and r.name = scope
      where m.org_id = here and m.person_id = of_person and m.ended_at is null)) then
    perform refuse('PH422', 'scope-beyond-role');
  end if;
  insert into api_tokens (org_id, token_id, person_id, name, secret_hash, scopes, read_only, made_by, valid_until)
    values (here, token, of_person, called, hash, of_scopes, only_reads, acting_person(), now() + valid_for);
end $$;
create function my_tokens() returns table (token_id text, person_id text, name text, scopes text[], read_only boolean,
  made_by text, made_at timestamptz, valid_until timestamptz, last_used_at timestamptz, revoked_at timestamptz)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select t.token_id, t.person_id, t.name, t.scopes, t.read_only, t.made_by, t.made_at, t.valid_until, t.last_used_at,
    t.revoked_at from api_tokens t where t.org_id = acting_org() order by t.made_at, t.token_id $$;
create function revoke_token(token text) returns void
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
declare here text := require_act('issue_tokens');
begin
  update api_tokens t set revoked_at = now(), revoked_by = acting_person()
    where t.org_id = here and t.token_id = token and t.revoked_at is null;
  if not found then
    perform refuse('PH404', 'no-such-token');
  end if;
end $$;
create function use_token(org text, token text, hash text)
returns table (person_id text, scopes text[], read_only boolean, kind text)
language plpgsql volatile security definer set search_path = panhuo, pg_temp as $$
begin
  return query
    select t.person_id, t.scopes, t.read_only, o.kind from api_tokens t
    join organisations o on o.org_id = t.org_id and o.closed_at is null
    join persons p on p.person_id = t.person_id and p.closed_at is null
    where t.org_id = org and t.token_id = token and t.secret_hash = hash and t.revoked_at is null
      and t.valid_until > now()
      and exists (select from memberships m where m.org_id = org and m.person_id = t.person_id and m.ended_at is null);
  if found then
    update api_tokens t set last_used_at = now() where t.org_id = org and t.token_id = token
      and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute');
  end if;
end $$;

do $do$
declare f regprocedure;
begin
  for f in select p.oid from pg_proc p where p.pronamespace = 'panhuo'::regnamespace and p.proname in (
    'require_act', 'count_try', 'forget_tries', 'person_credentials', 'open_session', 'use_session', 'end_session',
    'session_password', 'change_password', 'reset_password', 'session_organisations', 'my_organisation', 'members', 'grant_role',
    'end_role', 'add_program', 'invite', 'my_invitations', 'revoke_invitation', 'open_invitation', 'accept_invitation',
    'issue_token', 'my_tokens', 'revoke_token', 'use_token')
  loop
    execute format('revoke all on function %s from public', f);
  end loop;
end $do$;
grant execute on function my_organisation(), members(), grant_role(text, text), end_role(text, text),
  add_program(text, text), invite(text, text, text, text, interval), my_invitations(), revoke_invitation(text),
  issue_token(text, text, text, text, text[], boolean, interval), my_tokens(), revoke_token(text), require_act(text)
  to panhuo_app, panhuo_judicial;
grant execute on function require_act(text) to panhuo_flows, panhuo_live;
-- Signing in is the web server's alone; live and it know sessions and tokens.
grant execute on function count_try(text, text, integer, interval), forget_tries(text, text, interval),
  person_credentials(text), open_session(text, text, text, interval), end_session(text, text, boolean),
  session_password(text, text), change_password(text, text, text), session_organisations(text, text),
  open_invitation(text, text, text),
  accept_invitation(text, text, text, text, text, text, text, text) to panhuo_app;
grant execute on function use_session(text, text, interval), use_token(text, text, text) to panhuo_app, panhuo_live;
-- Handed over last: whoever owned it before may no longer say who calls it.
do $do$
declare f regprocedure;
begin
  for f in select p.oid from pg_proc p where p.pronamespace = 'panhuo'::regnamespace and p.proname in (
    'require_act', 'count_try', 'forget_tries', 'person_credentials', 'open_session', 'use_session', 'end_session',
    'session_password', 'change_password', 'reset_password', 'session_organisations', 'my_organisation', 'members', 'grant_role',
    'end_role', 'add_program', 'invite', 'my_invitations', 'revoke_invitation', 'open_invitation', 'accept_invitation',
    'issue_token', 'my_tokens', 'revoke_token', 'use_token')
  loop
    execute format('alter function %s owner to panhuo_door', f);
  end loop;
end $do$;
set role panhuo_door;
grant execute on function reset_password(text, text) to panhuo_owner;
reset role;
