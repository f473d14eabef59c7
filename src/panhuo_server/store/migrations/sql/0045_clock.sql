-- What time alone brings about (a reminder, an escalation, the end of a proposal, a message's next try) is nobody's act:
-- it happens whether the person who set the time is still a member or not. For it the organisation's own clock enters, by
-- a door of its own, under a purpose no role allows. Only the worker's role opens it; what belongs to a court lies behind
-- another role, which shows a ticket the worker's role was given a moment ago.

create table clock_tickets (
  org_id text not null references organisations,
  ticket text not null default gen_random_uuid()::text,
  given_at timestamptz not null default now(),
  primary key (org_id, ticket)
);
alter table clock_tickets enable row level security;
alter table clock_tickets force row level security;
create policy door on clock_tickets for select to panhuo_door using (true);
create policy door_added on clock_tickets for insert to panhuo_door with check (true);
create policy door_gone on clock_tickets for delete to panhuo_door using (true);
grant select, insert, delete on clock_tickets to panhuo_door;

create function clock_ticket(org text) returns text
language plpgsql security definer set search_path = panhuo, pg_temp as $$
declare given text;
begin
  if session_user <> 'panhuo_flows' then
    raise exception 'tickets are the worker''s' using errcode = 'insufficient_privilege';
  end if;
  delete from clock_tickets where given_at < now() - interval '1 minute';
  insert into clock_tickets (org_id) select o.org_id from organisations o where o.org_id = org and o.closed_at is null
    returning ticket into given;
  if given is null then
    raise exception 'there is no such organisation' using errcode = 'insufficient_privilege';
  end if;
  return given;
end $$;
revoke all on function clock_ticket(text) from public;
grant execute on function clock_ticket(text) to panhuo_flows;
alter function clock_ticket(text) owner to panhuo_door;

create function enter_as_clock(org text, shown text default null) returns void
language plpgsql security definer set search_path = panhuo, pg_temp as $$
declare
  found_kind text;
  used text;
begin
  select o.kind into found_kind from organisations o where o.org_id = org and o.closed_at is null;
  if found_kind in ('court', 'mediation') and session_user = 'panhuo_judicial' then
    delete from clock_tickets t
      where t.org_id = org and t.ticket = shown and t.given_at > now() - interval '1 minute' returning t.ticket into used;
  elsif found_kind not in ('court', 'mediation') and session_user = 'panhuo_flows' then
    used := 'none needed';
  end if;
  if used is null then
    raise exception 'the clock does not act here' using errcode = 'insufficient_privilege';
  end if;
  perform set_config('panhuo.org', org, true), set_config('panhuo.person', 'clock', true),
          set_config('panhuo.purpose', 'clock', true);
end $$;
revoke all on function enter_as_clock(text, text) from public;
grant execute on function enter_as_clock(text, text) to panhuo_flows, panhuo_judicial;
alter function enter_as_clock(text, text) owner to panhuo_door;

-- Whether somebody is a member still: a reminder goes to one who is. An id in, yes or no out.
create function is_member(person text) returns boolean
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select exists (select from memberships m join persons p on p.person_id = m.person_id and p.closed_at is null
    where m.org_id = acting_org() and m.person_id = person and m.ended_at is null) $$;
revoke all on function is_member(text) from public;
grant execute on function is_member(text) to panhuo_app, panhuo_flows, panhuo_judicial;
alter function is_member(text) owner to panhuo_door;
