-- Who in the acting organisation holds a role now: whom durable work turns to. Ids alone, no names or addresses.

create function holders(of_role text) returns table (person_id text)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select distinct m.person_id from memberships m
  join persons p on p.person_id = m.person_id and p.closed_at is null
  where m.org_id = acting_org() and m.role = of_role and m.ended_at is null order by 1 $$;
revoke all on function holders(text) from public;
grant execute on function holders(text) to panhuo_app, panhuo_flows, panhuo_judicial;
alter function holders(text) owner to panhuo_door;
