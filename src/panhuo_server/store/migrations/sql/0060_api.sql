-- What the API was asked to change, so that the same request asked again is answered, not done again; and how far work
-- is that the acting organisation started.

create table requests (
  org_id text not null,
  idempotency_key text not null,
  endpoint text not null,
  request_hash text not null,
  answer jsonb not null,
  person_id text not null,
  asked_at timestamptz not null default now(),
  primary key (org_id, idempotency_key)
);
alter table requests enable row level security;
alter table requests force row level security;
create policy mine on requests for select to @roles@ using (org_id = acting_org());
create policy mine_added on requests for insert to @roles@
  with check (org_id = acting_org() and person_id = acting_person());
grant select, insert on requests to @roles@;
create trigger append_only before update or delete on requests for each row execute function refuse_change();
create trigger append_only_whole before truncate on requests for each statement execute function refuse_change();

create function work_state(of_kind text, of_work text) returns text
language plpgsql stable security definer set search_path = @schema@, pg_temp as $$
declare found_state text;
begin
  if acting_org() is null then
    return null;
  end if;
  select status into found_state from flows.workflow_status
  where workflow_uuid = acting_org() || ' ' || of_kind || ' ' || of_work;
  return found_state;
end $$;
revoke all on function work_state(text, text) from public;
grant execute on function work_state(text, text) to @roles@;
alter function work_state(text, text) owner to panhuo_starting;
