-- Shares: what may never be shared is refused here, whoever adds one; what others share is told without naming persons.

create function keep_shares_apart() returns trigger
language plpgsql security definer set search_path = panhuo, pg_temp as $$
declare
  giver organisations;
  taker organisations;
begin
  if tg_op = 'UPDATE' then
    if old.ended_at is not null then
      perform refuse('PH409', 'already-ended');
    end if;
    new.ended_at := clock_timestamp();
    perform require_act('share');
    return new;
  end if;
  -- Only for the organisation acted for, before anything is looked up: a refusal must not tell of another's affairs.
  if new.org_id is distinct from require_act('share') then
    perform refuse('PH403', 'act');
  end if;
  select * into giver from organisations where org_id = new.org_id;
  select * into taker from organisations where org_id = new.to_org and closed_at is null;
  if taker.org_id is null then
    perform refuse('PH404', 'no-such-organisation');
  end if;
  if (taker.kind in ('court', 'mediation')) <> (giver.kind in ('court', 'mediation')) then
    perform refuse('PH403', 'judicial-and-commercial-shares');
  end if;
  if taker.legal_entity = giver.legal_entity and taker.business <> giver.business then
    perform refuse('PH403', 'own-and-brokered-shares');
  end if;
  if taker.kind = 'supervisor' then
    perform refuse('PH403', 'rows-for-supervisor');
  end if;
  if to_regclass(format('%I.%I', tg_table_schema, 'shared_' || new.table_name)) is null or not exists (
    select from role_permissions k join role_permissions p on p.role = k.role and p.sort = 'purpose'
    where k.sort = 'kind' and k.name = taker.kind and p.name = new.purpose) then
    perform refuse('PH422', 'dead-letter');
  end if;
  return new;
end $$;
revoke all on function keep_shares_apart() from public;
create trigger kept_apart before insert or update on shares for each row execute function keep_shares_apart();
alter function keep_shares_apart() owner to panhuo_door;

create function received_shares() returns table (owner_org text, share_id text, table_name text, row_id text, level integer,
  purpose text, valid_from timestamptz, valid_until timestamptz)
language sql stable security definer set search_path = @schema@, pg_temp as $$
  select s.org_id, s.share_id, s.table_name, s.row_id, s.level, s.purpose, s.valid_from, s.valid_until from shares s
  where s.to_org = acting_org() and s.ended_at is null and now() < s.valid_until
  order by s.org_id, s.valid_from, s.share_id $$;
revoke all on function received_shares() from public;
grant execute on function received_shares() to @roles@;
alter function received_shares() owner to panhuo_masking;
