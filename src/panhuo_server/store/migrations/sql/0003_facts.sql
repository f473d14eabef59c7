-- Fact tables as declared in version 0.1: identities, facts, masked rows of others. Written from the declarations.

create table "accrual_status_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "accrual_status" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "drawdown_id" text not null,
  "status" text not null,
  "since_on" date,
  "reason" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "accrual_status_identity" (org_id, id) not enforced
);
create index on "accrual_status" (org_id, id, effective_on);
alter table "accrual_status_identity" enable row level security;
alter table "accrual_status_identity" force row level security;
create policy mine on "accrual_status_identity" for select to @roles@ using (org_id = acting_org());
grant select on "accrual_status_identity" to @roles@;
create policy mine_added on "accrual_status_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "accrual_status_identity" to @roles@;
alter table "accrual_status" enable row level security;
alter table "accrual_status" force row level security;
create policy mine on "accrual_status" for select to @roles@ using (org_id = acting_org());
grant select on "accrual_status" to @roles@;
create policy mine_added on "accrual_status" for insert to @roles@ with check (org_id = acting_org());
grant insert on "accrual_status" to @roles@;
create policy shared on "accrual_status" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('accrual_status')))
  and (org_id in (select owner_org from live_shares('accrual_status') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('accrual_status'))));
grant select on "accrual_status" to panhuo_masking;
create trigger belongs after insert on "accrual_status" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "accrual_status" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "accrual_status" for each statement execute function refuse_change();
create function "shared_accrual_status_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "drawdown_id" text, "status" text, "since_on" date, "reason" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('accrual_status') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "accrual_status" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "accrual_status" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 2 then s."status" end, case when s.share_level >= 2 then s."since_on" end, case when s.share_level >= 2 then s."reason" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_accrual_status_rows"() from public;
grant execute on function "shared_accrual_status_rows"() to @roles@;
alter function "shared_accrual_status_rows"() owner to panhuo_masking;
create view "shared_accrual_status" with (security_invoker = true) as select * from "shared_accrual_status_rows"();
grant select on "shared_accrual_status" to @roles@;
create table "adoptions_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "adoptions" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "rule_set" text not null,
  "rule" text not null,
  "adopted" boolean,
  "from_on" date not null,
  "to_on" date,
  "resolution" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "adoptions_identity" (org_id, id) not enforced
);
create index on "adoptions" (org_id, id, effective_on);
alter table "adoptions_identity" enable row level security;
alter table "adoptions_identity" force row level security;
create policy mine on "adoptions_identity" for select to @roles@ using (org_id = acting_org());
grant select on "adoptions_identity" to @roles@;
create policy mine_added on "adoptions_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "adoptions_identity" to @roles@;
alter table "adoptions" enable row level security;
alter table "adoptions" force row level security;
create policy mine on "adoptions" for select to @roles@ using (org_id = acting_org());
grant select on "adoptions" to @roles@;
create policy mine_added on "adoptions" for insert to @roles@ with check (org_id = acting_org());
grant insert on "adoptions" to @roles@;
create policy shared on "adoptions" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('adoptions')))
  and (org_id in (select owner_org from live_shares('adoptions') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('adoptions'))));
grant select on "adoptions" to panhuo_masking;
create trigger belongs after insert on "adoptions" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "adoptions" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "adoptions" for each statement execute function refuse_change();
create function "shared_adoptions_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "rule_set" text, "rule" text, "adopted" boolean, "from_on" date, "to_on" date, "resolution" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('adoptions') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "adoptions" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "adoptions" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."rule_set" end, case when s.share_level >= 2 then s."rule" end, case when s.share_level >= 2 then s."adopted" end, case when s.share_level >= 2 then s."from_on" end, case when s.share_level >= 2 then s."to_on" end, case when s.share_level >= 2 then s."resolution" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_adoptions_rows"() from public;
grant execute on function "shared_adoptions_rows"() to @roles@;
alter function "shared_adoptions_rows"() owner to panhuo_masking;
create view "shared_adoptions" with (security_invoker = true) as select * from "shared_adoptions_rows"();
grant select on "shared_adoptions" to @roles@;
create table "appraisals_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "appraisals" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "asset_id" text not null,
  "purpose" text,
  "method" text not null,
  "appraised_on" date not null,
  "value_type" text,
  "amount" bigint not null,
  "valid_to_on" date,
  "valuer" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "appraisals_identity" (org_id, id) not enforced
);
create index on "appraisals" (org_id, id, effective_on);
alter table "appraisals_identity" enable row level security;
alter table "appraisals_identity" force row level security;
create policy mine on "appraisals_identity" for select to @roles@ using (org_id = acting_org());
grant select on "appraisals_identity" to @roles@;
create policy mine_added on "appraisals_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "appraisals_identity" to @roles@;
alter table "appraisals" enable row level security;
alter table "appraisals" force row level security;
create policy mine on "appraisals" for select to @roles@ using (org_id = acting_org());
grant select on "appraisals" to @roles@;
create policy mine_added on "appraisals" for insert to @roles@ with check (org_id = acting_org());
grant insert on "appraisals" to @roles@;
create policy shared on "appraisals" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('appraisals')))
  and (org_id in (select owner_org from live_shares('appraisals') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('appraisals'))));
grant select on "appraisals" to panhuo_masking;
create trigger belongs after insert on "appraisals" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "appraisals" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "appraisals" for each statement execute function refuse_change();
create function "shared_appraisals_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "asset_id" text, "purpose" text, "method" text, "appraised_on" date, "value_type" text, "amount" bigint, "valid_to_on" date, "valuer" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('appraisals') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "appraisals" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "appraisals" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."asset_id" end, case when s.share_level >= 2 then s."purpose" end, case when s.share_level >= 2 then s."method" end, case when s.share_level >= 2 then s."appraised_on" end, case when s.share_level >= 2 then s."value_type" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."valid_to_on" end, case when s.share_level >= 2 then s."valuer" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_appraisals_rows"() from public;
grant execute on function "shared_appraisals_rows"() to @roles@;
alter function "shared_appraisals_rows"() owner to panhuo_masking;
create view "shared_appraisals" with (security_invoker = true) as select * from "shared_appraisals_rows"();
grant select on "shared_appraisals" to @roles@;
create table "asset_owners_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "asset_owners" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "asset_id" text not null,
  "party_id" text not null,
  "share" bigint,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "asset_owners_identity" (org_id, id) not enforced
);
create index on "asset_owners" (org_id, id, effective_on);
alter table "asset_owners_identity" enable row level security;
alter table "asset_owners_identity" force row level security;
create policy mine on "asset_owners_identity" for select to @roles@ using (org_id = acting_org());
grant select on "asset_owners_identity" to @roles@;
create policy mine_added on "asset_owners_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "asset_owners_identity" to @roles@;
alter table "asset_owners" enable row level security;
alter table "asset_owners" force row level security;
create policy mine on "asset_owners" for select to @roles@ using (org_id = acting_org());
grant select on "asset_owners" to @roles@;
create policy mine_added on "asset_owners" for insert to @roles@ with check (org_id = acting_org());
grant insert on "asset_owners" to @roles@;
create policy shared on "asset_owners" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('asset_owners')))
  and (org_id in (select owner_org from live_shares('asset_owners') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('asset_owners'))));
grant select on "asset_owners" to panhuo_masking;
create trigger belongs after insert on "asset_owners" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "asset_owners" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "asset_owners" for each statement execute function refuse_change();
create function "shared_asset_owners_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "asset_id" text, "party_id" text, "share" bigint, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('asset_owners') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "asset_owners" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "asset_owners" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."asset_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."share" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_asset_owners_rows"() from public;
grant execute on function "shared_asset_owners_rows"() to @roles@;
alter function "shared_asset_owners_rows"() owner to panhuo_masking;
create view "shared_asset_owners" with (security_invoker = true) as select * from "shared_asset_owners_rows"();
grant select on "shared_asset_owners" to @roles@;
create table "assets_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "assets" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "kind" text not null,
  "owner_id" text,
  "unit_number" text,
  "certificate_number" text,
  "former_certificate_number" text,
  "vehicle_number" text,
  "serial_number" text,
  "address" text,
  "region" text,
  "area_hundredths" bigint,
  "built_year" bigint,
  "land_right" text,
  "land_right_ends_on" date,
  "illegal_area_hundredths" bigint,
  "occupier" text,
  "only_home" boolean,
  "last_inspected_on" date,
  "purchase_price" bigint,
  "purchased_on" date,
  "description" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  "address#commitment" text,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "assets_identity" (org_id, id) not enforced
);
create index on "assets" (org_id, id, effective_on);
alter table "assets_identity" enable row level security;
alter table "assets_identity" force row level security;
create policy mine on "assets_identity" for select to @roles@ using (org_id = acting_org());
grant select on "assets_identity" to @roles@;
create policy mine_added on "assets_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "assets_identity" to @roles@;
alter table "assets" enable row level security;
alter table "assets" force row level security;
create policy mine on "assets" for select to @roles@ using (org_id = acting_org());
grant select on "assets" to @roles@;
create policy mine_added on "assets" for insert to @roles@ with check (org_id = acting_org());
grant insert on "assets" to @roles@;
create policy shared on "assets" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('assets')))
  and (org_id in (select owner_org from live_shares('assets') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('assets'))));
grant select on "assets" to panhuo_masking;
create trigger belongs after insert on "assets" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "assets" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "assets" for each statement execute function refuse_change();
create function "shared_assets_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "kind" text, "owner_id" text, "unit_number" text, "certificate_number" text, "former_certificate_number" text, "vehicle_number" text, "serial_number" text, "address" text, "region" text, "area_hundredths" bigint, "built_year" bigint, "land_right" text, "land_right_ends_on" date, "illegal_area_hundredths" bigint, "occupier" text, "only_home" boolean, "last_inspected_on" date, "purchase_price" bigint, "purchased_on" date, "description" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('assets') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "assets" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "assets" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."owner_id" end, case when s.share_level >= 2 then s."unit_number" end, case when s.share_level >= 2 then s."certificate_number" end, case when s.share_level >= 2 then s."former_certificate_number" end, case when s.share_level >= 2 then s."vehicle_number" end, case when s.share_level >= 2 then s."serial_number" end, case when s.share_level >= 3 then s."address" end, s."region", case when s.share_level >= 2 then s."area_hundredths" end, case when s.share_level >= 2 then s."built_year" end, case when s.share_level >= 2 then s."land_right" end, case when s.share_level >= 2 then s."land_right_ends_on" end, case when s.share_level >= 2 then s."illegal_area_hundredths" end, case when s.share_level >= 2 then s."occupier" end, case when s.share_level >= 2 then s."only_home" end, case when s.share_level >= 2 then s."last_inspected_on" end, case when s.share_level >= 3 then s."purchase_price" end, case when s.share_level >= 2 then s."purchased_on" end, case when s.share_level >= 2 then s."description" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_assets_rows"() from public;
grant execute on function "shared_assets_rows"() to @roles@;
alter function "shared_assets_rows"() owner to panhuo_masking;
create view "shared_assets" with (security_invoker = true) as select * from "shared_assets_rows"();
grant select on "shared_assets" to @roles@;
create table "assignments_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "assignments" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "claim_id" text not null,
  "number" bigint not null,
  "assignor_id" text,
  "assignee_id" text,
  "base_on" date,
  "signed_on" date,
  "closed_on" date,
  "allocated_price" bigint,
  "original_contract_seen" boolean,
  "recourse" boolean,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "assignments_identity" (org_id, id) not enforced
);
create index on "assignments" (org_id, id, effective_on);
alter table "assignments_identity" enable row level security;
alter table "assignments_identity" force row level security;
create policy mine on "assignments_identity" for select to @roles@ using (org_id = acting_org());
grant select on "assignments_identity" to @roles@;
create policy mine_added on "assignments_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "assignments_identity" to @roles@;
alter table "assignments" enable row level security;
alter table "assignments" force row level security;
create policy mine on "assignments" for select to @roles@ using (org_id = acting_org());
grant select on "assignments" to @roles@;
create policy mine_added on "assignments" for insert to @roles@ with check (org_id = acting_org());
grant insert on "assignments" to @roles@;
create policy shared on "assignments" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('assignments')))
  and (org_id in (select owner_org from live_shares('assignments') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('assignments'))));
grant select on "assignments" to panhuo_masking;
create trigger belongs after insert on "assignments" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "assignments" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "assignments" for each statement execute function refuse_change();
create function "shared_assignments_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "claim_id" text, "number" bigint, "assignor_id" text, "assignee_id" text, "base_on" date, "signed_on" date, "closed_on" date, "allocated_price" bigint, "original_contract_seen" boolean, "recourse" boolean, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('assignments') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "assignments" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "assignments" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."number" end, case when s.share_level >= 2 then s."assignor_id" end, case when s.share_level >= 2 then s."assignee_id" end, case when s.share_level >= 2 then s."base_on" end, case when s.share_level >= 2 then s."signed_on" end, case when s.share_level >= 2 then s."closed_on" end, case when s.share_level >= 3 then s."allocated_price" end, case when s.share_level >= 2 then s."original_contract_seen" end, case when s.share_level >= 2 then s."recourse" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_assignments_rows"() from public;
grant execute on function "shared_assignments_rows"() to @roles@;
alter function "shared_assignments_rows"() owner to panhuo_masking;
create view "shared_assignments" with (security_invoker = true) as select * from "shared_assignments_rows"();
grant select on "shared_assignments" to @roles@;
create table "auction_lots_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "auction_lots" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "proceeding_id" text,
  "asset_id" text not null,
  "appraisal_id" text,
  "court" text,
  "platform" text,
  "reference_price" bigint,
  "tax_bearer" text,
  "vacancy_promised" boolean,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "auction_lots_identity" (org_id, id) not enforced
);
create index on "auction_lots" (org_id, id, effective_on);
alter table "auction_lots_identity" enable row level security;
alter table "auction_lots_identity" force row level security;
create policy mine on "auction_lots_identity" for select to @roles@ using (org_id = acting_org());
grant select on "auction_lots_identity" to @roles@;
create policy mine_added on "auction_lots_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "auction_lots_identity" to @roles@;
alter table "auction_lots" enable row level security;
alter table "auction_lots" force row level security;
create policy mine on "auction_lots" for select to @roles@ using (org_id = acting_org());
grant select on "auction_lots" to @roles@;
create policy mine_added on "auction_lots" for insert to @roles@ with check (org_id = acting_org());
grant insert on "auction_lots" to @roles@;
create policy shared on "auction_lots" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('auction_lots')))
  and (org_id in (select owner_org from live_shares('auction_lots') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('auction_lots'))));
grant select on "auction_lots" to panhuo_masking;
create trigger belongs after insert on "auction_lots" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "auction_lots" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "auction_lots" for each statement execute function refuse_change();
create function "shared_auction_lots_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "proceeding_id" text, "asset_id" text, "appraisal_id" text, "court" text, "platform" text, "reference_price" bigint, "tax_bearer" text, "vacancy_promised" boolean, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('auction_lots') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "auction_lots" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "auction_lots" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."proceeding_id" end, case when s.share_level >= 2 then s."asset_id" end, case when s.share_level >= 2 then s."appraisal_id" end, case when s.share_level >= 2 then s."court" end, case when s.share_level >= 2 then s."platform" end, case when s.share_level >= 3 then s."reference_price" end, case when s.share_level >= 2 then s."tax_bearer" end, case when s.share_level >= 2 then s."vacancy_promised" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_auction_lots_rows"() from public;
grant execute on function "shared_auction_lots_rows"() to @roles@;
alter function "shared_auction_lots_rows"() owner to panhuo_masking;
create view "shared_auction_lots" with (security_invoker = true) as select * from "shared_auction_lots_rows"();
grant select on "shared_auction_lots" to @roles@;
create table "auction_rounds_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "auction_rounds" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "lot_id" text not null,
  "kind" text not null,
  "notice_on" date,
  "starts_on" date,
  "ends_on" date,
  "reference_price" bigint,
  "starting_price" bigint,
  "deposit" bigint,
  "increment" bigint,
  "signed_up" bigint,
  "bids" bigint,
  "price" bigint,
  "result" text not null,
  "result_reason" text,
  "ruling_served_on" date,
  "vacated_on" date,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "auction_rounds_identity" (org_id, id) not enforced
);
create index on "auction_rounds" (org_id, id, effective_on);
alter table "auction_rounds_identity" enable row level security;
alter table "auction_rounds_identity" force row level security;
create policy mine on "auction_rounds_identity" for select to @roles@ using (org_id = acting_org());
grant select on "auction_rounds_identity" to @roles@;
create policy mine_added on "auction_rounds_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "auction_rounds_identity" to @roles@;
alter table "auction_rounds" enable row level security;
alter table "auction_rounds" force row level security;
create policy mine on "auction_rounds" for select to @roles@ using (org_id = acting_org());
grant select on "auction_rounds" to @roles@;
create policy mine_added on "auction_rounds" for insert to @roles@ with check (org_id = acting_org());
grant insert on "auction_rounds" to @roles@;
create policy shared on "auction_rounds" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('auction_rounds')))
  and (org_id in (select owner_org from live_shares('auction_rounds') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('auction_rounds'))));
grant select on "auction_rounds" to panhuo_masking;
create trigger belongs after insert on "auction_rounds" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "auction_rounds" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "auction_rounds" for each statement execute function refuse_change();
create function "shared_auction_rounds_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "lot_id" text, "kind" text, "notice_on" date, "starts_on" date, "ends_on" date, "reference_price" bigint, "starting_price" bigint, "deposit" bigint, "increment" bigint, "signed_up" bigint, "bids" bigint, "price" bigint, "result" text, "result_reason" text, "ruling_served_on" date, "vacated_on" date, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('auction_rounds') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "auction_rounds" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "auction_rounds" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."lot_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."notice_on" end, case when s.share_level >= 2 then s."starts_on" end, case when s.share_level >= 2 then s."ends_on" end, case when s.share_level >= 3 then s."reference_price" end, case when s.share_level >= 3 then s."starting_price" end, case when s.share_level >= 3 then s."deposit" end, case when s.share_level >= 3 then s."increment" end, case when s.share_level >= 2 then s."signed_up" end, case when s.share_level >= 2 then s."bids" end, case when s.share_level >= 3 then s."price" end, case when s.share_level >= 2 then s."result" end, case when s.share_level >= 2 then s."result_reason" end, case when s.share_level >= 2 then s."ruling_served_on" end, case when s.share_level >= 2 then s."vacated_on" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_auction_rounds_rows"() from public;
grant execute on function "shared_auction_rounds_rows"() to @roles@;
alter function "shared_auction_rounds_rows"() owner to panhuo_masking;
create view "shared_auction_rounds" with (security_invoker = true) as select * from "shared_auction_rounds_rows"();
grant select on "shared_auction_rounds" to @roles@;
create table "bankruptcies_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "bankruptcies" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text not null,
  "claim_id" text,
  "kind" text not null,
  "case_number" text,
  "court" text,
  "administrator" text,
  "accepted_on" date,
  "claims_due_on" date,
  "filed_on" date,
  "declared" bigint,
  "confirmed" bigint,
  "secured_value" bigint,
  "vote" text,
  "paid" bigint,
  "declared_bankrupt_on" date,
  "closed_on" date,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "bankruptcies_identity" (org_id, id) not enforced
);
create index on "bankruptcies" (org_id, id, effective_on);
alter table "bankruptcies_identity" enable row level security;
alter table "bankruptcies_identity" force row level security;
create policy mine on "bankruptcies_identity" for select to @roles@ using (org_id = acting_org());
grant select on "bankruptcies_identity" to @roles@;
create policy mine_added on "bankruptcies_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "bankruptcies_identity" to @roles@;
alter table "bankruptcies" enable row level security;
alter table "bankruptcies" force row level security;
create policy mine on "bankruptcies" for select to @roles@ using (org_id = acting_org());
grant select on "bankruptcies" to @roles@;
create policy mine_added on "bankruptcies" for insert to @roles@ with check (org_id = acting_org());
grant insert on "bankruptcies" to @roles@;
create policy shared on "bankruptcies" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('bankruptcies')))
  and (org_id in (select owner_org from live_shares('bankruptcies') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('bankruptcies'))));
grant select on "bankruptcies" to panhuo_masking;
create trigger belongs after insert on "bankruptcies" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "bankruptcies" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "bankruptcies" for each statement execute function refuse_change();
create function "shared_bankruptcies_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "claim_id" text, "kind" text, "case_number" text, "court" text, "administrator" text, "accepted_on" date, "claims_due_on" date, "filed_on" date, "declared" bigint, "confirmed" bigint, "secured_value" bigint, "vote" text, "paid" bigint, "declared_bankrupt_on" date, "closed_on" date, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('bankruptcies') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "bankruptcies" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "bankruptcies" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."case_number" end, case when s.share_level >= 2 then s."court" end, case when s.share_level >= 2 then s."administrator" end, case when s.share_level >= 2 then s."accepted_on" end, case when s.share_level >= 2 then s."claims_due_on" end, case when s.share_level >= 2 then s."filed_on" end, case when s.share_level >= 3 then s."declared" end, case when s.share_level >= 3 then s."confirmed" end, case when s.share_level >= 3 then s."secured_value" end, case when s.share_level >= 2 then s."vote" end, case when s.share_level >= 3 then s."paid" end, case when s.share_level >= 2 then s."declared_bankrupt_on" end, case when s.share_level >= 2 then s."closed_on" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_bankruptcies_rows"() from public;
grant execute on function "shared_bankruptcies_rows"() to @roles@;
alter function "shared_bankruptcies_rows"() owner to panhuo_masking;
create view "shared_bankruptcies" with (security_invoker = true) as select * from "shared_bankruptcies_rows"();
grant select on "shared_bankruptcies" to @roles@;
create table "burdens_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "burdens" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "asset_id" text not null,
  "kind" text not null,
  "holder_id" text,
  "arisen_on" date,
  "starts_on" date,
  "ends_on" date,
  "possession_on" date,
  "registered" boolean,
  "monthly_rent" bigint,
  "rent_prepaid_to_on" date,
  "amount_low" bigint,
  "amount_high" bigint,
  "evidence_grade" text,
  "ahead_of_security" boolean,
  "remarks" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "burdens_identity" (org_id, id) not enforced
);
create index on "burdens" (org_id, id, effective_on);
alter table "burdens_identity" enable row level security;
alter table "burdens_identity" force row level security;
create policy mine on "burdens_identity" for select to @roles@ using (org_id = acting_org());
grant select on "burdens_identity" to @roles@;
create policy mine_added on "burdens_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "burdens_identity" to @roles@;
alter table "burdens" enable row level security;
alter table "burdens" force row level security;
create policy mine on "burdens" for select to @roles@ using (org_id = acting_org());
grant select on "burdens" to @roles@;
create policy mine_added on "burdens" for insert to @roles@ with check (org_id = acting_org());
grant insert on "burdens" to @roles@;
create policy shared on "burdens" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('burdens')))
  and (org_id in (select owner_org from live_shares('burdens') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('burdens'))));
grant select on "burdens" to panhuo_masking;
create trigger belongs after insert on "burdens" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "burdens" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "burdens" for each statement execute function refuse_change();
create function "shared_burdens_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "asset_id" text, "kind" text, "holder_id" text, "arisen_on" date, "starts_on" date, "ends_on" date, "possession_on" date, "registered" boolean, "monthly_rent" bigint, "rent_prepaid_to_on" date, "amount_low" bigint, "amount_high" bigint, "evidence_grade" text, "ahead_of_security" boolean, "remarks" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('burdens') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "burdens" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "burdens" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."asset_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."holder_id" end, case when s.share_level >= 2 then s."arisen_on" end, case when s.share_level >= 2 then s."starts_on" end, case when s.share_level >= 2 then s."ends_on" end, case when s.share_level >= 2 then s."possession_on" end, case when s.share_level >= 2 then s."registered" end, case when s.share_level >= 3 then s."monthly_rent" end, case when s.share_level >= 2 then s."rent_prepaid_to_on" end, case when s.share_level >= 3 then s."amount_low" end, case when s.share_level >= 3 then s."amount_high" end, case when s.share_level >= 2 then s."evidence_grade" end, case when s.share_level >= 2 then s."ahead_of_security" end, case when s.share_level >= 2 then s."remarks" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_burdens_rows"() from public;
grant execute on function "shared_burdens_rows"() to @roles@;
alter function "shared_burdens_rows"() owner to panhuo_masking;
create view "shared_burdens" with (security_invoker = true) as select * from "shared_burdens_rows"();
grant select on "shared_burdens" to @roles@;
create table "claim_drawdowns_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "claim_drawdowns" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "claim_id" text not null,
  "drawdown_id" text not null,
  "share" bigint,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "claim_drawdowns_identity" (org_id, id) not enforced
);
create index on "claim_drawdowns" (org_id, id, effective_on);
alter table "claim_drawdowns_identity" enable row level security;
alter table "claim_drawdowns_identity" force row level security;
create policy mine on "claim_drawdowns_identity" for select to @roles@ using (org_id = acting_org());
grant select on "claim_drawdowns_identity" to @roles@;
create policy mine_added on "claim_drawdowns_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "claim_drawdowns_identity" to @roles@;
alter table "claim_drawdowns" enable row level security;
alter table "claim_drawdowns" force row level security;
create policy mine on "claim_drawdowns" for select to @roles@ using (org_id = acting_org());
grant select on "claim_drawdowns" to @roles@;
create policy mine_added on "claim_drawdowns" for insert to @roles@ with check (org_id = acting_org());
grant insert on "claim_drawdowns" to @roles@;
create policy shared on "claim_drawdowns" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('claim_drawdowns')))
  and (org_id in (select owner_org from live_shares('claim_drawdowns') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('claim_drawdowns'))));
grant select on "claim_drawdowns" to panhuo_masking;
create trigger belongs after insert on "claim_drawdowns" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "claim_drawdowns" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "claim_drawdowns" for each statement execute function refuse_change();
create function "shared_claim_drawdowns_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "claim_id" text, "drawdown_id" text, "share" bigint, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('claim_drawdowns') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "claim_drawdowns" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "claim_drawdowns" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 2 then s."share" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_claim_drawdowns_rows"() from public;
grant execute on function "shared_claim_drawdowns_rows"() to @roles@;
alter function "shared_claim_drawdowns_rows"() owner to panhuo_masking;
create view "shared_claim_drawdowns" with (security_invoker = true) as select * from "shared_claim_drawdowns_rows"();
grant select on "shared_claim_drawdowns" to @roles@;
create table "claims_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "claims" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text not null,
  "holder_id" text,
  "kind" text not null,
  "contract_id" text,
  "principal" bigint,
  "interest" bigint,
  "advanced_costs" bigint,
  "base_on" date,
  "due_on" date,
  "status" text,
  "corporate" boolean,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "claims_identity" (org_id, id) not enforced
);
create index on "claims" (org_id, id, effective_on);
alter table "claims_identity" enable row level security;
alter table "claims_identity" force row level security;
create policy mine on "claims_identity" for select to @roles@ using (org_id = acting_org());
grant select on "claims_identity" to @roles@;
create policy mine_added on "claims_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "claims_identity" to @roles@;
alter table "claims" enable row level security;
alter table "claims" force row level security;
create policy mine on "claims" for select to @roles@ using (org_id = acting_org());
grant select on "claims" to @roles@;
create policy mine_added on "claims" for insert to @roles@ with check (org_id = acting_org());
grant insert on "claims" to @roles@;
create policy shared on "claims" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('claims')))
  and (org_id in (select owner_org from live_shares('claims') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('claims'))));
grant select on "claims" to panhuo_masking;
create trigger belongs after insert on "claims" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "claims" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "claims" for each statement execute function refuse_change();
create function "shared_claims_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "holder_id" text, "kind" text, "contract_id" text, "principal" bigint, "interest" bigint, "advanced_costs" bigint, "base_on" date, "due_on" date, "status" text, "corporate" boolean, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('claims') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "claims" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "claims" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."holder_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."contract_id" end, case when s.share_level >= 3 then s."principal" end, case when s.share_level >= 3 then s."interest" end, case when s.share_level >= 3 then s."advanced_costs" end, case when s.share_level >= 2 then s."base_on" end, case when s.share_level >= 2 then s."due_on" end, case when s.share_level >= 2 then s."status" end, case when s.share_level >= 2 then s."corporate" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_claims_rows"() from public;
grant execute on function "shared_claims_rows"() to @roles@;
alter function "shared_claims_rows"() owner to panhuo_masking;
create view "shared_claims" with (security_invoker = true) as select * from "shared_claims_rows"();
grant select on "shared_claims" to @roles@;
create table "class_decisions_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "class_decisions" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "drawdown_id" text not null,
  "party_id" text,
  "decided_on" date not null,
  "system_floor" text,
  "officer" text,
  "committee" text,
  "final" text not null,
  "route" text,
  "reason" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "class_decisions_identity" (org_id, id) not enforced
);
create index on "class_decisions" (org_id, id, effective_on);
alter table "class_decisions_identity" enable row level security;
alter table "class_decisions_identity" force row level security;
create policy mine on "class_decisions_identity" for select to @roles@ using (org_id = acting_org());
grant select on "class_decisions_identity" to @roles@;
create policy mine_added on "class_decisions_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "class_decisions_identity" to @roles@;
alter table "class_decisions" enable row level security;
alter table "class_decisions" force row level security;
create policy mine on "class_decisions" for select to @roles@ using (org_id = acting_org());
grant select on "class_decisions" to @roles@;
create policy mine_added on "class_decisions" for insert to @roles@ with check (org_id = acting_org());
grant insert on "class_decisions" to @roles@;
create policy shared on "class_decisions" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('class_decisions')))
  and (org_id in (select owner_org from live_shares('class_decisions') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('class_decisions'))));
grant select on "class_decisions" to panhuo_masking;
create trigger belongs after insert on "class_decisions" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "class_decisions" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "class_decisions" for each statement execute function refuse_change();
create function "shared_class_decisions_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "drawdown_id" text, "party_id" text, "decided_on" date, "system_floor" text, "officer" text, "committee" text, "final" text, "route" text, "reason" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('class_decisions') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "class_decisions" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "class_decisions" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."decided_on" end, case when s.share_level >= 2 then s."system_floor" end, case when s.share_level >= 2 then s."officer" end, case when s.share_level >= 2 then s."committee" end, case when s.share_level >= 2 then s."final" end, case when s.share_level >= 2 then s."route" end, case when s.share_level >= 2 then s."reason" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_class_decisions_rows"() from public;
grant execute on function "shared_class_decisions_rows"() to @roles@;
alter function "shared_class_decisions_rows"() owner to panhuo_masking;
create view "shared_class_decisions" with (security_invoker = true) as select * from "shared_class_decisions_rows"();
grant select on "shared_class_decisions" to @roles@;
create table "clues_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "clues" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "claim_id" text not null,
  "party_id" text,
  "asset_id" text,
  "kind" text not null,
  "source" text not null,
  "lawful_basis" text not null,
  "estimate" bigint,
  "found_on" date,
  "verified" boolean,
  "preserved" boolean,
  "remarks" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  "remarks#commitment" text,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "clues_identity" (org_id, id) not enforced
);
create index on "clues" (org_id, id, effective_on);
alter table "clues_identity" enable row level security;
alter table "clues_identity" force row level security;
create policy mine on "clues_identity" for select to @roles@ using (org_id = acting_org());
grant select on "clues_identity" to @roles@;
create policy mine_added on "clues_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "clues_identity" to @roles@;
alter table "clues" enable row level security;
alter table "clues" force row level security;
create policy mine on "clues" for select to @roles@ using (org_id = acting_org());
grant select on "clues" to @roles@;
create policy mine_added on "clues" for insert to @roles@ with check (org_id = acting_org());
grant insert on "clues" to @roles@;
create policy shared on "clues" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('clues')))
  and (org_id in (select owner_org from live_shares('clues') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('clues'))));
grant select on "clues" to panhuo_masking;
create trigger belongs after insert on "clues" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "clues" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "clues" for each statement execute function refuse_change();
create function "shared_clues_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "claim_id" text, "party_id" text, "asset_id" text, "kind" text, "source" text, "lawful_basis" text, "estimate" bigint, "found_on" date, "verified" boolean, "preserved" boolean, "remarks" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('clues') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "clues" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "clues" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."asset_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."source" end, case when s.share_level >= 2 then s."lawful_basis" end, case when s.share_level >= 3 then s."estimate" end, case when s.share_level >= 2 then s."found_on" end, case when s.share_level >= 2 then s."verified" end, case when s.share_level >= 2 then s."preserved" end, case when s.share_level >= 3 then s."remarks" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_clues_rows"() from public;
grant execute on function "shared_clues_rows"() to @roles@;
alter function "shared_clues_rows"() owner to panhuo_masking;
create view "shared_clues" with (security_invoker = true) as select * from "shared_clues_rows"();
grant select on "shared_clues" to @roles@;
create table "confirmations_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "confirmations" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "subject_table" text not null,
  "subject_id" text not null,
  "confirmed_by" text not null,
  "confirmed_on" date not null,
  "result" text not null,
  "lawful_basis" text,
  "remarks" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "confirmations_identity" (org_id, id) not enforced
);
create index on "confirmations" (org_id, id, effective_on);
alter table "confirmations_identity" enable row level security;
alter table "confirmations_identity" force row level security;
create policy mine on "confirmations_identity" for select to @roles@ using (org_id = acting_org());
grant select on "confirmations_identity" to @roles@;
create policy mine_added on "confirmations_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "confirmations_identity" to @roles@;
alter table "confirmations" enable row level security;
alter table "confirmations" force row level security;
create policy mine on "confirmations" for select to @roles@ using (org_id = acting_org());
grant select on "confirmations" to @roles@;
create policy mine_added on "confirmations" for insert to @roles@ with check (org_id = acting_org());
grant insert on "confirmations" to @roles@;
create policy shared on "confirmations" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('confirmations')))
  and (org_id in (select owner_org from live_shares('confirmations') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('confirmations'))));
grant select on "confirmations" to panhuo_masking;
create trigger belongs after insert on "confirmations" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "confirmations" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "confirmations" for each statement execute function refuse_change();
create function "shared_confirmations_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "subject_table" text, "subject_id" text, "confirmed_by" text, "confirmed_on" date, "result" text, "lawful_basis" text, "remarks" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('confirmations') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "confirmations" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "confirmations" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."subject_table" end, case when s.share_level >= 2 then s."subject_id" end, case when s.share_level >= 2 then s."confirmed_by" end, case when s.share_level >= 2 then s."confirmed_on" end, case when s.share_level >= 2 then s."result" end, case when s.share_level >= 2 then s."lawful_basis" end, case when s.share_level >= 2 then s."remarks" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_confirmations_rows"() from public;
grant execute on function "shared_confirmations_rows"() to @roles@;
alter function "shared_confirmations_rows"() owner to panhuo_masking;
create view "shared_confirmations" with (security_invoker = true) as select * from "shared_confirmations_rows"();
grant select on "shared_confirmations" to @roles@;
create table "consents_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "consents" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text not null,
  "purpose" text not null,
  "granted" boolean,
  "granted_on" date,
  "expires_on" date,
  "withdrawn_on" date,
  "recipient" text,
  "separate" boolean,
  "evidence" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "consents_identity" (org_id, id) not enforced
);
create index on "consents" (org_id, id, effective_on);
alter table "consents_identity" enable row level security;
alter table "consents_identity" force row level security;
create policy mine on "consents_identity" for select to @roles@ using (org_id = acting_org());
grant select on "consents_identity" to @roles@;
create policy mine_added on "consents_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "consents_identity" to @roles@;
alter table "consents" enable row level security;
alter table "consents" force row level security;
create policy mine on "consents" for select to @roles@ using (org_id = acting_org());
grant select on "consents" to @roles@;
create policy mine_added on "consents" for insert to @roles@ with check (org_id = acting_org());
grant insert on "consents" to @roles@;
create policy shared on "consents" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('consents')))
  and (org_id in (select owner_org from live_shares('consents') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('consents'))));
grant select on "consents" to panhuo_masking;
create trigger belongs after insert on "consents" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "consents" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "consents" for each statement execute function refuse_change();
create function "shared_consents_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "purpose" text, "granted" boolean, "granted_on" date, "expires_on" date, "withdrawn_on" date, "recipient" text, "separate" boolean, "evidence" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('consents') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "consents" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "consents" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."purpose" end, case when s.share_level >= 2 then s."granted" end, case when s.share_level >= 2 then s."granted_on" end, case when s.share_level >= 2 then s."expires_on" end, case when s.share_level >= 2 then s."withdrawn_on" end, case when s.share_level >= 2 then s."recipient" end, case when s.share_level >= 2 then s."separate" end, case when s.share_level >= 2 then s."evidence" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_consents_rows"() from public;
grant execute on function "shared_consents_rows"() to @roles@;
alter function "shared_consents_rows"() owner to panhuo_masking;
create view "shared_consents" with (security_invoker = true) as select * from "shared_consents_rows"();
grant select on "shared_consents" to @roles@;
create table "contracts_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "contracts" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "facility_id" text,
  "party_id" text not null,
  "number" text,
  "lender_kind" text,
  "product" text,
  "principal" bigint not null,
  "purpose" text,
  "purpose_stated" text,
  "signed_on" date not null,
  "due_on" date,
  "rate_kind" text,
  "annual_rate" bigint,
  "lpr_tenor" text,
  "spread_basis_points" bigint,
  "repricing" text,
  "day_count" text,
  "penalty_uplift" bigint,
  "misuse_uplift" bigint,
  "compound" boolean,
  "compound_on_penalty" boolean,
  "appropriation_order" text,
  "interest_order" text,
  "security_form" text,
  "service_address_confirmed" boolean,
  "service_address" text,
  "jurisdiction" text,
  "notarised" boolean,
  "notarised_on" date,
  "assignment_barred" boolean,
  "fees" bigint,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  "service_address#commitment" text,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "contracts_identity" (org_id, id) not enforced
);
create index on "contracts" (org_id, id, effective_on);
alter table "contracts_identity" enable row level security;
alter table "contracts_identity" force row level security;
create policy mine on "contracts_identity" for select to @roles@ using (org_id = acting_org());
grant select on "contracts_identity" to @roles@;
create policy mine_added on "contracts_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "contracts_identity" to @roles@;
alter table "contracts" enable row level security;
alter table "contracts" force row level security;
create policy mine on "contracts" for select to @roles@ using (org_id = acting_org());
grant select on "contracts" to @roles@;
create policy mine_added on "contracts" for insert to @roles@ with check (org_id = acting_org());
grant insert on "contracts" to @roles@;
create policy shared on "contracts" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('contracts')))
  and (org_id in (select owner_org from live_shares('contracts') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('contracts'))));
grant select on "contracts" to panhuo_masking;
create trigger belongs after insert on "contracts" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "contracts" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "contracts" for each statement execute function refuse_change();
create function "shared_contracts_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "facility_id" text, "party_id" text, "number" text, "lender_kind" text, "product" text, "principal" bigint, "purpose" text, "purpose_stated" text, "signed_on" date, "due_on" date, "rate_kind" text, "annual_rate" bigint, "lpr_tenor" text, "spread_basis_points" bigint, "repricing" text, "day_count" text, "penalty_uplift" bigint, "misuse_uplift" bigint, "compound" boolean, "compound_on_penalty" boolean, "appropriation_order" text, "interest_order" text, "security_form" text, "service_address_confirmed" boolean, "service_address" text, "jurisdiction" text, "notarised" boolean, "notarised_on" date, "assignment_barred" boolean, "fees" bigint, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('contracts') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "contracts" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "contracts" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."facility_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."number" end, case when s.share_level >= 2 then s."lender_kind" end, case when s.share_level >= 2 then s."product" end, case when s.share_level >= 3 then s."principal" end, case when s.share_level >= 2 then s."purpose" end, case when s.share_level >= 2 then s."purpose_stated" end, case when s.share_level >= 2 then s."signed_on" end, case when s.share_level >= 2 then s."due_on" end, case when s.share_level >= 2 then s."rate_kind" end, case when s.share_level >= 2 then s."annual_rate" end, case when s.share_level >= 2 then s."lpr_tenor" end, case when s.share_level >= 2 then s."spread_basis_points" end, case when s.share_level >= 2 then s."repricing" end, case when s.share_level >= 2 then s."day_count" end, case when s.share_level >= 2 then s."penalty_uplift" end, case when s.share_level >= 2 then s."misuse_uplift" end, case when s.share_level >= 2 then s."compound" end, case when s.share_level >= 2 then s."compound_on_penalty" end, case when s.share_level >= 2 then s."appropriation_order" end, case when s.share_level >= 2 then s."interest_order" end, case when s.share_level >= 2 then s."security_form" end, case when s.share_level >= 2 then s."service_address_confirmed" end, case when s.share_level >= 3 then s."service_address" end, case when s.share_level >= 2 then s."jurisdiction" end, case when s.share_level >= 2 then s."notarised" end, case when s.share_level >= 2 then s."notarised_on" end, case when s.share_level >= 2 then s."assignment_barred" end, case when s.share_level >= 3 then s."fees" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_contracts_rows"() from public;
grant execute on function "shared_contracts_rows"() to @roles@;
alter function "shared_contracts_rows"() owner to panhuo_masking;
create view "shared_contracts" with (security_invoker = true) as select * from "shared_contracts_rows"();
grant select on "shared_contracts" to @roles@;
create table "costs_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "costs" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "claim_id" text,
  "proceeding_id" text,
  "kind" text not null,
  "payer" text,
  "paid_on" date not null,
  "amount" bigint not null,
  "advanced" boolean,
  "recoverable" boolean,
  "reimbursed" bigint,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "costs_identity" (org_id, id) not enforced
);
create index on "costs" (org_id, id, effective_on);
alter table "costs_identity" enable row level security;
alter table "costs_identity" force row level security;
create policy mine on "costs_identity" for select to @roles@ using (org_id = acting_org());
grant select on "costs_identity" to @roles@;
create policy mine_added on "costs_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "costs_identity" to @roles@;
alter table "costs" enable row level security;
alter table "costs" force row level security;
create policy mine on "costs" for select to @roles@ using (org_id = acting_org());
grant select on "costs" to @roles@;
create policy mine_added on "costs" for insert to @roles@ with check (org_id = acting_org());
grant insert on "costs" to @roles@;
create policy shared on "costs" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('costs')))
  and (org_id in (select owner_org from live_shares('costs') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('costs'))));
grant select on "costs" to panhuo_masking;
create trigger belongs after insert on "costs" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "costs" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "costs" for each statement execute function refuse_change();
create function "shared_costs_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "claim_id" text, "proceeding_id" text, "kind" text, "payer" text, "paid_on" date, "amount" bigint, "advanced" boolean, "recoverable" boolean, "reimbursed" bigint, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('costs') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "costs" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "costs" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."proceeding_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."payer" end, case when s.share_level >= 2 then s."paid_on" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."advanced" end, case when s.share_level >= 2 then s."recoverable" end, case when s.share_level >= 3 then s."reimbursed" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_costs_rows"() from public;
grant execute on function "shared_costs_rows"() to @roles@;
alter function "shared_costs_rows"() owner to panhuo_masking;
create view "shared_costs" with (security_invoker = true) as select * from "shared_costs_rows"();
grant select on "shared_costs" to @roles@;
create table "credit_reports_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "credit_reports" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text not null,
  "consent_id" text,
  "query_basis" text not null,
  "queried_on" date not null,
  "external_balance" bigint,
  "external_overdue" bigint,
  "external_overdue_over_90_days" bigint,
  "external_overdue_days" integer,
  "external_worst_class" text,
  "lenders" bigint,
  "queries_in_six_months" bigint,
  "guarantees_given" bigint,
  "overdue_months_in_two_years" bigint,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "credit_reports_identity" (org_id, id) not enforced
);
create index on "credit_reports" (org_id, id, effective_on);
alter table "credit_reports_identity" enable row level security;
alter table "credit_reports_identity" force row level security;
create policy mine on "credit_reports_identity" for select to @roles@ using (org_id = acting_org());
grant select on "credit_reports_identity" to @roles@;
create policy mine_added on "credit_reports_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "credit_reports_identity" to @roles@;
alter table "credit_reports" enable row level security;
alter table "credit_reports" force row level security;
create policy mine on "credit_reports" for select to @roles@ using (org_id = acting_org());
grant select on "credit_reports" to @roles@;
create policy mine_added on "credit_reports" for insert to @roles@ with check (org_id = acting_org());
grant insert on "credit_reports" to @roles@;
create policy shared on "credit_reports" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('credit_reports')))
  and (org_id in (select owner_org from live_shares('credit_reports') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('credit_reports'))));
grant select on "credit_reports" to panhuo_masking;
create trigger belongs after insert on "credit_reports" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "credit_reports" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "credit_reports" for each statement execute function refuse_change();
create function "shared_credit_reports_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "consent_id" text, "query_basis" text, "queried_on" date, "external_balance" bigint, "external_overdue" bigint, "external_overdue_over_90_days" bigint, "external_overdue_days" integer, "external_worst_class" text, "lenders" bigint, "queries_in_six_months" bigint, "guarantees_given" bigint, "overdue_months_in_two_years" bigint, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('credit_reports') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "credit_reports" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "credit_reports" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."consent_id" end, case when s.share_level >= 2 then s."query_basis" end, case when s.share_level >= 2 then s."queried_on" end, case when s.share_level >= 3 then s."external_balance" end, case when s.share_level >= 3 then s."external_overdue" end, case when s.share_level >= 3 then s."external_overdue_over_90_days" end, case when s.share_level >= 2 then s."external_overdue_days" end, case when s.share_level >= 2 then s."external_worst_class" end, case when s.share_level >= 2 then s."lenders" end, case when s.share_level >= 2 then s."queries_in_six_months" end, case when s.share_level >= 3 then s."guarantees_given" end, case when s.share_level >= 2 then s."overdue_months_in_two_years" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_credit_reports_rows"() from public;
grant execute on function "shared_credit_reports_rows"() to @roles@;
alter function "shared_credit_reports_rows"() owner to panhuo_masking;
create view "shared_credit_reports" with (security_invoker = true) as select * from "shared_credit_reports_rows"();
grant select on "shared_credit_reports" to @roles@;
create table "decisions_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "decisions" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text,
  "kind" text not null,
  "body" text,
  "meeting_on" date,
  "result" text not null,
  "amount" bigint,
  "votes_for" bigint,
  "votes_against" bigint,
  "votes_abstained" bigint,
  "recusals" text,
  "conditions" text,
  "condition_fulfilled_on" date,
  "pack_hash" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "decisions_identity" (org_id, id) not enforced
);
create index on "decisions" (org_id, id, effective_on);
alter table "decisions_identity" enable row level security;
alter table "decisions_identity" force row level security;
create policy mine on "decisions_identity" for select to @roles@ using (org_id = acting_org());
grant select on "decisions_identity" to @roles@;
create policy mine_added on "decisions_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "decisions_identity" to @roles@;
alter table "decisions" enable row level security;
alter table "decisions" force row level security;
create policy mine on "decisions" for select to @roles@ using (org_id = acting_org());
grant select on "decisions" to @roles@;
create policy mine_added on "decisions" for insert to @roles@ with check (org_id = acting_org());
grant insert on "decisions" to @roles@;
create policy shared on "decisions" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('decisions')))
  and (org_id in (select owner_org from live_shares('decisions') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('decisions'))));
grant select on "decisions" to panhuo_masking;
create trigger belongs after insert on "decisions" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "decisions" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "decisions" for each statement execute function refuse_change();
create function "shared_decisions_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "kind" text, "body" text, "meeting_on" date, "result" text, "amount" bigint, "votes_for" bigint, "votes_against" bigint, "votes_abstained" bigint, "recusals" text, "conditions" text, "condition_fulfilled_on" date, "pack_hash" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('decisions') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "decisions" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "decisions" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."body" end, case when s.share_level >= 2 then s."meeting_on" end, case when s.share_level >= 2 then s."result" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."votes_for" end, case when s.share_level >= 2 then s."votes_against" end, case when s.share_level >= 2 then s."votes_abstained" end, case when s.share_level >= 2 then s."recusals" end, case when s.share_level >= 2 then s."conditions" end, case when s.share_level >= 2 then s."condition_fulfilled_on" end, case when s.share_level >= 2 then s."pack_hash" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_decisions_rows"() from public;
grant execute on function "shared_decisions_rows"() to @roles@;
alter function "shared_decisions_rows"() owner to panhuo_masking;
create view "shared_decisions" with (security_invoker = true) as select * from "shared_decisions_rows"();
grant select on "shared_decisions" to @roles@;
create table "distributions_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "distributions" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "lot_id" text,
  "proceeding_id" text,
  "claimant_id" text,
  "claim_id" text,
  "rank" text not null,
  "claimed" bigint,
  "paid" bigint,
  "made_on" date not null,
  "served_on" date,
  "objected_on" date,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "distributions_identity" (org_id, id) not enforced
);
create index on "distributions" (org_id, id, effective_on);
alter table "distributions_identity" enable row level security;
alter table "distributions_identity" force row level security;
create policy mine on "distributions_identity" for select to @roles@ using (org_id = acting_org());
grant select on "distributions_identity" to @roles@;
create policy mine_added on "distributions_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "distributions_identity" to @roles@;
alter table "distributions" enable row level security;
alter table "distributions" force row level security;
create policy mine on "distributions" for select to @roles@ using (org_id = acting_org());
grant select on "distributions" to @roles@;
create policy mine_added on "distributions" for insert to @roles@ with check (org_id = acting_org());
grant insert on "distributions" to @roles@;
create policy shared on "distributions" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('distributions')))
  and (org_id in (select owner_org from live_shares('distributions') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('distributions'))));
grant select on "distributions" to panhuo_masking;
create trigger belongs after insert on "distributions" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "distributions" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "distributions" for each statement execute function refuse_change();
create function "shared_distributions_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "lot_id" text, "proceeding_id" text, "claimant_id" text, "claim_id" text, "rank" text, "claimed" bigint, "paid" bigint, "made_on" date, "served_on" date, "objected_on" date, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('distributions') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "distributions" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "distributions" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."lot_id" end, case when s.share_level >= 2 then s."proceeding_id" end, case when s.share_level >= 2 then s."claimant_id" end, case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."rank" end, case when s.share_level >= 3 then s."claimed" end, case when s.share_level >= 3 then s."paid" end, case when s.share_level >= 2 then s."made_on" end, case when s.share_level >= 2 then s."served_on" end, case when s.share_level >= 2 then s."objected_on" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_distributions_rows"() from public;
grant execute on function "shared_distributions_rows"() to @roles@;
alter function "shared_distributions_rows"() owner to panhuo_masking;
create view "shared_distributions" with (security_invoker = true) as select * from "shared_distributions_rows"();
grant select on "shared_distributions" to @roles@;
create table "drawdowns_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "drawdowns" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "contract_id" text not null,
  "party_id" text not null,
  "number" text,
  "amount" bigint not null,
  "out_on" date not null,
  "due_on" date not null,
  "style" text,
  "interest_day" bigint,
  "annual_rate" bigint,
  "penalty_uplift" bigint,
  "payment_mode" text,
  "payee" text,
  "renewal_kind" text,
  "previous_drawdown_id" text,
  "inclusive" boolean,
  "funds_misused" boolean,
  "credit_impaired" boolean,
  "status" text,
  "settled_on" date,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  "payee#commitment" text,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "drawdowns_identity" (org_id, id) not enforced
);
create index on "drawdowns" (org_id, id, effective_on);
alter table "drawdowns_identity" enable row level security;
alter table "drawdowns_identity" force row level security;
create policy mine on "drawdowns_identity" for select to @roles@ using (org_id = acting_org());
grant select on "drawdowns_identity" to @roles@;
create policy mine_added on "drawdowns_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "drawdowns_identity" to @roles@;
alter table "drawdowns" enable row level security;
alter table "drawdowns" force row level security;
create policy mine on "drawdowns" for select to @roles@ using (org_id = acting_org());
grant select on "drawdowns" to @roles@;
create policy mine_added on "drawdowns" for insert to @roles@ with check (org_id = acting_org());
grant insert on "drawdowns" to @roles@;
create policy shared on "drawdowns" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('drawdowns')))
  and (org_id in (select owner_org from live_shares('drawdowns') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('drawdowns'))));
grant select on "drawdowns" to panhuo_masking;
create trigger belongs after insert on "drawdowns" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "drawdowns" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "drawdowns" for each statement execute function refuse_change();
create function "shared_drawdowns_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "contract_id" text, "party_id" text, "number" text, "amount" bigint, "out_on" date, "due_on" date, "style" text, "interest_day" bigint, "annual_rate" bigint, "penalty_uplift" bigint, "payment_mode" text, "payee" text, "renewal_kind" text, "previous_drawdown_id" text, "inclusive" boolean, "funds_misused" boolean, "credit_impaired" boolean, "status" text, "settled_on" date, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('drawdowns') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "drawdowns" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "drawdowns" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."contract_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."number" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."out_on" end, case when s.share_level >= 2 then s."due_on" end, case when s.share_level >= 2 then s."style" end, case when s.share_level >= 2 then s."interest_day" end, case when s.share_level >= 2 then s."annual_rate" end, case when s.share_level >= 2 then s."penalty_uplift" end, case when s.share_level >= 2 then s."payment_mode" end, case when s.share_level >= 3 then s."payee" end, case when s.share_level >= 2 then s."renewal_kind" end, case when s.share_level >= 2 then s."previous_drawdown_id" end, case when s.share_level >= 2 then s."inclusive" end, case when s.share_level >= 2 then s."funds_misused" end, case when s.share_level >= 2 then s."credit_impaired" end, case when s.share_level >= 2 then s."status" end, case when s.share_level >= 2 then s."settled_on" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_drawdowns_rows"() from public;
grant execute on function "shared_drawdowns_rows"() to @roles@;
alter function "shared_drawdowns_rows"() owner to panhuo_masking;
create view "shared_drawdowns" with (security_invoker = true) as select * from "shared_drawdowns_rows"();
grant select on "shared_drawdowns" to @roles@;
create table "enforcement_measures_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "enforcement_measures" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "proceeding_id" text not null,
  "party_id" text,
  "asset_id" text,
  "kind" text not null,
  "taken_on" date not null,
  "expires_on" date,
  "lifted_on" date,
  "amount" bigint,
  "ground" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "enforcement_measures_identity" (org_id, id) not enforced
);
create index on "enforcement_measures" (org_id, id, effective_on);
alter table "enforcement_measures_identity" enable row level security;
alter table "enforcement_measures_identity" force row level security;
create policy mine on "enforcement_measures_identity" for select to @roles@ using (org_id = acting_org());
grant select on "enforcement_measures_identity" to @roles@;
create policy mine_added on "enforcement_measures_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "enforcement_measures_identity" to @roles@;
alter table "enforcement_measures" enable row level security;
alter table "enforcement_measures" force row level security;
create policy mine on "enforcement_measures" for select to @roles@ using (org_id = acting_org());
grant select on "enforcement_measures" to @roles@;
create policy mine_added on "enforcement_measures" for insert to @roles@ with check (org_id = acting_org());
grant insert on "enforcement_measures" to @roles@;
create policy shared on "enforcement_measures" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('enforcement_measures')))
  and (org_id in (select owner_org from live_shares('enforcement_measures') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('enforcement_measures'))));
grant select on "enforcement_measures" to panhuo_masking;
create trigger belongs after insert on "enforcement_measures" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "enforcement_measures" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "enforcement_measures" for each statement execute function refuse_change();
create function "shared_enforcement_measures_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "proceeding_id" text, "party_id" text, "asset_id" text, "kind" text, "taken_on" date, "expires_on" date, "lifted_on" date, "amount" bigint, "ground" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('enforcement_measures') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "enforcement_measures" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "enforcement_measures" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."proceeding_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."asset_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."taken_on" end, case when s.share_level >= 2 then s."expires_on" end, case when s.share_level >= 2 then s."lifted_on" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."ground" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_enforcement_measures_rows"() from public;
grant execute on function "shared_enforcement_measures_rows"() to @roles@;
alter function "shared_enforcement_measures_rows"() owner to panhuo_masking;
create view "shared_enforcement_measures" with (security_invoker = true) as select * from "shared_enforcement_measures_rows"();
grant select on "shared_enforcement_measures" to @roles@;
create table "erasures_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "erasures" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text not null,
  "ground" text not null,
  "rule" text not null,
  "erased_on" date not null,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "erasures_identity" (org_id, id) not enforced
);
create index on "erasures" (org_id, id, effective_on);
alter table "erasures_identity" enable row level security;
alter table "erasures_identity" force row level security;
create policy mine on "erasures_identity" for select to @roles@ using (org_id = acting_org());
grant select on "erasures_identity" to @roles@;
create policy mine_added on "erasures_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "erasures_identity" to @roles@;
alter table "erasures" enable row level security;
alter table "erasures" force row level security;
create policy mine on "erasures" for select to @roles@ using (org_id = acting_org());
grant select on "erasures" to @roles@;
create policy mine_added on "erasures" for insert to @roles@ with check (org_id = acting_org());
grant insert on "erasures" to @roles@;
create policy shared on "erasures" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('erasures')))
  and (org_id in (select owner_org from live_shares('erasures') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('erasures'))));
grant select on "erasures" to panhuo_masking;
create trigger belongs after insert on "erasures" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "erasures" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "erasures" for each statement execute function refuse_change();
create function "shared_erasures_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "ground" text, "rule" text, "erased_on" date, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('erasures') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "erasures" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "erasures" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."ground" end, case when s.share_level >= 2 then s."rule" end, case when s.share_level >= 2 then s."erased_on" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_erasures_rows"() from public;
grant execute on function "shared_erasures_rows"() to @roles@;
alter function "shared_erasures_rows"() owner to panhuo_masking;
create view "shared_erasures" with (security_invoker = true) as select * from "shared_erasures_rows"();
grant select on "shared_erasures" to @roles@;
create table "facilities_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "facilities" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text not null,
  "group_id" text,
  "approved" bigint not null,
  "exposure_kind" text,
  "revolving" boolean,
  "approved_on" date,
  "expires_on" date,
  "conditions" text,
  "decision_id" text,
  "frozen" boolean,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "facilities_identity" (org_id, id) not enforced
);
create index on "facilities" (org_id, id, effective_on);
alter table "facilities_identity" enable row level security;
alter table "facilities_identity" force row level security;
create policy mine on "facilities_identity" for select to @roles@ using (org_id = acting_org());
grant select on "facilities_identity" to @roles@;
create policy mine_added on "facilities_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "facilities_identity" to @roles@;
alter table "facilities" enable row level security;
alter table "facilities" force row level security;
create policy mine on "facilities" for select to @roles@ using (org_id = acting_org());
grant select on "facilities" to @roles@;
create policy mine_added on "facilities" for insert to @roles@ with check (org_id = acting_org());
grant insert on "facilities" to @roles@;
create policy shared on "facilities" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('facilities')))
  and (org_id in (select owner_org from live_shares('facilities') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('facilities'))));
grant select on "facilities" to panhuo_masking;
create trigger belongs after insert on "facilities" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "facilities" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "facilities" for each statement execute function refuse_change();
create function "shared_facilities_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "group_id" text, "approved" bigint, "exposure_kind" text, "revolving" boolean, "approved_on" date, "expires_on" date, "conditions" text, "decision_id" text, "frozen" boolean, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('facilities') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "facilities" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "facilities" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."group_id" end, case when s.share_level >= 3 then s."approved" end, case when s.share_level >= 2 then s."exposure_kind" end, case when s.share_level >= 2 then s."revolving" end, case when s.share_level >= 2 then s."approved_on" end, case when s.share_level >= 2 then s."expires_on" end, case when s.share_level >= 2 then s."conditions" end, case when s.share_level >= 2 then s."decision_id" end, case when s.share_level >= 2 then s."frozen" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_facilities_rows"() from public;
grant execute on function "shared_facilities_rows"() to @roles@;
alter function "shared_facilities_rows"() owner to panhuo_masking;
create view "shared_facilities" with (security_invoker = true) as select * from "shared_facilities_rows"();
grant select on "shared_facilities" to @roles@;
create table "group_members_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "group_members" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "group_id" text not null,
  "party_id" text not null,
  "basis" text,
  "joined_on" date,
  "left_on" date,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "group_members_identity" (org_id, id) not enforced
);
create index on "group_members" (org_id, id, effective_on);
alter table "group_members_identity" enable row level security;
alter table "group_members_identity" force row level security;
create policy mine on "group_members_identity" for select to @roles@ using (org_id = acting_org());
grant select on "group_members_identity" to @roles@;
create policy mine_added on "group_members_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "group_members_identity" to @roles@;
alter table "group_members" enable row level security;
alter table "group_members" force row level security;
create policy mine on "group_members" for select to @roles@ using (org_id = acting_org());
grant select on "group_members" to @roles@;
create policy mine_added on "group_members" for insert to @roles@ with check (org_id = acting_org());
grant insert on "group_members" to @roles@;
create policy shared on "group_members" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('group_members')))
  and (org_id in (select owner_org from live_shares('group_members') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('group_members'))));
grant select on "group_members" to panhuo_masking;
create trigger belongs after insert on "group_members" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "group_members" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "group_members" for each statement execute function refuse_change();
create function "shared_group_members_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "group_id" text, "party_id" text, "basis" text, "joined_on" date, "left_on" date, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('group_members') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "group_members" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "group_members" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."group_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."basis" end, case when s.share_level >= 2 then s."joined_on" end, case when s.share_level >= 2 then s."left_on" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_group_members_rows"() from public;
grant execute on function "shared_group_members_rows"() to @roles@;
alter function "shared_group_members_rows"() owner to panhuo_masking;
create view "shared_group_members" with (security_invoker = true) as select * from "shared_group_members_rows"();
grant select on "shared_group_members" to @roles@;
create table "groups_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "groups" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "name" text,
  "basis" text,
  "agreed_on" date,
  "ended_on" date,
  "limit_amount" bigint,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "groups_identity" (org_id, id) not enforced
);
create index on "groups" (org_id, id, effective_on);
alter table "groups_identity" enable row level security;
alter table "groups_identity" force row level security;
create policy mine on "groups_identity" for select to @roles@ using (org_id = acting_org());
grant select on "groups_identity" to @roles@;
create policy mine_added on "groups_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "groups_identity" to @roles@;
alter table "groups" enable row level security;
alter table "groups" force row level security;
create policy mine on "groups" for select to @roles@ using (org_id = acting_org());
grant select on "groups" to @roles@;
create policy mine_added on "groups" for insert to @roles@ with check (org_id = acting_org());
grant insert on "groups" to @roles@;
create policy shared on "groups" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('groups')))
  and (org_id in (select owner_org from live_shares('groups') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('groups'))));
grant select on "groups" to panhuo_masking;
create trigger belongs after insert on "groups" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "groups" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "groups" for each statement execute function refuse_change();
create function "shared_groups_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "name" text, "basis" text, "agreed_on" date, "ended_on" date, "limit_amount" bigint, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('groups') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "groups" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "groups" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."name" end, case when s.share_level >= 2 then s."basis" end, case when s.share_level >= 2 then s."agreed_on" end, case when s.share_level >= 2 then s."ended_on" end, case when s.share_level >= 3 then s."limit_amount" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_groups_rows"() from public;
grant execute on function "shared_groups_rows"() to @roles@;
alter function "shared_groups_rows"() owner to panhuo_masking;
create view "shared_groups" with (security_invoker = true) as select * from "shared_groups_rows"();
grant select on "shared_groups" to @roles@;
create table "guarantees_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "guarantees" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "contract_id" text not null,
  "guarantor_id" text,
  "debtor_id" text,
  "number" text,
  "kind" text,
  "signed_on" date,
  "scope" text,
  "cap" bigint,
  "period_kind" text,
  "period_from_on" date,
  "period_to_on" date,
  "resolution" text,
  "spouse_consent" boolean,
  "same_document_group" text,
  "first_demand_on" date,
  "released_on" date,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "guarantees_identity" (org_id, id) not enforced
);
create index on "guarantees" (org_id, id, effective_on);
alter table "guarantees_identity" enable row level security;
alter table "guarantees_identity" force row level security;
create policy mine on "guarantees_identity" for select to @roles@ using (org_id = acting_org());
grant select on "guarantees_identity" to @roles@;
create policy mine_added on "guarantees_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "guarantees_identity" to @roles@;
alter table "guarantees" enable row level security;
alter table "guarantees" force row level security;
create policy mine on "guarantees" for select to @roles@ using (org_id = acting_org());
grant select on "guarantees" to @roles@;
create policy mine_added on "guarantees" for insert to @roles@ with check (org_id = acting_org());
grant insert on "guarantees" to @roles@;
create policy shared on "guarantees" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('guarantees')))
  and (org_id in (select owner_org from live_shares('guarantees') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('guarantees'))));
grant select on "guarantees" to panhuo_masking;
create trigger belongs after insert on "guarantees" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "guarantees" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "guarantees" for each statement execute function refuse_change();
create function "shared_guarantees_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "contract_id" text, "guarantor_id" text, "debtor_id" text, "number" text, "kind" text, "signed_on" date, "scope" text, "cap" bigint, "period_kind" text, "period_from_on" date, "period_to_on" date, "resolution" text, "spouse_consent" boolean, "same_document_group" text, "first_demand_on" date, "released_on" date, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('guarantees') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "guarantees" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "guarantees" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."contract_id" end, case when s.share_level >= 2 then s."guarantor_id" end, case when s.share_level >= 2 then s."debtor_id" end, case when s.share_level >= 2 then s."number" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."signed_on" end, case when s.share_level >= 2 then s."scope" end, case when s.share_level >= 3 then s."cap" end, case when s.share_level >= 2 then s."period_kind" end, case when s.share_level >= 2 then s."period_from_on" end, case when s.share_level >= 2 then s."period_to_on" end, case when s.share_level >= 2 then s."resolution" end, case when s.share_level >= 2 then s."spouse_consent" end, case when s.share_level >= 2 then s."same_document_group" end, case when s.share_level >= 2 then s."first_demand_on" end, case when s.share_level >= 2 then s."released_on" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_guarantees_rows"() from public;
grant execute on function "shared_guarantees_rows"() to @roles@;
alter function "shared_guarantees_rows"() owner to panhuo_masking;
create view "shared_guarantees" with (security_invoker = true) as select * from "shared_guarantees_rows"();
grant select on "shared_guarantees" to @roles@;
create table "inspections_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "inspections" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text not null,
  "drawdown_id" text,
  "asset_id" text,
  "kind" text not null,
  "inspected_on" date not null,
  "result" text,
  "operating" boolean,
  "use_as_agreed" boolean,
  "inspector" text,
  "remarks" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "inspections_identity" (org_id, id) not enforced
);
create index on "inspections" (org_id, id, effective_on);
alter table "inspections_identity" enable row level security;
alter table "inspections_identity" force row level security;
create policy mine on "inspections_identity" for select to @roles@ using (org_id = acting_org());
grant select on "inspections_identity" to @roles@;
create policy mine_added on "inspections_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "inspections_identity" to @roles@;
alter table "inspections" enable row level security;
alter table "inspections" force row level security;
create policy mine on "inspections" for select to @roles@ using (org_id = acting_org());
grant select on "inspections" to @roles@;
create policy mine_added on "inspections" for insert to @roles@ with check (org_id = acting_org());
grant insert on "inspections" to @roles@;
create policy shared on "inspections" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('inspections')))
  and (org_id in (select owner_org from live_shares('inspections') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('inspections'))));
grant select on "inspections" to panhuo_masking;
create trigger belongs after insert on "inspections" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "inspections" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "inspections" for each statement execute function refuse_change();
create function "shared_inspections_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "drawdown_id" text, "asset_id" text, "kind" text, "inspected_on" date, "result" text, "operating" boolean, "use_as_agreed" boolean, "inspector" text, "remarks" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('inspections') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "inspections" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "inspections" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 2 then s."asset_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."inspected_on" end, case when s.share_level >= 2 then s."result" end, case when s.share_level >= 2 then s."operating" end, case when s.share_level >= 2 then s."use_as_agreed" end, case when s.share_level >= 2 then s."inspector" end, case when s.share_level >= 2 then s."remarks" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_inspections_rows"() from public;
grant execute on function "shared_inspections_rows"() to @roles@;
alter function "shared_inspections_rows"() owner to panhuo_masking;
create view "shared_inspections" with (security_invoker = true) as select * from "shared_inspections_rows"();
grant select on "shared_inspections" to @roles@;
create table "instalments_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "instalments" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "drawdown_id" text not null,
  "number" bigint,
  "due_on" date not null,
  "principal" bigint not null,
  "interest" bigint,
  "status" text,
  "modification_id" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "instalments_identity" (org_id, id) not enforced
);
create index on "instalments" (org_id, id, effective_on);
alter table "instalments_identity" enable row level security;
alter table "instalments_identity" force row level security;
create policy mine on "instalments_identity" for select to @roles@ using (org_id = acting_org());
grant select on "instalments_identity" to @roles@;
create policy mine_added on "instalments_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "instalments_identity" to @roles@;
alter table "instalments" enable row level security;
alter table "instalments" force row level security;
create policy mine on "instalments" for select to @roles@ using (org_id = acting_org());
grant select on "instalments" to @roles@;
create policy mine_added on "instalments" for insert to @roles@ with check (org_id = acting_org());
grant insert on "instalments" to @roles@;
create policy shared on "instalments" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('instalments')))
  and (org_id in (select owner_org from live_shares('instalments') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('instalments'))));
grant select on "instalments" to panhuo_masking;
create trigger belongs after insert on "instalments" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "instalments" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "instalments" for each statement execute function refuse_change();
create function "shared_instalments_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "drawdown_id" text, "number" bigint, "due_on" date, "principal" bigint, "interest" bigint, "status" text, "modification_id" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('instalments') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "instalments" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "instalments" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 2 then s."number" end, case when s.share_level >= 2 then s."due_on" end, case when s.share_level >= 3 then s."principal" end, case when s.share_level >= 3 then s."interest" end, case when s.share_level >= 2 then s."status" end, case when s.share_level >= 2 then s."modification_id" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_instalments_rows"() from public;
grant execute on function "shared_instalments_rows"() to @roles@;
alter function "shared_instalments_rows"() owner to panhuo_masking;
create view "shared_instalments" with (security_invoker = true) as select * from "shared_instalments_rows"();
grant select on "shared_instalments" to @roles@;
create table "instrument_items_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "instrument_items" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "instrument_id" text not null,
  "number" bigint,
  "claim_id" text,
  "party_id" text,
  "component" text,
  "amount" bigint,
  "interest_formula" text,
  "interest_rate" bigint,
  "interest_base" bigint,
  "interest_from_on" date,
  "interest_stop_on" date,
  "perform_by_on" date,
  "asset_id" text,
  "security_right_id" text,
  "priority_amount" bigint,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "instrument_items_identity" (org_id, id) not enforced
);
create index on "instrument_items" (org_id, id, effective_on);
alter table "instrument_items_identity" enable row level security;
alter table "instrument_items_identity" force row level security;
create policy mine on "instrument_items_identity" for select to @roles@ using (org_id = acting_org());
grant select on "instrument_items_identity" to @roles@;
create policy mine_added on "instrument_items_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "instrument_items_identity" to @roles@;
alter table "instrument_items" enable row level security;
alter table "instrument_items" force row level security;
create policy mine on "instrument_items" for select to @roles@ using (org_id = acting_org());
grant select on "instrument_items" to @roles@;
create policy mine_added on "instrument_items" for insert to @roles@ with check (org_id = acting_org());
grant insert on "instrument_items" to @roles@;
create policy shared on "instrument_items" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('instrument_items')))
  and (org_id in (select owner_org from live_shares('instrument_items') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('instrument_items'))));
grant select on "instrument_items" to panhuo_masking;
create trigger belongs after insert on "instrument_items" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "instrument_items" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "instrument_items" for each statement execute function refuse_change();
create function "shared_instrument_items_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "instrument_id" text, "number" bigint, "claim_id" text, "party_id" text, "component" text, "amount" bigint, "interest_formula" text, "interest_rate" bigint, "interest_base" bigint, "interest_from_on" date, "interest_stop_on" date, "perform_by_on" date, "asset_id" text, "security_right_id" text, "priority_amount" bigint, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('instrument_items') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "instrument_items" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "instrument_items" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."instrument_id" end, case when s.share_level >= 2 then s."number" end, case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."component" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."interest_formula" end, case when s.share_level >= 2 then s."interest_rate" end, case when s.share_level >= 3 then s."interest_base" end, case when s.share_level >= 2 then s."interest_from_on" end, case when s.share_level >= 2 then s."interest_stop_on" end, case when s.share_level >= 2 then s."perform_by_on" end, case when s.share_level >= 2 then s."asset_id" end, case when s.share_level >= 2 then s."security_right_id" end, case when s.share_level >= 3 then s."priority_amount" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_instrument_items_rows"() from public;
grant execute on function "shared_instrument_items_rows"() to @roles@;
alter function "shared_instrument_items_rows"() owner to panhuo_masking;
create view "shared_instrument_items" with (security_invoker = true) as select * from "shared_instrument_items_rows"();
grant select on "shared_instrument_items" to @roles@;
create table "instruments_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "instruments" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "proceeding_id" text,
  "kind" text not null,
  "number" text,
  "court" text,
  "made_on" date not null,
  "served_on" date,
  "effective_since_on" date,
  "perform_by_on" date,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "instruments_identity" (org_id, id) not enforced
);
create index on "instruments" (org_id, id, effective_on);
alter table "instruments_identity" enable row level security;
alter table "instruments_identity" force row level security;
create policy mine on "instruments_identity" for select to @roles@ using (org_id = acting_org());
grant select on "instruments_identity" to @roles@;
create policy mine_added on "instruments_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "instruments_identity" to @roles@;
alter table "instruments" enable row level security;
alter table "instruments" force row level security;
create policy mine on "instruments" for select to @roles@ using (org_id = acting_org());
grant select on "instruments" to @roles@;
create policy mine_added on "instruments" for insert to @roles@ with check (org_id = acting_org());
grant insert on "instruments" to @roles@;
create policy shared on "instruments" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('instruments')))
  and (org_id in (select owner_org from live_shares('instruments') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('instruments'))));
grant select on "instruments" to panhuo_masking;
create trigger belongs after insert on "instruments" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "instruments" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "instruments" for each statement execute function refuse_change();
create function "shared_instruments_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "proceeding_id" text, "kind" text, "number" text, "court" text, "made_on" date, "served_on" date, "effective_since_on" date, "perform_by_on" date, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('instruments') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "instruments" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "instruments" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."proceeding_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."number" end, case when s.share_level >= 2 then s."court" end, case when s.share_level >= 2 then s."made_on" end, case when s.share_level >= 2 then s."served_on" end, case when s.share_level >= 2 then s."effective_since_on" end, case when s.share_level >= 2 then s."perform_by_on" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_instruments_rows"() from public;
grant execute on function "shared_instruments_rows"() to @roles@;
alter function "shared_instruments_rows"() owner to panhuo_masking;
create view "shared_instruments" with (security_invoker = true) as select * from "shared_instruments_rows"();
grant select on "shared_instruments" to @roles@;
create table "invoices_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "invoices" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text not null,
  "direction" text not null,
  "number" text,
  "counterparty" text,
  "issued_on" date not null,
  "net" bigint not null,
  "tax" bigint,
  "gross" bigint,
  "status" text,
  "kind" text,
  "red_letter" boolean,
  "goods" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "invoices_identity" (org_id, id) not enforced
);
create index on "invoices" (org_id, id, effective_on);
alter table "invoices_identity" enable row level security;
alter table "invoices_identity" force row level security;
create policy mine on "invoices_identity" for select to @roles@ using (org_id = acting_org());
grant select on "invoices_identity" to @roles@;
create policy mine_added on "invoices_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "invoices_identity" to @roles@;
alter table "invoices" enable row level security;
alter table "invoices" force row level security;
create policy mine on "invoices" for select to @roles@ using (org_id = acting_org());
grant select on "invoices" to @roles@;
create policy mine_added on "invoices" for insert to @roles@ with check (org_id = acting_org());
grant insert on "invoices" to @roles@;
create policy shared on "invoices" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('invoices')))
  and (org_id in (select owner_org from live_shares('invoices') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('invoices'))));
grant select on "invoices" to panhuo_masking;
create trigger belongs after insert on "invoices" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "invoices" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "invoices" for each statement execute function refuse_change();
create function "shared_invoices_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "direction" text, "number" text, "counterparty" text, "issued_on" date, "net" bigint, "tax" bigint, "gross" bigint, "status" text, "kind" text, "red_letter" boolean, "goods" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('invoices') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "invoices" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "invoices" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."direction" end, case when s.share_level >= 2 then s."number" end, case when s.share_level >= 2 then s."counterparty" end, case when s.share_level >= 2 then s."issued_on" end, case when s.share_level >= 3 then s."net" end, case when s.share_level >= 3 then s."tax" end, case when s.share_level >= 3 then s."gross" end, case when s.share_level >= 2 then s."status" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."red_letter" end, case when s.share_level >= 2 then s."goods" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_invoices_rows"() from public;
grant execute on function "shared_invoices_rows"() to @roles@;
alter function "shared_invoices_rows"() owner to panhuo_masking;
create view "shared_invoices" with (security_invoker = true) as select * from "shared_invoices_rows"();
grant select on "shared_invoices" to @roles@;
create table "limitation_events_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "limitation_events" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "claim_id" text,
  "drawdown_id" text,
  "right_kind" text not null,
  "guarantee_id" text,
  "party_id" text,
  "proceeding_id" text,
  "kind" text not null,
  "done_on" date not null,
  "reached_on" date,
  "ended_on" date,
  "grade" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "limitation_events_identity" (org_id, id) not enforced
);
create index on "limitation_events" (org_id, id, effective_on);
alter table "limitation_events_identity" enable row level security;
alter table "limitation_events_identity" force row level security;
create policy mine on "limitation_events_identity" for select to @roles@ using (org_id = acting_org());
grant select on "limitation_events_identity" to @roles@;
create policy mine_added on "limitation_events_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "limitation_events_identity" to @roles@;
alter table "limitation_events" enable row level security;
alter table "limitation_events" force row level security;
create policy mine on "limitation_events" for select to @roles@ using (org_id = acting_org());
grant select on "limitation_events" to @roles@;
create policy mine_added on "limitation_events" for insert to @roles@ with check (org_id = acting_org());
grant insert on "limitation_events" to @roles@;
create policy shared on "limitation_events" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('limitation_events')))
  and (org_id in (select owner_org from live_shares('limitation_events') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('limitation_events'))));
grant select on "limitation_events" to panhuo_masking;
create trigger belongs after insert on "limitation_events" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "limitation_events" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "limitation_events" for each statement execute function refuse_change();
create function "shared_limitation_events_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "claim_id" text, "drawdown_id" text, "right_kind" text, "guarantee_id" text, "party_id" text, "proceeding_id" text, "kind" text, "done_on" date, "reached_on" date, "ended_on" date, "grade" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('limitation_events') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "limitation_events" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "limitation_events" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 2 then s."right_kind" end, case when s.share_level >= 2 then s."guarantee_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."proceeding_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."done_on" end, case when s.share_level >= 2 then s."reached_on" end, case when s.share_level >= 2 then s."ended_on" end, case when s.share_level >= 2 then s."grade" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_limitation_events_rows"() from public;
grant execute on function "shared_limitation_events_rows"() to @roles@;
alter function "shared_limitation_events_rows"() owner to panhuo_masking;
create view "shared_limitation_events" with (security_invoker = true) as select * from "shared_limitation_events_rows"();
grant select on "shared_limitation_events" to @roles@;
create table "market_comparables_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "market_comparables" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "asset_kind" text not null,
  "price_kind" text not null,
  "region" text,
  "district" text,
  "area_hundredths" bigint,
  "built_year" bigint,
  "floor" bigint,
  "rooms" bigint,
  "price" bigint not null,
  "appraised" bigint,
  "priced_on" date not null,
  "round" bigint,
  "longitude_millionths" bigint,
  "latitude_millionths" bigint,
  "leased" boolean,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "market_comparables_identity" (org_id, id) not enforced
);
create index on "market_comparables" (org_id, id, effective_on);
alter table "market_comparables_identity" enable row level security;
alter table "market_comparables_identity" force row level security;
create policy mine on "market_comparables_identity" for select to @roles@ using (org_id = acting_org());
grant select on "market_comparables_identity" to @roles@;
create policy mine_added on "market_comparables_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "market_comparables_identity" to @roles@;
alter table "market_comparables" enable row level security;
alter table "market_comparables" force row level security;
create policy mine on "market_comparables" for select to @roles@ using (org_id = acting_org());
grant select on "market_comparables" to @roles@;
create policy mine_added on "market_comparables" for insert to @roles@ with check (org_id = acting_org());
grant insert on "market_comparables" to @roles@;
create policy shared on "market_comparables" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('market_comparables')))
  and (org_id in (select owner_org from live_shares('market_comparables') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('market_comparables'))));
grant select on "market_comparables" to panhuo_masking;
create trigger belongs after insert on "market_comparables" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "market_comparables" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "market_comparables" for each statement execute function refuse_change();
create function "shared_market_comparables_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "asset_kind" text, "price_kind" text, "region" text, "district" text, "area_hundredths" bigint, "built_year" bigint, "floor" bigint, "rooms" bigint, "price" bigint, "appraised" bigint, "priced_on" date, "round" bigint, "longitude_millionths" bigint, "latitude_millionths" bigint, "leased" boolean, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('market_comparables') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "market_comparables" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "market_comparables" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."asset_kind" end, case when s.share_level >= 2 then s."price_kind" end, s."region", case when s.share_level >= 2 then s."district" end, case when s.share_level >= 2 then s."area_hundredths" end, case when s.share_level >= 2 then s."built_year" end, case when s.share_level >= 2 then s."floor" end, case when s.share_level >= 2 then s."rooms" end, s."price", s."appraised", case when s.share_level >= 2 then s."priced_on" end, case when s.share_level >= 2 then s."round" end, case when s.share_level >= 2 then s."longitude_millionths" end, case when s.share_level >= 2 then s."latitude_millionths" end, case when s.share_level >= 2 then s."leased" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_market_comparables_rows"() from public;
grant execute on function "shared_market_comparables_rows"() to @roles@;
alter function "shared_market_comparables_rows"() owner to panhuo_masking;
create view "shared_market_comparables" with (security_invoker = true) as select * from "shared_market_comparables_rows"();
grant select on "shared_market_comparables" to @roles@;
create table "matters_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "matters" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "kind" text not null,
  "party_id" text,
  "title" text,
  "opened_on" date,
  "closed_on" date,
  "owner" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  "title#commitment" text,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "matters_identity" (org_id, id) not enforced
);
create index on "matters" (org_id, id, effective_on);
alter table "matters_identity" enable row level security;
alter table "matters_identity" force row level security;
create policy mine on "matters_identity" for select to @roles@ using (org_id = acting_org());
grant select on "matters_identity" to @roles@;
create policy mine_added on "matters_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "matters_identity" to @roles@;
alter table "matters" enable row level security;
alter table "matters" force row level security;
create policy mine on "matters" for select to @roles@ using (org_id = acting_org());
grant select on "matters" to @roles@;
create policy mine_added on "matters" for insert to @roles@ with check (org_id = acting_org());
grant insert on "matters" to @roles@;
create policy shared on "matters" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('matters')))
  and (org_id in (select owner_org from live_shares('matters') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('matters'))));
grant select on "matters" to panhuo_masking;
create trigger belongs after insert on "matters" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "matters" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "matters" for each statement execute function refuse_change();
create function "shared_matters_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "kind" text, "party_id" text, "title" text, "opened_on" date, "closed_on" date, "owner" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('matters') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "matters" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "matters" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 3 then s."title" end, case when s.share_level >= 2 then s."opened_on" end, case when s.share_level >= 2 then s."closed_on" end, case when s.share_level >= 2 then s."owner" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_matters_rows"() from public;
grant execute on function "shared_matters_rows"() to @roles@;
alter function "shared_matters_rows"() owner to panhuo_masking;
create view "shared_matters" with (security_invoker = true) as select * from "shared_matters_rows"();
grant select on "shared_matters" to @roles@;
create table "mediations_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "mediations" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "matter_id" text,
  "claim_id" text,
  "body" text,
  "opened_on" date,
  "agreed_on" date,
  "amount" bigint,
  "waived" bigint,
  "result" text,
  "confirmation_filed_on" date,
  "confirmation_ruled_on" date,
  "perform_by_on" date,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "mediations_identity" (org_id, id) not enforced
);
create index on "mediations" (org_id, id, effective_on);
alter table "mediations_identity" enable row level security;
alter table "mediations_identity" force row level security;
create policy mine on "mediations_identity" for select to @roles@ using (org_id = acting_org());
grant select on "mediations_identity" to @roles@;
create policy mine_added on "mediations_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "mediations_identity" to @roles@;
alter table "mediations" enable row level security;
alter table "mediations" force row level security;
create policy mine on "mediations" for select to @roles@ using (org_id = acting_org());
grant select on "mediations" to @roles@;
create policy mine_added on "mediations" for insert to @roles@ with check (org_id = acting_org());
grant insert on "mediations" to @roles@;
create policy shared on "mediations" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('mediations')))
  and (org_id in (select owner_org from live_shares('mediations') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('mediations'))));
grant select on "mediations" to panhuo_masking;
create trigger belongs after insert on "mediations" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "mediations" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "mediations" for each statement execute function refuse_change();
create function "shared_mediations_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "matter_id" text, "claim_id" text, "body" text, "opened_on" date, "agreed_on" date, "amount" bigint, "waived" bigint, "result" text, "confirmation_filed_on" date, "confirmation_ruled_on" date, "perform_by_on" date, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('mediations') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "mediations" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "mediations" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."matter_id" end, case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."body" end, case when s.share_level >= 2 then s."opened_on" end, case when s.share_level >= 2 then s."agreed_on" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 3 then s."waived" end, case when s.share_level >= 2 then s."result" end, case when s.share_level >= 2 then s."confirmation_filed_on" end, case when s.share_level >= 2 then s."confirmation_ruled_on" end, case when s.share_level >= 2 then s."perform_by_on" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_mediations_rows"() from public;
grant execute on function "shared_mediations_rows"() to @roles@;
alter function "shared_mediations_rows"() owner to panhuo_masking;
create view "shared_mediations" with (security_invoker = true) as select * from "shared_mediations_rows"();
grant select on "shared_mediations" to @roles@;
create table "modifications_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "modifications" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "drawdown_id" text not null,
  "party_id" text not null,
  "kind" text not null,
  "difficulty_sign" text,
  "favours_debtor" boolean,
  "class_before" text,
  "approved_on" date,
  "due_on_before" date,
  "due_on_after" date,
  "annual_rate_before" bigint,
  "annual_rate_after" bigint,
  "amount_waived" bigint,
  "first_due_on" date,
  "observation_ends_on" date,
  "paid_as_agreed" boolean,
  "decision_id" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "modifications_identity" (org_id, id) not enforced
);
create index on "modifications" (org_id, id, effective_on);
alter table "modifications_identity" enable row level security;
alter table "modifications_identity" force row level security;
create policy mine on "modifications_identity" for select to @roles@ using (org_id = acting_org());
grant select on "modifications_identity" to @roles@;
create policy mine_added on "modifications_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "modifications_identity" to @roles@;
alter table "modifications" enable row level security;
alter table "modifications" force row level security;
create policy mine on "modifications" for select to @roles@ using (org_id = acting_org());
grant select on "modifications" to @roles@;
create policy mine_added on "modifications" for insert to @roles@ with check (org_id = acting_org());
grant insert on "modifications" to @roles@;
create policy shared on "modifications" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('modifications')))
  and (org_id in (select owner_org from live_shares('modifications') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('modifications'))));
grant select on "modifications" to panhuo_masking;
create trigger belongs after insert on "modifications" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "modifications" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "modifications" for each statement execute function refuse_change();
create function "shared_modifications_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "drawdown_id" text, "party_id" text, "kind" text, "difficulty_sign" text, "favours_debtor" boolean, "class_before" text, "approved_on" date, "due_on_before" date, "due_on_after" date, "annual_rate_before" bigint, "annual_rate_after" bigint, "amount_waived" bigint, "first_due_on" date, "observation_ends_on" date, "paid_as_agreed" boolean, "decision_id" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('modifications') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "modifications" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "modifications" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."difficulty_sign" end, case when s.share_level >= 2 then s."favours_debtor" end, case when s.share_level >= 2 then s."class_before" end, case when s.share_level >= 2 then s."approved_on" end, case when s.share_level >= 2 then s."due_on_before" end, case when s.share_level >= 2 then s."due_on_after" end, case when s.share_level >= 2 then s."annual_rate_before" end, case when s.share_level >= 2 then s."annual_rate_after" end, case when s.share_level >= 3 then s."amount_waived" end, case when s.share_level >= 2 then s."first_due_on" end, case when s.share_level >= 2 then s."observation_ends_on" end, case when s.share_level >= 2 then s."paid_as_agreed" end, case when s.share_level >= 2 then s."decision_id" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_modifications_rows"() from public;
grant execute on function "shared_modifications_rows"() to @roles@;
alter function "shared_modifications_rows"() owner to panhuo_masking;
create view "shared_modifications" with (security_invoker = true) as select * from "shared_modifications_rows"();
grant select on "shared_modifications" to @roles@;
create table "notices_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "notices" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "claim_id" text not null,
  "assignment_id" text,
  "addressee_id" text,
  "addressee_role" text,
  "purpose" text,
  "method" text not null,
  "sent_on" date,
  "reached_on" date,
  "grade" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "notices_identity" (org_id, id) not enforced
);
create index on "notices" (org_id, id, effective_on);
alter table "notices_identity" enable row level security;
alter table "notices_identity" force row level security;
create policy mine on "notices_identity" for select to @roles@ using (org_id = acting_org());
grant select on "notices_identity" to @roles@;
create policy mine_added on "notices_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "notices_identity" to @roles@;
alter table "notices" enable row level security;
alter table "notices" force row level security;
create policy mine on "notices" for select to @roles@ using (org_id = acting_org());
grant select on "notices" to @roles@;
create policy mine_added on "notices" for insert to @roles@ with check (org_id = acting_org());
grant insert on "notices" to @roles@;
create policy shared on "notices" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('notices')))
  and (org_id in (select owner_org from live_shares('notices') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('notices'))));
grant select on "notices" to panhuo_masking;
create trigger belongs after insert on "notices" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "notices" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "notices" for each statement execute function refuse_change();
create function "shared_notices_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "claim_id" text, "assignment_id" text, "addressee_id" text, "addressee_role" text, "purpose" text, "method" text, "sent_on" date, "reached_on" date, "grade" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('notices') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "notices" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "notices" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."assignment_id" end, case when s.share_level >= 2 then s."addressee_id" end, case when s.share_level >= 2 then s."addressee_role" end, case when s.share_level >= 2 then s."purpose" end, case when s.share_level >= 2 then s."method" end, case when s.share_level >= 2 then s."sent_on" end, case when s.share_level >= 2 then s."reached_on" end, case when s.share_level >= 2 then s."grade" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_notices_rows"() from public;
grant execute on function "shared_notices_rows"() to @roles@;
alter function "shared_notices_rows"() owner to panhuo_masking;
create view "shared_notices" with (security_invoker = true) as select * from "shared_notices_rows"();
grant select on "shared_notices" to @roles@;
create table "observations_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "observations" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text not null,
  "month_end_on" date not null,
  "measure" text not null,
  "value" bigint not null,
  "source" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "observations_identity" (org_id, id) not enforced
);
create index on "observations" (org_id, id, effective_on);
alter table "observations_identity" enable row level security;
alter table "observations_identity" force row level security;
create policy mine on "observations_identity" for select to @roles@ using (org_id = acting_org());
grant select on "observations_identity" to @roles@;
create policy mine_added on "observations_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "observations_identity" to @roles@;
alter table "observations" enable row level security;
alter table "observations" force row level security;
create policy mine on "observations" for select to @roles@ using (org_id = acting_org());
grant select on "observations" to @roles@;
create policy mine_added on "observations" for insert to @roles@ with check (org_id = acting_org());
grant insert on "observations" to @roles@;
create policy shared on "observations" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('observations')))
  and (org_id in (select owner_org from live_shares('observations') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('observations'))));
grant select on "observations" to panhuo_masking;
create trigger belongs after insert on "observations" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "observations" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "observations" for each statement execute function refuse_change();
create function "shared_observations_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "month_end_on" date, "measure" text, "value" bigint, "source" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('observations') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "observations" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "observations" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."month_end_on" end, case when s.share_level >= 2 then s."measure" end, case when s.share_level >= 2 then s."value" end, case when s.share_level >= 2 then s."source" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_observations_rows"() from public;
grant execute on function "shared_observations_rows"() to @roles@;
alter function "shared_observations_rows"() owner to panhuo_masking;
create view "shared_observations" with (security_invoker = true) as select * from "shared_observations_rows"();
grant select on "shared_observations" to @roles@;
create table "package_items_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "package_items" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "package_id" text not null,
  "claim_id" text not null,
  "party_id" text,
  "five_class" text,
  "principal" bigint,
  "interest" bigint,
  "advanced_costs" bigint,
  "overdue_days" integer,
  "allocated_price" bigint,
  "in_litigation" boolean,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "package_items_identity" (org_id, id) not enforced
);
create index on "package_items" (org_id, id, effective_on);
alter table "package_items_identity" enable row level security;
alter table "package_items_identity" force row level security;
create policy mine on "package_items_identity" for select to @roles@ using (org_id = acting_org());
grant select on "package_items_identity" to @roles@;
create policy mine_added on "package_items_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "package_items_identity" to @roles@;
alter table "package_items" enable row level security;
alter table "package_items" force row level security;
create policy mine on "package_items" for select to @roles@ using (org_id = acting_org());
grant select on "package_items" to @roles@;
create policy mine_added on "package_items" for insert to @roles@ with check (org_id = acting_org());
grant insert on "package_items" to @roles@;
create policy shared on "package_items" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('package_items')))
  and (org_id in (select owner_org from live_shares('package_items') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('package_items'))));
grant select on "package_items" to panhuo_masking;
create trigger belongs after insert on "package_items" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "package_items" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "package_items" for each statement execute function refuse_change();
create function "shared_package_items_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "package_id" text, "claim_id" text, "party_id" text, "five_class" text, "principal" bigint, "interest" bigint, "advanced_costs" bigint, "overdue_days" integer, "allocated_price" bigint, "in_litigation" boolean, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('package_items') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "package_items" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "package_items" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."package_id" end, case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."five_class" end, case when s.share_level >= 3 then s."principal" end, case when s.share_level >= 3 then s."interest" end, case when s.share_level >= 3 then s."advanced_costs" end, case when s.share_level >= 2 then s."overdue_days" end, case when s.share_level >= 3 then s."allocated_price" end, case when s.share_level >= 2 then s."in_litigation" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_package_items_rows"() from public;
grant execute on function "shared_package_items_rows"() to @roles@;
alter function "shared_package_items_rows"() owner to panhuo_masking;
create view "shared_package_items" with (security_invoker = true) as select * from "shared_package_items_rows"();
grant select on "shared_package_items" to @roles@;
create table "packages_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "packages" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "name" text not null,
  "seller_id" text,
  "seller_kind" text,
  "kind" text not null,
  "status" text,
  "region" text,
  "base_on" date not null,
  "offered_on" date,
  "closes_on" date,
  "closed_on" date,
  "debtors" bigint,
  "stated_principal" bigint,
  "stated_interest" bigint,
  "starting_price" bigint,
  "price" bigint,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "packages_identity" (org_id, id) not enforced
);
create index on "packages" (org_id, id, effective_on);
alter table "packages_identity" enable row level security;
alter table "packages_identity" force row level security;
create policy mine on "packages_identity" for select to @roles@ using (org_id = acting_org());
grant select on "packages_identity" to @roles@;
create policy mine_added on "packages_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "packages_identity" to @roles@;
alter table "packages" enable row level security;
alter table "packages" force row level security;
create policy mine on "packages" for select to @roles@ using (org_id = acting_org());
grant select on "packages" to @roles@;
create policy mine_added on "packages" for insert to @roles@ with check (org_id = acting_org());
grant insert on "packages" to @roles@;
create policy shared on "packages" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('packages')))
  and (org_id in (select owner_org from live_shares('packages') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('packages'))));
grant select on "packages" to panhuo_masking;
create trigger belongs after insert on "packages" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "packages" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "packages" for each statement execute function refuse_change();
create function "shared_packages_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "name" text, "seller_id" text, "seller_kind" text, "kind" text, "status" text, "region" text, "base_on" date, "offered_on" date, "closes_on" date, "closed_on" date, "debtors" bigint, "stated_principal" bigint, "stated_interest" bigint, "starting_price" bigint, "price" bigint, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('packages') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "packages" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "packages" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."name" end, case when s.share_level >= 2 then s."seller_id" end, case when s.share_level >= 2 then s."seller_kind" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."status" end, s."region", case when s.share_level >= 2 then s."base_on" end, case when s.share_level >= 2 then s."offered_on" end, case when s.share_level >= 2 then s."closes_on" end, case when s.share_level >= 2 then s."closed_on" end, case when s.share_level >= 2 then s."debtors" end, case when s.share_level >= 3 then s."stated_principal" end, case when s.share_level >= 3 then s."stated_interest" end, case when s.share_level >= 3 then s."starting_price" end, case when s.share_level >= 3 then s."price" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_packages_rows"() from public;
grant execute on function "shared_packages_rows"() to @roles@;
alter function "shared_packages_rows"() owner to panhuo_masking;
create view "shared_packages" with (security_invoker = true) as select * from "shared_packages_rows"();
grant select on "shared_packages" to @roles@;
create table "parties_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "parties" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "kind" text not null,
  "name" text,
  "identifier_kind" text,
  "identifier" text,
  "phone" text,
  "address" text,
  "bank_account" text,
  "region" text,
  "industry" text,
  "size" text,
  "registered_on" date,
  "registered_capital" bigint,
  "employees" bigint,
  "annual_revenue" bigint,
  "total_assets" bigint,
  "birth_year" bigint,
  "status" text,
  "status_on" date,
  "classification_route" text,
  "small_business_owner" boolean,
  "related_to_lender" boolean,
  "evading_debt" boolean,
  "rating" text,
  "source_org" text,
  "source_id" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  "name#commitment" text,
  "identifier#commitment" text,
  "phone#commitment" text,
  "address#commitment" text,
  "bank_account#commitment" text,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "parties_identity" (org_id, id) not enforced
);
create index on "parties" (org_id, id, effective_on);
alter table "parties_identity" enable row level security;
alter table "parties_identity" force row level security;
create policy mine on "parties_identity" for select to @roles@ using (org_id = acting_org());
grant select on "parties_identity" to @roles@;
create policy mine_added on "parties_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "parties_identity" to @roles@;
alter table "parties" enable row level security;
alter table "parties" force row level security;
create policy mine on "parties" for select to @roles@ using (org_id = acting_org());
grant select on "parties" to @roles@;
create policy mine_added on "parties" for insert to @roles@ with check (org_id = acting_org());
grant insert on "parties" to @roles@;
create policy shared on "parties" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('parties')))
  and (org_id in (select owner_org from live_shares('parties') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('parties'))));
grant select on "parties" to panhuo_masking;
create trigger belongs after insert on "parties" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "parties" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "parties" for each statement execute function refuse_change();
create function "shared_parties_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "kind" text, "name" text, "identifier_kind" text, "identifier" text, "phone" text, "address" text, "bank_account" text, "region" text, "industry" text, "size" text, "registered_on" date, "registered_capital" bigint, "employees" bigint, "annual_revenue" bigint, "total_assets" bigint, "birth_year" bigint, "status" text, "status_on" date, "classification_route" text, "small_business_owner" boolean, "related_to_lender" boolean, "evading_debt" boolean, "rating" text, "source_org" text, "source_id" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('parties') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "parties" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "parties" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 3 then s."name" end, case when s.share_level >= 2 then s."identifier_kind" end, case when s.share_level >= 4 then s."identifier" end, case when s.share_level >= 3 then s."phone" end, case when s.share_level >= 3 then s."address" end, case when s.share_level >= 4 then s."bank_account" end, s."region", s."industry", case when s.share_level >= 2 then s."size" end, case when s.share_level >= 2 then s."registered_on" end, case when s.share_level >= 3 then s."registered_capital" end, case when s.share_level >= 2 then s."employees" end, case when s.share_level >= 3 then s."annual_revenue" end, case when s.share_level >= 3 then s."total_assets" end, case when s.share_level >= 2 then s."birth_year" end, case when s.share_level >= 2 then s."status" end, case when s.share_level >= 2 then s."status_on" end, case when s.share_level >= 2 then s."classification_route" end, case when s.share_level >= 2 then s."small_business_owner" end, case when s.share_level >= 2 then s."related_to_lender" end, case when s.share_level >= 2 then s."evading_debt" end, case when s.share_level >= 2 then s."rating" end, case when s.share_level >= 2 then s."source_org" end, case when s.share_level >= 2 then s."source_id" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_parties_rows"() from public;
grant execute on function "shared_parties_rows"() to @roles@;
alter function "shared_parties_rows"() owner to panhuo_masking;
create view "shared_parties" with (security_invoker = true) as select * from "shared_parties_rows"();
grant select on "shared_parties" to @roles@;
create table "party_roles_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "party_roles" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text not null,
  "role" text not null,
  "holder_id" text not null,
  "share" bigint,
  "from_on" date,
  "to_on" date,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "party_roles_identity" (org_id, id) not enforced
);
create index on "party_roles" (org_id, id, effective_on);
alter table "party_roles_identity" enable row level security;
alter table "party_roles_identity" force row level security;
create policy mine on "party_roles_identity" for select to @roles@ using (org_id = acting_org());
grant select on "party_roles_identity" to @roles@;
create policy mine_added on "party_roles_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "party_roles_identity" to @roles@;
alter table "party_roles" enable row level security;
alter table "party_roles" force row level security;
create policy mine on "party_roles" for select to @roles@ using (org_id = acting_org());
grant select on "party_roles" to @roles@;
create policy mine_added on "party_roles" for insert to @roles@ with check (org_id = acting_org());
grant insert on "party_roles" to @roles@;
create policy shared on "party_roles" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('party_roles')))
  and (org_id in (select owner_org from live_shares('party_roles') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('party_roles'))));
grant select on "party_roles" to panhuo_masking;
create trigger belongs after insert on "party_roles" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "party_roles" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "party_roles" for each statement execute function refuse_change();
create function "shared_party_roles_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "role" text, "holder_id" text, "share" bigint, "from_on" date, "to_on" date, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('party_roles') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "party_roles" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "party_roles" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."role" end, case when s.share_level >= 2 then s."holder_id" end, case when s.share_level >= 2 then s."share" end, case when s.share_level >= 2 then s."from_on" end, case when s.share_level >= 2 then s."to_on" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_party_roles_rows"() from public;
grant execute on function "shared_party_roles_rows"() to @roles@;
alter function "shared_party_roles_rows"() owner to panhuo_masking;
create view "shared_party_roles" with (security_invoker = true) as select * from "shared_party_roles_rows"();
grant select on "shared_party_roles" to @roles@;
create table "postings_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "postings" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "drawdown_id" text not null,
  "party_id" text,
  "posted_on" date not null,
  "value_date" date,
  "component" text not null,
  "kind" text not null,
  "amount" bigint not null,
  "reverses_id" text,
  "voucher" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "postings_identity" (org_id, id) not enforced
);
create index on "postings" (org_id, id, effective_on);
alter table "postings_identity" enable row level security;
alter table "postings_identity" force row level security;
create policy mine on "postings_identity" for select to @roles@ using (org_id = acting_org());
grant select on "postings_identity" to @roles@;
create policy mine_added on "postings_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "postings_identity" to @roles@;
alter table "postings" enable row level security;
alter table "postings" force row level security;
create policy mine on "postings" for select to @roles@ using (org_id = acting_org());
grant select on "postings" to @roles@;
create policy mine_added on "postings" for insert to @roles@ with check (org_id = acting_org());
grant insert on "postings" to @roles@;
create policy shared on "postings" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('postings')))
  and (org_id in (select owner_org from live_shares('postings') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('postings'))));
grant select on "postings" to panhuo_masking;
create trigger belongs after insert on "postings" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "postings" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "postings" for each statement execute function refuse_change();
create function "shared_postings_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "drawdown_id" text, "party_id" text, "posted_on" date, "value_date" date, "component" text, "kind" text, "amount" bigint, "reverses_id" text, "voucher" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('postings') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "postings" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "postings" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."posted_on" end, case when s.share_level >= 2 then s."value_date" end, case when s.share_level >= 2 then s."component" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."reverses_id" end, case when s.share_level >= 2 then s."voucher" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_postings_rows"() from public;
grant execute on function "shared_postings_rows"() to @roles@;
alter function "shared_postings_rows"() owner to panhuo_masking;
create view "shared_postings" with (security_invoker = true) as select * from "shared_postings_rows"();
grant select on "shared_postings" to @roles@;
create table "proceeding_claims_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "proceeding_claims" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "proceeding_id" text not null,
  "claim_id" text not null,
  "amount" bigint,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "proceeding_claims_identity" (org_id, id) not enforced
);
create index on "proceeding_claims" (org_id, id, effective_on);
alter table "proceeding_claims_identity" enable row level security;
alter table "proceeding_claims_identity" force row level security;
create policy mine on "proceeding_claims_identity" for select to @roles@ using (org_id = acting_org());
grant select on "proceeding_claims_identity" to @roles@;
create policy mine_added on "proceeding_claims_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "proceeding_claims_identity" to @roles@;
alter table "proceeding_claims" enable row level security;
alter table "proceeding_claims" force row level security;
create policy mine on "proceeding_claims" for select to @roles@ using (org_id = acting_org());
grant select on "proceeding_claims" to @roles@;
create policy mine_added on "proceeding_claims" for insert to @roles@ with check (org_id = acting_org());
grant insert on "proceeding_claims" to @roles@;
create policy shared on "proceeding_claims" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('proceeding_claims')))
  and (org_id in (select owner_org from live_shares('proceeding_claims') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('proceeding_claims'))));
grant select on "proceeding_claims" to panhuo_masking;
create trigger belongs after insert on "proceeding_claims" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "proceeding_claims" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "proceeding_claims" for each statement execute function refuse_change();
create function "shared_proceeding_claims_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "proceeding_id" text, "claim_id" text, "amount" bigint, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('proceeding_claims') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "proceeding_claims" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "proceeding_claims" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."proceeding_id" end, case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 3 then s."amount" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_proceeding_claims_rows"() from public;
grant execute on function "shared_proceeding_claims_rows"() to @roles@;
alter function "shared_proceeding_claims_rows"() owner to panhuo_masking;
create view "shared_proceeding_claims" with (security_invoker = true) as select * from "shared_proceeding_claims_rows"();
grant select on "shared_proceeding_claims" to @roles@;
create table "proceeding_parties_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "proceeding_parties" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "proceeding_id" text not null,
  "party_id" text not null,
  "position" text not null,
  "served_on" date,
  "service_method" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "proceeding_parties_identity" (org_id, id) not enforced
);
create index on "proceeding_parties" (org_id, id, effective_on);
alter table "proceeding_parties_identity" enable row level security;
alter table "proceeding_parties_identity" force row level security;
create policy mine on "proceeding_parties_identity" for select to @roles@ using (org_id = acting_org());
grant select on "proceeding_parties_identity" to @roles@;
create policy mine_added on "proceeding_parties_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "proceeding_parties_identity" to @roles@;
alter table "proceeding_parties" enable row level security;
alter table "proceeding_parties" force row level security;
create policy mine on "proceeding_parties" for select to @roles@ using (org_id = acting_org());
grant select on "proceeding_parties" to @roles@;
create policy mine_added on "proceeding_parties" for insert to @roles@ with check (org_id = acting_org());
grant insert on "proceeding_parties" to @roles@;
create policy shared on "proceeding_parties" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('proceeding_parties')))
  and (org_id in (select owner_org from live_shares('proceeding_parties') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('proceeding_parties'))));
grant select on "proceeding_parties" to panhuo_masking;
create trigger belongs after insert on "proceeding_parties" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "proceeding_parties" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "proceeding_parties" for each statement execute function refuse_change();
create function "shared_proceeding_parties_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "proceeding_id" text, "party_id" text, "position" text, "served_on" date, "service_method" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('proceeding_parties') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "proceeding_parties" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "proceeding_parties" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."proceeding_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."position" end, case when s.share_level >= 2 then s."served_on" end, case when s.share_level >= 2 then s."service_method" end, s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_proceeding_parties_rows"() from public;
grant execute on function "shared_proceeding_parties_rows"() to @roles@;
alter function "shared_proceeding_parties_rows"() owner to panhuo_masking;
create view "shared_proceeding_parties" with (security_invoker = true) as select * from "shared_proceeding_parties_rows"();
grant select on "shared_proceeding_parties" to @roles@;
create table "proceedings_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "proceedings" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "matter_id" text not null,
  "previous_proceeding_id" text,
  "kind" text not null,
  "case_number" text,
  "court" text,
  "status" text,
  "amount" bigint,
  "filed_on" date,
  "accepted_on" date,
  "heard_on" date,
  "service_method" text,
  "served_on" date,
  "decided_on" date,
  "effective_since_on" date,
  "closed_on" date,
  "next_deadline_on" date,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "proceedings_identity" (org_id, id) not enforced
);
create index on "proceedings" (org_id, id, effective_on);
alter table "proceedings_identity" enable row level security;
alter table "proceedings_identity" force row level security;
create policy mine on "proceedings_identity" for select to @roles@ using (org_id = acting_org());
grant select on "proceedings_identity" to @roles@;
create policy mine_added on "proceedings_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "proceedings_identity" to @roles@;
alter table "proceedings" enable row level security;
alter table "proceedings" force row level security;
create policy mine on "proceedings" for select to @roles@ using (org_id = acting_org());
grant select on "proceedings" to @roles@;
create policy mine_added on "proceedings" for insert to @roles@ with check (org_id = acting_org());
grant insert on "proceedings" to @roles@;
create policy shared on "proceedings" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('proceedings')))
  and (org_id in (select owner_org from live_shares('proceedings') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('proceedings'))));
grant select on "proceedings" to panhuo_masking;
create trigger belongs after insert on "proceedings" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "proceedings" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "proceedings" for each statement execute function refuse_change();
create function "shared_proceedings_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "matter_id" text, "previous_proceeding_id" text, "kind" text, "case_number" text, "court" text, "status" text, "amount" bigint, "filed_on" date, "accepted_on" date, "heard_on" date, "service_method" text, "served_on" date, "decided_on" date, "effective_since_on" date, "closed_on" date, "next_deadline_on" date, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('proceedings') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "proceedings" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "proceedings" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."matter_id" end, case when s.share_level >= 2 then s."previous_proceeding_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."case_number" end, case when s.share_level >= 2 then s."court" end, case when s.share_level >= 2 then s."status" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."filed_on" end, case when s.share_level >= 2 then s."accepted_on" end, case when s.share_level >= 2 then s."heard_on" end, case when s.share_level >= 2 then s."service_method" end, case when s.share_level >= 2 then s."served_on" end, case when s.share_level >= 2 then s."decided_on" end, case when s.share_level >= 2 then s."effective_since_on" end, case when s.share_level >= 2 then s."closed_on" end, case when s.share_level >= 2 then s."next_deadline_on" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_proceedings_rows"() from public;
grant execute on function "shared_proceedings_rows"() to @roles@;
alter function "shared_proceedings_rows"() owner to panhuo_masking;
create view "shared_proceedings" with (security_invoker = true) as select * from "shared_proceedings_rows"();
grant select on "shared_proceedings" to @roles@;
create table "recoveries_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "recoveries" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "claim_id" text,
  "drawdown_id" text,
  "source" text not null,
  "distribution_id" text,
  "received_on" date not null,
  "gross" bigint not null,
  "court_deductions" bigint,
  "net" bigint,
  "to_principal" bigint,
  "to_interest" bigint,
  "to_costs" bigint,
  "transition_owner" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "recoveries_identity" (org_id, id) not enforced
);
create index on "recoveries" (org_id, id, effective_on);
alter table "recoveries_identity" enable row level security;
alter table "recoveries_identity" force row level security;
create policy mine on "recoveries_identity" for select to @roles@ using (org_id = acting_org());
grant select on "recoveries_identity" to @roles@;
create policy mine_added on "recoveries_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "recoveries_identity" to @roles@;
alter table "recoveries" enable row level security;
alter table "recoveries" force row level security;
create policy mine on "recoveries" for select to @roles@ using (org_id = acting_org());
grant select on "recoveries" to @roles@;
create policy mine_added on "recoveries" for insert to @roles@ with check (org_id = acting_org());
grant insert on "recoveries" to @roles@;
create policy shared on "recoveries" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('recoveries')))
  and (org_id in (select owner_org from live_shares('recoveries') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('recoveries'))));
grant select on "recoveries" to panhuo_masking;
create trigger belongs after insert on "recoveries" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "recoveries" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "recoveries" for each statement execute function refuse_change();
create function "shared_recoveries_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "claim_id" text, "drawdown_id" text, "source" text, "distribution_id" text, "received_on" date, "gross" bigint, "court_deductions" bigint, "net" bigint, "to_principal" bigint, "to_interest" bigint, "to_costs" bigint, "transition_owner" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('recoveries') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "recoveries" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "recoveries" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 2 then s."source" end, case when s.share_level >= 2 then s."distribution_id" end, case when s.share_level >= 2 then s."received_on" end, case when s.share_level >= 3 then s."gross" end, case when s.share_level >= 3 then s."court_deductions" end, case when s.share_level >= 3 then s."net" end, case when s.share_level >= 3 then s."to_principal" end, case when s.share_level >= 3 then s."to_interest" end, case when s.share_level >= 3 then s."to_costs" end, case when s.share_level >= 2 then s."transition_owner" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_recoveries_rows"() from public;
grant execute on function "shared_recoveries_rows"() to @roles@;
alter function "shared_recoveries_rows"() owner to panhuo_masking;
create view "shared_recoveries" with (security_invoker = true) as select * from "shared_recoveries_rows"();
grant select on "shared_recoveries" to @roles@;
create table "relations_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "relations" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "from_party_id" text not null,
  "to_party_id" text not null,
  "kind" text not null,
  "amount" bigint,
  "times" bigint,
  "share" bigint,
  "first_on" date,
  "last_on" date,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "relations_identity" (org_id, id) not enforced
);
create index on "relations" (org_id, id, effective_on);
alter table "relations_identity" enable row level security;
alter table "relations_identity" force row level security;
create policy mine on "relations_identity" for select to @roles@ using (org_id = acting_org());
grant select on "relations_identity" to @roles@;
create policy mine_added on "relations_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "relations_identity" to @roles@;
alter table "relations" enable row level security;
alter table "relations" force row level security;
create policy mine on "relations" for select to @roles@ using (org_id = acting_org());
grant select on "relations" to @roles@;
create policy mine_added on "relations" for insert to @roles@ with check (org_id = acting_org());
grant insert on "relations" to @roles@;
create policy shared on "relations" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('relations')))
  and (org_id in (select owner_org from live_shares('relations') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('relations'))));
grant select on "relations" to panhuo_masking;
create trigger belongs after insert on "relations" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "relations" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "relations" for each statement execute function refuse_change();
create function "shared_relations_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "from_party_id" text, "to_party_id" text, "kind" text, "amount" bigint, "times" bigint, "share" bigint, "first_on" date, "last_on" date, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('relations') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "relations" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "relations" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."from_party_id" end, case when s.share_level >= 2 then s."to_party_id" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."times" end, case when s.share_level >= 2 then s."share" end, case when s.share_level >= 2 then s."first_on" end, case when s.share_level >= 2 then s."last_on" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_relations_rows"() from public;
grant execute on function "shared_relations_rows"() to @roles@;
alter function "shared_relations_rows"() owner to panhuo_masking;
create view "shared_relations" with (security_invoker = true) as select * from "shared_relations_rows"();
grant select on "shared_relations" to @roles@;
create table "security_assets_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "security_assets" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "security_right_id" text not null,
  "asset_id" text not null,
  "share" bigint,
  "rank" bigint,
  "amount" bigint,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "security_assets_identity" (org_id, id) not enforced
);
create index on "security_assets" (org_id, id, effective_on);
alter table "security_assets_identity" enable row level security;
alter table "security_assets_identity" force row level security;
create policy mine on "security_assets_identity" for select to @roles@ using (org_id = acting_org());
grant select on "security_assets_identity" to @roles@;
create policy mine_added on "security_assets_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "security_assets_identity" to @roles@;
alter table "security_assets" enable row level security;
alter table "security_assets" force row level security;
create policy mine on "security_assets" for select to @roles@ using (org_id = acting_org());
grant select on "security_assets" to @roles@;
create policy mine_added on "security_assets" for insert to @roles@ with check (org_id = acting_org());
grant insert on "security_assets" to @roles@;
create policy shared on "security_assets" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('security_assets')))
  and (org_id in (select owner_org from live_shares('security_assets') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('security_assets'))));
grant select on "security_assets" to panhuo_masking;
create trigger belongs after insert on "security_assets" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "security_assets" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "security_assets" for each statement execute function refuse_change();
create function "shared_security_assets_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "security_right_id" text, "asset_id" text, "share" bigint, "rank" bigint, "amount" bigint, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('security_assets') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "security_assets" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "security_assets" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."security_right_id" end, case when s.share_level >= 2 then s."asset_id" end, case when s.share_level >= 2 then s."share" end, case when s.share_level >= 2 then s."rank" end, case when s.share_level >= 3 then s."amount" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_security_assets_rows"() from public;
grant execute on function "shared_security_assets_rows"() to @roles@;
alter function "shared_security_assets_rows"() owner to panhuo_masking;
create view "shared_security_assets" with (security_invoker = true) as select * from "shared_security_assets_rows"();
grant select on "shared_security_assets" to @roles@;
create table "security_rights_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "security_rights" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "kind" text not null,
  "provider_id" text,
  "holder_id" text,
  "debtor_id" text,
  "number" text,
  "maximum_amount" bigint,
  "determination_from_on" date,
  "determination_to_on" date,
  "determined_on" date,
  "determination_cause" text,
  "registry" text,
  "registration_number" text,
  "signed_on" date,
  "registered_on" date,
  "registered_amount" bigint,
  "rank" bigint,
  "delivered_on" date,
  "purchase_money" boolean,
  "released_on" date,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "security_rights_identity" (org_id, id) not enforced
);
create index on "security_rights" (org_id, id, effective_on);
alter table "security_rights_identity" enable row level security;
alter table "security_rights_identity" force row level security;
create policy mine on "security_rights_identity" for select to @roles@ using (org_id = acting_org());
grant select on "security_rights_identity" to @roles@;
create policy mine_added on "security_rights_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "security_rights_identity" to @roles@;
alter table "security_rights" enable row level security;
alter table "security_rights" force row level security;
create policy mine on "security_rights" for select to @roles@ using (org_id = acting_org());
grant select on "security_rights" to @roles@;
create policy mine_added on "security_rights" for insert to @roles@ with check (org_id = acting_org());
grant insert on "security_rights" to @roles@;
create policy shared on "security_rights" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('security_rights')))
  and (org_id in (select owner_org from live_shares('security_rights') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('security_rights'))));
grant select on "security_rights" to panhuo_masking;
create trigger belongs after insert on "security_rights" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "security_rights" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "security_rights" for each statement execute function refuse_change();
create function "shared_security_rights_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "kind" text, "provider_id" text, "holder_id" text, "debtor_id" text, "number" text, "maximum_amount" bigint, "determination_from_on" date, "determination_to_on" date, "determined_on" date, "determination_cause" text, "registry" text, "registration_number" text, "signed_on" date, "registered_on" date, "registered_amount" bigint, "rank" bigint, "delivered_on" date, "purchase_money" boolean, "released_on" date, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('security_rights') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "security_rights" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "security_rights" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."provider_id" end, case when s.share_level >= 2 then s."holder_id" end, case when s.share_level >= 2 then s."debtor_id" end, case when s.share_level >= 2 then s."number" end, case when s.share_level >= 3 then s."maximum_amount" end, case when s.share_level >= 2 then s."determination_from_on" end, case when s.share_level >= 2 then s."determination_to_on" end, case when s.share_level >= 2 then s."determined_on" end, case when s.share_level >= 2 then s."determination_cause" end, case when s.share_level >= 2 then s."registry" end, case when s.share_level >= 2 then s."registration_number" end, case when s.share_level >= 2 then s."signed_on" end, case when s.share_level >= 2 then s."registered_on" end, case when s.share_level >= 3 then s."registered_amount" end, case when s.share_level >= 2 then s."rank" end, case when s.share_level >= 2 then s."delivered_on" end, case when s.share_level >= 2 then s."purchase_money" end, case when s.share_level >= 2 then s."released_on" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_security_rights_rows"() from public;
grant execute on function "shared_security_rights_rows"() to @roles@;
alter function "shared_security_rights_rows"() owner to panhuo_masking;
create view "shared_security_rights" with (security_invoker = true) as select * from "shared_security_rights_rows"();
grant select on "shared_security_rights" to @roles@;
create table "security_rights_debts_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "security_rights_debts" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "security_right_id" text not null,
  "contract_id" text,
  "drawdown_id" text,
  "amount" bigint,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "security_rights_debts_identity" (org_id, id) not enforced
);
create index on "security_rights_debts" (org_id, id, effective_on);
alter table "security_rights_debts_identity" enable row level security;
alter table "security_rights_debts_identity" force row level security;
create policy mine on "security_rights_debts_identity" for select to @roles@ using (org_id = acting_org());
grant select on "security_rights_debts_identity" to @roles@;
create policy mine_added on "security_rights_debts_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "security_rights_debts_identity" to @roles@;
alter table "security_rights_debts" enable row level security;
alter table "security_rights_debts" force row level security;
create policy mine on "security_rights_debts" for select to @roles@ using (org_id = acting_org());
grant select on "security_rights_debts" to @roles@;
create policy mine_added on "security_rights_debts" for insert to @roles@ with check (org_id = acting_org());
grant insert on "security_rights_debts" to @roles@;
create policy shared on "security_rights_debts" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('security_rights_debts')))
  and (org_id in (select owner_org from live_shares('security_rights_debts') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('security_rights_debts'))));
grant select on "security_rights_debts" to panhuo_masking;
create trigger belongs after insert on "security_rights_debts" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "security_rights_debts" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "security_rights_debts" for each statement execute function refuse_change();
create function "shared_security_rights_debts_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "security_right_id" text, "contract_id" text, "drawdown_id" text, "amount" bigint, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('security_rights_debts') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "security_rights_debts" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "security_rights_debts" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."security_right_id" end, case when s.share_level >= 2 then s."contract_id" end, case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 3 then s."amount" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_security_rights_debts_rows"() from public;
grant execute on function "shared_security_rights_debts_rows"() to @roles@;
alter function "shared_security_rights_debts_rows"() owner to panhuo_masking;
create view "shared_security_rights_debts" with (security_invoker = true) as select * from "shared_security_rights_debts_rows"();
grant select on "shared_security_rights_debts" to @roles@;
create table "seizures_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "seizures" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "asset_id" text not null,
  "court" text,
  "case_number" text,
  "proceeding_id" text,
  "claimant_id" text,
  "ours" boolean,
  "kind" text not null,
  "seizure_order" bigint,
  "amount" bigint,
  "from_on" date not null,
  "expires_on" date,
  "renewals" bigint,
  "auction_notice_on" date,
  "transfer_letter_on" date,
  "transferred_on" date,
  "released_on" date,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "seizures_identity" (org_id, id) not enforced
);
create index on "seizures" (org_id, id, effective_on);
alter table "seizures_identity" enable row level security;
alter table "seizures_identity" force row level security;
create policy mine on "seizures_identity" for select to @roles@ using (org_id = acting_org());
grant select on "seizures_identity" to @roles@;
create policy mine_added on "seizures_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "seizures_identity" to @roles@;
alter table "seizures" enable row level security;
alter table "seizures" force row level security;
create policy mine on "seizures" for select to @roles@ using (org_id = acting_org());
grant select on "seizures" to @roles@;
create policy mine_added on "seizures" for insert to @roles@ with check (org_id = acting_org());
grant insert on "seizures" to @roles@;
create policy shared on "seizures" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('seizures')))
  and (org_id in (select owner_org from live_shares('seizures') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('seizures'))));
grant select on "seizures" to panhuo_masking;
create trigger belongs after insert on "seizures" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "seizures" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "seizures" for each statement execute function refuse_change();
create function "shared_seizures_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "asset_id" text, "court" text, "case_number" text, "proceeding_id" text, "claimant_id" text, "ours" boolean, "kind" text, "seizure_order" bigint, "amount" bigint, "from_on" date, "expires_on" date, "renewals" bigint, "auction_notice_on" date, "transfer_letter_on" date, "transferred_on" date, "released_on" date, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('seizures') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "seizures" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "seizures" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."asset_id" end, case when s.share_level >= 2 then s."court" end, case when s.share_level >= 2 then s."case_number" end, case when s.share_level >= 2 then s."proceeding_id" end, case when s.share_level >= 2 then s."claimant_id" end, case when s.share_level >= 2 then s."ours" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 2 then s."seizure_order" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."from_on" end, case when s.share_level >= 2 then s."expires_on" end, case when s.share_level >= 2 then s."renewals" end, case when s.share_level >= 2 then s."auction_notice_on" end, case when s.share_level >= 2 then s."transfer_letter_on" end, case when s.share_level >= 2 then s."transferred_on" end, case when s.share_level >= 2 then s."released_on" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_seizures_rows"() from public;
grant execute on function "shared_seizures_rows"() to @roles@;
alter function "shared_seizures_rows"() owner to panhuo_masking;
create view "shared_seizures" with (security_invoker = true) as select * from "shared_seizures_rows"();
grant select on "shared_seizures" to @roles@;
create table "stated_balances_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "stated_balances" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "drawdown_id" text,
  "claim_id" text,
  "party_id" text,
  "base_on" date not null,
  "component" text not null,
  "amount" bigint not null,
  "stated_by" text not null,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "stated_balances_identity" (org_id, id) not enforced
);
create index on "stated_balances" (org_id, id, effective_on);
alter table "stated_balances_identity" enable row level security;
alter table "stated_balances_identity" force row level security;
create policy mine on "stated_balances_identity" for select to @roles@ using (org_id = acting_org());
grant select on "stated_balances_identity" to @roles@;
create policy mine_added on "stated_balances_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "stated_balances_identity" to @roles@;
alter table "stated_balances" enable row level security;
alter table "stated_balances" force row level security;
create policy mine on "stated_balances" for select to @roles@ using (org_id = acting_org());
grant select on "stated_balances" to @roles@;
create policy mine_added on "stated_balances" for insert to @roles@ with check (org_id = acting_org());
grant insert on "stated_balances" to @roles@;
create policy shared on "stated_balances" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('stated_balances')))
  and (org_id in (select owner_org from live_shares('stated_balances') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('stated_balances'))));
grant select on "stated_balances" to panhuo_masking;
create trigger belongs after insert on "stated_balances" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "stated_balances" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "stated_balances" for each statement execute function refuse_change();
create function "shared_stated_balances_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "drawdown_id" text, "claim_id" text, "party_id" text, "base_on" date, "component" text, "amount" bigint, "stated_by" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('stated_balances') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "stated_balances" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "stated_balances" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 2 then s."claim_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."base_on" end, case when s.share_level >= 2 then s."component" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."stated_by" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_stated_balances_rows"() from public;
grant execute on function "shared_stated_balances_rows"() to @roles@;
alter function "shared_stated_balances_rows"() owner to panhuo_masking;
create view "shared_stated_balances" with (security_invoker = true) as select * from "shared_stated_balances_rows"();
grant select on "shared_stated_balances" to @roles@;
create table "transactions_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "transactions" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "party_id" text not null,
  "account" text,
  "direction" text not null,
  "booked_on" date not null,
  "amount" bigint not null,
  "balance" bigint,
  "counterparty_id" text,
  "counterparty" text,
  "kind" text,
  "remark" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  "account#commitment" text,
  "counterparty#commitment" text,
  "remark#commitment" text,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "transactions_identity" (org_id, id) not enforced
);
create index on "transactions" (org_id, id, effective_on);
alter table "transactions_identity" enable row level security;
alter table "transactions_identity" force row level security;
create policy mine on "transactions_identity" for select to @roles@ using (org_id = acting_org());
grant select on "transactions_identity" to @roles@;
create policy mine_added on "transactions_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "transactions_identity" to @roles@;
alter table "transactions" enable row level security;
alter table "transactions" force row level security;
create policy mine on "transactions" for select to @roles@ using (org_id = acting_org());
grant select on "transactions" to @roles@;
create policy mine_added on "transactions" for insert to @roles@ with check (org_id = acting_org());
grant insert on "transactions" to @roles@;
create policy shared on "transactions" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('transactions')))
  and (org_id in (select owner_org from live_shares('transactions') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('transactions'))));
grant select on "transactions" to panhuo_masking;
create trigger belongs after insert on "transactions" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "transactions" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "transactions" for each statement execute function refuse_change();
create function "shared_transactions_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "party_id" text, "account" text, "direction" text, "booked_on" date, "amount" bigint, "balance" bigint, "counterparty_id" text, "counterparty" text, "kind" text, "remark" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('transactions') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "transactions" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "transactions" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 4 then s."account" end, case when s.share_level >= 2 then s."direction" end, case when s.share_level >= 2 then s."booked_on" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 3 then s."balance" end, case when s.share_level >= 2 then s."counterparty_id" end, case when s.share_level >= 3 then s."counterparty" end, case when s.share_level >= 2 then s."kind" end, case when s.share_level >= 3 then s."remark" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_transactions_rows"() from public;
grant execute on function "shared_transactions_rows"() to @roles@;
alter function "shared_transactions_rows"() owner to panhuo_masking;
create view "shared_transactions" with (security_invoker = true) as select * from "shared_transactions_rows"();
grant select on "shared_transactions" to @roles@;
create table "writeoffs_identity" (org_id text not null, id text not null, primary key (org_id, id));
create table "writeoffs" (
  "org_id" text not null,
  "id" text not null,
  "effective_on" date not null,
  "known_on" date,
  "source_doc" text,
  "source_row" bigint,
  "replaces" text,
  "withdrawn" boolean,
  "drawdown_id" text not null,
  "party_id" text,
  "approved_on" date,
  "written_off_on" date not null,
  "component" text not null,
  "amount" bigint not null,
  "kept_on_record" boolean,
  "tax_file" text,
  "accountability" text,
  "decision_id" text,
  "currency" text,
  "fact_sequence" bigint not null,
  "fact_position" bigint not null,
  primary key (org_id, fact_sequence, fact_position),
  foreign key (org_id, fact_sequence) references batches (org_id, sequence) not enforced,
  foreign key (org_id, id) references "writeoffs_identity" (org_id, id) not enforced
);
create index on "writeoffs" (org_id, id, effective_on);
alter table "writeoffs_identity" enable row level security;
alter table "writeoffs_identity" force row level security;
create policy mine on "writeoffs_identity" for select to @roles@ using (org_id = acting_org());
grant select on "writeoffs_identity" to @roles@;
create policy mine_added on "writeoffs_identity" for insert to @roles@ with check (org_id = acting_org());
grant insert on "writeoffs_identity" to @roles@;
alter table "writeoffs" enable row level security;
alter table "writeoffs" force row level security;
create policy mine on "writeoffs" for select to @roles@ using (org_id = acting_org());
grant select on "writeoffs" to @roles@;
create policy mine_added on "writeoffs" for insert to @roles@ with check (org_id = acting_org());
grant insert on "writeoffs" to @roles@;
create policy shared on "writeoffs" for select to panhuo_masking using (
  org_id = any (array(select owner_org from live_shares('writeoffs')))
  and (org_id in (select owner_org from live_shares('writeoffs') where entity is null)
    or (org_id, id) in (select owner_org, entity from live_shares('writeoffs'))));
grant select on "writeoffs" to panhuo_masking;
create trigger belongs after insert on "writeoffs" referencing new table as added for each statement execute function refuse_strays();
create trigger append_only before update or delete on "writeoffs" for each row execute function refuse_change();
create trigger append_only_whole before truncate on "writeoffs" for each statement execute function refuse_change();
create function "shared_writeoffs_rows"() returns table ("org_id" text, "id" text, "effective_on" date, "known_on" date, "source_doc" text, "source_row" bigint, "replaces" text, "withdrawn" boolean, "drawdown_id" text, "party_id" text, "approved_on" date, "written_off_on" date, "component" text, "amount" bigint, "kept_on_record" boolean, "tax_file" text, "accountability" text, "decision_id" text, "currency" text, "fact_sequence" bigint, "fact_position" bigint, share_level integer)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  with live as materialized (
    select owner_org, entity, max(level) as level from live_shares('writeoffs') group by 1, 2),
  seen as (
    select f.*, greatest(w.level, r.level) as share_level from live w
      join "writeoffs" f on f.org_id = w.owner_org
      left join live r on r.owner_org = f.org_id and r.entity = f.id where w.entity is null
    union all
    select f.*, r.level from live r join "writeoffs" f on f.org_id = r.owner_org and f.id = r.entity
      where not exists (select from live w where w.owner_org = r.owner_org and w.entity is null))
  select s."org_id", s."id", s."effective_on", case when s.share_level >= 2 then s."known_on" end, case when s.share_level >= 2 then s."source_doc" end, case when s.share_level >= 2 then s."source_row" end, s."replaces", s."withdrawn", case when s.share_level >= 2 then s."drawdown_id" end, case when s.share_level >= 2 then s."party_id" end, case when s.share_level >= 2 then s."approved_on" end, case when s.share_level >= 2 then s."written_off_on" end, case when s.share_level >= 2 then s."component" end, case when s.share_level >= 3 then s."amount" end, case when s.share_level >= 2 then s."kept_on_record" end, case when s.share_level >= 2 then s."tax_file" end, case when s.share_level >= 2 then s."accountability" end, case when s.share_level >= 2 then s."decision_id" end, s."currency", s."fact_sequence", s."fact_position", s.share_level from seen s
$$;
revoke all on function "shared_writeoffs_rows"() from public;
grant execute on function "shared_writeoffs_rows"() to @roles@;
alter function "shared_writeoffs_rows"() owner to panhuo_masking;
create view "shared_writeoffs" with (security_invoker = true) as select * from "shared_writeoffs_rows"();
grant select on "shared_writeoffs" to @roles@;
