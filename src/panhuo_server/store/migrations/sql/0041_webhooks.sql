-- Who is told of what happens: subscriptions, what is to be told them, and each try. Added to, never changed: an end is
-- a row of its own. Keys are not here: they derive from a secret of the server's.

create table webhooks (
  org_id text not null,
  webhook_id text not null,
  url text not null,
  kinds text[] not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (org_id, webhook_id)
);
create table webhook_ends (
  org_id text not null,
  webhook_id text not null,
  ended_by text not null,
  ended_at timestamptz not null default now(),
  primary key (org_id, webhook_id),
  foreign key (org_id, webhook_id) references webhooks (org_id, webhook_id)
);
create table webhook_deliveries (
  org_id text not null,
  delivery_id text not null,
  webhook_id text not null,
  body text not null,
  created_at timestamptz not null default now(),
  primary key (org_id, delivery_id),
  foreign key (org_id, webhook_id) references webhooks (org_id, webhook_id)
);
create index on webhook_deliveries (org_id, webhook_id, created_at);
create table webhook_attempts (
  org_id text not null,
  delivery_id text not null,
  attempt integer not null check (attempt > 0),
  result text not null check (result in ('delivered', 'failed', 'dead', 'ended')),
  said text not null,
  tried_at timestamptz not null default now(),
  primary key (org_id, delivery_id, attempt),
  foreign key (org_id, delivery_id) references webhook_deliveries (org_id, delivery_id)
);
comment on column webhook_attempts.said is 'HTTP status, or a code of the program''s own; nothing the other side sent';

do $do$
declare t text;
begin
  foreach t in array array['webhooks', 'webhook_ends', 'webhook_deliveries', 'webhook_attempts'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy mine on %I for select to @roles@ using (org_id = acting_org())', t);
    execute format('create policy mine_added on %I for insert to @roles@ with check (org_id = acting_org())', t);
    execute format('grant select, insert on %I to @roles@', t);
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', t);
    execute format('create trigger append_only_whole before truncate on %I for each statement execute function refuse_change()', t);
  end loop;
end $do$;
