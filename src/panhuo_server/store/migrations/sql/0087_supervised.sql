-- What the acting supervisor was granted, by whom and until when, and up to which day their books go: no row, no figure.

create policy counted on batches for select to panhuo_counting using
  (org_id = any (array(select owner_org from counted_organisations(null))));
grant select on batches to panhuo_counting;
create function organisation_called(of_org text) returns text
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select o.name from organisations o where o.org_id = of_org $$;
create function supervised_by_me() returns table (owner_org text, owner_name text, aggregates text[],
  valid_until timestamptz, observed_until date)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select s.org_id, organisation_called(s.org_id), array_agg(distinct a order by a), max(s.valid_until),
    (select max(b.observed_until) from batches b where b.org_id = s.org_id)
  from supervisions s, unnest(s.aggregates) a
  where s.to_org = acting_org() and acting_purpose() = 'supervision' and s.ended_at is null
    and now() >= s.valid_from and now() < s.valid_until
  group by s.org_id order by s.org_id $$;
revoke all on function organisation_called(text), supervised_by_me() from public;
grant execute on function organisation_called(text) to panhuo_counting, panhuo_masking;
grant execute on function supervised_by_me() to panhuo_app, panhuo_flows;
alter function organisation_called(text) owner to panhuo_door;
alter function supervised_by_me() owner to panhuo_counting;

-- The names of those who share with the acting organisation, for its pages.
create function sharing_organisations() returns table (owner_org text, owner_name text)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  select distinct s.org_id, organisation_called(s.org_id) from shares s
  where s.to_org = acting_org() and s.ended_at is null and now() < s.valid_until $$;
revoke all on function sharing_organisations() from public;
grant execute on function sharing_organisations() to panhuo_app, panhuo_flows;
alter function sharing_organisations() owner to panhuo_masking;
