-- Privacy: exact search over enciphered values, consents that are looked at in the moment of use, erasures told to those
-- who hold a share. Nothing here holds a personal value: tokens are keyed, the rest is ids, codes and days.

-- Which entity ever had a value, by a token that only the organisation's search key makes. Tokens go with a forgotten party.
create table blind_index (
  org_id text not null,
  table_name text not null,
  column_name text not null,
  token text not null,
  id text not null,
  party_id text not null,
  key_id text not null,
  primary key (org_id, column_name, token, table_name, id, party_id)
);
create index on blind_index (org_id, party_id);
alter table blind_index enable row level security;
alter table blind_index force row level security;
create policy mine on blind_index for select to @roles@ using (org_id = acting_org());
create policy mine_added on blind_index for insert to @roles@ with check (org_id = acting_org());
create policy forgetting on blind_index for select to panhuo_door using (org_id = acting_org());
create policy forgotten on blind_index for delete to panhuo_door using (org_id = acting_org());
grant select, insert on blind_index to @roles@;
grant select, delete on blind_index to panhuo_door;
create trigger never_changed before update on blind_index for each row execute function refuse_change();
create trigger never_emptied before truncate on blind_index for each statement execute function refuse_change();

-- The tokens of a party of the acting organisation, or all of them when the search key changes; returns how many went.
create function forget_tokens(of_party text) returns bigint
language plpgsql security definer set search_path = @schema@, pg_temp as $$
declare gone bigint;
begin
  perform panhuo.require_act('forget');
  delete from blind_index where org_id = acting_org() and (of_party is null or party_id = of_party);
  get diagnostics gone = row_count;
  return gone;
end $$;
revoke all on function forget_tokens(text) from public;
grant execute on function forget_tokens(text) to @roles@;
alter function forget_tokens(text) owner to panhuo_door;

-- How a party's latest visible statement on a purpose stands on a day; nothing where it never made one. The rule is that of
-- panhuo.ground.book.purposes; a statement that names a recipient speaks of that recipient alone.
create function consent_standing(of_org text, of_party text, of_purpose text, of_recipient text, on_day date) returns text
language sql stable as $$
  select case when f.withdrawn_on <= on_day then 'withdrawn'
              when f.granted is not true or f.granted_on > on_day then 'refused'
              when f.expires_on < on_day then 'expired' else 'given' end
  from consents f
  where f.org_id = of_org and f.party_id = of_party and f.purpose = of_purpose and f.effective_on <= on_day
    and f.withdrawn is not true and (f.recipient is null or of_recipient is null or f.recipient = of_recipient)
    and not exists (select from consents r where r.org_id = f.org_id and r.replaces = f.fact_sequence || '-' || f.fact_position)
  order by f.effective_on desc, f.fact_sequence desc, f.fact_position desc limit 1 $$;
grant execute on function consent_standing(text, text, text, text, date) to @roles@, panhuo_door;
create index on consents (org_id, party_id, purpose);
create policy asked on consents for select to panhuo_door using (true);
grant select on consents to panhuo_door;

-- Whether a share that rests on a consent still does, now: asked for every row that is shown, so a withdrawal holds from
-- the next query on.
create function consent_stands(of_org text, of_party text, of_purpose text, of_recipient text) returns boolean
language sql stable security definer set search_path = @schema@, pg_temp as $$
  select coalesce(consent_standing(of_org, of_party, of_purpose, of_recipient,
    (now() at time zone 'Asia/Shanghai')::date) = 'given', false) $$;
revoke all on function consent_stands(text, text, text, text) from public;
grant execute on function consent_stands(text, text, text, text) to panhuo_masking, panhuo_counting;
alter function consent_stands(text, text, text, text) owner to panhuo_door;

alter table shares add column consent_party text, add column consent_purpose text,
  add constraint consent_named_whole check ((consent_party is null) = (consent_purpose is null)
    and (consent_party is null or row_id is not null));
comment on column shares.consent_party is 'whose consent the share rests on; it shows nothing once that is withdrawn';
create or replace function live_shares(of_table text) returns table (owner_org text, entity text, level integer)
language sql stable as $$
  select s.org_id, s.row_id, s.level from shares s
  where s.to_org = acting_org() and s.table_name = of_table and s.purpose = acting_purpose()
    and s.ended_at is null and now() >= s.valid_from and now() < s.valid_until
    and (s.consent_party is null or consent_stands(s.org_id, s.consent_party, s.consent_purpose, s.to_org)) $$;
create function keep_to_consent() returns trigger
language plpgsql security definer set search_path = @schema@, pg_temp as $$
begin
  if new.consent_party is not null
     and not consent_stands(new.org_id, new.consent_party, new.consent_purpose, new.to_org) then
    perform panhuo.refuse('PH403', 'no-consent');
  end if;
  return new;
end $$;
revoke all on function keep_to_consent() from public;
create trigger rests_on_consent before insert on shares for each row execute function keep_to_consent();
alter function keep_to_consent() owner to panhuo_door;

-- Who used which consent for what, when; added before the data is handed on.
create table consent_uses (
  org_id text not null,
  use_id text not null,
  consent_id text not null,
  party_id text not null,
  consent_purpose text not null,
  recipient text,
  used_for text not null,
  person_id text not null,
  purpose text not null,
  used_at timestamptz not null default clock_timestamp(),
  primary key (org_id, use_id, party_id)
);
create index on consent_uses (org_id, party_id, used_at);
-- Whom an erasure was told to: organisations to which rows about the party were shared.
create table erasure_notices (
  org_id text not null,
  party_id text not null,
  to_org text not null,
  rule text not null,
  erased_on date not null,
  told_at timestamptz not null default now(),
  primary key (org_id, party_id, to_org)
);
create index on erasure_notices (to_org);
do $do$
declare t text;
begin
  foreach t in array array['consent_uses', 'erasure_notices'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy mine on %I for select to @roles@ using (org_id = acting_org())', t);
    execute format('grant select, insert on %I to @roles@', t);
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', t);
    execute format('create trigger append_only_whole before truncate on %I for each statement execute function refuse_change()', t);
  end loop;
end $do$;
create policy mine_added on consent_uses for insert to @roles@
  with check (org_id = acting_org() and person_id = acting_person() and purpose = acting_purpose());
create policy mine_added on erasure_notices for insert to @roles@ with check (org_id = acting_org());
create policy told on erasure_notices for select to panhuo_masking using (to_org = acting_org());
grant select on erasure_notices to panhuo_masking;
create function received_erasures() returns table (owner_org text, party_id text, rule text, erased_on date, told_at timestamptz)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  select n.org_id, n.party_id, n.rule, n.erased_on, n.told_at from erasure_notices n
  where n.to_org = acting_org() order by n.told_at, n.org_id, n.party_id $$;
revoke all on function received_erasures() from public;
grant execute on function received_erasures() to @roles@;
alter function received_erasures() owner to panhuo_masking;
