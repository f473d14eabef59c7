-- What an aggregate was counted over, as a mark that changes when a grant, a batch or a reported total is added or ends: whoever
-- keeps an answer keeps it for that mark alone.
create function counted_state(aggregate text) returns text
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select md5(coalesce(string_agg(c.owner_org || ' '
      || coalesce((select max(b.sequence) from batches b where b.org_id = c.owner_org), 0) || ' '
      || (select count(*) from reported_totals t where t.org_id = c.owner_org), ';' order by c.owner_org), ''))
  from counted_organisations(aggregate) c $$;
revoke all on function counted_state(text) from public;
grant execute on function counted_state(text) to panhuo_app, panhuo_flows;
alter function counted_state(text) owner to panhuo_counting;
