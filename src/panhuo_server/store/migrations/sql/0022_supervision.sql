-- Supervision: an organisation lets a supervisor have named aggregates, never rows. The functions are owned by
-- panhuo_counting, which may read the few tables they need of those organisations alone. A group of fewer than ten parties
-- is joined with others until it has ten, amounts are in units of 10,000 yuan, and days are ends of months, so that no
-- single party is read off one answer or the difference of two.

create table supervisions (
  org_id text not null,
  supervision_id text not null,
  to_org text not null,
  aggregates text[] not null check (cardinality(aggregates) > 0
    and aggregates <@ array['balance_by_class', 'bad_debt_ratio', 'provision_cover']),
  valid_from timestamptz not null default now(),
  valid_until timestamptz not null,
  granted_by text not null,
  ended_at timestamptz,
  ended_by text,
  primary key (org_id, supervision_id),
  check (valid_until > valid_from)
);
create index on supervisions (to_org);
alter table supervisions enable row level security;
alter table supervisions force row level security;
create policy mine on supervisions for select to @roles@ using (org_id = acting_org());
create policy mine_added on supervisions for insert to @roles@
  with check (org_id = acting_org() and granted_by = acting_person());
create policy mine_ended on supervisions for update to @roles@ using (org_id = acting_org())
  with check (org_id = acting_org() and ended_by = acting_person() and ended_at is not null);
create policy shown on supervisions for select to panhuo_counting using (to_org = acting_org());
grant select, insert on supervisions to @roles@;
grant update (ended_at, ended_by) on supervisions to @roles@;
grant select on supervisions to panhuo_counting;

create function keep_supervision() returns trigger
language plpgsql security definer set search_path = panhuo, pg_temp as $$
begin
  if new.org_id is distinct from require_act('grant_supervision') then
    perform refuse('PH403', 'act');
  end if;
  if tg_op = 'UPDATE' then
    if old.ended_at is not null then
      perform refuse('PH409', 'already-ended');
    end if;
    new.ended_at := clock_timestamp();
    return new;
  end if;
  if not exists (select from organisations o where o.org_id = new.to_org and o.closed_at is null and o.kind = 'supervisor') then
    perform refuse('PH404', 'no-such-organisation');
  end if;
  return new;
end $$;
revoke all on function keep_supervision() from public;
create trigger kept before insert or update on supervisions for each row execute function keep_supervision();
alter function keep_supervision() owner to panhuo_door;

-- What a sealed Outcome sums up to, for aggregates of what is no fact: the provision by class, for one.
create table reported_totals (
  org_id text not null,
  run_id text not null,
  outcome text not null,
  measure text not null check (measure in ('provision')),
  currency text not null,
  as_of date not null,
  amount bigint not null,
  reported_at timestamptz not null default now(),
  primary key (org_id, run_id, outcome, measure, currency),
  foreign key (org_id, run_id, outcome) references outcomes (org_id, run_id, name)
);
alter table reported_totals enable row level security;
alter table reported_totals force row level security;
create policy mine on reported_totals for select to @roles@ using (org_id = acting_org());
create policy mine_added on reported_totals for insert to @roles@ with check (org_id = acting_org());
grant select, insert on reported_totals to @roles@;
create trigger append_only before update or delete on reported_totals for each row execute function refuse_change();
create trigger append_only_whole before truncate on reported_totals for each statement execute function refuse_change();

-- Whom an aggregate may be counted over now: those that granted it to the acting supervisor for supervision; the acting
-- organisation itself sees what its supervisor sees.
create function counted_organisations(aggregate text) returns table (owner_org text) language sql stable as $$
  select s.org_id from supervisions s
  where s.to_org = acting_org() and acting_purpose() = 'supervision' and s.ended_at is null
    and now() >= s.valid_from and now() < s.valid_until and (aggregate is null or aggregate = any (s.aggregates))
  union select acting_org() where acting_org() is not null $$;
do $do$
declare t text;
begin
  foreach t in array array['drawdowns', 'postings', 'class_decisions', 'reported_totals'] loop
    execute format('create policy counted on %I for select to panhuo_counting using '
      '(org_id = any (array(select owner_org from counted_organisations(null))))', t);
    execute format('grant select on %I to panhuo_counting', t);
  end loop;
end $do$;

-- Principal standing on a day, by drawdown, with the class last decided: what the aggregates count. Nobody but they call it.
create function counted_drawdowns(aggregate text, on_day date)
returns table (org_id text, party_id text, class text, currency text, balance numeric)
language sql stable security definer set search_path = panhuo, pg_temp as $$
  with asked as materialized (select owner_org from counted_organisations(aggregate)),
  standing as (
    select p.* from postings p join asked a on a.owner_org = p.org_id
    where p.effective_on <= on_day and p.withdrawn is not true and p.component = 'principal'
      and not exists (select from postings r where r.org_id = p.org_id
        and r.replaces = p.fact_sequence || '-' || p.fact_position)),
  moved as (
    select s.org_id, s.drawdown_id,
      sum(case when coalesce(o.kind, s.kind) in ('disburse', 'accrue', 'advance') then 1
               when coalesce(o.kind, s.kind) in ('receive', 'waive', 'write_off', 'assign') then -1
               when s.kind = 'reverse' then -1 else 0 end
          * case when s.kind = 'reverse' then -1 else 1 end * s.amount::numeric) as balance
    from standing s left join standing o
      on s.kind = 'reverse' and o.org_id = s.org_id and o.id = s.reverses_id and o.kind <> 'reverse'
    group by s.org_id, s.drawdown_id),
  named as (
    select distinct on (d.org_id, d.id) d.org_id, d.id, d.party_id, coalesce(d.currency, 'CNY') as currency, d.withdrawn
    from drawdowns d join asked a on a.owner_org = d.org_id
    where d.effective_on <= on_day and not exists (select from drawdowns r where r.org_id = d.org_id
      and r.replaces = d.fact_sequence || '-' || d.fact_position)
    order by d.org_id, d.id, d.effective_on desc, d.fact_sequence desc, d.fact_position desc),
  decided as (
    select distinct on (c.org_id, c.drawdown_id) c.org_id, c.drawdown_id, c.final
    from class_decisions c join asked a on a.owner_org = c.org_id
    where c.effective_on <= on_day and c.withdrawn is not true and c.final is not null
      and not exists (select from class_decisions r where r.org_id = c.org_id
        and r.replaces = c.fact_sequence || '-' || c.fact_position)
    order by c.org_id, c.drawdown_id, coalesce(c.decided_on, c.effective_on) desc, c.fact_sequence desc, c.fact_position desc)
  select n.org_id, n.party_id, coalesce(c.final, 'normal'), n.currency, m.balance
  from named n join moved m on m.org_id = n.org_id and m.drawdown_id = n.id
  left join decided c on c.org_id = n.org_id and c.drawdown_id = n.id
  where m.balance <> 0 and n.withdrawn is not true $$;
create function countable_day(on_day date) returns void language plpgsql stable as $$
begin
  if on_day is null or on_day <> (date_trunc('month', on_day) + interval '1 month - 1 day')::date then
    perform refuse('PH422', 'uncountable-day');
  end if;
end $$;

create function balance_by_class(on_day date)
returns table (org_id text, currency text, class text, parties bigint, balance numeric)
language plpgsql stable security definer set search_path = panhuo, pg_temp as $$
begin
  perform countable_day(on_day);
  return query
    with groups as (
      select d.org_id, d.currency, d.class, count(distinct d.party_id) as n, sum(d.balance) as amount
      from counted_drawdowns('balance_by_class', on_day) d group by 1, 2, 3),
    -- From the smallest up: what stands with or below a group of under ten is joined until ten are together.
    ranked as (
      select g.*, coalesce(sum(g.n) over (partition by g.org_id, g.currency order by g.n, g.class
        rows between unbounded preceding and 1 preceding), 0) as below from groups g),
    joined as (
      select r.org_id, r.currency, case when r.n < 10 or r.below between 1 and 9 then 'joined' else r.class end as class,
        r.n, r.amount from ranked r)
    select j.org_id, j.currency, j.class, sum(j.n)::bigint, round(sum(j.amount) / 1000000)
    from joined j group by 1, 2, 3 having sum(j.n) >= 10 order by 1, 2, 3;
end $$;
comment on function balance_by_class(date) is 'balance in units of 10,000 of the currency, by class; small classes joined';

create function bad_debt_ratio(on_day date)
returns table (org_id text, currency text, parties bigint, balance numeric, ratio_ppm numeric)
language plpgsql stable security definer set search_path = panhuo, pg_temp as $$
begin
  perform countable_day(on_day);
  return query
    with g as (
      select d.org_id, d.currency, count(distinct d.party_id) as n, sum(d.balance) as amount,
        count(distinct d.party_id) filter (where d.class in ('substandard', 'doubtful', 'loss')) as bad,
        count(distinct d.party_id) filter (where d.class not in ('substandard', 'doubtful', 'loss')) as good,
        sum(d.balance) filter (where d.class in ('substandard', 'doubtful', 'loss')) as bad_amount
      from counted_drawdowns('bad_debt_ratio', on_day) d group by 1, 2)
    select g.org_id, g.currency, g.n, round(g.amount / 1000000),
      case when g.bad >= 10 and g.good >= 10 and g.amount > 0 then round(g.bad_amount * 10000 / g.amount) * 100 end
    from g where g.n >= 10 order by 1, 2;
end $$;
comment on function bad_debt_ratio(date) is 'non-performing principal over principal to 0.01 %; unknown under ten parties on either side';

create function provision_cover(on_day date)
returns table (org_id text, currency text, provision numeric, cover_ppm numeric)
language plpgsql stable security definer set search_path = panhuo, pg_temp as $$
begin
  perform countable_day(on_day);
  return query
    with bad as (
      select d.org_id, d.currency, count(distinct d.party_id) as n, sum(d.balance) as amount
      from counted_drawdowns('provision_cover', on_day) d where d.class in ('substandard', 'doubtful', 'loss')
      group by 1, 2 having count(distinct d.party_id) >= 10 and sum(d.balance) > 0),
    kept as (
      select distinct on (t.org_id, t.currency) t.org_id, t.currency, t.amount from reported_totals t
      join counted_organisations('provision_cover') c on c.owner_org = t.org_id
      where t.measure = 'provision' and t.as_of = on_day order by t.org_id, t.currency, t.reported_at desc, t.run_id desc)
    select b.org_id, b.currency, round(k.amount / 1000000.0), round(k.amount::numeric * 10000 / b.amount) * 100
    from bad b join kept k on k.org_id = b.org_id and k.currency = b.currency order by 1, 2;
end $$;
comment on function provision_cover(date) is 'provision over non-performing principal to 0.01 %; absent under ten such parties';

do $do$
declare f regprocedure;
begin
  for f in select p.oid from pg_proc p where p.pronamespace = 'panhuo'::regnamespace
    and p.proname in ('counted_drawdowns', 'balance_by_class', 'bad_debt_ratio', 'provision_cover') loop
    execute format('revoke all on function %s from public', f);
  end loop;
end $do$;
grant execute on function balance_by_class(date), bad_debt_ratio(date), provision_cover(date) to panhuo_app, panhuo_flows;
do $do$
declare f regprocedure;
begin
  for f in select p.oid from pg_proc p where p.pronamespace = 'panhuo'::regnamespace
    and p.proname in ('counted_drawdowns', 'balance_by_class', 'bad_debt_ratio', 'provision_cover') loop
    execute format('alter function %s owner to panhuo_counting', f);
  end loop;
end $do$;
