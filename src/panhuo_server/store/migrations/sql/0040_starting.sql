-- Durable work starts in the business transaction alone: what rolls back starts nothing, and nobody starts work of
-- another organisation. The queue's own tables stand in schema flows, which no serving role but flows may enter.

create function start_work(kind text, work_id text, body jsonb, not_before timestamptz default null) returns text
language plpgsql security definer set search_path = @schema@, pg_temp as $$
begin
  if acting_org() is null or acting_person() is null then
    raise exception 'nobody acts here' using errcode = 'insufficient_privilege';
  end if;
  if work_id is null or work_id = '' or kind is null then
    raise exception 'work needs a kind and an id' using errcode = 'invalid_parameter_value';
  end if;
  return flows.enqueue_workflow(
    workflow_name => kind, queue_name => 'panhuo', workflow_id => acting_org() || ' ' || kind || ' ' || work_id,
    positional_args => array[to_json(acting_org()), to_json(acting_person()), to_json('@schema@' = 'judicial'), body::json],
    delay_until_epoch_ms => case when not_before > now() then (extract(epoch from not_before) * 1000)::bigint end);
end $$;
revoke all on function start_work(text, text, jsonb, timestamptz) from public;
grant execute on function start_work(text, text, jsonb, timestamptz) to @roles@;
alter function start_work(text, text, jsonb, timestamptz) owner to panhuo_starting;
grant execute on function acting_org(), acting_person() to panhuo_starting;
